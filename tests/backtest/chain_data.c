#include "chain_data.h"

#include <math.h>

static int by_time(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;

	if (x->customer != y->customer)
		return x->customer < y->customer ? -1 : 1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

void make_chain(uint32_t customers, struct facts *facts, struct truths *truths)
{
	struct settings settings = {2026, customers, 730, 19723 * LOY_DAY};
	size_t i, kept = 0;
	uint32_t customer;

	for (customer = 1; customer <= customers; customer++)
		assert_true(chain_customer(&settings, customer, facts, truths));
	qsort(facts->list, facts->count, sizeof(*facts->list), by_time);
	for (i = 0; i < facts->count; i++)
		if (kept == 0 || by_time(&facts->list[kept - 1], &facts->list[i]) != 0)
			facts->list[kept++] = facts->list[i];
	facts->count = kept;
}

void fill_event(loy_event *event, const struct fact *fact)
{
	int k;

	assert_int_equal(loy_event_begin(event, fact->kind, fact->time), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, fact->customer, fact->sequence), LOY_OK);
	for (k = 0; k < fact->count; k++)
		assert_int_equal(loy_event_set(event, fact->field[k], fact->value[k]), LOY_OK);
}

double answer_of(const struct fact *fact, uint32_t instrument)
{
	double value = 0.0, least = 0.0, greatest = 1.0;
	int k, asked = 0;

	if (fact->kind != LOY_KIND_SURVEY_ANSWER)
		return -1.0;
	for (k = 0; k < fact->count; k++) {
		double v = (double)fact->value[k];

		if (fact->field[k] == LOY_FIELD_INSTRUMENT)
			asked = fact->value[k] == (int64_t)instrument;
		else if (fact->field[k] == LOY_FIELD_VALUE)
			value = v;
		else if (fact->field[k] == LOY_FIELD_SCALE_MIN)
			least = v;
		else if (fact->field[k] == LOY_FIELD_SCALE_MAX)
			greatest = v;
	}
	return asked ? (value - least) / (greatest - least) : -1.0;
}

int is_training(uint32_t customer)
{
	return customer % 2 == 0;
}

double state_of(const struct truth *truth, int state)
{
	const int32_t millionths[STATE_COUNT] = {truth->value, truth->satisfaction, truth->trust,
	                                         truth->loyalty};

	return millionths[state] / 1e6;
}

int is_gone(const struct truth *truth)
{
	return state_of(truth, STATE_LOYALTY) < 0.1;
}

/* Variance of an answer given with a normal error of `noise` and read on steps + 1 points, at a share. */
static double answer_variance(double share, double noise, int steps)
{
	double sum = 0.0, squares = 0.0, weight = 0.0, z;

	for (z = -4.0; z <= 4.0; z += 0.05) {
		double heard = fmin(fmax(share + noise * z, 0.0), 1.0);
		double read = floor(heard * steps + 0.5) / steps, density = exp(-0.5 * z * z);

		sum += density * read;
		squares += density * read * read;
		weight += density;
	}
	return squares / weight - sum / weight * (sum / weight);
}

double survey_error(const struct truths *truths, int state, double noise, int steps)
{
	double at[101], sum = 0.0, count = 0.0;
	size_t i;

	for (i = 0; i <= 100; i++)
		at[i] = answer_variance((double)i / 100.0, noise, steps);
	for (i = 0; i < truths->count; i++)
		if (is_training(truths->list[i].customer)) {
			sum += at[(int)(100.0 * state_of(&truths->list[i], state) + 0.5)];
			count += 1.0;
		}
	return sum / count;
}
