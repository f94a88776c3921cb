/* Bytes and digests of events, ratios from doubles, shares of scales, curves and evidence. */
#include "golden.h"
#include "profile/profile.h"

#include <stdlib.h>

#define EVENTS 1000

static uint64_t word(uint64_t i, uint64_t salt)
{
	return loy__mix64(i * 977 + salt);
}

/* Event number i: fields, lines, a key or number and extensions as its bits have it. */
static void build(struct golden *g, loy_event *event, uint64_t i)
{
	uint64_t bits = word(i, 1);
	uint32_t field, k;

	golden_check(g,
	             loy_event_begin(event, 1 + (uint32_t)(bits % 25), (int64_t)(word(i, 2) >> 14)) == LOY_OK,
	             "begin");
	golden_check(g, loy_event_set_identity(event, word(i, 3), word(i, 4)) == LOY_OK, "identity");
	for (field = 1; field <= 38; field++) {
		const loy__field_range *range = &loy__field_ranges[field];
		uint64_t width = (uint64_t)range->greatest - (uint64_t)range->least;
		uint64_t offset =
		        width == UINT64_MAX ? word(i, field + 100) : word(i, field + 100) % (width + 1);

		if ((bits >> field & 1) != 0)
			golden_check(g,
			             loy_event_set(event, field,
			                           loy__field_from_word((uint64_t)range->least + offset)) ==
			                     LOY_OK,
			             "field");
	}
	for (k = 0; k < (bits >> 40 & 3); k++) {
		loy_line line = {(uint32_t)word(i, 200 + k), k, (int64_t)(word(i, 300 + k) >> 8),
		                 (int64_t)(word(i, 400 + k) >> 20)};

		golden_check(g, loy_event_add_line(event, &line) == LOY_OK, "line");
	}
	if ((bits >> 50 & 1) != 0)
		golden_check(g, loy_event_set_customer(event, word(i, 5)) == LOY_OK, "customer");
	else
		golden_check(g, loy_event_set_customer_key(event, "J\xC3\xB8rgen 42", 10) == LOY_OK, "key");
	if ((bits >> 51 & 1) != 0)
		golden_check(g, loy_event_set_extension(event, 1000 + (uint32_t)(i % 9), "till", 4) == LOY_OK,
		             "extension");
}

static void bytes(struct golden *g, loy_event *event)
{
	static const size_t room = 2048;
	uint8_t *buffer = malloc(room);
	uint64_t i;

	golden_begin(g, "bytes");
	golden_check(g, buffer != NULL, "memory");
	for (i = 0; buffer != NULL && i < EVENTS; i++) {
		size_t size = 0, used = 0;
		uint64_t digest = 0;

		build(g, event, i);
		golden_check(g, loy_event_write(event, buffer, room, &size) == LOY_OK, "write");
		golden_bytes(g, buffer, size);
		golden_check(g, loy_event_read(event, buffer, size, &used, NULL) == LOY_OK && used == size,
		             "read");
		golden_check(g, loy_event_digest(event, &digest) == LOY_OK, "digest");
		golden_u64(g, digest);
	}
	golden_end(g);
	free(buffer);
}

static void numbers(struct golden *g, loy_event *event)
{
	uint64_t i;

	golden_begin(g, "ratios");
	for (i = 0; i < EVENTS; i++) {
		int64_t ratio = 0;

		golden_check(g, loy__ratio_from_double(golden_scaled(i, -40, 29), &ratio), "a ratio");
		golden_i64(g, ratio);
		golden_check(g, loy__ratio_from_double(((double)i + 0.5) * 1e-9, &ratio),
		             "a ratio near a half");
		golden_i64(g, ratio);
	}
	golden_end(g);
	golden_begin(g, "shares");
	for (i = 0; i < EVENTS; i++) {
		int64_t width = 1 + (int64_t)(word(i, 6) % 1000000000000000), share = 0;

		golden_check(g,
		             loy_event_begin(event, LOY_KIND_REVIEW, 0) == LOY_OK &&
		                     loy_event_set(event, LOY_FIELD_SCALE_MIN, 0) == LOY_OK &&
		                     loy_event_set(event, LOY_FIELD_SCALE_MAX, width) == LOY_OK &&
		                     loy_event_set(event, LOY_FIELD_VALUE,
		                                   (int64_t)(word(i, 7) % (uint64_t)width)) == LOY_OK &&
		                     loy__event_share(event, &share),
		             "a share");
		golden_i64(g, share);
	}
	golden_end(g);
}

/* One rule: deliveries, by a disconfirmation curve, weighed by severity. */
static void evidence(struct golden *g, loy_event *event)
{
	loy_schema *schema = calloc(1, sizeof(*schema));
	uint64_t i;

	golden_begin(g, "evidence");
	golden_check(g, schema != NULL, "memory");
	if (schema != NULL) {
		schema->channel_count = 1;
		schema->channel[0].slow.microseconds = 365 * LOY_DAY;
		schema->channel[0].fast.microseconds = 60 * LOY_DAY;
		schema->curve_count = 1;
		schema->curve[0].kind = LOY__CURVE_DISCONFIRMATION;
		schema->curve[0].neutral = 0.757;
		schema->curve[0].gain = 0.429;
		schema->curve[0].loss_ratio = 7.53;
		schema->curve[0].gain_scale = LOY_DAY / 100 * 382;
		schema->curve[0].loss_scale = LOY_DAY / 100 * 571;
		schema->rule_count = 1;
		schema->rule[0].kind = LOY_KIND_DELIVERY;
		schema->rule[0].value_source = LOY__VALUE_DELAY;
		schema->rule[0].weight = 1.25;
		schema->rule[0].weight_field[0] = LOY_FIELD_SEVERITY;
		golden_check(g, loy__schema_prepare(schema) == LOY_OK, "prepare");
		for (i = 0; i < EVENTS; i++) {
			int64_t delay = ((int64_t)i - EVENTS / 2) * (LOY_DAY / 10), positive = 0,
			        negative = 0;

			golden_double(g, loy__curve_value(&schema->curve[0], delay));
			golden_check(g,
			             loy_event_begin(event, LOY_KIND_DELIVERY, 0) == LOY_OK &&
			                     loy_event_set(event, LOY_FIELD_DELAY, delay) == LOY_OK &&
			                     loy_event_set(event, LOY_FIELD_SEVERITY,
			                                   1 + (int64_t)(word(i, 8) % 1000000000)) ==
			                             LOY_OK &&
			                     loy__rule_evaluate(schema, &schema->rule[0], event, &positive,
			                                        &negative),
			             "evidence");
			golden_i64(g, positive);
			golden_i64(g, negative);
		}
	}
	golden_end(g);
	free(schema);
}

void golden_event(struct golden *g)
{
	loy_event *event = NULL;

	golden_check(g, loy_event_create(&event, NULL) == LOY_OK, "create");
	if (event == NULL)
		return;
	bytes(g, event);
	numbers(g, event);
	evidence(g, event);
	loy_event_destroy(event);
}
