/*
 * Histories: distinct rows with integer weights, found by a hash. Adding commutes because weights are
 * integers, and what is read out goes in canonical order, so neither order nor split shows.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

#define ROWS_MAX        (UINT32_C(1) << 31)
#define CUSTOMERS_MAX   (UINT64_C(1) << 53) /* sums of weights stay exact as doubles */
#define TIME_MAX        1e12
#define SPEND_MAX       1e18
#define COVARIATE_MAX   1e6
#define OPPORTUNITY_MAX 10000.0
#define PERIODS_MAX     100000.0
#define INTERVAL_SLACK  1e-6 /* of the bound on logs of intervals, relative to its terms */
#define SLOTS_FIRST     64u

loy_status loy_lifetime_data_create(loy_lifetime_data **out, const loy_lifetime_data_options *options,
                                    const loy_allocator *memory)
{
	loy_lifetime_data_options chosen = {0};
	loy_lifetime_data fresh;
	loy_status status;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	memset(&fresh, 0, sizeof(fresh));
	status = loy__options_read(&chosen, sizeof(chosen), options);
	if (status == LOY_OK)
		status = loy__memory_adopt(&fresh.memory, memory);
	if (status != LOY_OK)
		return status;
	if ((chosen.flags & ~(uint32_t)(LOY_DATA_SPEND_REQUIRED | LOY_DATA_INTERVALS)) != 0 ||
	    chosen.kind > LOY_LIFETIME_CONTRACTS)
		return LOY_EINVAL;
	if (chosen.unit < 0 || chosen.covariate_count > LOY_LIFETIME_COVARIATES_MAX)
		return LOY_ERANGE;
	fresh.flags = chosen.flags;
	fresh.kind = chosen.kind;
	fresh.covariates = chosen.covariate_count;
	fresh.unit = chosen.unit != 0 ? chosen.unit : LOY_WEEK;
	fresh.stride = LOY__ROW_FIXED + chosen.covariate_count;
	*out = loy__alloc(&fresh.memory, sizeof(**out));
	if (*out == NULL)
		return LOY_ENOMEM;
	**out = fresh;
	return LOY_OK;
}

void loy_lifetime_data_destroy(loy_lifetime_data *data)
{
	if (data != NULL) {
		loy_allocator memory = data->memory;

		loy__free(&memory, data->rows, data->capacity * data->stride * sizeof(double));
		loy__free(&memory, data->weights, data->capacity * sizeof(uint64_t));
		loy__free(&memory, data->index, data->slots * sizeof(uint32_t));
		loy__free(&memory, data, sizeof(*data));
	}
}

static int whole(double v, double most)
{
	return v >= 0.0 && v <= most && v == floor(v);
}

uint32_t loy__times_flaw(uint32_t kind, double x, double t_x, double T)
{
	switch (kind) {
	case LOY_LIFETIME_CONTRACTS:
		if (!whole(x, 1.0))
			return LOY_HISTORY_X;
		return !whole(T, PERIODS_MAX) || (x > 0.0 && T < 1.0) ? LOY_HISTORY_T : 0;
	case LOY_LIFETIME_OPPORTUNITIES:
		if (!whole(T, OPPORTUNITY_MAX))
			return LOY_HISTORY_T;
		if (!whole(t_x, T))
			return LOY_HISTORY_T_X;
		return !whole(x, t_x) || (x == 0.0 && t_x > 0.0) ? LOY_HISTORY_X : 0;
	default:
		if (!whole(x, (double)UINT32_MAX))
			return LOY_HISTORY_X;
		if (!(T >= 0.0 && T <= TIME_MAX))
			return LOY_HISTORY_T;
		return !(t_x >= 0.0 && t_x <= T) || (x == 0.0 && t_x > 0.0) ? LOY_HISTORY_T_X : 0;
	}
}

/* Logs of x intervals that add up to t_x cannot add up to more than those of equal intervals. */
static int intervals_fit(double intervals, double x, double t_x)
{
	double most;

	if (!(t_x > 0.0) || !(fabs(intervals) <= DBL_MAX))
		return 0;
	most = x * (loy__log(t_x) - loy__log(x));
	return intervals <= most + INTERVAL_SLACK * (fabs(most) + x);
}

loy_status loy__data_check(const loy_lifetime_data *data, const double values[LOY__ROW_FIXED],
                           const double *covariates, double *row, uint32_t *field)
{
	double x = values[0] + 0.0, T = values[1] + 0.0, t_x = values[2] + 0.0, intervals = 0.0, spend = 0.0;
	uint32_t i;

	if (data->kind == LOY_LIFETIME_CONTRACTS)
		t_x = 0.0;
	*field = loy__times_flaw(data->kind, x, t_x, T);
	if (*field == 0 && (data->flags & LOY_DATA_INTERVALS) != 0 && x > 0.0) {
		intervals = values[3] + 0.0;
		*field = intervals_fit(intervals, x, t_x) ? 0 : LOY_HISTORY_INTERVALS;
	}
	if (*field == 0 && x > 0.0 && data->kind != LOY_LIFETIME_CONTRACTS) {
		spend = values[4] + 0.0;
		if (!(spend >= 0.0 && spend <= SPEND_MAX) ||
		    (spend == 0.0 && (data->flags & LOY_DATA_SPEND_REQUIRED) != 0))
			*field = LOY_HISTORY_SPEND;
	}
	row[LOY__AT_X] = x;
	row[LOY__AT_T] = T;
	row[LOY__AT_T_X] = t_x;
	for (i = 0; i < data->covariates; i++) {
		row[LOY__AT_COVARIATES + i] = covariates[i] + 0.0;
		if (*field == 0 && !(fabs(covariates[i]) <= COVARIATE_MAX))
			*field = LOY_HISTORY_COVARIATE + i;
	}
	row[LOY__AT_COVARIATES + i] = intervals;
	row[LOY__AT_COVARIATES + i + 1] = spend;
	return *field == 0 ? LOY_OK : LOY_ERANGE;
}

static uint64_t hash_row(const double *row, size_t stride)
{
	uint64_t hash = 0, bits;
	size_t i;

	for (i = 0; i < stride; i++) {
		memcpy(&bits, &row[i], sizeof(bits));
		hash = (hash ^ bits) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return loy__mix64(hash);
}

/* Where a row is in the index, or the free slot it would take. */
static size_t find_slot(const loy_lifetime_data *data, const double *row)
{
	size_t mask = data->slots - 1, at = (size_t)hash_row(row, data->stride) & mask;

	while (data->index[at] != 0 &&
	       memcmp(loy__data_row(data, data->index[at] - 1), row, data->stride * sizeof(double)) != 0)
		at = (at + 1) & mask;
	return at;
}

/* Twice the slots, before the table is three quarters full. */
static loy_status grow_index(loy_lifetime_data *data)
{
	size_t slots = data->slots != 0 ? data->slots * 2 : SLOTS_FIRST, old = data->slots, row;
	uint32_t *fresh, *former = data->index;

	if (data->count + 1 <= old / 4 * 3)
		return LOY_OK;
	fresh = loy__alloc_zero(&data->memory, slots * sizeof(uint32_t));
	if (fresh == NULL)
		return LOY_ENOMEM;
	data->index = fresh;
	data->slots = slots;
	for (row = 0; row < data->count; row++) {
		size_t at = (size_t)hash_row(loy__data_row(data, row), data->stride) & (slots - 1);

		while (fresh[at] != 0)
			at = (at + 1) & (slots - 1);
		fresh[at] = (uint32_t)row + 1;
	}
	loy__free(&data->memory, former, old * sizeof(uint32_t));
	return LOY_OK;
}

/* Room for one more row. Two arrays of one capacity: the second may fail after the first, which is then cut. */
static loy_status grow_rows(loy_lifetime_data *data)
{
	size_t capacity = data->capacity, row_size = data->stride * sizeof(double), more;
	void *rows, *weights;

	if (data->count < capacity)
		return LOY_OK;
	more = capacity < 16 ? 16 : (capacity < ROWS_MAX / 2 ? capacity * 2 : ROWS_MAX);
	if (data->count >= ROWS_MAX || more > SIZE_MAX / row_size)
		return LOY_ELIMIT;
	weights = loy__alloc(&data->memory, more * sizeof(uint64_t));
	if (weights == NULL)
		return LOY_ENOMEM;
	rows = capacity == 0 ? loy__alloc(&data->memory, more * row_size)
	                     : loy__resize(&data->memory, data->rows, capacity * row_size, more * row_size);
	if (rows == NULL) {
		loy__free(&data->memory, weights, more * sizeof(uint64_t));
		return LOY_ENOMEM;
	}
	if (data->count > 0)
		memcpy(weights, data->weights, data->count * sizeof(uint64_t));
	loy__free(&data->memory, data->weights, capacity * sizeof(uint64_t));
	data->rows = rows;
	data->weights = weights;
	data->capacity = more;
	return LOY_OK;
}

loy_status loy__data_add_row(loy_lifetime_data *data, const double *row, uint64_t weight)
{
	loy_status status;
	size_t at;

	if (weight > CUSTOMERS_MAX - data->customers)
		return LOY_EOVERFLOW;
	status = grow_index(data);
	if (status != LOY_OK)
		return status;
	at = find_slot(data, row);
	if (data->index[at] != 0) {
		data->weights[data->index[at] - 1] += weight;
	} else {
		status = grow_rows(data);
		if (status != LOY_OK)
			return status;
		memcpy(data->rows + data->count * data->stride, row, data->stride * sizeof(double));
		data->weights[data->count] = weight;
		data->index[at] = (uint32_t)++data->count;
	}
	data->customers += weight;
	return LOY_OK;
}

loy_status loy_lifetime_data_add(loy_lifetime_data *data, const loy_history *history, loy_error *error)
{
	double row[LOY__STRIDE_MAX], values[LOY__ROW_FIXED];
	loy_history given = {0};
	loy_status status;
	uint32_t field;

	if (data == NULL || history == NULL)
		return loy__fail(error, LOY_EINVAL, "no accumulator or no history");
	status = loy__options_read(&given, sizeof(given), history);
	if (status != LOY_OK || given.covariate_count != data->covariates ||
	    (given.covariate_count > 0 && given.covariates == NULL))
		return loy__fail(error, LOY_EINVAL, "the history has another size or number of covariates");
	values[0] = given.x;
	values[1] = given.T;
	values[2] = given.t_x;
	values[3] = given.intervals;
	values[4] = given.spend;
	status = loy__data_check(data, values, given.covariates, row, &field);
	if (status != LOY_OK)
		return loy__fail_row(error, status, 0, field, "a value of the history cannot be");
	status = loy__data_add_row(data, row, given.weight != 0 ? given.weight : 1);
	return status == LOY_OK ? LOY_OK : loy__fail(error, status, loy_status_text(status));
}

void loy__data_take_back(loy_lifetime_data *data, const double *row, uint64_t weight)
{
	data->weights[data->index[find_slot(data, row)] - 1] -= weight;
	data->customers -= weight;
}

void loy__data_cut(loy_lifetime_data *data, size_t count)
{
	size_t i;

	if (data->count == count)
		return;
	data->count = count;
	memset(data->index, 0, data->slots * sizeof(uint32_t));
	for (i = 0; i < count; i++)
		data->index[find_slot(data, loy__data_row(data, i))] = (uint32_t)i + 1;
}

loy_status loy_lifetime_data_merge(loy_lifetime_data *data, const loy_lifetime_data *from)
{
	size_t i, count, before;
	loy_status status = LOY_OK;

	if (data == NULL || from == NULL || data->flags != from->flags || data->kind != from->kind ||
	    data->covariates != from->covariates || data->unit != from->unit)
		return LOY_EINVAL;
	if (from->customers > CUSTOMERS_MAX - data->customers)
		return LOY_EOVERFLOW;
	before = data->count;
	count = from->count; /* the two may be one */
	for (i = 0; i < count; i++) {
		status = loy__data_add_row(data, loy__data_row(from, i), from->weights[i]);
		if (status != LOY_OK)
			break;
	}
	if (status == LOY_OK)
		return LOY_OK;
	while (i-- > 0)
		loy__data_take_back(data, loy__data_row(from, i), from->weights[i]);
	loy__data_cut(data, before);
	return status;
}

loy_status loy_lifetime_data_get_info(const loy_lifetime_data *data, loy_lifetime_data_info *out)
{
	loy_lifetime_data_info info = {0};
	size_t i;

	if (data == NULL || out == NULL)
		return LOY_EINVAL;
	info.flags = data->flags;
	info.unit = data->unit;
	info.kind = data->kind;
	info.covariate_count = data->covariates;
	info.customers = data->customers;
	info.distinct = data->count;
	for (i = 0; i < data->count; i++) {
		const double *row = loy__data_row(data, i);

		if (row[LOY__AT_X] > 0.0) {
			info.repeat += data->weights[i];
			if (!(row[data->stride - 1] > 0.0))
				info.unpriced += data->weights[i];
		}
		info.period = row[LOY__AT_T] > info.period ? row[LOY__AT_T] : info.period;
	}
	return loy__result_write(out, &info, sizeof(info));
}
