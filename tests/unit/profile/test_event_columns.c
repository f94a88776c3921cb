/* Events from columns: every type, any stride and alignment, absent values, refusals by row and field. */
#include "support.h"

#include <math.h>

#include "profile/profile.h"

enum { ROWS = 3 };

/* The three columns every table has; tests add theirs. */
static const uint16_t kinds[ROWS] = {LOY_KIND_PURCHASE, LOY_KIND_VISIT, LOY_KIND_OWN_FIRST};
static const int64_t times[ROWS] = {0, 5 * LOY_DAY, -LOY_DAY};
static const int64_t customers[ROWS] = {1, -1, INT64_MIN};

struct table {
	loy_column column[8];
	uint32_t count;
};

static struct table base_table(void)
{
	struct table table = {
	        {{LOY_FIELD_KIND, LOY_COLUMN_U16, kinds, sizeof(kinds[0]), NULL, NULL},
	         {LOY_FIELD_TIME, LOY_COLUMN_I64, times, sizeof(times[0]), NULL, NULL},
	         {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customers, sizeof(customers[0]), NULL, NULL}},
	        3};

	return table;
}

static loy_column *add(struct table *table, uint32_t field, uint32_t type, const void *data, int64_t stride)
{
	loy_column *column = &table->column[table->count++];

	column->field = field;
	column->type = type;
	column->data = data;
	column->stride = stride;
	column->offsets = NULL;
	column->present = NULL;
	return column;
}

static loy_event *fresh(void)
{
	loy_event *event = NULL;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	return event;
}

static void expect_row(loy_event *event, const struct table *table, uint64_t row)
{
	loy_error error = {.struct_size = sizeof(error)};

	if (loy_event_from_columns(event, table->column, table->count, row, &error) != LOY_OK)
		fail_msg("row %d, field %u: %s", (int)row, (unsigned)error.field, error.message);
}

static void expect_field(const loy_event *event, uint32_t field, int64_t expected)
{
	int64_t value = 0;

	assert_int_equal(loy_event_get(event, field, &value), LOY_OK);
	if (value != expected)
		fail_msg("field %u is %lld, not %lld", (unsigned)field, (long long)value,
		         (long long)expected);
}

static void expect_absent(const loy_event *event, uint32_t field)
{
	assert_int_equal(loy_event_get(event, field, NULL), LOY_ENOTFOUND);
}

static void expect_refusal(loy_event *event, const struct table *table, uint64_t row, loy_status status,
                           uint32_t field)
{
	loy_error error = {.struct_size = sizeof(error)};

	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, 0), LOY_OK);
	assert_int_equal(loy_event_from_columns(event, table->column, table->count, row, NULL), status);
	assert_int_equal(loy_event_from_columns(event, table->column, table->count, row, &error), status);
	assert_int_equal(error.code, status);
	assert_int_equal(error.field, field);
	assert_int_equal(error.row, (int64_t)row);
	assert_true(error.message[0] != '\0');
	assert_int_equal(loy_event_kind(event, NULL), LOY_ENOTFOUND); /* empty */
	assert_int_equal(loy_event_customer(event, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_customer_key(event, NULL, 0, NULL), LOY_ENOTFOUND);
}

/* ---- values ---- */

static void the_needed_columns_make_events(void **state)
{
	static const int64_t amounts[ROWS] = {250, 0, 0}, highs[ROWS] = {0, 4, 0},
	                     lows[ROWS] = {0, -1, INT64_MIN};
	static const uint8_t only_first[ROWS] = {1, 0, 0};
	struct table table = base_table();
	loy_event *event = fresh();
	uint64_t customer = 0, high = 0, low = 0;
	uint32_t kind = 0;
	int64_t time = 0;
	int row;

	(void)state;
	add(&table, LOY_FIELD_AMOUNT, LOY_COLUMN_I64, amounts, 8)->present = only_first;
	add(&table, LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, highs, 8);
	add(&table, LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, lows, 8);
	for (row = 0; row < ROWS; row++) {
		expect_row(event, &table, (uint64_t)row);
		assert_int_equal(loy_event_kind(event, &kind), LOY_OK);
		assert_int_equal(loy_event_time(event, &time), LOY_OK);
		assert_int_equal(loy_event_customer(event, &customer), LOY_OK);
		assert_int_equal(kind, kinds[row]);
		assert_true(time == times[row]);
		assert_true(customer == (uint64_t)customers[row]);
		assert_int_equal(loy_event_identity(event, &high, &low), row == 0 ? LOY_ENOTFOUND : LOY_OK);
		if (row == 0)
			expect_field(event, LOY_FIELD_AMOUNT, 250);
		else
			expect_absent(event, LOY_FIELD_AMOUNT);
	}
	assert_true(high == 0 && low == UINT64_C(1) << 63);
	loy_event_destroy(event);
}

/* Each integer type, in packed records at odd addresses, forwards, backwards and standing still. */
static void every_type_reads_at_any_address(void **state)
{
	static const int64_t i64[ROWS] = {1, -2, INT64_C(123456789012)};
	static const int32_t i32[ROWS] = {INT32_MIN, -1, INT32_MAX};
	static const uint32_t u32[ROWS] = {0, 1, UINT32_MAX};
	static const uint16_t u16[ROWS] = {0, 1, UINT16_MAX};
	static const uint8_t u8[ROWS] = {0, 1, 255};
	static const double f64[ROWS] = {0.5, -0.25, 1e-9};
	enum { SIZE = 1 + 8 + 4 + 4 + 2 + 1 + 8 };
	uint8_t packed[1 + ROWS * SIZE];
	struct table table, reals;
	loy_event *event = fresh();
	int row, back;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		uint8_t *at = packed + 1 + row * SIZE;

		memcpy(at, &i64[row], 8);
		memcpy(at + 8, &i32[row], 4);
		memcpy(at + 12, &u32[row], 4);
		memcpy(at + 16, &u16[row], 2);
		memcpy(at + 18, &u8[row], 1);
		memcpy(at + 19, &f64[row], 8);
	}
	for (back = 0; back < 2; back++) {
		const uint8_t *first = back ? packed + 1 + (ROWS - 1) * SIZE : packed + 1;
		const int64_t stride = back ? -SIZE : SIZE;

		table = base_table();
		table.column[0].data = &kinds[2]; /* an own kind in every row: it needs nothing */
		table.column[0].stride = 0;
		reals = table;
		add(&reals, LOY_FIELD_SENTIMENT, LOY_COLUMN_F64, first + 19, stride);
		add(&table, LOY_FIELD_AMOUNT, LOY_COLUMN_I64, first, stride);
		add(&table, LOY_FIELD_DISCOUNT, LOY_COLUMN_I32, first + 8, stride);
		add(&table, LOY_FIELD_CATEGORY, LOY_COLUMN_U32, first + 12, stride);
		add(&table, LOY_FIELD_ITEM, LOY_COLUMN_U16, first + 16, stride);
		add(&table, LOY_FIELD_TOUCHPOINT, LOY_COLUMN_U8, first + 18, stride);
		for (row = 0; row < ROWS; row++) {
			const int from = back ? ROWS - 1 - row : row;

			expect_row(event, &table, (uint64_t)row);
			expect_field(event, LOY_FIELD_AMOUNT, i64[from]);
			expect_field(event, LOY_FIELD_DISCOUNT, i32[from]);
			expect_field(event, LOY_FIELD_CATEGORY, u32[from]);
			expect_field(event, LOY_FIELD_ITEM, u16[from]);
			expect_field(event, LOY_FIELD_TOUCHPOINT, u8[from]);
			expect_row(event, &reals, (uint64_t)row);
			expect_field(event, LOY_FIELD_SENTIMENT,
			             from == 0   ? 500000000
			             : from == 1 ? -250000000
			                         : 1);
		}
	}
	loy_event_destroy(event);
}

static void doubles_are_rounded_or_whole_and_nan_is_absent(void **state)
{
	static const double ratios[ROWS] = {NAN, 0.0009765625, 1.0000000005},
	                    money[ROWS] = {1999.0, NAN, -3.0};
	static const double halves[ROWS] = {1999.5, 0.0, 1e19}, seconds[ROWS] = {86400e6, -0.0, 3e300};
	struct table table = base_table();
	loy_event *event = fresh();

	(void)state;
	add(&table, LOY_FIELD_SENTIMENT, LOY_COLUMN_F64, ratios, 8);
	add(&table, LOY_FIELD_AMOUNT, LOY_COLUMN_F64, money, 8);
	expect_row(event, &table, 0);
	expect_absent(event, LOY_FIELD_SENTIMENT);
	expect_field(event, LOY_FIELD_AMOUNT, 1999);
	expect_row(event, &table, 1);
	expect_field(event, LOY_FIELD_SENTIMENT, 976563); /* a half, away from zero */
	expect_absent(event, LOY_FIELD_AMOUNT);
	expect_refusal(event, &table, 2, LOY_ERANGE,
	               LOY_FIELD_SENTIMENT); /* one 1e-9 too many after rounding */
	table = base_table();
	add(&table, LOY_FIELD_AMOUNT, LOY_COLUMN_F64, halves, 8);
	expect_refusal(event, &table, 0, LOY_ERANGE, LOY_FIELD_AMOUNT);
	expect_row(event, &table, 1);
	expect_field(event, LOY_FIELD_AMOUNT, 0);
	expect_refusal(event, &table, 2, LOY_ERANGE, LOY_FIELD_AMOUNT);
	table = base_table();
	table.column[0].data = &kinds[1];
	table.column[0].stride = 0;
	add(&table, LOY_FIELD_ELAPSED, LOY_COLUMN_F64, seconds, 8);
	expect_row(event, &table, 0);
	expect_field(event, LOY_FIELD_ELAPSED, LOY_DAY);
	expect_row(event, &table, 1);
	expect_field(event, LOY_FIELD_ELAPSED, 0);
	expect_refusal(event, &table, 2, LOY_ERANGE, LOY_FIELD_ELAPSED);
	table = base_table();
	add(&table, LOY_FIELD_SENTIMENT, LOY_COLUMN_F64, seconds, 8);
	expect_refusal(event, &table, 2, LOY_ERANGE, LOY_FIELD_SENTIMENT);
	loy_event_destroy(event);
}

/* Texts back to back, as Arrow and pandas have them: offsets are one more than rows. */
static void texts_become_keys_kinds_currencies_and_codes(void **state)
{
	static const char names[] = "visit"
	                            "purchase"
	                            "membership";
	static const int64_t name_offsets[] = {0, 5, 13, 23};
	static const char keys[] = "J\xC3\xB8rgen"
	                           "42"
	                           "z";
	static const int64_t key_offsets[] = {0, 7, 9, 10};
	static const char currencies[] = "EUR"
	                                 "JPY";
	static const int64_t currency_offsets[] = {0, 0, 3, 6};
	static const char shops[] = "Caf\xC3\xA9 Nord";
	static const int64_t shop_offsets[] = {0, 10, 10, 10};
	static const int64_t amounts[] = {1, 2, 3};
	static const uint16_t states[] = {1, 1, 1};
	struct table table = {.count = 0};
	loy_event *event = fresh();
	char key[16];
	uint32_t kind = 0, code = 0;

	(void)state;
	add(&table, LOY_FIELD_KIND, LOY_COLUMN_TEXT, names, 0)->offsets = name_offsets;
	add(&table, LOY_FIELD_TIME, LOY_COLUMN_I64, times, 8);
	add(&table, LOY_FIELD_CUSTOMER, LOY_COLUMN_TEXT, keys, 0)->offsets = key_offsets;
	add(&table, LOY_FIELD_CURRENCY, LOY_COLUMN_TEXT, currencies, 0)->offsets = currency_offsets;
	add(&table, LOY_FIELD_TOUCHPOINT, LOY_COLUMN_TEXT, shops, 0)->offsets = shop_offsets;
	add(&table, LOY_FIELD_AMOUNT, LOY_COLUMN_I64, amounts, 8);
	add(&table, LOY_FIELD_STATE, LOY_COLUMN_U16, states, 2);
	expect_row(event, &table, 0);
	assert_int_equal(loy_event_kind(event, &kind), LOY_OK);
	assert_int_equal(kind, LOY_KIND_VISIT);
	assert_int_equal(loy_event_customer_key(event, key, sizeof(key), NULL), LOY_OK);
	assert_string_equal(key, "J\xC3\xB8rgen");
	assert_int_equal(loy_event_customer(event, NULL), LOY_ENOTFOUND);
	expect_absent(event, LOY_FIELD_CURRENCY);
	assert_int_equal(loy_code_from_text("Caf\xC3\xA9 Nord", 10, &code), LOY_OK);
	expect_field(event, LOY_FIELD_TOUCHPOINT, code);
	expect_row(event, &table, 1);
	assert_int_equal(loy_event_kind(event, &kind), LOY_OK);
	assert_int_equal(kind, LOY_KIND_PURCHASE);
	assert_int_equal(loy_event_customer_key(event, key, sizeof(key), NULL), LOY_OK);
	assert_string_equal(key, "42");
	expect_field(event, LOY_FIELD_CURRENCY, loy_currency_code("EUR"));
	expect_absent(event, LOY_FIELD_TOUCHPOINT);
	expect_row(event, &table, 2);
	assert_int_equal(loy_event_customer_key(event, key, sizeof(key), NULL), LOY_OK);
	assert_string_equal(key, "z");
	expect_field(event, LOY_FIELD_CURRENCY, loy_currency_code("JPY"));
	loy_event_destroy(event);
}

static void refuse_text(uint32_t field, const char *text, int64_t begin, int64_t end, loy_status status)
{
	struct table table = base_table();
	const int64_t offsets[] = {0, begin, end};
	loy_event *event = fresh();

	if (field == LOY_FIELD_CUSTOMER || field == LOY_FIELD_KIND) {
		loy_column *column = &table.column[field == LOY_FIELD_KIND ? 0 : 2];

		column->type = LOY_COLUMN_TEXT;
		column->data = text;
		column->offsets = offsets;
	} else {
		add(&table, field, LOY_COLUMN_TEXT, text, 0)->offsets = offsets;
	}
	expect_refusal(event, &table, 1, status, field);
	loy_event_destroy(event);
}

static void texts_that_name_nothing_are_refused(void **state)
{
	static char far[LOY_CUSTOMER_KEY_MAX + 1];

	(void)state;
	memset(far, 'f', sizeof(far));
	refuse_text(LOY_FIELD_CUSTOMER, "", 0, 0, LOY_EINVAL); /* an empty key is none */
	refuse_text(LOY_FIELD_CUSTOMER, "a\xFF", 0, 2, LOY_EUTF8);
	refuse_text(LOY_FIELD_CUSTOMER, far, 0, sizeof(far), LOY_ELIMIT);
	refuse_text(LOY_FIELD_CUSTOMER, "abc", 2, 1, LOY_EINVAL);
	refuse_text(LOY_FIELD_CUSTOMER, "abc", -1, 1, LOY_EINVAL);
	refuse_text(LOY_FIELD_CUSTOMER, NULL, 0, 1, LOY_EINVAL);
	refuse_text(LOY_FIELD_KIND, "no such kind", 0, 12, LOY_ERANGE);
	refuse_text(LOY_FIELD_KIND, "", 0, 0, LOY_EINVAL);
	refuse_text(LOY_FIELD_CURRENCY, "eur", 0, 3, LOY_ERANGE);
	refuse_text(LOY_FIELD_CURRENCY, "EURO", 0, 4, LOY_ERANGE);
	refuse_text(LOY_FIELD_OFFER, "\xFF", 0, 1, LOY_EUTF8);
}

/* ---- rows ---- */

static void rows_out_of_range_are_refused_with_their_field(void **state)
{
	static const int64_t bad_times[ROWS] = {LOY_TIME_MAX + 1, LOY_TIME_MIN - 1, 0},
	                     nobody[ROWS] = {1, 0, 1};
	static const int32_t bad_kinds[ROWS] = {0, 65536, -1};
	static const uint8_t hidden[ROWS] = {1, 0, 1};
	struct table table = base_table();
	loy_event *event = fresh();
	int row, i;

	(void)state;
	table.column[1].data = bad_times;
	expect_refusal(event, &table, 0, LOY_ETIME, LOY_FIELD_TIME);
	expect_refusal(event, &table, 1, LOY_ETIME, LOY_FIELD_TIME);
	table = base_table();
	table.column[0].type = LOY_COLUMN_I32;
	table.column[0].data = bad_kinds;
	table.column[0].stride = 4;
	for (row = 0; row < ROWS; row++)
		expect_refusal(event, &table, (uint64_t)row, LOY_ERANGE, LOY_FIELD_KIND);
	table = base_table();
	table.column[2].data = nobody;
	expect_refusal(event, &table, 1, LOY_EINVAL, LOY_FIELD_CUSTOMER);
	for (i = 0; i < 3; i++) { /* kind, time or customer not set in a row */
		table = base_table();
		table.column[i].present = hidden;
		expect_refusal(event, &table, 1, LOY_EINVAL, table.column[i].field);
		expect_row(event, &table, 2);
	}
	loy_event_destroy(event);
}

static void incomplete_rows_are_refused(void **state)
{
	static const int64_t scale[ROWS] = {5, 5, 5};
	struct table table = base_table();
	loy_event *event = fresh();

	(void)state;
	expect_refusal(event, &table, 0, LOY_EINVAL, LOY_FIELD_AMOUNT); /* a purchase without one */
	expect_row(event, &table, 1);
	add(&table, LOY_FIELD_SCALE_MIN, LOY_COLUMN_I64, scale, 8);
	add(&table, LOY_FIELD_SCALE_MAX, LOY_COLUMN_I64, scale, 8);
	expect_refusal(event, &table, 1, LOY_EINVAL, LOY_FIELD_SCALE_MAX);
	loy_event_destroy(event);
}

/* A row says all there is: what the event held before is gone. */
static void a_row_replaces_the_event(void **state)
{
	const loy_line line = {1, 2, 3, 4};
	struct table table = base_table();
	loy_event *event = fresh();
	uint32_t count = 9;

	(void)state;
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, 0), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, 1, 1), LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, "key", 3), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 3), LOY_OK);
	assert_int_equal(loy_event_add_line(event, &line), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 1000, "x", 1), LOY_OK);
	expect_row(event, &table, 1);
	assert_int_equal(loy_event_identity(event, NULL, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_customer_key(event, NULL, 0, NULL), LOY_ENOTFOUND);
	expect_absent(event, LOY_FIELD_AMOUNT);
	assert_int_equal(loy_event_line_count(event, &count), LOY_OK);
	assert_int_equal(count, 0);
	assert_int_equal(loy_event_extension(event, 1000, NULL, NULL), LOY_ENOTFOUND);
	loy_event_destroy(event);
}

/* ---- definitions ---- */

static void refuse_table(const struct table *table, uint32_t field)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_event *event = fresh();

	assert_int_equal(loy__columns_check(table->column, table->count, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, 0), LOY_OK);
	assert_int_equal(loy_event_from_columns(event, table->column, table->count, 1, &error), LOY_EINVAL);
	assert_int_equal(error.row, -1);
	assert_int_equal(error.field, field);
	assert_int_equal(loy_event_kind(event, NULL), LOY_ENOTFOUND);
	loy_event_destroy(event);
}

static void flawed_definitions_are_refused(void **state)
{
	static const uint32_t no_text[] = {LOY_FIELD_AMOUNT, LOY_FIELD_INSTRUMENT,   LOY_FIELD_ITEM,
	                                   LOY_FIELD_TIME,   LOY_FIELD_IDENTITY_LOW, LOY_FIELD_VALUE};
	static const uint32_t no_double[] = {LOY_FIELD_IDENTITY_HIGH, LOY_FIELD_REFERENCE_LOW};
	static const uint32_t no_field[] = {0, 39, 63, 69, UINT32_MAX};
	struct table table = base_table();
	size_t i;

	(void)state;
	assert_int_equal(loy_event_from_columns(NULL, table.column, 3, 0, NULL), LOY_EINVAL);
	for (i = 0; i < 3; i++) { /* one of the three is missing */
		uint32_t field;

		table = base_table();
		field = table.column[i].field;
		table.column[i] = table.column[--table.count];
		refuse_table(&table, field);
	}
	table.count = 0;
	refuse_table(&table, 0);
	assert_int_equal(loy__columns_check(NULL, 3, NULL), LOY_EINVAL);
	table = base_table();
	add(&table, LOY_FIELD_AMOUNT, LOY_COLUMN_I64, NULL, 8);
	refuse_table(&table, LOY_FIELD_AMOUNT);
	table.column[3].data = times;
	table.column[3].type = 0;
	refuse_table(&table, LOY_FIELD_AMOUNT);
	table.column[3].type = LOY_COLUMN_TEXT + 1;
	refuse_table(&table, LOY_FIELD_AMOUNT);
	table = base_table();
	add(&table, LOY_FIELD_TIME, LOY_COLUMN_I64, times, 8);
	refuse_table(&table, LOY_FIELD_TIME);
	table = base_table();
	add(&table, LOY_FIELD_OFFER, LOY_COLUMN_TEXT, "x", 1); /* without offsets */
	refuse_table(&table, LOY_FIELD_OFFER);
	for (i = 0; i < sizeof(no_text) / sizeof(no_text[0]); i++) {
		table = base_table();
		add(&table, no_text[i], LOY_COLUMN_TEXT, "x", 1)->offsets = times;
		refuse_table(&table, no_text[i]);
	}
	for (i = 0; i < sizeof(no_double) / sizeof(no_double[0]); i++) {
		table = base_table();
		add(&table, no_double[i], LOY_COLUMN_F64, times, 8);
		refuse_table(&table, no_double[i]);
	}
	for (i = 0; i < sizeof(no_field) / sizeof(no_field[0]); i++) {
		table = base_table();
		add(&table, no_field[i], LOY_COLUMN_I64, times, 8);
		refuse_table(&table, no_field[i]);
	}
}

/* A caller's error struct that is too small to be one is not written to. */
static void a_foreign_error_struct_is_left_alone(void **state)
{
	struct table table = base_table();
	loy_event *event = fresh();
	loy_error error;

	(void)state;
	memset(&error, 0, sizeof(error));
	assert_int_equal(loy_event_from_columns(event, table.column, table.count, 0, &error), LOY_EINVAL);
	assert_int_equal(error.field, 0);
	assert_int_equal(error.row, 0);
	loy_event_destroy(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_needed_columns_make_events),
	        cmocka_unit_test(every_type_reads_at_any_address),
	        cmocka_unit_test(doubles_are_rounded_or_whole_and_nan_is_absent),
	        cmocka_unit_test(texts_become_keys_kinds_currencies_and_codes),
	        cmocka_unit_test(texts_that_name_nothing_are_refused),
	        cmocka_unit_test(rows_out_of_range_are_refused_with_their_field),
	        cmocka_unit_test(incomplete_rows_are_refused),
	        cmocka_unit_test(a_row_replaces_the_event),
	        cmocka_unit_test(flawed_definitions_are_refused),
	        cmocka_unit_test(a_foreign_error_struct_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
