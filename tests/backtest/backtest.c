#include "backtest.h"

/* With an argument, those whose names match it alone: `backtest '*survey'`. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(backtest_cdnow), cmocka_unit_test(backtest_olist),
	        cmocka_unit_test(backtest_chain), cmocka_unit_test(backtest_survey),
	        cmocka_unit_test(backtest_paths),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
