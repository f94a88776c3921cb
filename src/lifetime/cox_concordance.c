/*
 * Concordance (Harrell et al. 1982): of all pairs in which one is known to have had the event while the other was
 * still at risk, the share in which the former has the higher hazard. A walk from the last time to the first over
 * a Fenwick tree (1994) of the hazards at risk: n log n. Two events at one time are no pair. Weights multiply.
 */
#include "cox.h"

struct order {
	const loy_survival *survival;
	loy_allocator memory;
	size_t rows, ranks;
	double *log_hazard, *tree;
	uint32_t *rank;  /* of each row's hazard, from 1 */
	uint32_t *row;   /* rows by stratum, then in canonical order */
	uint32_t *entry; /* rows by stratum, then by entry; NULL without entries */
	double all;      /* in the tree */
	loy_concordance found;
};

static uint32_t stratum_of(const struct order *o, const loy_cox *cox, size_t row)
{
	uint32_t group = loy__row_group(loy__survival_row(o->survival, row));

	return (cox->flags & LOY_COX_STRATA) != 0 ? group : 0;
}

static uint64_t ordered_bits(double v)
{
	uint64_t word = loy__to_word(v), sign = UINT64_C(1) << 63;

	return (word & sign) != 0 ? ~word : word | sign;
}

/* Ranks of the hazards, equal ones sharing one; then rows by stratum, and by entry within. */
static loy_status fill(struct order *o, const loy_cox *cox)
{
	loy__sorter sorter;
	size_t i;

	if (loy__sorter_open(&sorter, &o->memory, o->rows) != LOY_OK)
		return LOY_ENOMEM;
	for (i = 0; i < o->rows; i++) {
		const uint64_t *row = loy__survival_row(o->survival, i);
		const double *covariates =
		        (const double *)(const void *)(row + loy__covariate_word(o->survival));

		o->log_hazard[i] = loy__cox_relative(cox, covariates, sizeof(double));
		sorter.entries[i].key = ordered_bits(o->log_hazard[i]);
		sorter.entries[i].minor = 0;
		sorter.entries[i].index = (uint32_t)i;
	}
	loy__sorter_run(&sorter, o->rows, NULL, NULL);
	for (i = 0; i < o->rows; i++) {
		o->ranks += i == 0 || sorter.entries[i].key != sorter.entries[i - 1].key;
		o->rank[sorter.entries[i].index] = (uint32_t)o->ranks;
	}
	for (i = 0; i < o->rows; i++) {
		sorter.entries[i].key = stratum_of(o, cox, i);
		sorter.entries[i].index = (uint32_t)i;
	}
	loy__sorter_run(&sorter, o->rows, NULL, NULL); /* stable: by time within a stratum */
	for (i = 0; i < o->rows; i++)
		o->row[i] = sorter.entries[i].index;
	if (o->entry != NULL) {
		for (i = 0; i < o->rows; i++) {
			sorter.entries[i].key = loy__survival_row(o->survival, i)[LOY__SUBJECT_FIXED];
			sorter.entries[i].index = (uint32_t)i;
		}
		loy__sorter_run(&sorter, o->rows, NULL, NULL);
		for (i = 0; i < o->rows; i++)
			sorter.entries[i].key = stratum_of(o, cox, sorter.entries[i].index);
		loy__sorter_run(&sorter, o->rows, NULL, NULL);
		for (i = 0; i < o->rows; i++)
			o->entry[i] = sorter.entries[i].index;
	}
	loy__sorter_close(&sorter);
	return LOY_OK;
}

static void add(struct order *o, size_t row, double mass)
{
	size_t at;

	for (at = o->rank[row]; at <= o->ranks; at += at & (~at + 1))
		o->tree[at] += mass;
	o->all += mass;
}

/* The mass of ranks up to this one. */
static double sum_to(const struct order *o, size_t rank)
{
	double sum = 0.0;

	for (; rank > 0; rank -= rank & (~rank + 1))
		sum += o->tree[rank];
	return sum;
}

static double mass_of(const struct order *o, size_t row)
{
	return loy__row_mass(o->survival, loy__survival_row(o->survival, row));
}

static void compare(struct order *o, size_t row)
{
	double mass = mass_of(o, row), below = sum_to(o, o->rank[row] - 1u), up_to = sum_to(o, o->rank[row]);

	o->found.concordant += mass * below;
	o->found.tied += mass * (up_to - below);
	o->found.discordant += mass * (o->all - up_to);
}

/* Rows [first, end) of the order share a time: censored ones are still at risk, then events are compared. */
static void pass_time(struct order *o, size_t first, size_t end, size_t start, size_t *entered)
{
	double time = loy__from_word(loy__survival_row(o->survival, o->row[first])[LOY__SUBJECT_TIME]);
	size_t i;

	for (; o->entry != NULL && *entered > start; --*entered) {
		size_t row = o->entry[*entered - 1];

		if (!(loy__row_entry(o->survival, loy__survival_row(o->survival, row)) >= time))
			break;
		add(o, row, -mass_of(o, row));
	}
	for (i = end; i-- > first;) {
		if (!loy__row_event(loy__survival_row(o->survival, o->row[i])))
			add(o, o->row[i], mass_of(o, o->row[i]));
	}
	for (i = end; i-- > first;) {
		if (loy__row_event(loy__survival_row(o->survival, o->row[i])))
			compare(o, o->row[i]);
	}
	for (i = end; i-- > first;) {
		if (loy__row_event(loy__survival_row(o->survival, o->row[i])))
			add(o, o->row[i], mass_of(o, o->row[i]));
	}
}

/* One stratum: rows [start, end) of the order. The tree is empty before and after. */
static void pass_stratum(struct order *o, size_t start, size_t end)
{
	size_t last = end, first, entered = end, i, at;

	o->all = 0.0;
	for (; last > start; last = first) {
		uint64_t time = loy__survival_row(o->survival, o->row[last - 1])[LOY__SUBJECT_TIME];

		for (first = last - 1;
		     first > start &&
		     loy__survival_row(o->survival, o->row[first - 1])[LOY__SUBJECT_TIME] == time;
		     first--)
			;
		pass_time(o, first, last, start, &entered);
	}
	for (i = start; i < end; i++) {
		for (at = o->rank[o->row[i]]; at <= o->ranks; at += at & (~at + 1))
			o->tree[at] = 0.0;
	}
}

static void pass_all(struct order *o, const loy_cox *cox)
{
	size_t start, end;

	memset(o->tree, 0, (o->ranks + 1) * sizeof(*o->tree));
	for (start = 0; start < o->rows; start = end) {
		uint32_t stratum = stratum_of(o, cox, o->row[start]);

		for (end = start + 1; end < o->rows && stratum_of(o, cox, o->row[end]) == stratum; end++)
			;
		pass_stratum(o, start, end);
	}
}

static loy_status measure(struct order *o, const loy_cox *cox)
{
	double all;
	loy_status status;

	o->log_hazard = loy__alloc(&o->memory, o->rows * sizeof(*o->log_hazard));
	o->tree = loy__alloc(&o->memory, (o->rows + 1) * sizeof(*o->tree));
	o->rank = loy__alloc(&o->memory, o->rows * sizeof(*o->rank));
	o->row = loy__alloc(&o->memory, o->rows * sizeof(*o->row));
	if (o->log_hazard == NULL || o->tree == NULL || o->rank == NULL || o->row == NULL)
		return LOY_ENOMEM;
	if ((o->survival->flags & LOY_SURVIVAL_ENTERED) != 0) {
		o->entry = loy__alloc(&o->memory, o->rows * sizeof(*o->entry));
		if (o->entry == NULL)
			return LOY_ENOMEM;
	}
	status = fill(o, cox);
	if (status != LOY_OK)
		return status;
	pass_all(o, cox);
	all = o->found.concordant + o->found.discordant + o->found.tied;
	if (!(all > 0.0))
		return LOY_EUNKNOWN;
	o->found.share = (o->found.concordant + 0.5 * o->found.tied) / all;
	return LOY_OK;
}

loy_status loy_cox_concordance(const loy_cox *cox, const loy_survival *survival, loy_concordance *out,
                               const loy_allocator *memory)
{
	struct order o = {0};
	loy_status status;

	if (cox == NULL || survival == NULL || out == NULL || survival->covariates != cox->columns ||
	    loy__memory_adopt(&o.memory, memory) != LOY_OK)
		return LOY_EINVAL;
	if (!survival->sorted)
		return LOY_ESTATE;
	o.survival = survival;
	o.rows = loy__survival_rows(survival);
	if (o.rows == 0)
		return LOY_EUNKNOWN;
	status = measure(&o, cox);
	loy__free(&o.memory, o.log_hazard, o.rows * sizeof(*o.log_hazard));
	loy__free(&o.memory, o.tree, (o.rows + 1) * sizeof(*o.tree));
	loy__free(&o.memory, o.rank, o.rows * sizeof(*o.rank));
	loy__free(&o.memory, o.row, o.rows * sizeof(*o.row));
	loy__free(&o.memory, o.entry, o.rows * sizeof(*o.entry));
	return status == LOY_OK ? loy__result_write(out, &o.found, sizeof(o.found)) : status;
}
