#include "profiles.h"

#define DAYS(n) ((n)*LOY_DAY)

static void add_channel(loy_schema *schema, const char *name, int64_t slow, int64_t fast)
{
	loy__channel *channel = &schema->channel[schema->channel_count++];

	memset(channel, 0, sizeof(*channel));
	memcpy(channel->name, name, strlen(name));
	assert_int_equal(loy__half_life_init(&channel->slow, slow), LOY_OK);
	assert_int_equal(loy__half_life_init(&channel->fast, fast), LOY_OK);
}

static loy__rule *add_rule(loy_schema *schema, uint32_t kind, uint8_t channel, double value, double weight)
{
	loy__rule *rule = &schema->rule[schema->rule_count++];

	memset(rule, 0, sizeof(*rule));
	rule->kind = kind;
	rule->channel = channel;
	rule->value_source = LOY__VALUE_CONSTANT;
	rule->value = value;
	rule->weight = weight;
	return rule;
}

static loy_schema *new_schema(uint64_t fingerprint)
{
	loy_schema *schema = calloc(1, sizeof(*schema));

	assert_non_null(schema);
	schema->fingerprint_high = fingerprint;
	schema->fingerprint_low = ~fingerprint;
	return schema;
}

struct loy_schema *plain_schema(void)
{
	loy_schema *schema = new_schema(UINT64_C(0x0123456789abcdef));

	add_channel(schema, "purchase", DAYS(180), DAYS(30));
	add_rule(schema, LOY_KIND_PURCHASE, 0, 1.0, 1.0);
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	return schema;
}

struct loy_schema *sample_schema(void)
{
	loy_schema *schema = new_schema(UINT64_C(0xfedcba9876543210));
	loy__rule *rule;

	add_channel(schema, "purchase", DAYS(180), DAYS(30));
	add_channel(schema, "quality", DAYS(180), DAYS(30));
	add_channel(schema, "delivery", DAYS(365), DAYS(14));
	add_channel(schema, "complaint", DAYS(400), LOY_HOUR);
	add_channel(schema, "survey", DAYS(36500), DAYS(200));
	add_channel(schema, "voice", DAYS(90), DAYS(45));
	add_rule(schema, LOY_KIND_PURCHASE, 0, 1.0, 1.0);
	add_rule(schema, LOY_KIND_PURCHASE, 1, 0.75, 0.5);
	add_rule(schema, LOY_KIND_RETURN, 1, 0.0, 0.7);
	rule = add_rule(schema, LOY_KIND_PURCHASE, 5, 0.6, 2.0);
	rule->weight_field[0] = LOY_FIELD_WEIGHT;
	add_rule(schema, LOY_KIND_PURCHASE, 5, 0.3, 0.25);
	rule = add_rule(schema, LOY_KIND_COMPLAINT, 3, 0.0, 1.5);
	rule->weight_field[0] = LOY_FIELD_SEVERITY;
	rule = add_rule(schema, LOY_KIND_RESOLUTION, 3, 0.0, 1.5);
	rule->value_source = LOY__VALUE_FIELD;
	rule->value_field = LOY_FIELD_QUALITY;
	add_rule(schema, LOY_KIND_SERVICE_FAILURE, 2, 0.0, 200.0);
	add_rule(schema, LOY_KIND_SERVICE_FAILURE, 2, 0.1, 200.0);
	add_rule(schema, LOY_KIND_PROMISE_KEPT, 2, 1.0, 1.0);
	add_rule(schema, LOY_KIND_PROMISE_BROKEN, 2, 0.0, 1.0);
	rule = add_rule(schema, LOY_KIND_SURVEY_ANSWER, 4, 0.0, 3.0);
	rule->value_source = LOY__VALUE_SCALE;
	rule = add_rule(schema, LOY_KIND_REVIEW, 5, 0.0, 1.0);
	rule->value_source = LOY__VALUE_SIGNED;
	rule->value_field = LOY_FIELD_SENTIMENT;
	rule->weight_field[0] = LOY_FIELD_CONFIDENCE;
	add_rule(schema, 1003, 0, 0.5, 1.0);
	assert_int_equal(loy__half_life_init(&schema->worst_half_life, DAYS(120)), LOY_OK);
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	return schema;
}

/* ---- random events ---- */

static int64_t between(loy__random *r, int64_t least, int64_t greatest)
{
	uint64_t span = (uint64_t)greatest - (uint64_t)least;

	/* in unsigned arithmetic: the span may be all of 64 bits */
	if (span == UINT64_MAX)
		return (int64_t)loy__random_next(r);
	return (int64_t)((uint64_t)least + loy__random_below(r, span + 1));
}

static int64_t random_time(loy__random *r, int how)
{
	if (how == SAMPLE_WILD)
		return between(r, LOY_TIME_MIN, LOY_TIME_MAX);
	if (how == SAMPLE_TIES)
		return DAYS(20000) + between(r, 0, 3) * (LOY_DAY / 2);
	return DAYS(19000) + between(r, 0, DAYS(700));
}

/* A value for a field, within its range: small when tame, so that keys meet again. */
static int64_t random_value(loy__random *r, int how, const loy_field *field)
{
	int64_t least = field->least, greatest = field->greatest;

	if (field->type == LOY_TYPE_MONEY) {
		/* so that hundreds of events stay below the magnitude a profile takes */
		least /= how == SAMPLE_WILD ? 1 << 14 : INT64_C(1) << 34;
		greatest /= how == SAMPLE_WILD ? 1 << 14 : INT64_C(1) << 34;
	} else if (field->type == LOY_TYPE_SPAN && field->id != LOY_FIELD_UTC_OFFSET) {
		least /= 1 << 14;
		greatest /= how == SAMPLE_WILD ? 1 << 10 : 1 << 14;
	} else if (field->type == LOY_TYPE_TIME) {
		return random_time(r, how == SAMPLE_WILD ? SAMPLE_TAME : how);
	} else if (field->type == LOY_TYPE_CODE && how != SAMPLE_WILD) {
		greatest = least + 5;
	} else if (how == SAMPLE_TIES) {
		return between(r, 0, 1) ? least : greatest;
	}
	return between(r, least, greatest);
}

static void set(loy_event *event, uint32_t id, int64_t value)
{
	assert_int_equal(loy_event_set(event, id, value), LOY_OK);
}

/* The fields that make the event complete. */
static void complete(loy_event *event, loy__random *r, int how, uint32_t kind)
{
	int64_t value;

	switch (kind) {
	case LOY_KIND_SURVEY_ANSWER:
	case LOY_KIND_REVIEW:
		value = how == SAMPLE_TIES ? between(r, 1, 3) * LOY_RATIO_ONE
		                           : between(r, LOY_RATIO_ONE, 5 * LOY_RATIO_ONE);
		set(event, LOY_FIELD_SCALE_MIN, LOY_RATIO_ONE);
		set(event, LOY_FIELD_SCALE_MAX, 5 * LOY_RATIO_ONE);
		set(event, LOY_FIELD_VALUE, value);
		set(event, LOY_FIELD_INSTRUMENT,
		    how == SAMPLE_WILD ? between(r, 4, 65535) : between(r, 4, 7));
		break;
	case LOY_KIND_MEMBERSHIP:
		set(event, LOY_FIELD_STATE, between(r, 1, 4));
		break;
	case LOY_KIND_CONSENT:
		set(event, LOY_FIELD_PURPOSE, between(r, 1, how == SAMPLE_WILD ? 65535 : 4));
		set(event, LOY_FIELD_GRANTED, between(r, 0, 1));
		break;
	case LOY_KIND_EMOTION:
		set(event, LOY_FIELD_EMOTION, between(r, 1, 12));
		break;
	case LOY_KIND_OFFER_SHOWN:
	case LOY_KIND_OFFER_TAKEN:
		set(event, LOY_FIELD_OFFER, between(r, 1, 9));
		break;
	case LOY_KIND_RETURN:
		set(event, LOY_FIELD_AMOUNT, between(r, 0, 1000000));
		break;
	case LOY_KIND_PURCHASE:
	case LOY_KIND_PRICE:
		set(event, LOY_FIELD_AMOUNT, between(r, how == SAMPLE_WILD ? -1000000 : 0, 1000000));
		break;
	default:
		break;
	}
}

static void add_lines(loy_event *event, loy__random *r, int how)
{
	int64_t count = between(r, 1, how == SAMPLE_WILD ? 90 : 4);

	for (; count > 0; count--) {
		loy_line line = {0};

		line.category = (uint32_t)between(r, 0, how == SAMPLE_WILD ? UINT32_MAX : 8);
		line.quantity = LOY_RATIO_ONE;
		line.amount = between(r, how == SAMPLE_WILD ? -LOY_MONEY_MAX >> 14 : 0, LOY_MONEY_MAX >> 14);
		assert_int_equal(loy_event_add_line(event, &line), LOY_OK);
	}
}

void sample_event_of(loy_event *event, loy__random *r, int how, uint32_t kind)
{
	const int answers = kind == LOY_KIND_SURVEY_ANSWER || kind == LOY_KIND_REVIEW;
	uint32_t i, dense = (uint32_t)between(r, 1, 8);
	loy_field field;

	assert_int_equal(loy_event_begin(event, kind, random_time(r, how)), LOY_OK);
	for (i = 0; i < loy_field_count(); i++) {
		assert_int_equal(loy_field_info(i, &field), LOY_OK);
		if (field.id > LOY_FIELD_OPTIONAL_LAST || loy__random_below(r, dense) != 0)
			continue;
		if (field.id == LOY_FIELD_SCALE_MIN || field.id == LOY_FIELD_SCALE_MAX ||
		    (answers && field.id == LOY_FIELD_INSTRUMENT))
			continue;
		set(event, field.id, random_value(r, how, &field));
	}
	complete(event, r, how, kind);
	if (kind == LOY_KIND_PURCHASE && between(r, 0, 3) == 0)
		add_lines(event, r, how);
	assert_int_equal(
	        loy_event_set_identity(event, how == SAMPLE_TIES ? 1 : loy__random_next(r),
	                               how == SAMPLE_TIES ? (uint64_t)between(r, 1, 3) : loy__random_next(r)),
	        LOY_OK);
	assert_int_equal(loy_event_check(event, NULL), LOY_OK);
}

void sample_event(loy_event *event, loy__random *r, int how)
{
	uint32_t kind = (uint32_t)between(r, 1, 30);

	if (kind > 25)
		kind = (uint32_t)(how == SAMPLE_WILD ? between(r, 26, LOY_KIND_LAST)
		                                     : between(r, 1000, 1004));
	if (between(r, 0, 2) == 0)
		kind = LOY_KIND_PURCHASE;
	sample_event_of(event, r, how, kind);
}

uint8_t *profile_bytes(const loy_profile *profile, size_t *size)
{
	uint8_t *bytes;

	assert_int_equal(loy_profile_write(profile, NULL, 0, size), LOY_EBUFFER);
	bytes = malloc(*size);
	assert_non_null(bytes);
	assert_int_equal(loy_profile_write(profile, bytes, *size, size), LOY_OK);
	return bytes;
}
