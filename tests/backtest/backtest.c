#include "backtest.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(backtest_cdnow),
	        cmocka_unit_test(backtest_olist),
	        cmocka_unit_test(backtest_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
