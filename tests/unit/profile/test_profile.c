/* Profiles through the public header: arguments, memory, schemas, merging, and what lifetime models take. */
#include "profiles.h"

#define EUR 4543826u
#define USD 5591876u
#define T0  (INT64_C(19723) * LOY_DAY)

static loy_schema *schema, *plain;

static int group_setup(void **state)
{
	(void)state;
	schema = sample_schema();
	plain = plain_schema();
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	free(schema);
	free(plain);
	return 0;
}

static loy_profile *new_profile(const loy_schema *of)
{
	loy_profile *profile = NULL;

	assert_int_equal(loy_profile_create(&profile, of, NULL), LOY_OK);
	return profile;
}

static loy_event *new_event(void)
{
	loy_event *event = NULL;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	return event;
}

static void record_random(loy_profile *profile, uint64_t seed, int count)
{
	loy_event *event = new_event();
	loy__random r;

	loy__random_init(&r, seed);
	for (; count > 0; count--) {
		sample_event(event, &r, SAMPLE_TAME);
		assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
}

static void purchase(loy_event *event, int64_t time, int64_t amount, int64_t currency)
{
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, time), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, amount), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_CURRENCY, currency), LOY_OK);
}

/* ---- arguments ---- */

static void missing_arguments_are_refused(void **state)
{
	loy_profile *profile = new_profile(schema), *none = profile;
	loy_event *event = new_event();
	loy_error error = {.struct_size = sizeof(error)};
	loy_allocator half = {0};
	loy_value value;
	uint64_t high = 1, low = 2, key;
	size_t needed = 0;

	(void)state;
	half.allocate = faulty_alloc;
	assert_int_equal(loy_profile_create(NULL, schema, NULL), LOY_EINVAL);
	assert_int_equal(loy_profile_create(&none, NULL, NULL), LOY_EINVAL);
	assert_null(none);
	assert_int_equal(loy_profile_create(&none, schema, &half), LOY_EINVAL);
	assert_null(none);
	loy_profile_destroy(NULL);
	loy_profile_clear(NULL);
	assert_int_equal(loy_profile_copy(NULL, profile), LOY_EINVAL);
	assert_int_equal(loy_profile_copy(profile, NULL), LOY_EINVAL);
	assert_int_equal(loy_profile_record(NULL, event, &error), LOY_EINVAL);
	assert_int_equal(error.code, LOY_EINVAL);
	assert_int_equal(loy_profile_record(profile, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_profile_retract(NULL, event, NULL), LOY_EINVAL);
	assert_int_equal(loy_profile_retract(profile, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_profile_merge(NULL, profile), LOY_EINVAL);
	assert_int_equal(loy_profile_merge(profile, NULL), LOY_EINVAL);
	assert_int_equal(loy_profile_equal(NULL, profile), 0);
	assert_int_equal(loy_profile_equal(profile, NULL), 0);
	assert_int_equal(loy_profile_equal(NULL, NULL), 0);
	assert_int_equal(loy_profile_write(NULL, NULL, 0, &needed), LOY_EINVAL);
	assert_int_equal(loy_profile_write(profile, NULL, 0, NULL), LOY_EBUFFER);
	assert_int_equal(loy_profile_write(profile, NULL, 1, &needed), LOY_EINVAL);
	assert_int_equal(loy_profile_merge_bytes(NULL, "x", 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_profile_merge_bytes(profile, NULL, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_profile_hash(NULL, &high, &low), LOY_EINVAL);
	assert_int_equal(loy_profile_hash(profile, NULL, &low), LOY_EINVAL);
	assert_int_equal(loy_profile_hash(profile, &high, NULL), LOY_EINVAL);
	assert_true(high == 1 && low == 2);
	assert_int_equal(loy_profile_memory(NULL), 0);
	assert_int_equal(loy_profile_get(NULL, LOY_PROFILE_EVENTS, 0, T0, &value), LOY_EINVAL);
	assert_int_equal(loy_profile_get(profile, LOY_PROFILE_EVENTS, 0, T0, NULL), LOY_EINVAL);
	assert_int_equal(loy_profile_key_count(NULL, LOY_PROFILE_COUNT), 0);
	assert_int_equal(loy_profile_key(NULL, LOY_PROFILE_COUNT, 0, &key), LOY_EINVAL);
	assert_int_equal(loy_profile_key(profile, LOY_PROFILE_COUNT, 0, NULL), LOY_EINVAL);
	loy_event_destroy(event);
	loy_profile_destroy(profile);
}

static void incomplete_events_are_refused(void **state)
{
	loy_profile *profile = new_profile(schema), *empty = new_profile(schema);
	loy_error error = {.struct_size = sizeof(error)};
	loy_event *event = new_event();

	(void)state;
	assert_int_equal(loy_profile_record(profile, event, &error), LOY_EINVAL);
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, T0), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, &error), LOY_EINVAL);
	assert_int_equal(error.field, LOY_FIELD_AMOUNT);
	assert_int_equal(loy_profile_retract(profile, event, &error), LOY_EINVAL);
	assert_int_equal(loy_profile_equal(profile, empty), 1);
	loy_event_destroy(event);
	loy_profile_destroy(empty);
	loy_profile_destroy(profile);
}

static void other_schemas_are_refused(void **state)
{
	loy_profile *a = new_profile(schema), *b = new_profile(plain), *c;
	loy_schema *twin = sample_schema();

	(void)state;
	record_random(a, 1, 5);
	record_random(b, 1, 5);
	assert_int_equal(loy_profile_merge(a, b), LOY_ESCHEMA);
	assert_int_equal(loy_profile_copy(a, b), LOY_ESCHEMA);
	assert_int_equal(loy_profile_equal(a, b), 0);
	c = new_profile(twin); /* another schema with the same fingerprint is the same */
	assert_int_equal(loy_profile_copy(c, a), LOY_OK);
	assert_int_equal(loy_profile_equal(a, c), 1);
	assert_int_equal(loy_profile_merge(c, a), LOY_OK);
	assert_int_equal(loy_profile_equal(a, c), 0);
	loy_profile_destroy(c);
	twin->fingerprint_low++;
	c = new_profile(twin);
	assert_int_equal(loy_profile_merge(c, a), LOY_ESCHEMA);
	loy_profile_destroy(c);
	loy_profile_destroy(b);
	loy_profile_destroy(a);
	free(twin);
}

/* ---- what the calls do ---- */

static void clearing_copying_and_hashing(void **state)
{
	loy_profile *a = new_profile(schema), *b = new_profile(schema);
	uint64_t high[2], low[2], sip[2];
	size_t size, room;
	uint8_t *bytes;

	(void)state;
	assert_int_equal(loy_profile_equal(a, b), 1);
	record_random(a, 2, 30);
	assert_int_equal(loy_profile_equal(a, b), 0);
	assert_int_equal(loy_profile_copy(b, a), LOY_OK);
	assert_int_equal(loy_profile_copy(b, b), LOY_OK);
	assert_int_equal(loy_profile_equal(a, b), 1);
	assert_true(loy_profile_memory(b) <= loy_profile_memory(a));
	assert_int_equal(loy_profile_hash(a, &high[0], &low[0]), LOY_OK);
	assert_int_equal(loy_profile_hash(b, &high[1], &low[1]), LOY_OK);
	assert_true(high[0] == high[1] && low[0] == low[1]);
	bytes = profile_bytes(a, &size);
	loy__siphash128(0, 0, bytes, size, sip);
	assert_true(high[0] == sip[1] && low[0] == sip[0]);
	free(bytes);
	record_random(b, 3, 1);
	assert_int_equal(loy_profile_hash(b, &high[1], &low[1]), LOY_OK);
	assert_true(high[0] != high[1] && low[0] != low[1]);
	room = loy_profile_memory(b);
	loy_profile_clear(b);
	assert_int_equal(loy_profile_memory(b), room);
	loy_profile_clear(a);
	assert_int_equal(loy_profile_equal(a, b), 1);
	assert_int_equal(loy_profile_merge(a, a), LOY_OK); /* nothing and nothing */
	bytes = profile_bytes(a, &size);
	assert_int_equal(size, 30);
	assert_int_equal(loy_profile_merge_bytes(b, bytes, size, NULL), LOY_OK);
	free(bytes);
	record_random(a, 2, 30);
	record_random(b, 2, 30);
	assert_int_equal(loy_profile_memory(b), room); /* the block is used again */
	assert_int_equal(loy_profile_equal(a, b), 1);
	loy_profile_destroy(a);
	loy_profile_destroy(b);
}

static void bytes_are_merged_like_profiles(void **state)
{
	loy_profile *a = new_profile(schema), *b = new_profile(schema), *c = new_profile(schema);
	loy_error error = {.struct_size = sizeof(error)};
	size_t size;
	uint8_t *bytes;

	(void)state;
	record_random(a, 4, 30);
	record_random(b, 5, 30);
	bytes = profile_bytes(b, &size);
	assert_int_equal(loy_profile_merge_bytes(c, bytes, size, &error), LOY_OK); /* into nothing */
	assert_int_equal(loy_profile_equal(b, c), 1);
	assert_int_equal(loy_profile_copy(c, a), LOY_OK);
	assert_int_equal(loy_profile_merge_bytes(c, bytes, size, &error), LOY_OK);
	assert_int_equal(loy_profile_merge(a, b), LOY_OK);
	assert_int_equal(loy_profile_equal(a, c), 1);
	assert_int_equal(loy_profile_merge_bytes(c, bytes, size - 1, &error), LOY_ECHECKSUM);
	assert_int_equal(loy_profile_equal(a, c), 1);
	free(bytes);
	loy_profile_destroy(a);
	loy_profile_destroy(b);
	loy_profile_destroy(c);
}

static void too_much_is_told_from_bytes_as_well(void **state)
{
	loy_profile *a = new_profile(schema), *b = new_profile(schema);
	loy_error error = {.struct_size = sizeof(error)};
	loy_event *event = new_event();
	size_t size;
	uint8_t *bytes;
	int i;

	(void)state;
	purchase(event, T0, LOY_MONEY_MAX, EUR);
	for (i = 0; i < 5000; i++)
		assert_int_equal(loy_profile_record(a, event, NULL), LOY_OK);
	assert_int_equal(loy_profile_copy(b, a), LOY_OK);
	bytes = profile_bytes(b, &size);
	assert_int_equal(loy_profile_merge(a, b), LOY_EOVERFLOW);
	assert_int_equal(loy_profile_merge_bytes(a, bytes, size, &error), LOY_EOVERFLOW);
	assert_int_equal(error.code, LOY_EOVERFLOW);
	assert_int_equal(loy_profile_equal(a, b), 1);
	free(bytes);
	loy_event_destroy(event);
	loy_profile_destroy(a);
	loy_profile_destroy(b);
}

/* Recording and taking back leaves the sums as they were; what cannot be undone is what was recorded. */
static void taking_back_undoes_the_sums(void **state)
{
	loy_event *event = new_event();
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 6);
	for (round = 0; round < 200; round++) {
		loy_profile *before = new_profile(schema), *after = new_profile(schema);
		uint32_t i, k;

		record_random(before, (uint64_t)round, 25);
		assert_int_equal(loy_profile_copy(after, before), LOY_OK);
		sample_event(event, &r, SAMPLE_TAME);
		assert_int_equal(loy_profile_record(after, event, NULL), LOY_OK);
		assert_int_equal(loy_profile_retract(after, event, NULL), LOY_OK);
		for (i = 0; i < loy_profile_field_count(); i++) {
			loy_profile_field field;
			uint64_t key = 0;

			assert_int_equal(loy_profile_field_info(i, &field), LOY_OK);
			if (field.type == LOY_TYPE_TIME || field.id == LOY_PROFILE_FLAGS ||
			    field.id == LOY_PROFILE_FIRST_DAY || field.id == LOY_PROFILE_FIRST_DAY_SPEND ||
			    (field.id >= LOY_PROFILE_DAYS_OF_MONTH &&
			     field.id <= LOY_PROFILE_LAST_PURCHASE_DAY) ||
			    field.id == LOY_PROFILE_WORST_EPISODE || field.id == LOY_PROFILE_ANSWER_LATEST ||
			    field.id == LOY_PROFILE_SPAN_LONGEST || field.id == LOY_PROFILE_STATE_VALUE ||
			    field.id == LOY_PROFILE_CATEGORIES)
				continue;
			for (k = 0; k < loy_profile_key_count(after, field.id); k++) {
				loy_value is, was = {0};

				if (field.key != LOY_KEY_NONE)
					assert_int_equal(loy_profile_key(after, field.id, k, &key), LOY_OK);
				assert_int_equal(loy_profile_get(after, field.id, key, T0, &is), LOY_OK);
				(void)loy_profile_get(before, field.id, key, T0, &was); /* or zero */
				assert_int_equal(is.integer, was.integer);
				assert_int_equal(is.high, was.high);
				assert_int_equal(is.low, was.low);
				/* an event that reaches higher chunks drops the lowest: below 2^-55 of weight 1 */
				assert_close(is.real, was.real, 1e-14, 1e-14);
			}
		}
		loy_profile_destroy(before);
		loy_profile_destroy(after);
	}
	loy_event_destroy(event);
}

/* ---- memory ---- */

enum { STEPS = 48 };

/* Up to `most` different events, every sixth the one before taken back: records are made, grow, widen, drop. */
static int busy_profile(loy_profile *profile, loy_event *event, int most, loy_status *status)
{
	loy__random r;
	int i;

	*status = LOY_OK;
	loy__random_init(&r, 7);
	for (i = 0; i < most; i++) {
		if (i % 6 == 5) {
			*status = loy_profile_retract(profile, event, NULL);
		} else {
			sample_event(event, &r, i % 2 ? SAMPLE_TAME : SAMPLE_WILD);
			*status = loy_profile_record(profile, event, NULL);
		}
		if (*status != LOY_OK)
			break;
	}
	return i;
}

enum { MERGE, MERGE_SELF, COPY, READ, MERGE_BYTES, HASH, WRITE, CALLS };

static loy_status call(int which, loy_profile *profile, const loy_profile *other, const uint8_t *bytes,
                       size_t size)
{
	uint64_t high, low;
	size_t needed;

	switch (which) {
	case MERGE:
		return loy_profile_merge(profile, other);
	case MERGE_SELF:
		return loy_profile_merge(profile, profile);
	case COPY:
		return loy_profile_copy(profile, other);
	case READ:
		return loy_profile_read(profile, bytes, size, NULL);
	case MERGE_BYTES:
		return loy_profile_merge_bytes(profile, bytes, size, NULL);
	case HASH:
		return loy_profile_hash(profile, &high, &low);
	default:
		return loy_profile_write(profile, NULL, 0, &needed) == LOY_EBUFFER ? LOY_OK : LOY_EINVAL;
	}
}

/* Let the n-th allocation from here on fail, for each n: the status says so, nothing leaks, nothing changed. */
static void every_call_survives_every_failed_allocation(void **state)
{
	loy_profile *other = new_profile(schema);
	loy_event *event = new_event();
	size_t size;
	uint8_t *bytes;
	int which;

	(void)state;
	record_random(other, 8, 60);
	bytes = profile_bytes(other, &size);
	for (which = MERGE; which < CALLS; which++) {
		loy_status status = LOY_ENOMEM;
		long n;

		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = -1};
			loy_allocator memory = faulty_allocator(&heap);
			loy_profile *profile = NULL, *before = new_profile(schema);

			assert_int_equal(loy_profile_create(&profile, schema, &memory), LOY_OK);
			(void)busy_profile(before, event, STEPS, &status);
			assert_int_equal(status, LOY_OK);
			assert_int_equal(loy_profile_copy(profile, before), LOY_OK); /* without slack */
			heap.until = heap.requests + n;
			status = call(which, profile, other, bytes, size);
			if (status == LOY_ENOMEM)
				assert_int_equal(loy_profile_equal(profile, before), 1);
			loy_profile_destroy(profile);
			loy_profile_destroy(before);
			assert_int_equal(heap.live, 0);
		}
		assert_int_equal(status, LOY_OK);
		if (n <= (which == WRITE ? 0 : 1))
			fail_msg("call %d needed no memory", which);
	}
	free(bytes);
	loy_event_destroy(event);
	loy_profile_destroy(other);
}

static void creating_and_recording_survive_every_failed_allocation(void **state)
{
	loy_event *event = new_event();
	loy_status status = LOY_ENOMEM;
	long n, refused = 0;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_profile *profile = NULL, *same = new_profile(schema);

		status = loy_profile_create(&profile, schema, &memory);
		if (status == LOY_OK) {
			int done = busy_profile(profile, event, STEPS, &status), again;
			loy_status fine;

			/* it holds what came before the event that was refused */
			again = busy_profile(same, event, done, &fine);
			assert_int_equal(again, done);
			assert_int_equal(loy_profile_equal(profile, same), 1);
		} else {
			assert_null(profile);
		}
		refused += heap.refused;
		loy_profile_destroy(profile);
		loy_profile_destroy(same);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(refused > 10);
	loy_event_destroy(event);
}

/* Refuse each request of each event in turn: the event is refused, the bytes stay, a second try succeeds. */
static void a_refused_event_changes_nothing(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_profile *profile = NULL, *before = new_profile(schema);
	loy_error error = {.struct_size = sizeof(error)};
	loy_event *event = new_event();
	loy__random r;
	size_t size;
	uint8_t *bytes;
	int i, refused = 0;

	(void)state;
	loy__random_init(&r, 11);
	assert_int_equal(loy_profile_create(&profile, schema, &memory), LOY_OK);
	bytes = profile_bytes(profile, &size);
	for (i = 0; i < 400; i++) {
		loy_status status;

		if (i % 10 == 0)
			assert_int_equal(loy_profile_read(profile, bytes, size, NULL),
			                 LOY_OK); /* empty, without room */
		sample_event(event, &r, i % 3);
		assert_int_equal(loy_profile_copy(before, profile), LOY_OK);
		heap.until = heap.requests;
		heap.forever = 1;
		status = loy_profile_record(profile, event, &error);
		heap.until = -1;
		heap.forever = 0;
		if (status == LOY_OK)
			continue; /* it fitted */
		assert_int_equal(status, LOY_ENOMEM);
		assert_int_equal(error.code, LOY_ENOMEM);
		assert_int_equal(loy_profile_equal(profile, before), 1);
		refused++;
		assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	}
	if (refused <= 100 || refused >= 400)
		fail_msg("%d of 400 events needed memory", refused);
	free(bytes);
	loy_event_destroy(event);
	loy_profile_destroy(before);
	loy_profile_destroy(profile);
	assert_int_equal(heap.live, 0);
}

/* ---- what lifetime models take ---- */

static void purchases_are_summarised_by_local_day(void **state)
{
	loy_profile *profile = new_profile(plain);
	loy_purchase_summary summary = {.struct_size = sizeof(summary)};
	loy_event *event = new_event();

	(void)state;
	assert_int_equal(loy_profile_purchase_summary(profile, EUR, T0, &summary), LOY_EUNKNOWN);
	purchase(event, T0 + LOY_HOUR, 1000, EUR);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	purchase(event, T0 + 2 * LOY_HOUR, 500, EUR); /* the same day */
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_profile_purchase_summary(profile, EUR, T0 + 10 * LOY_DAY + 1, &summary), LOY_OK);
	assert_int_equal(summary.struct_size, sizeof(summary));
	assert_int_equal(summary.x, 0);
	assert_true(summary.t_x == 0.0 && summary.T == 10.0 && summary.mean_spend == 0.0);
	purchase(event, T0 + 4 * LOY_DAY, 300, EUR);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	purchase(event, T0 + 7 * LOY_DAY, 200, USD);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_RETURN, T0 + 8 * LOY_DAY), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 300), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_CURRENCY, EUR), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_profile_purchase_summary(profile, EUR, T0 + 10 * LOY_DAY, &summary), LOY_OK);
	assert_int_equal(summary.x, 2);
	assert_true(summary.t_x == 7.0 && summary.T == 10.0 && summary.mean_spend == 150.0);
	/* dollars were never spent on the first day of all */
	assert_int_equal(loy_profile_purchase_summary(profile, USD, T0 + 10 * LOY_DAY, &summary), LOY_OK);
	assert_true(summary.mean_spend == 100.0);
	assert_int_equal(loy_profile_purchase_summary(profile, 1, T0 + 10 * LOY_DAY, &summary), LOY_OK);
	assert_true(summary.x == 2 && summary.mean_spend == 0.0);
	/* before the last purchase: no younger than that */
	assert_int_equal(loy_profile_purchase_summary(profile, EUR, T0 - 99 * LOY_DAY, &summary), LOY_OK);
	assert_true(summary.T == 7.0);
	assert_int_equal(loy_profile_purchase_summary(profile, EUR, LOY_TIME_MAX + 1, &summary), LOY_ETIME);
	assert_int_equal(loy_profile_purchase_summary(profile, EUR, LOY_TIME_MIN - 1, &summary), LOY_ETIME);
	assert_int_equal(loy_profile_purchase_summary(NULL, EUR, T0, &summary), LOY_EINVAL);
	assert_int_equal(loy_profile_purchase_summary(profile, EUR, T0, NULL), LOY_EINVAL);
	summary.struct_size = 0;
	assert_int_equal(loy_profile_purchase_summary(profile, EUR, T0, &summary), LOY_EINVAL);
	/* a caller built against a shorter struct */
	summary.struct_size = (uint32_t)offsetof(loy_purchase_summary, T);
	summary.T = -1.0;
	assert_int_equal(loy_profile_purchase_summary(profile, EUR, T0, &summary), LOY_OK);
	assert_true(summary.t_x == 7.0 && summary.T == -1.0);
	loy_event_destroy(event);
	loy_profile_destroy(profile);
}

/* ---- CDNOW ---- */

static int64_t time_of(const char *date)
{
	int64_t time;

	assert_int_equal(loy_time_parse(date, strlen(date), 0, &time), LOY_OK);
	return time;
}

/* Dollars with two decimals as cents. */
static int64_t cents_of(const char *text)
{
	const char *dot = strchr(text, '.');
	int64_t cents = strtoll(text, NULL, 10) * 100;

	if (dot != NULL && dot[1] != '\0')
		cents += (dot[1] - '0') * 10 + (dot[2] != '\0' ? dot[2] - '0' : 0);
	return cents;
}

/* x, t_x, T and mean spend to 1997-09-30 from the transactions, against the summary made with other tools. */
static void compare_with_summary(const char *transactions, const char *expected)
{
	enum { MOST = 25000 };
	struct csv *log = shared_csv_or_skip(transactions), *summary = shared_csv_or_skip(expected);
	loy_profile **profiles = calloc(MOST, sizeof(loy_profile *));
	const int64_t end = time_of("1997-09-30");
	loy_event *event = new_event();
	size_t customers = 0, memory = 0, largest = 0;
	int64_t orders = 0;

	assert_non_null(profiles);
	while (csv_next(log)) {
		int64_t id = csv_i64(log, csv_column(log, "customer_id"));
		int64_t time = time_of(csv_text(log, csv_column(log, "date")));

		if (time > end)
			continue;
		assert_true(id > 0 && id < MOST);
		if (profiles[id] == NULL)
			profiles[id] = new_profile(plain);
		purchase(event, time, cents_of(csv_text(log, csv_column(log, "amount"))), USD);
		assert_int_equal(loy_profile_record(profiles[id], event, NULL), LOY_OK);
		orders++;
	}
	while (csv_next(summary)) {
		int64_t id = csv_i64(summary, csv_column(summary, "customer_id"));
		loy_purchase_summary s = {.struct_size = sizeof(s)};

		assert_true(id > 0 && id < MOST);
		assert_int_equal(loy_profile_purchase_summary(profiles[id], USD, end, &s), LOY_OK);
		assert_int_equal(s.x, csv_i64(summary, csv_column(summary, "x")));
		/* the file has weeks as days / 7 in doubles: the same division gives the same double */
		assert_close(s.t_x / 7.0, csv_double(summary, csv_column(summary, "t_x")), 1e-15, 0);
		assert_close(s.T / 7.0, csv_double(summary, csv_column(summary, "T")), 1e-15, 0);
		/* their mean is a sum of doubles, ours of cents */
		assert_close(s.mean_spend / 100.0, csv_double(summary, csv_column(summary, "zbar")), 1e-12,
		             1e-12);
		memory += loy_profile_memory(profiles[id]);
		largest = loy_profile_memory(profiles[id]) > largest ? loy_profile_memory(profiles[id])
		                                                     : largest;
		loy_profile_destroy(profiles[id]);
		customers++;
	}
	print_message("%zu customers, %lld orders: x, t_x, T and mean spend are the same; %.1f bytes a "
	              "profile with its "
	              "handle, at most %zu\n",
	              customers, (long long)orders, (double)memory / (double)customers, largest);
	free(profiles);
	loy_event_destroy(event);
	csv_close(log);
	csv_close(summary);
}

static void cdnow_sample(void **state)
{
	(void)state;
	compare_with_summary("data/cdnow_sample_transactions.csv", "data/cdnow_sample_summary.csv");
}

static void cdnow_master(void **state)
{
	(void)state;
	compare_with_summary("data/cdnow_master_transactions.csv", "data/cdnow_master_summary.csv");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(missing_arguments_are_refused),
	        cmocka_unit_test(incomplete_events_are_refused),
	        cmocka_unit_test(other_schemas_are_refused),
	        cmocka_unit_test(clearing_copying_and_hashing),
	        cmocka_unit_test(bytes_are_merged_like_profiles),
	        cmocka_unit_test(too_much_is_told_from_bytes_as_well),
	        cmocka_unit_test(taking_back_undoes_the_sums),
	        cmocka_unit_test(every_call_survives_every_failed_allocation),
	        cmocka_unit_test(creating_and_recording_survive_every_failed_allocation),
	        cmocka_unit_test(a_refused_event_changes_nothing),
	        cmocka_unit_test(purchases_are_summarised_by_local_day),
	        cmocka_unit_test(cdnow_sample),
	        cmocka_unit_test(cdnow_master),
	};

	return cmocka_run_group_tests_name("profile", tests, group_setup, group_teardown);
}
