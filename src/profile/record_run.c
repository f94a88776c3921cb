/*
 * Adding many purchases of one customer at once. A record is a sum, so purchases may be added up first, in a fixed
 * number of words, and then be added together: the record is looked through once, and what its entries hold is
 * taken apart once. The result is that of adding one after the other.
 */
#include "profile/record_change.h"
#include "profile/record_walk.h"

#define TIME_BIAS (INT64_C(40000) * LOY_DAY) /* makes every local time positive */

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

/* The same of a column that is an array of 64-bit integers. */
static LOY__ALWAYS_INLINE int64_t value_in(const loy_column *column, uint64_t row)
{
	int64_t value;

	memcpy(&value, (const char *)column->data + row * sizeof(value), sizeof(value));
	return value;
}

static int is_array(const loy_column *column)
{
	return column->type == LOY_COLUMN_I64 && column->stride == (int64_t)sizeof(int64_t);
}

int loy__run_prepare(loy__run *run, const loy_schema *schema, const loy__rows *rows)
{
	const uint64_t taken = BIT(AMOUNT) | BIT(DISCOUNT) | BIT(CURRENCY) | BIT(UTC_OFFSET);
	uint64_t asks = schema->asks[LOY_KIND_PURCHASE];
	const loy_column *kind;
	uint32_t i;

	run->customer = find_column(rows, LOY_FIELD_CUSTOMER);
	run->always = &schema->always[schema->first_always[LOY_KIND_PURCHASE]];
	run->sums = (uint32_t)schema->end_always[LOY_KIND_PURCHASE] - schema->first_always[LOY_KIND_PURCHASE];
	if (!rows->plain || (rows->present & ~taken) != 0 || (rows->present & BIT(AMOUNT)) == 0 ||
	    asks == UINT64_MAX || (rows->present & asks) != 0 || run->sums > LOY__RUN_SUMS)
		return 0;
	for (i = 0; i < run->sums; i++) {
		uint32_t key = run->always[i].key;

		if (run->always[i].amount >= LOY__AMOUNT_LIMIT ||
		    (key & 1 & schema->worst_channels >> key / 2) != 0)
			return 0;
		loy__decay_period_init(&run->slow[i], &schema->half_life[schema->slow_index[key / 2]]);
		loy__decay_period_init(&run->fast[i], &schema->half_life[schema->fast_index[key / 2]]);
	}
	run->time = find_column(rows, LOY_FIELD_TIME);
	run->amount = find_column(rows, LOY_FIELD_AMOUNT);
	run->discount = find_column(rows, LOY_FIELD_DISCOUNT);
	run->currency = find_column(rows, LOY_FIELD_CURRENCY);
	run->offset = find_column(rows, LOY_FIELD_UTC_OFFSET);
	run->high = find_column(rows, LOY_FIELD_IDENTITY_HIGH);
	run->low = find_column(rows, LOY_FIELD_IDENTITY_LOW);
	kind = find_column(rows, LOY_FIELD_KIND);
	run->sales = run->discount == NULL && run->currency == NULL && run->offset == NULL &&
	             is_array(run->customer) && is_array(run->time) && is_array(run->amount) &&
	             kind->stride == 0 && value_of(kind, 0) == LOY_KIND_PURCHASE;
	run->month_start = INT64_MAX / 2; /* no day is in that month */
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
		uint64_t time = (uint64_t)value_in(run->time, row) - (uint64_t)LOY_TIME_MIN;

		bad |= time > (uint64_t)latest - (uint64_t)LOY_TIME_MIN;
		bad |= (uint64_t)value_in(run->amount, row) - least > span;
		bad |= value_in(run->customer, row) == 0;
	}
	return !bad;
}

uint64_t loy__run_mark(const loy__run *run, uint64_t row, uint64_t *high, uint64_t *low)
{
	uint64_t mark = loy__mark_word(LOY__MARK_SEED, LOY_KIND_PURCHASE);

	*high = (uint64_t)value_of(run->high, row);
	*low = (uint64_t)value_of(run->low, row);
	mark = loy__mark_word(mark, (uint64_t)value_in(run->time, row));
	mark = loy__mark_word(mark, (uint64_t)value_in(run->customer, row));
	mark = loy__mark_word(mark, BIT(AMOUNT));
	return loy__mix64(loy__mark_word(mark, (uint64_t)value_in(run->amount, row)));
}

int64_t loy__run_identity(const loy__run *run, uint64_t row, uint64_t *high, uint64_t *low)
{
	*high = (uint64_t)value_of(run->high, row);
	*low = (uint64_t)value_of(run->low, row);
	return value_in(run->time, row);
}

/* Keep a day of purchases; 0 when there are too many months. Rows in a row are often of one month. */
static LOY__ALWAYS_INLINE int keep_day(loy__run *run, int64_t day)
{
	uint64_t in_month = (uint64_t)(day - run->month_start);
	uint32_t month, i;
	uint64_t bit, word;

	if (LOY__LIKELY(in_month < 28)) {
		word = run->month_word;
		bit = UINT64_C(1) << in_month;
	} else {
		loy__change_month(day, &month, &bit);
		word = LOY__ENTRY(DAYS, month);
		for (in_month = 0; bit >> in_month != 1; in_month++)
			;
		run->month_word = word;
		run->month_start = day - (int64_t)in_month;
	}
	for (i = run->months; i > 0; i--) {
		if ((run->month[i - 1] ^ word) >> LOY__SHIFT_DAYS == 0) {
			run->month[i - 1] |= bit << 4;
			return 1;
		}
	}
	if (run->months == LOY__RUN_MONTHS)
		return 0;
	run->month[run->months++] = word | bit << 4;
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
	if (!keep_day(run, (int64_t)day - TIME_BIAS / LOY_DAY))
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

static void begin(loy__run *run, uint64_t row)
{
	uint32_t i;

	run->count = run->months = 0;
	run->magnitude = run->purchased = run->discounts = run->first_day_spend = 0;
	run->squares[0] = run->squares[1] = 0;
	run->first = INT64_MAX;
	run->last = INT64_MIN;
	run->first_day = LOY__NO_DAY;
	run->who = value_of(run->customer, row);
	run->currency_code = (uint64_t)value_of(run->currency, row);
	for (i = 0; i < run->sums; i++) {
		loy__decay_init(&run->sum[i][0]);
		loy__decay_init(&run->sum[i][1]);
	}
}

/*
 * The first of `count` rows that are of one customer and fit, as many as a bundle takes, and their times. For columns
 * of any kind.
 */
static LOY__ALWAYS_INLINE uint32_t collect_any(loy__run *run, uint64_t base, const uint64_t *items,
                                               uint64_t mask, uint32_t count, int64_t *times)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint64_t row = base + (items[i] & mask);

		times[i] = value_of(run->time, row);
		if (value_of(run->customer, row) != run->who ||
		    (uint64_t)value_of(run->currency, row) != run->currency_code ||
		    !collect(run, times[i], value_of(run->amount, row), value_of(run->discount, row),
		             value_of(run->offset, row)))
			break;
	}
	return i;
}

/* For those of a plain sale: who, when, how much. */
static LOY__ALWAYS_INLINE uint32_t collect_sales(loy__run *run, uint64_t base, const uint64_t *items,
                                                 uint64_t mask, uint32_t count, int64_t *times)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint64_t row = base + (items[i] & mask), ahead = base + (items[i + LOY__RUN_AHEAD] & mask);

		LOY__PREFETCH((const char *)run->customer->data + ahead * sizeof(int64_t));
		LOY__PREFETCH((const char *)run->time->data + ahead * sizeof(int64_t));
		LOY__PREFETCH((const char *)run->amount->data + ahead * sizeof(int64_t));
		times[i] = value_in(run->time, row);
		if (value_in(run->customer, row) != run->who ||
		    !collect(run, times[i], value_in(run->amount, row), 0, 0))
			break;
	}
	return i;
}

#define BUNDLE 64u

uint32_t loy__run_collect(loy__run *run, uint64_t base, const uint64_t *items, uint64_t mask, uint32_t count)
{
	int64_t times[BUNDLE];
	uint32_t done = 0, bundle, taken;

	begin(run, base + (items[0] & mask));
	count = count < LOY__RUN_MOST ? count : LOY__RUN_MOST;
	do {
		bundle = count - done < BUNDLE ? count - done : BUNDLE;
		taken = run->sales ? collect_sales(run, base, items + done, mask, bundle, times)
		                   : collect_any(run, base, items + done, mask, bundle, times);
		collect_evidence(run, times, taken);
		done += taken;
	} while (taken == BUNDLE && done < count);
	return done;
}

/* ---- the entries that were collected ---- */

static uint64_t kind_entry(const loy__run *run)
{
	return LOY__ENTRY(KIND, LOY_KIND_PURCHASE) | (run->first != run->last ? 2 : 1);
}

static uint64_t money_entry(const loy__run *run)
{
	return LOY__ENTRY(MONEY, run->currency_code) | (run->count == 1 && run->discounts == 0 ? 1 : 5);
}

static uint64_t evidence_entry(const loy__run *run, uint32_t i)
{
	uint64_t bound = run->count < LOY__EVIDENCE_NARROW ? run->count : LOY__EVIDENCE_NARROW;
	uint64_t words = run->count == 1 ? 3 : run->count <= LOY__EVIDENCE_NARROW ? 4 : 6;

	return LOY__ENTRY(EVIDENCE, run->always[i].key) | bound << 40 | words;
}

static LOY__ALWAYS_INLINE void put_kind(const loy__run *run, uint64_t *v)
{
	v[0] += run->count;
	v[1] = run->first < loy__signed(v[1]) ? (uint64_t)run->first : v[1];
	v[2] = run->last > loy__signed(v[2]) ? (uint64_t)run->last : v[2];
}

static LOY__ALWAYS_INLINE void put_money(const loy__run *run, uint64_t *v)
{
	v[0] += run->purchased;
	loy__wide_accumulate(&v[1], run->squares[0], run->squares[1]);
	if (run->first_day < v[3]) {
		v[3] = run->first_day;
		v[4] = 0;
	}
	v[4] += run->first_day == v[3] ? run->first_day_spend : 0;
	v[5] += run->discounts;
}

static LOY__ALWAYS_INLINE void make_evidence(const loy__run *run, uint32_t i, uint64_t *u)
{
	u[6] = 0;
	loy__slots_set_decay(u, 0, &run->sum[i][0]);
	loy__slots_set_decay(u, 1, &run->sum[i][1]);
	u[7] = run->count < LOY__EVIDENCE_NARROW ? run->count : LOY__EVIDENCE_NARROW;
}

/* ---- into a record that may have to grow ---- */

static LOY__ALWAYS_INLINE void visit(loy__walk *walk, int step, const loy__run *run)
{
	uint64_t v[LOY__SLOTS], u[LOY__SLOTS];
	uint32_t i;

	if (loy__open(walk, step, LOY__CLASS_KIND, kind_entry(run), v)) {
		put_kind(run, v);
		loy__close(walk, LOY__CLASS_KIND, v);
	}
	if (loy__open(walk, step, LOY__CLASS_MONEY, money_entry(run), v)) {
		put_money(run, v);
		loy__close(walk, LOY__CLASS_MONEY, v);
	}
	for (i = 0; i < run->months; i++)
		loy__walk_month(walk, step, run->month[i]);
	for (i = 0; i < run->sums; i++) {
		if (!loy__open(walk, step, LOY__CLASS_EVIDENCE, evidence_entry(run, i), v))
			continue;
		make_evidence(run, i, u);
		loy__entry_combine(LOY__CLASS_EVIDENCE, v, u);
		loy__close(walk, LOY__CLASS_EVIDENCE, v);
	}
}

static LOY__NOINLINE loy_status grow(const loy__run *run, loy__record **record, const loy_allocator *memory)
{
	loy__walk walk;
	loy_status status;

	loy__walk_init(&walk, *record);
	visit(&walk, LOY__PLAN, run);
	status = loy__record_reserve(record, walk.growth, memory);
	if (status != LOY_OK)
		return status;
	loy__walk_init(&walk, *record);
	visit(&walk, LOY__CHANGE, run);
	return LOY_OK;
}

/* ---- into one that has all entries already, wide enough ---- */

struct place {
	uint64_t *kind, *kind_data, *money, *money_data;
	uint64_t *sum[LOY__RUN_SUMS], *sum_data[LOY__RUN_SUMS];
};

/* Find an entry at *words or behind; *data moves along. */
static LOY__ALWAYS_INLINE int find(uint64_t **words, const uint64_t *end, uint64_t **data, uint64_t entry,
                                   unsigned shift)
{
	uint64_t *at = *words, *there = *data;

	while (at < end && *at < entry)
		there += loy__entry_words(*at++);
	*words = at;
	*data = there;
	return at < end && (*at ^ entry) >> shift == 0;
}

/* Add months; there is room for as many as `run` has. */
static LOY__ALWAYS_INLINE void add_months(const loy__run *run, loy__record *record)
{
	uint32_t i;

	for (i = 0; i < run->months; i++) {
		uint64_t word = run->month[i], *months = loy__record_months(record);
		size_t count = record->months;

		if (LOY__LIKELY(count != 0 && (months[count - 1] ^ word) >> LOY__SHIFT_DAYS == 0)) {
			months[count - 1] |= word;
		} else if (LOY__LIKELY(count == 0 || months[count - 1] < word)) {
			months[count] = word;
			record->months++;
			record->used++;
		} else {
			loy__record_add_month(record, word);
		}
	}
}

static LOY__ALWAYS_INLINE int find_all(const loy__run *run, loy__record *record, struct place *p)
{
	uint64_t *words = record->words, *data = words + record->entries;
	const uint64_t *end = data;
	uint32_t i;

	if (!find(&words, end, &data, LOY__ENTRY(KIND, LOY_KIND_PURCHASE), LOY__SHIFT_KIND) ||
	    loy__entry_words(*words) != 2 || (*words >> 4 & UINT32_MAX) + run->count > INT32_MAX)
		return 0;
	p->kind = words;
	p->kind_data = data;
	if (!find(&words, end, &data, LOY__ENTRY(MONEY, run->currency_code), LOY__SHIFT_MONEY) ||
	    loy__entry_words(*words) < 5)
		return 0;
	p->money = words;
	p->money_data = data;
	for (i = 0; i < run->sums; i++) {
		uint64_t tops;

		if (!find(&words, end, &data, LOY__ENTRY(EVIDENCE, run->always[i].key), LOY__SHIFT_EVIDENCE))
			return 0;
		tops = (uint64_t)(run->sum[i][0].top + LOY__TOP_BIAS) |
		       (uint64_t)(run->sum[i][1].top + LOY__TOP_BIAS) << 18;
		if ((*words >> 4 & UINT64_C(0xfffffffff)) != tops || loy__entry_words(*words) < 4 ||
		    (loy__entry_words(*words) == 4 &&
		     (*words >> 40 & 255) + run->count > LOY__EVIDENCE_NARROW))
			return 0;
		p->sum[i] = words;
		p->sum_data[i] = data;
	}
	return 1;
}

static size_t new_months(const loy__run *run, const loy__record *record)
{
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < run->months; i++)
		count += !loy__record_has_month(record, run->month[i]);
	return count;
}

/* 0 when there is not all of it. */
static LOY__ALWAYS_INLINE int place(const loy__run *run, loy__record *record)
{
	uint64_t v[LOY__SLOTS];
	struct place p;
	uint32_t i;

	if (!find_all(run, record, &p))
		return 0;
	*p.kind += (uint64_t)run->count << 4;
	if (run->first < loy__signed(p.kind_data[0]))
		p.kind_data[0] = (uint64_t)run->first;
	if (run->last > loy__signed(p.kind_data[1]))
		p.kind_data[1] = (uint64_t)run->last;
	loy__load_money(*p.money, p.money_data, v);
	put_money(run, v);
	loy__store_money(v, p.money, p.money_data);
	add_months(run, record);
	for (i = 0; i < run->sums; i++)
		loy__add_in_place(p.sum[i], p.sum_data[i], &run->sum[i][0], &run->sum[i][1], run->count);
	return 1;
}

/* ---- into a new one ---- */

static LOY__ALWAYS_INLINE void append(loy__record *record, uint32_t class, uint64_t entry, const uint64_t *v,
                                      uint64_t **data)
{
	uint64_t *word = &record->words[record->entries++];

	*word = entry;
	loy__store(class, v, word, *data);
	*data += loy__entry_words(entry);
}

static void sort_months(uint64_t *months, uint32_t count)
{
	uint32_t i, k;

	for (i = 1; i < count; i++) {
		uint64_t moving = months[i];

		for (k = i; k > 0 && months[k - 1] > moving; k--)
			months[k] = months[k - 1];
		months[k] = moving;
	}
}

static LOY__NOINLINE loy_status create(const loy__run *run, loy__record **out, const loy_allocator *memory)
{
	size_t entries = 2 + run->sums, words = loy__entry_words(kind_entry(run)) +
	                                        loy__entry_words(money_entry(run)) + entries + run->months;
	uint64_t v[LOY__SLOTS] = {0, (uint64_t)INT64_MAX, (uint64_t)INT64_MIN}, *data;
	loy__record *record;
	uint32_t i;
	loy_status status;

	for (i = 0; i < run->sums; i++)
		words += loy__entry_words(evidence_entry(run, i));
	*out = NULL;
	status = loy__record_reserve(out, words, memory);
	if (status != LOY_OK)
		return status;
	record = *out;
	data = record->words + entries;
	put_kind(run, v);
	append(record, LOY__CLASS_KIND, kind_entry(run), v, &data);
	v[0] = v[1] = v[2] = v[4] = v[5] = v[6] = v[7] = 0;
	v[3] = LOY__NO_DAY;
	put_money(run, v);
	append(record, LOY__CLASS_MONEY, money_entry(run), v, &data);
	for (i = 0; i < run->sums; i++) {
		make_evidence(run, i, v);
		append(record, LOY__CLASS_EVIDENCE, evidence_entry(run, i), v, &data);
	}
	memcpy(data, run->month, run->months * sizeof(*data));
	sort_months(data, run->months);
	record->months = (uint16_t)run->months;
	record->used = (uint16_t)words;
	return LOY_OK;
}

loy_status loy__run_apply(const loy__run *run, loy__record **record, const loy_allocator *memory)
{
	loy_status status = LOY_OK;

	if (*record == NULL) {
		status = create(run, record, memory);
	} else {
		if ((*record)->operations + run->count > LOY__OPERATIONS_MAX ||
		    run->magnitude > (uint64_t)INT64_MAX - (*record)->magnitude)
			return LOY_EOVERFLOW;
		if (LOY__UNLIKELY((*record)->used + run->months > (*record)->capacity))
			status = loy__record_reserve(record, new_months(run, *record), memory);
		if (status == LOY_OK && !place(run, *record))
			status = grow(run, record, memory);
	}
	if (status != LOY_OK)
		return status;
	(*record)->operations += run->count;
	(*record)->magnitude += run->magnitude;
	return LOY_OK;
}
