/*
 * Laws of logistic fits on small tables of every kind: constant, equal and dependent columns, outcomes that are
 * separated, weights of 0, offsets, ridges, Firth's penalty, coefficients that are held, few rounds. Each fit ends in
 * a state, and what it says must be true of the rows.
 */
#include "support.h"

#include "numeric/numeric.h"

#include <math.h>

enum { ROWS = 14, COLUMNS = 5, ROUNDS = 6000 };

struct sample {
	double values[ROWS][COLUMNS], weights[ROWS]; /* columns: predictors, offset, outcome */
	uint32_t rows;
	loy_table table;
	loy_logistic_options options;
};

static uint32_t below(loy__random *r, uint32_t bound)
{
	return (uint32_t)loy__random_below(r, bound);
}

static double any_value(loy__random *r, uint32_t kind)
{
	switch (kind) {
	case 0:
		return (double)below(r, 2);
	case 1:
		return (double)below(r, 4) - 1.0;
	case 2:
		return 3.0 * loy__random_unit(r);
	case 3:
		return 7.0;
	default:
		return ldexp(loy__random_unit(r) - 0.5, (int)below(r, 60) - 20);
	}
}

static void invent(loy__random *r, struct sample *s)
{
	uint32_t i, j, depends = below(r, 6), tells = below(r, 4);

	memset(s, 0, sizeof(*s));
	s->rows = 2 + below(r, ROWS - 1);
	for (j = 0; j < 3; j++) {
		uint32_t kind = below(r, 5);

		for (i = 0; i < s->rows; i++)
			s->values[i][j] = any_value(r, kind);
	}
	for (i = 0; i < s->rows; i++) {
		double *v = s->values[i];

		if (depends == 0)
			v[2] = v[0] + v[1];
		else if (depends == 1)
			v[1] = -2.0 * v[0];
		v[3] = loy__random_unit(r) - 0.5;
		v[4] = tells == 0 ? v[0] > 0.5 : tells == 1 ? v[0] + v[1] > 1.0 : below(r, 2);
		if (below(r, 12) == 0)
			v[below(r, 3)] = (double)NAN;
		s->weights[i] = below(r, 5) == 0 ? (double)below(r, 4) : 0.25 + loy__random_unit(r);
	}
	s->table = support_table(s->values[0], s->rows, COLUMNS);
	if (below(r, 2) == 0)
		s->table.weights = s->weights;
}

static void choose(loy__random *r, struct sample *s)
{
	static const uint32_t predictors[3] = {0, 1, 2};
	loy_logistic_options *o = &s->options;

	o->struct_size = sizeof(*o);
	o->columns = COLUMNS;
	o->outcome = 4;
	o->predictors = predictors;
	o->predictor_count = 1 + below(r, 3);
	o->method = below(r, 3);
	o->weighting = below(r, 2);
	if (below(r, 3) == 0) {
		o->flags |= LOY_LOGISTIC_OFFSET;
		o->offset = 3;
	}
	if (below(r, 4) == 0) {
		o->flags |= LOY_LOGISTIC_HELD;
		o->held = below(r, o->predictor_count + 1);
	}
	if (below(r, 3) == 0)
		o->flags |= LOY_LOGISTIC_ROBUST;
	if (below(r, 4) == 0)
		o->iterations = 1 + below(r, 6);
	if (o->method == LOY_LOGISTIC_LIKELIHOOD && below(r, 3) == 0)
		o->ridge = ldexp(1.0, (int)below(r, 12) - 8);
}

/* Gradient of the objective with regard to coefficient j, by the rows; of plain likelihood and ridge alone. */
static double slope(const struct sample *s, const double *beta, uint32_t j, double *size)
{
	double sum = j == 0 ? 0.0 : -s->options.ridge * beta[j];
	uint32_t i, k;

	*size = 1.0;
	for (i = 0; i < s->rows; i++) {
		const double *v = s->values[i];
		double odds = beta[0], weight = s->table.weights != NULL ? s->weights[i] : 1.0;

		for (k = 0; k < s->options.predictor_count; k++)
			odds += beta[k + 1] * v[k];
		odds += s->options.flags & LOY_LOGISTIC_OFFSET ? v[3] : 0.0;
		if (isnan(odds) || !(weight > 0.0))
			continue;
		sum += weight * (v[4] - 1.0 / (1.0 + exp(-odds))) * (j == 0 ? 1.0 : v[j - 1]);
		*size += weight * (j == 0 ? 1.0 : fabs(v[j - 1]));
	}
	return sum;
}

static void coefficients_say_what_they_are(const struct sample *s, const loy_logistic *fit,
                                           const loy_logistic_summary *m)
{
	double beta[4] = {0.0}, left, size;
	uint32_t j, flawed = 0, odd = 0;

	for (j = 0; j <= s->options.predictor_count; j++) {
		loy_coefficient c = {.struct_size = sizeof(c)};

		assert_int_equal(loy_logistic_get_coefficient(fit, j, &c), LOY_OK);
		flawed += c.flaw != LOY_FLAW_NONE;
		odd += c.flaw == LOY_FLAW_INFINITE;
		assert_int_equal(isnan(c.value),
		                 c.flaw == LOY_FLAW_COLLINEAR ||
		                         (c.flaw == LOY_FLAW_CONSTANT && s->options.ridge == 0.0));
		if (isfinite(c.deviation) && c.deviation > 0.0)
			assert_true(c.low < c.value && c.value < c.high && c.p >= 0.0 && c.p <= 1.0);
		beta[j] = isfinite(c.value) ? c.value : 0.0;
	}
	assert_int_equal(odd > 0, m->state == LOY_LOGISTIC_SEPARATED);
	assert_true(m->state != LOY_LOGISTIC_ALIASED || flawed > 0);
	if ((m->state != LOY_LOGISTIC_CONVERGED && m->state != LOY_LOGISTIC_ALIASED) ||
	    s->options.method == LOY_LOGISTIC_FIRTH ||
	    (s->table.weights != NULL && s->options.weighting == LOY_WEIGHT_SURVEY))
		return;
	for (j = 0; j <= s->options.predictor_count; j++) {
		loy_coefficient c = {.struct_size = sizeof(c)};

		assert_int_equal(loy_logistic_get_coefficient(fit, j, &c), LOY_OK);
		if (c.flaw != LOY_FLAW_NONE ||
		    ((s->options.flags & LOY_LOGISTIC_HELD) != 0 && s->options.held == j))
			continue;
		/* at a maximum nothing is left but rounding, of sums as large as `size` */
		left = slope(s, beta, j, &size);
		assert_close(left, 0.0, 0.0, 1e-7 * size);
	}
}

static void chances_are_chances(const struct sample *s, const loy_logistic *fit)
{
	double chance[ROWS];
	uint32_t i;

	assert_int_equal(loy_logistic_predict(fit, &s->table, chance), LOY_OK);
	for (i = 0; i < s->rows; i++)
		assert_true(isnan(chance[i]) || (chance[i] >= 0.0 && chance[i] <= 1.0));
}

static void small_tables_of_every_kind(void **state)
{
	unsigned seen[6] = {0}, refused = 0, given_up = 0;
	uint64_t round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		loy_logistic_summary m = {.struct_size = sizeof(m)};
		const loy_table *tables[1];
		loy_logistic *fit = NULL;
		struct sample s;
		loy_status status;
		loy__random r;

		loy__random_init(&r, round);
		invent(&r, &s);
		choose(&r, &s);
		tables[0] = &s.table;
		status = loy_logistic_fit(&fit, tables, 1, &s.options, 1, NULL, NULL);
		if (status != LOY_OK) { /* no complete row, or all alike */
			assert_int_equal(status, LOY_EUNKNOWN);
			assert_null(fit);
			refused++;
			continue;
		}
		assert_int_equal(loy_logistic_get_summary(fit, &m), LOY_OK);
		assert_true(m.state >= LOY_LOGISTIC_CONVERGED && m.state <= LOY_LOGISTIC_STOPPED);
		assert_true(m.state == LOY_LOGISTIC_STOPPED || m.log_likelihood <= 0.0);
		assert_true(m.events > 0.0 && m.events < m.n);
		seen[m.state]++;
		given_up += m.state == LOY_LOGISTIC_STOPPED && s.options.iterations == 0;
		coefficients_say_what_they_are(&s, fit, &m);
		chances_are_chances(&s, fit);
		loy_logistic_destroy(fit);
	}
	print_message("%u converged, %u aliased, %u separated, %u shrunk, %u stopped, %u refused\n", seen[1],
	              seen[2], seen[3], seen[4], seen[5], refused);
	/* hopeless: columns that nearly depend, of sizes up to 2^40, or do and a ridge too small to help */
	assert_true(given_up < 20);
	/* what is looked at must have come up */
	for (round = LOY_LOGISTIC_CONVERGED; round <= LOY_LOGISTIC_STOPPED; round++)
		assert_true(seen[round] > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(small_tables_of_every_kind)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
