/*
 * Canonical order. Rows are sorted by entries whose key is the time: durations rarely agree unless they are equal, and
 * equal ones are told apart by the hash of what else the row holds.
 */
#include "survival.h"

int loy__survival_compare(const uint64_t *a, const uint64_t *b, size_t stride)
{
	uint64_t mix_a, mix_b;
	size_t i;

	for (i = 0; i < LOY__SUBJECT_COUNT; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	mix_a = loy__survival_mix(a, stride);
	mix_b = loy__survival_mix(b, stride);
	if (mix_a != mix_b)
		return mix_a < mix_b ? -1 : 1;
	for (i = LOY__SUBJECT_FIXED; i < stride; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

static int row_tie(uint32_t a, uint32_t b, const void *user)
{
	const loy_survival *s = user;

	return loy__survival_compare(loy__survival_row(s, a), loy__survival_row(s, b), s->stride);
}

/*
 * The upper bits of who, then of the mix: agrees with the canonical order wherever two of them differ.
 * Returns 1 when equal entries are equal rows.
 */
static int fill_entries(const loy_survival *s, loy__sort_entry *entries, size_t rows)
{
	uint64_t most = 0;
	unsigned bits;
	size_t i;

	for (i = 0; i < rows; i++)
		most |= loy__survival_row(s, i)[LOY__SUBJECT_WHO];
	bits = loy__bit_length(most);
	for (i = 0; i < rows; i++) {
		const uint64_t *row = loy__survival_row(s, i);
		uint64_t who = row[LOY__SUBJECT_WHO], mix = loy__survival_mix(row, s->stride) >> 32;

		entries[i].key = row[LOY__SUBJECT_TIME];
		entries[i].minor =
		        (uint32_t)(bits > 32 ? who >> (bits - 32) : who << (32 - bits) | mix >> bits);
		entries[i].index = (uint32_t)i;
	}
	return bits <= 32 && s->stride == LOY__SUBJECT_FIXED;
}

/* Copy rows in order, equal ones as one; returns the words written. */
static size_t gather(const loy_survival *s, const loy__sort_entry *entries, size_t rows, uint64_t *to)
{
	size_t stride = s->stride, at = 0, i;

	for (i = 0; i < rows; i++) {
		const uint64_t *row = loy__survival_row(s, entries[i].index);

		if (i + 16 < rows)
			LOY__PREFETCH(loy__survival_row(s, entries[i + 16].index));
		if (i > 0 && to[at - stride] == row[LOY__SUBJECT_TIME] &&
		    loy__survival_compare(to + at - stride, row, stride) == 0) {
			to[at - stride + LOY__SUBJECT_COUNT] += row[LOY__SUBJECT_COUNT];
			continue;
		}
		memcpy(to + at, row, stride * sizeof(*row));
		at += stride;
	}
	return at;
}

loy_status loy_survival_sort(loy_survival *survival)
{
	loy__sorter sorter;
	uint64_t *rows;
	size_t count, room;
	loy_status status;
	int told;

	if (survival == NULL)
		return LOY_EINVAL;
	if (survival->sorted)
		return LOY_OK;
	count = loy__survival_rows(survival);
	room = survival->count;
	status = loy__sorter_open(&sorter, &survival->memory, count);
	if (status != LOY_OK)
		return status;
	told = fill_entries(survival, sorter.entries, count);
	loy__sorter_run(&sorter, count, told ? NULL : row_tie, survival);
	rows = loy__alloc(&survival->memory, room * sizeof(*rows));
	if (rows != NULL) {
		survival->count = gather(survival, sorter.entries, count, rows);
		loy__free(&survival->memory, survival->rows, survival->capacity * sizeof(*rows));
		survival->rows = rows;
		survival->capacity = room;
	}
	loy__sorter_close(&sorter);
	status = rows != NULL ? loy__survival_list_groups(survival) : LOY_ENOMEM;
	survival->sorted = status == LOY_OK;
	return status;
}
