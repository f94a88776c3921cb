/* What is read is printed in one canonical way, which is read and printed the same. */
#include "model_support.h"

static void statements_come_in_a_fixed_order(void **state)
{
	(void)state;
	expect_print("headline b, a\n"
	             "loyalty_type: attitude 0.7*a + 0.3*b, behaviour c\n"
	             "stages s: one, two a|b, three c; probability 0.8\n"
	             "stages t: only c\n"
	             "cost money 1\n"
	             "benefit use 0.5, joy 0.5\n"
	             "worst a: weight 0.25\n"
	             "silence b: purchase limit 6, strength 2, gap 45d, weight 0.8\n"
	             "y repairs x\n"
	             "damping x: 0.5 by y at 5\n"
	             "response knee: 0 0, 0.65 0.55, 1 1\n"
	             "c <~ 0.6*a + 0.4*b\n"
	             "construct c\n"
	             "construct b: limit 50, spread 2, strength 3, mean 0.4\n"
	             "construct a\n"
	             "a ~ 0.2*knee(b) + 0.5*x:b + 0.25*b:b\n"
	             "a =~ (0.5, 1.5)*x + 0.5*y + (0, 1)*z\n"
	             "on visit: x 1\n"
	             "on tap: y 0\n"
	             "on purchase: z 0.5\n"
	             "curve late: delay loss_scale 5.7d, gain_scale 3.8d, loss_ratio 7.5, gain 0.429, "
	             "neutral 0.757\n"
	             "curve fast: steps -1h 1, 90min 0.5, else 0\n"
	             "worst: half_life 180d\n"
	             "channel x: half_life 90d, fast 30d, share 0.3\n"
	             "channel z: fast 30d, half_life 90d\n"
	             "channel y: half_life 90d, share 0, fast 30d\n"
	             "dimensions one, two\n"
	             "kind tap = 1001\n"
	             "kind beep = 1000\n"
	             "origin \"here\"\n"
	             "model m \"Title\"\n",
	             "model m \"Title\"\n"
	             "origin \"here\"\n"
	             "kind beep = 1000\n"
	             "kind tap = 1001\n"
	             "dimensions one, two\n"
	             "channel x: half_life 90d, fast 30d, share 0.3\n"
	             "channel z: half_life 90d, fast 30d\n"
	             "channel y: half_life 90d, fast 30d\n"
	             "worst: half_life 180d\n"
	             "curve late: delay neutral 0.757, gain 0.429, loss_ratio 7.5, gain_scale 3.8d, "
	             "loss_scale 5.7d\n"
	             "curve fast: steps -1h 1, 1.5h 0.5, else 0\n"
	             "on purchase: z 0.5\n"
	             "on visit: x 1\n"
	             "on tap: y 0\n"
	             "construct b: mean 0.4, strength 3, spread 2, limit 50\n"
	             "construct a: mean 0.5, strength 4, spread 1, limit 60\n"
	             "construct c\n"
	             "a =~ (0.5, 1.5)*x + 0.5*y + (0, 1)*z\n"
	             "a ~ 0.2*knee(b)\n"
	             "a ~ 0.5*x:b + 0.25*b:b\n"
	             "c <~ 0.6*a + 0.4*b\n"
	             "response knee: 0 0, 0.65 0.55, 1 1\n"
	             "damping x: 0.5 by y at 5\n"
	             "y repairs x\n"
	             "silence b: purchase weight 0.8, gap 45d, strength 2, limit 6\n"
	             "worst a: weight 0.25\n"
	             "benefit use 0.5, joy 0.5\n"
	             "cost money 1\n"
	             "stages s: one, two a|b, three c; cut 0.6, probability 0.8\n"
	             "stages t: only c; cut 0.6, probability 0.7\n"
	             "loyalty_type: attitude 0.7*a + 0.3*b, behaviour c, cut 0.55\n"
	             "headline b, a\n");
}

static void layout_and_comments_mean_nothing(void **state)
{
	(void)state;
	expect_print("\xEF\xBB\xBF  construct   b\r\n"
	             "\t\n"
	             "# a comment, \"quotes\" and all\n"
	             "   construct a :   # what follows belongs to it\n"
	             "# even behind a comment line\n"
	             "\n"
	             "mean 0.25,\n"
	             "\t\tstrength\t3\n"
	             "a~0.5 *\n"
	             "b # without an end of line",
	             "construct b: mean 0.5, strength 4, spread 1, limit 60\n"
	             "construct a: mean 0.25, strength 3, spread 1, limit 60\n"
	             "a ~ 0.5*b\n");
}

static void words_of_statements_can_be_names(void **state)
{
	(void)state;
	expect_print("construct construct\nconstruct on\nconstruct model\nconstruct repairs\n"
	             "channel channel: half_life 9d, fast 1d\n"
	             "construct =~ 1*channel\non ~ 0.5*construct\nmodel <~ 1*on\nrepairs ~ 0.1*on\n"
	             "on purchase: channel 1\n",
	             "channel channel: half_life 9d, fast 1d\n"
	             "on purchase: channel 1\n"
	             "construct construct: mean 0.5, strength 4, spread 1, limit 60\n"
	             "construct on: mean 0.5, strength 4, spread 1, limit 60\n"
	             "construct model\n"
	             "construct repairs: mean 0.5, strength 4, spread 1, limit 60\n"
	             "construct =~ 1*channel\n"
	             "on ~ 0.5*construct\n"
	             "model <~ 1*on\n"
	             "repairs ~ 0.1*on\n");
}

static void numbers_are_shortest(void **state)
{
	(void)state;
	expect_print("construct a: mean 0.500, strength 0.000000000001, spread 00123.4560, limit 1000000.0\n"
	             "channel x: half_life 36500d, fast 3600s\n"
	             "a =~ (000.10, 999.999999999999)*x\n",
	             "channel x: half_life 36500d, fast 1h\n"
	             "construct a: mean 0.5, strength 0.000000000001, spread 123.456, limit 1000000\n"
	             "a =~ (0.1, 999.999999999999)*x\n");
}

static void a_composite_may_have_a_limit_alone(void **state)
{
	(void)state;
	expect_print("both <~ 1*a\nconstruct a: limit 7\nconstruct both: limit 12.50\n",
	             "construct a: mean 0.5, strength 4, spread 1, limit 7\n"
	             "construct both: limit 12.5\n"
	             "both <~ 1*a\n");
}

static void durations_take_the_shortest_unit(void **state)
{
	(void)state;
	expect_print(
	        "construct a\nchannel x: half_life 36h, fast 90min\n"
	        "curve c: steps 0.000001s 1, 1s 1, 59.5s 1, 60s 1, 61s 1, 24h 1, 100h 1, 10.125d 1, else 0\n",
	        "channel x: half_life 36h, fast 1.5h\n"
	        "curve c: steps 0.000001s 1, 1s 1, 59.5s 1, 60s 1, 61s 1, 1d 1, 100h 1, 243h 1, else 0\n"
	        "construct a: mean 0.5, strength 4, spread 1, limit 60\n");
}

#define RULES             "construct a\nchannel x: half_life 9d, fast 1d\n"
#define PRINTED_CHANNEL   "channel x: half_life 9d, fast 1d\n"
#define PRINTED_CONSTRUCT "construct a: mean 0.5, strength 4, spread 1, limit 60\n"

static void rules_come_back(void **state)
{
	static const char *const rules[] = {
	        "on visit: x 0.25\n",
	        "on visit: x severity\n",
	        "on visit: x signed(sentiment) weight confidence\n",
	        "on visit: x scale weight 0.5 * confidence * weight\n",
	        "on visit: x reversed weight 2.5\n",
	        "on visit: x share(discount, amount)\n",
	        "on visit if depth < 0.123456789: x 1\n",
	        "on visit if sentiment <= -0.5 and amount >= -12345678901: x 1\n",
	        "on visit if value != 1000000 and value > -1000000 and quality = 0: x 1\n",
	        "on visit if severity unset: x 1\n",
	        "on visit if delay > -36h and elapsed <= 90s and target unset: x 1\n",
	        "on visit if granted = 1 and purpose = marketing: x 1\n",
	        "on membership if state = left: x 0\n",
	        "on emotion if emotion = delight: x 1\n",
	        "on emotion if emotion >= 10: x 0\n",
	        "on emotion if emotion = 1007: x 0\n",
	        "on engagement if engagement = community: x 1\n",
	        "on survey_answer if instrument = perception and item = 3: x scale\n",
	        "on visit if touchpoint = 4294967295: x 1\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		char text[400], expected[400];

		snprintf(text, sizeof(text), RULES "%s", rules[i]);
		/* emotion 10 has a name */
		snprintf(expected, sizeof(expected), PRINTED_CHANNEL "%s" PRINTED_CONSTRUCT,
		         strstr(rules[i], ">= 10") != NULL ? "on emotion if emotion >= dissatisfaction: x 0\n"
		                                           : rules[i]);
		expect_print(text, expected);
	}
}

static void rules_know_names_and_texts(void **state)
{
	uint32_t code = 0;
	char expected[400];

	(void)state;
	assert_int_equal(loy_code_from_text("shop", 4, &code), LOY_OK);
	snprintf(expected, sizeof(expected),
	         "kind tap = 1000\ndimensions one, two\n" PRINTED_CHANNEL "curve c: steps 1h 1, else 0\n"
	         "on survey_answer if instrument = csat and item = two: x scale\n"
	         "on tap if touchpoint = %u and currency = 4543826: x delay(c)\n"
	         "on tap: x elapsed(c)\n" PRINTED_CONSTRUCT,
	         (unsigned)code);
	expect_print(RULES "on tap if touchpoint = \"shop\" and currency = \"EUR\": x delay(c)\n"
	                   "on tap: x elapsed(c)\n"
	                   "on survey_answer if instrument = 1 and item = two: x scale\n"
	                   "curve c: steps 1h 1, else 0\n"
	                   "dimensions one, two\nkind tap = 1000\n",
	             expected);
	/* an item beyond the dimensions stays a number */
	expect_print(RULES "dimensions one\non visit if item = 0 and item != 2: x 1\n",
	             "dimensions one\n" PRINTED_CHANNEL
	             "on visit if item = 0 and item != 2: x 1\n" PRINTED_CONSTRUCT);
}

static void long_lists_are_broken(void **state)
{
	static const char origin[] = "origin \"A long text about where the figures come from, which nobody "
	                             "would like to read in one \" +\n"
	                             "\t\"line, and which therefore is cut behind a blank, again and again, "
	                             "into pieces that fit.\"\n";
	char text[1200];

	(void)state;
	snprintf(text, sizeof(text), "%sconstruct a\n", origin);
	expect_print(text, NULL);
	expect_print("construct a\nbenefit a_rather_long_name_of_one 1, a_rather_long_name_of_two 1, "
	             "a_rather_long_name_of_three 1, a_rather_long_name_of_four 1\n",
	             PRINTED_CONSTRUCT "benefit a_rather_long_name_of_one 1, a_rather_long_name_of_two 1, "
	                               "a_rather_long_name_of_three 1,\n"
	                               "\ta_rather_long_name_of_four 1\n");
}

static void texts_are_kept_to_the_byte(void **state)
{
	loy_model *model =
	        scoring_model("model m \"Tee & Kaffee – \" + \"süß # \"\norigin \" \"\nconstruct a\n");
	char *text = printed(model);

	(void)state;
	assert_string_equal(loy_model_name(model), "m");
	assert_string_equal(loy_model_title(model), "Tee & Kaffee – süß # ");
	assert_string_equal(loy_model_origin(model), " ");
	assert_string_equal(text, "model m \"Tee & Kaffee – süß # \"\norigin \" \"\n" PRINTED_CONSTRUCT);
	free(text);
	loy_model_destroy(model);
	model = scoring_model("construct a\n");
	assert_string_equal(loy_model_name(model), "");
	assert_string_equal(loy_model_title(model), "");
	assert_string_equal(loy_model_origin(model), "");
	loy_model_destroy(model);
	assert_null(loy_model_name(NULL));
	assert_null(loy_model_title(NULL));
	assert_null(loy_model_origin(NULL));
}

static void texts_have_greatest_lengths(void **state)
{
	static const unsigned limits[2] = {127, 511};
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		char text[700] = {0};
		loy_model *model = NULL;
		size_t length;

		strcpy(text, i == 0 ? "construct a\nmodel m \"" : "construct a\norigin \"");
		length = strlen(text);
		memset(text + length, 'w', limits[i]);
		strcpy(text + length + limits[i], "\"");
		expect_print(text, NULL);
		strcpy(text + length + limits[i], "\" + \"w\"");
		assert_int_equal(loy_model_create(&model, text, strlen(text), NULL, NULL), LOY_ELIMIT);
	}
}

static void schemas_have_prints_of_their_own(void **state)
{
	static const char a[] = "construct a\nchannel x: half_life 9d, fast 1d, share 0.5\non visit: x 1\n"
	                        "curve c: steps 1h 1, else 0\n";
	/* what changes the schema, and what does not */
	static const struct {
		const char *text;
		int same;
	} others[] = {
	        {"model m\norigin \"o\"\nconstruct a: mean 0.3\nchannel x: half_life 9d, fast 1d\non visit: "
	         "x 1\n"
	         "curve c: steps 60min 1, else 0\na =~ 2*x\nb <~ 1*a\nheadline a\nstages s: one a\n",
	         1},
	        {"construct a\nchannel x: half_life 8d, fast 1d\non visit: x 1\ncurve c: steps 1h 1, else "
	         "0\n",
	         0},
	        {"construct a\nchannel x: half_life 9d, fast 2d\non visit: x 1\ncurve c: steps 1h 1, else "
	         "0\n",
	         0},
	        {"construct a\nchannel z: half_life 9d, fast 1d\non visit: z 1\ncurve c: steps 1h 1, else "
	         "0\n",
	         0},
	        {"construct a\nchannel x: half_life 9d, fast 1d\non visit: x 0\ncurve c: steps 1h 1, else "
	         "0\n",
	         0},
	        {"construct a\nchannel x: half_life 9d, fast 1d\non visit: x 1 weight 2\ncurve c: steps 1h "
	         "1, else 0\n",
	         0},
	        {"construct a\nchannel x: half_life 9d, fast 1d\non contact: x 1\ncurve c: steps 1h 1, else "
	         "0\n",
	         0},
	        {"construct a\nchannel x: half_life 9d, fast 1d\non visit: x 1\ncurve c: steps 2h 1, else "
	         "0\n",
	         0},
	        {"construct a\nchannel x: half_life 9d, fast 1d\non visit: x 1\ncurve c: steps 1h 1, else "
	         "0.5\n",
	         0},
	        {"construct a\nchannel x: half_life 9d, fast 1d\non visit: x 1\ncurve c: steps 1h 1, else 0\n"
	         "worst: half_life 9d\n",
	         0},
	        {"construct a\nchannel x: half_life 9d, fast 1d\non visit: x 1\ncurve c: steps 1h 1, else 0\n"
	         "kind k = 1000\n",
	         0},
	        {"construct a\nchannel x: half_life 9d, fast 1d\non visit: x 1\ncurve c: steps 1h 1, else 0\n"
	         "dimensions d\n",
	         0},
	};
	loy_model *model = scoring_model(a);
	uint64_t high, low, other_high, other_low, whole_high, whole_low, other_whole_high, other_whole_low;
	size_t i;

	(void)state;
	assert_int_equal(loy_schema_fingerprint(loy_model_schema(model), &high, &low), LOY_OK);
	assert_int_equal(loy_model_fingerprint(model, &whole_high, &whole_low), LOY_OK);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		loy_model *other = scoring_model(others[i].text);

		assert_int_equal(loy_schema_fingerprint(loy_model_schema(other), &other_high, &other_low),
		                 LOY_OK);
		assert_int_equal(loy_model_fingerprint(other, &other_whole_high, &other_whole_low), LOY_OK);
		assert_int_equal(high == other_high && low == other_low, others[i].same);
		assert_false(whole_high == other_whole_high && whole_low == other_whole_low);
		loy_model_destroy(other);
	}
	loy_model_destroy(model);
}

/* The model text that the room's README shows is a model, and says all that the text around it says. */
static void the_readme_shows_a_model(void **state)
{
	char *path = source_path("src/model/README.md");
	size_t size = 0;
	char *readme = read_whole_file(path, &size), *end, *text = strstr(readme, "```\n");
	loy_model *model;

	(void)state;
	assert_non_null(text);
	text += 4;
	end = strstr(text, "```");
	assert_non_null(end);
	*end = '\0';
	model = scoring_model(text);
	assert_int_equal(loy_model_note_count(model), 0);
	assert_int_equal(loy_model_headline_count(model), 4);
	loy_model_destroy(model);
	expect_print(text, NULL);
	free(readme);
	free(path);
}

static void arguments_are_checked(void **state)
{
	loy_model *model = scoring_model("construct a\n");
	uint64_t word;
	char byte;

	(void)state;
	assert_int_equal(loy_model_print(NULL, &byte, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_model_print(model, NULL, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_model_print(model, &byte, 1, NULL), LOY_EBUFFER);
	assert_int_equal(loy_model_fingerprint(NULL, &word, &word), LOY_EINVAL);
	assert_int_equal(loy_model_fingerprint(model, NULL, &word), LOY_EINVAL);
	assert_int_equal(loy_model_fingerprint(model, &word, NULL), LOY_EINVAL);
	assert_null(loy_model_schema(NULL));
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(statements_come_in_a_fixed_order),
	        cmocka_unit_test(layout_and_comments_mean_nothing),
	        cmocka_unit_test(words_of_statements_can_be_names),
	        cmocka_unit_test(a_composite_may_have_a_limit_alone),
	        cmocka_unit_test(numbers_are_shortest),
	        cmocka_unit_test(durations_take_the_shortest_unit),
	        cmocka_unit_test(rules_come_back),
	        cmocka_unit_test(rules_know_names_and_texts),
	        cmocka_unit_test(long_lists_are_broken),
	        cmocka_unit_test(texts_are_kept_to_the_byte),
	        cmocka_unit_test(texts_have_greatest_lengths),
	        cmocka_unit_test(schemas_have_prints_of_their_own),
	        cmocka_unit_test(the_readme_shows_a_model),
	        cmocka_unit_test(arguments_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
