/* Transactions as customer days. Only transactions*.c include this. */
#ifndef LOY_LIFETIME_TRANSACTIONS_H
#define LOY_LIFETIME_TRANSACTIONS_H

#include <loyalty/transactions.h>
#include "core/core.h"

enum { LOY__DAY_SOLD = 1, LOY__DAY_RETURNED = 2 };

/* All transactions of a customer on a day; the order of the flags' setting does not matter, nor that of the sums. */
typedef struct loy__customer_day {
	uint64_t customer;
	int64_t net; /* sales less returns */
	int32_t day; /* days since 1970, local */
	uint32_t flags;
} loy__customer_day;

struct loy_transactions {
	loy_allocator memory;
	int64_t utc_offset; /* microseconds */
	loy__customer_day *days;
	size_t count, capacity;
	int64_t magnitude; /* of all amounts together; bounds every sum */
	int ordered;       /* days ascend strictly by (customer, day) */
};

/* A day with a purchase that was not wholly returned on it. */
static inline int loy__is_purchase(const loy__customer_day *d)
{
	return (d->flags & LOY__DAY_SOLD) != 0 && ((d->flags & LOY__DAY_RETURNED) == 0 || d->net > 0);
}

#endif
