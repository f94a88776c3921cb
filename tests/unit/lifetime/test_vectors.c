/* The 828 reference vectors, ordinary and nasty: log-likelihood, P(alive), expected purchases, each to 1e-9. */
#include "buying.h"

/* 1e-9 relative, what is below 1e-290 absolutely: the references' own rule for results near underflow. */
static void compare(double got, double expected, const char *what, size_t line)
{
	if (!(fabs(got - expected) <= 1e-9 * fabs(expected) + 1e-299))
		fail_msg("line %zu: %s is %.17g, not %.17g", line, what, got, expected);
}

static double ask(const loy_lifetime *model, const loy_history *history, uint32_t quantity, double to)
{
	loy_lifetime_ask question = {.struct_size = sizeof(question), .quantity = quantity, .to = to};
	loy_lifetime_estimate estimate = {.struct_size = sizeof(estimate)};

	assert_int_equal(loy_lifetime_evaluate(model, NULL, history, &question, &estimate), LOY_OK);
	return estimate.value;
}

static void all_vectors(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/btyd/function_vectors.csv");
	size_t seen = 0;

	(void)state;
	while (csv_next(csv)) {
		const char *name = csv_text(csv, csv_column(csv, "model"));
		uint32_t family = name[0] == 'b'   ? LOY_LIFETIME_BG_NBD
		                  : name[0] == 'm' ? LOY_LIFETIME_MBG_NBD
		                                   : LOY_LIFETIME_PARETO_NBD;
		double p[4] = {csv_double(csv, csv_column(csv, "p1")), csv_double(csv, csv_column(csv, "p2")),
		               csv_double(csv, csv_column(csv, "p3")),
		               csv_double(csv, csv_column(csv, "p4"))};
		loy_history history = {.struct_size = sizeof(history),
		                       .x = csv_double(csv, csv_column(csv, "x")),
		                       .t_x = csv_double(csv, csv_column(csv, "t_x")),
		                       .T = csv_double(csv, csv_column(csv, "T"))};
		double t = csv_double(csv, csv_column(csv, "t"));
		loy_lifetime *model = NULL;

		assert_int_equal(loy_lifetime_create(&model, family, 0, 0, p, 4, NULL), LOY_OK);
		compare(ask(model, &history, LOY_ASK_LOG_LIKELIHOOD, 0.0),
		        csv_double(csv, csv_column(csv, "loglik")), "log-likelihood", csv_line(csv));
		compare(ask(model, &history, LOY_ASK_ALIVE, 0.0), csv_double(csv, csv_column(csv, "palive")),
		        "P(alive)", csv_line(csv));
		compare(ask(model, &history, LOY_ASK_PURCHASES, t), csv_double(csv, csv_column(csv, "cet")),
		        "expected purchases", csv_line(csv));
		loy_lifetime_destroy(model);
		seen++;
	}
	csv_close(csv);
	assert_int_equal(seen, 828);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
