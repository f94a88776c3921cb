/* Answers on a declared scale, counted: how they come in, and sums over points. */
#include "insight.h"

#include <math.h>

#define GRID      0x1p40 /* multiples of a weight of 1 */
#define SCALE_MAX 1000000

/* ---- weights on the grid ---- */

/* A number from 0 to below 2^80 in multiples of 2^-40, halves to even. */
static loy__wide on_grid(double x)
{
	double high = floor(x * 0x1p-24), low = (x - high * 0x1p24) * GRID;
	loy__wide out;

	if (low < 0x1p52)
		low = (low + 0x1p52) - 0x1p52;
	out.high = (int64_t)high;
	out.low = (uint64_t)low;
	return out;
}

static double off_grid(loy__wide sum)
{
	return loy__wide_to_double(sum) / GRID;
}

static int add_point(loy__point *to, const loy__point *from)
{
	loy__point sum;

	sum.rows = to->rows + from->rows;
	if (sum.rows < to->rows || !loy__wide_add(to->weight, from->weight, &sum.weight) ||
	    !loy__wide_add(to->square, from->square, &sum.square))
		return 0;
	*to = sum;
	return 1;
}

/* ---- creation ---- */

loy_status loy_answers_create(loy_answers **out, const loy_scale *scale, const loy_allocator *memory)
{
	loy_allocator adopted;
	loy_scale known;
	size_t points, bytes;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (scale == NULL || loy__options_read(&known, sizeof(known), scale) != LOY_OK ||
	    known.reserved != 0 || known.weighting > LOY_WEIGHT_SURVEY || known.low >= known.high ||
	    known.step < 0 || known.low < -SCALE_MAX || known.high > SCALE_MAX ||
	    loy__memory_adopt(&adopted, memory) != LOY_OK)
		return LOY_EINVAL;
	known.step = known.step != 0 ? known.step : 1;
	if ((known.high - known.low) % known.step != 0)
		return LOY_EINVAL;
	points = (size_t)((known.high - known.low) / known.step) + 1;
	if (points > LOY_SCALE_POINTS_MAX)
		return LOY_ELIMIT;
	bytes = sizeof(**out) + points * sizeof(loy__point);
	*out = loy__alloc_zero(&adopted, bytes);
	if (*out == NULL)
		return LOY_ENOMEM;
	(*out)->memory = adopted;
	(*out)->scale = known;
	(*out)->points = points;
	(*out)->point = (loy__point *)(void *)(*out + 1);
	return LOY_OK;
}

void loy_answers_destroy(loy_answers *answers)
{
	loy_allocator memory;

	if (answers == NULL)
		return;
	memory = answers->memory; /* it lies in the block: copy it out */
	loy__free(&memory, answers, sizeof(*answers) + answers->points * sizeof(loy__point));
}

int32_t loy__answer_of(const loy_answers *answers, size_t point)
{
	return answers->scale.low + (int32_t)point * answers->scale.step;
}

int64_t loy__point_of(const loy_answers *answers, double answer)
{
	double point = (answer - answers->scale.low) / answers->scale.step;

	return point >= 0.0 && point < (double)answers->points && point == floor(point) ? (int64_t)point : -1;
}

/* ---- answers in ---- */

static loy_status look_at_row(const loy_answers *a, double value, double weight, uint64_t row,
                              uint32_t column, loy_error *error)
{
	if (!(weight >= 0.0 && weight < 0x1p40))
		return loy__fail_row(error, LOY_ERANGE, (int64_t)row, column, "a weight lies in [0, 2^40)");
	if (value == value && loy__point_of(a, value) < 0)
		return loy__fail_row(error, LOY_ERANGE, (int64_t)row, column,
		                     "an answer is not on the declared scale");
	return LOY_OK;
}

/* Add points counted apart, all or none. */
static loy_status add_points(loy_answers *a, const loy__point *from)
{
	size_t i;

	for (i = 0; i < a->points; i++) {
		loy__point trial = a->point[i];

		if (!add_point(&trial, &from[i]))
			return LOY_EOVERFLOW;
	}
	for (i = 0; i < a->points; i++)
		(void)add_point(&a->point[i], &from[i]);
	return LOY_OK;
}

/* Count rows, known to be good, into fresh points. */
static loy_status count_rows(const loy_answers *a, const loy_table *table, uint32_t column, loy__point *to,
                             uint64_t *missing)
{
	uint64_t row;

	for (row = 0; row < table->rows; row++) {
		double value = loy__table_value(table, column, row), weight = loy__table_weight(table, row);
		loy__point one;

		if (value != value) {
			++*missing;
			continue;
		}
		if (weight == 0.0)
			continue; /* stands for nobody */
		one.rows = 1;
		one.weight = on_grid(weight);
		one.square = on_grid(weight * weight);
		if (!add_point(&to[loy__point_of(a, value)], &one))
			return LOY_EOVERFLOW;
	}
	return LOY_OK;
}

loy_status loy_answers_add(loy_answers *answers, const loy_table *table, uint32_t column, loy_error *error)
{
	uint64_t row, missing = 0;
	size_t bytes;
	loy__point *fresh;
	loy_status status;

	if (answers == NULL)
		return loy__fail(error, LOY_EINVAL, "there is nothing to add to");
	status = loy__table_check(table, error);
	if (status != LOY_OK)
		return status;
	if (column >= table->columns)
		return loy__fail(error, LOY_ENOTFOUND, "the table has no such column");
	for (row = 0; row < table->rows && status == LOY_OK; row++)
		status = look_at_row(answers, loy__table_value(table, column, row), loy__table_weight(table, row), row,
		                     column, error);
	if (status != LOY_OK)
		return status;
	bytes = answers->points * sizeof(*fresh);
	fresh = loy__alloc_zero(&answers->memory, bytes);
	if (fresh == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory to count answers");
	status = count_rows(answers, table, column, fresh, &missing);
	if (status == LOY_OK && missing > UINT64_MAX - answers->missing)
		status = LOY_EOVERFLOW;
	if (status == LOY_OK)
		status = add_points(answers, fresh);
	if (status == LOY_OK)
		answers->missing += missing;
	else
		(void)loy__fail(error, status, "weights add up beyond what can be counted");
	loy__free(&answers->memory, fresh, bytes);
	return status;
}

loy_status loy_answers_count(loy_answers *answers, int32_t answer, uint64_t count)
{
	loy__point some;
	int64_t point;

	if (answers == NULL)
		return LOY_EINVAL;
	point = loy__point_of(answers, answer);
	if (point < 0)
		return LOY_ERANGE;
	some.rows = count;
	some.weight.high = (int64_t)(count >> 24); /* count times 2^40 */
	some.weight.low = count << 40;
	some.square = some.weight;
	return add_point(&answers->point[point], &some) ? LOY_OK : LOY_EOVERFLOW;
}

loy_status loy_answers_merge(loy_answers *into, const loy_answers *from)
{
	loy_status status;

	if (into == NULL || from == NULL || into->scale.low != from->scale.low ||
	    into->scale.high != from->scale.high || into->scale.step != from->scale.step ||
	    into->scale.weighting != from->scale.weighting)
		return LOY_EINVAL;
	if (from->missing > UINT64_MAX - into->missing)
		return LOY_EOVERFLOW;
	status = add_points(into, from->point);
	if (status == LOY_OK)
		into->missing += from->missing;
	return status;
}

loy_status loy_answers_get(const loy_answers *answers, int32_t answer, uint64_t *rows, double *weight)
{
	int64_t point;

	if (answers == NULL || rows == NULL)
		return LOY_EINVAL;
	point = loy__point_of(answers, answer);
	if (point < 0)
		return LOY_ERANGE;
	*rows = answers->point[point].rows;
	if (weight != NULL)
		*weight = off_grid(answers->point[point].weight);
	return LOY_OK;
}

uint64_t loy_answers_missing(const loy_answers *answers)
{
	return answers != NULL ? answers->missing : 0;
}

/* ---- sums over points ---- */

double loy__number_in_band(double answer, const double with[2])
{
	return answer >= with[0] && answer <= with[1] ? 1.0 : 0.0;
}

loy_status loy__answers_tally(const loy_answers *answers, loy__number number, const double with[2],
                              loy__tally *out)
{
	double weight = 0.0, sum = 0.0, spread = 0.0, squares = 0.0, kish = 0.0;
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < answers->points; i++) {
		double w = off_grid(answers->point[i].weight);

		out->rows += answers->point[i].rows;
		weight += w;
		sum += w * number(loy__answer_of(answers, i), with);
	}
	if (!(weight > 0.0))
		return LOY_EUNKNOWN;
	out->mean = sum / weight;
	for (i = 0; i < answers->points; i++) {
		double gap = number(loy__answer_of(answers, i), with) - out->mean,
		       square = off_grid(answers->point[i].square);

		spread += off_grid(answers->point[i].weight) * (gap * gap);
		squares += square * (gap * gap);
		kish += square;
	}
	out->spread = spread / weight;
	out->n = answers->scale.weighting == LOY_WEIGHT_SURVEY ? (double)out->rows : weight;
	out->variance = answers->scale.weighting == LOY_WEIGHT_SURVEY ? squares / weight / weight
	                                                              : out->spread / weight;
	out->effective = out->n;
	if (answers->scale.weighting == LOY_WEIGHT_SURVEY)
		out->effective = out->variance > 0.0 ? out->spread / out->variance : weight / kish * weight;
	return LOY_OK;
}

loy_status loy__confidence_read(double confidence, double *out)
{
	if (!(confidence >= 0.0 && confidence < 1.0))
		return LOY_EINVAL;
	*out = confidence > 0.0 ? confidence : 0.95;
	return LOY_OK;
}

void loy__interval_fill(loy_interval *out, double centre, double half, double least, double most)
{
	memset(out, 0, sizeof(*out));
	out->centre = centre;
	out->low = centre - half;
	out->high = centre + half;
	if (half == 0.0)
		out->flags |= LOY_INTERVAL_DEGENERATE;
	if (out->low < least || out->high > most)
		out->flags |= LOY_INTERVAL_BEYOND;
}
