/*
 * Profiles are an exact commutative monoid: random histories over all kinds and fields, shuffled, split and
 * merged (also through bytes), must give the same bytes. The number of histories is printed.
 */
#include "sample_profile.h"

enum { HISTORIES = 10000, LONGEST = 120 };

/* Events and whether each is added or taken back. */
struct history {
	loy_event *event[LONGEST];
	int sign[LONGEST];
	size_t count;
};

static void history_init(struct history *h)
{
	size_t i;

	for (i = 0; i < LONGEST; i++)
		assert_int_equal(loy_event_create(&h->event[i], NULL), LOY_OK);
}

static void history_free(struct history *h)
{
	size_t i;

	for (i = 0; i < LONGEST; i++)
		loy_event_destroy(h->event[i]);
}

static void history_fill(struct history *h, loy__random *r)
{
	int how = (int)loy__random_below(r, 3);
	size_t i;

	/* most are short, as most customers are */
	h->count = 1 + (size_t)loy__random_below(r, loy__random_below(r, 4) == 0 ? LONGEST : 20);
	for (i = 0; i < h->count; i++) {
		/* now and then one earlier event is taken back */
		h->sign[i] = i > 0 && loy__random_below(r, 8) == 0 ? -1 : 1;
		if (h->sign[i] < 0)
			assert_int_equal(loy_event_copy(h->event[i], h->event[loy__random_below(r, i)]),
			                 LOY_OK);
		else
			sample_event(h->event[i], r, how);
	}
}

static void history_shuffle(struct history *h, loy__random *r)
{
	size_t i;

	for (i = h->count; i > 1; i--) {
		size_t k = (size_t)loy__random_below(r, i);
		loy_event *event = h->event[k];
		int sign = h->sign[k];

		h->event[k] = h->event[i - 1];
		h->sign[k] = h->sign[i - 1];
		h->event[i - 1] = event;
		h->sign[i - 1] = sign;
	}
}

static void apply(loy_profile *profile, const loy_event *event, int sign)
{
	assert_int_equal(sign > 0 ? loy_profile_record(profile, event, NULL)
	                          : loy_profile_retract(profile, event, NULL),
	                 LOY_OK);
}

static int same_bytes(const loy_profile *profile, const uint8_t *bytes, size_t size)
{
	size_t other_size;
	uint8_t *other = profile_bytes(profile, &other_size);
	int same = size == other_size && memcmp(bytes, other, size) == 0;

	free(other);
	return same;
}

/* Build the history from parts that are merged in random order, some of them through bytes. */
static loy_profile *by_parts(const struct history *h, loy__random *r)
{
	enum { PARTS = 7 };
	size_t parts = 1 + (size_t)loy__random_below(r, PARTS), left = parts, i, size;
	loy_profile *part[PARTS];
	uint8_t *bytes;

	for (i = 0; i < parts; i++)
		part[i] = new_profile();
	for (i = 0; i < h->count; i++)
		apply(part[loy__random_below(r, parts)], h->event[i], h->sign[i]);
	while (left > 1) {
		size_t a = (size_t)loy__random_below(r, left - 1), b = left - 1;

		if (loy__random_below(r, 2) == 0) {
			assert_int_equal(loy_profile_merge(part[a], part[b]), LOY_OK);
		} else {
			bytes = profile_bytes(part[b], &size);
			assert_int_equal(loy_profile_merge_bytes(part[a], bytes, size, NULL), LOY_OK);
			free(bytes);
		}
		loy_profile_destroy(part[b]);
		left--;
	}
	return part[0];
}

static void any_order_and_any_split_give_the_same_bytes(void **state)
{
	unsigned long histories = 0, events = 0, builds = 0, differing = 0, largest = 0;
	struct history h;
	loy__random r;

	(void)state;
	loy__random_init(&r, 20260101);
	history_init(&h);
	for (; histories < HISTORIES; histories++) {
		loy_profile *first = new_profile(), *again;
		size_t size, i;
		uint8_t *bytes;
		int round;

		history_fill(&h, &r);
		for (i = 0; i < h.count; i++)
			apply(first, h.event[i], h.sign[i]);
		bytes = profile_bytes(first, &size);
		largest = size > largest ? (unsigned long)size : largest;
		for (round = 0; round < 3; round++) {
			history_shuffle(&h, &r);
			again = by_parts(&h, &r);
			if (!same_bytes(again, bytes, size) || !loy_profile_equal(first, again))
				differing++;
			loy_profile_destroy(again);
			builds++;
		}
		again = new_profile();
		assert_int_equal(loy_profile_read(again, bytes, size, NULL), LOY_OK);
		if (!same_bytes(again, bytes, size) || !loy_profile_equal(first, again))
			differing++;
		loy_profile_destroy(again);
		events += (unsigned long)h.count;
		free(bytes);
		loy_profile_destroy(first);
	}
	history_free(&h);
	print_message(
	        "%lu histories of %lu events, %lu shuffles in random parts and %lu readings: %lu differ "
	        "(the longest profile took %lu bytes)\n",
	        histories, events, builds, histories, differing, largest);
	assert_int_equal(differing, 0);
}

static loy_profile *from_history(const struct history *h, size_t from, size_t to)
{
	loy_profile *profile = new_profile();

	for (; from < to; from++)
		apply(profile, h->event[from], h->sign[from]);
	return profile;
}

static loy_profile *sum_of(const loy_profile *a, const loy_profile *b)
{
	loy_profile *sum = new_profile();

	assert_int_equal(loy_profile_copy(sum, a), LOY_OK);
	assert_int_equal(loy_profile_merge(sum, b), LOY_OK);
	return sum;
}

static void same(loy_profile *a, loy_profile *b)
{
	size_t size;
	uint8_t *bytes = profile_bytes(a, &size);

	assert_int_equal(loy_profile_equal(a, b), 1);
	assert_true(same_bytes(b, bytes, size));
	free(bytes);
	loy_profile_destroy(a);
	loy_profile_destroy(b);
}

/* (a + b) + c = a + (b + c), a + b = b + a, a + 0 = a, and an event is a profile of one event. */
static void merging_is_a_commutative_monoid(void **state)
{
	struct history h;
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 20260102);
	history_init(&h);
	for (round = 0; round < 2000; round++) {
		loy_profile *a, *b, *c, *ab, *bc, *zero = new_profile();
		size_t i, k;

		history_fill(&h, &r);
		i = (size_t)loy__random_below(&r, h.count + 1);
		k = i + (size_t)loy__random_below(&r, h.count - i + 1);
		a = from_history(&h, 0, i);
		b = from_history(&h, i, k);
		c = from_history(&h, k, h.count);
		ab = sum_of(a, b);
		bc = sum_of(b, c);
		same(sum_of(ab, c), sum_of(a, bc));
		same(sum_of(a, b), sum_of(b, a));
		same(sum_of(a, zero), sum_of(zero, a));
		same(sum_of(ab, zero), from_history(&h, 0, k));
		if (h.count > 0) {
			loy_profile *one = from_history(&h, 0, 1), *rest = from_history(&h, 1, h.count);

			same(sum_of(rest, one), from_history(&h, 0, h.count));
			loy_profile_destroy(one);
			loy_profile_destroy(rest);
		}
		loy_profile_destroy(a);
		loy_profile_destroy(b);
		loy_profile_destroy(c);
		loy_profile_destroy(ab);
		loy_profile_destroy(bc);
		loy_profile_destroy(zero);
	}
	history_free(&h);
}

/*
 * Histories with far more keys than a list keeps: what is kept is what a list of all keys would start with, and
 * its counts are exact, in any order and split.
 */
static void full_lists_do_not_depend_on_the_order(void **state)
{
	enum { EVENTS = 600, CODES = 300 };
	loy_event *event = NULL;
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 20260103);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (round = 0; round < 60; round++) {
		loy_profile *whole = new_profile(), *part[3];
		uint32_t count[CODES] = {0}, distinct = 0, code, k;
		uint32_t drawn[EVENTS];
		int i;

		for (i = 0; i < 3; i++)
			part[i] = new_profile();
		for (i = 0; i < EVENTS; i++) {
			drawn[i] = (uint32_t)loy__random_below(&r, 1 + loy__random_below(&r, CODES));
			count[drawn[i]]++;
		}
		for (i = 0; i < 2 * EVENTS; i++) {
			/* first in the order drawn; then in another (7 and 600 have no common factor), in parts */
			code = i < EVENTS ? drawn[i] : drawn[(i * 7) % EVENTS];
			assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, (int64_t)code * LOY_DAY),
			                 LOY_OK);
			assert_int_equal(loy_event_set(event, LOY_FIELD_SOURCE, code), LOY_OK);
			apply(i < EVENTS ? whole : part[loy__random_below(&r, 3)], event, 1);
		}
		assert_int_equal(loy_profile_merge(part[1], part[2]), LOY_OK);
		assert_int_equal(loy_profile_merge(part[0], part[1]), LOY_OK);
		assert_int_equal(loy_profile_equal(whole, part[0]), 1);
		for (code = 0; code < CODES; code++) {
			loy_value value;
			uint64_t key = (uint64_t)LOY_FIELD_SOURCE << 32 | code;
			loy_status status = loy_profile_get(whole, LOY_PROFILE_TAG_COUNT, key, 0, &value);

			if (count[code] == 0 || distinct >= LOY_PROFILE_KEYS_MAX) {
				assert_int_equal(status, LOY_EUNKNOWN);
			} else {
				assert_int_equal(status, LOY_OK);
				assert_int_equal(value.integer, count[code]);
			}
			distinct += count[code] != 0;
		}
		for (k = 0; k < 3; k++)
			loy_profile_destroy(part[k]);
		loy_profile_destroy(whole);
	}
	loy_event_destroy(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(any_order_and_any_split_give_the_same_bytes),
	        cmocka_unit_test(merging_is_a_commutative_monoid),
	        cmocka_unit_test(full_lists_do_not_depend_on_the_order),
	};

	return cmocka_run_group_tests_name("profile", tests, make_schema, free_schema);
}
