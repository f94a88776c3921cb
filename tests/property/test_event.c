/* Properties of events over random ones: bytes and back, digests, shares, ratios. Seeds are fixed. */
#include "support.h"

#include <math.h>

#include "profile/profile.h"

#define ROUNDS 20000

static uint64_t below(loy__random *r, uint64_t bound)
{
	return loy__random_below(r, bound);
}

/* A number in a range, often one of its ends or a small one. */
static int64_t value_between(loy__random *r, int64_t least, int64_t greatest)
{
	uint64_t width = (uint64_t)greatest - (uint64_t)least; /* INT64_MIN … INT64_MAX included */
	uint64_t offset;

	switch (below(r, 5)) {
	case 0:
		return least;
	case 1:
		return greatest;
	case 2:
		offset = below(r, width < 1000 ? width + 1 : 1000);
		break;
	default:
		offset = width == UINT64_MAX ? loy__random_next(r) : below(r, width + 1);
		break;
	}
	return loy__field_from_word((uint64_t)least + offset);
}

/* Text of one to four bytes a character. */
static size_t random_key(loy__random *r, char *key, size_t most)
{
	static const char *const letters[] = {"a", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "7", "-"};
	size_t length = 0, wanted = 1 + (size_t)below(r, most - 3);

	while (length < wanted) {
		const char *letter = letters[below(r, sizeof(letters) / sizeof(letters[0]))];
		size_t size = strlen(letter);

		memcpy(key + length, letter, size);
		length += size;
	}
	return length;
}

/* Sets what was chosen before in an order of its own: events do not remember how they were made. */
struct wish {
	uint32_t field;
	int64_t value;
};
struct plan {
	uint32_t kind, wishes, lines, tags;
	int64_t time;
	uint64_t high, low, customer;
	char key[LOY_CUSTOMER_KEY_MAX];
	size_t key_length;
	struct wish wish[LOY_FIELD_OPTIONAL_LAST + 1];
	loy_line line[8];
	uint32_t tag[5];
	uint8_t bytes[5][64];
	size_t size[5];
};

static void draw_extensions(loy__random *r, struct plan *plan)
{
	uint32_t i;
	size_t j;

	plan->tags = (uint32_t)below(r, 6);
	for (i = 0; i < plan->tags; i++) {
		plan->tag[i] = (i == 0 ? 1 : plan->tag[i - 1] + 1) + (uint32_t)below(r, 13000);
		plan->size[i] = 1 + (size_t)below(r, 64);
		for (j = 0; j < plan->size[i]; j++)
			plan->bytes[i][j] = (uint8_t)loy__random_next(r);
	}
}

static void draw(loy__random *r, struct plan *plan)
{
	uint32_t i;

	plan->kind = 1 + (uint32_t)below(r, below(r, 2) != 0 ? 25 : LOY_KIND_LAST);
	plan->time = value_between(r, LOY_TIME_MIN, LOY_TIME_MAX);
	plan->high = below(r, 3) == 0 ? 0 : loy__random_next(r);
	plan->low = below(r, 3) == 0 ? 0 : loy__random_next(r);
	plan->customer = below(r, 3) == 0 ? 0 : loy__random_next(r) >> below(r, 64);
	plan->key_length = below(r, 2) == 0 ? 0 : random_key(r, plan->key, LOY_CUSTOMER_KEY_MAX);
	plan->wishes = 0;
	for (i = 0; i < loy_field_count(); i++) {
		loy_field field;

		assert_int_equal(loy_field_info(i, &field), LOY_OK);
		if (field.id <= LOY_FIELD_OPTIONAL_LAST && below(r, 4) == 0) {
			plan->wish[plan->wishes].field = field.id;
			plan->wish[plan->wishes++].value = value_between(r, field.least, field.greatest);
		}
	}
	plan->lines = below(r, 2) == 0 ? 0 : (uint32_t)below(r, 9);
	for (i = 0; i < plan->lines; i++) {
		plan->line[i].category = (uint32_t)loy__random_next(r);
		plan->line[i].type = (uint32_t)below(r, 300);
		plan->line[i].quantity =
		        value_between(r, -INT64_C(1000000000000000000), INT64_C(1000000000000000000));
		plan->line[i].amount = value_between(r, -LOY_MONEY_MAX, LOY_MONEY_MAX);
	}
	draw_extensions(r, plan);
}

static void set_extension(loy_event *event, const struct plan *plan, uint32_t i)
{
	assert_int_equal(loy_event_set_extension(event, plan->tag[i], plan->bytes[i], plan->size[i]), LOY_OK);
}

static void build(loy_event *event, const struct plan *plan, int backwards)
{
	uint32_t i;

	assert_int_equal(loy_event_begin(event, plan->kind, plan->time), LOY_OK);
	for (i = 0; backwards && i < plan->tags; i++)
		set_extension(event, plan, plan->tags - 1 - i);
	for (i = 0; i < plan->wishes; i++) {
		const struct wish *wish = &plan->wish[backwards ? plan->wishes - 1 - i : i];

		assert_int_equal(loy_event_set(event, wish->field, wish->value), LOY_OK);
	}
	for (i = 0; !backwards && i < plan->tags; i++)
		set_extension(event, plan, i);
	for (i = 0; i < plan->lines; i++)
		assert_int_equal(loy_event_add_line(event, &plan->line[i]), LOY_OK);
	if (plan->customer != 0)
		assert_int_equal(loy_event_set_customer(event, plan->customer), LOY_OK);
	if (plan->key_length != 0)
		assert_int_equal(loy_event_set_customer_key(event, plan->key, plan->key_length), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, plan->high, plan->low), LOY_OK);
}

static void assert_as_planned(const loy_event *event, const struct plan *plan)
{
	char key[LOY_CUSTOMER_KEY_MAX + 1];
	uint32_t i, count = 0, field, set = 0;
	size_t size = 0;
	const void *data = NULL;
	loy_line line;
	int64_t value;
	uint64_t customer = 0;

	for (i = 0; i < plan->wishes; i++) {
		assert_int_equal(loy_event_get(event, plan->wish[i].field, &value), LOY_OK);
		assert_true(value == plan->wish[i].value);
	}
	for (field = 1; field <= LOY_FIELD_OPTIONAL_LAST; field++)
		set += loy_event_get(event, field, NULL) == LOY_OK;
	assert_int_equal(set, plan->wishes);
	assert_int_equal(loy_event_line_count(event, &count), LOY_OK);
	assert_int_equal(count, plan->lines);
	for (i = 0; i < count; i++) {
		assert_int_equal(loy_event_line(event, i, &line), LOY_OK);
		assert_memory_equal(&line, &plan->line[i], sizeof(line));
	}
	for (i = 0; i < plan->tags; i++) {
		assert_int_equal(loy_event_extension(event, plan->tag[i], &data, &size), LOY_OK);
		assert_int_equal(size, plan->size[i]);
		assert_memory_equal(data, plan->bytes[i], size);
	}
	if (plan->key_length != 0) {
		assert_int_equal(loy_event_customer_key(event, key, sizeof(key), &size), LOY_OK);
		assert_int_equal(size, plan->key_length);
		assert_memory_equal(key, plan->key, size);
	} else {
		assert_int_equal(loy_event_customer(event, &customer),
		                 plan->customer != 0 ? LOY_OK : LOY_ENOTFOUND);
		assert_true(customer == plan->customer);
	}
}

static void bytes_and_events_are_one_to_one(void **state)
{
	static struct plan plan;
	loy_event *event = NULL, *other = NULL;
	uint8_t bytes[2048], again[2048];
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 20240501);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&other, NULL), LOY_OK);
	for (round = 0; round < ROUNDS; round++) {
		size_t size = 0, size_again = 0, used = 0;
		uint64_t digest = 0, digest_again = 1;

		draw(&r, &plan);
		build(event, &plan, 0);
		build(other, &plan, 1);
		assert_int_equal(loy_event_write(event, bytes, sizeof(bytes), &size), LOY_OK);
		assert_int_equal(loy_event_write(other, again, sizeof(again), &size_again), LOY_OK);
		assert_int_equal(size, size_again);
		assert_memory_equal(bytes, again, size); /* made in another order: the same */
		assert_int_equal(loy_event_read(other, bytes, size, &used, NULL), LOY_OK);
		assert_int_equal(used, size);
		assert_as_planned(other, &plan);
		assert_int_equal(loy_event_copy(event, other), LOY_OK);
		assert_int_equal(loy_event_write(event, again, size, &size_again), LOY_OK);
		assert_int_equal(size, size_again);
		assert_memory_equal(bytes, again, size);
		assert_int_equal(loy_event_digest(event, &digest), LOY_OK);
		assert_int_equal(loy_event_digest(other, &digest_again), LOY_OK);
		assert_true(digest == digest_again);
	}
	loy_event_destroy(event);
	loy_event_destroy(other);
}

/* Any change of content changes the mark; the identity is no part of it. */
static void marks_tell_contents_apart(void **state)
{
	static struct plan plan;
	loy_event *event = NULL, *other = NULL;
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 11);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&other, NULL), LOY_OK);
	for (round = 0; round < ROUNDS; round++) {
		uint64_t mark;
		uint32_t field;
		size_t i;

		draw(&r, &plan);
		build(event, &plan, 0);
		build(other, &plan, 1);
		mark = loy__event_mark(event);
		assert_true(loy__event_mark(other) == mark);
		other->identity_low++;
		assert_true(loy__event_mark(other) == mark);
		other->time++;
		assert_true(loy__event_mark(other) != mark);
		other->time--;
		other->kind ^= 1;
		assert_true(loy__event_mark(other) != mark);
		other->kind ^= 1;
		for (field = 0; field <= LOY_FIELD_OPTIONAL_LAST; field++) {
			other->present ^= UINT64_C(1) << field;
			assert_true(loy__event_mark(other) != mark);
			other->present ^= UINT64_C(1) << field;
			other->field[field] ^= 1;
			assert_true((loy__event_mark(other) != mark) == loy__event_has(other, field));
			other->field[field] ^= 1;
		}
		for (i = 0; i < other->line_count; i++) {
			other->lines[i].amount ^= 1;
			assert_true(loy__event_mark(other) != mark);
			other->lines[i].amount ^= 1;
			other->lines[i].type ^= 1;
			assert_true(loy__event_mark(other) != mark);
			other->lines[i].type ^= 1;
		}
		if (other->key_length != 0)
			other->key[other->key_length - 1] ^= 1;
		else
			other->customer ^= 1;
		assert_true(loy__event_mark(other) != mark);
	}
	loy_event_destroy(event);
	loy_event_destroy(other);
}

/* Any few bytes changed: refused, or read as the event that has exactly these bytes. */
static void damaged_bytes_are_never_read_as_other_ones(void **state)
{
	static struct plan plan;
	loy_event *event = NULL;
	uint8_t bytes[2048], again[2048];
	loy__random r;
	int round, accepted = 0;

	(void)state;
	loy__random_init(&r, 7);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (round = 0; round < ROUNDS; round++) {
		size_t size = 0, used = 0, written = 0;
		uint64_t i, changes = 1 + below(&r, 3);

		draw(&r, &plan);
		build(event, &plan, 0);
		assert_int_equal(loy_event_write(event, bytes, sizeof(bytes), &size), LOY_OK);
		for (i = 0; i < changes; i++)
			bytes[below(&r, size)] ^= (uint8_t)(1 + below(&r, 255));
		if (loy_event_read(event, bytes, size, &used, NULL) != LOY_OK)
			continue;
		accepted++;
		assert_int_equal(loy_event_write(event, again, sizeof(again), &written), LOY_OK);
		assert_int_equal(written, used);
		assert_memory_equal(again, bytes, used);
	}
	assert_true(accepted > ROUNDS / 10); /* not all are refused, or nothing would be shown */
	loy_event_destroy(event);
}

/* share = floor(rest * 1e9 / width + 1/2), that is share * 2 width <= 2e9 rest + width < (share + 1) * 2 width. */
static void shares_are_the_nearest(void **state)
{
	loy_event *event = NULL;
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 99);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (round = 0; round < ROUNDS; round++) {
		const int64_t most = LOY_RATIO_ONE * 1000000;
		int64_t least = value_between(&r, -most, most - 1),
		        greatest = value_between(&r, least + 1, most);
		int64_t value = value_between(&r, least, greatest), share = -1;
		loy__wide middle, low, high, difference;

		assert_int_equal(loy_event_begin(event, LOY_KIND_SURVEY_ANSWER, 0), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_VALUE, value), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_SCALE_MIN, least), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_SCALE_MAX, greatest), LOY_OK);
		assert_int_equal(loy__event_share(event, &share), 1);
		middle = loy__wide_multiply(2 * (value - least), LOY_RATIO_ONE);
		assert_true(loy__wide_add(middle, loy__wide_from(greatest - least), &middle));
		low = loy__wide_multiply(share, 2 * (greatest - least));
		high = loy__wide_multiply(share + 1, 2 * (greatest - least));
		assert_true(loy__wide_add(middle, loy__wide_negate(low), &difference));
		assert_true(difference.high >= 0);
		assert_true(loy__wide_add(middle, loy__wide_negate(high), &difference));
		assert_true(difference.high < 0);
	}
	loy_event_destroy(event);
}

/*
 * A double is m * 2^-shift. The ratio n of it is right when 2n - 1 <= 2e9 m / 2^shift < 2n + 1 (for m >= 0), which
 * is checked on 128-bit integers. Doubles near halves are made on purpose.
 */
static void ratios_are_the_nearest(void **state)
{
	loy_event *event = NULL;
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 3);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, 0), LOY_OK);
	for (round = 0; round < ROUNDS; round++) {
		int exponent;
		double near = ((double)below(&r, 1000000000000) + 0.5) / 1e9;
		double value = below(&r, 4) == 0 ? loy__random_unit(&r) * 1000.0 : near;
		double fraction = frexp(value, &exponent);
		int64_t m = (int64_t)ldexp(fraction, 53), n = 0;
		int shift = 53 - exponent; /* value = m / 2^shift, 43 <= shift <= 84 */
		loy__wide twice, low, high, difference;

		if (shift > 60) /* the bounds below are (2n ± 1) * 2^shift: one factor has to fit 64 bits */
			continue;
		assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, value), LOY_OK);
		assert_int_equal(loy_event_get(event, LOY_FIELD_VALUE, &n), LOY_OK);
		twice = loy__wide_multiply(m, 2 * LOY_RATIO_ONE);
		low = loy__wide_multiply(2 * n - 1, INT64_C(1) << shift);
		high = loy__wide_multiply(2 * n + 1, INT64_C(1) << shift);
		assert_true(loy__wide_add(twice, loy__wide_negate(low), &difference));
		assert_true(difference.high >= 0);
		assert_true(loy__wide_add(twice, loy__wide_negate(high), &difference));
		assert_true(difference.high < 0);
		assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, -value), LOY_OK);
		assert_int_equal(loy_event_get(event, LOY_FIELD_VALUE, &m), LOY_OK);
		assert_true(m == -n);
	}
	loy_event_destroy(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(bytes_and_events_are_one_to_one),
	        cmocka_unit_test(marks_tell_contents_apart),
	        cmocka_unit_test(damaged_bytes_are_never_read_as_other_ones),
	        cmocka_unit_test(shares_are_the_nearest),
	        cmocka_unit_test(ratios_are_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
