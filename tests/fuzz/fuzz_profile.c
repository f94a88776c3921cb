/*
 * Canonical bytes of profiles. The first byte of the input says which request for memory fails (128 and more:
 * none). When the second is odd the rest is the bytes as they are; when it is even, what comes before the flags
 * and the checksum are added, so that the fuzzer gets past them. What is accepted must be canonical, can be read
 * by every getter, and stays a profile when events and profiles are added.
 */
#include "fuzz.h"
#include "profile/profile.h"

#define FRAME 21

static void add_channel(loy_schema *schema, int64_t slow, int64_t fast)
{
	loy__channel *channel = &schema->channel[schema->channel_count++];

	FUZZ_CHECK(loy__half_life_init(&channel->slow, slow) == LOY_OK);
	FUZZ_CHECK(loy__half_life_init(&channel->fast, fast) == LOY_OK);
}

static void add_rule(loy_schema *schema, uint32_t kind, uint8_t channel, double value, double weight)
{
	loy__rule *rule = &schema->rule[schema->rule_count++];

	rule->kind = kind;
	rule->channel = channel;
	rule->value_source = LOY__VALUE_CONSTANT;
	rule->value = value;
	rule->weight = weight;
}

static void make_schema(loy_schema *schema)
{
	int i;

	memset(schema, 0, sizeof(*schema));
	for (i = 0; i < 5; i++)
		add_channel(schema, (100 + 20 * i) * LOY_DAY, i < 3 ? 30 * LOY_DAY : LOY_HOUR);
	add_channel(schema, LOY__HALF_LIFE_MAX, LOY__HALF_LIFE_MIN);
	add_rule(schema, LOY_KIND_PURCHASE, 0, 1.0, 1.0);
	add_rule(schema, LOY_KIND_PURCHASE, 5, 0.4, 250.0);
	add_rule(schema, LOY_KIND_DELIVERY, 3, 0.1, 2.0);
	FUZZ_CHECK(loy__half_life_init(&schema->worst_half_life, 120 * LOY_DAY) == LOY_OK);
	FUZZ_CHECK(loy__schema_prepare(schema) == LOY_OK);
}

/* Written and read again it is the same profile, and the same bytes when these are given. */
static void canonical(const loy_profile *profile, const loy_schema *schema, const uint8_t *bytes, size_t size)
{
	loy_profile *again = NULL;
	uint8_t *out;
	size_t needed = 0;

	FUZZ_CHECK(loy_profile_write(profile, NULL, 0, &needed) == LOY_EBUFFER);
	out = malloc(needed);
	FUZZ_CHECK(out != NULL);
	FUZZ_CHECK(loy_profile_write(profile, out, needed, &needed) == LOY_OK);
	if (bytes != NULL)
		FUZZ_CHECK(needed == size && memcmp(out, bytes, size) == 0);
	FUZZ_CHECK(loy_profile_create(&again, schema, NULL) == LOY_OK);
	FUZZ_CHECK(loy_profile_read(again, out, needed, NULL) == LOY_OK);
	FUZZ_CHECK(loy_profile_equal(profile, again) == 1);
	loy_profile_destroy(again);
	free(out);
}

static void readable(const loy_profile *profile)
{
	loy_purchase_summary summary = {.struct_size = sizeof(summary)};
	loy__reading reading;
	uint32_t i;

	fuzz_read_fields(profile);
	(void)loy_profile_purchase_summary(profile, 978, 20000 * LOY_DAY, &summary);
	loy__record_reading(loy__profile_record(profile), &reading);
	for (i = 0; i < reading.evidence_count; i++) {
		loy__evidence evidence;
		loy__decay sum;

		loy__evidence_next(&reading, &evidence);
		loy__evidence_sum(&evidence, (int)(i & 1), &sum);
		FUZZ_CHECK(loy__decay_valid(&sum));
	}
}

/* A receipt, a delivery, a review or a consent, depending on `which`. */
static void make_event(loy_event *event, unsigned which)
{
	static const uint32_t kinds[4] = {LOY_KIND_PURCHASE, LOY_KIND_DELIVERY, LOY_KIND_REVIEW,
	                                  LOY_KIND_CONSENT};
	const loy_line lines[2] = {{which, 0, LOY_RATIO_ONE, 1000}, {3, 0, LOY_RATIO_ONE, -LOY_MONEY_MAX}};

	FUZZ_CHECK(loy_event_begin(event, kinds[which % 4], (int64_t)which * 300 * LOY_DAY) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_AMOUNT, (int64_t)which * 1000) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_CURRENCY, 978) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_COMPENSATION, which) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_DELAY, (int64_t)which * LOY_HOUR) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_VALUE, 4 * LOY_RATIO_ONE) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_PURPOSE, which) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_GRANTED, which & 1) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_TOUCHPOINT, which) == LOY_OK);
	if (which % 8 == 0) {
		FUZZ_CHECK(loy_event_add_line(event, &lines[0]) == LOY_OK);
		FUZZ_CHECK(loy_event_add_line(event, &lines[1]) == LOY_OK);
	}
}

static int allowed(loy_status status)
{
	return status == LOY_OK || status == LOY_ENOMEM || status == LOY_EOVERFLOW;
}

/* Adding an event, the profile itself and its bytes: all or nothing, and a profile in any case. */
static void grows(loy_profile *profile, const loy_schema *schema, const uint8_t *bytes, size_t size,
                  unsigned which)
{
	loy_profile *before = NULL;
	loy_event *event = NULL;
	loy_status status;

	FUZZ_CHECK(loy_profile_create(&before, schema, NULL) == LOY_OK);
	FUZZ_CHECK(loy_event_create(&event, NULL) == LOY_OK);
	FUZZ_CHECK(loy_profile_copy(before, profile) == LOY_OK);
	make_event(event, which);
	status = which & 1 ? loy_profile_record(profile, event, NULL)
	                   : loy_profile_retract(profile, event, NULL);
	FUZZ_CHECK(allowed(status) && (status == LOY_OK || loy_profile_equal(profile, before) == 1));
	FUZZ_CHECK(loy_profile_copy(before, profile) == LOY_OK);
	status = loy_profile_merge_bytes(profile, bytes, size, NULL);
	FUZZ_CHECK(allowed(status) && (status == LOY_OK || loy_profile_equal(profile, before) == 1));
	FUZZ_CHECK(loy_profile_copy(before, profile) == LOY_OK);
	status = loy_profile_merge(profile, profile);
	FUZZ_CHECK(allowed(status) && (status == LOY_OK || loy_profile_equal(profile, before) == 1));
	canonical(profile, schema, NULL, 0);
	readable(profile);
	loy_event_destroy(event);
	loy_profile_destroy(before);
}

static void add_checksum(uint8_t *bytes, size_t size)
{
	uint32_t sum = loy__crc32c(0, bytes, size);
	int i;

	for (i = 0; i < 4; i++)
		bytes[size + (size_t)i] = (uint8_t)(sum >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static loy_schema schema; /* the same for every input */
	struct fuzz_heap heap = {.until = size > 0 && data[0] < 128 ? 1 + data[0] : -1};
	loy_allocator memory = fuzz_allocator(&heap);
	loy_error error = {.struct_size = sizeof(error)};
	loy_profile *profile = NULL;
	uint8_t *bytes;
	loy_status status;
	size_t length;

	fuzz_begin();
	if (size < 2)
		return 0;
	if (schema.channel_count == 0)
		make_schema(&schema);
	bytes = malloc(size + FRAME + 4);
	FUZZ_CHECK(bytes != NULL);
	if (data[1] & 1) {
		length = size - 2;
		memcpy(bytes, data + 2, length);
	} else {
		memset(bytes, 0, FRAME); /* the fingerprint is (0, 0) */
		memcpy(bytes, "LOYP\1", 5);
		memcpy(bytes + FRAME, data + 2, size - 2);
		add_checksum(bytes, FRAME + size - 2);
		length = FRAME + size + 2;
	}
	FUZZ_CHECK(loy_profile_create(&profile, &schema, &memory) == LOY_OK);
	status = loy_profile_read(profile, bytes, length, &error);
	if (status == LOY_OK) {
		canonical(profile, &schema, bytes, length);
		readable(profile);
		grows(profile, &schema, bytes, length, data[1] >> 1);
	} else if (status != LOY_ENOMEM) {
		FUZZ_CHECK(error.code == status && error.byte >= 0 && (size_t)error.byte <= length);
	}
	loy_profile_destroy(profile);
	FUZZ_CHECK(heap.live == 0);
	free(bytes);
	return 0;
}
