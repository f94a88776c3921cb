/* The built-in models: they are good models, and they say what their comments promise. */
#include "model_support.h"

#define TRADES 4 /* the first ones; the last is of figures in papers */

static loy_model *builtin(uint32_t index)
{
	loy_model *model = NULL;

	assert_int_equal(loy_model_create_builtin(&model, loy_model_builtin_name(index), NULL), LOY_OK);
	return model;
}

static void they_have_names_and_texts(void **state)
{
	static const char *const names[5] = {"retail", "hospitality", "subscription", "b2b_service",
	                                     "literature"};
	loy_model *model = (loy_model *)&names;
	uint32_t i;

	(void)state;
	assert_int_equal(loy_model_builtin_count(), 5);
	for (i = 0; i < 5; i++) {
		assert_string_equal(loy_model_builtin_name(i), names[i]);
		expect_print(loy_model_builtin_text(names[i]), NULL);
	}
	assert_null(loy_model_builtin_name(5));
	assert_null(loy_model_builtin_text("retai"));
	assert_null(loy_model_builtin_text(NULL));
	assert_int_equal(loy_model_create_builtin(NULL, "retail", NULL), LOY_EINVAL);
	assert_int_equal(loy_model_create_builtin(&model, NULL, NULL), LOY_EINVAL);
	assert_null(model);
	assert_int_equal(loy_model_create_builtin(&model, "bakery", NULL), LOY_ENOTFOUND);
	assert_null(model);
}

/* Figures of models are part of stored profiles: a change must be meant. */
static void fingerprints_are_pinned(void **state)
{
	static const uint64_t pinned[5][4] = {
	        {UINT64_C(0x5674aca78eec276a), UINT64_C(0x6c9b0d70b6526ad6), UINT64_C(0xa20deebae8e5cdb7),
	         UINT64_C(0xf9ed366749875c9f)},
	        {UINT64_C(0x3a7149848cfb51cb), UINT64_C(0x4a5a68e5b8572e05), UINT64_C(0x72f5940d7694face),
	         UINT64_C(0x4c8dc8426591510a)},
	        {UINT64_C(0x52da58d58413b27d), UINT64_C(0x138608a2e9913f1c), UINT64_C(0x9252fdb62811594b),
	         UINT64_C(0x17c554c2e4ef40b9)},
	        {UINT64_C(0xa968f4cb2e5aa550), UINT64_C(0xa68170411eec33b3), UINT64_C(0x68190b269e0411c7),
	         UINT64_C(0x637028e0204f6867)},
	        {UINT64_C(0xbc239c0ebde88517), UINT64_C(0x75986fa5f6bd9a44), UINT64_C(0x6d296982d375fb63),
	         UINT64_C(0xbe49566085858eeb)},
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		loy_model *model = builtin(i);
		uint64_t is[4];

		assert_int_equal(loy_schema_fingerprint(loy_model_schema(model), &is[0], &is[1]), LOY_OK);
		assert_int_equal(loy_model_fingerprint(model, &is[2], &is[3]), LOY_OK);
		if (memcmp(is, pinned[i], sizeof(is)) != 0)
			print_error("{UINT64_C(0x%016llx), UINT64_C(0x%016llx), UINT64_C(0x%016llx), "
			            "UINT64_C(0x%016llx)},\n",
			            (unsigned long long)is[0], (unsigned long long)is[1],
			            (unsigned long long)is[2], (unsigned long long)is[3]);
		assert_memory_equal(is, pinned[i], sizeof(is));
		loy_model_destroy(model);
	}
}

static void only_the_papers_need_a_note(void **state)
{
	loy_model *model;
	uint32_t i;

	(void)state;
	for (i = 0; i < TRADES; i++) {
		model = builtin(i);
		assert_int_equal(loy_model_note_count(model), 0);
		assert_string_equal(loy_model_name(model), loy_model_builtin_name(i));
		assert_non_null(strstr(model->origin, "provisional until calibrated"));
		loy_model_destroy(model);
	}
	model = builtin(TRADES);
	assert_int_equal(loy_model_note_count(model), 1);
	assert_string_equal(loy_model_note(model, 0, NULL),
	                    "the weights of 'by_contribution' add up to 1.35 and were divided by that");
	assert_non_null(strstr(model->origin, "not facts"));
	loy_model_destroy(model);
}

static void papers_are_quoted(void **state)
{
	loy_model *model = builtin(TRADES);
	uint32_t regression = scoring_construct(model, "by_regression");
	double total = 0.0, share = 0.0, sum = 0.0;

	(void)state;
	assert_int_equal(loy_model_effects(model, scoring_construct(model, "innovation"),
	                                   scoring_construct(model, "loyalty"), NULL, NULL, &total),
	                 LOY_OK);
	assert_close(total, 0.2338, 0.0, 1e-15); /* two products and a sum, each rounded to 2^-55 */
	assert_int_equal(loy_model_weight_sum(model, regression, &sum), LOY_OK);
	assert_bits_equal(sum, 1.0);
	assert_int_equal(
	        loy_model_effects(model, scoring_construct(model, "culture"), regression, &share, NULL, NULL),
	        LOY_OK);
	assert_bits_equal(share, 0.22);
	assert_int_equal(loy_model_weight_sum(model, scoring_construct(model, "by_contribution"), &sum),
	                 LOY_OK);
	assert_bits_equal(sum, 1.35);
	loy_model_destroy(model);
}

/* (I - B)^-1 - I is the sum of the powers of B: here by plain multiplication of matrices. */
static void effects_are_the_sum_of_powers(void **state)
{
	static double b[LOY_CONSTRUCTS_MAX][LOY_CONSTRUCTS_MAX],
	        power[LOY_CONSTRUCTS_MAX][LOY_CONSTRUCTS_MAX];
	static double next[LOY_CONSTRUCTS_MAX][LOY_CONSTRUCTS_MAX],
	        sum[LOY_CONSTRUCTS_MAX][LOY_CONSTRUCTS_MAX];
	uint32_t index, i, j, k, step;

	(void)state;
	for (index = 0; index < loy_model_builtin_count(); index++) {
		loy_model *model = builtin(index);
		uint32_t n = loy_model_construct_count(model);
		double direct = 0.0, indirect = 0.0, total = 0.0;

		for (i = 0; i < n; i++) {
			for (j = 0; j < n; j++) {
				assert_int_equal(loy_model_effects(model, i, j, &b[i][j], NULL, NULL),
				                 LOY_OK);
				sum[i][j] = power[i][j] = b[i][j];
			}
		}
		for (step = 1; step < n; step++) {
			for (i = 0; i < n; i++) {
				for (j = 0; j < n; j++) {
					next[i][j] = 0.0;
					for (k = 0; k < n; k++)
						next[i][j] += power[i][k] * b[k][j];
					sum[i][j] += next[i][j];
				}
			}
			memcpy(power, next, sizeof(power));
		}
		for (i = 0; i < n; i++) {
			for (j = 0; j < n; j++) {
				assert_int_equal(loy_model_effects(model, i, j, &direct, &indirect, &total),
				                 LOY_OK);
				/* at most some dozen roundings of numbers below 1 on each side */
				assert_close(total, sum[i][j], 0.0, 1e-15);
				assert_close(indirect, sum[i][j] - b[i][j], 0.0, 1e-15);
			}
		}
		loy_model_destroy(model);
	}
}

static void memory_may_run_out_anywhere(void **state)
{
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_model *model = NULL;

		status = loy_model_create_builtin(&model, "retail", &memory);
		assert_true((model != NULL) == (status == LOY_OK));
		loy_model_destroy(model);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 4); /* reading, the model, the texts behind two fingerprints as they grow */
}

static void headlines_are_the_four_scores(void **state)
{
	static const char *const names[4] = {"satisfaction", "trust", "value", "loyalty"};
	uint32_t i, k, construct = 0;

	(void)state;
	for (i = 0; i < TRADES; i++) {
		loy_model *model = builtin(i);

		assert_int_equal(loy_model_headline_count(model), 4);
		for (k = 0; k < 4; k++) {
			assert_int_equal(loy_model_headline(model, k, &construct), LOY_OK);
			assert_string_equal(loy_model_construct_name(model, construct), names[k]);
		}
		assert_true(loy_schema_channel_count(loy_model_schema(model)) <= LOY_CHANNELS_MAX);
		assert_int_equal(loy_schema_dimension_count(loy_model_schema(model)), 5);
		assert_int_equal(loy_model_staging_count(model), 2);
		assert_true(model->recovery != LOY__NONE && model->failure_count == 2);
		loy_model_destroy(model);
	}
}

/* ---- events as evidence ---- */

/* One event: kind, up to three fields; and what it must become: "channel for against" in hundredths, in order. */
struct evidence_case {
	uint32_t kind;
	struct {
		uint32_t field;
		int64_t value;
	} set[3];
	const char *evidence;
};
#define R(x) ((int64_t)((x)*1e9 + ((x) < 0 ? -0.5 : 0.5)))
#define ANSWER(instrument)                                                                                   \
	{LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_##instrument},                                                 \
	{                                                                                                    \
		LOY_FIELD_VALUE, R(8)                                                                        \
	}
static const struct evidence_case cases[] = {
        {LOY_KIND_PURCHASE, {{LOY_FIELD_AMOUNT, 450}}, "purchase 100 0"},
        {LOY_KIND_PURCHASE,
         {{LOY_FIELD_AMOUNT, 450}, {LOY_FIELD_DISCOUNT, 50}, {LOY_FIELD_CATEGORY, 7}},
         "purchase 100 0; price 20 0"},
        {LOY_KIND_PURCHASE, {{LOY_FIELD_AMOUNT, 450}, {LOY_FIELD_DISCOUNT, 0}}, "purchase 100 0"},
        {LOY_KIND_RETURN, {{LOY_FIELD_AMOUNT, 450}}, "returns 0 100"},
        {LOY_KIND_VISIT, {{0, 0}}, "engagement 20 0"},
        {LOY_KIND_VISIT, {{LOY_FIELD_DEPTH, R(0.5)}}, "engagement 10 0"},
        {LOY_KIND_CONTACT, {{0, 0}}, ""},
        {LOY_KIND_CONTACT, {{LOY_FIELD_QUALITY, R(0.75)}}, "support 75 25"},
        {LOY_KIND_COMPLAINT, {{0, 0}}, "complaint 0 100"},
        {LOY_KIND_COMPLAINT, {{LOY_FIELD_SEVERITY, R(0.4)}}, "complaint 0 40"},
        {LOY_KIND_FIRST_RESPONSE, {{0, 0}}, ""},
        {LOY_KIND_FIRST_RESPONSE, {{LOY_FIELD_ELAPSED, 4 * LOY_HOUR}}, "support 100 0"},
        {LOY_KIND_FIRST_RESPONSE, {{LOY_FIELD_ELAPSED, 4 * LOY_HOUR + 1}}, "support 50 50"},
        {LOY_KIND_FIRST_RESPONSE, {{LOY_FIELD_ELAPSED, 24 * LOY_HOUR + 1}}, "support 0 100"},
        {LOY_KIND_RESOLUTION, {{LOY_FIELD_QUALITY, R(0.9)}, {LOY_FIELD_SEVERITY, R(0.5)}}, "recovery 45 5"},
        {LOY_KIND_RESOLUTION, {{LOY_FIELD_SEVERITY, R(0.4)}}, "recovery 10 10"},
        {LOY_KIND_RESOLUTION,
         {{LOY_FIELD_ELAPSED, LOY_DAY * 30}, {LOY_FIELD_QUALITY, R(1)}},
         "support 0 50; recovery 100 0"},
        {LOY_KIND_SERVICE_FAILURE, {{LOY_FIELD_SEVERITY, R(0.29)}}, "slip 0 29"},
        {LOY_KIND_SERVICE_FAILURE, {{LOY_FIELD_SEVERITY, R(0.3)}}, "complaint 0 30"},
        {LOY_KIND_SERVICE_FAILURE, {{0, 0}}, "complaint 0 50"},
        {LOY_KIND_DELIVERY, {{0, 0}}, ""},
        {LOY_KIND_DELIVERY, {{LOY_FIELD_DELAY, 0}}, "fulfilment 76 24"}, /* 0.757 */
        {LOY_KIND_PROMISE_MADE, {{0, 0}}, ""},
        {LOY_KIND_PROMISE_KEPT, {{0, 0}}, "promise 100 0"},
        {LOY_KIND_PROMISE_BROKEN, {{LOY_FIELD_SEVERITY, R(0.5)}}, "promise 0 50"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(CSAT)}, "survey_satisfaction 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(SATISFACTION)}, "survey_satisfaction 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(NPS)}, "survey_attitude 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(LOYALTY)}, "survey_attitude 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(CES)}, "support 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(TRUST)}, "survey_trust 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(VALUE)}, "survey_value 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(EMOTION)}, "survey_emotion 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(REVIEW)}, "quality 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(BENEFIT), {LOY_FIELD_ITEM, 1}}, "value_balance 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(COST), {LOY_FIELD_ITEM, 1}}, "value_balance 20 80"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(SERVQUAL_EXPECTATION), {LOY_FIELD_ITEM, 1}}, ""},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(SERVQUAL_PERCEPTION), {LOY_FIELD_ITEM, 1}}, "tangibles 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(SERVQUAL_PERCEPTION), {LOY_FIELD_ITEM, 2}}, "reliability 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(SERVQUAL_PERCEPTION), {LOY_FIELD_ITEM, 3}}, "responsiveness 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(SERVQUAL_PERCEPTION), {LOY_FIELD_ITEM, 4}}, "assurance 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(SERVQUAL_PERCEPTION), {LOY_FIELD_ITEM, 5}}, "empathy 80 20"},
        {LOY_KIND_SURVEY_ANSWER, {ANSWER(SERVQUAL_PERCEPTION)}, ""},
        {LOY_KIND_REVIEW, {{LOY_FIELD_VALUE, R(5)}}, "quality 70 0"},
        {LOY_KIND_REVIEW, {{LOY_FIELD_SENTIMENT, R(-0.5)}}, "sentiment 25 75"},
        {LOY_KIND_REVIEW, {{LOY_FIELD_SENTIMENT, R(0.5)}, {LOY_FIELD_CONFIDENCE, R(0.2)}}, "sentiment 15 5"},
        {LOY_KIND_EMOTION, {{LOY_FIELD_EMOTION, LOY_EMOTION_SATISFACTION}}, "emotion 100 0"},
        {LOY_KIND_EMOTION,
         {{LOY_FIELD_EMOTION, LOY_EMOTION_DELIGHT}, {LOY_FIELD_INTENSITY, R(0.5)}},
         "delight 100 0"},
        {LOY_KIND_EMOTION, {{LOY_FIELD_EMOTION, LOY_EMOTION_TRUST}}, "emotion 100 0"},
        {LOY_KIND_EMOTION, {{LOY_FIELD_EMOTION, LOY_EMOTION_DISSATISFACTION}}, "emotion 0 100"},
        {LOY_KIND_EMOTION, {{LOY_FIELD_EMOTION, LOY_EMOTION_FEAR}}, "emotion 0 80"},
        {LOY_KIND_EMOTION, {{LOY_FIELD_EMOTION, LOY_EMOTION_ANGER}}, "emotion 0 150"},
        {LOY_KIND_REFERRAL_MADE, {{0, 0}}, "advocacy 100 0"},
        {LOY_KIND_REFERRAL_CONVERTED, {{0, 0}}, "advocacy 50 0"},
        {LOY_KIND_ENGAGEMENT, {{LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_CONTENT}}, "engagement 40 0"},
        {LOY_KIND_ENGAGEMENT,
         {{LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_COMMUNITY}, {LOY_FIELD_DEPTH, R(0.5)}},
         "engagement 20 0; engagement 30 0"},
        {LOY_KIND_OFFER_SHOWN, {{LOY_FIELD_OFFER, 1}}, ""},
        {LOY_KIND_OFFER_TAKEN, {{LOY_FIELD_OFFER, 1}}, "engagement 30 0"},
        {LOY_KIND_PRICE, {{LOY_FIELD_AMOUNT, 300}, {LOY_FIELD_LIST_AMOUNT, 300}}, "price 15 15"},
        {LOY_KIND_PRICE, {{LOY_FIELD_AMOUNT, 300}, {LOY_FIELD_SEVERITY, R(0.6)}}, "promise 0 60"},
        {LOY_KIND_BILLING, {{LOY_FIELD_QUALITY, R(1)}}, "billing 100 0"},
        {LOY_KIND_BILLING, {{LOY_FIELD_SEVERITY, R(0.5)}}, "billing 0 50"},
        {LOY_KIND_REWARD, {{0, 0}}, "reward 50 0"},
        {LOY_KIND_MEMBERSHIP, {{LOY_FIELD_STATE, LOY_MEMBERSHIP_JOINED}}, "membership 100 0"},
        {LOY_KIND_MEMBERSHIP, {{LOY_FIELD_STATE, LOY_MEMBERSHIP_RENEWED}}, "membership 100 0"},
        {LOY_KIND_MEMBERSHIP, {{LOY_FIELD_STATE, LOY_MEMBERSHIP_PAUSED}}, "membership 0 30"},
        {LOY_KIND_MEMBERSHIP, {{LOY_FIELD_STATE, LOY_MEMBERSHIP_LEFT}}, "membership 0 100"},
        {LOY_KIND_CONSENT, {{LOY_FIELD_PURPOSE, LOY_PURPOSE_MARKETING}, {LOY_FIELD_GRANTED, 0}}, ""},
};

static long hundredths(int64_t amount)
{
	return (long)((amount * 100 + LOY__AMOUNT_ONE / 2) / LOY__AMOUNT_ONE);
}

static void expect_evidence(const loy_schema *schema, const struct evidence_case *one, const loy_event *event)
{
	char found[200] = "";
	uint32_t count = 0, i;
	const loy__rule *rules = loy__schema_rules(schema, one->kind, &count);

	for (i = 0; i < count; i++) {
		int64_t positive, negative;

		if (loy__rule_evaluate(schema, &rules[i], event, &positive, &negative))
			snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s %ld %ld",
			         found[0] != '\0' ? "; " : "", schema->channel[rules[i].channel].name,
			         hundredths(positive), hundredths(negative));
	}
	assert_string_equal(found, one->evidence);
}

static void every_kind_of_event_has_its_meaning(void **state)
{
	loy_event *event = NULL;
	uint64_t seen = 0;
	size_t i, k;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t trade;

		seen |= UINT64_C(1) << cases[i].kind;
		assert_int_equal(loy_event_begin(event, cases[i].kind, 0), LOY_OK);
		for (k = 0; k < 3 && cases[i].set[k].field != 0; k++)
			assert_int_equal(loy_event_set(event, cases[i].set[k].field, cases[i].set[k].value),
			                 LOY_OK);
		if (cases[i].kind == LOY_KIND_SURVEY_ANSWER) {
			assert_int_equal(loy_event_set(event, LOY_FIELD_SCALE_MIN, 0), LOY_OK);
			assert_int_equal(loy_event_set(event, LOY_FIELD_SCALE_MAX, R(10)), LOY_OK);
		}
		assert_int_equal(loy_event_check(event, NULL), LOY_OK);
		for (trade = 0; trade < TRADES; trade++) {
			loy_model *model = builtin(trade);

			expect_evidence(loy_model_schema(model), &cases[i], event);
			loy_model_destroy(model);
		}
	}
	for (i = 1; loy_kind_name((uint32_t)i) != NULL; i++)
		assert_true((seen >> i & 1) != 0);
	loy_event_destroy(event);
}

/* Feeding the paper model: item n of instrument 1000. */
static void papers_can_be_fed(void **state)
{
	static const struct evidence_case one = {LOY_KIND_SURVEY_ANSWER,
	                                         {{LOY_FIELD_INSTRUMENT, 1000}, {LOY_FIELD_ITEM, 12}},
	                                         "asked_technology 75 25"};
	loy_model *model = builtin(TRADES);
	loy_event *event = NULL;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, one.kind, 0), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_INSTRUMENT, 1000), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_ITEM, 12), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_VALUE, R(4)), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_SCALE_MIN, R(1)), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_SCALE_MAX, R(5)), LOY_OK);
	expect_evidence(loy_model_schema(model), &one, event);
	loy_event_destroy(event);
	loy_model_destroy(model);
}

/* ---- the reference parameters ---- */

/*
 * The numbers of the "default" object of the reference parameters, as "path value" pairs handed to `take`; the
 * file has one key or number a line.
 */
static void each_default(const char *json, size_t size,
                         void (*take)(const char *path, double value, void *to), void *to)
{
	char path[200] = "";
	size_t starts[16] = {0}, depth = 0, at;
	int element = 0;

	for (at = 0; at < size; at++) {
		if (json[at] == '"') {
			size_t from = at + 1;

			for (at = from; json[at] != '"'; at++)
				;
			path[starts[depth]] = '\0';
			snprintf(path + starts[depth], sizeof(path) - starts[depth], "/%.*s",
			         (int)(at - from), json + from);
			element = 0;
		} else if (json[at] == '{' || json[at] == '[') {
			starts[++depth] = strlen(path);
		} else if (json[at] == '}' || json[at] == ']') {
			path[starts[depth--]] = '\0';
		} else if (json[at] == '-' || (json[at] >= '0' && json[at] <= '9')) {
			char *end = NULL;
			char whole[220];

			snprintf(whole, sizeof(whole), "%s#%d", path, element++);
			if (strncmp(whole, "/default/", 9) == 0)
				take(whole + 9, strtod(json + at, &end), to);
			else
				(void)strtod(json + at, &end);
			at = (size_t)(end - json) - 1;
		}
	}
}

static const char *our_name(const char *name)
{
	static const char *const names[][2] = {{"survey_s", "survey_satisfaction"},
	                                       {"survey_t", "survey_trust"},
	                                       {"survey_v", "survey_value"},
	                                       {"survey_a", "survey_attitude"},
	                                       {"V", "value"},
	                                       {"S", "satisfaction"},
	                                       {"T", "trust"},
	                                       {"E", "emotional"},
	                                       {"A", "attitudinal"},
	                                       {"B", "behavioural"}};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i][0]) == 0)
			return names[i][1];
	}
	return name;
}

static uint32_t channel_of(const loy_model *model, const char *name)
{
	uint32_t i = 0;

	while (strcmp(loy_schema_channel_name(loy_model_schema(model), i), name) != 0)
		assert_non_null(loy_schema_channel_name(loy_model_schema(model), ++i));
	return i;
}

struct comparison {
	const loy_model *model;
	unsigned compared;
};

static double path_weight(const loy_model *model, const char *to, const char *from)
{
	double direct = 0.0;

	assert_int_equal(loy_model_effects(model, scoring_construct(model, our_name(from)),
	                                   scoring_construct(model, our_name(to)), &direct, NULL, NULL),
	                 LOY_OK);
	return direct;
}

static double our_prior(const loy_model *model, const char *construct, const char *what)
{
	loy_construct_info info = {.struct_size = sizeof(info)};

	assert_int_equal(
	        loy_model_construct_info(model, scoring_construct(model, our_name(construct)), &info),
	        LOY_OK);
	return strcmp(what, "mu") == 0    ? info.mean
	       : strcmp(what, "n0") == 0  ? info.strength
	       : strcmp(what, "phi") == 0 ? info.spread
	                                  : info.limit;
}

static double our_memory(const loy_model *model, const char *channel, const char *what)
{
	uint32_t index = channel_of(model, our_name(channel));

	if (strcmp(what, "omega") == 0)
		return model->fast_share[index];
	return (double)(strcmp(what, "slow_days") == 0 ? model->schema.channel[index].slow.microseconds
	                                               : model->schema.channel[index].fast.microseconds) /
	       (double)LOY_DAY;
}

static double our_silence(const loy_model *model, const char *what)
{
	const loy__construct *b = &model->construct[scoring_construct(model, "behavioural")];

	return strcmp(what, "a0") == 0        ? b->silence_strength
	       : strcmp(what, "g0_days") == 0 ? (double)b->silence_gap / (double)LOY_DAY
	       : strcmp(what, "kappa") == 0   ? b->silence_weight
	                                      : b->silence_limit;
}

static void compare(const char *path, double value, void *to)
{
	struct comparison *with = to;
	char group[32] = "", one[32] = "", two[32] = "";
	int element = 0;
	double positive = 0.0, negative = 0.0, ours;

	if (sscanf(path, "%31[^/#]/%31[^/#]/%31[^/#]#%d", group, one, two, &element) < 2 ||
	    strcmp(group, "peak") == 0)
		return; /* the worst episode is not used by this model */
	if (strcmp(one, "breadth") == 0)
		return; /* whether a category is new to a customer is not for one event to say */
	if (strcmp(group, "kappa") == 0) {
		assert_int_equal(
		        loy_model_indicator(with->model, scoring_construct(with->model, our_name(two)),
		                            channel_of(with->model, our_name(one)), &positive, &negative),
		        LOY_OK);
		ours = element == 0 ? positive : negative;
	} else if (strcmp(group, "gamma") == 0) {
		ours = path_weight(with->model, one, two);
	} else if (strcmp(group, "omega") == 0) {
		ours = path_weight(with->model, "loyalty", one);
	} else if (strcmp(group, "constructs") == 0) {
		ours = our_prior(with->model, one, two);
	} else if (strcmp(group, "channels") == 0) {
		ours = our_memory(with->model, one, two);
	} else if (strcmp(group, "silence") == 0) {
		ours = our_silence(with->model, one);
	} else {
		return;
	}
	if (ours != value)
		fail_msg("%s is %.17g, not %.17g", path, ours, value);
	with->compared++;
}

/* The reference parameters, where they speak of the same thing, are the figures of the default model. */
static void retail_has_the_reference_parameters(void **state)
{
	char *path = shared_or_skip("reference/stats/score_params.json");
	struct comparison with = {builtin(0), 0};
	size_t size = 0;
	char *json = read_whole_file(path, &size);

	(void)state;
	each_default(json, size, compare, &with);
	/* 17 channels of 3, 6 constructs of 4, 28 pairs of weights, 8 paths, 3 shares, 4 of silence */
	assert_int_equal(with.compared, 51 + 24 + 2 * 28 + 8 + 3 + 4);
	free(json);
	free(path);
	loy_model_destroy((loy_model *)(uintptr_t)with.model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(they_have_names_and_texts),
	        cmocka_unit_test(fingerprints_are_pinned),
	        cmocka_unit_test(only_the_papers_need_a_note),
	        cmocka_unit_test(papers_are_quoted),
	        cmocka_unit_test(effects_are_the_sum_of_powers),
	        cmocka_unit_test(memory_may_run_out_anywhere),
	        cmocka_unit_test(headlines_are_the_four_scores),
	        cmocka_unit_test(every_kind_of_event_has_its_meaning),
	        cmocka_unit_test(papers_can_be_fed),
	        cmocka_unit_test(retail_has_the_reference_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
