/* Accumulators: rows come in, checked, from single calls, columns and other accumulators. */
#include "survival.h"

#include <math.h>

#define PROGRESS_ROWS 65536u
#define WEIGHT_MIN    1e-15
#define WEIGHT_MAX    1e15

static loy_status check_options(loy_survival_options *out, const loy_survival_options *options)
{
	if (loy__options_read(out, sizeof(*out), options) != LOY_OK)
		return LOY_EINVAL;
	if ((out->flags & ~(uint32_t)(LOY_SURVIVAL_WEIGHTED | LOY_SURVIVAL_ENTERED)) != 0 ||
	    out->reserved != 0 || out->unit < 0)
		return LOY_EINVAL;
	return out->covariates <= LOY_SURVIVAL_COVARIATES_MAX ? LOY_OK : LOY_ELIMIT;
}

loy_status loy_survival_create(loy_survival **out, const loy_survival_options *options,
                               const loy_allocator *memory)
{
	loy_survival_options chosen;
	loy_survival fresh = {0};
	loy_status status;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	status = check_options(&chosen, options);
	if (status == LOY_OK)
		status = loy__memory_adopt(&fresh.memory, memory);
	if (status != LOY_OK)
		return status;
	fresh.flags = chosen.flags;
	fresh.covariates = chosen.covariates;
	fresh.unit = chosen.unit;
	fresh.stride = LOY__SUBJECT_FIXED + chosen.covariates + ((chosen.flags & LOY_SURVIVAL_ENTERED) != 0) +
	               ((chosen.flags & LOY_SURVIVAL_WEIGHTED) != 0);
	fresh.sorted = 1;
	*out = loy__alloc(&fresh.memory, sizeof(**out));
	if (*out == NULL)
		return LOY_ENOMEM;
	**out = fresh;
	return LOY_OK;
}

void loy_survival_destroy(loy_survival *survival)
{
	loy_allocator memory;

	if (survival == NULL)
		return;
	memory = survival->memory; /* it lies in the block: copy it out */
	loy__free(&memory, survival->rows, survival->capacity * sizeof(*survival->rows));
	loy__free(&memory, survival->groups, survival->group_capacity * sizeof(*survival->groups));
	loy__free(&memory, survival, sizeof(*survival));
}

/* ---- checking ---- */

static loy_status wrong(uint32_t *field, const char **message, uint32_t which, const char *why)
{
	*field = which;
	*message = why;
	return LOY_ERANGE;
}

/* What rows have beyond time and event. */
static loy_status check_more(const loy_survival *s, const uint64_t *row, uint32_t *field,
                             const char **message)
{
	const uint64_t *covariates = row + loy__covariate_word(s);
	size_t i;

	if ((s->flags & LOY_SURVIVAL_ENTERED) != 0) {
		double entry = loy__row_entry(s, row);

		if (!(entry >= 0.0) || !(entry < loy__from_word(row[LOY__SUBJECT_TIME])))
			return wrong(field, message, LOY_SURVIVAL_FIELD_ENTRY,
			             "an entry must be at least 0 and lie before the time");
	}
	if ((s->flags & LOY_SURVIVAL_WEIGHTED) != 0) {
		double weight = loy__from_word(row[loy__weight_word(s)]);

		if (!(weight >= WEIGHT_MIN) || !(weight <= WEIGHT_MAX))
			return wrong(field, message, LOY_SURVIVAL_FIELD_WEIGHT,
			             "a weight must lie between 1e-15 and 1e15");
	}
	for (i = 0; i < s->covariates; i++) {
		if (!(fabs(loy__from_word(covariates[i])) <= LOY__COVARIATE_MAX)) /* refuses NaN as well */
			return wrong(field, message, LOY_SURVIVAL_FIELD_COVARIATE + (uint32_t)i,
			             "a covariate must be a number of at most 1e100");
	}
	return LOY_OK;
}

loy_status loy__survival_check(const loy_survival *s, const uint64_t *row, uint32_t *field,
                               const char **message)
{
	double time = loy__from_word(row[LOY__SUBJECT_TIME]);

	if (!(time >= 0.0) || !(time <= LOY__DURATION_MAX)) /* refuses NaN as well */
		return wrong(field, message, LOY_SURVIVAL_FIELD_TIME,
		             "a duration must lie between 0 and 2^53");
	if (row[LOY__SUBJECT_COUNT] == 0 || row[LOY__SUBJECT_COUNT] > LOY_SURVIVAL_SUBJECTS_MAX)
		return wrong(field, message, LOY_SURVIVAL_FIELD_COUNT,
		             "a count must lie between 1 and 2^32 - 1");
	return s->stride > LOY__SUBJECT_FIXED ? check_more(s, row, field, message) : LOY_OK;
}

/* ---- adding ---- */

/* Room for so many rows after those there are; they belong to nobody until counted. */
static loy_status reserve(loy_survival *s, size_t rows)
{
	size_t words;

	if (!loy__mul_size(rows, s->stride, &words) || words > SIZE_MAX - s->count)
		return LOY_ENOMEM;
	return loy__grow(&s->memory, (void **)&s->rows, &s->capacity, s->count + words, sizeof(*s->rows),
	                 SIZE_MAX / sizeof(*s->rows));
}

loy_status loy_survival_add(loy_survival *survival, const loy_survival_row *row, loy_error *error)
{
	loy_survival_row read;
	const char *message = NULL;
	uint32_t field = 0, i;
	uint64_t *to;
	loy_status status;

	if (survival == NULL || row == NULL || loy__options_read(&read, sizeof(read), row) != LOY_OK ||
	    read.reserved != 0 || (survival->covariates != 0 && read.covariates == NULL))
		return loy__fail(error, LOY_EINVAL,
		                 "an accumulator and a row with its covariates are needed");
	if (((survival->flags & LOY_SURVIVAL_ENTERED) == 0 && read.entry != 0.0) ||
	    ((survival->flags & LOY_SURVIVAL_WEIGHTED) == 0 && read.weight != 0.0))
		return loy__fail(error, LOY_EINVAL, "the accumulator holds no entries, or no weights");
	if (read.event > 1)
		return loy__fail_row(error, LOY_ERANGE, -1, LOY_SURVIVAL_FIELD_EVENT, "an event is 0 or 1");
	if (reserve(survival, 1) != LOY_OK)
		return loy__fail(error, LOY_ENOMEM, "no memory for a row");
	to = survival->rows + survival->count;
	to[LOY__SUBJECT_TIME] = loy__to_word(read.time);
	to[LOY__SUBJECT_WHO] = (uint64_t)read.group << 1 | read.event;
	to[LOY__SUBJECT_COUNT] = read.count != 0 ? read.count : 1;
	if ((survival->flags & LOY_SURVIVAL_ENTERED) != 0)
		to[LOY__SUBJECT_FIXED] = loy__to_word(read.entry);
	if ((survival->flags & LOY_SURVIVAL_WEIGHTED) != 0)
		to[loy__weight_word(survival)] = loy__to_word(read.weight);
	for (i = 0; i < survival->covariates; i++)
		to[loy__covariate_word(survival) + i] = loy__to_word(read.covariates[i]);
	status = loy__survival_check(survival, to, &field, &message);
	if (status != LOY_OK)
		return loy__fail_row(error, status, -1, field, message);
	if (to[LOY__SUBJECT_COUNT] > (uint64_t)LOY_SURVIVAL_SUBJECTS_MAX - survival->subjects)
		return loy__fail(error, LOY_ELIMIT, "an accumulator takes at most 2^32 - 1 subjects");
	survival->subjects += to[LOY__SUBJECT_COUNT];
	survival->count += survival->stride;
	survival->sorted = 0;
	return LOY_OK;
}

static uint32_t group_at(const loy_survival_columns *c, uint64_t row)
{
	uint32_t value = 0;

	if (c->group != NULL)
		memcpy(&value, (const char *)c->group + (int64_t)row * c->group_stride, sizeof(value));
	return value;
}

/* A whole duration beyond 2^53 would be rounded: it becomes NaN, which is refused. */
static double time_at(const loy_survival_columns *c, uint64_t row)
{
	int64_t value;

	if (c->time != NULL)
		return loy__real_at(c->time, (int64_t)row * c->time_stride);
	memcpy(&value, (const char *)c->whole + (int64_t)row * c->whole_stride, sizeof(value));
	return value <= INT64_C(9007199254740992) ? (double)value : (double)NAN;
}

static void read_row(const loy_survival *s, const loy_survival_columns *c, uint64_t row, uint32_t event,
                     uint64_t *to)
{
	size_t at = LOY__SUBJECT_FIXED;
	uint32_t i;

	to[LOY__SUBJECT_TIME] = loy__to_word(time_at(c, row));
	to[LOY__SUBJECT_WHO] = (uint64_t)group_at(c, row) << 1 | event;
	to[LOY__SUBJECT_COUNT] = 1;
	if (c->entry != NULL)
		to[at++] = loy__to_word(loy__real_at(c->entry, (int64_t)row * c->entry_stride));
	if (c->weight != NULL)
		to[at++] = loy__to_word(loy__real_at(c->weight, (int64_t)row * c->weight_stride));
	for (i = 0; i < s->covariates; i++)
		to[at + i] = loy__to_word(loy__real_at(
		        c->covariates, (int64_t)i * c->covariate_column + (int64_t)row * c->covariate_row));
}

static loy_status check_columns(const loy_survival *s, loy_survival_columns *out,
                                const loy_survival_columns *columns)
{
	if (s == NULL || columns == NULL || loy__options_read(out, sizeof(*out), columns) != LOY_OK)
		return LOY_EINVAL;
	if (out->reserved != 0 || (out->time != NULL) == (out->whole != NULL) ||
	    (out->entry != NULL) != ((s->flags & LOY_SURVIVAL_ENTERED) != 0) ||
	    (out->weight != NULL) != ((s->flags & LOY_SURVIVAL_WEIGHTED) != 0) ||
	    (out->covariates != NULL) != (s->covariates != 0))
		return LOY_EINVAL;
	return LOY_OK;
}

static loy_status read_rows(const loy_survival *s, const loy_survival_columns *c, uint64_t rows,
                            loy_error *error)
{
	uint64_t *to = s->rows + s->count, row;
	const char *message = NULL;
	uint32_t field = 0;

	for (row = 0; row < rows; row++, to += s->stride) {
		uint8_t event = c->event != NULL ? c->event[(int64_t)row * c->event_stride] : 1;
		loy_status status;

		if (event > 1)
			return loy__fail_row(error, LOY_ERANGE, (int64_t)row, LOY_SURVIVAL_FIELD_EVENT,
			                     "an event is 0 or 1");
		read_row(s, c, row, event, to);
		status = loy__survival_check(s, to, &field, &message);
		if (status != LOY_OK)
			return loy__fail_row(error, status, (int64_t)row, field, message);
		if (c->progress != NULL && (row + 1) % PROGRESS_ROWS == 0 &&
		    c->progress(row + 1, rows, c->user_data) != 0)
			return loy__fail(error, LOY_ECANCELLED, "cancelled: no row was added");
	}
	return LOY_OK;
}

loy_status loy_survival_add_columns(loy_survival *survival, const loy_survival_columns *columns,
                                    uint64_t rows, loy_error *error)
{
	loy_survival_columns chosen;
	loy_status status;

	if (check_columns(survival, &chosen, columns) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the columns given are not those the accumulator holds");
	if (rows > (uint64_t)LOY_SURVIVAL_SUBJECTS_MAX - survival->subjects)
		return loy__fail(error, LOY_ELIMIT, "an accumulator takes at most 2^32 - 1 subjects");
	if (rows > SIZE_MAX || reserve(survival, (size_t)rows) != LOY_OK)
		return loy__fail(error, LOY_ENOMEM, "no memory for the rows");
	status = read_rows(survival, &chosen, rows, error);
	if (status != LOY_OK || rows == 0)
		return status;
	survival->subjects += rows;
	survival->count += (size_t)rows * survival->stride;
	survival->sorted = 0;
	return LOY_OK;
}

loy_status loy_survival_merge(loy_survival *survival, const loy_survival *from)
{
	size_t words;

	if (survival == NULL || from == NULL || survival->flags != from->flags ||
	    survival->covariates != from->covariates || survival->unit != from->unit)
		return LOY_EINVAL;
	if (from->subjects > (uint64_t)LOY_SURVIVAL_SUBJECTS_MAX - survival->subjects)
		return LOY_ELIMIT;
	if (from->count == 0)
		return LOY_OK;
	words = from->count;
	if (reserve(survival, loy__survival_rows(from)) != LOY_OK)
		return LOY_ENOMEM;
	memcpy(survival->rows + survival->count, from->rows, words * sizeof(*from->rows));
	survival->subjects += from->subjects;
	survival->count += words;
	survival->sorted = 0;
	return LOY_OK;
}

/* ---- what is in it ---- */

uint64_t loy_survival_rows(const loy_survival *survival)
{
	return survival != NULL ? loy__survival_rows(survival) : 0;
}

uint64_t loy_survival_subjects(const loy_survival *survival)
{
	return survival != NULL ? survival->subjects : 0;
}

uint32_t loy_survival_group_count(const loy_survival *survival)
{
	return survival != NULL && survival->sorted ? (uint32_t)survival->group_count : 0;
}

loy_status loy_survival_group(const loy_survival *survival, uint32_t index, uint32_t *group)
{
	if (survival == NULL || group == NULL)
		return LOY_EINVAL;
	if (!survival->sorted)
		return LOY_ESTATE;
	if (index >= survival->group_count)
		return LOY_ENOTFOUND;
	*group = survival->groups[index];
	return LOY_OK;
}

/* First of the listed groups that is not less. */
static size_t group_place(const loy_survival *s, uint32_t group)
{
	size_t low = 0, high = s->group_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->groups[middle] < group)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t loy__group_rank(const loy_survival *s, uint32_t group)
{
	return group_place(s, group);
}

loy_status loy__survival_list_groups(loy_survival *s)
{
	size_t rows = loy__survival_rows(s), i, place;
	uint32_t last = 0;
	loy_status status;

	s->group_count = 0;
	for (i = 0; i < rows; i++) {
		uint32_t group = loy__row_group(loy__survival_row(s, i));

		if (i > 0 && group == last)
			continue;
		last = group;
		place = group_place(s, group);
		if (place < s->group_count && s->groups[place] == group)
			continue;
		status = loy__grow(&s->memory, (void **)&s->groups, &s->group_capacity, s->group_count + 1,
		                   sizeof(*s->groups), LOY_SURVIVAL_GROUPS_MAX);
		if (status != LOY_OK)
			return status;
		memmove(s->groups + place + 1, s->groups + place,
		        (s->group_count - place) * sizeof(*s->groups));
		s->groups[place] = group;
		s->group_count++;
	}
	return LOY_OK;
}
