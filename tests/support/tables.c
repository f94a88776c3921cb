#include "tables.h"

static const uint16_t purchase = LOY_KIND_PURCHASE;

static void add_column(struct table *t, uint32_t field, uint32_t type, const void *data, int64_t stride)
{
	loy_column column = {field, type, data, stride, NULL, NULL};

	t->column[t->columns++] = column;
}

/* A row whose values are fine. */
static void fill_row(struct table *t, size_t i, loy__random *random, uint64_t customers, int mixed)
{
	static const uint16_t kinds[] = {LOY_KIND_PURCHASE, LOY_KIND_PURCHASE, LOY_KIND_VISIT,
	                                 LOY_KIND_RETURN};
	int64_t span = loy__random_below(random, 2) ? 20 : 4000;

	t->kind[i] = mixed ? kinds[loy__random_below(random, 4)] : LOY_KIND_PURCHASE;
	t->time[i] = (20000 + (int64_t)loy__random_below(random, (uint64_t)span)) * LOY_DAY +
	             (int64_t)loy__random_below(random, LOY_DAY);
	t->customer[i] = 1 + loy__random_below(random, customers) * loy__random_below(random, 2);
	t->amount[i] = (int64_t)loy__random_below(random, 10000) - (t->kind[i] == LOY_KIND_RETURN ? 0 : 100);
	if (loy__random_below(random, 50) == 0)
		t->amount[i] = LOY_MONEY_MAX;
	t->extra[i] = (int64_t)loy__random_below(random, 3);
	t->offset[i] = (int32_t)loy__random_below(random, 24) * 1000000 - 12000000;
	t->high[i] = loy__random_below(random, 3);
	t->low[i] = i + 1;
}

/* One row in so many is a repetition, a conflict, or flawed. */
static void spoil(struct table *t, size_t i, loy__random *random)
{
	size_t other = i != 0 ? (size_t)loy__random_below(random, i) : 0;

	switch (loy__random_below(random, 40)) {
	case 0:
	case 1:
		t->kind[i] = t->kind[other];
		t->time[i] = t->time[other];
		t->customer[i] = t->customer[other];
		t->amount[i] = t->amount[other];
		t->extra[i] = t->extra[other];
		t->offset[i] = t->offset[other]; /* falls through */
	case 2:
		t->high[i] = t->high[other];
		t->low[i] = t->low[other];
		break;
	case 3:
		t->customer[i] = 0;
		break;
	case 4:
		t->time[i] = LOY_TIME_MAX + 1;
		break;
	case 5:
		t->amount[i] = LOY_MONEY_MAX + 1;
		break;
	case 6:
		t->amount[i] = -t->amount[i]; /* which a return must not be */
		break;
	default:
		break;
	}
}

void table_fill(struct table *t, uint64_t scenario)
{
	loy__random random;
	uint64_t customers;
	int mixed, bare;
	size_t i;

	loy__random_init(&random, scenario);
	customers = 1 + loy__random_below(&random, scenario % 4 == 0 ? 3 : 300);
	mixed = scenario % 3 == 0;
	bare = scenario % 2 == 0; /* what tables of plain sales have, and nothing else */
	t->columns = 0;
	t->rows = TABLE_ROWS - (size_t)loy__random_below(&random, 300);
	for (i = 0; i < t->rows; i++) {
		fill_row(t, i, &random, customers, mixed);
		if (scenario % 5 != 0)
			spoil(t, i, &random);
	}
	add_column(t, LOY_FIELD_TIME, LOY_COLUMN_I64, t->time, 8);
	if (mixed)
		add_column(t, LOY_FIELD_KIND, LOY_COLUMN_U16, t->kind, 2);
	else
		add_column(t, LOY_FIELD_KIND, LOY_COLUMN_U16, &purchase, 0);
	add_column(t, LOY_FIELD_AMOUNT, LOY_COLUMN_I64, t->amount, 8);
	add_column(t, LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, t->customer, 8);
	if (!bare && loy__random_below(&random, 2))
		add_column(t, LOY_FIELD_CURRENCY, LOY_COLUMN_I64, t->extra, 8);
	if (!bare && loy__random_below(&random, 2))
		add_column(t, LOY_FIELD_UTC_OFFSET, LOY_COLUMN_I32, t->offset, 4);
	if (!bare && loy__random_below(&random, 2))
		add_column(t, LOY_FIELD_DISCOUNT, LOY_COLUMN_I64, t->extra, 8);
	if (scenario % 8 != 7) {
		add_column(t, LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, t->high, 8);
		add_column(t, LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, t->low, 8);
	}
}
