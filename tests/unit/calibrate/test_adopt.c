/* From a fitted path model to a scoring model. */
#include "scoring.h"
#include "surveys.h"

#include <math.h>

static const char text[] = "model survey\n"
                           "channel asked_a: half_life 270d, fast 90d\n"
                           "channel asked_b: half_life 270d, fast 90d\n"
                           "channel other: half_life 270d, fast 90d\n"
                           "on survey_answer if instrument = trust: asked_a scale\n"
                           "on survey_answer if instrument = value: asked_b scale\n"
                           "on purchase: other 1\n"
                           "construct a: mean 0.5, strength 4\n"
                           "construct b: mean 0.5, strength 4\n"
                           "construct c: mean 0.5, strength 4\n"
                           "construct extra: mean 0.4, strength 4\n"
                           "construct whole\n"
                           "a =~ 3*asked_a\n"
                           "b =~ 3*asked_b + 0.5*other\n"
                           "c =~ 0.2*other\n"
                           "extra =~ 1*other\n"
                           "b ~ 0.9*a\n"
                           "c ~ 0.1*extra + 0.5*a\n"
                           "whole <~ 0.5*c + 0.5*extra\n"
                           "headline a, b, c, whole\n";

struct fixture {
	struct survey survey;
	loy_paths *paths;
	loy_pls *pls;
	loy_model *model;
	loy_pls_scale scales[9];
};

static struct fixture fixture_open(const loy_pls_options *options)
{
	struct fixture f;
	char *lines = survey_text(3, "=~");
	uint32_t i;

	f.survey = survey_invent(400, 3, 21, 0);
	f.paths = survey_paths(lines);
	f.pls = survey_fit(f.paths, &f.survey.table, options);
	f.model = scoring_model(text);
	for (i = 0; i < 9; i++) {
		f.scales[i].low = 1.0;
		f.scales[i].high = 10.0;
	}
	free(lines);
	return f;
}

static void fixture_close(struct fixture *f)
{
	loy_model_destroy(f->model);
	loy_pls_destroy(f->pls);
	loy_paths_destroy(f->paths);
	survey_free(&f->survey);
}

static loy_construct_info info_of(const loy_model *model, const char *name)
{
	loy_construct_info info = {.struct_size = sizeof(info)};
	uint32_t construct = 0;

	assert_int_equal(loy_model_construct_find(model, name, strlen(name), &construct), LOY_OK);
	assert_int_equal(loy_model_construct_info(model, construct, &info), LOY_OK);
	return info;
}

static double direct(const loy_model *model, const char *from, const char *to)
{
	uint32_t a = 0, b = 0;
	double value = 0.0;

	assert_int_equal(loy_model_construct_find(model, from, strlen(from), &a), LOY_OK);
	assert_int_equal(loy_model_construct_find(model, to, strlen(to), &b), LOY_OK);
	assert_int_equal(loy_model_effects(model, a, b, &value, NULL, NULL), LOY_OK);
	return value;
}

/* Nobody asked: everybody scores the mean index. */
static double baseline(const loy_model *model, const char *name)
{
	loy_score score = {.struct_size = sizeof(score)};
	loy_profile *profile = NULL;
	loy_scorecard *card = NULL;
	uint32_t construct = 0;

	assert_int_equal(loy_model_construct_find(model, name, strlen(name), &construct), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_evaluate(card, profile, 0), LOY_OK);
	assert_int_equal(loy_scorecard_score(card, construct, &score), LOY_OK);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	return score.mean;
}

static loy_pls_index index_of(const struct fixture *f, const char *name)
{
	loy_pls_index index = {.struct_size = sizeof(index)};

	assert_int_equal(loy_pls_get_index(f->pls, survey_construct(f->pls, name), f->scales, &index, NULL),
	                 LOY_OK);
	return index;
}

static void paths_means_and_strengths_are_taken_over(void **state)
{
	struct fixture f = fixture_open(NULL);
	loy_adoption done = {.struct_size = sizeof(done)};
	loy_model *model = NULL, *again;
	loy_pls_construct c = {.struct_size = sizeof(c)};
	loy_pls_index a = index_of(&f, "A"), b = index_of(&f, "B");
	double left, positive;
	char printed[4096];
	size_t needed;

	(void)state;
	assert_int_equal(
	        loy_model_create_from_pls(&model, f.model, f.pls, f.scales, NULL, NULL, 0, &done, NULL, NULL),
	        LOY_OK);
	assert_int_equal(done.constructs, 3);
	assert_int_equal(done.paths, 3);
	assert_int_equal(done.replaced, 2); /* b ~ a and c ~ a; c ~ extra stays */
	assert_int_equal(done.channels, 0);
	/* Weights are text with twelve decimals. */
	assert_close(direct(model, "a", "b"), survey_path(f.pls, "A", "B") * b.deviation / a.deviation, 0.0,
	             1e-12);
	assert_close(direct(model, "b", "c"),
	             survey_path(f.pls, "B", "C") * index_of(&f, "C").deviation / b.deviation, 0.0, 1e-12);
	assert_close(direct(model, "extra", "c"), 0.1, 0.0, 0.0);
	assert_close(baseline(model, "a"), a.mean, 0.0, 1e-9);
	assert_close(baseline(model, "b"), b.mean, 0.0, 1e-9);
	assert_close(baseline(model, "c"), index_of(&f, "C").mean, 0.0, 1e-9);
	/* The Beta distribution of the prior has the variance that the predictors leave of the true one. */
	assert_int_equal(loy_pls_get_construct(f.pls, survey_construct(f.pls, "B"), &c), LOY_OK);
	left = b.deviation * b.deviation * 1e-4 * c.rho_a * (1.0 - c.r2);
	assert_close(b.mean / 100.0 * (1.0 - b.mean / 100.0) / (info_of(model, "b").strength + 1.0), left,
	             1e-9, 0.0);
	assert_int_equal(loy_model_indicator(model, 0, 0, &positive, NULL), LOY_OK);
	assert_close(positive, 3.0, 0.0, 0.0);
	assert_int_equal(loy_model_print(model, printed, sizeof(printed), &needed), LOY_OK);
	assert_non_null(strstr(printed, "from partial least squares on 400 respondents"));
	again = scoring_model(printed);
	loy_model_destroy(again);
	loy_model_destroy(model);
	fixture_close(&f);
}

/* Consistent paths are between what the items measure without error, and so are their weights. */
static void consistent_paths_are_those_of_true_scores(void **state)
{
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = 1};
	struct fixture f = fixture_open(&options);
	loy_pls_construct a = {.struct_size = sizeof(a)}, b = a;
	loy_model *model = NULL;

	(void)state;
	assert_int_equal(
	        loy_model_create_from_pls(&model, f.model, f.pls, f.scales, NULL, NULL, 0, NULL, NULL, NULL),
	        LOY_OK);
	assert_int_equal(loy_pls_get_construct(f.pls, survey_construct(f.pls, "A"), &a), LOY_OK);
	assert_int_equal(loy_pls_get_construct(f.pls, survey_construct(f.pls, "B"), &b), LOY_OK);
	assert_true(a.rho_a < 1.0 && b.rho_a < 1.0);
	assert_close(direct(model, "a", "b"),
	             survey_path(f.pls, "A", "B") * index_of(&f, "B").deviation /
	                     index_of(&f, "A").deviation * sqrt(b.rho_a / a.rho_a),
	             0.0, 1e-12);
	loy_model_destroy(model);
	fixture_close(&f);
}

/* Where the predictor's index hardly varies its path weighs more than any may; the mean is kept all the same. */
static void paths_make_room_for_the_mean(void **state)
{
	static const double ends[2][2] = {{-80.0, 20.0},
	                                  {-10.0, 90.0}}; /* B's mean index near 0.85, near 0.15 */
	loy_adoption done = {.struct_size = sizeof(done)};
	uint32_t i, k;

	(void)state;
	for (k = 0; k < 2; k++) {
		struct fixture f = fixture_open(NULL);
		loy_model *model = NULL;

		for (i = 3; i < 6; i++) {
			f.scales[i].low = ends[k][0];
			f.scales[i].high = ends[k][1];
		}
		assert_int_equal(loy_model_create_from_pls(&model, f.model, f.pls, f.scales, NULL, NULL, 0,
		                                           &done, NULL, NULL),
		                 LOY_OK);
		assert_int_equal(done.normalised, 1);
		assert_true(direct(model, "b", "c") > 0.1); /* what there is room for */
		assert_close(baseline(model, "c"), index_of(&f, "C").mean, 0.0, 1e-6);
		loy_model_destroy(model);
		fixture_close(&f);
	}
}

static void answers_weigh_by_their_reliability(void **state)
{
	static const loy_counterpart pairs[] = {{"a", "A", "asked_a"}, {"b", "B", "asked_b"}};
	struct fixture f = fixture_open(NULL);
	loy_adoption done = {.struct_size = sizeof(done)};
	loy_bootstrap_options draws = {
	        .struct_size = sizeof(draws), .resamples = 100, .flags = LOY_BOOTSTRAP_NO_BCA};
	loy_pls_construct c = {.struct_size = sizeof(c)};
	loy_pls_index a = index_of(&f, "A");
	loy_bootstrap *bootstrap = NULL;
	loy_model *model = NULL;
	double positive, negative, rest, sure;
	uint32_t construct = 0;

	(void)state;
	assert_int_equal(loy_model_create_from_pls(&model, f.model, f.pls, f.scales, NULL, pairs, 2, &done,
	                                           NULL, NULL),
	                 LOY_OK);
	assert_int_equal(done.channels, 2);
	assert_int_equal(done.paths, 1);
	assert_int_equal(loy_model_construct_find(model, "a", 1, &construct), LOY_OK);
	assert_int_equal(loy_model_indicator(model, construct, 0, &positive, &negative), LOY_OK);
	assert_int_equal(loy_pls_get_construct(f.pls, survey_construct(f.pls, "A"), &c), LOY_OK);
	rest = a.deviation * a.deviation * 1e-4 * (1.0 - c.rho_a);
	assert_close(3.0 * positive + 1.0, a.mean / 100.0 * (1.0 - a.mean / 100.0) / rest, 1e-9, 0.0);
	assert_close(positive, negative, 0.0, 0.0);
	sure = info_of(model, "b").strength;
	loy_model_destroy(model);
	/* Paths that are not sure leave more open: the prior is weaker. */
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, &f.survey.table, &draws, NULL, NULL),
	                 LOY_OK);
	assert_int_equal(loy_model_create_from_pls(&model, f.model, f.pls, f.scales, bootstrap, pairs, 2,
	                                           &done, NULL, NULL),
	                 LOY_OK);
	assert_true(info_of(model, "b").strength < sure);
	loy_model_destroy(model);
	loy_bootstrap_destroy(bootstrap);
	fixture_close(&f);
}

static void negative_paths_are_counted_and_left_out(void **state)
{
	struct fixture f = fixture_open(NULL);
	loy_adoption done = {.struct_size = sizeof(done)};
	loy_model *model = NULL;
	uint32_t row, column;
	char *lines = survey_text(3, "=~");

	(void)state;
	/* Turn all items of A round: what led up leads down. */
	for (row = 0; row < f.survey.table.rows; row++)
		for (column = 0; column < 3; column++) {
			double *value = &f.survey.values[row * f.survey.table.columns + column];

			*value = 11.0 - *value;
		}
	loy_pls_destroy(f.pls);
	f.pls = survey_fit(f.paths, &f.survey.table, NULL);
	assert_int_equal(
	        loy_model_create_from_pls(&model, f.model, f.pls, f.scales, NULL, NULL, 0, &done, NULL, NULL),
	        LOY_OK);
	assert_true(done.negative >= 1);
	assert_int_equal(done.paths + done.negative, 3);
	assert_close(direct(model, "a", "b"), 0.0, 0.0, 0.0);
	loy_model_destroy(model);
	free(lines);
	fixture_close(&f);
}

static void what_cannot_be_taken_over_is_refused(void **state)
{
	struct fixture f = fixture_open(NULL);
	const struct {
		loy_counterpart pair[2];
		uint32_t count;
		loy_status status;
	} cases[] = {{{{"a", "A", NULL}, {"a", "B", NULL}}, 2, LOY_ENAME},
	             {{{"a", "A", NULL}, {"b", "A", NULL}}, 2, LOY_ENAME},
	             {{{"nobody", "A", NULL}}, 1, LOY_ENAME},
	             {{{"a", "Nobody", NULL}}, 1, LOY_ENAME},
	             {{{"a", "A", "nothing"}}, 1, LOY_ENAME},
	             {{{"whole", "A", NULL}}, 1, LOY_ENAME},
	             {{{NULL, "A", NULL}}, 1, LOY_EINVAL},
	             {{{"a", NULL, NULL}}, 1, LOY_EINVAL},
	             {{{"a", "A", NULL}}, 0, LOY_EUNKNOWN},
	             {{{"c", "A", NULL}, {"a", "C", NULL}}, 2, LOY_OK}};
	loy_model *model = NULL, *strangers = scoring_model("model s\nx ~ 0.2*y\n");
	loy_pls_options few = {.struct_size = sizeof(few), .iterations = 1};
	loy_allocator half = {.allocate = faulty_alloc};
	loy_pls *unsettled = survey_fit(f.paths, &f.survey.table, &few);
	loy_pls_scale narrow[9];
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(loy_model_create_from_pls(&model, f.model, f.pls, f.scales, NULL,
		                                           cases[i].pair, cases[i].count, NULL, NULL, NULL),
		                 cases[i].status);
		assert_true((model != NULL) == (cases[i].status == LOY_OK));
		loy_model_destroy(model);
		model = NULL;
	}
	for (i = 0; i < 9; i++) {
		narrow[i].low = 1.0;
		narrow[i].high = 5.0;
	}
#define REFUSED(base, pls, scales, memory, status)                                                           \
	assert_int_equal(                                                                                    \
	        loy_model_create_from_pls(&model, base, pls, scales, NULL, NULL, 0, NULL, memory, NULL),     \
	        status)
	REFUSED(f.model, f.pls, narrow, NULL, LOY_ENAME);
	REFUSED(strangers, f.pls, f.scales, NULL, LOY_EUNKNOWN);
	REFUSED(NULL, f.pls, f.scales, NULL, LOY_EINVAL);
	REFUSED(f.model, NULL, f.scales, NULL, LOY_EINVAL);
	REFUSED(f.model, f.pls, NULL, NULL, LOY_EINVAL);
	REFUSED(f.model, f.pls, f.scales, &half, LOY_EINVAL);
	REFUSED(f.model, unsettled, f.scales, NULL, LOY_EINVAL);
#undef REFUSED
	assert_int_equal(
	        loy_model_create_from_pls(NULL, f.model, f.pls, f.scales, NULL, NULL, 0, NULL, NULL, NULL),
	        LOY_EINVAL);
	assert_null(model);
	loy_pls_destroy(unsettled);
	loy_model_destroy(strangers);
	fixture_close(&f);
}

static void every_allocation_may_fail(void **state)
{
	struct fixture f = fixture_open(NULL);
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_model *model = NULL;

		status = loy_model_create_from_pls(&model, f.model, f.pls, f.scales, NULL, NULL, 0, NULL,
		                                   &memory, NULL);
		loy_model_destroy(model);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(paths_means_and_strengths_are_taken_over),
	        cmocka_unit_test(consistent_paths_are_those_of_true_scores),
	        cmocka_unit_test(paths_make_room_for_the_mean),
	        cmocka_unit_test(answers_weigh_by_their_reliability),
	        cmocka_unit_test(negative_paths_are_counted_and_left_out),
	        cmocka_unit_test(what_cannot_be_taken_over_is_refused),
	        cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
