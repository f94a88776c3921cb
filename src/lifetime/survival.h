/*
 * Inside the survival part of the room: rows of an accumulator, their canonical order, sorting.
 *
 * A row is `stride` words of 64 bits: the time, group * 2 + event, the count of equal subjects, then what the
 * accumulator has of entry, weight and covariates. Doubles are their bits, with -0 as 0, so that equal words
 * are equal values. The canonical order is: time, then the second word, then loy__survival_mix of the words after
 * the count, then these words one by one. The mix spreads rows of one time, so that few need to be compared
 * word by word.
 */
#ifndef LOY_LIFETIME_SURVIVAL_H
#define LOY_LIFETIME_SURVIVAL_H

#include <loyalty/survival.h>
#include <string.h>

#include "core/core.h"
#include "numeric/numeric.h"

#define LOY__SUBJECT_TIME  0u
#define LOY__SUBJECT_WHO   1u
#define LOY__SUBJECT_COUNT 2u
#define LOY__SUBJECT_FIXED 3u /* words every row has */

#define LOY__DURATION_MAX  9007199254740992.0 /* 2^53 */
#define LOY__COVARIATE_MAX 1e100

struct loy_survival {
	loy_allocator memory;
	uint32_t flags, covariates;
	int64_t unit;
	size_t stride; /* words of a row */
	uint64_t *rows;
	size_t count, capacity; /* in words */
	uint64_t subjects;
	int sorted;
	uint32_t *groups; /* ascending, once sorted */
	size_t group_count, group_capacity;
};

static inline uint64_t loy__survival_mix(const uint64_t *row, size_t stride)
{
	uint64_t mix = 0;
	size_t i;

	for (i = LOY__SUBJECT_FIXED; i < stride; i++)
		mix = loy__mix64(mix ^ row[i]) + UINT64_C(0x9e3779b97f4a7c15);
	return mix;
}

static inline size_t loy__survival_rows(const loy_survival *s)
{
	return s->count / s->stride;
}

static inline const uint64_t *loy__survival_row(const loy_survival *s, size_t row)
{
	return s->rows + row * s->stride;
}

static inline uint32_t loy__row_group(const uint64_t *row)
{
	return (uint32_t)(row[LOY__SUBJECT_WHO] >> 1);
}

static inline int loy__row_event(const uint64_t *row)
{
	return (int)(row[LOY__SUBJECT_WHO] & 1);
}

static inline double loy__row_entry(const loy_survival *s, const uint64_t *row)
{
	return (s->flags & LOY_SURVIVAL_ENTERED) != 0 ? loy__from_word(row[LOY__SUBJECT_FIXED]) : 0.0;
}

/* Where the weight is when there is one, and the first covariate. */
static inline size_t loy__weight_word(const loy_survival *s)
{
	return LOY__SUBJECT_FIXED + ((s->flags & LOY_SURVIVAL_ENTERED) != 0);
}

static inline size_t loy__covariate_word(const loy_survival *s)
{
	return s->stride - s->covariates;
}

/* What a row counts for: subjects times weight. */
static inline double loy__row_mass(const loy_survival *s, const uint64_t *row)
{
	double count = (double)row[LOY__SUBJECT_COUNT];

	return (s->flags & LOY_SURVIVAL_WEIGHTED) != 0 ? count * loy__from_word(row[loy__weight_word(s)])
	                                               : count;
}

/*
 * Add to a sum of two doubles, value + low (Knuth 1969: the error of an addition is a double): what was added and
 * taken out again leaves nothing behind that would matter beside what stays.
 */
static inline void loy__survival_sum_add(double *value, double *low, double addend)
{
	double sum = *value + addend, part = sum - *value;
	double error = (*value - (sum - part)) + (addend - part);

	*low += error;
	*value = sum + *low;
	*low -= *value - sum;
}

/* Rank of a group, which must occur. */
size_t loy__group_rank(const loy_survival *s, uint32_t group);
/* Negative, 0 or positive as in memcmp: the canonical order, the count left out. */
int loy__survival_compare(const uint64_t *a, const uint64_t *b, size_t stride);
/* List the groups of sorted rows; LOY_ELIMIT or LOY_ENOMEM. */
loy_status loy__survival_list_groups(loy_survival *s);
/* LOY_OK, or what is wrong with the values of a row; *field (LOY_SURVIVAL_FIELD_…) and *message say which. */
loy_status loy__survival_check(const loy_survival *s, const uint64_t *row, uint32_t *field,
                               const char **message);

#endif
