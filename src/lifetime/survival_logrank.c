/*
 * Log-rank test (Mantel 1966), with weights S(t-)^rho (Fleming & Harrington 1982): at each event time the events of
 * a group are compared with what its share of those at risk leads one to expect, with the covariance of the
 * hypergeometric distribution. The quadratic form leaves out one group; which one makes no difference.
 */
#include "survival.h"

#include <math.h>

#define GROUPS_MAX 256u

struct test {
	const loy_survival *survival;
	loy__sorter entries; /* open when there are entries: rows in order of entry */
	size_t entered;      /* of them, so many are in */
	double rho;
	double common; /* Kaplan-Meier of all so far */
	size_t groups;
	double *at_risk, *low; /* of each group now, and what rounding took from that */
	double *present; /* rows of each group now: when it gets to 0, so does at_risk, without rounding */
	double *events;  /* of each group at this time */
	double *observed, *expected, *covariance;
};

static size_t block_size(size_t groups)
{
	return (6 * groups + groups * groups) * sizeof(double);
}

static void enter(struct test *t, const uint64_t *row)
{
	size_t group = loy__group_rank(t->survival, loy__row_group(row));

	loy__survival_sum_add(&t->at_risk[group], &t->low[group], loy__row_mass(t->survival, row));
	t->present[group] += 1.0;
}

static void leave(struct test *t, const uint64_t *row)
{
	size_t group = loy__group_rank(t->survival, loy__row_group(row));

	loy__survival_sum_add(&t->at_risk[group], &t->low[group], -loy__row_mass(t->survival, row));
	t->present[group] -= 1.0;
	if (t->present[group] == 0.0)
		t->at_risk[group] = t->low[group] = 0.0;
}

/* One event time: `dead` events among `all` at risk. */
static void add_time(struct test *t, double dead, double all)
{
	double spread = all > 1.0 ? dead * (all - dead) / (all - 1.0) : 0.0;
	double weight = t->rho != 0.0 ? loy__pow(t->common, t->rho) : 1.0;
	size_t i, j;

	for (i = 0; i < t->groups; i++) {
		double share = t->at_risk[i] / all;

		t->observed[i] += weight * t->events[i];
		t->expected[i] += weight * dead * share;
		for (j = 0; j <= i; j++)
			t->covariance[i * t->groups + j] += weight * weight * spread * share *
			                                    ((i == j ? 1.0 : 0.0) - t->at_risk[j] / all);
	}
	t->common *= all > dead ? 1.0 - dead / all : 0.0;
}

/* Rows [first, end) share a time: who has entered is at risk, those with an event have it, then all of them go. */
static void pass_time(struct test *t, size_t first, size_t end)
{
	double time = loy__from_word(loy__survival_row(t->survival, first)[LOY__SUBJECT_TIME]);
	double dead = 0.0, all = 0.0;
	size_t i;

	for (; t->entries.entries != NULL && t->entered < loy__survival_rows(t->survival) &&
	       loy__from_word(t->entries.entries[t->entered].key) < time;
	     t->entered++)
		enter(t, loy__survival_row(t->survival, t->entries.entries[t->entered].index));
	for (i = 0; i < t->groups; i++) {
		t->events[i] = 0.0;
		all += t->at_risk[i];
	}
	for (i = first; i < end; i++) {
		const uint64_t *row = loy__survival_row(t->survival, i);

		if (loy__row_event(row)) {
			double mass = loy__row_mass(t->survival, row);

			t->events[loy__group_rank(t->survival, loy__row_group(row))] += mass;
			dead += mass;
		}
	}
	if (dead > 0.0)
		add_time(t, dead, all > dead ? all : dead); /* not less, by rounding of weights */
	for (i = first; i < end; i++)
		leave(t, loy__survival_row(t->survival, i));
}

static void pass_all(struct test *t)
{
	size_t rows = loy__survival_rows(t->survival), first, end;

	for (first = 0; t->entries.entries == NULL && first < rows; first++)
		enter(t, loy__survival_row(t->survival, first));
	for (first = 0; first < rows; first = end) {
		uint64_t time = loy__survival_row(t->survival, first)[LOY__SUBJECT_TIME];

		for (end = first + 1;
		     end < rows && loy__survival_row(t->survival, end)[LOY__SUBJECT_TIME] == time; end++)
			;
		pass_time(t, first, end);
	}
}

/* Groups of whom nothing was expected leave the matrix, then the last of the others. Returns how many are left. */
static size_t shrink(struct test *t)
{
	size_t kept = 0, i, j, at;

	for (i = 0; i < t->groups; i++) {
		if (!(t->expected[i] > 0.0))
			continue;
		for (j = 0, at = 0; j <= i; j++) {
			if (t->expected[j] > 0.0)
				t->covariance[kept * t->groups + at++] = t->covariance[i * t->groups + j];
		}
		t->events[kept] = t->observed[i] - t->expected[i]; /* no longer needed for events */
		kept++;
	}
	if (kept < 2)
		return 0;
	kept--;
	for (i = 0; i < kept; i++)
		memmove(t->covariance + i * kept, t->covariance + i * t->groups,
		        (i + 1) * sizeof(*t->covariance));
	return kept;
}

static loy_status solve(struct test *t, loy_logrank_result *result)
{
	size_t left = shrink(t), i;
	double sum = 0.0;

	if (left == 0)
		return LOY_EUNKNOWN;
	for (i = 0; i < left; i++)
		t->at_risk[i] = t->events[i];
	if (loy__cholesky(t->covariance, left, 1e-12, NULL) != LOY_OK)
		return LOY_EUNKNOWN; /* no event time with somebody of both groups: nothing was compared */
	loy__cholesky_solve(t->covariance, left, t->events);
	for (i = 0; i < left; i++)
		sum += t->at_risk[i] * t->events[i];
	result->chi_square = sum > 0.0 ? sum : 0.0;
	result->degrees = (uint32_t)left;
	return loy__chi_square(result->chi_square, (double)left, NULL, &result->p);
}

static loy_status open_entries(struct test *t, const loy_allocator *memory)
{
	size_t rows = loy__survival_rows(t->survival), i;
	loy_status status;

	if ((t->survival->flags & LOY_SURVIVAL_ENTERED) == 0)
		return LOY_OK;
	status = loy__sorter_open(&t->entries, memory, rows);
	if (status != LOY_OK)
		return status;
	for (i = 0; i < rows; i++) {
		t->entries.entries[i].key = loy__survival_row(t->survival, i)[LOY__SUBJECT_FIXED];
		t->entries.entries[i].minor = 0;
		t->entries.entries[i].index = (uint32_t)i;
	}
	loy__sorter_run(&t->entries, rows, NULL, NULL);
	return LOY_OK;
}

static loy_status run(struct test *t, const loy_allocator *memory, loy_logrank_result *result,
                      double *observed, double *expected)
{
	loy_status status = open_entries(t, memory);

	if (status != LOY_OK)
		return status;
	pass_all(t);
	if (t->entries.entries != NULL)
		loy__sorter_close(&t->entries);
	status = solve(t, result);
	if (status == LOY_OK && observed != NULL)
		memcpy(observed, t->observed, t->groups * sizeof(*observed));
	if (status == LOY_OK && expected != NULL)
		memcpy(expected, t->expected, t->groups * sizeof(*expected));
	return status;
}

loy_status loy_survival_logrank(const loy_survival *survival, double rho, loy_logrank_result *out,
                                double *observed, double *expected, const loy_allocator *memory)
{
	loy_logrank_result result = {0};
	struct test t = {0};
	loy_allocator chosen;
	loy_status status;
	double *block;

	if (survival == NULL || out == NULL || !(rho >= 0.0) || !(rho <= 100.0) ||
	    loy__memory_adopt(&chosen, memory) != LOY_OK)
		return LOY_EINVAL;
	if (!survival->sorted)
		return LOY_ESTATE;
	if (survival->group_count > GROUPS_MAX)
		return LOY_ELIMIT;
	if (survival->group_count < 2)
		return LOY_EUNKNOWN;
	t.survival = survival;
	t.rho = rho;
	t.common = 1.0;
	t.groups = survival->group_count;
	block = loy__alloc_zero(&chosen, block_size(t.groups));
	if (block == NULL)
		return LOY_ENOMEM;
	t.at_risk = block;
	t.low = t.at_risk + t.groups;
	t.present = t.low + t.groups;
	t.events = t.present + t.groups;
	t.observed = t.events + t.groups;
	t.expected = t.observed + t.groups;
	t.covariance = t.expected + t.groups;
	status = run(&t, &chosen, &result, observed, expected);
	loy__free(&chosen, block, block_size(t.groups));
	return status == LOY_OK ? loy__result_write(out, &result, sizeof(result)) : status;
}
