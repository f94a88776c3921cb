/* The best, or the worst, of those who meet conditions. */
#include "store/store.h"

#include <math.h>
#include <string.h>

#define RANK_SLAB 16384u /* rows a thread between two passes over what was found */

/* ---- the best so far: a heap with the last of them on top ---- */

struct best {
	uint64_t *rows;
	double *values;
	uint64_t count, capacity;
	int descending;
};

/* 1 when a comes before b. Unknown values are NaN and come last. */
static int ranks_before(const struct best *best, double a, uint64_t row_a, double b, uint64_t row_b)
{
	int known_a = a == a, known_b = b == b;

	if (known_a != known_b)
		return known_a;
	if (known_a && a != b)
		return best->descending ? a > b : a < b;
	return row_a < row_b;
}

/* Put (value, row) at `at` or below, where it belongs, among the first `count`. */
static void sift_down(struct best *best, uint64_t at, uint64_t count, double value, uint64_t row)
{
	for (;;) {
		uint64_t child = 2 * at + 1;

		if (child >= count)
			break;
		if (child + 1 < count && ranks_before(best, best->values[child], best->rows[child],
		                                      best->values[child + 1], best->rows[child + 1]))
			child++;
		if (!ranks_before(best, value, row, best->values[child], best->rows[child]))
			break;
		best->values[at] = best->values[child];
		best->rows[at] = best->rows[child];
		at = child;
	}
	best->values[at] = value;
	best->rows[at] = row;
}

static void sift_up(struct best *best, uint64_t at, double value, uint64_t row)
{
	while (at > 0) {
		uint64_t parent = (at - 1) / 2;

		if (!ranks_before(best, best->values[parent], best->rows[parent], value, row))
			break;
		best->values[at] = best->values[parent];
		best->rows[at] = best->rows[parent];
		at = parent;
	}
	best->values[at] = value;
	best->rows[at] = row;
}

static void offer(struct best *best, double value, uint64_t row)
{
	if (best->count < best->capacity)
		sift_up(best, best->count++, value, row);
	else if (best->count != 0 && ranks_before(best, value, row, best->values[0], best->rows[0]))
		sift_down(best, 0, best->count, value, row);
}

/* The last one to the end, again and again. */
static void put_in_order(struct best *best)
{
	uint64_t left;

	for (left = best->count; left > 1; left--) {
		double value = best->values[left - 1];
		uint64_t row = best->rows[left - 1];

		best->values[left - 1] = best->values[0];
		best->rows[left - 1] = best->rows[0];
		sift_down(best, 0, left - 1, value, row);
	}
}

/* ---- conditions ---- */

struct ranking {
	loy__reading_time at;
	const loy_store *store;
	loy_filter filter[LOY_FILTERS_MAX];
	uint32_t filter_count, construct;
	uint32_t purpose; /* 0: consent is not asked for */
	uint64_t slab_rows;
	double *value; /* of the rows of a slab: row % slab_rows */
	uint8_t *kept; /* meets all conditions */
	struct best best;
	uint64_t found;
};

static int compare(double a, uint32_t comparison, double b)
{
	switch (comparison) {
	case LOY_LESS:
		return a < b;
	case LOY_LESS_EQUAL:
		return a <= b;
	case LOY_EQUAL:
		return a == b;
	case LOY_NOT_EQUAL:
		return a != b;
	case LOY_GREATER_EQUAL:
		return a >= b;
	default:
		return a > b;
	}
}

static double as_double(const loy_value *value)
{
	loy__wide wide;

	if (value->type == LOY_TYPE_REAL)
		return value->real;
	if (value->type != LOY_TYPE_WIDE)
		return (double)value->integer;
	wide.low = value->low;
	wide.high = value->high;
	return loy__wide_to_double(wide);
}

/* Conditions on fields; those on scores are left to meets_scores. */
static int meets_fields(const struct ranking *job, const loy__record *record)
{
	uint32_t i;

	for (i = 0; i < job->filter_count; i++) {
		const loy_filter *filter = &job->filter[i];
		loy_value value;

		if (filter->field != 0 && (loy__record_get(record, job->store->schema, filter->field,
		                                           filter->key, job->at.time, &value) != LOY_OK ||
		                           !compare(as_double(&value), filter->comparison, filter->value)))
			return 0;
	}
	return 1;
}

static int meets_scores(const struct ranking *job, const loy__scores *scores)
{
	uint32_t i;

	for (i = 0; i < job->filter_count; i++) {
		const loy_filter *filter = &job->filter[i];

		if (filter->field == 0 &&
		    ((scores->reached >> filter->construct & 1) == 0 ||
		     !compare(scores->mean[filter->construct], filter->comparison, filter->value)))
			return 0;
	}
	return 1;
}

static void rank_rows(uint64_t first, uint64_t end, void *user)
{
	struct ranking *job = user;
	loy__scores scores;
	uint64_t row;

	for (row = first; row < end; row++) {
		const loy__record *record = loy__store_row(job->store, row)->record;
		uint64_t i = row % job->slab_rows;

		if (job->purpose != 0 && !loy__consented(record, job->purpose)) {
			job->kept[i] = job->filter_count == 0; /* nothing is known: no condition is met */
			job->value[i] = (double)NAN;
			continue;
		}
		job->kept[i] = (uint8_t)meets_fields(job, record);
		if (!job->kept[i])
			continue;
		loy__score_record(&job->at, record, 0, &scores);
		job->kept[i] = (uint8_t)meets_scores(job, &scores);
		job->value[i] = (scores.reached >> job->construct & 1) != 0 ? scores.mean[job->construct]
		                                                            : (double)NAN;
	}
}

/* On the calling thread, in the order of rows: what is found does not depend on the threads. */
static void gather_rows(uint64_t first, uint64_t end, void *user)
{
	struct ranking *job = user;
	uint64_t row;

	for (row = first; row < end; row++) {
		uint64_t i = row % job->slab_rows;

		if (job->kept[i]) {
			job->found++;
			offer(&job->best, job->value[i], row);
		}
	}
}

/* ---- the call ---- */

/* Whether a condition can be asked of this schema and model; adds the construct it is about. */
static loy_status check_filter(const loy_store *store, const loy_model *model, const loy_filter *filter,
                               uint32_t *constructs)
{
	loy_value value;
	loy_status status;

	if (filter->comparison < LOY_LESS || filter->comparison > LOY_GREATER ||
	    filter->value != filter->value)
		return LOY_EINVAL;
	if (filter->field == 0) {
		if (filter->construct >= model->construct_count)
			return LOY_EINVAL;
		*constructs |= UINT32_C(1) << filter->construct;
		return LOY_OK;
	}
	/* The empty record knows next to nothing, but it tells which fields and keys there are. */
	status = loy__record_get(NULL, store->schema, filter->field, filter->key, 0, &value);
	return status == LOY_EUNKNOWN ? LOY_OK : status;
}

/* Copy the caller's conditions, which may be of an earlier version, and check them. */
static loy_status read_filters(struct ranking *job, const loy_model *model, const loy_filter *filters,
                               uint32_t *constructs)
{
	const char *at = (const char *)filters;
	uint32_t i, size;

	for (i = 0; i < job->filter_count; i++) {
		loy_status status;

		memcpy(&size, at, sizeof(size));
		if (size != filters->struct_size)
			return LOY_EINVAL; /* all have the size of the first: what follows is not ours to read */
		status = loy__options_read(&job->filter[i], sizeof(job->filter[i]), at);
		if (status == LOY_OK)
			status = check_filter(job->store, model, &job->filter[i], constructs);
		if (status != LOY_OK)
			return status;
		at += size;
	}
	return LOY_OK;
}

/* Results of a slab's rows, and values of the best where the caller wants none. */
struct room {
	double *value, *best;
	uint8_t *kept;
	size_t rows, best_rows;
};

static void free_room(const loy_allocator *memory, struct room *room)
{
	loy__free(memory, room->value, room->rows * sizeof(*room->value));
	loy__free(memory, room->kept, room->rows);
	loy__free(memory, room->best, room->best_rows * sizeof(*room->best));
}

static loy_status make_room(const loy_allocator *memory, struct room *room, uint64_t rows, uint64_t best_rows)
{
	if (rows > SIZE_MAX / sizeof(*room->value) || best_rows > SIZE_MAX / sizeof(*room->best))
		return LOY_ENOMEM;
	room->rows = (size_t)rows;
	room->best_rows = (size_t)best_rows;
	room->value = loy__alloc(memory, room->rows * sizeof(*room->value));
	room->kept = loy__alloc(memory, room->rows);
	if (best_rows != 0)
		room->best = loy__alloc(memory, room->best_rows * sizeof(*room->best));
	if (room->value != NULL && room->kept != NULL && (best_rows == 0 || room->best != NULL))
		return LOY_OK;
	free_room(memory, room);
	return LOY_ENOMEM;
}

/* Everything is checked: go through the rows. */
static loy_status rank(struct ranking *job, const loy_batch_options *options, uint64_t *rows, double *values,
                       uint64_t capacity)
{
	const loy_allocator *memory =
	        &job->store->budget.parent; /* readers must not count in the store's own */
	uint64_t count = loy_store_count(job->store);
	struct room room = {0};
	loy_status status;

	job->slab_rows = (uint64_t)RANK_SLAB * options->threads < count
	                         ? (uint64_t)RANK_SLAB * options->threads
	                         : count;
	job->best.capacity = capacity < count ? capacity : count;
	status = make_room(memory, &room, job->slab_rows, values == NULL ? job->best.capacity : 0);
	if (status != LOY_OK)
		return status;
	job->value = room.value;
	job->kept = room.kept;
	job->best.rows = rows;
	job->best.values = values != NULL ? values : room.best;
	status = loy__rows_run(count, RANK_SLAB, options, rank_rows, gather_rows, job);
	if (status == LOY_OK)
		put_in_order(&job->best);
	free_room(memory, &room);
	return status;
}

loy_status loy_store_rank(const loy_store *store, const loy_model *model, uint32_t construct, int64_t time,
                          int32_t descending, const loy_filter *filters, uint32_t filter_count,
                          uint64_t *rows, double *values, uint64_t capacity, uint64_t *found,
                          const loy_batch_options *options)
{
	uint32_t constructs;
	struct ranking *job;
	loy_batch_options chosen;
	loy_status status = loy__store_readable(store, model, time);

	if (status != LOY_OK)
		return status;
	if (loy__batch_options(&chosen, options) != LOY_OK || construct >= model->construct_count ||
	    (filters == NULL && filter_count != 0) || filter_count > LOY_FILTERS_MAX ||
	    (rows == NULL && capacity != 0))
		return LOY_EINVAL;
	job = loy__alloc_zero(&store->budget.parent, sizeof(*job));
	if (job == NULL)
		return LOY_ENOMEM;
	job->store = store;
	job->construct = construct;
	job->filter_count = filter_count;
	job->purpose = chosen.purpose;
	job->best.descending = descending != 0;
	constructs = UINT32_C(1) << construct;
	status = read_filters(job, model, filters, &constructs);
	if (status == LOY_OK)
		status = loy__reading_time_init(&job->at, model, time, constructs);
	if (status == LOY_OK)
		status = rank(job, &chosen, rows, values, capacity);
	if (status == LOY_OK && found != NULL)
		*found = job->found;
	loy__free(&store->budget.parent, job, sizeof(*job));
	return status;
}
