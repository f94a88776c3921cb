#include "history.h"

#include "core/core.h"

static const uint32_t kinds[] = {
        LOY_KIND_PURCHASE,     LOY_KIND_PURCHASE,       LOY_KIND_PURCHASE,        LOY_KIND_PURCHASE,
        LOY_KIND_RETURN,       LOY_KIND_VISIT,          LOY_KIND_CONTACT,         LOY_KIND_COMPLAINT,
        LOY_KIND_RESOLUTION,   LOY_KIND_FIRST_RESPONSE, LOY_KIND_SERVICE_FAILURE, LOY_KIND_DELIVERY,
        LOY_KIND_PROMISE_KEPT, LOY_KIND_PROMISE_BROKEN, LOY_KIND_SURVEY_ANSWER,   LOY_KIND_SURVEY_ANSWER,
        LOY_KIND_REVIEW,       LOY_KIND_EMOTION,        LOY_KIND_REFERRAL_MADE,   LOY_KIND_REFERRAL_CONVERTED,
        LOY_KIND_ENGAGEMENT,   LOY_KIND_OFFER_SHOWN,    LOY_KIND_OFFER_TAKEN,     LOY_KIND_MEMBERSHIP,
};

/* A number below `bound` from event, customer and what it is for. */
static int64_t pick(uint64_t customer, uint64_t i, uint64_t what, int64_t bound)
{
	return (int64_t)(loy__mix64(customer * 1000003 + i * 101 + what + 1) % (uint64_t)bound);
}

static void set(struct golden *g, loy_event *event, uint32_t field, int64_t value)
{
	golden_check(g, loy_event_set(event, field, value) == LOY_OK, "setting a field");
}

static void fill(struct golden *g, loy_event *event, uint64_t customer, uint64_t i, uint32_t kind)
{
	static const uint32_t instruments[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13};
	uint32_t instrument = instruments[pick(customer, i, 10, LOY__COUNT(instruments))];

	switch (kind) {
	case LOY_KIND_PURCHASE:
	case LOY_KIND_RETURN:
		set(g, event, LOY_FIELD_AMOUNT, 100 + pick(customer, i, 11, 20000));
		set(g, event, LOY_FIELD_DISCOUNT, pick(customer, i, 12, 100));
		set(g, event, LOY_FIELD_CATEGORY, 1 + pick(customer, i, 13, 5));
		break;
	case LOY_KIND_SURVEY_ANSWER:
		set(g, event, LOY_FIELD_INSTRUMENT, instrument);
		set(g, event, LOY_FIELD_ITEM, 1 + pick(customer, i, 14, 5));
		set(g, event, LOY_FIELD_SCALE_MIN, 0);
		set(g, event, LOY_FIELD_SCALE_MAX, 10 * LOY_RATIO_ONE);
		set(g, event, LOY_FIELD_VALUE, pick(customer, i, 15, 11) * LOY_RATIO_ONE);
		break;
	case LOY_KIND_REVIEW:
		set(g, event, LOY_FIELD_VALUE, (1 + pick(customer, i, 16, 5)) * LOY_RATIO_ONE);
		set(g, event, LOY_FIELD_SENTIMENT, pick(customer, i, 17, 2000000001) - LOY_RATIO_ONE);
		set(g, event, LOY_FIELD_CONFIDENCE, pick(customer, i, 18, 1000000001));
		break;
	case LOY_KIND_EMOTION:
		set(g, event, LOY_FIELD_EMOTION, 1 + pick(customer, i, 19, 12));
		set(g, event, LOY_FIELD_INTENSITY, pick(customer, i, 20, 1000000001));
		break;
	case LOY_KIND_OFFER_SHOWN:
	case LOY_KIND_OFFER_TAKEN:
		set(g, event, LOY_FIELD_OFFER, 1 + pick(customer, i, 21, 9));
		break;
	case LOY_KIND_MEMBERSHIP:
		set(g, event, LOY_FIELD_STATE, 1 + pick(customer, i, 22, 4));
		break;
	default:
		set(g, event, LOY_FIELD_SEVERITY, pick(customer, i, 23, 1000000001));
		set(g, event, LOY_FIELD_QUALITY, pick(customer, i, 24, 1000000001));
		set(g, event, LOY_FIELD_DELAY,
		    (pick(customer, i, 25, 20) - 8) * LOY_DAY + pick(customer, i, 26, LOY_DAY));
		set(g, event, LOY_FIELD_ELAPSED, pick(customer, i, 27, 3 * LOY_DAY));
		set(g, event, LOY_FIELD_TARGET, LOY_DAY);
		set(g, event, LOY_FIELD_DEPTH, pick(customer, i, 28, 1000000001));
	}
}

void history_event(struct golden *g, loy_event *event, uint64_t customer, uint64_t i)
{
	uint32_t kind = kinds[pick(customer, i, 1, LOY__COUNT(kinds))];
	int64_t span = LOY_DAY * (30 + pick(customer, 0, 2, 1066));

	golden_check(g, loy_event_begin(event, kind, HISTORY_END - pick(customer, i, 3, span)) == LOY_OK,
	             "begin");
	golden_check(g, loy_event_set_sequence(event, 7, 1, customer * 1000 + i) == LOY_OK, "identity");
	golden_check(g, loy_event_set_customer(event, customer) == LOY_OK, "customer");
	set(g, event, LOY_FIELD_CURRENCY, loy_currency_code("EUR"));
	set(g, event, LOY_FIELD_CHANNEL, 1 + pick(customer, i, 4, 3));
	fill(g, event, customer, i, kind);
	golden_check(g, loy_event_check(event, NULL) == LOY_OK, "a complete event");
}

loy_model *history_model(struct golden *g, const char *name)
{
	loy_model *model = NULL;

	golden_check(g, loy_model_create_builtin(&model, name, NULL) == LOY_OK, name);
	return model;
}

void history_profile(struct golden *g, loy_profile *profile, uint64_t customer, uint64_t count)
{
	loy_event *event = NULL;
	uint64_t i;

	loy_profile_clear(profile);
	golden_check(g, loy_event_create(&event, NULL) == LOY_OK, "an event");
	for (i = 0; event != NULL && i < count; i++) {
		history_event(g, event, customer, i);
		golden_check(g, loy_profile_record(profile, event, NULL) == LOY_OK, "recording");
	}
	loy_event_destroy(event);
}
