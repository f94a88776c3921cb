/* What lifetime models take, read off sorted customer days. */
#include "lifetime/transactions.h"
#include "numeric/numeric.h"

/* A customer's days first … end - 1, and where the first purchase lies among them (end: nowhere). */
struct customer {
	size_t first, end, born;
};

/* The customer whose days begin at `first`; 0 after the last one. */
static int next_customer(const loy_transactions *t, size_t first, struct customer *out)
{
	size_t i;

	if (first >= t->count)
		return 0;
	out->first = first;
	for (i = first; i < t->count && t->days[i].customer == t->days[first].customer; i++)
		;
	out->end = i;
	for (i = first; i < out->end && !loy__is_purchase(&t->days[i]); i++)
		;
	out->born = i;
	return 1;
}

static int64_t day_of(const loy_transactions *t, int64_t time)
{
	return loy__floor_div(time + t->utc_offset, LOY_DAY);
}

loy_status loy_transactions_customers(const loy_transactions *transactions, uint64_t *count)
{
	struct customer c = {0, 0, 0};
	uint64_t customers = 0;

	if (transactions == NULL || count == NULL)
		return LOY_EINVAL;
	if (!transactions->ordered)
		return LOY_ESTATE;
	while (next_customer(transactions, c.end, &c))
		customers += c.born < c.end;
	*count = customers;
	return LOY_OK;
}

/* First and last day with a purchase; 0 when there is none. */
static int span_of(const loy_transactions *t, int64_t *first, int64_t *last)
{
	int found = 0;
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (!loy__is_purchase(&t->days[i]))
			continue;
		if (!found || t->days[i].day < *first)
			*first = t->days[i].day;
		if (!found || t->days[i].day > *last)
			*last = t->days[i].day;
		found = 1;
	}
	return found;
}

loy_status loy_transactions_span(const loy_transactions *transactions, int64_t *first, int64_t *last)
{
	int64_t from = 0, until = 0;

	if (transactions == NULL || first == NULL || last == NULL)
		return LOY_EINVAL;
	if (!transactions->ordered)
		return LOY_ESTATE;
	if (!span_of(transactions, &from, &until))
		return LOY_EUNKNOWN;
	*first = from * LOY_DAY - transactions->utc_offset;
	*last = until * LOY_DAY - transactions->utc_offset;
	return LOY_OK;
}

/* ---- rows ---- */

struct row {
	uint64_t customer;
	uint32_t x, holdout_x;
	int64_t t_x, T; /* days */
	int64_t repeat_spend, holdout_spend;
};

/*
 * What a customer did up to day `end`, and from then on up to `holdout`. Days without a purchase only take
 * back. 0 when the customer was not born by then.
 */
static int make_row(const loy_transactions *t, const struct customer *c, int64_t end, int64_t holdout,
                    struct row *row)
{
	int64_t born, last;
	size_t i;

	if (c->born == c->end || t->days[c->born].day > end)
		return 0;
	born = last = t->days[c->born].day;
	row->customer = t->days[c->born].customer;
	row->x = row->holdout_x = 0;
	row->repeat_spend = row->holdout_spend = 0;
	for (i = c->born + 1; i < c->end; i++) {
		const loy__customer_day *d = &t->days[i];

		if (d->day <= end) {
			row->repeat_spend += d->net;
			if (loy__is_purchase(d)) {
				row->x++;
				last = d->day;
			}
		} else if (d->day <= holdout) {
			row->holdout_spend += d->net;
			row->holdout_x += (uint32_t)loy__is_purchase(d);
		}
	}
	row->t_x = last - born;
	row->T = end - born;
	return 1;
}

/* Days as units: exact where the quotient is, else rounded once. */
static double in_units(int64_t days, int64_t unit)
{
	return (double)(days * LOY_DAY) / (double)unit;
}

/* Sum of the logs of the intervals between the purchase days up to `end`, oldest first. */
static double log_intervals(const loy_transactions *t, const struct customer *c, int64_t end, int64_t unit)
{
	int64_t last = t->days[c->born].day;
	double sum = 0.0;
	size_t i;

	for (i = c->born + 1; i < c->end && t->days[i].day <= end; i++) {
		if (!loy__is_purchase(&t->days[i]))
			continue;
		sum += loy__log(in_units(t->days[i].day - last, unit));
		last = t->days[i].day;
	}
	return sum;
}

static void put_row(const loy_summary_rows *rows, uint64_t at, const struct row *row, int64_t unit)
{
	if (rows->customer != NULL)
		rows->customer[at] = row->customer;
	if (rows->x != NULL)
		rows->x[at] = row->x;
	if (rows->t_x != NULL)
		rows->t_x[at] = in_units(row->t_x, unit);
	if (rows->T != NULL)
		rows->T[at] = in_units(row->T, unit);
	if (rows->mean_spend != NULL)
		rows->mean_spend[at] = row->x != 0 && row->repeat_spend > 0
		                               ? (double)row->repeat_spend / (double)row->x
		                               : 0.0;
	if (rows->holdout_x != NULL)
		rows->holdout_x[at] = row->holdout_x;
	if (rows->holdout_spend != NULL)
		rows->holdout_spend[at] = (double)row->holdout_spend;
}

static int is_time(int64_t time)
{
	return time >= LOY_TIME_MIN && time <= LOY_TIME_MAX;
}

loy_status loy_transactions_summary(const loy_transactions *transactions, const loy_summary_options *options,
                                    const loy_summary_rows *rows, uint64_t *count)
{
	struct customer c = {0, 0, 0};
	loy_summary_options chosen;
	loy_summary_rows into;
	int64_t end, holdout;
	uint64_t wanted = 0, at = 0;
	struct row row;

	if (transactions == NULL || count == NULL ||
	    loy__options_read(&chosen, sizeof(chosen), options) != LOY_OK || chosen.unit <= 0 ||
	    loy__options_read(&into, sizeof(into), rows) != LOY_OK)
		return LOY_EINVAL;
	if (!is_time(chosen.end) || !is_time(chosen.holdout))
		return LOY_ETIME;
	if (!transactions->ordered)
		return LOY_ESTATE;
	end = day_of(transactions, chosen.end);
	holdout = chosen.holdout != 0 ? day_of(transactions, chosen.holdout) : end;
	while (next_customer(transactions, c.end, &c))
		wanted += c.born < c.end && transactions->days[c.born].day <= end;
	*count = wanted;
	if (wanted > into.capacity)
		return LOY_EBUFFER;
	c.end = 0;
	while (next_customer(transactions, c.end, &c)) {
		if (!make_row(transactions, &c, end, holdout, &row))
			continue;
		if (into.log_intervals != NULL)
			into.log_intervals[at] = log_intervals(transactions, &c, end, chosen.unit);
		put_row(&into, at++, &row, chosen.unit);
	}
	return LOY_OK;
}

/* ---- cohorts ---- */

/* LOY_OK with the first purchase day of all and the last day of the cohort. */
static loy_status cohort(const loy_transactions *t, int64_t cohort_end, int64_t *first, int64_t *end)
{
	int64_t last = 0;

	if (t == NULL)
		return LOY_EINVAL;
	if (!is_time(cohort_end))
		return LOY_ETIME;
	if (!t->ordered)
		return LOY_ESTATE;
	*end = day_of(t, cohort_end);
	return span_of(t, first, &last) && *first <= *end ? LOY_OK : LOY_EUNKNOWN;
}

loy_status loy_transactions_track(const loy_transactions *transactions, int64_t cohort_end, int64_t unit,
                                  uint32_t periods, uint64_t *actual)
{
	struct customer c = {0, 0, 0};
	int64_t first = 0, end = 0;
	loy_status status;
	uint32_t i;
	size_t k;

	if (unit <= 0 || actual == NULL || periods == 0)
		return LOY_EINVAL;
	status = cohort(transactions, cohort_end, &first, &end);
	if (status != LOY_OK)
		return status;
	for (i = 0; i < periods; i++)
		actual[i] = 0;
	while (next_customer(transactions, c.end, &c)) {
		if (c.born == c.end || transactions->days[c.born].day > end)
			continue;
		for (k = c.born + 1; k < c.end; k++) {
			/* the day belongs to the period in which it ends */
			int64_t period = ((int64_t)transactions->days[k].day - first) * LOY_DAY / unit;

			if (loy__is_purchase(&transactions->days[k]) && period < periods)
				actual[period]++;
		}
	}
	for (i = 1; i < periods; i++)
		actual[i] += actual[i - 1];
	return LOY_OK;
}

loy_status loy_transactions_births(const loy_transactions *transactions, int64_t cohort_end, uint32_t days,
                                   uint64_t *births)
{
	struct customer c = {0, 0, 0};
	int64_t first = 0, end = 0;
	loy_status status;
	uint32_t i;

	if (births == NULL || days == 0)
		return LOY_EINVAL;
	status = cohort(transactions, cohort_end, &first, &end);
	if (status != LOY_OK)
		return status;
	while (next_customer(transactions, c.end, &c)) {
		if (c.born < c.end && transactions->days[c.born].day <= end &&
		    transactions->days[c.born].day - first >= (int64_t)days)
			return LOY_EBUFFER;
	}
	for (i = 0; i < days; i++)
		births[i] = 0;
	c.end = 0;
	while (next_customer(transactions, c.end, &c)) {
		if (c.born < c.end && transactions->days[c.born].day <= end)
			births[transactions->days[c.born].day - first]++;
	}
	return LOY_OK;
}
