/* Answers of every family and limit: what may be asked, ranges, rows that fail, strides, totals, covariates. */
#include "support.h"

#include <math.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { BUYS, CHANCES, CONTRACT, MONEY };

static const struct form {
	const char *head; /* family and k, how rates and drop-out differ */
	const char *values;
	uint32_t count;
	int kind;
} forms[] = {
        {"mbg-nbd 1\nform mixed mixed", "r 0.5\nalpha 6\na 0.9\nb 1.6", 4, BUYS},
        {"mbg-nbd 1\nform mixed same", "r 0.5\nalpha 6\np 0.2", 3, BUYS},
        {"mbg-nbd 1\nform mixed never", "r 0.5\nalpha 6", 2, BUYS},
        {"mbg-nbd 1\nform mixed split", "r 0.5\nalpha 6\npi 0.3", 3, BUYS},
        {"mbg-nbd 1\nform same mixed", "lambda 0.2\na 0.9\nb 1.6", 3, BUYS},
        {"mbg-nbd 1\nform same same", "lambda 0.2\np 0.3", 2, BUYS},
        {"mbg-nbd 1\nform same never", "lambda 0.2", 1, BUYS},
        {"bg-nbd 1\nform mixed mixed", "r 0.24\nalpha 4.4\na 0.8\nb 2.4", 4, BUYS},
        {"bg-nbd 1\nform mixed same", "r 0.24\nalpha 4.4\np 0.2", 3, BUYS},
        {"bg-nbd 1\nform mixed never", "r 0.24\nalpha 4.4", 2, BUYS},
        {"bg-nbd 1\nform same mixed", "lambda 0.2\na 0.8\nb 2.4", 3, BUYS},
        {"mbg-cnbd-k 3\nform mixed mixed", "r 0.8\nalpha 3\na 0.6\nb 2", 4, BUYS},
        {"mbg-cnbd-k 2\nform same same", "lambda 0.5\np 0.2", 2, BUYS},
        {"pareto-nbd 1\nform mixed mixed", "r 0.55\nalpha 10.6\ns 0.6\nbeta 11.7", 4, BUYS},
        {"pareto-nbd 1\nform mixed mixed", "r 0.55\nalpha 10.6\ns 0.6\nbeta 2", 4, BUYS},
        {"pareto-nbd 1\nform mixed same", "r 0.55\nalpha 10.6\nmu 0.02", 3, BUYS},
        {"pareto-nbd 1\nform mixed same", "r 0.55\nalpha 10.6\nmu 0.4", 3, BUYS},
        {"pareto-nbd 1\nform mixed never", "r 0.55\nalpha 10.6", 2, BUYS},
        {"pareto-nbd 1\nform mixed split", "r 0.55\nalpha 10.6\npi 0.3", 3, BUYS},
        {"pareto-nbd 1\nform same mixed", "lambda 0.2\ns 0.6\nbeta 11.7", 3, BUYS},
        {"pareto-nbd 1\nform same same", "lambda 0.2\nmu 0.05", 2, BUYS},
        {"bg-bb 1\nform mixed mixed", "alpha 1.2\nbeta 0.75\ngamma 0.66\ndelta 2.8", 4, CHANCES},
        {"bg-bb 1\nform mixed same", "alpha 1.2\nbeta 0.75\ntheta 0.1", 3, CHANCES},
        {"bg-bb 1\nform mixed never", "alpha 1.2\nbeta 0.75", 2, CHANCES},
        {"bg-bb 1\nform mixed split", "alpha 1.2\nbeta 0.75\npi 0.3", 3, CHANCES},
        {"bg-bb 1\nform same mixed", "p 0.4\ngamma 0.66\ndelta 2.8", 3, CHANCES},
        {"bg-bb 1\nform same same", "p 0.4\ntheta 0.1", 2, CHANCES},
        {"bg-bb 1\nform same split", "p 0.4\npi 0.3", 2, CHANCES},
        {"sbg 1\nform mixed mixed", "alpha 0.7\nbeta 1.2", 2, CONTRACT},
        {"sbg 1\nform mixed same", "theta 0.2", 1, CONTRACT},
        {"sbg 1\nform mixed split", "pi 0.3", 1, CONTRACT},
        {"bdw 1\nform mixed mixed", "alpha 0.7\nbeta 1.2\nc 1.3", 3, CONTRACT},
        {"bdw 1\nform mixed same", "c 1.2\ntheta 0.2", 2, CONTRACT},
        {"bdw 3\nform mixed split", "kappa 0.3\npi 0.3", 2, CONTRACT},
        {"gamma-gamma 1\nform mixed mixed", "p 6\nq 3.7\ngamma 15", 3, MONEY},
        {"gamma-gamma 1\nform same mixed", "q 3.7\nscale 15", 2, MONEY},
        {"gamma-gamma 1\nform mixed same", "p 6\nrate 0.4", 2, MONEY},
};

static loy_lifetime *read_model(const char *head, const char *effects, const char *values, uint32_t count)
{
	char text[2000];
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime *model = NULL;
	uint32_t i, j;
	int n = snprintf(text, sizeof(text),
	                 "lifetime 1\nmodel %s\nstatus given 0 0\nunit 604800000000\nfitted 0 0 0 0\n"
	                 "loglik nan nan nan 0\n%s%s",
	                 head, effects, values);

	if (count > 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "\ncovariance");
	for (i = 0; i < count; i++)
		for (j = 0; j <= i; j++)
			n += snprintf(text + n, sizeof(text) - (size_t)n, i == j ? " 0.001" : " 0");
	n += snprintf(text + n, sizeof(text) - (size_t)n, "\nend\n");
	if (loy_lifetime_parse(&model, text, (size_t)n, NULL, &error) != LOY_OK)
		fail_msg("%u:%u: %s in\n%s", error.line, error.column, error.message, text);
	return model;
}

static loy_lifetime *form_model(size_t i)
{
	return read_model(forms[i].head, "", forms[i].values, forms[i].count);
}

/* A fitted-looking gamma-gamma model. */
static loy_lifetime *priced_model(void)
{
	return read_model("gamma-gamma 1\nform mixed mixed", "", "p 6\nq 3.7\ngamma 15", 3);
}

static loy_lifetime *bare(uint32_t family, const double *p, uint32_t count)
{
	loy_lifetime *model = NULL;

	assert_int_equal(loy_lifetime_create(&model, family, 0, LOY_WEEK, p, count, NULL), LOY_OK);
	return model;
}

static loy_status evaluate(const loy_lifetime *model, const loy_lifetime *spend, const loy_history *history,
                           loy_lifetime_ask ask, loy_lifetime_estimate *out)
{
	memset(out, 0, sizeof(*out));
	out->struct_size = sizeof(*out);
	ask.struct_size = sizeof(ask);
	return loy_lifetime_evaluate(model, spend, history, &ask, out);
}

static double value_of(const loy_lifetime *model, const loy_lifetime *spend, const loy_history *history,
                       loy_lifetime_ask ask)
{
	loy_lifetime_estimate e;

	assert_int_equal(evaluate(model, spend, history, ask, &e), LOY_OK);
	return e.value;
}

static loy_history history_of(int kind, int bought)
{
	loy_history h = {.struct_size = sizeof(h), .T = 8.0};

	if (bought && kind != CONTRACT) {
		h.x = 3.0;
		h.t_x = 5.0;
		h.spend = 20.0;
	}
	return h;
}

static int allowed(int kind, uint32_t quantity)
{
	switch (quantity) {
	case LOY_ASK_LOG_LIKELIHOOD:
		return 1;
	case LOY_ASK_ALIVE:
		return kind != MONEY;
	case LOY_ASK_SPEND:
		return kind != CONTRACT;
	case LOY_ASK_PURCHASES:
	case LOY_ASK_DISCOUNTED:
	case LOY_ASK_VALUE:
		return kind == BUYS || kind == CHANCES;
	case LOY_ASK_RETENTION:
	case LOY_ASK_RENEWALS:
		return kind == CONTRACT;
	default:
		return 0;
	}
}

/* Each limit of each family answers what its kind of data may be asked, refuses the rest. */
static void every_form_answers(void **state)
{
	loy_lifetime *priced = priced_model();
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(forms); i++) {
		loy_lifetime *model = form_model(i);
		uint32_t quantity;
		int bought;

		for (quantity = 0; quantity <= 9; quantity++) {
			for (bought = 0; bought < 2; bought++) {
				loy_history h = history_of(forms[i].kind, bought);
				loy_lifetime_ask ask = {.quantity = quantity, .to = 5.0, .discount = 0.1};
				loy_lifetime_estimate e;
				loy_status status = evaluate(model, priced, &h, ask, &e);

				if (!allowed(forms[i].kind, quantity)) {
					assert_int_equal(status, LOY_EINVAL);
					continue;
				}
				assert_int_equal(status, LOY_OK);
				if (forms[i].kind == MONEY && quantity == LOY_ASK_LOG_LIKELIHOOD && !bought)
					continue; /* spend has a likelihood only where something was spent */
				if (!isfinite(e.value) || !(e.deviation >= 0.0) || !(e.low <= e.value) ||
				    !(e.high >= e.value))
					fail_msg("%s asked %u: %g +- %g in [%g, %g]", forms[i].head, quantity,
					         e.value, e.deviation, e.low, e.high);
				if (quantity != LOY_ASK_LOG_LIKELIHOOD)
					assert_true(e.value >= 0.0);
				if (quantity == LOY_ASK_ALIVE || quantity == LOY_ASK_RETENTION)
					assert_true(e.low >= 0.0 && e.high <= 1.0);
			}
		}
		loy_lifetime_destroy(model);
	}
	loy_lifetime_destroy(priced);
}

/* Intervals add up, more time is more, discounting takes away, all time at a discount is finite. */
static void time_adds_up(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(forms); i++) {
		loy_lifetime *model = form_model(i);
		uint32_t plain = forms[i].kind == CONTRACT ? LOY_ASK_RENEWALS : LOY_ASK_PURCHASES,
		         less = forms[i].kind == CONTRACT ? LOY_ASK_RENEWALS : LOY_ASK_DISCOUNTED;
		int bought;

		for (bought = 0; bought < 2 && forms[i].kind != MONEY; bought++) {
			loy_history h = history_of(forms[i].kind, bought);
			loy_lifetime_ask ask = {.quantity = plain, .to = 5.0};
			double first = value_of(model, NULL, &h, ask), second, both, cut, ever;

			ask = (loy_lifetime_ask){.quantity = plain, .from = 5.0, .to = 12.0};
			second = value_of(model, NULL, &h, ask);
			ask.from = 0.0;
			both = value_of(model, NULL, &h, ask);
			assert_true(first >= 0.0 && second >= 0.0 && both > 0.0);
			assert_close(first + second, both, 1e-9, 1e-12);
			ask.quantity = less;
			ask.discount = 0.5;
			cut = value_of(model, NULL, &h, ask);
			assert_true(cut > 0.0 && cut < both);
			ask.to = (double)INFINITY;
			ever = value_of(model, NULL, &h, ask);
			assert_true(isfinite(ever) && ever > cut);
		}
		loy_lifetime_destroy(model);
	}
}

static void probabilities_add_up(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(forms); i++) {
		loy_lifetime *model = form_model(i);
		double p[600], sum = 0.0, mean = 0.0, time = 6.0;

		if (forms[i].kind == MONEY) {
			assert_int_equal(loy_lifetime_probabilities(model, NULL, time, p, 1), LOY_EINVAL);
			loy_lifetime_destroy(model);
			continue;
		}
		assert_int_equal(loy_lifetime_probabilities(model, NULL, time, p, COUNT(p)), LOY_OK);
		for (n = 0; n < COUNT(p); n++) {
			if (!(p[n] >= 0.0 && p[n] <= 1.0))
				fail_msg("%s: %g at %zu", forms[i].head, p[n], n);
			sum += p[n];
			mean += (double)n * p[n];
		}
		if (forms[i].kind == CONTRACT) {
			loy_lifetime_ask ask = {.quantity = LOY_ASK_ALIVE, .to = (double)COUNT(p)};

			assert_close(1.0 - sum, value_of(model, NULL, NULL, ask), 1e-9, 1e-9);
		} else {
			loy_lifetime_ask ask = {.quantity = LOY_ASK_PURCHASES, .to = time};

			assert_close(sum, 1.0, 1e-8, 0.0);
			assert_close(mean, value_of(model, NULL, NULL, ask), 1e-7, 0.0);
			assert_int_equal(loy_lifetime_probabilities(model, NULL, 0.0, p, 3), LOY_OK);
			assert_close(p[0], 1.0, 1e-12, 0.0);
			assert_close(p[1] + p[2], 0.0, 0.0, 1e-12);
		}
		loy_lifetime_destroy(model);
	}
}

static void probabilities_refuse(void **state)
{
	loy_lifetime *model = form_model(0), *chances = form_model(21);
	loy_history h = {.struct_size = 1};
	double p[2];

	(void)state;
	assert_int_equal(loy_lifetime_probabilities(NULL, NULL, 1.0, p, 2), LOY_EINVAL);
	assert_int_equal(loy_lifetime_probabilities(model, NULL, 1.0, NULL, 2), LOY_EINVAL);
	assert_int_equal(loy_lifetime_probabilities(model, NULL, 1.0, NULL, 0), LOY_OK);
	assert_int_equal(loy_lifetime_probabilities(model, &h, 1.0, p, 2), LOY_EINVAL);
	assert_int_equal(loy_lifetime_probabilities(model, NULL, -1.0, p, 2), LOY_ERANGE);
	assert_int_equal(loy_lifetime_probabilities(model, NULL, 2e12, p, 2), LOY_ERANGE);
	assert_int_equal(loy_lifetime_probabilities(model, NULL, (double)NAN, p, 2), LOY_ERANGE);
	assert_int_equal(loy_lifetime_probabilities(model, NULL, 1.0, p, UINT64_C(1) << 32), LOY_ERANGE);
	assert_int_equal(loy_lifetime_probabilities(chances, NULL, 1.5, p, 2), LOY_ERANGE);
	assert_int_equal(loy_lifetime_probabilities(chances, NULL, 10001.0, p, 2), LOY_ERANGE);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(chances);
}

static void ranges_of_asks(void **state)
{
	const double inf = (double)INFINITY, nan = (double)NAN;
	const struct {
		size_t form;
		loy_lifetime_ask ask;
		loy_status status;
	} cases[] = {
	        {0, {.quantity = LOY_ASK_PURCHASES, .from = -1.0, .to = 1.0}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_PURCHASES, .from = nan, .to = 1.0}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_PURCHASES, .from = 2e12, .to = 3e12}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_PURCHASES, .from = 2.0, .to = 1.0}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_PURCHASES, .to = nan}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_PURCHASES, .to = inf, .discount = 0.1}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_DISCOUNTED, .to = inf}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_DISCOUNTED, .to = inf, .discount = -0.5}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_DISCOUNTED, .to = 2e12, .discount = 0.1}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_DISCOUNTED, .to = inf, .discount = 0.1}, LOY_OK},
	        {0, {.quantity = LOY_ASK_DISCOUNTED, .to = 1.0, .discount = -1.0}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_DISCOUNTED, .to = 1.0, .discount = 2e6}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_DISCOUNTED, .to = 1.0, .discount = nan}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_DISCOUNTED, .to = 1.0, .discount = -0.2}, LOY_OK},
	        {0, {.quantity = LOY_ASK_PURCHASES, .to = 1.0, .year = -1.0}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_PURCHASES, .to = 1.0, .year = 2e12}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_PURCHASES, .to = 1.0, .year = 12.0}, LOY_OK},
	        {0, {.quantity = LOY_ASK_ALIVE, .level = 1.0}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_ALIVE, .level = -0.1}, LOY_ERANGE},
	        {0, {.quantity = LOY_ASK_ALIVE, .level = 0.5}, LOY_OK},
	        {0, {.quantity = LOY_ASK_ALIVE, .reserved = 1}, LOY_EINVAL},
	        {0, {.quantity = LOY_ASK_SPEND}, LOY_EINVAL},
	        {0, {.quantity = LOY_ASK_VALUE, .to = 1.0}, LOY_EINVAL},
	        {21, {.quantity = LOY_ASK_PURCHASES, .from = 0.5, .to = 1.0}, LOY_ERANGE},
	        {21, {.quantity = LOY_ASK_PURCHASES, .to = 1.5}, LOY_ERANGE},
	        {21, {.quantity = LOY_ASK_PURCHASES, .to = 2e6}, LOY_ERANGE},
	        {21, {.quantity = LOY_ASK_DISCOUNTED, .to = 2e6, .discount = 0.1}, LOY_OK},
	        {21, {.quantity = LOY_ASK_DISCOUNTED, .to = inf, .discount = 1e-5}, LOY_ERANGE},
	        {28, {.quantity = LOY_ASK_RENEWALS, .to = 0.5}, LOY_ERANGE},
	        {28, {.quantity = LOY_ASK_RENEWALS, .to = inf, .discount = 0.1}, LOY_OK},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		loy_lifetime *model = form_model(cases[i].form);
		loy_lifetime_estimate e;
		loy_status status = evaluate(model, NULL, NULL, cases[i].ask, &e);

		if (status != cases[i].status)
			fail_msg("case %zu: %d, not %d", i, (int)status, (int)cases[i].status);
		loy_lifetime_destroy(model);
	}
}

static void spend_needs_a_spend_model(void **state)
{
	static const double endless[] = {6.0, 0.9, 15.0};
	loy_lifetime *model = form_model(0), *priced = priced_model(),
	             *infinite = bare(LOY_LIFETIME_GAMMA_GAMMA, endless, 3),
	             *plain = bare(LOY_LIFETIME_GAMMA_GAMMA, (const double[]){6.0, 3.7, 15.0}, 3);
	loy_lifetime_ask value = {.struct_size = sizeof(value), .quantity = LOY_ASK_VALUE, .to = 3.0},
	                 spend = {.struct_size = sizeof(spend), .quantity = LOY_ASK_SPEND};
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime_estimate e;

	(void)state;
	assert_int_equal(evaluate(model, model, NULL, value, &e), LOY_EINVAL);
	assert_int_equal(evaluate(model, infinite, NULL, value, &e), LOY_EUNKNOWN);
	assert_int_equal(evaluate(model, infinite, NULL, spend, &e), LOY_EUNKNOWN);
	assert_int_equal(evaluate(infinite, NULL, NULL, spend, &e), LOY_EUNKNOWN);
	assert_int_equal(loy_lifetime_predict(model, infinite, NULL, 0, 1, &value, 1, NULL, NULL, &error),
	                 LOY_EUNKNOWN);
	assert_non_null(strstr(error.message, "infinite"));
	/* the mean of new customers is p gamma / (q - 1) */
	assert_int_equal(evaluate(priced, NULL, NULL, spend, &e), LOY_OK);
	assert_close(e.value, 6.0 * 15.0 / 2.7, 1e-12, 0.0);
	assert_true(e.deviation > 0.0);
	/* one of the two has no covariance: a value, but no error */
	assert_int_equal(evaluate(model, plain, NULL, value, &e), LOY_OK);
	assert_true(e.value > 0.0);
	assert_true(isnan(e.deviation) && isnan(e.low) && isnan(e.high));
	value.with_deviation = 1;
	assert_int_equal(loy_lifetime_predict(model, plain, NULL, 0, 1, &value, 1, NULL, NULL, &error),
	                 LOY_EUNKNOWN);
	assert_int_equal(loy_lifetime_predict(model, priced, NULL, 0, 1, &value, 1, NULL, NULL, &error),
	                 LOY_OK);
	assert_true(value.total_deviation > 0.0);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(priced);
	loy_lifetime_destroy(infinite);
	loy_lifetime_destroy(plain);
}

static void evaluate_refuses(void **state)
{
	const double nan = (double)NAN;
	const struct {
		size_t form;
		loy_history h;
	} wrong[] = {{0, {.x = -1.0, .T = 8.0}},
	             {0, {.x = 0.5, .t_x = 1.0, .T = 8.0}},
	             {0, {.x = 1.0, .t_x = 9.0, .T = 8.0}},
	             {0, {.x = 0.0, .t_x = 1.0, .T = 8.0}},
	             {0, {.T = -1.0}},
	             {0, {.T = nan}},
	             {0, {.x = 1.0, .t_x = 1.0, .T = 8.0, .spend = -1.0}},
	             {0, {.x = 1.0, .t_x = 1.0, .T = 8.0, .spend = 2e18}},
	             {21, {.x = 2.0, .t_x = 1.0, .T = 8.0}},
	             {21, {.x = 1.0, .t_x = 1.5, .T = 8.0}},
	             {21, {.T = 8.5}},
	             {28, {.x = 2.0, .T = 8.0}},
	             {28, {.x = 1.0, .T = 0.0}}};
	loy_lifetime *model = form_model(0);
	loy_lifetime_ask ask = {.struct_size = sizeof(ask), .quantity = LOY_ASK_ALIVE};
	loy_lifetime_estimate e = {.struct_size = sizeof(e)};
	loy_history h = {.struct_size = 2};
	size_t i;

	(void)state;
	assert_int_equal(loy_lifetime_evaluate(NULL, NULL, NULL, &ask, &e), LOY_EINVAL);
	assert_int_equal(loy_lifetime_evaluate(model, NULL, NULL, NULL, &e), LOY_EINVAL);
	assert_int_equal(loy_lifetime_evaluate(model, NULL, NULL, &ask, NULL), LOY_EINVAL);
	assert_int_equal(loy_lifetime_evaluate(model, NULL, &h, &ask, &e), LOY_EINVAL);
	ask.struct_size = 0;
	assert_int_equal(loy_lifetime_evaluate(model, NULL, NULL, &ask, &e), LOY_EINVAL);
	loy_lifetime_destroy(model);
	for (i = 0; i < COUNT(wrong); i++) {
		h = wrong[i].h;
		h.struct_size = sizeof(h);
		model = form_model(wrong[i].form);
		if (evaluate(model, NULL, &h, (loy_lifetime_ask){.quantity = LOY_ASK_ALIVE}, &e) !=
		    LOY_ERANGE)
			fail_msg("history %zu is taken", i);
		loy_lifetime_destroy(model);
	}
}

/* A limit where one missed chance tells that the customer left, and some histories cannot be. */
static void a_split_rate_knows(void **state)
{
	loy_lifetime *model =
	        read_model("bg-bb 1\nform split mixed", "", "rho 0.6\ngamma 0.66\ndelta 2.8", 3);
	loy_lifetime_ask alive = {.quantity = LOY_ASK_ALIVE};
	loy_history h = {.struct_size = sizeof(h), .x = 8.0, .t_x = 8.0, .T = 8.0};

	(void)state;
	assert_close(value_of(model, NULL, &h, alive), 1.0, 1e-12, 0.0);
	h.x = h.t_x = 3.0;
	assert_close(value_of(model, NULL, &h, alive), 0.0, 0.0, 0.0);
	h.t_x = 5.0;
	assert_true(isnan(value_of(model, NULL, &h, alive)));
	h.x = h.t_x = 0.0;
	assert_true(value_of(model, NULL, &h, alive) < 1.0);
	assert_close(value_of(model, NULL, &h, (loy_lifetime_ask){.quantity = LOY_ASK_PURCHASES, .to = 4.0}),
	             0.0, 0.0, 0.0);
	assert_true(value_of(model, NULL, NULL,
	                     (loy_lifetime_ask){.quantity = LOY_ASK_PURCHASES, .to = 4.0}) > 0.0);
	loy_lifetime_destroy(model);
}

static void predict_refuses(void **state)
{
	static const double x[] = {1.0}, t_x[] = {2.0}, T[] = {8.0};
	loy_history_column columns[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, 8},
	                                {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, 8},
	                                {LOY_HISTORY_T, LOY_COLUMN_F64, T, 8},
	                                {LOY_HISTORY_T, LOY_COLUMN_F64, T, 8}};
	loy_lifetime *model = form_model(0), *contract = form_model(28), *priced = priced_model(),
	             *plain = bare(LOY_LIFETIME_MBG_NBD, (const double[]){0.5, 6.0, 0.9, 1.6}, 4);
	loy_lifetime_ask asks[2] = {{.struct_size = sizeof(asks[0]), .quantity = LOY_ASK_ALIVE},
	                            {.struct_size = sizeof(asks[0]), .quantity = LOY_ASK_ALIVE}};
	loy_allocator broken = {0};
	double out;

	(void)state;
#define PREDICT(model, columns, n, asks, count)                                                              \
	loy_lifetime_predict(model, NULL, columns, n, 1, asks, count, NULL, NULL, NULL)
	assert_int_equal(PREDICT(model, columns, 3, asks, 2), LOY_OK);
	assert_int_equal(PREDICT(NULL, columns, 3, asks, 2), LOY_EINVAL);
	assert_int_equal(PREDICT(model, columns, 3, NULL, 2), LOY_EINVAL);
	assert_int_equal(PREDICT(model, columns, 3, asks, 0), LOY_EINVAL);
	assert_int_equal(PREDICT(model, columns, 3, asks, 1001), LOY_EINVAL);
	assert_int_equal(PREDICT(model, NULL, 3, asks, 2), LOY_EINVAL);
	assert_int_equal(PREDICT(model, columns, 4, asks, 2), LOY_EINVAL);
	assert_int_equal(PREDICT(model, columns, 2, asks, 2), LOY_EINVAL);
	assert_int_equal(PREDICT(model, columns, 1, asks, 2), LOY_EINVAL);
	assert_int_equal(PREDICT(model, columns + 1, 2, asks, 2), LOY_EINVAL);
	columns[3].field = LOY_HISTORY_X;
	assert_int_equal(PREDICT(model, columns + 2, 2, asks, 2), LOY_EINVAL); /* no t_x */
	assert_int_equal(PREDICT(contract, columns + 2, 2, asks, 2), LOY_OK);
	asks[0].quantity = LOY_ASK_SPEND;
	assert_int_equal(PREDICT(priced, columns, 1, asks, 1), LOY_OK);
	asks[0].quantity = LOY_ASK_RETENTION;
	assert_int_equal(PREDICT(model, columns, 3, asks, 2), LOY_EINVAL);
	asks[0].quantity = LOY_ASK_ALIVE;
	columns[0].type = 99;
	assert_int_equal(PREDICT(model, columns, 3, asks, 2), LOY_EINVAL);
	columns[0].type = LOY_COLUMN_F64;
	columns[0].data = NULL;
	assert_int_equal(PREDICT(model, columns, 3, asks, 2), LOY_EINVAL);
	columns[0].data = x;
	columns[0].field = 9;
	assert_int_equal(PREDICT(model, columns, 3, asks, 2), LOY_EINVAL);
	columns[0].field = LOY_HISTORY_X;
	asks[1].struct_size += 8;
	assert_int_equal(PREDICT(model, columns, 3, asks, 2), LOY_EINVAL);
	asks[1].struct_size -= 8;
	asks[0].struct_size -= 8;
	assert_int_equal(PREDICT(model, columns, 3, asks, 1), LOY_EINVAL);
	asks[0].struct_size += 9;
	assert_int_equal(PREDICT(model, columns, 3, asks, 1), LOY_EINVAL);
	asks[0].struct_size -= 1;
	asks[1].level = 2.0;
	assert_int_equal(PREDICT(model, columns, 3, asks, 2), LOY_ERANGE);
	asks[1].level = 0.0;
	asks[1].low = &out;
	assert_int_equal(PREDICT(plain, columns, 3, asks, 2), LOY_EUNKNOWN);
	asks[1].low = NULL;
	asks[1].high = &out;
	assert_int_equal(PREDICT(plain, columns, 3, asks, 2), LOY_EUNKNOWN);
	asks[1].high = NULL;
	asks[1].deviation = &out;
	assert_int_equal(PREDICT(plain, columns, 3, asks, 2), LOY_EUNKNOWN);
	asks[1].deviation = NULL;
	assert_int_equal(PREDICT(plain, columns, 3, asks, 2), LOY_OK);
	assert_true(isnan(asks[1].total_deviation));
	assert_int_equal(loy_lifetime_predict(model, NULL, columns, 3, 1, asks, 2, NULL, &broken, NULL),
	                 LOY_EINVAL);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(contract);
	loy_lifetime_destroy(priced);
	loy_lifetime_destroy(plain);
}

/* Rows that cannot be get NaN and a status, the first is named, the others and the total are as alone. */
static void rows_fail_alone(void **state)
{
	enum { ROWS = 300 };
	static double x[ROWS], t_x[ROWS], T[ROWS], spend[ROWS], weight[ROWS], out[ROWS][4];
	static loy_status status[ROWS];
	const loy_history_column columns[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, 8},
	                                      {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, 8},
	                                      {LOY_HISTORY_T, LOY_COLUMN_F64, T, 8},
	                                      {LOY_HISTORY_SPEND, LOY_COLUMN_F64, spend, 8},
	                                      {LOY_HISTORY_WEIGHT, LOY_COLUMN_F64, weight, 8}};
	static const uint32_t quantities[] = {LOY_ASK_ALIVE, LOY_ASK_PURCHASES, LOY_ASK_VALUE,
	                                      LOY_ASK_LOG_LIKELIHOOD, LOY_ASK_SPEND};
	loy_lifetime *model = form_model(0), *priced = priced_model();
	size_t i, q;

	(void)state;
	for (q = 0; q < COUNT(quantities); q++) {
		loy_error error = {.struct_size = sizeof(error)};
		loy_lifetime_ask ask = {.struct_size = sizeof(ask),
		                        .quantity = quantities[q],
		                        .to = 4.0,
		                        .value = &out[0][0],
		                        .value_stride = sizeof(out[0]),
		                        .deviation = &out[0][1],
		                        .deviation_stride = sizeof(out[0]),
		                        .low = &out[0][2],
		                        .low_stride = sizeof(out[0]),
		                        .high = &out[0][3],
		                        .high_stride = sizeof(out[0])};
		double total = 0.0;

		for (i = 0; i < ROWS; i++) {
			x[i] = (double)(i % 5);
			t_x[i] = x[i] > 0.0 ? 1.0 + (double)(i % 7) : 0.0;
			T[i] = 9.0;
			spend[i] = 10.0 + (double)(i % 3);
			weight[i] = 1.0 + (double)(i % 2);
		}
		spend[151] = -1.0;
		weight[202] = 0.0;
		weight[203] = 1e17;
		T[250] = (double)NAN;
		x[299] = 0.5;
		assert_int_equal(
		        loy_lifetime_predict(model, priced, columns, 5, ROWS, &ask, 1, status, NULL, &error),
		        LOY_OK);
		assert_int_equal(error.row, 151);
		assert_int_equal(error.field, LOY_HISTORY_SPEND);
		for (i = 0; i < ROWS; i++) {
			int flawed = i == 151 || i == 202 || i == 203 || i == 250 || i == 299;
			loy_history h = {.struct_size = sizeof(h),
			                 .x = x[i],
			                 .t_x = t_x[i],
			                 .T = T[i],
			                 .spend = spend[i]};
			loy_lifetime_estimate e;

			assert_int_equal(status[i], flawed ? LOY_ERANGE : LOY_OK);
			if (flawed) {
				assert_true(isnan(out[i][0]) && isnan(out[i][1]) && isnan(out[i][2]) &&
				            isnan(out[i][3]));
				continue;
			}
			assert_int_equal(evaluate(model, priced, &h,
			                          (loy_lifetime_ask){.quantity = quantities[q], .to = 4.0},
			                          &e),
			                 LOY_OK);
			assert_close(out[i][0], e.value, 1e-12, 1e-15);
			assert_close(out[i][1], e.deviation, 1e-9, 1e-15);
			assert_close(out[i][2], e.low, 1e-9, 1e-15);
			assert_close(out[i][3], e.high, 1e-9, 1e-15);
			total += e.value * weight[i];
		}
		assert_close(ask.total, total, 1e-12, 0.0);
		assert_true(ask.total_deviation > 0.0);
		assert_true(ask.total_low < ask.total && ask.total < ask.total_high);
	}
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(priced);
}

/* A sum of retentions is more than one customer's, and its interval is not a probability's. */
static void totals_of_contracts(void **state)
{
	static const uint8_t x[] = {0, 1, 0};
	static const int32_t T[] = {3, 2, 5};
	const loy_history_column columns[] = {{LOY_HISTORY_X, LOY_COLUMN_U8, x, 1},
	                                      {LOY_HISTORY_T, LOY_COLUMN_I32, T, 4}};
	loy_lifetime *model = form_model(31);
	loy_lifetime_ask ask = {
	        .struct_size = sizeof(ask), .quantity = LOY_ASK_RETENTION, .with_deviation = 1};

	(void)state;
	assert_int_equal(loy_lifetime_predict(model, NULL, columns, 2, 3, &ask, 1, NULL, NULL, NULL), LOY_OK);
	assert_true(ask.total > 1.0 && ask.total < 2.0);
	assert_true(ask.total_deviation > 0.0);
	assert_true(ask.total_low < ask.total && ask.total < ask.total_high);
	ask.with_deviation = 0;
	assert_int_equal(loy_lifetime_predict(model, NULL, columns, 2, 0, &ask, 1, NULL, NULL, NULL), LOY_OK);
	assert_close(ask.total, 0.0, 0.0, 0.0);
	assert_true(isnan(ask.total_deviation) && isnan(ask.total_low) && isnan(ask.total_high));
	loy_lifetime_destroy(model);
}

static void covariates_act(void **state)
{
	loy_lifetime *model = read_model("mbg-nbd 1\nform mixed mixed", "effects 1 2\n",
	                                 "r 0.5\nalpha 6\na 0.9\nb 1.6\ntrans.1 0.4\nlife.2 -0.3", 6);
	double z[2] = {0.0, 0.0}, p[60], more, none;
	loy_history h = {.struct_size = sizeof(h), .T = 8.0};
	loy_lifetime_ask ask = {.struct_size = sizeof(ask), .quantity = LOY_ASK_PURCHASES, .to = 5.0};
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime_estimate e;

	(void)state;
	assert_int_equal(evaluate(model, NULL, NULL, ask, &e), LOY_EINVAL);
	assert_int_equal(evaluate(model, NULL, &h, ask, &e), LOY_EINVAL);
	assert_int_equal(loy_lifetime_probabilities(model, NULL, 5.0, p, 60), LOY_EINVAL);
	h.covariates = z;
	h.covariate_count = 1;
	assert_int_equal(evaluate(model, NULL, &h, ask, &e), LOY_EINVAL);
	assert_int_equal(loy_lifetime_probabilities(model, &h, 5.0, p, 60), LOY_EINVAL);
	h.covariate_count = 2;
	z[0] = 1.0; /* buys faster */
	h.T = 0.0;
	none = value_of(model, NULL,
	                &(loy_history){.struct_size = sizeof(h),
	                               .covariate_count = 2,
	                               .covariates = (const double[]){0.0, 0.0}},
	                ask);
	assert_int_equal(evaluate(model, NULL, &h, ask, &e), LOY_OK);
	more = e.value;
	assert_true(more > none);
	assert_true(e.deviation > 0.0);
	ask.from = 2.0;
	assert_true(value_of(model, NULL, &h, ask) < more);
	ask.from = 0.0;
	assert_int_equal(loy_lifetime_probabilities(model, &h, 5.0, p, 60), LOY_OK);
	assert_true(p[0] > 0.0 && p[0] < 1.0);
	z[1] = 2e6;
	assert_int_equal(evaluate(model, NULL, &h, ask, &e), LOY_ERANGE);
	z[1] = (double)NAN;
	assert_int_equal(evaluate(model, NULL, &h, ask, &e), LOY_ERANGE);
	/* brand-new customers without columns have no covariates to tell */
	assert_int_equal(loy_lifetime_predict(model, NULL, NULL, 0, 1, &ask, 1, NULL, NULL, &error),
	                 LOY_EINVAL);
	assert_int_equal(error.field, LOY_HISTORY_COVARIATE);
	loy_lifetime_destroy(model);
}

/* Columns of covariates say what histories with them say, one by one and all together. */
static void covariates_come_in_columns(void **state)
{
	loy_lifetime *model = read_model("mbg-nbd 1\nform mixed mixed", "effects 1 2\n",
	                                 "r 0.5\nalpha 6\na 0.9\nb 1.6\ntrans.1 0.4\nlife.2 -0.3", 6);
	const double x[3] = {0.0, 2.0, 5.0}, t_x[3] = {0.0, 6.0, 9.0}, T[3] = {8.0, 8.0, 10.0};
	const double z[3][2] = {{0.0, 1.0}, {1.0, 0.0}, {1.0, 1.0}};
	loy_history_column columns[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, 8},
	                                {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, 8},
	                                {LOY_HISTORY_T, LOY_COLUMN_F64, T, 8},
	                                {LOY_HISTORY_COVARIATE, LOY_COLUMN_F64, &z[0][0], 16},
	                                {LOY_HISTORY_COVARIATE + 1, LOY_COLUMN_F64, &z[0][1], 16}};
	loy_lifetime_ask ask = {.struct_size = sizeof(ask), .quantity = LOY_ASK_PURCHASES, .to = 5.0};
	double found[3], deviation[3], sum = 0.0;
	loy_lifetime_estimate e;
	int i;

	(void)state;
	ask.value = found;
	ask.value_stride = 8;
	ask.deviation = deviation;
	ask.deviation_stride = 8;
	assert_int_equal(loy_lifetime_predict(model, NULL, columns, 5, 3, &ask, 1, NULL, NULL, NULL), LOY_OK);
	for (i = 0; i < 3; i++) {
		loy_history h = {.struct_size = sizeof(h), .x = x[i], .t_x = t_x[i], .T = T[i],
		                 .covariate_count = 2, .covariates = z[i]};

		assert_int_equal(evaluate(model, NULL, &h, ask, &e), LOY_OK);
		assert_bits_equal(found[i], e.value);
		assert_close(deviation[i], e.deviation, 1e-12, 0.0); /* the same differences, summed in another order */
		sum += found[i];
	}
	assert_close(ask.total, sum, 1e-15, 0.0);
	assert_int_equal(loy_lifetime_predict(model, NULL, columns, 4, 3, &ask, 1, NULL, NULL, NULL), LOY_EINVAL);
	loy_lifetime_destroy(model);
}

static void memory_may_run_out(void **state)
{
	loy_lifetime *model = form_model(0);
	loy_lifetime_ask ask = {.struct_size = sizeof(ask), .quantity = LOY_ASK_ALIVE};
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);

		status = loy_lifetime_predict(model, NULL, NULL, 0, 1, &ask, 1, NULL, &memory, NULL);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_int_equal(n, 3);
	assert_true(ask.total > 0.0 && ask.total <= 1.0);
	loy_lifetime_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_form_answers),   cmocka_unit_test(time_adds_up),
	        cmocka_unit_test(probabilities_add_up), cmocka_unit_test(probabilities_refuse),
	        cmocka_unit_test(ranges_of_asks),       cmocka_unit_test(spend_needs_a_spend_model),
	        cmocka_unit_test(evaluate_refuses),     cmocka_unit_test(a_split_rate_knows),
	        cmocka_unit_test(predict_refuses),      cmocka_unit_test(rows_fail_alone),
	        cmocka_unit_test(totals_of_contracts),  cmocka_unit_test(covariates_act),
	        cmocka_unit_test(covariates_come_in_columns),
	        cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
