/* Models: text and back, questions that may be asked, what calls refuse, memory that runs out, cancelling. */
#include "buying.h"

#define CUSTOMERS 400

static double x[CUSTOMERS], t_x[CUSTOMERS], T[CUSTOMERS], spend[CUSTOMERS], z[CUSTOMERS],
        intervals[CUSTOMERS];

static const struct {
	uint32_t family, k, count, kind;
	double p[4];
} given[] = {{LOY_LIFETIME_MBG_NBD, 0, 4, 0, {0.5, 6.0, 0.9, 1.6}},
             {LOY_LIFETIME_BG_NBD, 0, 4, 0, {0.24, 4.4, 0.8, 2.4}},
             {LOY_LIFETIME_PARETO_NBD, 0, 4, 0, {0.55, 10.6, 0.6, 11.7}},
             {LOY_LIFETIME_BG_BB, 0, 4, 1, {1.2, 0.75, 0.66, 2.8}},
             {LOY_LIFETIME_MBG_CNBD, 3, 4, 0, {0.8, 3.0, 0.6, 2.0}},
             {LOY_LIFETIME_GAMMA_GAMMA, 0, 3, 0, {6.0, 3.7, 15.0}},
             {LOY_LIFETIME_SBG, 0, 2, 2, {0.7, 1.2}},
             {LOY_LIFETIME_BDW, 0, 3, 2, {0.7, 1.2, 1.3}}};

static loy_lifetime *given_model(size_t i)
{
	loy_lifetime *model = NULL;

	assert_int_equal(loy_lifetime_create(&model, given[i].family, given[i].k, LOY_DAY, given[i].p,
	                                     given[i].count, NULL),
	                 LOY_OK);
	return model;
}

/* A cohort of the i-th model above, as data of its kind; gamma-gamma: of the first with spend. */
static loy_lifetime_data *cohort(size_t i, uint32_t covariates)
{
	loy_lifetime *model = given_model(given[i].family == LOY_LIFETIME_GAMMA_GAMMA ? 0 : i),
	             *priced = given_model(5);
	loy_lifetime_data_options options = {.struct_size = sizeof(options),
	                                     .kind = given[i].kind,
	                                     .covariate_count = covariates,
	                                     .flags = given[i].kind == 0 ? LOY_DATA_INTERVALS : 0};
	const loy_history_column columns[] = {
	        {LOY_HISTORY_X, LOY_COLUMN_F64, x, 8},
	        {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, 8},
	        {LOY_HISTORY_T, LOY_COLUMN_F64, given[i].kind == 2 ? t_x : T, 8},
	        {LOY_HISTORY_SPEND, LOY_COLUMN_F64, spend, 8},
	        {LOY_HISTORY_INTERVALS, LOY_COLUMN_F64, intervals, 8},
	        {LOY_HISTORY_COVARIATE, LOY_COLUMN_F64, z, 8}};
	loy_lifetime_data *data = NULL;
	size_t c;

	for (c = 0; c < CUSTOMERS; c++) {
		T[c] = given[i].kind == 0 ? 30.0 + (double)(c % 7) : 8.0;
		z[c] = (double)(c % 5) / 2.0 - 1.0;
		assert_int_equal(loy_lifetime_simulate(model, priced, 11, c, 1, T[c], NULL, &x[c], &t_x[c],
		                                       &intervals[c], &spend[c]),
		                 LOY_OK);
	}
	assert_int_equal(loy_lifetime_data_create(&data, &options, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_data_add_columns(data, columns, 5 + covariates, CUSTOMERS, NULL),
	                 LOY_OK);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(priced);
	return data;
}

static void text_comes_back(const loy_lifetime *model, size_t most)
{
	char text[LOY_LIFETIME_TEXT_MAX + 1], again[LOY_LIFETIME_TEXT_MAX + 1];
	loy_lifetime_info left = {.struct_size = sizeof(left)}, right = {.struct_size = sizeof(right)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime *back = NULL;
	size_t size, second;
	double a, b;
	uint32_t i, j;

	assert_int_equal(loy_lifetime_print(model, NULL, 0, &size), LOY_EBUFFER);
	assert_int_equal(loy_lifetime_print(model, text, size, &size), LOY_EBUFFER);
	assert_int_equal(loy_lifetime_print(model, text, size + 1, &size), LOY_OK);
	assert_int_equal(strlen(text), size);
	assert_true(size < most);
	if (loy_lifetime_parse(&back, text, size, NULL, &error) != LOY_OK)
		fail_msg("%u:%u: %s in\n%s", error.line, error.column, error.message, text);
	assert_int_equal(loy_lifetime_print(back, again, sizeof(again), &second), LOY_OK);
	assert_string_equal(text, again);
	assert_int_equal(loy_lifetime_get_info(model, &left), LOY_OK);
	assert_int_equal(loy_lifetime_get_info(back, &right), LOY_OK);
	assert_memory_equal((char *)&left + sizeof(uint32_t), (char *)&right + sizeof(uint32_t),
	                    offsetof(loy_lifetime_info, log_likelihood) - sizeof(uint32_t));
	assert_bits_equal(left.log_likelihood, right.log_likelihood);
	for (i = 0; i < left.parameter_count; i++) {
		assert_string_equal(loy_lifetime_parameter_name(model, i),
		                    loy_lifetime_parameter_name(back, i));
		assert_int_equal(loy_lifetime_parameter(model, i, &a, NULL), LOY_OK);
		assert_int_equal(loy_lifetime_parameter(back, i, &b, NULL), LOY_OK);
		assert_bits_equal(a, b);
		for (j = 0; j < left.parameter_count; j++) {
			loy_status status = loy_lifetime_covariance(model, i, j, &a);

			assert_int_equal(loy_lifetime_covariance(back, i, j, &b), status);
			if (status == LOY_OK)
				assert_bits_equal(a, b);
		}
	}
	loy_lifetime_destroy(back);
}

static void every_family_as_text(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		loy_lifetime *model = given_model(i);
		loy_lifetime_data *data = cohort(i, 0);
		uint32_t family;

		text_comes_back(model, 1000);
		loy_lifetime_destroy(model);
		model = fit(data, (loy_lifetime_options){.family = given[i].family, .k = given[i].k});
		text_comes_back(model, 1000);
		loy_lifetime_destroy(model);
		loy_lifetime_data_destroy(data);
		assert_int_equal(loy_lifetime_family_find(loy_lifetime_family_name(given[i].family),
		                                          strlen(loy_lifetime_family_name(given[i].family)),
		                                          &family),
		                 LOY_OK);
		assert_int_equal(family, given[i].family);
	}
	assert_null(loy_lifetime_family_name(8));
	assert_null(loy_lifetime_boundary_name(3));
	assert_null(loy_lifetime_status_name(4));
}

static void covariates_as_text(void **state)
{
	loy_lifetime_data *data = cohort(0, 1);
	loy_lifetime *model = fit(data, (loy_lifetime_options){.rate_covariates = 1, .life_covariates = 1});

	(void)state;
	assert_string_equal(loy_lifetime_parameter_name(model, 4), "trans.1");
	assert_string_equal(loy_lifetime_parameter_name(model, 5), "life.1");
	text_comes_back(model, LOY_LIFETIME_TEXT_MAX);
	loy_lifetime_destroy(model);
	loy_lifetime_data_destroy(data);
}

static const char good[] =
        "lifetime 1\nmodel mbg-nbd 1\nform mixed mixed\nstatus given 0 0\nunit 604800000000\n"
        "fitted 0 0 0 0\nloglik nan nan nan 0\nr 0.5\nalpha 6\na 0.9\nb 1.6\nend\n";

static void texts_are_refused_where_they_err(void **state)
{
	static const struct {
		const char *from, *to;
		loy_status status;
		uint32_t line, column;
	} flaws[] = {
	        {"lifetime 1", "lifetime 2", LOY_EVERSION, 1, 10},
	        {"lifetime 1", "lifetine 1", LOY_ESYNTAX, 1, 1},
	        {"mbg-nbd 1", "mbg-nbx 1", LOY_ENAME, 2, 7},
	        {"mbg-nbd 1", "mbg-nbd 2", LOY_ERANGE, 3, 12},
	        {"mixed mixed", "mixed muxed", LOY_ENAME, 3, 12},
	        {"mixed mixed", "never mixed", LOY_ERANGE, 3, 6},
	        {"mbg-nbd 1", "mbg-cnbd-k 0", LOY_ERANGE, 3, 12},
	        {"mbg-nbd 1", "mbg-cnbd-k 13", LOY_ERANGE, 3, 12},
	        {"mbg-nbd 1\nform mixed mixed", "bdw 0\nform mixed split", LOY_ERANGE, 3, 12},
	        {"mbg-nbd 1\nform mixed mixed", "bdw 2\nform mixed mixed", LOY_ERANGE, 3, 12},
	        {"mbg-nbd 1\nform mixed mixed", "bdw 1\nform mixed never", LOY_ERANGE, 3, 12},
	        {"mbg-nbd 1\nform mixed mixed", "sbg 1\nform same mixed", LOY_ERANGE, 3, 11},
	        {"mbg-nbd 1\nform mixed mixed", "gamma-gamma 1\nform same same", LOY_ERANGE, 3, 11},
	        {"mixed mixed", "split mixed", LOY_ERANGE, 3, 12},
	        {"mbg-nbd 1\nform mixed mixed\nstatus given 0 0\nunit 604800000000\n"
	         "fitted 0 0 0 0\nloglik nan nan nan 0\n",
	         "sbg 1\nform mixed mixed\nstatus given 0 0\nunit 604800000000\n"
	         "fitted 0 0 0 0\nloglik nan nan nan 0\neffects 1 1\n",
	         LOY_ERANGE, 8, 11},
	        {"r 0.5\nalpha 6\na 0.9\nb 1.6\nend\n", "r", LOY_ESYNTAX, 8, 2},
	        {"given 0", "guven 0", LOY_ENAME, 4, 8},
	        {"given 0 0", "given 0 4294967296", LOY_ERANGE, 4, 16},
	        {"604800000000", "0", LOY_ERANGE, 5, 6},
	        {"604800000000", "-1", LOY_ESYNTAX, 5, 6},
	        {"fitted 0", "fitted x", LOY_ESYNTAX, 6, 8},
	        {"r 0.5", "q 0.5", LOY_ENAME, 8, 1},
	        {"r 0.5", "r 0.5x", LOY_ESYNTAX, 8, 3},
	        {"r 0.5", "r inf", LOY_ERANGE, 8, 3},
	        {"r 0.5", "r 1e999", LOY_ERANGE, 8, 3},
	        {"b 1.6", "b -1.6", LOY_ERANGE, 11, 3},
	        {"end", "ent", LOY_ESYNTAX, 12, 1},
	        {"end\n", "end\nmore", LOY_ESYNTAX, 13, 1},
	        {"end\n", "", LOY_ESYNTAX, 12, 1},
	        {"end\n", "covariance 1 0 1 0 0 1 0 0 0 -1\nend\n", LOY_ERANGE, 12, 30},
	        {"r 0.5", "effects 65536 0\nr 0.5", LOY_ERANGE, 8, 9},
	        {"r 0.5", "\xff 0.5", LOY_EUTF8, 1, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		char text[1000];
		const char *at = strstr(good, flaws[i].from);
		loy_error error = {.struct_size = sizeof(error)};
		loy_lifetime *model = NULL;

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, flaws[i].to,
		         at + strlen(flaws[i].from));
		assert_int_equal(loy_lifetime_parse(&model, text, strlen(text), NULL, &error),
		                 flaws[i].status);
		assert_null(model);
		if (error.line != flaws[i].line || (flaws[i].column != 0 && error.column != flaws[i].column))
			fail_msg("flaw %zu (%s): at %u:%u, not %u:%u", i, flaws[i].to, error.line,
			         error.column, flaws[i].line, flaws[i].column);
	}
}

static void later_lines_are_skipped(void **state)
{
	char text[1000];
	loy_lifetime *model = NULL;

	(void)state;
	snprintf(text, sizeof(text), "%.*salso whatever a later version says\nend\n", (int)(strlen(good) - 4),
	         good);
	assert_int_equal(loy_lifetime_parse(&model, text, strlen(text), NULL, NULL), LOY_OK);
	loy_lifetime_destroy(model);
}

static double answer(const loy_lifetime *model, const loy_lifetime *priced, const loy_history *history,
                     loy_lifetime_ask ask, double *deviation)
{
	loy_lifetime_estimate estimate = {.struct_size = sizeof(estimate)};

	ask.struct_size = sizeof(ask);
	assert_int_equal(loy_lifetime_evaluate(model, priced, history, &ask, &estimate), LOY_OK);
	if (deviation != NULL)
		*deviation = estimate.deviation;
	return estimate.value;
}

/* Probabilities of counts add up to 1, and their mean is the expectation for a new customer. */
static void counts_agree_with_expectations(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < 5; i++) {
		loy_lifetime *model = given_model(i);
		double p[4000], sum = 0.0, mean = 0.0, time = 6.0;

		assert_int_equal(loy_lifetime_probabilities(model, NULL, time, p, 4000), LOY_OK);
		for (n = 0; n < 4000; n++) {
			sum += p[n];
			mean += (double)n * p[n];
		}
		assert_close(sum, 1.0, 1e-9, 0.0);
		assert_close(answer(model, NULL, NULL,
		                    (loy_lifetime_ask){.quantity = LOY_ASK_PURCHASES, .to = time}, NULL),
		             mean, 1e-8, 0.0);
		loy_lifetime_destroy(model);
	}
}

/* Intervals of time add up, discounting at no rate changes nothing, spend times purchases is value. */
static void answers_agree(void **state)
{
	loy_lifetime *priced = given_model(5);
	loy_history history = {.struct_size = sizeof(history), .x = 3.0, .t_x = 5.0, .T = 8.0, .spend = 20.0};
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		loy_lifetime *model = given_model(i);
		double first, second, both, value, discounted, money;

		first = answer(model, NULL, &history,
		               (loy_lifetime_ask){.quantity = LOY_ASK_PURCHASES, .to = 4.0}, NULL);
		second = answer(model, NULL, &history,
		                (loy_lifetime_ask){.quantity = LOY_ASK_PURCHASES, .from = 4.0, .to = 12.0},
		                NULL);
		both = answer(model, NULL, &history,
		              (loy_lifetime_ask){.quantity = LOY_ASK_PURCHASES, .to = 12.0}, NULL);
		assert_close(first + second, both, 1e-12, 0.0);
		discounted = answer(model, NULL, &history,
		                    (loy_lifetime_ask){.quantity = LOY_ASK_DISCOUNTED, .to = 12.0}, NULL);
		assert_close(discounted, both, 1e-10, 0.0);
		discounted = answer(
		        model, NULL, &history,
		        (loy_lifetime_ask){.quantity = LOY_ASK_DISCOUNTED, .to = 12.0, .discount = 0.5},
		        NULL);
		assert_true(discounted < both && discounted > 0.5 * both);
		value = answer(model, priced, &history,
		               (loy_lifetime_ask){.quantity = LOY_ASK_VALUE, .to = 12.0, .discount = 0.5},
		               NULL);
		money = answer(model, priced, &history, (loy_lifetime_ask){.quantity = LOY_ASK_SPEND}, NULL);
		assert_close(value, discounted * money, 1e-12, 0.0);
		loy_lifetime_destroy(model);
	}
	loy_lifetime_destroy(priced);
}

/* Many at once gives what one at a time gives; totals are sums; deviations of totals see what rows share. */
static void many_are_single_ones(void **state)
{
	size_t i, c;

	(void)state;
	for (i = 0; i < 3; i++) {
		loy_lifetime_data *data = cohort(i, 0);
		loy_lifetime *model = fit(data, (loy_lifetime_options){.family = given[i].family});
		const loy_history_column columns[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, 8},
		                                      {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, 8},
		                                      {LOY_HISTORY_T, LOY_COLUMN_F64, T, 8}};
		double alive[CUSTOMERS], bought[CUSTOMERS], low[CUSTOMERS], high[CUSTOMERS], error[CUSTOMERS],
		        sum = 0.0, e, errors = 0.0;
		loy_lifetime_ask asks[2] = {{.struct_size = sizeof(asks[0]),
		                             .quantity = LOY_ASK_ALIVE,
		                             .value = alive,
		                             .value_stride = 8},
		                            {.struct_size = sizeof(asks[0]),
		                             .quantity = LOY_ASK_PURCHASES,
		                             .to = 10.0,
		                             .value = bought,
		                             .value_stride = 8,
		                             .deviation = error,
		                             .deviation_stride = 8,
		                             .low = low,
		                             .low_stride = 8,
		                             .high = high,
		                             .high_stride = 8}};
		loy_status status[CUSTOMERS];

		T[17] = -1.0;
		assert_int_equal(
		        loy_lifetime_predict(model, NULL, columns, 3, CUSTOMERS, asks, 2, status, NULL, NULL),
		        LOY_OK);
		for (c = 0; c < CUSTOMERS; c++) {
			loy_history history = {
			        .struct_size = sizeof(history), .x = x[c], .t_x = t_x[c], .T = T[c]};

			if (c == 17) {
				assert_int_equal(status[c], LOY_ERANGE);
				assert_true(isnan(alive[c]) && isnan(bought[c]) && isnan(error[c]) &&
				            isnan(low[c]));
				continue;
			}
			assert_int_equal(status[c], LOY_OK);
			assert_bits_equal(alive[c],
			                  answer(model, NULL, &history,
			                         (loy_lifetime_ask){.quantity = LOY_ASK_ALIVE}, NULL));
			assert_bits_equal(
			        bought[c],
			        answer(model, NULL, &history,
			               (loy_lifetime_ask){.quantity = LOY_ASK_PURCHASES, .to = 10.0}, &e));
			assert_bits_equal(error[c], e);
			assert_true(low[c] < bought[c] && bought[c] < high[c]);
			sum += bought[c];
			errors += error[c];
		}
		assert_close(asks[1].total, sum, 1e-13, 0.0);
		assert_true(asks[1].total_deviation > 0.0 &&
		            asks[1].total_deviation <= errors * (1.0 + 1e-12));
		assert_true(asks[1].total_low < sum && sum < asks[1].total_high);
		assert_true(isnan(asks[0].total_deviation));
		loy_lifetime_destroy(model);
		loy_lifetime_data_destroy(data);
	}
}

/* The delta method against fits on redrawn cohorts: the total's error is about the spread of the totals. */
static void errors_are_the_spread_of_fits(void **state)
{
	enum { DRAWS = 120 };
	loy_lifetime *truth = given_model(0);
	const loy_history_column columns[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, 8},
	                                      {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, 8},
	                                      {LOY_HISTORY_T, LOY_COLUMN_F64, T, 8}};
	loy_lifetime_ask ask = {
	        .struct_size = sizeof(ask), .quantity = LOY_ASK_PURCHASES, .to = 30.0, .with_deviation = 1};
	double sum = 0.0, squares = 0.0, errors = 0.0;
	int draw;
	size_t c;

	(void)state;
	for (draw = 0; draw < DRAWS; draw++) {
		loy_lifetime_data_options options = {.struct_size = sizeof(options)};
		loy_lifetime_data *data = NULL;
		loy_lifetime *model;

		for (c = 0; c < CUSTOMERS; c++) {
			T[c] = 40.0;
			assert_int_equal(loy_lifetime_simulate(truth, NULL, (uint64_t)draw, c, 1, T[c], NULL,
			                                       &x[c], &t_x[c], NULL, NULL),
			                 LOY_OK);
		}
		assert_int_equal(loy_lifetime_data_create(&data, &options, NULL), LOY_OK);
		assert_int_equal(loy_lifetime_data_add_columns(data, columns, 3, CUSTOMERS, NULL), LOY_OK);
		model = fit(data, (loy_lifetime_options){0});
		/* of a new customer, so that only the parameters differ between draws */
		assert_int_equal(loy_lifetime_predict(model, NULL, NULL, 0, 1, &ask, 1, NULL, NULL, NULL),
		                 LOY_OK);
		sum += ask.total;
		squares += ask.total * ask.total;
		errors += ask.total_deviation;
		loy_lifetime_destroy(model);
		loy_lifetime_data_destroy(data);
	}
	sum /= DRAWS;
	/* 120 draws tell a deviation to about 6.5 %: a quarter is four of those */
	assert_close(errors / DRAWS, sqrt(squares / DRAWS - sum * sum), 0.25, 0.0);
	loy_lifetime_destroy(truth);
}

static void questions_that_make_no_sense(void **state)
{
	loy_lifetime *model = given_model(0), *priced = given_model(5), *contract = given_model(6);
	static const double no_mean[3] = {6.0, 0.9, 15.0};
	loy_lifetime *poor = NULL;
	loy_lifetime_info info = {.struct_size = sizeof(info)};
	loy_lifetime_estimate out = {.struct_size = sizeof(out)};
	loy_history history = {.struct_size = sizeof(history), .x = 2.0, .t_x = 9.0, .T = 5.0};
	loy_lifetime_ask ask = {.struct_size = sizeof(ask), .quantity = LOY_ASK_PURCHASES, .to = 1.0};

	(void)state;
	assert_int_equal(loy_lifetime_create(&poor, LOY_LIFETIME_GAMMA_GAMMA, 0, 0, no_mean, 3, NULL),
	                 LOY_OK);
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out), LOY_ERANGE);
	history.t_x = 3.0;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out), LOY_OK);
	assert_true(isnan(out.deviation)); /* parameters were given */
	ask.to = INFINITY;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out), LOY_ERANGE);
	ask.quantity = LOY_ASK_DISCOUNTED;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out),
	                 LOY_ERANGE); /* at no discount */
	ask.discount = 0.1;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out), LOY_OK);
	ask.to = 1.0;
	ask.from = 2.0;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out), LOY_ERANGE);
	ask.from = 0.0;
	ask.quantity = LOY_ASK_VALUE;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out),
	                 LOY_EINVAL); /* no spend model */
	assert_int_equal(loy_lifetime_evaluate(model, priced, &history, &ask, &out), LOY_OK);
	assert_int_equal(loy_lifetime_get_info(poor, &info), LOY_OK);
	assert_int_equal(info.boundary, LOY_BOUNDARY_NO_MEAN);
	assert_int_equal(loy_lifetime_evaluate(model, poor, &history, &ask, &out),
	                 LOY_EUNKNOWN); /* never negative */
	ask.quantity = LOY_ASK_RETENTION;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out), LOY_EINVAL);
	assert_int_equal(loy_lifetime_evaluate(contract, NULL, NULL, &ask, &out), LOY_OK);
	ask.quantity = LOY_ASK_ALIVE;
	ask.level = 1.0;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &out), LOY_ERANGE);
	loy_lifetime_destroy(poor);
	loy_lifetime_destroy(contract);
	loy_lifetime_destroy(priced);
	loy_lifetime_destroy(model);
}

static void options_are_checked(void **state)
{
	loy_lifetime_data *data = cohort(0, 1);
	loy_lifetime *model = NULL;
	static const double start[4] = {1.0, -1.0, 1.0, 1.0};
	struct {
		loy_lifetime_options options;
		loy_status status;
	} cases[] = {
	        {{.family = 8}, LOY_EINVAL},
	        {{.family = LOY_LIFETIME_BG_BB}, LOY_EINVAL},
	        {{.k = 2}, LOY_EINVAL},
	        {{.family = LOY_LIFETIME_MBG_CNBD, .k = LOY_LIFETIME_K_MAX + 1}, LOY_EINVAL},
	        {{.rate_covariates = 2}, LOY_EINVAL},
	        {{.family = LOY_LIFETIME_GAMMA_GAMMA, .rate_covariates = 1}, LOY_EINVAL},
	        {{.ridge = -1.0}, LOY_ERANGE},
	        {{.ridge = NAN}, LOY_ERANGE},
	        {{.start = start, .start_count = 3}, LOY_EINVAL},
	        {{.start = start, .start_count = 4}, LOY_EINVAL},
	        {{.iterations = 1}, LOY_ELIMIT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cases[i].options.struct_size = sizeof(cases[i].options);
		if (loy_lifetime_fit(&model, data, &cases[i].options, NULL, NULL) != cases[i].status ||
		    model != NULL)
			fail_msg("case %zu", i);
	}
	loy_lifetime_data_destroy(data);
}

static int32_t cancel_at(uint64_t done, uint64_t total, void *user_data)
{
	(void)total;
	return done >= *(uint64_t *)user_data;
}

static void a_fit_can_be_cancelled(void **state)
{
	loy_lifetime_data *data = cohort(2, 0);
	uint64_t at = 3;
	loy_lifetime_options options = {
	        .struct_size = sizeof(options), .progress = cancel_at, .user_data = &at};
	loy_lifetime *model = NULL;

	(void)state;
	assert_int_equal(loy_lifetime_fit(&model, data, &options, NULL, NULL), LOY_ECANCELLED);
	assert_null(model);
	at = 1000;
	assert_int_equal(loy_lifetime_fit(&model, data, &options, NULL, NULL), LOY_OK);
	loy_lifetime_destroy(model);
	loy_lifetime_data_destroy(data);
}

static void a_ridge_pulls_towards_one(void **state)
{
	loy_lifetime_data *data = cohort(0, 0);
	loy_lifetime *free_model = fit(data, (loy_lifetime_options){0}),
	             *held = fit(data, (loy_lifetime_options){.ridge = 1e9});
	loy_lifetime_info a = {.struct_size = sizeof(a)}, b = {.struct_size = sizeof(b)};

	(void)state;
	assert_close(parameter(held, "alpha"), 1.0, 1e-4, 0.0);
	assert_int_equal(loy_lifetime_get_info(free_model, &a), LOY_OK);
	assert_int_equal(loy_lifetime_get_info(held, &b), LOY_OK);
	assert_true(b.log_likelihood < a.log_likelihood);
	loy_lifetime_destroy(free_model);
	loy_lifetime_destroy(held);
	loy_lifetime_data_destroy(data);
}

static void every_allocation_may_fail(void **state)
{
	loy_lifetime_data *data = cohort(0, 0);
	loy_lifetime_ask ask = {.struct_size = sizeof(ask), .quantity = LOY_ASK_ALIVE};
	loy_lifetime *model = NULL;
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);

		status = loy_lifetime_fit(&model, data, NULL, &memory, NULL);
		if (status == LOY_OK)
			status = loy_lifetime_predict(model, NULL, NULL, 0, 1, &ask, 1, NULL, &memory, NULL);
		loy_lifetime_destroy(model);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 5);
	for (status = LOY_ENOMEM, n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);

		status = loy_lifetime_parse(&model, good, strlen(good), &memory, NULL);
		loy_lifetime_destroy(model);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	loy_lifetime_data_destroy(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_family_as_text),
	        cmocka_unit_test(covariates_as_text),
	        cmocka_unit_test(texts_are_refused_where_they_err),
	        cmocka_unit_test(later_lines_are_skipped),
	        cmocka_unit_test(counts_agree_with_expectations),
	        cmocka_unit_test(answers_agree),
	        cmocka_unit_test(many_are_single_ones),
	        cmocka_unit_test(errors_are_the_spread_of_fits),
	        cmocka_unit_test(questions_that_make_no_sense),
	        cmocka_unit_test(options_are_checked),
	        cmocka_unit_test(a_fit_can_be_cancelled),
	        cmocka_unit_test(a_ridge_pulls_towards_one),
	        cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
