/*
 * Test of proportional hazards (Grambsch & Therneau 1994): were the coefficients b + c g(t), would c be 0? The score
 * of c at the fit is the sum over event times of g times the score there, and the information of (b, c) has blocks
 * sum V, sum g V, sum g² V, V being the information at each time. As b is at its maximum, the statistic is
 * score' (I_cc - I_cb I_bb^-1 I_bc)^-1 score; shifting g by a constant does not change it, so g is centred.
 */
#include "cox.h"

#include <math.h>

struct test {
	loy__cox_data *data;
	const loy_cox *cox;
	size_t columns, kept_count;
	uint32_t kept[LOY_SURVIVAL_COVARIATES_MAX]; /* columns that have a coefficient */
	double *clock, *square;                     /* g and its square, of each block with an event */
	double *at, *score, *unused;
	double *plain, *once, *twice; /* sum V, sum g V, sum g² V */
	double *joint;                /* of b and the c tested */
	double *solution;
};

static size_t doubles_needed(size_t columns, size_t blocks)
{
	return 2 * blocks + 3 * columns + 3 * columns * columns + 4 * columns * columns + 2 * columns;
}

/* ---- the clock ---- */

/* The survival just before each event time, of all strata together. */
static loy_status read_curve(struct test *t, const double *times)
{
	loy_curve_options options = {.struct_size = sizeof(options), .limits = LOY_LIMITS_PLAIN};
	loy_curve *curve = NULL;
	loy_status status = loy_curve_create(&curve, t->data->survival, &options, &t->data->memory);
	double before = 1.0;
	uint64_t point = 0;
	size_t i;

	if (status != LOY_OK)
		return status;
	for (i = 0; i < t->data->blocks; i++) {
		loy_curve_point p = {.struct_size = sizeof(p)};

		while (loy_curve_get(curve, point, &p) == LOY_OK && p.time < times[i]) {
			before = p.survival;
			point++;
		}
		t->clock[i] = 1.0 - before;
	}
	loy_curve_destroy(curve);
	return LOY_OK;
}

/* The time of each block with an event, in order. */
static void fill_times(const struct test *t, double *times)
{
	size_t i, at = 0;
	int found = 0;

	for (i = 0; i < t->data->rows; i++) {
		if ((t->data->mark[i] & LOY__COX_FIRST) != 0)
			found = 0;
		if ((t->data->mark[i] & LOY__COX_EVENT) != 0 && !found) {
			found = 1;
			times[at++] =
			        loy__from_word(loy__survival_row(t->data->survival, i)[LOY__SUBJECT_TIME]);
		}
	}
}

static loy_status fill_clock(struct test *t, uint32_t clock)
{
	double *times = t->square, sum = 0.0; /* no longer times once they have been read */
	size_t blocks = t->data->blocks, i;
	loy_status status = LOY_OK;

	fill_times(t, times);
	if (clock == LOY_CLOCK_KM) {
		status = read_curve(t, times);
	} else {
		if (clock == LOY_CLOCK_LOG && times[0] == 0.0)
			return LOY_ERANGE;
		for (i = 0; i < blocks; i++)
			t->clock[i] = clock == LOY_CLOCK_LOG ? loy__log(times[i]) : times[i];
	}
	for (i = 0; i < blocks && status == LOY_OK; i++)
		sum += t->clock[i];
	for (i = 0; i < blocks && status == LOY_OK; i++) {
		t->clock[i] -= sum / (double)blocks;
		t->square[i] = t->clock[i] * t->clock[i];
	}
	return status;
}

/* ---- the test ---- */

static void evaluate(struct test *t)
{
	loy__cox_sums sums = {0};

	sums.score = t->unused;
	sums.information = t->plain;
	loy__cox_evaluate(t->data, t->at, &sums);
	sums.information = t->twice;
	sums.factors = t->square;
	loy__cox_evaluate(t->data, t->at, &sums);
	sums.score = t->score;
	sums.information = t->once;
	sums.factors = t->clock;
	loy__cox_evaluate(t->data, t->at, &sums);
}

/* All coefficients and those of g for tested[0 … count): joint information, and the quadratic form of the score. */
static loy_status solve(struct test *t, const uint32_t *tested, size_t count, double *chi_square)
{
	size_t known = t->kept_count, all = known + count, p = t->columns, i, j;

	for (i = 0; i < all; i++) {
		size_t row = i < known ? t->kept[i] : tested[i - known];

		for (j = 0; j <= i; j++) {
			size_t column = j < known ? t->kept[j] : tested[j - known];
			const double *from = i < known ? t->plain : j < known ? t->once : t->twice;

			t->joint[i * all + j] = from[row * p + column];
		}
		t->solution[i] = i < known ? 0.0 : t->score[row];
	}
	if (loy__cholesky(t->joint, all, 1e-11, NULL) != LOY_OK)
		return LOY_EUNKNOWN; /* g takes one value: nothing to see a change with */
	loy__cholesky_solve(t->joint, all, t->solution);
	*chi_square = 0.0;
	for (i = 0; i < count; i++)
		*chi_square += t->score[tested[i]] * t->solution[known + i];
	return LOY_OK;
}

static void lay_out(struct test *t, double *block)
{
	size_t p = t->columns, i;

	t->clock = block;
	t->square = t->clock + t->data->blocks;
	t->at = t->square + t->data->blocks;
	t->score = t->at + p;
	t->unused = t->score + p;
	t->plain = t->unused + p;
	t->once = t->plain + p * p;
	t->twice = t->once + p * p;
	t->joint = t->twice + p * p;
	t->solution = t->joint + 4 * p * p;
	for (i = 0; i < p; i++)
		t->at[i] = t->cox->value[i] * t->data->scale[i];
}

static loy_status run(struct test *t, uint32_t clock, uint32_t index, loy_proportionality *result)
{
	size_t doubles = doubles_needed(t->columns, t->data->blocks), bytes, count = 1;
	const uint32_t *tested = &index;
	double *block = NULL;
	loy_status status;

	if (loy__mul_size(doubles, sizeof(*block), &bytes))
		block = loy__alloc(&t->data->memory, bytes);
	if (block == NULL)
		return LOY_ENOMEM;
	lay_out(t, block);
	status = fill_clock(t, clock);
	if (index == LOY_COX_ALL) {
		tested = t->kept;
		count = t->kept_count;
	}
	if (status == LOY_OK) {
		evaluate(t);
		status = solve(t, tested, count, &result->chi_square);
	}
	if (status == LOY_OK) {
		result->degrees = (uint32_t)count;
		status = loy__chi_square(result->chi_square > 0.0 ? result->chi_square : 0.0, (double)count,
		                         NULL, &result->p);
	}
	loy__free(&t->data->memory, block, bytes);
	return status;
}

/* LOY_OK when the request can be answered at all. */
static loy_status check(const loy_cox *cox, const loy_survival *survival, uint32_t clock, uint32_t index)
{
	if (cox == NULL || survival == NULL || clock > LOY_CLOCK_LOG ||
	    survival->covariates != cox->columns || survival->subjects != cox->summary.subjects)
		return LOY_EINVAL;
	if (!survival->sorted || cox->summary.state > LOY_COX_ALIASED)
		return LOY_ESTATE;
	if (cox->summary.degrees == 0 ||
	    (index != LOY_COX_ALL && (index >= cox->columns || cox->flaw[index] != LOY_COX_FINITE)))
		return LOY_ENOTFOUND;
	return LOY_OK;
}

/* The data as the fit saw it. Its options have a stack frame of their own. */
static LOY__NOINLINE loy_status fill_data(loy__cox_data *data, const loy_survival *survival, const loy_cox *cox,
                                          const loy_allocator *memory)
{
	loy_cox_options options = {.struct_size = sizeof(options)};

	options.flags = cox->flags;
	options.ties = cox->ties;
	return loy__cox_data_fill(data, survival, &options, memory);
}

loy_status loy_cox_proportionality(const loy_cox *cox, const loy_survival *survival, uint32_t clock,
                                   uint32_t index, loy_proportionality *out, const loy_allocator *memory)
{
	loy_status status = check(cox, survival, clock, index);
	loy_proportionality result = {0};
	loy_allocator chosen;
	loy__cox_data data;
	struct test t = {0};
	uint32_t i;

	if (out == NULL || (status == LOY_OK && loy__memory_adopt(&chosen, memory) != LOY_OK))
		return LOY_EINVAL;
	if (status != LOY_OK)
		return status;
	t.cox = cox;
	t.columns = cox->columns;
	t.data = &data;
	for (i = 0; i < cox->columns; i++) {
		if (cox->flaw[i] == LOY_COX_FINITE)
			t.kept[t.kept_count++] = i;
	}
	status = fill_data(&data, survival, cox, &chosen);
	if (status == LOY_OK)
		status = data.events == cox->summary.events ? run(&t, clock, index, &result) : LOY_EINVAL;
	loy__cox_data_free(&data);
	return status == LOY_OK ? loy__result_write(out, &result, sizeof(result)) : status;
}
