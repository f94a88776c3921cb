/* What follows from a text: order, shares, baselines, notes, effects; and what models tell of themselves. */
#include "model_support.h"

/* ---- order ---- */

static void expect_order(const char *text, const char *names)
{
	loy_model *model = scoring_model(text);
	char joined[400] = "";
	uint32_t i;

	for (i = 0; i < loy_model_construct_count(model); i++) {
		strcat(joined, i == 0 ? "" : " ");
		strcat(joined, loy_model_construct_name(model, i));
		assert_int_equal(scoring_construct(model, loy_model_construct_name(model, i)), i);
	}
	assert_string_equal(joined, names);
	assert_null(loy_model_construct_name(model, i));
	loy_model_destroy(model);
}

static void constructs_come_after_what_they_need(void **state)
{
	(void)state;
	expect_order("construct a\nconstruct b\nconstruct c\n", "a b c");
	expect_order("construct a\nconstruct b\nconstruct c\na ~ 0.5*c\n", "b c a");
	expect_order("construct a\nconstruct b\nconstruct c\na ~ 0.5*b\nb ~ 0.5*c\n", "c b a");
	expect_order("c <~ 1*a\n", "a c"); /* a bare composite */
	expect_order("construct a\nconstruct b\nconstruct d\nd <~ 1*b\nc <~ 1*a + 1*d\na ~ 0.1*b\n",
	             "b a d c");
	/* moderators come before what they moderate */
	expect_order("channel x: half_life 9d, fast 1d\nconstruct a\nconstruct b\na =~ 1*x\na ~ 0.5*x:b\n",
	             "b a");
	expect_order("construct a\nconstruct b\nconstruct c\na ~ 0.4*b + 0.5*b:c\nb ~ 0.1*c\n", "c b a");
}

static void everything_follows_the_new_order(void **state)
{
	loy_model *model = scoring_model(
	        "channel x: half_life 9d, fast 1d\n"
	        "construct last: mean 0.1\nconstruct middle: mean 0.2\nconstruct first: mean 0.3\n"
	        "last ~ 0.2*middle + 0.5*middle:first\nmiddle ~ 0.1*first\n"
	        "last =~ 1*x\nlast ~ 0.25*x:first\n"
	        "stages s: one last|first, two middle\n"
	        "loyalty_type: attitude 0.5*last + 0.5*first, behaviour middle\n"
	        "headline last, middle\n");
	const loy__construct *last = &model->construct[2];

	(void)state;
	assert_string_equal(model->construct[0].name, "first");
	assert_string_equal(model->construct[1].name, "middle");
	assert_string_equal(last->name, "last");
	assert_int_equal(last->path[0].parent, 1);
	assert_int_equal(last->path[0].moderator, 0);
	assert_int_equal(last->indicator[0].moderator, 0);
	assert_int_equal(model->construct[1].path[0].parent, 0);
	assert_int_equal(model->staging[0].rung[0].construct[0], 2);
	assert_int_equal(model->staging[0].rung[0].construct[1], 0);
	assert_int_equal(model->staging[0].rung[1].construct[0], 1);
	assert_int_equal(model->attitude[0], 2);
	assert_int_equal(model->attitude[1], 0);
	assert_int_equal(model->behaviour, 1);
	assert_int_equal(model->headline[0], 2);
	assert_int_equal(model->headline[1], 1);
	assert_int_equal(model->headline[2], LOY__NONE);
	loy_model_destroy(model);
}

static void long_cycles_are_named_as_far_as_there_is_room(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_model *model = NULL;
	char text[3000] = "";
	int i;

	(void)state;
	for (i = 0; i < 24; i++)
		snprintf(text + strlen(text), 100,
		         "a_name_of_some_length_%02d ~ 0.5*a_name_of_some_length_%02d\n", i, (i + 1) % 24);
	assert_int_equal(loy_model_create(&model, text, strlen(text), NULL, &error), LOY_ECYCLE);
	assert_int_equal(strlen(error.message), LOY_ERROR_MESSAGE_SIZE - 1);
	assert_non_null(strstr(error.message, "a_name_of_some_length_00 ~ a_name_of_some_length_01 ~ "));
}

/* ---- shares ---- */

/* Contributions to loyalty that a paper prints: they add up to 135 %. */
static void weights_of_135_percent_are_divided_and_reported(void **state)
{
	static const char text[] =
	        "loyalty <~ 0.40*quality + 0.35*value + 0.25*brand + 0.20*crm + 0.10*environment + "
	        "0.05*technology\n";
	static const char *const names[6] = {"quality", "value", "brand", "crm", "environment", "technology"};
	static const double written[6] = {0.40, 0.35, 0.25, 0.20, 0.10, 0.05};
	static const double percent[6] = {29.6, 25.9, 18.5, 14.8, 7.4, 3.7};
	loy_model *model = scoring_model(text);
	uint32_t loyalty = scoring_construct(model, "loyalty"), line = 0, i, notes = 0;
	double factor = 0.0, share, sum = 0.0;

	(void)state;
	assert_int_equal(loy_model_weight_sum(model, loyalty, &factor), LOY_OK);
	assert_bits_equal(factor, 1.35);
	for (i = 0; i < 6; i++) {
		assert_int_equal(loy_model_effects(model, scoring_construct(model, names[i]), loyalty, &share,
		                                   NULL, NULL),
		                 LOY_OK);
		assert_close(100.0 * share, percent[i], 0.0, 0.05); /* printed with one decimal */
		assert_close(share, written[i] / 1.35, 4e-16,
		             0.0); /* each rounded once, the expected value twice */
		sum += share;
	}
	assert_close(sum, 1.0, 1e-15, 0.0); /* six roundings */
	for (i = 0; i < loy_model_note_count(model); i++)
		notes += strcmp(loy_model_note(model, i, &line),
		                "the weights of 'loyalty' add up to 1.35 and were divided by that") == 0;
	assert_int_equal(notes, 1);
	loy_model_destroy(model);
	expect_print(text, NULL);
}

static void the_note_survives_printing(void **state)
{
	loy_model *model =
	        scoring_model("construct a\nconstruct b\n\nc <~ 2*a + 1*b\nbenefit x 0.5, y 0.7\ncost z 3\n"
	                      "loyalty_type: attitude 0.35*a + 0.2*b, behaviour c\n");
	char *text = printed(model);
	loy_model *again = scoring_model(text);
	uint32_t i, line = 0;

	(void)state;
	assert_int_equal(loy_model_note_count(model), 4);
	assert_string_equal(loy_model_note(model, 0, &line),
	                    "the weights of 'c' add up to 3 and were divided by that");
	assert_int_equal(line, 4);
	assert_string_equal(loy_model_note(model, 1, &line),
	                    "the weights of 'benefit' add up to 1.2 and were divided by that");
	assert_int_equal(line, 5);
	assert_string_equal(loy_model_note(model, 2, &line),
	                    "the weights of 'cost' add up to 3 and were divided by that");
	assert_int_equal(line, 6);
	assert_string_equal(loy_model_note(model, 3, NULL),
	                    "the weights of 'attitude' add up to 0.55 and were divided by that");
	assert_null(loy_model_note(model, 4, NULL));
	assert_int_equal(loy_model_note_count(again), 4);
	for (i = 0; i < 4; i++)
		assert_string_equal(loy_model_note(model, i, NULL), loy_model_note(again, i, NULL));
	assert_bits_equal(model->benefit[0].weight, 0.5 / 1.2);
	assert_bits_equal(model->cost[0].weight, 1.0);
	assert_bits_equal(model->attitude_weight[1], 0.2 / 0.55);
	assert_memory_equal(model->attitude_weight, again->attitude_weight, sizeof(model->attitude_weight));
	assert_memory_equal(model->benefit, again->benefit, sizeof(model->benefit));
	assert_int_equal(loy_model_note_count(NULL), 0);
	assert_null(loy_model_note(NULL, 0, NULL));
	free(text);
	loy_model_destroy(model);
	loy_model_destroy(again);
}

static void weights_that_add_up_are_not_noted(void **state)
{
	/* ten tenths: as doubles they add up to less than 1 */
	loy_model *model = scoring_model(
	        "construct a\nconstruct b\nconstruct c\nc <~ 0.7*a + 0.3*b\n"
	        "benefit i 0.1, j 0.1, k 0.1, l 0.1, m 0.1, n 0.1, o 0.1, p 0.1, q 0.1, r 0.1\n");

	(void)state;
	assert_int_equal(loy_model_note_count(model), 0);
	loy_model_destroy(model);
}

/* Path weights may add up to exactly 1, however many there are. */
static void path_weights_may_reach_one(void **state)
{
	char text[1000] = "construct y\n";
	loy_error error = {.struct_size = sizeof(error)};
	loy_model *model;
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		snprintf(text + strlen(text), 60, "construct x%d\ny ~ 0.1*x%d\n", i, i);
	loy_model_destroy(scoring_model(text));
	strcat(text, "construct z\ny ~ 0.000000000001*z\n");
	assert_int_equal(loy_model_create(&model, text, strlen(text), NULL, &error), LOY_ERANGE);
	/* moderated: 0.5 (1 + 0.6) + 0.2 = 1, and a hair more */
	loy_model_destroy(scoring_model("construct a: mean 0.5\nconstruct b\nconstruct c\n"
	                                "a ~ 0.5*b + 0.2*c + 0.6*b:c\n"));
	strcpy(text,
	       "construct a: mean 0.5\nconstruct b\nconstruct c\na ~ 0.5*b + 0.2*c + 0.600000000001*b:c\n");
	assert_int_equal(loy_model_create(&model, text, strlen(text), NULL, &error), LOY_ERANGE);
}

/* ---- notes on what is not said ---- */

static void bare_path_models_are_noted(void **state)
{
	loy_model *model = scoring_model("satisfaction ~ 0.35*innovation\n");
	uint32_t line = 0;

	(void)state;
	assert_int_equal(loy_model_construct_count(model), 2);
	assert_int_equal(loy_model_note_count(model), 2);
	assert_string_equal(loy_model_note(model, 0, &line),
	                    "'innovation' is used without a 'construct' statement: mean 0.5, strength 4");
	assert_int_equal(line, 1);
	assert_bits_equal(model->construct[0].mean, 0.5);
	assert_bits_equal(model->construct[0].strength, 4.0);
	loy_model_destroy(model);
}

static void idle_channels_are_noted(void **state)
{
	loy_model *model = scoring_model(
	        "construct a\nchannel x: half_life 9d, fast 1d\nchannel y: half_life 9d, fast 1d\n"
	        "channel z: half_life 9d, fast 1d\na =~ 1*x + 1*z\non visit: y 1\non visit: z 1\n");
	uint32_t line = 0;

	(void)state;
	assert_int_equal(loy_model_note_count(model), 2);
	assert_string_equal(loy_model_note(model, 0, &line), "channel 'x': no rule gives it evidence");
	assert_int_equal(line, 2);
	assert_string_equal(loy_model_note(model, 1, &line), "channel 'y': no construct reads it");
	assert_int_equal(line, 3);
	loy_model_destroy(model);
}

/* As many notes as a model can have fit. */
static void there_is_room_for_all_notes(void **state)
{
	char text[8000];
	loy_model *model;
	int i;

	(void)state;
	strcpy(text, "benefit i 2\ncost i 2\nloyalty_type: attitude 2*c0, behaviour c0\nc0 ~ 0.1*c1\n");
	for (i = 2; i < 24; i++)
		snprintf(text + strlen(text), 60, i < 12 ? "c%d ~ 0.1*c0\n" : "c%d <~ 2*c0\n", i);
	for (i = 0; i < 32; i++)
		snprintf(text + strlen(text), 60, "channel x%d: half_life 9d, fast 1d\n", i);
	model = scoring_model(text);
	assert_int_equal(loy_model_note_count(model), 24 + 3 + 32);
	assert_true(24 + 3 + 32 <= LOY__NOTES_MAX);
	loy_model_destroy(model);
}

/* ---- baselines and channels ---- */

static void baselines_follow_the_paths(void **state)
{
	loy_model *model = scoring_model(
	        "construct a: mean 0.8\nconstruct b: mean 0.4\nconstruct c: mean 0.5\nconstruct d\n"
	        "response knee: 0 0, 0.5 0.2, 1 1\n"
	        "b ~ 0.25*a\nc ~ 0.5*knee(a)\nd <~ 3*a + 1*b\n");

	(void)state;
	assert_close(model->construct[0].baseline, 0.8, 1e-15, 0.0);
	assert_close(model->construct[1].baseline, 0.75 * 0.4 + 0.25 * 0.8, 1e-15, 0.0);
	/* knee(0.8) = 0.2 + 0.8 * 0.6 */
	assert_close(model->construct[2].baseline, 0.5 * 0.5 + 0.5 * 0.68, 1e-15, 0.0);
	assert_close(model->construct[3].baseline, 0.75 * 0.8 + 0.25 * 0.5, 1e-15, 0.0);
	loy_model_destroy(model);
}

static void channels_reach_through_paths(void **state)
{
	loy_model *model =
	        scoring_model("channel x: half_life 9d, fast 1d\nchannel y: half_life 9d, fast 1d\n"
	                      "channel z: half_life 9d, fast 1d\n"
	                      "construct a\nconstruct b\nconstruct c\nconstruct d\n"
	                      "a =~ 1*x\nb =~ 1*y\nb ~ 0.5*a\nc =~ 1*z\nd <~ 1*b\nc ~ 0.1*z:d\n");

	(void)state;
	assert_int_equal(model->channels_used[scoring_construct(model, "a")], 1);
	assert_int_equal(model->channels_used[scoring_construct(model, "b")], 3);
	assert_int_equal(model->channels_used[scoring_construct(model, "d")], 3);
	assert_int_equal(model->channels_used[scoring_construct(model, "c")],
	                 4); /* a moderator alone moves nothing */
	loy_model_destroy(model);
}

static void recovery_may_weigh_as_much_as_its_failure(void **state)
{
	(void)state;
	/* b = 0.5, so positive <= negative; damped by half it must be twice that, moderated by half 1.5 times */
	loy_model_destroy(
	        scoring_model("construct a: mean 0.5\nchannel x: half_life 9d, fast 1d\n"
	                      "channel y: half_life 9d, fast 1d\nx repairs y\na =~ (1, 0)*x + (0, 1)*y\n"));
	loy_model_destroy(
	        scoring_model("construct a: mean 0.5\nchannel x: half_life 9d, fast 1d\n"
	                      "channel y: half_life 9d, fast 1d\nx repairs y\na =~ (1, 0)*x + (0, 2)*y\n"
	                      "damping y: 0.5 by x at 1\n"));
	loy_model_destroy(
	        scoring_model("construct a: mean 0.5\nconstruct b\nchannel x: half_life 9d, fast 1d\n"
	                      "channel y: half_life 9d, fast 1d\nx repairs y\na =~ (1, 0)*x + (0, 1.5)*y\n"
	                      "a ~ 0.5*x:b\n"));
	/* a construct that reads no recovery is not held to anything */
	loy_model_destroy(scoring_model("construct a\nchannel x: half_life 9d, fast 1d\n"
	                                "channel y: half_life 9d, fast 1d\nx repairs y\na =~ 1*y\n"));
}

/* A model that was changed is held to the same rules, and named by its construct. */
static void changed_models_are_prepared_again(void **state)
{
	loy_model *model = scoring_model("construct a\nconstruct b\na ~ 0.5*b\nc <~ 1*a\n");
	loy_error error = {.struct_size = sizeof(error)};
	char *text;

	(void)state;
	model->construct[1].path[0].written = 0.25;
	assert_int_equal(loy__model_prepare(model, &error), LOY_OK);
	text = printed(model);
	expect_print(text, text);
	assert_non_null(strstr(text, "a ~ 0.25*b\n"));
	free(text);
	/* a number that no text has is printed as the nearest that one has */
	model->construct[1].path[0].written = 2.0 / 3.0;
	model->construct[0].strength = 1e5 / 3.0;
	assert_int_equal(loy__model_prepare(model, &error), LOY_OK);
	text = printed(model);
	assert_non_null(strstr(text, "a ~ 0.666666666667*b\n"));
	assert_non_null(strstr(text, "strength 33333.3333333333"));
	expect_print(text, text);
	free(text);
	model->construct[1].path[0].written = 1.5;
	assert_int_equal(loy__model_prepare(model, &error), LOY_ERANGE);
	assert_string_equal(error.message, "path weights, times 1 + moderation, add up to more than 1: 'a'");
	model->construct[1].path[0].parent = 1;
	assert_int_equal(loy__model_prepare(model, &error), LOY_ECYCLE);
	assert_string_equal(error.message, "paths form a cycle: a ~ a");
	model->schema.channel_count = LOY_CHANNELS_MAX + 1;
	assert_int_equal(loy__model_prepare(model, &error), LOY_ELIMIT);
	assert_string_equal(error.message, loy_status_text(LOY_ELIMIT));
	loy_model_destroy(model);
}

/* ---- effects ---- */

static void the_published_path_model(void **state)
{
	loy_model *model = scoring_model("satisfaction ~ 0.35*innovation\n"
	                                 "brand ~ 0.28*innovation\n"
	                                 "loyalty ~ 0.42*satisfaction + 0.31*brand\n");
	uint32_t innovation = scoring_construct(model, "innovation"),
	         loyalty = scoring_construct(model, "loyalty");
	double direct = 7.0, indirect = 7.0, total = 7.0;

	(void)state;
	assert_int_equal(loy_model_effects(model, innovation, loyalty, &direct, &indirect, &total), LOY_OK);
	assert_bits_equal(direct, 0.0);
	/* 0.35 * 0.42 + 0.28 * 0.31: two products and a sum, each rounded to 2^-55 */
	assert_close(total, 0.2338, 0.0, 1e-15);
	assert_bits_equal(indirect, total);
	assert_int_equal(loy_model_effects(model, scoring_construct(model, "satisfaction"), loyalty, &direct,
	                                   &indirect, &total),
	                 LOY_OK);
	assert_bits_equal(direct, 0.42);
	assert_bits_equal(indirect, 0.0);
	assert_bits_equal(total, 0.42);
	/* nothing goes backwards, and nothing acts on itself */
	assert_int_equal(loy_model_effects(model, loyalty, innovation, &direct, &indirect, &total), LOY_OK);
	assert_true(direct == 0.0 && indirect == 0.0 && total == 0.0);
	assert_int_equal(loy_model_effects(model, loyalty, loyalty, &direct, &indirect, &total), LOY_OK);
	assert_true(direct == 0.0 && indirect == 0.0 && total == 0.0);
	assert_int_equal(loy_model_effects(model, 4, 0, NULL, NULL, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_model_effects(model, 0, 4, NULL, NULL, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_model_effects(model, 0, 3, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_model_effects(NULL, 0, 0, NULL, NULL, NULL), LOY_EINVAL);
	loy_model_destroy(model);
}

static void effects_add_direct_and_indirect_ways(void **state)
{
	/* a -> b -> d, a -> c -> d, a -> d, b -> c: total = .1 + .5*.2 + .4*.3 + .5*.6*.3 */
	loy_model *model =
	        scoring_model("b ~ 0.5*a\nc ~ 0.4*a + 0.6*b\nd ~ 0.1*a + 0.2*b + 0.3*c\ne <~ 3*d + 1*a\n");
	double direct, indirect, total;

	(void)state;
	assert_int_equal(loy_model_effects(model, scoring_construct(model, "a"),
	                                   scoring_construct(model, "d"), &direct, &indirect, &total),
	                 LOY_OK);
	assert_bits_equal(direct, 0.1);
	assert_close(total, 0.1 + 0.5 * 0.2 + 0.4 * 0.3 + 0.5 * 0.6 * 0.3, 1e-15, 0.0);
	assert_close(indirect, 0.5 * 0.2 + 0.4 * 0.3 + 0.5 * 0.6 * 0.3, 1e-15, 0.0);
	/* a composite's shares are paths like any other */
	assert_int_equal(loy_model_effects(model, scoring_construct(model, "a"),
	                                   scoring_construct(model, "e"), &direct, NULL, &total),
	                 LOY_OK);
	assert_bits_equal(direct, 0.25);
	assert_close(total, 0.25 + 0.75 * (0.1 + 0.1 + 0.12 + 0.09), 1e-15, 0.0);
	loy_model_destroy(model);
}

/* ---- getters ---- */

static void constructs_can_be_asked(void **state)
{
	loy_model *model =
	        scoring_model("channel x: half_life 9d, fast 1d\nchannel y: half_life 9d, fast 1d\n"
	                      "construct a: mean 0.7, strength 5, spread 2, limit 40\nconstruct b\n"
	                      "a =~ (1, 2)*x\nb ~ 0.5*a\nc <~ 2*a + 2*b\n");
	loy_construct_info info = {.struct_size = sizeof(info)};
	double positive = 0.0, negative = 0.0, sum = 0.0;
	uint32_t construct = 9;

	(void)state;
	assert_int_equal(loy_model_construct_info(model, 0, &info), LOY_OK);
	assert_true(info.composite == 0 && info.mean == 0.7 && info.strength == 5.0 && info.spread == 2.0 &&
	            info.limit == 40.0 && info.indicator_count == 1 && info.path_count == 0);
	assert_int_equal(loy_model_construct_info(model, 2, &info), LOY_OK);
	assert_true(info.composite == 1 && info.mean == 0.0 && info.strength == 0.0 && info.spread == 0.0 &&
	            info.limit == 0.0 && info.indicator_count == 0 && info.path_count == 2);
	assert_int_equal(loy_model_construct_info(model, 3, &info), LOY_ENOTFOUND);
	assert_int_equal(loy_model_construct_info(NULL, 0, &info), LOY_EINVAL);
	assert_int_equal(loy_model_construct_info(model, 0, NULL), LOY_EINVAL);
	info.struct_size = 0;
	assert_int_equal(loy_model_construct_info(model, 0, &info), LOY_EINVAL);

	assert_int_equal(loy_model_indicator(model, 0, 0, &positive, &negative), LOY_OK);
	assert_true(positive == 1.0 && negative == 2.0);
	assert_int_equal(loy_model_indicator(model, 0, 1, &positive, &negative), LOY_OK);
	assert_true(positive == 0.0 && negative == 0.0);
	assert_int_equal(loy_model_indicator(model, 0, 0, NULL, NULL), LOY_OK);
	assert_int_equal(loy_model_indicator(model, 0, 2, &positive, &negative), LOY_ENOTFOUND);
	assert_int_equal(loy_model_indicator(model, 3, 0, &positive, &negative), LOY_ENOTFOUND);
	assert_int_equal(loy_model_indicator(NULL, 0, 0, &positive, &negative), LOY_EINVAL);

	assert_int_equal(loy_model_weight_sum(model, 2, &sum), LOY_OK);
	assert_bits_equal(sum, 4.0);
	assert_int_equal(loy_model_weight_sum(model, 0, &sum), LOY_OK);
	assert_bits_equal(sum, 1.0); /* nothing was divided */
	assert_int_equal(loy_model_weight_sum(model, 3, &sum), LOY_ENOTFOUND);
	assert_int_equal(loy_model_weight_sum(NULL, 0, &sum), LOY_EINVAL);
	assert_int_equal(loy_model_weight_sum(model, 0, NULL), LOY_EINVAL);

	assert_int_equal(loy_model_construct_find(model, "b", 1, &construct), LOY_OK);
	assert_int_equal(construct, 1);
	assert_int_equal(loy_model_construct_find(model, "bb", 2, &construct), LOY_ENOTFOUND);
	assert_int_equal(loy_model_construct_find(model, "b", 0, &construct), LOY_ENOTFOUND);
	assert_int_equal(loy_model_construct_find(NULL, "b", 1, &construct), LOY_EINVAL);
	assert_int_equal(loy_model_construct_find(model, NULL, 1, &construct), LOY_EINVAL);
	assert_int_equal(loy_model_construct_find(model, "b", 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_model_construct_count(NULL), 0);
	assert_null(loy_model_construct_name(NULL, 0));
	loy_model_destroy(model);
}

static void stages_and_headlines_can_be_asked(void **state)
{
	loy_model *model = scoring_model(
	        "construct a\nconstruct b\nstages s: one, two a|b\nstages t: only b\nheadline b, a\n");
	uint32_t construct = 9;

	(void)state;
	assert_int_equal(loy_model_staging_count(model), 2);
	assert_string_equal(loy_model_staging_name(model, 0), "s");
	assert_string_equal(loy_model_staging_name(model, 1), "t");
	assert_null(loy_model_staging_name(model, 2));
	assert_int_equal(loy_model_rung_count(model, 0), 2);
	assert_int_equal(loy_model_rung_count(model, 1), 1);
	assert_int_equal(loy_model_rung_count(model, 2), 0);
	assert_string_equal(loy_model_rung_name(model, 0, 1), "one");
	assert_string_equal(loy_model_rung_name(model, 0, 2), "two");
	assert_null(loy_model_rung_name(model, 0, 0)); /* the rung of nobody */
	assert_null(loy_model_rung_name(model, 0, 3));
	assert_null(loy_model_rung_name(model, 2, 1));
	assert_int_equal(model->staging[0].rung[0].count, 0);
	assert_int_equal(model->staging[0].rung[1].count, 2);
	assert_int_equal(loy_model_headline_count(model), 2);
	assert_int_equal(loy_model_headline(model, 0, &construct), LOY_OK);
	assert_int_equal(construct, 1);
	assert_int_equal(loy_model_headline(model, 1, &construct), LOY_OK);
	assert_int_equal(construct, 0);
	assert_int_equal(loy_model_headline(model, 2, &construct), LOY_ENOTFOUND);
	assert_int_equal(loy_model_headline(NULL, 0, &construct), LOY_EINVAL);
	assert_int_equal(loy_model_headline(model, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_model_staging_count(NULL), 0);
	assert_int_equal(loy_model_headline_count(NULL), 0);
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(constructs_come_after_what_they_need),
	        cmocka_unit_test(everything_follows_the_new_order),
	        cmocka_unit_test(long_cycles_are_named_as_far_as_there_is_room),
	        cmocka_unit_test(weights_of_135_percent_are_divided_and_reported),
	        cmocka_unit_test(the_note_survives_printing),
	        cmocka_unit_test(weights_that_add_up_are_not_noted),
	        cmocka_unit_test(path_weights_may_reach_one),
	        cmocka_unit_test(bare_path_models_are_noted),
	        cmocka_unit_test(idle_channels_are_noted),
	        cmocka_unit_test(there_is_room_for_all_notes),
	        cmocka_unit_test(baselines_follow_the_paths),
	        cmocka_unit_test(channels_reach_through_paths),
	        cmocka_unit_test(recovery_may_weigh_as_much_as_its_failure),
	        cmocka_unit_test(changed_models_are_prepared_again),
	        cmocka_unit_test(the_published_path_model),
	        cmocka_unit_test(effects_add_direct_and_indirect_ways),
	        cmocka_unit_test(constructs_can_be_asked),
	        cmocka_unit_test(stages_and_headlines_can_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
