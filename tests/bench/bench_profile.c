/*
 * What it costs to add an event to a profile, as ratios to a bare loop over the same stream that only keeps
 * count, sum, sum of squares, first and last; and what profiles take in memory:
 *
 *	cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_profile
 *	build/bench/tests/bench_profile
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include "profiles.h"

enum { EVENTS = 4096, ROUNDS = 9 };

/* What RFM keeps: the least a customer base can do with a purchase. */
struct bare {
	uint64_t count;
	int64_t sum;
	uint64_t squares_low, squares_high;
	int64_t first, last;
};

static void bare_add(struct bare *b, int64_t amount, int64_t time)
{
	uint64_t square = (uint64_t)(amount * amount);

	b->count++;
	b->sum += amount;
	b->squares_low += square;
	b->squares_high += b->squares_low < square;
	b->first = time < b->first ? time : b->first;
	b->last = time > b->last ? time : b->last;
}

struct stream {
	loy_event *event[EVENTS];
	uint32_t customer[EVENTS];
};

static loy__record **new_records(size_t count)
{
	loy__record **records = calloc(count, sizeof(*records));

	assert_non_null(records);
	return records;
}

/* Nanoseconds an event, the best of some rounds; the records are resident and have seen the stream before. */
static double time_records(const struct stream *s, const loy_schema *schema, size_t customers, size_t *bytes)
{
	loy__record **records = new_records(customers);
	loy_allocator memory;
	double best = 1e9;
	size_t i;
	int round;

	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	for (round = 0; round <= ROUNDS; round++) {
		double start = wall_seconds(), taken;

		for (i = 0; i < EVENTS; i++) {
			loy__record **record = &records[s->customer[i]];

			assert_int_equal(loy__record_apply(record, schema, s->event[i], 1, &memory, NULL),
			                 LOY_OK);
		}
		taken = (wall_seconds() - start) * 1e9 / EVENTS;
		if (round > 0 && taken < best)
			best = taken;
	}
	*bytes = 0;
	for (i = 0; i < customers; i++) {
		*bytes += loy__record_memory(records[i]);
		loy__record_free(records[i], &memory);
	}
	free(records);
	return best;
}

static double time_bare(const struct stream *s, size_t customers)
{
	struct bare *bare = calloc(customers, sizeof(*bare));
	double best = 1e9;
	size_t i;
	int round;

	assert_non_null(bare);
	for (round = 0; round < ROUNDS; round++) {
		double start = wall_seconds(), taken;

		for (i = 0; i < EVENTS; i++)
			bare_add(&bare[s->customer[i]], s->event[i]->field[LOY_FIELD_AMOUNT],
			         s->event[i]->time);
		taken = (wall_seconds() - start) * 1e9 / EVENTS;
		best = smaller(best, taken);
	}
	free(bare);
	return best;
}

static void fill(struct stream *s, loy__random *r, size_t customers, int tags)
{
	size_t i;

	for (i = 0; i < EVENTS; i++) {
		int64_t time = 19000 * LOY_DAY + (int64_t)loy__random_below(r, (uint64_t)(200 * LOY_DAY));

		assert_int_equal(loy_event_begin(s->event[i], LOY_KIND_PURCHASE, time), LOY_OK);
		assert_int_equal(
		        loy_event_set(s->event[i], LOY_FIELD_AMOUNT, (int64_t)loy__random_below(r, 100000)),
		        LOY_OK);
		assert_int_equal(loy_event_set(s->event[i], LOY_FIELD_CURRENCY, 4543826), LOY_OK);
		if (tags) {
			assert_int_equal(loy_event_set(s->event[i], LOY_FIELD_TOUCHPOINT,
			                               (int64_t)loy__random_below(r, 8)),
			                 LOY_OK);
			assert_int_equal(loy_event_set(s->event[i], LOY_FIELD_CATEGORY,
			                               (int64_t)loy__random_below(r, 12)),
			                 LOY_OK);
		}
		s->customer[i] = (uint32_t)loy__random_below(r, customers);
	}
}

/* Nanoseconds an event for new customers: each record is made from nothing. */
static double time_fresh(const struct stream *s, const loy_schema *schema, size_t *bytes)
{
	loy_allocator memory;
	double best = 1e9;
	size_t i;
	int round;

	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	for (round = 0; round < ROUNDS; round++) {
		double start = wall_seconds(), taken;

		for (i = 0; i < EVENTS; i++) {
			loy__record *record = NULL;

			assert_int_equal(loy__record_apply(&record, schema, s->event[i], 1, &memory, NULL),
			                 LOY_OK);
			*bytes = loy__record_memory(record);
			loy__record_free(record, &memory);
		}
		taken = (wall_seconds() - start) * 1e9 / EVENTS;
		best = smaller(best, taken);
	}
	return best;
}

int main(void)
{
	static const struct {
		const char *name;
		int sample, tags;
	} cases[] = {{"purchase, one channel", 0, 0}, {"purchase with two tags, four channels", 1, 1}};
	loy_schema *plain = plain_schema(), *sample = sample_schema();
	struct stream *s = calloc(1, sizeof(*s));
	loy__random r;
	size_t i, k, bytes = 0;

	assert_non_null(s);
	loy__random_init(&r, 1);
	for (i = 0; i < EVENTS; i++)
		assert_int_equal(loy_event_create(&s->event[i], NULL), LOY_OK);
	for (k = 0; k < LOY__COUNT(cases); k++) {
		const loy_schema *schema = cases[k].sample ? sample : plain;
		size_t customers;

		for (customers = 16; customers <= 1024; customers *= 8) {
			double bare, full;

			fill(s, &r, customers, cases[k].tags);
			bare = time_bare(s, customers);
			full = time_records(s, schema, customers, &bytes);
			printf("%s, %zu customers: bare %.2f ns, record %.1f ns: %.1f times, %zu bytes a "
			       "customer\n",
			       cases[k].name, customers, bare, full, full / bare, bytes / customers);
		}
		printf("%s, first event: %.1f ns", cases[k].name, time_fresh(s, schema, &bytes));
		printf(", %zu bytes\n", bytes);
	}
	for (i = 0; i < EVENTS; i++)
		loy_event_destroy(s->event[i]);
	free(s);
	free(plain);
	free(sample);
	return 0;
}
