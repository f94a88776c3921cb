#include "chain.h"

const char chain_kind[CHAIN_KINDS][16] = {"ev_quality",  "ev_price",   "ev_complaint", "ev_slip",
                                          "ev_recovery", "ev_promise", "ev_survey",    "purchase"};

static const char schema[] = "channel quality: half_life 100d, fast 10d, share 0.3\n"
                             "channel price: half_life 100d, fast 10d, share 0.3\n"
                             "channel complaint: half_life 100d, fast 20d, share 0.3\n"
                             "channel slip: half_life 100d, fast 20d, share 0.3\n"
                             "channel recovery: half_life 100d, fast 20d, share 0.3\n"
                             "channel promise: half_life 200d, fast 50d, share 0.4\n"
                             "channel survey: half_life 200d, fast 50d\n"
                             "channel purchase: half_life 200d, fast 50d, share 0.5\n"
                             "kind ev_quality = 1001\n"
                             "kind ev_price = 1002\n"
                             "kind ev_complaint = 1003\n"
                             "kind ev_slip = 1004\n"
                             "kind ev_recovery = 1005\n"
                             "kind ev_promise = 1006\n"
                             "kind ev_survey = 1007\n"
                             "on ev_quality: quality value weight weight\n"
                             "on ev_price: price value weight weight\n"
                             "on ev_complaint: complaint value weight weight\n"
                             "on ev_slip: slip value weight weight\n"
                             "on ev_recovery: recovery value weight weight\n"
                             "on ev_promise: promise value weight weight\n"
                             "on ev_survey: survey value weight weight\n"
                             "on purchase: purchase value weight weight\n";

static const char plain_paths[] = "satisfaction ~ 0.2*value\n"
                                  "trust ~ 0.4*satisfaction\n";

static const char rich_paths[] = "worst: half_life 50d\n"
                                 "construct loyalty: limit 40\n"
                                 "satisfaction ~ 0.2*knee(value)\n"
                                 "response knee: 0 0, 0.5 0.3, 0.8 0.95, 1 1\n"
                                 "satisfaction ~ 0.5*quality:value\n"
                                 "trust ~ 0.4*satisfaction + 0.5*satisfaction:value\n"
                                 "damping slip: 0.5 by purchase at 3\n"
                                 "recovery repairs complaint + slip\n";

static const char rest[] =
        "attitudinal ~ 0.15*value + 0.25*satisfaction + 0.25*trust\n"
        "behavioural ~ 0.3*attitudinal\n"
        "loyalty <~ 0.6*behavioural + 0.4*attitudinal\n"
        "stages ladder: cognitive value, affective satisfaction|trust, conative attitudinal,"
        " action behavioural; cut 0.6, probability 0.7\n"
        "loyalty_type: attitude 1*attitudinal, behaviour behavioural, cut 0.55\n"
        "headline satisfaction, trust, value, loyalty\n";

struct term {
	char construct[16], channel[16];
	double positive, negative;
};
static const struct term terms[] = {
        {"value", "quality", 0.4, 0.5},        {"value", "price", 0.5, 0.8},
        {"satisfaction", "quality", 0.8, 1.2}, {"satisfaction", "complaint", 0, 1.5},
        {"satisfaction", "slip", 0, 1.2},      {"satisfaction", "recovery", 0.3, 0.3},
        {"satisfaction", "survey", 3, 3},      {"trust", "promise", 0.4, 1},
        {"trust", "complaint", 0, 0.9},        {"trust", "slip", 0, 0.8},
        {"trust", "recovery", 0.2, 0.5},       {"attitudinal", "survey", 0.5, 0.5},
        {"behavioural", "purchase", 0.7, 0.1},
};

static size_t say(char *text, size_t at, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text + at, size - at, format, arguments);
	va_end(arguments);
	assert_true(length >= 0 && (size_t)length < size - at);
	return at + (size_t)length;
}

loy_model *chain_model(double scale, int plain)
{
	static const struct {
		char name[16];
		double mean, strength;
	} made[] = {{"value", 0.6, 4},
	            {"satisfaction", 0.7, 4},
	            {"trust", 0.65, 6},
	            {"attitudinal", 0.55, 4},
	            {"behavioural", 0.5, 3}};
	char text[8192];
	size_t at = 0, i;

	at = say(text, at, sizeof(text), "%s", schema);
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		at = say(text, at, sizeof(text), "construct %s: mean %g, strength %g, spread 1, limit 60\n",
		         made[i].name, made[i].mean, made[i].strength * scale);
	for (i = 0; i < sizeof(terms) / sizeof(terms[0]); i++)
		at = say(text, at, sizeof(text), "%s =~ (%g, %g)*%s\n", terms[i].construct,
		         terms[i].positive * scale, terms[i].negative * scale, terms[i].channel);
	at = say(text, at, sizeof(text), "%s%s", plain ? plain_paths : rich_paths, rest);
	at = say(text, at, sizeof(text),
	         "silence behavioural: purchase weight %g, gap 45d, strength 2, limit 6\n", 0.8 * scale);
	if (!plain)
		say(text, at, sizeof(text), "worst satisfaction: weight %g\n", 0.5 * scale);
	return scoring_model(text);
}

double chain_unit(loy__random *random)
{
	uint64_t which = loy__random_below(random, 4);

	return which < 2 ? (double)which : (double)loy__random_below(random, 1001) / 1000.0;
}

void chain_random(struct chain_history *history, loy__random *random, int most, unsigned kinds)
{
	int i;

	history->count = (int)loy__random_below(random, (uint64_t)most + 1);
	for (i = 0; i < history->count; i++) {
		struct chain_event *event = &history->event[i];

		do {
			event->kind = (int)loy__random_below(random, CHAIN_KINDS);
		} while ((kinds >> event->kind & 1) == 0);
		event->time = DAY_2024(0) - (int64_t)loy__random_below(random, 730 * 24) * LOY_HOUR;
		event->value = chain_unit(random);
		event->weight = (double)(1 + loy__random_below(random, 20)) / 10.0;
	}
}

void chain_record(loy_profile *profile, const loy_model *model, const struct chain_event *event)
{
	scoring_record(profile, model, chain_kind[event->kind], event->time, event->value, event->weight);
}

loy_profile *chain_profile(const loy_model *model, const struct chain_history *history)
{
	loy_profile *profile = scoring_profile(model);
	int i;

	for (i = 0; i < history->count; i++)
		chain_record(profile, model, &history->event[i]);
	return profile;
}
