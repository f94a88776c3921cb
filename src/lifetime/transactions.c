/* Collecting transactions: rows become customer days at once when they come in order, else when they are sorted. */
#include "lifetime/transactions.h"

#include <string.h>

#define AMOUNT_MAX INT64_C(1000000000000000) /* LOY_MONEY_MAX of events */

loy_status loy_transactions_create(loy_transactions **out, int32_t utc_offset_minutes,
                                   const loy_allocator *memory)
{
	loy_allocator adopted;
	loy_transactions *t;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (utc_offset_minutes < -24 * 60 || utc_offset_minutes > 24 * 60 ||
	    loy__memory_adopt(&adopted, memory) != LOY_OK)
		return LOY_EINVAL;
	t = loy__alloc_zero(&adopted, sizeof(*t));
	if (t == NULL)
		return LOY_ENOMEM;
	t->memory = adopted;
	t->utc_offset = utc_offset_minutes * (LOY_HOUR / 60);
	t->ordered = 1;
	*out = t;
	return LOY_OK;
}

void loy_transactions_destroy(loy_transactions *transactions)
{
	loy_allocator memory;

	if (transactions == NULL)
		return;
	memory = transactions->memory;
	loy__free(&memory, transactions->days, transactions->capacity * sizeof(*transactions->days));
	loy__free(&memory, transactions, sizeof(*transactions));
}

static loy_status reserve(loy_transactions *t, uint64_t more)
{
	void *days = t->days;
	loy_status status;

	if (more > SIZE_MAX / 2 / sizeof(*t->days) - t->count)
		return LOY_ENOMEM;
	status = loy__grow(&t->memory, &days, &t->capacity, t->count + (size_t)more, sizeof(*t->days),
	                   SIZE_MAX / sizeof(*t->days));
	t->days = days;
	return status == LOY_ELIMIT ? LOY_ENOMEM : status;
}

/* ---- rows ---- */

static uint64_t word_at(const void *data, int64_t stride, uint64_t row)
{
	uint64_t word;

	memcpy(&word, (const char *)data + (int64_t)row * stride, sizeof(word));
	return word;
}

static int64_t integer_at(const void *data, int64_t stride, uint64_t row)
{
	int64_t integer;

	memcpy(&integer, (const char *)data + (int64_t)row * stride, sizeof(integer));
	return integer;
}

/* Look at all rows before any is taken. *magnitude grows by theirs. */
static loy_status check_rows(const loy_transactions *t, const loy_transaction_columns *c, uint64_t rows,
                             int64_t *magnitude, loy_error *error)
{
	uint64_t row;

	*magnitude = t->magnitude;
	for (row = 0; row < rows; row++) {
		int64_t time = integer_at(c->time, c->time_stride, row), amount;

		if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
			return loy__fail_row(error, LOY_ETIME, (int64_t)row, 0,
			                     "the time lies outside the years 1900 to 2199");
		if (c->amount == NULL)
			continue;
		amount = integer_at(c->amount, c->amount_stride, row);
		if (amount < -AMOUNT_MAX || amount > AMOUNT_MAX)
			return loy__fail_row(error, LOY_ERANGE, (int64_t)row, 0,
			                     "the amount is more than 10^15 minor units");
		if (!loy__add_i64(*magnitude, amount < 0 ? -amount : amount, magnitude))
			return loy__fail_row(error, LOY_EOVERFLOW, (int64_t)row, 0,
			                     "all amounts together are more than 2^63 - 1");
	}
	return LOY_OK;
}

/* Add one customer day, to the last one if it is the same. */
static void push(loy_transactions *t, const loy__customer_day *d)
{
	loy__customer_day *last = t->count != 0 ? &t->days[t->count - 1] : NULL;

	if (last != NULL && last->customer == d->customer && last->day == d->day) {
		last->net += d->net;
		last->flags |= d->flags;
		return;
	}
	if (last != NULL &&
	    (last->customer > d->customer || (last->customer == d->customer && last->day > d->day)))
		t->ordered = 0;
	t->days[t->count++] = *d;
}

loy_status loy_transactions_add(loy_transactions *transactions, const loy_transaction_columns *columns,
                                uint64_t rows, loy_error *error)
{
	loy_transaction_columns c;
	int64_t magnitude;
	loy_status status;
	uint64_t row;

	if (transactions == NULL || loy__options_read(&c, sizeof(c), columns) != LOY_OK || c.reserved != 0 ||
	    ((c.customer == NULL || c.time == NULL) && rows != 0) || rows > INT64_MAX)
		return loy__fail(error, LOY_EINVAL,
		                 "transactions and columns of customers and times are needed");
	status = check_rows(transactions, &c, rows, &magnitude, error);
	if (status != LOY_OK)
		return status;
	status = reserve(transactions, rows);
	if (status != LOY_OK)
		return loy__fail(error, status, "out of memory for transactions");
	for (row = 0; row < rows; row++) {
		loy__customer_day d;
		int64_t time = integer_at(c.time, c.time_stride, row);

		d.customer = word_at(c.customer, c.customer_stride, row);
		d.net = c.amount != NULL ? integer_at(c.amount, c.amount_stride, row) : 0;
		d.day = (int32_t)loy__floor_div(time + transactions->utc_offset, LOY_DAY);
		d.flags = d.net < 0 ? LOY__DAY_RETURNED : LOY__DAY_SOLD;
		push(transactions, &d);
	}
	transactions->magnitude = magnitude;
	return LOY_OK;
}

loy_status loy_transactions_merge(loy_transactions *transactions, const loy_transactions *from)
{
	int64_t magnitude;
	loy_status status;
	size_t i;

	if (transactions == NULL || from == NULL || transactions == from)
		return LOY_EINVAL;
	if (transactions->utc_offset != from->utc_offset)
		return LOY_ESTATE;
	if (!loy__add_i64(transactions->magnitude, from->magnitude, &magnitude))
		return LOY_EOVERFLOW;
	status = reserve(transactions, from->count);
	if (status != LOY_OK)
		return status;
	for (i = 0; i < from->count; i++)
		push(transactions, &from->days[i]);
	transactions->magnitude = magnitude;
	return LOY_OK;
}

/* ---- order ---- */

#define DIGITS 12 /* bytes of (customer, day), the lowest first */

static unsigned digit_of(const loy__customer_day *d, int digit)
{
	/* days before 1970 come before those after */
	uint32_t day = (uint32_t)d->day ^ UINT32_C(0x80000000);

	return digit < 4 ? day >> 8 * digit & 255 : (unsigned)(d->customer >> 8 * (digit - 4) & 255);
}

/* What sorting needs beside the days. */
struct sorter {
	size_t start[256];
	loy__customer_day other[];
};

/* One pass of a radix sort; nothing to do when all have the same digit. Returns where the days are now. */
static loy__customer_day *sort_by(size_t start[256], loy__customer_day *from, loy__customer_day *to,
                                  size_t count, int digit)
{
	size_t i, sum = 0;
	unsigned k;

	memset(start, 0, 256 * sizeof(*start));
	for (i = 0; i < count; i++)
		start[digit_of(&from[i], digit)]++;
	if (start[digit_of(&from[0], digit)] == count)
		return from;
	for (k = 0; k < 256; k++) {
		size_t n = start[k];

		start[k] = sum;
		sum += n;
	}
	for (i = 0; i < count; i++)
		to[start[digit_of(&from[i], digit)]++] = from[i];
	return to;
}

loy_status loy_transactions_sort(loy_transactions *transactions)
{
	loy__customer_day *days, *at;
	struct sorter *sorter;
	size_t i, count, size;
	int digit;

	if (transactions == NULL)
		return LOY_EINVAL;
	if (transactions->ordered)
		return LOY_OK;
	count = transactions->count;
	days = at = transactions->days;
	size = sizeof(*sorter) + count * sizeof(*days); /* the days were allocated: it fits */
	sorter = loy__alloc(&transactions->memory, size);
	if (sorter == NULL)
		return LOY_ENOMEM;
	for (digit = 0; digit < DIGITS; digit++)
		at = sort_by(sorter->start, at, at == days ? sorter->other : days, count, digit);
	if (at != days)
		memcpy(days, at, count * sizeof(*days));
	loy__free(&transactions->memory, sorter, size);
	transactions->count = 0;
	transactions->ordered = 1;
	for (i = 0; i < count; i++) {
		loy__customer_day d = days[i];

		push(transactions, &d); /* never beyond what was read */
	}
	return LOY_OK;
}
