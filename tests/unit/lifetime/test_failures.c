/*
 * Where other libraries fail (lifetimes 0.11, CLVTools 0.12, BTYD 2.4): each case with the right answer or the right
 * status. Numbers after # are their issues.
 */
#include "buying.h"

enum { MANY = 200000 };

static double x[MANY], t_x[MANY], T[MANY], intervals[MANY];

static loy_lifetime *model_of(uint32_t family, const double *p, uint32_t count)
{
	loy_lifetime *model = NULL;

	assert_int_equal(loy_lifetime_create(&model, family, 0, 0, p, count, NULL), LOY_OK);
	return model;
}

/* A cohort observed for `time`, x counted in days when `whole`. */
static loy_lifetime_data *cohort(const loy_lifetime *model, uint64_t seed, size_t count, double time,
                                 uint32_t flags)
{
	const loy_history_column columns[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, 8},
	                                      {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, 8},
	                                      {LOY_HISTORY_T, LOY_COLUMN_F64, T, 8},
	                                      {LOY_HISTORY_INTERVALS, LOY_COLUMN_F64, intervals, 8}};
	loy_lifetime_data_options options = {.struct_size = sizeof(options), .flags = flags};
	loy_lifetime_data *data = NULL;
	size_t i;

	for (i = 0; i < count; i++)
		T[i] = time;
	assert_int_equal(
	        loy_lifetime_simulate(model, NULL, seed, 0, count, time, NULL, x, t_x, intervals, NULL),
	        LOY_OK);
	assert_int_equal(loy_lifetime_data_create(&data, &options, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_data_add_columns(data, columns, 4, count, NULL), LOY_OK);
	return data;
}

static double answer(const loy_lifetime *model, uint32_t quantity, double hx, double ht_x, double hT,
                     double to)
{
	loy_history history = {.struct_size = sizeof(history), .x = hx, .t_x = ht_x, .T = hT};
	loy_lifetime_ask ask = {.struct_size = sizeof(ask), .quantity = quantity, .to = to};
	loy_lifetime_estimate out = {.struct_size = sizeof(out)};

	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out), LOY_OK);
	return out.value;
}

/* NaN in lifetimes #25 #445, CLVTools #100 (221 purchases in 104 weeks) and #132, BTYDplus #51. */
static void pareto_of_busy_customers(void **state)
{
	static const double p[4] = {0.55, 10.6, 0.6, 11.7}, far[4] = {0.7, 3.0, 0.4, 1e6};
	loy_lifetime *usual = model_of(LOY_LIFETIME_PARETO_NBD, p, 4),
	             *wide = model_of(LOY_LIFETIME_PARETO_NBD, far, 4);
	double count;

	(void)state;
	for (count = 1.0; count < 1e6; count *= 3.0) {
		double log_l = answer(usual, LOY_ASK_LOG_LIKELIHOOD, count, 103.0, 104.0, 0.0);
		double alive = answer(usual, LOY_ASK_ALIVE, count, 103.0, 104.0, 0.0);

		assert_true(fabs(log_l) < 1e8 && alive >= 0.0 && alive < 1.0);
		assert_true(fabs(answer(wide, LOY_ASK_LOG_LIKELIHOOD, count, 103.0, 104.0, 0.0)) < 1e8);
		/* the probability of no purchase for long falls with how many there were */
		assert_true(answer(usual, LOY_ASK_ALIVE, count * 3.0, 60.0, 104.0, 0.0) <=
		            answer(usual, LOY_ASK_ALIVE, count, 60.0, 104.0, 0.0));
	}
	loy_lifetime_destroy(usual);
	loy_lifetime_destroy(wide);
}

/* NaN or division by zero in all three at a = 1 (lifetimes #332) and s = 1: the value lies between its neighbours. */
static void expectations_at_one(void **state)
{
	static const uint32_t families[3] = {LOY_LIFETIME_BG_NBD, LOY_LIFETIME_MBG_NBD,
	                                     LOY_LIFETIME_PARETO_NBD};
	int f;

	(void)state;
	for (f = 0; f < 3; f++) {
		double p[4] = {0.5, 6.0, 1.0, 2.0}, at[3];
		int i;

		for (i = 0; i < 3; i++) {
			loy_lifetime *model;

			p[2] = 1.0 + (i - 1) * 1e-6;
			model = model_of(families[f], p, 4);
			at[i] = answer(model, LOY_ASK_PURCHASES, 2.0, 30.0, 39.0, 39.0);
			loy_lifetime_destroy(model);
		}
		/* curvature over 1e-6 is about 1e-12 */
		assert_close(at[1], 0.5 * (at[0] + at[2]), 1e-10, 0.0);
	}
}

/* CLVTools BG/NBD on a large simulated cohort: r = 2e27, log-likelihood +269,975, convergence code 0. */
static void a_large_cohort_does_not_diverge(void **state)
{
	static const double p[4] = {0.24, 4.4, 0.8, 2.4};
	loy_lifetime *truth = model_of(LOY_LIFETIME_BG_NBD, p, 4), *model;
	loy_lifetime_data *data = cohort(truth, 5, MANY, 40.0, 0);
	loy_lifetime_info info = {.struct_size = sizeof(info)};
	double value, error;
	uint32_t i;

	(void)state;
	model = fit(data, (loy_lifetime_options){.family = LOY_LIFETIME_BG_NBD});
	assert_int_equal(loy_lifetime_get_info(model, &info), LOY_OK);
	assert_int_equal(info.status, LOY_FIT_CONVERGED);
	for (i = 0; i < 4; i++) {
		assert_int_equal(loy_lifetime_parameter(model, i, &value, &error), LOY_OK);
		assert_close(value, p[i], 0.0, 5.0 * error); /* five standard errors */
	}
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(truth);
	loy_lifetime_data_destroy(data);
}

/* lifetimes raises ConvergenceError (#258 #262 #396 #405 #419) on daily customers who never leave. */
static void customers_who_never_leave(void **state)
{
	loy_lifetime *truth = parsed("mbg-nbd 1", "mixed never", "r 4 alpha 4"), *model;
	static const uint32_t families[3] = {LOY_LIFETIME_BG_NBD, LOY_LIFETIME_MBG_NBD,
	                                     LOY_LIFETIME_PARETO_NBD};
	loy_lifetime_data *data = cohort(truth, 1, 500, 100.0, 0);
	loy_lifetime_info info = {.struct_size = sizeof(info)};
	int f;

	(void)state;
	for (f = 0; f < 3; f++) {
		model = fit(data, (loy_lifetime_options){.family = families[f]});
		assert_int_equal(loy_lifetime_get_info(model, &info), LOY_OK);
		assert_int_equal(info.status, LOY_FIT_BOUNDARY);
		assert_int_equal(info.boundary, LOY_BOUNDARY_NO_DROPOUT);
		/* the limit is NBD: (r + x) t / (alpha + T) purchases, and alive for sure */
		assert_close(answer(model, LOY_ASK_PURCHASES, 90.0, 99.0, 100.0, 10.0),
		             (parameter(model, "r") + 90.0) * 10.0 / (parameter(model, "alpha") + 100.0),
		             1e-13, 0.0);
		assert_close(answer(model, LOY_ASK_ALIVE, 90.0, 99.0, 100.0, 0.0), 1.0, 0.0, 0.0);
		loy_lifetime_destroy(model);
	}
	loy_lifetime_destroy(truth);
	loy_lifetime_data_destroy(data);
}

/* BG/NBD calls every one-time buyer alive (lifetimes #44 #165 #212 #239 #409): the default does not. */
static void one_time_buyers(void **state)
{
	static const double p[4] = {0.24, 4.4, 0.8, 2.4};
	loy_lifetime *bg = model_of(LOY_LIFETIME_BG_NBD, p, 4), *mbg = model_of(0, p, 4);

	(void)state;
	assert_close(answer(bg, LOY_ASK_ALIVE, 0.0, 0.0, 1000.0, 0.0), 1.0, 0.0, 0.0);
	assert_true(answer(mbg, LOY_ASK_ALIVE, 0.0, 0.0, 1000.0, 0.0) < 0.5);
	loy_lifetime_destroy(bg);
	loy_lifetime_destroy(mbg);
}

/* lifetimes reports a mean in rescaled time: ours is a sum in the user's unit, and other units give other densities. */
static void log_likelihoods_are_in_the_unit_given(void **state)
{
	static const double p[4] = {0.24, 4.4, 0.8, 2.4};
	loy_lifetime *truth = model_of(LOY_LIFETIME_BG_NBD, p, 4), *model;
	loy_lifetime_info weeks = {.struct_size = sizeof(weeks)}, days = {.struct_size = sizeof(days)};
	loy_lifetime_data *data = cohort(truth, 9, 2000, 40.0, 0), *scaled = NULL;
	loy_lifetime_data_options options = {.struct_size = sizeof(options), .unit = LOY_DAY};
	loy_history history = {.struct_size = sizeof(history)};
	double purchases = 0.0, alpha;
	size_t i;

	(void)state;
	assert_int_equal(loy_lifetime_data_create(&scaled, &options, NULL), LOY_OK);
	for (i = 0; i < 2000; i++) {
		history.x = x[i];
		history.t_x = t_x[i] * 7.0;
		history.T = T[i] * 7.0;
		purchases += x[i];
		assert_int_equal(loy_lifetime_data_add(scaled, &history, NULL), LOY_OK);
	}
	model = fit(data, (loy_lifetime_options){.family = LOY_LIFETIME_BG_NBD});
	assert_int_equal(loy_lifetime_get_info(model, &weeks), LOY_OK);
	alpha = parameter(model, "alpha");
	loy_lifetime_destroy(model);
	model = fit(scaled, (loy_lifetime_options){.family = LOY_LIFETIME_BG_NBD});
	assert_int_equal(loy_lifetime_get_info(model, &days), LOY_OK);
	assert_close(parameter(model, "alpha"), 7.0 * alpha, 1e-9, 0.0);
	assert_close(days.log_likelihood, weeks.log_likelihood - purchases * log(7.0), 1e-12, 0.0);
	assert_int_equal(days.unit, LOY_DAY);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(truth);
	loy_lifetime_data_destroy(data);
	loy_lifetime_data_destroy(scaled);
}

/* BTYDplus and others leave constants out or in: k = 1 is MBG/NBD, likelihood and all. */
static void erlang_one_is_mbg(void **state)
{
	static const double p[4] = {0.6, 5.0, 0.8, 1.9};
	loy_lifetime *truth = model_of(LOY_LIFETIME_MBG_NBD, p, 4), *one, *mbg;
	loy_lifetime_info a = {.struct_size = sizeof(a)}, b = {.struct_size = sizeof(b)};
	loy_lifetime_data *data = cohort(truth, 3, 3000, 40.0, LOY_DATA_INTERVALS);

	(void)state;
	one = fit(data, (loy_lifetime_options){.family = LOY_LIFETIME_MBG_CNBD, .k = 1});
	mbg = fit(data, (loy_lifetime_options){0});
	assert_int_equal(loy_lifetime_get_info(one, &a), LOY_OK);
	assert_int_equal(loy_lifetime_get_info(mbg, &b), LOY_OK);
	assert_bits_equal(a.log_likelihood, b.log_likelihood);
	loy_lifetime_destroy(one);
	/* irregular customers: choosing finds 1 */
	one = fit(data, (loy_lifetime_options){.family = LOY_LIFETIME_MBG_CNBD});
	assert_int_equal(loy_lifetime_get_info(one, &a), LOY_OK);
	assert_int_equal(a.k, 1);
	loy_lifetime_destroy(one);
	loy_lifetime_destroy(mbg);
	loy_lifetime_destroy(truth);
	loy_lifetime_data_destroy(data);
}

/* Regular customers: k is found, its likelihood is far higher, and it forecasts the next half better than MBG/NBD. */
static void regular_customers(void **state)
{
	static const double p[4] = {2.0, 1.2, 0.6, 4.0};
	enum { COUNT = 4000 };
	loy_lifetime *truth = NULL, *regular, *mbg;
	loy_lifetime_info a = {.struct_size = sizeof(a)}, b = {.struct_size = sizeof(b)};
	static double later[COUNT], unused[COUNT];
	double errors[2] = {0.0, 0.0};
	loy_lifetime_data *data;
	size_t i;

	(void)state;
	assert_int_equal(loy_lifetime_create(&truth, LOY_LIFETIME_MBG_CNBD, 3, 0, p, 4, NULL), LOY_OK);
	/* the same draws observed for longer: a customer's numbers depend on seed and number only */
	assert_int_equal(
	        loy_lifetime_simulate(truth, NULL, 21, 0, COUNT, 60.0, NULL, later, unused, NULL, NULL),
	        LOY_OK);
	data = cohort(truth, 21, COUNT, 30.0, LOY_DATA_INTERVALS);
	regular = fit(data, (loy_lifetime_options){.family = LOY_LIFETIME_MBG_CNBD});
	mbg = fit(data, (loy_lifetime_options){0});
	assert_int_equal(loy_lifetime_get_info(regular, &a), LOY_OK);
	assert_int_equal(loy_lifetime_get_info(mbg, &b), LOY_OK);
	assert_int_equal(a.k, 3);
	assert_true(a.log_likelihood > b.log_likelihood + 1000.0);
	for (i = 0; i < COUNT; i++) {
		double actual = later[i] - x[i];

		errors[0] += fabs(answer(regular, LOY_ASK_PURCHASES, x[i], t_x[i], T[i], 30.0) - actual);
		errors[1] += fabs(answer(mbg, LOY_ASK_PURCHASES, x[i], t_x[i], T[i], 30.0) - actual);
	}
	assert_true(errors[0] < 0.95 * errors[1]);
	loy_lifetime_destroy(regular);
	loy_lifetime_destroy(mbg);
	loy_lifetime_destroy(truth);
	loy_lifetime_data_destroy(data);
}

/*
 * Gamma-gamma with q below 1: the mean spend is infinite, and the formula turns negative (lifetimes #146 #211 #362
 * #370; its q_constraint gives NaN). The fit says so, and there is no value to ask for.
 */
static void spend_without_a_mean(void **state)
{
	static const double buys[4] = {2.0, 4.0, 0.5, 3.0}, spends[3] = {4.0, 0.7, 9.0};
	enum { COUNT = 3000 };
	loy_lifetime *buying = model_of(LOY_LIFETIME_MBG_NBD, buys, 4),
	             *truth = model_of(LOY_LIFETIME_GAMMA_GAMMA, spends, 3), *model;
	static double spent[COUNT];
	const loy_history_column columns[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, 8},
	                                      {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, 8},
	                                      {LOY_HISTORY_T, LOY_COLUMN_F64, T, 8},
	                                      {LOY_HISTORY_SPEND, LOY_COLUMN_F64, spent, 8}};
	loy_lifetime_data_options options = {.struct_size = sizeof(options),
	                                     .flags = LOY_DATA_SPEND_REQUIRED};
	loy_lifetime_ask ask = {.struct_size = sizeof(ask), .quantity = LOY_ASK_VALUE, .to = 10.0};
	loy_lifetime_estimate out = {.struct_size = sizeof(out)};
	loy_history history = {.struct_size = sizeof(history), .x = 3.0, .t_x = 5.0, .T = 9.0, .spend = 20.0};
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime_info info = {.struct_size = sizeof(info)};
	loy_lifetime_data *data = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT; i++)
		T[i] = 20.0;
	assert_int_equal(loy_lifetime_simulate(buying, truth, 4, 0, COUNT, 20.0, NULL, x, t_x, NULL, spent),
	                 LOY_OK);
	assert_int_equal(loy_lifetime_data_create(&data, &options, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_data_add_columns(data, columns, 4, COUNT, NULL), LOY_OK);
	/* who bought again for nothing is named, not averaged */
	for (i = 0; x[i] == 0.0; i++)
		;
	spent[i] = 0.0;
	assert_int_equal(loy_lifetime_data_add_columns(data, columns, 4, COUNT, &error), LOY_ERANGE);
	assert_int_equal(error.row, i);
	assert_int_equal(error.field, LOY_HISTORY_SPEND);
	model = fit(data, (loy_lifetime_options){.family = LOY_LIFETIME_GAMMA_GAMMA});
	assert_int_equal(loy_lifetime_get_info(model, &info), LOY_OK);
	assert_int_equal(info.boundary, LOY_BOUNDARY_NO_MEAN);
	assert_true(parameter(model, "q") < 1.0);
	assert_int_equal(loy_lifetime_evaluate(buying, model, &history, &ask, &out), LOY_EUNKNOWN);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(truth);
	loy_lifetime_destroy(buying);
	loy_lifetime_data_destroy(data);
}

/* CLVTools takes log(1.1) a week for a year's: DERT .425 instead of 6.50 at 15 % a year (CDNOW's first customer). */
static void discounts_are_a_year(void **state)
{
	static const double p[4] = {0.553277, 10.577683, 0.606240, 11.668735};
	loy_history history = {
	        .struct_size = sizeof(history), .x = 2.0, .t_x = 213.0 / 7.0, .T = 272.0 / 7.0};
	loy_lifetime_ask ask = {
	        .struct_size = sizeof(ask), .quantity = LOY_ASK_DISCOUNTED, .to = INFINITY, .discount = 0.15};
	loy_lifetime_estimate out = {.struct_size = sizeof(out)}, days = {.struct_size = sizeof(days)};
	double p_days[4] = {p[0], 7.0 * p[1], p[2], 7.0 * p[3]};
	loy_lifetime *model = model_of(LOY_LIFETIME_PARETO_NBD, p, 4), *by_day = NULL;

	(void)state;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out), LOY_OK);
	assert_close(out.value, 6.500352, 1e-5, 0.0); /* parameters have six or seven digits */
	/* the same in days; 364 of them are 52 weeks */
	assert_int_equal(loy_lifetime_create(&by_day, LOY_LIFETIME_PARETO_NBD, 0, LOY_DAY, p_days, 4, NULL),
	                 LOY_OK);
	history.t_x = 213.0;
	history.T = 272.0;
	ask.year = 364.0;
	assert_int_equal(loy_lifetime_evaluate(by_day, NULL, &history, &ask, &days), LOY_OK);
	assert_close(days.value, out.value, 1e-12, 0.0);
	loy_lifetime_destroy(by_day);
	loy_lifetime_destroy(model);
}

/* lifetimes' covariances differ by the order of the parameters, and its Pareto/NBD has no errors at all. */
static void covariances_are_symmetric(void **state)
{
	static const double p[4] = {0.6, 6.0, 0.7, 9.0};
	static const uint32_t families[3] = {LOY_LIFETIME_BG_NBD, LOY_LIFETIME_MBG_NBD,
	                                     LOY_LIFETIME_PARETO_NBD};
	loy_lifetime *truth = model_of(LOY_LIFETIME_PARETO_NBD, p, 4), *model;
	loy_lifetime_data *data = cohort(truth, 8, 3000, 40.0, 0);
	double one, other, value, error;
	uint32_t f, i, j;

	(void)state;
	for (f = 0; f < 3; f++) {
		model = fit(data, (loy_lifetime_options){.family = families[f]});
		for (i = 0; i < 4; i++) {
			for (j = 0; j < 4; j++) {
				assert_int_equal(loy_lifetime_covariance(model, i, j, &one), LOY_OK);
				assert_int_equal(loy_lifetime_covariance(model, j, i, &other), LOY_OK);
				assert_bits_equal(one, other);
			}
			assert_int_equal(loy_lifetime_parameter(model, i, &value, &error), LOY_OK);
			assert_int_equal(loy_lifetime_covariance(model, i, i, &one), LOY_OK);
			assert_close(error, sqrt(one), 1e-14, 0.0);
		}
		loy_lifetime_destroy(model);
	}
	loy_lifetime_destroy(truth);
	loy_lifetime_data_destroy(data);
}

/* Nothing to learn from is a status, not a number. */
static void nothing_to_fit(void **state)
{
	loy_lifetime_data_options options = {.struct_size = sizeof(options)};
	loy_lifetime_options chosen = {.struct_size = sizeof(chosen)};
	loy_history history = {.struct_size = sizeof(history), .T = 10.0, .weight = 100};
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime_data *data = NULL;
	loy_lifetime *model = NULL;

	(void)state;
	assert_int_equal(loy_lifetime_data_create(&data, &options, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_fit(&model, data, &chosen, NULL, &error), LOY_EUNKNOWN);
	assert_int_equal(loy_lifetime_data_add(data, &history, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_fit(&model, data, &chosen, NULL, &error), LOY_EUNKNOWN);
	chosen.family = LOY_LIFETIME_GAMMA_GAMMA;
	assert_int_equal(loy_lifetime_fit(&model, data, &chosen, NULL, &error), LOY_EUNKNOWN);
	history.x = 2.0;
	history.t_x = 3.0;
	history.spend = 10.0; /* all alike */
	assert_int_equal(loy_lifetime_data_add(data, &history, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_fit(&model, data, &chosen, NULL, &error), LOY_EUNKNOWN);
	assert_null(model);
	loy_lifetime_data_destroy(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pareto_of_busy_customers),
	        cmocka_unit_test(expectations_at_one),
	        cmocka_unit_test(a_large_cohort_does_not_diverge),
	        cmocka_unit_test(customers_who_never_leave),
	        cmocka_unit_test(one_time_buyers),
	        cmocka_unit_test(log_likelihoods_are_in_the_unit_given),
	        cmocka_unit_test(erlang_one_is_mbg),
	        cmocka_unit_test(regular_customers),
	        cmocka_unit_test(spend_without_a_mean),
	        cmocka_unit_test(discounts_are_a_year),
	        cmocka_unit_test(covariances_are_symmetric),
	        cmocka_unit_test(nothing_to_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
