/*
 * Adding many purchases of one customer at once. A record is a sum, so purchases may be added up first, in a fixed
 * number of words: here. Then they are added together (record_run_add.c): the record is looked through once, and what
 * its entries hold is taken apart once. The result is that of adding one after the other.
 */
#include "profile/record_change.h"

#define TIME_BIAS (INT64_C(40000) * LOY_DAY) /* makes every local time positive */
#define BUNDLE    64u /* purchases whose times are kept until their evidence is added up */

#define BIT(NAME) (UINT64_C(1) << LOY_FIELD_##NAME)

/* ---- collecting ---- */

static const loy_column *find_column(const loy__rows *rows, uint32_t field)
{
	uint32_t i;

	for (i = 0; i < rows->count; i++) {
		if (rows->column[i].given->field == field)
			return rows->column[i].given;
	}
	return NULL;
}

static LOY__ALWAYS_INLINE int64_t value_of(const loy_column *column, uint64_t row)
{
	return column != NULL ? loy__integer_at(loy__column_at(column, row), column->type) : 0;
}

static int is_array(const loy_column *column)
{
	return column->type == LOY_COLUMN_I64 && column->stride == (int64_t)sizeof(int64_t);
}

void loy__run_init(loy__run *run, const loy_schema *schema)
{
	const uint64_t taken = BIT(AMOUNT) | BIT(DISCOUNT) | BIT(CURRENCY) | BIT(UTC_OFFSET);
	uint32_t i;

	run->always = &schema->always[schema->first_always[LOY_KIND_PURCHASE]];
	run->sums = (uint32_t)schema->end_always[LOY_KIND_PURCHASE] - schema->first_always[LOY_KIND_PURCHASE];
	run->refused = run->sums > LOY__RUN_SUMS ? UINT64_MAX : ~taken | schema->asks[LOY_KIND_PURCHASE];
	for (i = 0; i < LOY__RUN_DAYS; i++)
		run->days[i].day = -1;
	for (i = 0; i < run->sums && run->refused != UINT64_MAX; i++) {
		uint32_t key = run->always[i].key;

		if (run->always[i].amount >= LOY__AMOUNT_LIMIT ||
		    (key & 1 & schema->worst_channels >> key / 2) != 0)
			run->refused = UINT64_MAX;
		loy__decay_period_init(&run->slow[i], &schema->half_life[schema->slow_index[key / 2]]);
		loy__decay_period_init(&run->fast[i], &schema->half_life[schema->fast_index[key / 2]]);
	}
}

int loy__run_prepare(loy__run *run, const loy_schema *schema, const loy__rows *rows)
{
	loy__run_init(run, schema);
	run->customer = find_column(rows, LOY_FIELD_CUSTOMER);
	run->kind = find_column(rows, LOY_FIELD_KIND);
	if (!rows->plain || (rows->present & BIT(AMOUNT)) == 0 || (rows->present & run->refused) != 0)
		return 0;
	run->time = find_column(rows, LOY_FIELD_TIME);
	run->amount = find_column(rows, LOY_FIELD_AMOUNT);
	run->discount = find_column(rows, LOY_FIELD_DISCOUNT);
	run->currency = find_column(rows, LOY_FIELD_CURRENCY);
	run->offset = find_column(rows, LOY_FIELD_UTC_OFFSET);
	run->high = find_column(rows, LOY_FIELD_IDENTITY_HIGH);
	run->low = find_column(rows, LOY_FIELD_IDENTITY_LOW);
	run->sales = run->discount == NULL && run->currency == NULL && run->offset == NULL &&
	             is_array(run->customer) && is_array(run->time) && is_array(run->amount) &&
	             run->kind->stride == 0 && value_of(run->kind, 0) == LOY_KIND_PURCHASE;
	return 1;
}

int loy__run_valid(const loy__run *run, uint64_t first, uint32_t count, int64_t latest)
{
	const loy__field_range *amounts = &loy__field_ranges[LOY_FIELD_AMOUNT];
	const uint64_t span = (uint64_t)amounts->greatest - (uint64_t)amounts->least;
	const uint64_t least = (uint64_t)amounts->least;
	uint64_t row, end = first + count;
	int bad = latest < LOY_TIME_MIN;

	latest = latest < LOY_TIME_MAX ? latest : LOY_TIME_MAX;
	for (row = first; row < end; row++) {
		uint64_t time = (uint64_t)loy__column_word(run->time, row) - (uint64_t)LOY_TIME_MIN;

		bad |= time > (uint64_t)latest - (uint64_t)LOY_TIME_MIN;
		bad |= (uint64_t)loy__column_word(run->amount, row) - least > span;
		bad |= loy__column_word(run->customer, row) == 0;
	}
	return !bad;
}

void loy__run_identity(const loy__run *run, uint64_t row, uint64_t *high, uint64_t *low)
{
	*high = (uint64_t)value_of(run->high, row);
	*low = (uint64_t)value_of(run->low, row);
}

uint64_t loy__run_mark(const loy__run *run, uint64_t row)
{
	uint64_t mark = loy__mark_word(LOY__MARK_SEED, LOY_KIND_PURCHASE);

	mark = loy__mark_word(mark, (uint64_t)loy__column_word(run->time, row));
	mark = loy__mark_word(mark, (uint64_t)loy__column_word(run->customer, row));
	mark = loy__mark_word(mark, BIT(AMOUNT));
	return loy__mix64(loy__mark_word(mark, (uint64_t)loy__column_word(run->amount, row)));
}

void loy__run_sale(const loy__run *run, uint64_t row, loy__sale *out)
{
	out->time = loy__column_word(run->time, row);
	out->amount = loy__column_word(run->amount, row);
	out->customer = (uint64_t)loy__column_word(run->customer, row);
	loy__run_identity(run, row, &out->high, &out->low);
}

/* Keep a day of purchases, counted from TIME_BIAS; 0 when there are too many months. Days come again and again. */
static LOY__ALWAYS_INLINE int keep_day(loy__run *run, int64_t day)
{
	uint32_t at = (uint32_t)day % LOY__RUN_DAYS, month, i;
	uint64_t bit, word;

	if (LOY__UNLIKELY(run->days[at].day != day)) {
		loy__change_month(day - TIME_BIAS / LOY_DAY, &month, &bit);
		run->days[at].day = day;
		run->days[at].word = LOY__ENTRY(DAYS, month) | bit << 4;
	}
	word = run->days[at].word;
	for (i = run->months; i > 0; i--) {
		if ((run->month[i - 1] ^ word) >> LOY__SHIFT_DAYS == 0) {
			run->month[i - 1] |= word;
			return 1;
		}
	}
	if (run->months == LOY__RUN_MONTHS)
		return 0;
	run->month[run->months++] = word;
	return 1;
}

static LOY__ALWAYS_INLINE uint64_t size_of(int64_t amount)
{
	return amount < 0 ? (uint64_t)-amount : (uint64_t)amount;
}

static LOY__ALWAYS_INLINE void square(uint64_t size, uint64_t *low, uint64_t *high)
{
	*high = 0;
	*low = size * size;
	if (LOY__UNLIKELY(size > UINT32_MAX))
		*low = loy__multiply_full(size, size, high);
}

/* Add a purchase; 0 when it does not fit. */
static LOY__ALWAYS_INLINE int collect(loy__run *run, int64_t time, int64_t amount, int64_t discount,
                                      int64_t offset)
{
	uint64_t size = size_of(amount), magnitude = size_of(discount), high, low, day;

	magnitude = magnitude > size ? magnitude : size;
	if (LOY__UNLIKELY(magnitude > (uint64_t)INT64_MAX - run->magnitude))
		return 0;
	day = (uint64_t)(time + offset + TIME_BIAS) / (uint64_t)LOY_DAY;
	if (!keep_day(run, (int64_t)day))
		return 0;
	run->count++;
	run->magnitude += magnitude;
	run->first = time < run->first ? time : run->first;
	run->last = time > run->last ? time : run->last;
	run->purchased += (uint64_t)amount;
	run->discounts += (uint64_t)discount;
	square(size, &low, &high);
	loy__wide_accumulate(run->squares, low, high);
	day += (uint64_t)(LOY__DAY_BIAS - TIME_BIAS / LOY_DAY);
	if (day < run->first_day) {
		run->first_day = day;
		run->first_day_spend = 0;
	}
	run->first_day_spend += day == run->first_day ? (uint64_t)amount : 0;
	return 1;
}

/* The evidence of purchases at these times. */
static LOY__ALWAYS_INLINE void collect_evidence(loy__run *run, const int64_t *times, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < run->sums; i++) {
		loy__decay_collect(&run->sum[i][0], &run->slow[i], times, count, run->always[i].amount);
		loy__decay_collect(&run->sum[i][1], &run->fast[i], times, count, run->always[i].amount);
	}
}

static LOY__ALWAYS_INLINE void begin(loy__run *run, uint64_t currency)
{
	run->count = run->months = 0;
	run->magnitude = run->purchased = run->discounts = run->first_day_spend = 0;
	run->squares[0] = run->squares[1] = 0;
	run->first = INT64_MAX;
	run->last = INT64_MIN;
	run->first_day = LOY__NO_DAY;
	run->currency_code = currency;
}

/*
 * The first of `count` rows that are of one customer and fit, as many as a bundle takes, and their times. For columns
 * of any kind.
 */
static uint32_t collect_any(loy__run *run, uint64_t first, const loy__run_row *rows, const uint32_t *order,
                            uint32_t count, int64_t *times)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		const loy__run_row *from = &rows[order[i] & 0xffff];
		uint64_t row = first + from->row;

		times[i] = value_of(run->time, row);
		if (from->who != run->who || !from->collected ||
		    (uint64_t)value_of(run->currency, row) != run->currency_code ||
		    !collect(run, times[i], value_of(run->amount, row), value_of(run->discount, row),
		             value_of(run->offset, row)))
			break;
	}
	return i;
}

/* For those of a plain sale: who, when, how much. */
static LOY__ALWAYS_INLINE uint32_t collect_sales(loy__run *run, const loy__run_row *rows,
                                                 const uint32_t *order, uint32_t count, int64_t *times)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		const loy__run_row *from = &rows[order[i] & 0xffff];

		LOY__PREFETCH(&rows[order[i + LOY__RUN_AHEAD] & 0xffff]);
		times[i] = from->time;
		if (from->who != run->who || !collect(run, from->time, from->amount, 0, 0))
			break;
	}
	return i;
}

uint32_t loy__run_collect(loy__run *run, uint64_t first, const loy__run_row *rows, const uint32_t *order,
                          uint32_t count)
{
	const loy__run_row *head = &rows[order[0] & 0xffff];
	int64_t times[BUNDLE];
	uint32_t done = 0, bundle, taken, i;

	begin(run, (uint64_t)value_of(run->currency, first + head->row));
	run->who = head->who;
	for (i = 0; i < run->sums; i++) {
		loy__decay_init(&run->sum[i][0]);
		loy__decay_init(&run->sum[i][1]);
	}
	count = count < LOY__RUN_MOST ? count : LOY__RUN_MOST;
	do {
		bundle = count - done < BUNDLE ? count - done : BUNDLE;
		taken = run->sales ? collect_sales(run, rows, order + done, bundle, times)
		                   : collect_any(run, first, rows, order + done, bundle, times);
		collect_evidence(run, times, taken);
		done += taken;
	} while (taken == BUNDLE && done < count);
	return done;
}

static LOY__ALWAYS_INLINE int64_t field_or_zero(const loy_event *event, uint32_t field)
{
	return loy__event_has(event, field) ? event->field[field] : 0;
}

int loy__run_event(loy__run *run, const loy_event *event)
{
	uint32_t i;

	if (event->kind != LOY_KIND_PURCHASE || (event->present & run->refused) != 0 ||
	    !loy__event_has(event, LOY_FIELD_AMOUNT) || event->line_count != 0)
		return 0;
	begin(run, (uint64_t)field_or_zero(event, LOY_FIELD_CURRENCY));
	(void)collect(run, event->time, event->field[LOY_FIELD_AMOUNT],
	              field_or_zero(event, LOY_FIELD_DISCOUNT),
	              field_or_zero(event, LOY_FIELD_UTC_OFFSET)); /* one fits */
	for (i = 0; i < run->sums; i++)
		loy__decay_within_two(run->sum[i], &run->slow[i], &run->fast[i], event->time,
		                      run->always[i].amount);
	return 1;
}
