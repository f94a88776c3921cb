#include "stores.h"

#include <math.h>

#include "model/model.h"

#define NOW (20200 * LOY_DAY)

static loy_model *model;
static loy_store *store; /* customers 1 … 300, one in three by key, with 0 to 3 consent events each */

enum { CUSTOMERS = 300 };

/* What the latest consent event of a customer says: 0 never asked, 1 refused, 2 granted; and since when. */
static int answer[CUSTOMERS + 1];
static int64_t since[CUSTOMERS + 1];

static size_t name_of(unsigned customer, char *key, size_t size)
{
	return customer % 3 == 0 ? (size_t)snprintf(key, size, "c%u", customer) : 0;
}

static void begin(loy_event *event, unsigned customer, uint32_t kind, int64_t time)
{
	char key[16];
	size_t length = name_of(customer, key, sizeof(key));

	assert_int_equal(loy_event_begin(event, kind, time), LOY_OK);
	if (length != 0)
		assert_int_equal(loy_event_set_customer_key(event, key, length), LOY_OK);
	else
		assert_int_equal(loy_event_set_customer(event, customer), LOY_OK);
}

static void consent(loy_event *event, unsigned customer, uint32_t purpose, int granted, int64_t time)
{
	begin(event, customer, LOY_KIND_CONSENT, time);
	assert_int_equal(loy_event_set(event, LOY_FIELD_PURPOSE, purpose), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_GRANTED, granted), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
}

static int set_up(void **state)
{
	loy_event *event;
	loy__random random;
	unsigned i;

	(void)state;
	model = stores_model();
	store = stores_create(model, 0);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	loy__random_init(&random, 7);
	for (i = 1; i <= CUSTOMERS; i++) {
		uint64_t asked = loy__random_below(&random, 4);

		begin(event, i, LOY_KIND_PURCHASE, NOW - 100 * LOY_DAY);
		assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 1000 + i), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
		for (; asked > 0; asked--) {
			int granted = (int)loy__random_below(&random, 2);
			/* odd and different, in any order: the latest counts, not the last */
			int64_t time =
			        NOW - LOY_DAY * (int64_t)(8 * loy__random_below(&random, 1000) + asked);

			consent(event, i, LOY_PURPOSE_MARKETING, granted, time);
			if (answer[i] == 0 || time > since[i]) {
				answer[i] = 1 + granted;
				since[i] = time;
			}
		}
		if (i % 2 == 0) /* another purpose is another question */
			consent(event, i, LOY_PURPOSE_ANALYTICS, i % 4 == 0, NOW);
	}
	loy_event_destroy(event);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	loy_store_destroy(store);
	free(model);
	return 0;
}

static loy_status ask(unsigned customer, uint32_t purpose, int64_t *time)
{
	char key[16];
	size_t length = name_of(customer, key, sizeof(key));

	return loy_store_consent(store, length != 0 ? 0 : customer, key, length, purpose, time);
}

static void the_latest_answer_counts(void **state)
{
	static const loy_status expected[3] = {LOY_EUNKNOWN, LOY_ECONSENT, LOY_OK};
	unsigned i, seen[3] = {0, 0, 0};

	(void)state;
	for (i = 1; i <= CUSTOMERS; i++) {
		int64_t time = 17;

		assert_int_equal(ask(i, LOY_PURPOSE_MARKETING, &time), expected[answer[i]]);
		assert_true(time == (answer[i] == 0 ? 17 : since[i]));
		assert_int_equal(ask(i, LOY_PURPOSE_MARKETING, NULL), expected[answer[i]]);
		assert_int_equal(ask(i, LOY_PURPOSE_ANALYTICS, NULL), i % 2 != 0   ? LOY_EUNKNOWN
		                                                      : i % 4 == 0 ? LOY_OK
		                                                                   : LOY_ECONSENT);
		assert_int_equal(ask(i, LOY_PURPOSE_PROFILING, NULL), LOY_EUNKNOWN);
		seen[answer[i]]++;
	}
	assert_true(seen[0] > 30 && seen[1] > 30 && seen[2] > 30);
}

static void what_cannot_be_asked_is_refused(void **state)
{
	loy_batch_options options = {.struct_size = sizeof(options), .purpose = 65536};
	loy_score_column column = {.struct_size = sizeof(column)};
	uint64_t found;

	(void)state;
	assert_int_equal(loy_store_consent(NULL, 1, NULL, 0, 1, NULL), LOY_EINVAL);
	assert_int_equal(ask(1, 0, NULL), LOY_EINVAL);
	assert_int_equal(ask(1, 65536, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_consent(store, 0, NULL, 0, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_consent(store, 0, "", 0, 1, NULL), LOY_EINVAL);
	assert_int_equal(ask(CUSTOMERS + 1, 1, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_store_score(store, model, NOW, 0, 1, &column, 1, &options), LOY_EINVAL);
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, NULL, 0, NULL, NULL, 0, &found, &options),
	                 LOY_EINVAL);
	options.purpose = 1;
	options.reserved = 1;
	assert_int_equal(loy_store_score(store, model, NOW, 0, 1, &column, 1, &options), LOY_EINVAL);
}

/* The customer of a row, as the tables above count them. */
static unsigned customer_of(uint64_t row)
{
	uint64_t number;
	char key[16];
	size_t length;

	assert_int_equal(loy_store_customer(store, row, &number, key, sizeof(key), &length), LOY_OK);
	return number != 0 ? (unsigned)number : (unsigned)strtoul(key + 1, NULL, 10);
}

struct scored {
	double value[CUSTOMERS], low[CUSTOMERS], high[CUSTOMERS], evidence[CUSTOMERS];
	uint8_t state[CUSTOMERS];
};

static void score(struct scored *out, uint32_t construct, uint32_t purpose, uint32_t threads)
{
	loy_batch_options options = {.struct_size = sizeof(options), .purpose = purpose, .threads = threads};
	loy_score_column column = {.struct_size = sizeof(column), .construct = construct};

	memset(out, 0x5a, sizeof(*out));
	column.value = out->value;
	column.low = out->low;
	column.high = out->high;
	column.evidence = out->evidence;
	column.state = out->state;
	column.value_stride = column.low_stride = column.high_stride = column.evidence_stride =
	        sizeof(double);
	column.state_stride = 1;
	assert_int_equal(loy_store_score(store, model, NOW, 0, CUSTOMERS, &column, 1, &options), LOY_OK);
}

static void scores_need_consent(void **state)
{
	static struct scored all, some, again;
	loy_scorecard *card;
	loy_score nobody = {.struct_size = sizeof(nobody)};
	uint32_t k;
	unsigned i;

	(void)state;
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_evaluate(card, NULL, NOW), LOY_OK);
	for (k = 0; k < 3; k++) {
		unsigned known = 0;

		assert_int_equal(loy_scorecard_score(card, k, &nobody), LOY_OK);
		score(&all, k, 0, 1);
		score(&some, k, LOY_PURPOSE_MARKETING, 1);
		score(&again, k, LOY_PURPOSE_MARKETING, 4);
		assert_memory_equal(&again, &some, sizeof(some));
		for (i = 0; i < CUSTOMERS; i++) {
			if (answer[customer_of(i)] == 2) {
				assert_bits_equal(some.value[i], all.value[i]);
				assert_bits_equal(some.low[i], all.low[i]);
				assert_bits_equal(some.high[i], all.high[i]);
				assert_bits_equal(some.evidence[i], all.evidence[i]);
				assert_int_equal(some.state[i], all.state[i]);
				known += some.state[i] != LOY_SCORE_UNKNOWN;
			} else {
				assert_true(isnan(some.value[i]) && isnan(some.low[i]) &&
				            isnan(some.high[i]));
				assert_bits_equal(some.evidence[i], nobody.evidence);
				assert_int_equal(some.state[i], LOY_SCORE_UNKNOWN);
				assert_int_equal(some.state[i], nobody.state);
			}
		}
		assert_true(known > 30);
	}
	loy_scorecard_destroy(card);
}

static void ranks_need_consent(void **state)
{
	loy_batch_options options = {
	        .struct_size = sizeof(options), .purpose = LOY_PURPOSE_MARKETING, .threads = 2};
	loy_filter filter = {.struct_size = sizeof(filter),
	                     .field = LOY_PROFILE_EVENTS,
	                     .comparison = LOY_GREATER_EQUAL,
	                     .value = 0.0}; /* everybody meets it whose number of events is known */
	static uint64_t rows[CUSTOMERS];
	static double values[CUSTOMERS];
	uint64_t found;
	unsigned i, granted = 0, known = 0;

	(void)state;
	for (i = 1; i <= CUSTOMERS; i++)
		granted += answer[i] == 2;
	assert_int_equal(
	        loy_store_rank(store, model, 1, NOW, 1, NULL, 0, rows, values, CUSTOMERS, &found, &options),
	        LOY_OK);
	assert_int_equal(found, CUSTOMERS);
	for (i = 0; i < CUSTOMERS; i++) {
		if (!isnan(values[i])) {
			assert_int_equal(answer[customer_of(rows[i])], 2);
			assert_int_equal(i, known); /* unknown ones come last */
			known++;
		}
	}
	assert_true(known > 30 && known <= granted);
	assert_int_equal(loy_store_rank(store, model, 1, NOW, 1, &filter, 1, rows, values, CUSTOMERS, &found,
	                                &options),
	                 LOY_OK);
	assert_int_equal(found, granted);
	for (i = 0; i < granted; i++)
		assert_int_equal(answer[customer_of(rows[i])], 2);
	options.purpose = 0;
	assert_int_equal(loy_store_rank(store, model, 1, NOW, 1, &filter, 1, rows, values, CUSTOMERS, &found,
	                                &options),
	                 LOY_OK);
	assert_int_equal(found, CUSTOMERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_latest_answer_counts),
	        cmocka_unit_test(what_cannot_be_asked_is_refused),
	        cmocka_unit_test(scores_need_consent),
	        cmocka_unit_test(ranks_need_consent),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
