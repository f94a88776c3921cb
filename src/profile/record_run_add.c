/* Adding to a record what was collected of a customer's purchases (record_run.c). */
#include "profile/record_walk.h"

#include <string.h>

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

/* The tops of a pair of sums, as entries have them. */
static LOY__ALWAYS_INLINE uint64_t tops_of(const loy__run *run, uint32_t i)
{
	int32_t slow = run->sum[i][0].top + LOY__TOP_BIAS, fast = run->sum[i][1].top + LOY__TOP_BIAS;

	return (uint64_t)slow | (uint64_t)fast << 18;
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

/* Find all places; 0 when one is missing or too narrow. */
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
		if (!find(&words, end, &data, LOY__ENTRY(EVIDENCE, run->always[i].key), LOY__SHIFT_EVIDENCE))
			return 0;
		if ((*words >> 4 & UINT64_C(0xfffffffff)) != tops_of(run, i) ||
		    loy__entry_words(*words) < 4 ||
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

/* Room for the months, when nothing else has to grow with them. */
static LOY__NOINLINE loy_status make_room(const loy__run *run, loy__record **record,
                                          const loy_allocator *memory)
{
	size_t growth = new_months(run, *record);
	struct place p;

	return growth != 0 && find_all(run, *record, &p) ? loy__record_reserve(record, growth, memory)
	                                                 : LOY_OK;
}

/* 0 when there is not all of it. */
static LOY__ALWAYS_INLINE int place(const loy__run *run, loy__record *record)
{
	struct place p;
	uint32_t i;

	if (!find_all(run, record, &p))
		return 0;
	*p.kind += (uint64_t)run->count << 4;
	if (run->first < loy__signed(p.kind_data[0]))
		p.kind_data[0] = (uint64_t)run->first;
	if (run->last > loy__signed(p.kind_data[1]))
		p.kind_data[1] = (uint64_t)run->last;
	loy__money_add_in_place(p.money, p.money_data, run->purchased, run->squares, run->first_day,
	                        run->first_day_spend, run->discounts);
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
			status = make_room(run, record, memory);
		if (status == LOY_OK && !place(run, *record))
			status = grow(run, record, memory);
	}
	if (status != LOY_OK)
		return status;
	(*record)->operations += run->count;
	(*record)->magnitude += run->magnitude;
	return LOY_OK;
}
