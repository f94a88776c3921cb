/* Records from inside: the forms of entries, lists that are full, limits, what scoring reads. */
#include "profiles.h"
#include "profile/record.h"

#define EUR 4543826u
#define T0  (INT64_C(19723) * LOY_DAY)

struct fixture {
	loy_schema *schema;
	loy_event *event;
	loy__record *record;
	loy_allocator memory;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->schema = sample_schema();
	assert_int_equal(loy_event_create(&f->event, NULL), LOY_OK);
	assert_int_equal(loy__memory_adopt(&f->memory, NULL), LOY_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	loy__record_free(f->record, &f->memory);
	loy_event_destroy(f->event);
	free(f->schema);
	free(f);
	return 0;
}

static void begin(struct fixture *f, uint32_t kind, int64_t time)
{
	assert_int_equal(loy_event_begin(f->event, kind, time), LOY_OK);
}

static void set(struct fixture *f, uint32_t field, int64_t value)
{
	assert_int_equal(loy_event_set(f->event, field, value), LOY_OK);
}

static void apply(struct fixture *f, int sign)
{
	assert_int_equal(loy__record_apply(&f->record, f->schema, f->event, sign, &f->memory, NULL), LOY_OK);
}

static unsigned words_of(struct fixture *f, uint32_t class, uint64_t key)
{
	const uint64_t *data, *entry = loy__record_find(f->record, class, key, &data);

	assert_non_null(entry);
	return loy__entry_words(*entry);
}

static void slots_of(struct fixture *f, uint32_t class, uint64_t key, uint64_t *v)
{
	const uint64_t *data, *entry = loy__record_find(f->record, class, key, &data);

	assert_non_null(entry);
	loy__load(class, *entry, data, v);
}

/* ---- forms ---- */

static void purchase(struct fixture *f, int64_t time, int64_t amount)
{
	begin(f, LOY_KIND_PURCHASE, time);
	set(f, LOY_FIELD_AMOUNT, amount);
	set(f, LOY_FIELD_CURRENCY, EUR);
}

static void customers_with_few_events_are_small(void **state)
{
	struct fixture *f = *state;
	loy_schema *full = f->schema;
	int i;

	f->schema = plain_schema();
	purchase(f, T0, 1999);
	apply(f, 1);
	assert_int_equal(f->record->used, 9); /* kind 1 + 1, money 1 + 1, day 1, evidence 1 + 3 */
	assert_int_equal(loy__record_memory(f->record), 96);
	for (i = 1; i < 40; i++) {
		purchase(f, T0 + i * 2 * LOY_DAY, 1999);
		set(f, LOY_FIELD_DISCOUNT, i % 2 * 100);
		apply(f, 1);
	}
	/* 40 purchases in 3 months: kind 1 + 2, money 1 + 5, 3 months, evidence 1 + 4 */
	assert_int_equal(f->record->used, 17);
	assert_int_equal(loy__record_memory(f->record), 192); /* whole cache lines */
	free(f->schema);
	f->schema = full;
}

static void kinds_have_three_forms(void **state)
{
	struct fixture *f = *state;
	uint64_t v[LOY__SLOTS];

	begin(f, LOY_KIND_VISIT, T0);
	apply(f, -1);
	assert_int_equal(words_of(f, LOY__CLASS_KIND, LOY_KIND_VISIT), 0);
	apply(f, 1);
	assert_int_equal(words_of(f, LOY__CLASS_KIND, LOY_KIND_VISIT), 1);
	begin(f, LOY_KIND_VISIT, T0 - 1);
	apply(f, 1);
	assert_int_equal(words_of(f, LOY__CLASS_KIND, LOY_KIND_VISIT), 2);
	slots_of(f, LOY__CLASS_KIND, LOY_KIND_VISIT, v);
	assert_int_equal(v[0], 1);
	assert_int_equal(v[1], T0 - 1);
	assert_int_equal(v[2], T0);
}

static void money_has_three_forms(void **state)
{
	struct fixture *f = *state;

	purchase(f, T0, -5); /* a single purchase may be negative */
	apply(f, 1);
	assert_int_equal(words_of(f, LOY__CLASS_MONEY, EUR), 1);
	apply(f, 1);
	assert_int_equal(words_of(f, LOY__CLASS_MONEY, EUR), 5);
	set(f, LOY_FIELD_COMPENSATION, 1);
	apply(f, 1);
	assert_int_equal(words_of(f, LOY__CLASS_MONEY, EUR), 7);
	purchase(f, T0, 5);
	set(f, LOY_FIELD_CURRENCY, 1);
	set(f, LOY_FIELD_DISCOUNT, 1);
	apply(f, 1);
	assert_int_equal(words_of(f, LOY__CLASS_MONEY, 1), 5);
	set(f, LOY_FIELD_CURRENCY, 2);
	set(f, LOY_FIELD_DISCOUNT, 0);
	apply(f, -1); /* its square is negative, which one word does not say */
	assert_int_equal(words_of(f, LOY__CLASS_MONEY, 2), 5);
}

/* Evidence of one, 255 and more events against sums kept the plain way. */
static void evidence_has_three_forms(void **state)
{
	struct fixture *f = *state;
	loy__decay slow, fast, found;
	loy__decay_time when;
	loy__evidence evidence;
	loy__reading reading;
	loy__random r;
	int i, k;

	loy__random_init(&r, 17);
	loy__decay_init(&slow);
	loy__decay_init(&fast);
	for (i = 1; i <= 1000; i++) {
		/* now and then a jump, so that chunks shift */
		int64_t time = T0 + i * LOY_DAY + (i % 100 == 0 ? i * 40 * LOY_DAY : 0);
		int sign = i > 3 && loy__random_below(&r, 3) == 0 ? -1 : 1;

		purchase(f, time, 100);
		apply(f, sign);
		loy__decay_at(&f->schema->channel[0].slow, time, &when);
		assert_int_equal(loy__decay_add(&slow, &when, sign * LOY__AMOUNT_ONE), LOY_OK);
		loy__decay_at(&f->schema->channel[0].fast, time, &when);
		assert_int_equal(loy__decay_add(&fast, &when, sign * LOY__AMOUNT_ONE), LOY_OK);
		assert_int_equal(words_of(f, LOY__CLASS_EVIDENCE, 0), i == 1                      ? 3
		                                                      : i <= LOY__EVIDENCE_NARROW ? 4
		                                                                                  : 6);
		loy__record_reading(f->record, &reading);
		loy__evidence_next(&reading, &evidence);
		assert_int_equal(evidence.channel, 0);
		assert_int_equal(evidence.negative, 0);
		for (k = 0; k < 2; k++) {
			loy__evidence_sum(&evidence, k, &found);
			assert_int_equal(found.top, k ? fast.top : slow.top);
			assert_memory_equal(found.chunk, k ? fast.chunk : slow.chunk, sizeof(found.chunk));
		}
	}
}

/* The largest pieces there are, as often as the narrow form holds, and one time more. */
static void narrow_chunks_do_not_overflow(void **state)
{
	struct fixture *f = *state;
	loy__decay slow;
	loy__decay_time when;
	loy__reading reading;
	int i, sign;

	for (sign = -1; sign <= 1; sign += 2) {
		loy__decay_init(&slow);
		loy__decay_at(&f->schema->channel[2].slow, T0, &when);
		begin(f, LOY_KIND_SERVICE_FAILURE, T0);
		for (i = 1; i <= LOY__EVIDENCE_NARROW + 1; i++) {
			loy__evidence evidence;
			loy__decay found;

			apply(f, sign);
			assert_int_equal(loy__decay_add(&slow, &when, sign * (LOY__AMOUNT_LIMIT - 1)),
			                 LOY_OK);
			loy__record_reading(f->record, &reading);
			loy__evidence_next(&reading, &evidence);
			loy__evidence_next(&reading, &evidence);
			loy__evidence_sum(&evidence, 0, &found);
			assert_int_equal(evidence.negative, 1);
			assert_memory_equal(found.chunk, slow.chunk, sizeof(found.chunk));
		}
		assert_int_equal(words_of(f, LOY__CLASS_EVIDENCE, 5), 6);
		loy__record_free(f->record, &f->memory);
		f->record = NULL;
	}
}

static void counts_leave_their_narrow_forms(void **state)
{
	struct fixture *f = *state;
	uint64_t v[LOY__SLOTS], tag = (uint64_t)LOY_FIELD_DEVICE << 32 | 9;
	int i, sign;

	for (sign = -1; sign <= 1; sign += 2) {
		purchase(f, T0, 1);
		set(f, LOY_FIELD_DEVICE, 9);
		set(f, LOY_FIELD_CATEGORY, 5);
		for (i = 1; i <= 524290; i++) {
			apply(f, sign);
			if (i == 8191) /* the narrow form ends at 2^13 - 1, or -2^13 */
				assert_int_equal(words_of(f, LOY__CLASS_TAG, tag), 0);
			if (i == 8193)
				assert_int_equal(words_of(f, LOY__CLASS_TAG, tag), 1);
			if (i == 524287)
				assert_int_equal(words_of(f, LOY__CLASS_CATEGORY, 5), 1);
		}
		assert_int_equal(words_of(f, LOY__CLASS_CATEGORY, 5), 2);
		slots_of(f, LOY__CLASS_TAG, tag, v);
		assert_int_equal(loy__signed(v[0]), sign * 524290);
		slots_of(f, LOY__CLASS_CATEGORY, 5, v);
		assert_int_equal(loy__signed(v[0]), sign * 524290);
		assert_int_equal(loy__signed(v[1]), sign * 524290);
		loy__record_free(f->record, &f->memory);
		f->record = NULL;
	}
}

static void one_answer_and_one_span_are_short(void **state)
{
	const uint64_t key = LOY_INSTRUMENT_REVIEW << 16;
	struct fixture *f = *state;
	uint64_t v[LOY__SLOTS], u[LOY__SLOTS];

	begin(f, LOY_KIND_REVIEW, T0);
	set(f, LOY_FIELD_VALUE, 4 * LOY_RATIO_ONE);
	apply(f, 1);
	assert_int_equal(words_of(f, LOY__CLASS_ANSWER, key), 4);
	slots_of(f, LOY__CLASS_ANSWER, key, v);
	apply(f, 1);
	apply(f, -1);
	assert_int_equal(words_of(f, LOY__CLASS_ANSWER, key), 7);
	slots_of(f, LOY__CLASS_ANSWER, key, u);
	assert_memory_equal(v, u, sizeof(v));
	begin(f, LOY_KIND_DELIVERY, T0);
	set(f, LOY_FIELD_DELAY, -LOY_DAY);
	apply(f, 1);
	assert_int_equal(words_of(f, LOY__CLASS_SPAN, LOY_KIND_DELIVERY), 1);
	slots_of(f, LOY__CLASS_SPAN, LOY_KIND_DELIVERY, v);
	apply(f, 1);
	apply(f, -1);
	assert_int_equal(words_of(f, LOY__CLASS_SPAN, LOY_KIND_DELIVERY), 3);
	slots_of(f, LOY__CLASS_SPAN, LOY_KIND_DELIVERY, u);
	assert_memory_equal(v, u, 5 * sizeof(v[0]));
}

/* Who skips loy_event_check() gets what the fields there say, and no harm. */
static void incomplete_events_do_no_harm(void **state)
{
	static const uint32_t kinds[] = {LOY_KIND_PURCHASE, LOY_KIND_RETURN,        LOY_KIND_MEMBERSHIP,
	                                 LOY_KIND_CONSENT,  LOY_KIND_SURVEY_ANSWER, LOY_KIND_REVIEW,
	                                 LOY_KIND_DELIVERY};
	struct fixture *f = *state;
	uint64_t v[LOY__SLOTS];
	size_t i;

	for (i = 0; i < LOY__COUNT(kinds); i++) {
		begin(f, kinds[i], T0);
		apply(f, 1);
	}
	begin(f, LOY_KIND_CONSENT, T0);
	set(f, LOY_FIELD_PURPOSE, 1);
	apply(f, 1);
	slots_of(f, LOY__CLASS_MONEY, 0, v);
	assert_int_equal(v[0], 0);
	assert_int_equal(loy__record_key_count(f->record, LOY_PROFILE_STATE_VALUE), 0);
	assert_int_equal(loy__record_key_count(f->record, LOY_PROFILE_ANSWER_COUNT), 0);
	begin(f, LOY_KIND_SURVEY_ANSWER, T0);
	set(f, LOY_FIELD_SCALE_MIN, 0);
	set(f, LOY_FIELD_SCALE_MAX, 1);
	set(f, LOY_FIELD_VALUE, 1);
	apply(f, 1);
	slots_of(f, LOY__CLASS_ANSWER, 0, v); /* of no instrument */
	assert_int_equal(v[5], LOY_RATIO_ONE);
}

/* Adding in place or not must not show: the same events to a record that has met all of them before, and not. */
static void same_as_merging_one_by_one(struct fixture *f, int sign)
{
	loy__record *one = NULL, *sum = NULL;

	assert_int_equal(loy__record_copy(&sum, f->record, &f->memory), LOY_OK);
	assert_int_equal(loy__record_apply(&one, f->schema, f->event, sign, &f->memory, NULL), LOY_OK);
	assert_int_equal(loy__record_merge(&sum, one, &f->memory), LOY_OK);
	apply(f, sign);
	assert_true(loy__record_equal(f->record, sum));
	loy__record_free(one, &f->memory);
	loy__record_free(sum, &f->memory);
}

/* All channels at once, more than are added in place. */
static void many_channels_at_once(void **state)
{
	struct fixture *f = *state;
	uint32_t i;

	f->schema->rule_count = 0;
	f->schema->channel_count = LOY_CHANNELS_MAX;
	for (i = 0; i < LOY_CHANNELS_MAX; i++) {
		loy__rule *rule = &f->schema->rule[f->schema->rule_count++];

		assert_int_equal(loy__half_life_init(&f->schema->channel[i].slow, (100 + i) * LOY_DAY),
		                 LOY_OK);
		assert_int_equal(loy__half_life_init(&f->schema->channel[i].fast, (1 + i) * LOY_DAY), LOY_OK);
		memset(rule, 0, sizeof(*rule));
		rule->kind = LOY_KIND_VISIT;
		rule->channel = (uint8_t)i;
		rule->value_source = LOY__VALUE_CONSTANT;
		rule->value = 0.5;
		rule->weight = 1.0;
	}
	assert_int_equal(loy__schema_prepare(f->schema), LOY_OK);
	for (i = 0; i < 5; i++) {
		begin(f, LOY_KIND_VISIT, T0 + i * LOY_DAY);
		same_as_merging_one_by_one(f, 1);
		assert_int_equal(f->record->entries, 2 * LOY_CHANNELS_MAX + 2);
	}
}

/* Evidence against that was only taken back so far leaves no worst episode; the next one makes it. */
static void a_worst_episode_can_come_late(void **state)
{
	struct fixture *f = *state;
	int i;

	for (i = 0; i < 6; i++) {
		begin(f, LOY_KIND_COMPLAINT, T0 + i);
		set(f, LOY_FIELD_SEVERITY,
		    i < 2 ? 0 : LOY_RATIO_ONE); /* without severity there is no evidence */
		same_as_merging_one_by_one(f, i < 2 || i > 3 ? 1 : -1);
		assert_int_equal(loy__record_key_count(f->record, LOY_PROFILE_WORST_EPISODE), i > 3);
	}
}

/* ---- full lists ---- */

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* An event whose key in the list is `code`. */
static void event_with_key(struct fixture *f, uint32_t class, uint64_t code)
{
	switch (class) {
	case LOY__CLASS_KIND:
		begin(f, (uint32_t)code + 100, T0);
		break;
	case LOY__CLASS_MONEY:
		begin(f, LOY_KIND_RETURN, T0);
		set(f, LOY_FIELD_AMOUNT, 1);
		set(f, LOY_FIELD_CURRENCY, (int64_t)code);
		break;
	case LOY__CLASS_ANSWER:
		begin(f, LOY_KIND_SURVEY_ANSWER, T0);
		set(f, LOY_FIELD_INSTRUMENT, (int64_t)code % 100 + 5);
		set(f, LOY_FIELD_ITEM, (int64_t)code / 100);
		set(f, LOY_FIELD_SCALE_MIN, 0);
		set(f, LOY_FIELD_SCALE_MAX, LOY_RATIO_ONE);
		set(f, LOY_FIELD_VALUE, (int64_t)code);
		break;
	case LOY__CLASS_TAG:
		begin(f, LOY_KIND_VISIT, T0);
		set(f, LOY_FIELD_SOURCE, (int64_t)code);
		set(f, LOY_FIELD_DEVICE, 1); /* its own list */
		break;
	case LOY__CLASS_CATEGORY:
		purchase(f, T0, 1);
		set(f, LOY_FIELD_CATEGORY, (int64_t)code);
		break;
	default:
		begin(f, LOY_KIND_CONSENT, T0);
		set(f, LOY_FIELD_PURPOSE, (int64_t)code);
		set(f, LOY_FIELD_GRANTED, 1);
		break;
	}
}

static void full_lists_keep_their_smallest_keys(void **state)
{
	static const uint32_t classes[] = {LOY__CLASS_KIND, LOY__CLASS_MONEY,    LOY__CLASS_ANSWER,
	                                   LOY__CLASS_TAG,  LOY__CLASS_CATEGORY, LOY__CLASS_STATE};
	enum { CODES = 700 };
	struct fixture *f = *state;
	size_t n, i, k;

	for (n = 0; n < LOY__COUNT(classes); n++) {
		uint32_t class = classes[n];
		size_t limit = class == LOY__CLASS_KIND ? 256 : LOY_PROFILE_KEYS_MAX, found = 0;
		uint64_t code[CODES], keys[CODES];
		loy__random r;

		loy__random_init(&r, n);
		for (i = 0; i < CODES; i++) {
			code[i] = i;
			k = (size_t)loy__random_below(&r, i + 1);
			code[i] = code[k];
			code[k] = i;
		}
		for (i = 0; i < CODES; i++) {
			event_with_key(f, class, code[i]);
			apply(f, 1);
			assert_int_equal(loy__record_flags(f->record), i < limit ? 0 : LOY_PROFILE_KEYS_DROPPED);
		}
		for (i = 0; i < CODES; i++) {
			keys[i] = class == LOY__CLASS_KIND     ? i + 100
			          : class == LOY__CLASS_ANSWER ? (i % 100 + 5) << 16 | i / 100
			          : class == LOY__CLASS_TAG    ? (uint64_t)LOY_FIELD_SOURCE << 32 | i
			          : class == LOY__CLASS_STATE  ? (uint64_t)LOY_FIELD_PURPOSE << 32 | i
			                                       : i;
		}
		qsort(keys, CODES, sizeof(keys[0]), compare_keys);
		for (i = 0; i < f->record->entries; i++) {
			uint64_t key = loy__entry_key(f->record->words[i]);

			if (loy__entry_class(f->record->words[i]) != class ||
			    key == ((uint64_t)LOY_FIELD_DEVICE << 32 | 1))
				continue;
			assert_true(found < limit);
			assert_int_equal(key, keys[found++]);
		}
		assert_int_equal(found, limit);
		loy__record_free(f->record, &f->memory);
		f->record = NULL;
	}
}

/* 90 lines of as many categories: the event alone fills the list. */
static void one_receipt_can_fill_a_list(void **state)
{
	struct fixture *f = *state;
	uint64_t v[LOY__SLOTS];
	uint32_t i;

	purchase(f, T0, 90);
	for (i = 0; i < 180; i++) {
		loy_line line = {(i * 37) % 90, 0, LOY_RATIO_ONE, 1 + i / 90};

		assert_int_equal(loy_event_add_line(f->event, &line), LOY_OK);
	}
	apply(f, 1);
	assert_int_equal(loy__record_flags(f->record), LOY_PROFILE_KEYS_DROPPED);
	assert_int_equal(f->record->magnitude, 270);
	for (i = 0; i < 64; i++) {
		slots_of(f, LOY__CLASS_CATEGORY, i, v);
		assert_int_equal(v[0], 1);
		assert_int_equal(v[1], 3);
	}
	assert_int_equal(loy__record_key_count(f->record, LOY_PROFILE_CATEGORY_COUNT), 64);
}

/* ---- limits ---- */

static void amounts_together_stay_below_2_to_the_63(void **state)
{
	struct fixture *f = *state;
	loy_error error = {.struct_size = sizeof(error)};
	loy__record *before;
	loy_line line = {1, 0, LOY_RATIO_ONE, -LOY_MONEY_MAX};
	int i;

	purchase(f, T0, LOY_MONEY_MAX);
	for (i = 0; i < 9222; i++)
		apply(f, i % 2 ? -1 : 1); /* what is taken back counts as well */
	assert_int_equal(f->record->magnitude, UINT64_C(9222000000000000000));
	for (i = 0; i < 2; i++)
		assert_int_equal(loy_event_add_line(f->event, &line), LOY_OK);
	assert_int_equal(loy__record_copy(&before, f->record, &f->memory), LOY_OK);
	assert_int_equal(loy__record_apply(&f->record, f->schema, f->event, 1, &f->memory, &error),
	                 LOY_EOVERFLOW);
	assert_int_equal(error.code, LOY_EOVERFLOW);
	assert_int_equal(loy__record_merge(&f->record, before, &f->memory), LOY_EOVERFLOW);
	assert_true(loy__record_equal(f->record, before));
	loy__record_free(before, &f->memory);
	begin(f, LOY_KIND_DELIVERY, LOY_TIME_MIN); /* durations are limited as well */
	set(f, LOY_FIELD_PROMISED_TIME, LOY_TIME_MAX);
	assert_int_equal(loy__record_apply(&f->record, f->schema, f->event, 1, &f->memory, NULL),
	                 LOY_EOVERFLOW);
	purchase(f, T0, LOY_MONEY_MAX);
	apply(f, 1); /* the last that fits */
	assert_int_equal(loy__record_apply(&f->record, f->schema, f->event, 1, &f->memory, NULL),
	                 LOY_EOVERFLOW);
	begin(f, LOY_KIND_VISIT, T0);
	apply(f, 1); /* no amount, no limit */
}

static void a_profile_takes_2_to_the_28_operations(void **state)
{
	struct fixture *f = *state;
	uint64_t v[LOY__SLOTS];
	loy__decay slow;
	loy__record *before;
	int i;

	begin(f, LOY_KIND_SERVICE_FAILURE, T0); /* the largest evidence there is */
	set(f, LOY_FIELD_DEVICE, 3);
	apply(f, 1);
	for (i = 0; i < 28; i++)
		assert_int_equal(loy__record_merge(&f->record, f->record, &f->memory), LOY_OK);
	assert_int_equal(f->record->operations, 1 << 28);
	assert_int_equal(loy__record_copy(&before, f->record, &f->memory), LOY_OK);
	assert_int_equal(loy__record_merge(&f->record, f->record, &f->memory), LOY_EOVERFLOW);
	assert_int_equal(loy__record_apply(&f->record, f->schema, f->event, 1, &f->memory, NULL),
	                 LOY_EOVERFLOW);
	assert_int_equal(loy__record_apply(&f->record, f->schema, f->event, -1, &f->memory, NULL),
	                 LOY_EOVERFLOW);
	assert_true(loy__record_equal(f->record, before));
	loy__record_free(before, &f->memory);
	slots_of(f, LOY__CLASS_KIND, LOY_KIND_SERVICE_FAILURE, v);
	assert_int_equal(v[0], 1 << 28);
	slots_of(f, LOY__CLASS_TAG, (uint64_t)LOY_FIELD_DEVICE << 32 | 3, v);
	assert_int_equal(v[0], 1 << 28);
	slots_of(f, LOY__CLASS_EVIDENCE, 5, v);
	loy__slots_decay(v, 0, &slow);
	assert_true(loy__decay_valid(&slow));
	for (i = 0; i < LOY__DECAY_CHUNKS; i++)
		assert_true(slow.chunk[i] >= 0 && slow.chunk[i] <= INT64_C(1) << 60);
}

/* ---- other calls ---- */

static void a_copy_has_no_slack(void **state)
{
	struct fixture *f = *state;
	loy__record *copy;
	loy__random r;
	int i;

	assert_int_equal(loy__record_copy(&copy, NULL, &f->memory), LOY_OK);
	assert_null(copy);
	assert_int_equal(loy__record_memory(NULL), 0);
	loy__record_free(NULL, &f->memory);
	loy__record_clear(NULL);
	loy__random_init(&r, 8);
	for (i = 0; i < 50; i++) {
		sample_event(f->event, &r, SAMPLE_TAME);
		apply(f, 1);
	}
	assert_int_equal(loy__record_copy(&copy, f->record, &f->memory), LOY_OK);
	assert_int_equal(copy->capacity, copy->used);
	assert_true(loy__record_equal(copy, f->record));
	assert_true(loy__record_memory(f->record) >= loy__record_memory(copy));
	loy__record_clear(f->record);
	assert_true(loy__record_equal(f->record, NULL));
	assert_false(loy__record_equal(f->record, copy));
	loy__record_free(copy, &f->memory);
	assert_int_equal(loy__record_copy(&copy, f->record, &f->memory), LOY_OK);
	assert_null(copy);
}

/* Records that differ in one thing are not equal. */
static void equality_looks_at_everything(void **state)
{
	struct fixture *f = *state;
	loy__record *copy;
	loy__random r;
	size_t i;

	loy__random_init(&r, 9);
	for (i = 0; i < 60; i++) {
		sample_event(f->event, &r, SAMPLE_WILD);
		apply(f, 1);
	}
	assert_int_equal(loy__record_copy(&copy, f->record, &f->memory), LOY_OK);
	assert_true(loy__record_equal(copy, f->record));
	copy->operations++;
	assert_false(loy__record_equal(copy, f->record));
	copy->operations--;
	copy->retracted++;
	assert_false(loy__record_equal(copy, f->record));
	copy->retracted--;
	copy->magnitude++;
	assert_false(loy__record_equal(copy, f->record));
	copy->magnitude--;
	copy->dropped ^= 1;
	assert_false(loy__record_equal(copy, f->record));
	copy->dropped ^= 1;
	copy->entries--;
	assert_false(loy__record_equal(copy, f->record));
	copy->entries++;
	assert_int_not_equal(copy->months, 0);
	copy->months--;
	assert_false(loy__record_equal(copy, f->record));
	copy->months++;
	for (i = 0; i < copy->used; i++) {
		uint64_t was = copy->words[i];

		if (i < copy->entries && loy__entry_class(was) == LOY__CLASS_EVIDENCE)
			continue; /* its payload has a bound that is not content */
		copy->words[i] ^=
		        i < copy->entries ? UINT64_C(1) << loy__class_shift(loy__entry_class(was)) : 1;
		assert_false(loy__record_equal(copy, f->record));
		copy->words[i] = was;
	}
	loy__record_free(copy, &f->memory);
}

/* With the shortest half-life and three centuries between, weights leave the doubles. */
static void far_away_episodes_stay_finite(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(loy__half_life_init(&f->schema->worst_half_life, LOY_HOUR), LOY_OK);
	assert_true(loy__worst_weight(f->schema, INT64_C(1) << 60, LOY_TIME_MIN) == DBL_MAX);
	assert_true(loy__worst_weight(f->schema, -(INT64_C(1) << 60), LOY_TIME_MAX) == 0.0);
}

static void scoring_reads_all_in_one_walk(void **state)
{
	struct fixture *f = *state;
	loy__reading reading;
	loy_value value;
	int before = -1;
	loy__random r;
	uint32_t i;

	loy__record_reading(NULL, &reading);
	assert_int_equal(reading.evidence_count, 0);
	assert_int_equal(reading.events, 0);
	assert_int_equal(reading.purchases, 0);
	assert_true(reading.first_purchase == INT64_MAX && reading.last_purchase == INT64_MIN);
	assert_true(reading.worst == INT64_MIN && reading.newest == INT64_MIN);
	loy__random_init(&r, 10);
	for (i = 0; i < 80; i++) {
		sample_event(f->event, &r, SAMPLE_TAME);
		apply(f, 1);
	}
	begin(f, LOY_KIND_VISIT, T0 + 5000 * LOY_DAY);
	apply(f, 1);
	apply(f, -1);
	loy__record_reading(f->record, &reading);
	assert_int_equal(reading.events, 80);
	assert_int_equal(reading.newest, T0 + 5000 * LOY_DAY);
	assert_int_equal(
	        loy__record_get(f->record, f->schema, LOY_PROFILE_COUNT, LOY_KIND_PURCHASE, T0, &value),
	        LOY_OK);
	assert_int_equal(reading.purchases, value.integer);
	assert_int_equal(
	        loy__record_get(f->record, f->schema, LOY_PROFILE_FIRST_TIME, LOY_KIND_PURCHASE, T0, &value),
	        LOY_OK);
	assert_int_equal(reading.first_purchase, value.integer);
	assert_int_equal(
	        loy__record_get(f->record, f->schema, LOY_PROFILE_LAST_TIME, LOY_KIND_PURCHASE, T0, &value),
	        LOY_OK);
	assert_int_equal(reading.last_purchase, value.integer);
	assert_int_equal(loy__record_get(f->record, f->schema, LOY_PROFILE_WORST_EPISODE, 0, T0, &value),
	                 LOY_OK);
	assert_bits_equal(loy__worst_weight(f->schema, reading.worst, T0), value.real);
	assert_int_equal(reading.evidence_count,
	                 loy__record_key_count(f->record, LOY_PROFILE_POSITIVE_SLOW) +
	                         loy__record_key_count(f->record, LOY_PROFILE_NEGATIVE_SLOW));
	for (i = 0; i < reading.evidence_count; i++) {
		loy__evidence e;
		loy__decay_now now;
		loy__decay sum;
		int fast;

		loy__evidence_next(&reading, &e);
		assert_true(2 * e.channel + e.negative > before);
		before = 2 * e.channel + e.negative;
		for (fast = 0; fast < 2; fast++) {
			const loy__channel *c = &f->schema->channel[e.channel];

			loy__decay_now_init(&now, fast ? &c->fast : &c->slow, T0);
			loy__evidence_sum(&e, fast, &sum);
			assert_int_equal(loy__record_get(f->record, f->schema,
			                                 e.negative
			                                         ? LOY_PROFILE_NEGATIVE_SLOW + (uint32_t)fast
			                                         : LOY_PROFILE_POSITIVE_SLOW + (uint32_t)fast,
			                                 e.channel, T0, &value),
			                 LOY_OK);
			assert_bits_equal(loy__decay_read(&sum, &now), value.real);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(customers_with_few_events_are_small, setup, teardown),
	        cmocka_unit_test_setup_teardown(kinds_have_three_forms, setup, teardown),
	        cmocka_unit_test_setup_teardown(money_has_three_forms, setup, teardown),
	        cmocka_unit_test_setup_teardown(evidence_has_three_forms, setup, teardown),
	        cmocka_unit_test_setup_teardown(narrow_chunks_do_not_overflow, setup, teardown),
	        cmocka_unit_test_setup_teardown(counts_leave_their_narrow_forms, setup, teardown),
	        cmocka_unit_test_setup_teardown(one_answer_and_one_span_are_short, setup, teardown),
	        cmocka_unit_test_setup_teardown(incomplete_events_do_no_harm, setup, teardown),
	        cmocka_unit_test_setup_teardown(many_channels_at_once, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_worst_episode_can_come_late, setup, teardown),
	        cmocka_unit_test_setup_teardown(full_lists_keep_their_smallest_keys, setup, teardown),
	        cmocka_unit_test_setup_teardown(one_receipt_can_fill_a_list, setup, teardown),
	        cmocka_unit_test_setup_teardown(amounts_together_stay_below_2_to_the_63, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_profile_takes_2_to_the_28_operations, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_copy_has_no_slack, setup, teardown),
	        cmocka_unit_test_setup_teardown(equality_looks_at_everything, setup, teardown),
	        cmocka_unit_test_setup_teardown(far_away_episodes_stay_finite, setup, teardown),
	        cmocka_unit_test_setup_teardown(scoring_reads_all_in_one_walk, setup, teardown),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
