/* Events: setting, refusing, copying, reading back, memory. */
#include "support.h"

#include <math.h>

#include "profile/profile.h"

static loy_event *fresh(const loy_allocator *memory, uint32_t kind)
{
	loy_event *event = NULL;

	assert_int_equal(loy_event_create(&event, memory), LOY_OK);
	assert_int_equal(loy_event_begin(event, kind, INT64_C(1700000000) * LOY_SECOND), LOY_OK);
	return event;
}

/* ---- the registry ---- */

static void fields_are_listed_in_ascending_order_and_found_by_name(void **state)
{
	uint32_t i, last = 0;
	loy_field field;

	(void)state;
	assert_int_equal(loy_field_count(), 43);
	for (i = 0; i < loy_field_count(); i++) {
		assert_int_equal(loy_field_info(i, &field), LOY_OK);
		assert_true(field.id > last);
		assert_true(field.least <= field.greatest);
		assert_true(field.type >= LOY_TYPE_COUNT && field.type <= LOY_TYPE_WORD);
		assert_int_equal(loy_field_find(field.name, strlen(field.name)), field.id);
		assert_int_equal(loy_field_find(field.name, strlen(field.name) - 1), LOY_FIELD_NONE);
		last = field.id;
	}
	assert_int_equal(last, LOY_FIELD_CUSTOMER);
	assert_int_equal(loy_field_info(loy_field_count(), &field), LOY_ENOTFOUND);
	assert_int_equal(loy_field_info(0, NULL), LOY_EINVAL);
	assert_int_equal(loy_field_find("amount\0", 7), LOY_FIELD_NONE);
	assert_int_equal(loy_field_find("", 0), LOY_FIELD_NONE);
	assert_int_equal(loy_field_find(NULL, 3), LOY_FIELD_NONE);
}

static void field_info_tells_type_and_range(void **state)
{
	loy_field field;

	(void)state;
	assert_int_equal(loy_field_info(0, &field), LOY_OK);
	assert_int_equal(field.id, LOY_FIELD_AMOUNT);
	assert_int_equal(field.type, LOY_TYPE_MONEY);
	assert_string_equal(field.name, "amount");
	assert_true(field.least == -LOY_MONEY_MAX && field.greatest == LOY_MONEY_MAX);
	assert_int_equal(loy_field_info(42, &field), LOY_OK);
	assert_string_equal(field.name, "customer");
	assert_int_equal(field.type, LOY_TYPE_WORD);
}

static void kinds_are_found_by_name_and_named(void **state)
{
	uint32_t kind;

	(void)state;
	for (kind = 1; kind <= LOY_KIND_CONSENT; kind++) {
		const char *name = loy_kind_name(kind);

		assert_non_null(name);
		assert_int_equal(loy_kind_find(name, strlen(name)), kind);
	}
	assert_string_equal(loy_kind_name(LOY_KIND_REFERRAL_CONVERTED), "referral_converted");
	assert_null(loy_kind_name(LOY_KIND_NONE));
	assert_null(loy_kind_name(LOY_KIND_CONSENT + 1));
	assert_null(loy_kind_name(LOY_KIND_OWN_FIRST));
	assert_null(loy_kind_name(UINT32_MAX));
	assert_int_equal(loy_kind_find("", 0), LOY_KIND_NONE);
	assert_int_equal(loy_kind_find("Purchase", 8), LOY_KIND_NONE);
	assert_int_equal(loy_kind_find(NULL, 0), LOY_KIND_NONE);
}

static void currency_codes_come_from_three_capital_letters(void **state)
{
	(void)state;
	assert_int_equal(loy_currency_code("EUR"), 0x455552);
	assert_int_equal(loy_currency_code("AZA"), 0x415A41);
	assert_int_equal(loy_currency_code("eur"), 0);
	assert_int_equal(loy_currency_code("E@R"), 0);
	assert_int_equal(loy_currency_code("EU["), 0);
	assert_int_equal(loy_currency_code("\0\0\0"), 0);
	assert_int_equal(loy_currency_code(NULL), 0);
}

/* ---- life ---- */

static void create_needs_an_output_and_a_whole_allocator(void **state)
{
	loy_event *event = (loy_event *)state;
	loy_allocator half = {NULL, NULL, NULL, NULL};

	assert_int_equal(loy_event_create(NULL, NULL), LOY_EINVAL);
	half.release = faulty_release;
	assert_int_equal(loy_event_create(&event, &half), LOY_EINVAL);
	assert_null(event);
	loy_event_destroy(NULL);
}

static void begin_refuses_kinds_and_times_and_changes_nothing(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_VISIT);
	uint32_t kind;
	int64_t time;

	(void)state;
	assert_int_equal(loy_event_set(event, LOY_FIELD_CHANNEL, 7), LOY_OK);
	assert_int_equal(loy_event_begin(NULL, 1, 0), LOY_EINVAL);
	assert_int_equal(loy_event_begin(event, 0, 0), LOY_ERANGE);
	assert_int_equal(loy_event_begin(event, 65536, 0), LOY_ERANGE);
	assert_int_equal(loy_event_begin(event, 1, LOY_TIME_MIN - 1), LOY_ETIME);
	assert_int_equal(loy_event_begin(event, 1, LOY_TIME_MAX + 1), LOY_ETIME);
	assert_int_equal(loy_event_kind(event, &kind), LOY_OK);
	assert_int_equal(loy_event_time(event, &time), LOY_OK);
	assert_int_equal(kind, LOY_KIND_VISIT);
	assert_int_equal(time, INT64_C(1700000000) * LOY_SECOND);
	assert_int_equal(loy_event_get(event, LOY_FIELD_CHANNEL, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, 65535, LOY_TIME_MIN), LOY_OK);
	assert_int_equal(loy_event_begin(event, 1, LOY_TIME_MAX), LOY_OK);
	loy_event_destroy(event);
}

static void begin_forgets_everything(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_PURCHASE);
	const loy_line line = {1, 2, 3, 4};
	uint32_t field, count;

	(void)state;
	assert_int_equal(loy_event_set_identity(event, 1, 2), LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, "k", 1), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 5), LOY_OK);
	assert_int_equal(loy_event_add_line(event, &line), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 1000, "x", 1), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, 0), LOY_OK);
	assert_int_equal(loy_event_identity(event, NULL, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_customer(event, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_customer_key(event, NULL, 0, NULL), LOY_ENOTFOUND);
	for (field = 1; field <= LOY_FIELD_OPTIONAL_LAST; field++)
		assert_int_equal(loy_event_get(event, field, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_line_count(event, &count), LOY_OK);
	assert_int_equal(count, 0);
	assert_int_equal(loy_event_extension(event, 1000, NULL, NULL), LOY_ENOTFOUND);
	loy_event_destroy(event);
}

static void nothing_can_be_set_before_begin(void **state)
{
	loy_event *event = NULL;
	const loy_line line = {1, 0, 0, 0};

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, 1, 1), LOY_ESTATE);
	assert_int_equal(loy_event_set_sequence(event, 1, 1, 1), LOY_ESTATE);
	assert_int_equal(loy_event_set_customer(event, 1), LOY_ESTATE);
	assert_int_equal(loy_event_set_customer_key(event, "k", 1), LOY_ESTATE);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 1), LOY_ESTATE);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, 1.0), LOY_ESTATE);
	assert_int_equal(loy_event_set_reference(event, 1, 1), LOY_ESTATE);
	assert_int_equal(loy_event_add_line(event, &line), LOY_ESTATE);
	assert_int_equal(loy_event_set_extension(event, 1000, "x", 1), LOY_ESTATE);
	assert_int_equal(loy_event_kind(event, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_time(event, NULL), LOY_ENOTFOUND);
	loy_event_destroy(event);
}

static void no_event_is_refused_everywhere(void **state)
{
	const loy_line line = {1, 0, 0, 0};

	(void)state;
	assert_int_equal(loy_event_set_identity(NULL, 1, 1), LOY_EINVAL);
	assert_int_equal(loy_event_set_sequence(NULL, 1, 1, 1), LOY_EINVAL);
	assert_int_equal(loy_event_set_sequence(NULL, 0, 1, 1), LOY_EINVAL);
	assert_int_equal(loy_event_set_customer(NULL, 1), LOY_EINVAL);
	assert_int_equal(loy_event_set_customer_key(NULL, "k", 1), LOY_EINVAL);
	assert_int_equal(loy_event_set(NULL, LOY_FIELD_AMOUNT, 1), LOY_EINVAL);
	assert_int_equal(loy_event_set_ratio(NULL, LOY_FIELD_VALUE, 1.0), LOY_EINVAL);
	assert_int_equal(loy_event_set_reference(NULL, 1, 1), LOY_EINVAL);
	assert_int_equal(loy_event_add_line(NULL, &line), LOY_EINVAL);
	assert_int_equal(loy_event_set_extension(NULL, 1000, "x", 1), LOY_EINVAL);
	assert_int_equal(loy_event_kind(NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_time(NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_identity(NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_customer(NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_customer_key(NULL, NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_get(NULL, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_line_count(NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_line(NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_extension(NULL, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_check(NULL, NULL), LOY_EINVAL);
}

/* ---- identity and customer ---- */

static void identities_are_set_and_read(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_VISIT);
	uint64_t high = 9, low = 9;

	(void)state;
	assert_int_equal(loy_event_set_identity(event, UINT64_MAX, 5), LOY_OK);
	assert_int_equal(loy_event_identity(event, &high, &low), LOY_OK);
	assert_true(high == UINT64_MAX && low == 5);
	assert_int_equal(loy_event_set_identity(event, 0, 0), LOY_OK);
	assert_int_equal(loy_event_identity(event, &high, &low), LOY_ENOTFOUND);
	assert_int_equal(loy_event_set_sequence(event, 0, 1, 1), LOY_ERANGE);
	assert_int_equal(loy_event_set_sequence(event, UINT32_C(1) << 31, 1, 1), LOY_ERANGE);
	assert_int_equal(loy_event_set_sequence(event, INT32_MAX, UINT32_MAX, UINT64_MAX), LOY_OK);
	assert_int_equal(loy_event_identity(event, &high, &low), LOY_OK);
	assert_true(high == INT64_MAX && low == UINT64_MAX); /* the top bit of a sequence is 0 */
	assert_int_equal(loy_event_set_sequence(event, 3, 4, 5), LOY_OK);
	assert_int_equal(loy_event_identity(event, &high, &low), LOY_OK);
	assert_true(high == (UINT64_C(3) << 32 | 4) && low == 5);
	loy_event_destroy(event);
}

static void the_later_customer_counts(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_VISIT);
	char buffer[16];
	uint64_t customer = 0;
	size_t needed = 0;

	(void)state;
	assert_int_equal(loy_event_set_customer(event, 0), LOY_EINVAL);
	assert_int_equal(loy_event_set_customer(event, UINT64_MAX), LOY_OK);
	assert_int_equal(loy_event_customer(event, &customer), LOY_OK);
	assert_true(customer == UINT64_MAX);
	assert_int_equal(loy_event_customer_key(event, buffer, sizeof(buffer), &needed), LOY_ENOTFOUND);
	assert_int_equal(loy_event_set_customer_key(event, "J\xC3\xB8rn", 5), LOY_OK);
	assert_int_equal(loy_event_customer(event, &customer), LOY_ENOTFOUND);
	assert_int_equal(loy_event_customer_key(event, buffer, sizeof(buffer), &needed), LOY_OK);
	assert_int_equal(needed, 5);
	assert_string_equal(buffer, "J\xC3\xB8rn");
	assert_int_equal(loy_event_customer_key(event, buffer, 5, &needed), LOY_EBUFFER);
	assert_int_equal(loy_event_customer_key(event, NULL, 0, &needed), LOY_EBUFFER);
	assert_int_equal(loy_event_customer_key(event, NULL, 9, &needed), LOY_EINVAL);
	assert_int_equal(loy_event_set_customer(event, 3), LOY_OK);
	assert_int_equal(loy_event_customer_key(event, buffer, sizeof(buffer), &needed), LOY_ENOTFOUND);
	loy_event_destroy(event);
}

static void customer_keys_are_bounded_utf8(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_VISIT);
	char key[LOY_CUSTOMER_KEY_MAX + 2], out[LOY_CUSTOMER_KEY_MAX + 1];
	uint64_t customer = 0;

	(void)state;
	memset(key, 'k', sizeof(key));
	assert_int_equal(loy_event_set_customer(event, 42), LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, NULL, 3), LOY_EINVAL);
	assert_int_equal(loy_event_set_customer_key(event, key, 0), LOY_EINVAL);
	assert_int_equal(loy_event_set_customer_key(event, key, LOY_CUSTOMER_KEY_MAX + 1), LOY_ELIMIT);
	assert_int_equal(loy_event_set_customer_key(event, "\xC3", 1), LOY_EUTF8);
	assert_int_equal(loy_event_customer(event, &customer), LOY_OK);
	assert_int_equal(customer, 42); /* refusals changed nothing */
	assert_int_equal(loy_event_set_customer_key(event, key, LOY_CUSTOMER_KEY_MAX), LOY_OK);
	assert_int_equal(loy_event_customer_key(event, out, sizeof(out), NULL), LOY_OK);
	assert_memory_equal(out, key, LOY_CUSTOMER_KEY_MAX);
	assert_int_equal(out[LOY_CUSTOMER_KEY_MAX], 0);
	loy_event_destroy(event);
}

/* ---- fields ---- */

static void every_field_takes_its_range_and_no_more(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_VISIT);
	uint32_t i;

	(void)state;
	for (i = 0; i < loy_field_count(); i++) {
		loy_field field;
		int64_t value = 0;

		assert_int_equal(loy_field_info(i, &field), LOY_OK);
		if (field.id > LOY_FIELD_OPTIONAL_LAST) {
			assert_int_equal(loy_event_set(event, field.id, field.least), LOY_EINVAL);
			assert_int_equal(loy_event_get(event, field.id, &value), LOY_EINVAL);
			continue;
		}
		assert_int_equal(loy_event_get(event, field.id, &value), LOY_ENOTFOUND);
		if (field.least != INT64_MIN)
			assert_int_equal(loy_event_set(event, field.id, field.least - 1), LOY_ERANGE);
		if (field.greatest != INT64_MAX)
			assert_int_equal(loy_event_set(event, field.id, field.greatest + 1), LOY_ERANGE);
		assert_int_equal(loy_event_get(event, field.id, &value), LOY_ENOTFOUND);
		assert_int_equal(loy_event_set(event, field.id, field.least), LOY_OK);
		assert_int_equal(loy_event_get(event, field.id, &value), LOY_OK);
		assert_true(value == field.least);
		assert_int_equal(loy_event_set(event, field.id, field.greatest), LOY_OK);
		assert_int_equal(loy_event_get(event, field.id, &value), LOY_OK);
		assert_true(value == field.greatest);
	}
	assert_int_equal(loy_event_set(event, 0, 0), LOY_EINVAL);
	assert_int_equal(loy_event_set(event, 39, 0), LOY_EINVAL); /* a later version's, perhaps */
	assert_int_equal(loy_event_set(event, 63, 0), LOY_EINVAL);
	assert_int_equal(loy_event_set(event, UINT32_MAX, 0), LOY_EINVAL);
	assert_int_equal(loy_event_get(event, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_get(event, 64, NULL), LOY_EINVAL);
	loy_event_destroy(event);
}

static void expect_ratio(loy_event *event, uint32_t field, double value, int64_t expected)
{
	int64_t got = 0;

	assert_int_equal(loy_event_set_ratio(event, field, value), LOY_OK);
	assert_int_equal(loy_event_get(event, field, &got), LOY_OK);
	if (got != expected)
		fail_msg("%.17g becomes %lld, not %lld", value, (long long)got, (long long)expected);
}

/* Expected values: the exact binary value of each literal times 1e9, rounded by hand with big integers. */
static void ratios_round_to_the_nearest_halves_away_from_zero(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_VISIT);

	(void)state;
	expect_ratio(event, LOY_FIELD_VALUE, 0.35, 350000000);
	expect_ratio(event, LOY_FIELD_VALUE, -0.0, 0);
	expect_ratio(event, LOY_FIELD_VALUE, 5e-324, 0);
	expect_ratio(event, LOY_FIELD_VALUE, 1e6, INT64_C(1000000000000000));
	/* 2^-10 is 976562.5e-9 exactly, and 3 * 2^-10 is 2929687.5e-9 */
	expect_ratio(event, LOY_FIELD_VALUE, 0.0009765625, 976563);
	expect_ratio(event, LOY_FIELD_VALUE, -0.0009765625, -976563);
	expect_ratio(event, LOY_FIELD_VALUE, 0.0029296875, 2929688);
	/* one double below 2^-10: 976562.4999999999: the product rounds to a lower number, not to the half */
	expect_ratio(event, LOY_FIELD_VALUE, nextafter(0.0009765625, 0.0), 976562);
	/* products that are a half in double, from above (to 3, to 735) or below (to 1, to 4, to 597) */
	expect_ratio(event, LOY_FIELD_VALUE, 0.5e-9, 1);
	expect_ratio(event, LOY_FIELD_VALUE, nextafter(0.5e-9, 0.0), 0);
	expect_ratio(event, LOY_FIELD_VALUE, 1.5e-9, 1);
	expect_ratio(event, LOY_FIELD_VALUE, 2.5e-9, 3);
	expect_ratio(event, LOY_FIELD_VALUE, 4.5e-9, 4);
	expect_ratio(event, LOY_FIELD_VALUE, 80106.0121277345, INT64_C(80106012127735));
	expect_ratio(event, LOY_FIELD_VALUE, 16592.5541775975, INT64_C(16592554177597));
	expect_ratio(event, LOY_FIELD_VALUE, -53427.8967654685, -INT64_C(53427896765468));
	/* beyond 2^52 doubles have no halves; the error of the product is still made good */
	expect_ratio(event, LOY_FIELD_QUANTITY, 123456789.123456791, INT64_C(123456789123456791));
	expect_ratio(event, LOY_FIELD_QUANTITY, -123456789.123456791, -INT64_C(123456789123456791));
	expect_ratio(event, LOY_FIELD_QUANTITY, 764657281.6333625, INT64_C(764657281633362532));
	expect_ratio(event, LOY_FIELD_QUANTITY, -450933322.1142534, -INT64_C(450933322114253402));
	expect_ratio(event, LOY_FIELD_QUANTITY, 12084992.817599585, INT64_C(12084992817599585));
	expect_ratio(event, LOY_FIELD_QUANTITY, 1e9, INT64_C(1000000000000000000));
	loy_event_destroy(event);
}

static void ratios_refuse_what_is_no_ratio(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_VISIT);

	(void)state;
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, NAN), LOY_ERANGE);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, INFINITY), LOY_ERANGE);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, -INFINITY), LOY_ERANGE);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, 1e300), LOY_ERANGE);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, 1000000.000000001), LOY_ERANGE);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_QUANTITY, 9.3e9), LOY_ERANGE);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_SEVERITY, 1.000000001), LOY_ERANGE);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_AMOUNT, 1.0), LOY_EINVAL);
	assert_int_equal(loy_event_set_ratio(event, 0, 1.0), LOY_EINVAL);
	assert_int_equal(loy_event_set_ratio(event, 64, 1.0), LOY_EINVAL);
	assert_int_equal(loy_event_get(event, LOY_FIELD_VALUE, NULL), LOY_ENOTFOUND);
	loy_event_destroy(event);
}

static void references_are_two_words(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_RETURN);
	int64_t high = 0, low = 0;

	(void)state;
	assert_int_equal(loy_event_set_reference(event, 0, 0), LOY_EINVAL);
	assert_int_equal(loy_event_get(event, LOY_FIELD_REFERENCE_LOW, &low), LOY_ENOTFOUND);
	assert_int_equal(loy_event_set_reference(event, UINT64_MAX, UINT64_C(1) << 63), LOY_OK);
	assert_int_equal(loy_event_get(event, LOY_FIELD_REFERENCE_HIGH, &high), LOY_OK);
	assert_int_equal(loy_event_get(event, LOY_FIELD_REFERENCE_LOW, &low), LOY_OK);
	assert_true(high == -1 && low == INT64_MIN);
	assert_int_equal(loy_event_set_reference(event, 0, 7), LOY_OK);
	assert_int_equal(loy_event_get(event, LOY_FIELD_REFERENCE_HIGH, &high), LOY_OK);
	assert_int_equal(loy_event_get(event, LOY_FIELD_REFERENCE_LOW, &low), LOY_OK);
	assert_true(high == 0 && low == 7);
	loy_event_destroy(event);
}

/* ---- lines and extensions ---- */

static void lines_are_kept_in_order_up_to_the_limit(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_PURCHASE);
	loy_line line = {0, 9, 0, 0}, out;
	uint32_t i, count;

	(void)state;
	for (i = 0; i < LOY_LINES_MAX; i++) {
		line.category = i;
		line.quantity = (int64_t)i * LOY_RATIO_ONE;
		line.amount = -(int64_t)i;
		assert_int_equal(loy_event_add_line(event, &line), LOY_OK);
	}
	assert_int_equal(loy_event_add_line(event, &line), LOY_ELIMIT);
	assert_int_equal(loy_event_line_count(event, &count), LOY_OK);
	assert_int_equal(count, LOY_LINES_MAX);
	for (i = 0; i < LOY_LINES_MAX; i++) {
		assert_int_equal(loy_event_line(event, i, &out), LOY_OK);
		assert_int_equal(out.category, i);
		assert_int_equal(out.type, 9);
		assert_true(out.quantity == (int64_t)i * LOY_RATIO_ONE && out.amount == -(int64_t)i);
	}
	assert_int_equal(loy_event_line(event, LOY_LINES_MAX, &out), LOY_ENOTFOUND);
	loy_event_destroy(event);
}

static void lines_out_of_range_are_refused(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_PURCHASE);
	loy_line line = {0, 0, 0, LOY_MONEY_MAX + 1};
	uint32_t count = 7;

	(void)state;
	assert_int_equal(loy_event_add_line(event, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_add_line(event, &line), LOY_ERANGE);
	line.amount = -LOY_MONEY_MAX - 1;
	assert_int_equal(loy_event_add_line(event, &line), LOY_ERANGE);
	line.amount = 0;
	line.quantity = INT64_C(1000000000000000001);
	assert_int_equal(loy_event_add_line(event, &line), LOY_ERANGE);
	line.quantity = INT64_MIN;
	assert_int_equal(loy_event_add_line(event, &line), LOY_ERANGE);
	assert_int_equal(loy_event_line_count(event, &count), LOY_OK);
	assert_int_equal(count, 0);
	loy_event_destroy(event);
}

/* A line borrowed from the event itself survives the move of the array. */
static void a_line_can_be_added_again(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_event *event = fresh(&memory, LOY_KIND_PURCHASE);
	loy_line line = {11, 12, 13, 14};
	uint32_t i;

	(void)state;
	assert_int_equal(loy_event_add_line(event, &line), LOY_OK);
	for (i = 0; i < 40; i++)
		assert_int_equal(loy_event_add_line(event, &event->lines[i]), LOY_OK);
	assert_int_equal(loy_event_line(event, 40, &line), LOY_OK);
	assert_true(line.category == 11 && line.type == 12 && line.quantity == 13 && line.amount == 14);
	loy_event_destroy(event);
	assert_int_equal(heap.live, 0);
}

static void expect_extension(const loy_event *event, uint32_t tag, const char *text)
{
	const void *data = NULL;
	size_t size = 0;

	assert_int_equal(loy_event_extension(event, tag, &data, &size), LOY_OK);
	assert_int_equal(size, strlen(text));
	assert_memory_equal(data, text, size);
}

static void extensions_are_set_replaced_and_removed(void **state)
{
	static const uint32_t tags[] = {1, 1000, 2000, 65535};
	loy_event *event = fresh(NULL, LOY_KIND_VISIT);
	uint32_t tag, i;

	(void)state;
	assert_int_equal(loy_event_set_extension(event, 2000, "two thousand", 12), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 1000, "thousand", 8), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 65535, "last", 4), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 1, "a later version's", 17), LOY_OK);
	expect_extension(event, 1, "a later version's");
	expect_extension(event, 1000, "thousand");
	expect_extension(event, 2000, "two thousand");
	expect_extension(event, 65535, "last");
	for (i = 0; i < 4; i++) {
		assert_int_equal(loy_event_extension_tag(event, i, &tag), LOY_OK);
		assert_int_equal(tag, tags[i]);
	}
	assert_int_equal(loy_event_extension_tag(event, 4, &tag), LOY_ENOTFOUND);
	assert_int_equal(loy_event_extension_tag(event, UINT32_MAX, &tag), LOY_ENOTFOUND);
	assert_int_equal(tag, 65535);
	assert_int_equal(loy_event_extension_tag(event, 0, NULL), LOY_OK);
	assert_int_equal(loy_event_extension_tag(NULL, 0, &tag), LOY_EINVAL);
	assert_int_equal(loy_event_set_extension(event, 1000, "a rather longer text", 20), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 2000, "2", 1), LOY_OK);
	expect_extension(event, 1, "a later version's");
	expect_extension(event, 1000, "a rather longer text");
	expect_extension(event, 2000, "2");
	expect_extension(event, 65535, "last");
	assert_int_equal(loy_event_set_extension(event, 1, NULL, 0), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 1, NULL, 0), LOY_OK); /* nothing to remove: fine */
	assert_int_equal(loy_event_set_extension(event, 65535, "", 0), LOY_OK);
	assert_int_equal(loy_event_extension(event, 1, NULL, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_extension(event, 65535, NULL, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_extension(event, 1500, NULL, NULL), LOY_ENOTFOUND);
	expect_extension(event, 1000, "a rather longer text");
	expect_extension(event, 2000, "2");
	loy_event_destroy(event);
}

static void extensions_are_bounded(void **state)
{
	static char block[LOY_EXTENSION_MAX + 1];
	loy_event *event = fresh(NULL, LOY_KIND_VISIT);

	(void)state;
	memset(block, 'b', sizeof(block));
	assert_int_equal(loy_event_set_extension(event, 0, "x", 1), LOY_EINVAL);
	assert_int_equal(loy_event_set_extension(event, 65536, "x", 1), LOY_EINVAL);
	assert_int_equal(loy_event_set_extension(event, 1000, NULL, 1), LOY_EINVAL);
	assert_int_equal(loy_event_extension(event, 0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_extension(event, 65536, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_set_extension(event, 1000, "keep", 4), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 1001, block, sizeof(block)), LOY_ELIMIT);
	assert_int_equal(loy_event_set_extension(event, 1001, block, SIZE_MAX), LOY_ELIMIT);
	/* "keep" takes 7 bytes with its head, and the head of the other is 4 */
	assert_int_equal(loy_event_set_extension(event, 1001, block, LOY_EXTENSION_MAX - 10), LOY_ELIMIT);
	assert_int_equal(loy_event_set_extension(event, 1001, block, LOY_EXTENSION_MAX - 11), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 1002, "x", 1), LOY_ELIMIT);
	assert_int_equal(loy_event_set_extension(event, 1000, "keeps", 5), LOY_ELIMIT);
	expect_extension(event, 1000, "keep");
	loy_event_destroy(event);
}

/* ---- copies and memory ---- */

static void fill(loy_event *event)
{
	const loy_line line = {5, 6, 7, 8};

	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, 1234567), LOY_OK);
	assert_int_equal(loy_event_set_sequence(event, 1, 2, 3), LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, "customer", 8), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 1999), LOY_OK);
	assert_int_equal(loy_event_add_line(event, &line), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 1000, "extension", 9), LOY_OK);
}

static void assert_same_bytes(const loy_event *a, const loy_event *b)
{
	uint8_t one[1024], other[1024];
	size_t size = 0, other_size = 0;

	assert_int_equal(loy_event_write(a, one, sizeof(one), &size), LOY_OK);
	assert_int_equal(loy_event_write(b, other, sizeof(other), &other_size), LOY_OK);
	assert_int_equal(size, other_size);
	assert_memory_equal(one, other, size);
}

static void copies_are_equal_and_apart(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_VISIT), *copy = fresh(NULL, LOY_KIND_CONSENT), *empty = NULL;

	(void)state;
	fill(event);
	assert_int_equal(loy_event_set_extension(copy, 1111, "gone", 4), LOY_OK);
	assert_int_equal(loy_event_copy(NULL, event), LOY_EINVAL);
	assert_int_equal(loy_event_copy(copy, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_copy(copy, event), LOY_OK);
	assert_same_bytes(copy, event);
	assert_int_equal(loy_event_copy(copy, copy), LOY_OK);
	assert_same_bytes(copy, event);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 1), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, 0), LOY_OK);
	expect_extension(copy, 1000, "extension");
	assert_int_equal(loy_event_create(&empty, NULL), LOY_OK);
	assert_int_equal(loy_event_copy(copy, empty), LOY_OK);
	assert_int_equal(loy_event_kind(copy, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_extension(copy, 1000, NULL, NULL), LOY_ENOTFOUND);
	loy_event_destroy(event);
	loy_event_destroy(copy);
	loy_event_destroy(empty);
}

static void outputs_may_be_null(void **state)
{
	loy_event *event = fresh(NULL, LOY_KIND_PURCHASE);

	(void)state;
	fill(event);
	assert_int_equal(loy_event_kind(event, NULL), LOY_OK);
	assert_int_equal(loy_event_time(event, NULL), LOY_OK);
	assert_int_equal(loy_event_identity(event, NULL, NULL), LOY_OK);
	assert_int_equal(loy_event_get(event, LOY_FIELD_AMOUNT, NULL), LOY_OK);
	assert_int_equal(loy_event_line_count(event, NULL), LOY_OK);
	assert_int_equal(loy_event_line(event, 0, NULL), LOY_OK);
	assert_int_equal(loy_event_extension(event, 1000, NULL, NULL), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
	assert_int_equal(loy_event_customer(event, NULL), LOY_OK);
	loy_event_destroy(event);
}

static void create_survives_a_failed_allocation(void **state)
{
	struct faulty heap = {.until = 0};
	loy_allocator memory = faulty_allocator(&heap);
	loy_event *event = (loy_event *)state;

	assert_int_equal(loy_event_create(&event, &memory), LOY_ENOMEM);
	assert_null(event);
	assert_int_equal(heap.live, 0);
}

/* Lines, extensions and copies: each is refused once for want of memory, and leaves the event as it was. */
static void setters_survive_every_failed_allocation(void **state)
{
	const loy_line line = {5, 6, 7, 8};
	loy_event *full = fresh(NULL, LOY_KIND_VISIT), *before = fresh(NULL, LOY_KIND_VISIT);
	int refused = 0, done = 0;
	long n;

	(void)state;
	fill(full);
	for (n = 1; !done; n++) { /* request 0 is the event itself */
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_event *event = fresh(&memory, LOY_KIND_PURCHASE);
		loy_status status = LOY_OK;
		int step;

		for (step = 0; step < 3 && status == LOY_OK; step++) {
			assert_int_equal(loy_event_copy(before, event), LOY_OK);
			status = step == 0   ? loy_event_add_line(event, &line)
			         : step == 1 ? loy_event_set_extension(event, 1000, "x", 1)
			                     : loy_event_copy(event, full);
			if (status == LOY_ENOMEM) {
				assert_same_bytes(event, before);
				refused++;
			} else {
				assert_int_equal(status, LOY_OK);
			}
		}
		done = heap.refused == 0;
		loy_event_destroy(event);
		assert_int_equal(heap.live, 0);
		assert_int_equal(heap.bytes, 0);
	}
	assert_int_equal(refused, 3);
	loy_event_destroy(full);
	loy_event_destroy(before);
}

static void an_event_reused_asks_for_no_memory(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_event *event = fresh(&memory, LOY_KIND_PURCHASE);
	long requests;
	int i;

	(void)state;
	fill(event);
	requests = heap.requests;
	for (i = 0; i < 100; i++)
		fill(event);
	assert_int_equal(heap.requests, requests);
	loy_event_destroy(event);
	assert_int_equal(heap.live, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(fields_are_listed_in_ascending_order_and_found_by_name),
	        cmocka_unit_test(field_info_tells_type_and_range),
	        cmocka_unit_test(kinds_are_found_by_name_and_named),
	        cmocka_unit_test(currency_codes_come_from_three_capital_letters),
	        cmocka_unit_test(create_needs_an_output_and_a_whole_allocator),
	        cmocka_unit_test(begin_refuses_kinds_and_times_and_changes_nothing),
	        cmocka_unit_test(begin_forgets_everything),
	        cmocka_unit_test(nothing_can_be_set_before_begin),
	        cmocka_unit_test(no_event_is_refused_everywhere),
	        cmocka_unit_test(identities_are_set_and_read),
	        cmocka_unit_test(the_later_customer_counts),
	        cmocka_unit_test(customer_keys_are_bounded_utf8),
	        cmocka_unit_test(every_field_takes_its_range_and_no_more),
	        cmocka_unit_test(ratios_round_to_the_nearest_halves_away_from_zero),
	        cmocka_unit_test(ratios_refuse_what_is_no_ratio),
	        cmocka_unit_test(references_are_two_words),
	        cmocka_unit_test(lines_are_kept_in_order_up_to_the_limit),
	        cmocka_unit_test(lines_out_of_range_are_refused),
	        cmocka_unit_test(a_line_can_be_added_again),
	        cmocka_unit_test(extensions_are_set_replaced_and_removed),
	        cmocka_unit_test(extensions_are_bounded),
	        cmocka_unit_test(copies_are_equal_and_apart),
	        cmocka_unit_test(outputs_may_be_null),
	        cmocka_unit_test(create_survives_a_failed_allocation),
	        cmocka_unit_test(setters_survive_every_failed_allocation),
	        cmocka_unit_test(an_event_reused_asks_for_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
