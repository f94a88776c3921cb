/* The bootstrap on invented respondents: what it must keep, count and refuse. */
#include "surveys.h"

#include "numeric/numeric.h"

#include <math.h>

struct fixture {
	struct survey survey;
	loy_paths *paths;
	loy_pls *pls;
};

static struct fixture fixture_open(uint32_t rows, const loy_pls_options *options)
{
	struct fixture f;
	char *text = survey_text(3, "=~");

	f.survey = survey_invent(rows, 3, 11, 0);
	f.paths = survey_paths(text);
	f.pls = survey_fit(f.paths, &f.survey.table, options);
	free(text);
	return f;
}

static void fixture_close(struct fixture *f)
{
	loy_pls_destroy(f->pls);
	loy_paths_destroy(f->paths);
	survey_free(&f->survey);
}

static loy_bootstrap *resampled(const struct fixture *f, const loy_bootstrap_options *options)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_bootstrap *bootstrap = NULL;

	if (loy_bootstrap_create(&bootstrap, f->pls, &f->survey.table, options, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	return bootstrap;
}

static loy_bootstrapped quantity(const loy_bootstrap *bootstrap, uint32_t what, uint32_t first,
                                 uint32_t second)
{
	loy_bootstrapped b = {.struct_size = sizeof(b)};
	uint32_t index = 0;

	assert_int_equal(loy_bootstrap_find(bootstrap, what, first, second, &index), LOY_OK);
	assert_int_equal(loy_bootstrap_get(bootstrap, index, &b), LOY_OK);
	return b;
}

/* ---- sameness ---- */

static void assert_same(const loy_bootstrap *a, const loy_bootstrap *b)
{
	loy_bootstrapped x = {.struct_size = sizeof(x)}, y = {.struct_size = sizeof(y)};
	uint32_t i;

	for (i = 0; loy_bootstrap_get(a, i, &x) == LOY_OK; i++) {
		assert_int_equal(loy_bootstrap_get(b, i, &y), LOY_OK);
		assert_memory_equal(&x, &y, sizeof(x));
	}
	assert_true(i > 20);
	assert_int_equal(loy_bootstrap_get(b, i, &y), LOY_ENOTFOUND);
}

static void threads_change_no_bit(void **state)
{
	struct fixture f = fixture_open(120, NULL);
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 200, .seed = 7};
	loy_bootstrap *one = resampled(&f, &options), *other;

	(void)state;
	for (options.threads = 2; options.threads <= 5; options.threads += 3) {
		other = resampled(&f, &options);
		assert_same(one, other);
		loy_bootstrap_destroy(other);
	}
	loy_bootstrap_destroy(one);
	fixture_close(&f);
}

/* ---- what is said ---- */

static void limits_are_in_order_and_settings_are_kept(void **state)
{
	loy_pls_options settings = {
	        .struct_size = sizeof(settings), .scheme = LOY_PLS_CENTROID, .consistent = 1};
	struct fixture f = fixture_open(200, &settings);
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 300};
	loy_bootstrap *bootstrap = resampled(&f, &options);
	loy_bootstrap_summary s = {.struct_size = sizeof(s)};
	loy_bootstrapped b = {.struct_size = sizeof(b)};
	uint32_t i;

	(void)state;
	assert_int_equal(loy_bootstrap_get_summary(bootstrap, &s), LOY_OK);
	assert_int_equal(s.resamples, 300);
	assert_int_equal(s.used + s.dropped, 300);
	assert_int_equal(s.left_out, 200);
	assert_close(s.level, 0.95, 0.0, 0.0);
	for (i = 0; loy_bootstrap_get(bootstrap, i, &b) == LOY_OK; i++) {
		assert_true(b.percentile_low <= b.percentile_high && b.basic_low <= b.basic_high);
		assert_true(b.normal_low <= b.normal_high && b.p >= 0.0 && b.p <= 1.0);
		assert_close(b.bias, b.mean - b.estimate, 0.0, 1e-15);
		/* A bootstrap with other settings (the plain estimate, say) would lie far from a consistent one. */
		if (b.quantity == LOY_BOOTSTRAP_PATH)
			assert_true(fabs(b.bias) < 0.3 * b.deviation);
	}
	assert_int_equal(s.quantities, i);
	b = quantity(bootstrap, LOY_BOOTSTRAP_PATH, 0, 1);
	assert_close(b.estimate, survey_path(f.pls, "A", "B"), 0.0, 1e-15);
	assert_true(b.accelerated_low < b.estimate && b.estimate < b.accelerated_high);
	/* A -> B -> C: the chain, the total indirect effect and total less direct are one. */
	assert_close(quantity(bootstrap, LOY_BOOTSTRAP_CHAIN, 0, 0).estimate,
	             quantity(bootstrap, LOY_BOOTSTRAP_INDIRECT, 0, 2).estimate, 1e-12, 0.0);
	assert_close(quantity(bootstrap, LOY_BOOTSTRAP_CHAIN, 0, 0).deviation,
	             quantity(bootstrap, LOY_BOOTSTRAP_INDIRECT, 0, 2).deviation, 1e-9, 0.0);
	loy_bootstrap_destroy(bootstrap);
	fixture_close(&f);
}

static void signs_are_kept_when_asked(void **state)
{
	loy_pls_options settings = {.struct_size = sizeof(settings)};
	char *text = survey_text(3, "=~");
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 400};
	loy_bootstrapped kept, plain;
	loy_bootstrap *bootstrap;
	struct fixture f;

	(void)state;
	/* A weak model of few respondents, in which directions do turn. */
	f.survey = survey_invent(12, 3, 5, 1);
	f.paths = survey_paths(text);
	f.pls = survey_fit(f.paths, &f.survey.table, &settings);
	free(text);
	bootstrap = resampled(&f, &options);
	plain = quantity(bootstrap, LOY_BOOTSTRAP_LOADING, 6, 2);
	loy_bootstrap_destroy(bootstrap);
	options.flags = LOY_BOOTSTRAP_SIGNS_KEPT;
	bootstrap = resampled(&f, &options);
	kept = quantity(bootstrap, LOY_BOOTSTRAP_LOADING, 6, 2);
	loy_bootstrap_destroy(bootstrap);
	assert_close(kept.estimate, plain.estimate, 0.0, 0.0);
	assert_true(kept.deviation <= plain.deviation);
	fixture_close(&f);
}

/* ---- rows ---- */

static void frequencies_stand_for_respondents(void **state)
{
	loy_pls_options settings = {.struct_size = sizeof(settings), .weighting = LOY_WEIGHT_FREQUENCY};
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 3000, .threads = 2};
	struct fixture f = fixture_open(80, &settings);
	struct survey doubled = survey_invent(80, 3, 11, 0);
	double weights[80], *twice = malloc(160 * doubled.table.columns * sizeof(*twice));
	loy_bootstrap *bootstrap = NULL;
	loy_bootstrapped weighted, repeated;
	loy_pls *pls;
	uint32_t i;

	(void)state;
	assert_non_null(twice);
	for (i = 0; i < 80; i++)
		weights[i] = 2.0;
	f.survey.table.weights = weights;
	f.survey.table.weight_stride = sizeof(double);
	loy_pls_destroy(f.pls);
	f.pls = survey_fit(f.paths, &f.survey.table, &settings);
	bootstrap = resampled(&f, &options);
	weighted = quantity(bootstrap, LOY_BOOTSTRAP_PATH, 0, 1);
	loy_bootstrap_destroy(bootstrap);
	memcpy(twice, doubled.values, 80 * doubled.table.columns * sizeof(*twice));
	memcpy(twice + 80 * doubled.table.columns, doubled.values,
	       80 * doubled.table.columns * sizeof(*twice));
	doubled.table.values = twice;
	doubled.table.rows = 160;
	pls = survey_fit(f.paths, &doubled.table, NULL);
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &doubled.table, &options, NULL, NULL), LOY_OK);
	repeated = quantity(bootstrap, LOY_BOOTSTRAP_PATH, 0, 1);
	assert_close(weighted.estimate, repeated.estimate, 1e-12, 0.0);
	/* Two samples of 3,000: each standard error is known to 1.3 %. */
	assert_close(weighted.deviation, repeated.deviation, 0.08, 0.0);
	assert_close(weighted.accelerated_low, repeated.accelerated_low, 0.0, 0.03);
	loy_bootstrap_destroy(bootstrap);
	loy_pls_destroy(pls);
	/* A half respondent cannot be drawn. */
	weights[3] = 1.5;
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, &f.survey.table, &options, NULL, NULL),
	                 LOY_EINVAL);
	weights[3] = -1.0;
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, &f.survey.table, &options, NULL, NULL),
	                 LOY_ERANGE);
	free(twice);
	survey_free(&doubled);
	fixture_close(&f);
}

/* The identity as a resample must give the estimate itself, whatever it was made of. */
static void the_sample_itself_gives_the_estimate(void **state)
{
	static const struct {
		const char *more;
		uint32_t missing, product, weighting;
	} cases[] = {{"", LOY_MISSING_LISTWISE, 0, 0},
	             {"", LOY_MISSING_MEAN, 0, 0},
	             {"", LOY_MISSING_LISTWISE, 0, LOY_WEIGHT_SURVEY},
	             {"C ~ A:B\n", LOY_MISSING_LISTWISE, LOY_PLS_PRODUCT_STAGES, 0},
	             {"C ~ A:B\n", LOY_MISSING_MEAN, LOY_PLS_PRODUCT_STAGES, 0},
	             {"C ~ A:B\n", LOY_MISSING_LISTWISE, LOY_PLS_PRODUCT_INDICATORS, LOY_WEIGHT_SURVEY},
	             {"C ~ A:B\n", LOY_MISSING_LISTWISE, LOY_PLS_PRODUCT_ORTHOGONAL, 0}};
	uint32_t rows[2 * 90], k;
	double weights[90];

	(void)state;
	for (k = 0; k < 180; k++)
		rows[k] = k % 90;
	for (k = 0; k < 90; k++)
		weights[k] = 0.5 + (double)(k % 7);
	for (k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		loy_pls_options settings = {.struct_size = sizeof(settings),
		                            .missing = cases[k].missing,
		                            .product = cases[k].product,
		                            .weighting = cases[k].weighting};
		loy_bootstrap_options options = {
		        .struct_size = sizeof(options), .resamples = 2, .rows = rows};
		loy_bootstrapped b = {.struct_size = sizeof(b)};
		char *text = survey_text(3, "=~"), whole[1024];
		loy_bootstrap *bootstrap;
		struct fixture f;
		double values[2];
		uint32_t i;

		f.survey = survey_invent(90, 3, 11, 0);
		sprintf(whole, "%s\n%s", text, cases[k].more);
		free(text);
		if (cases[k].weighting == LOY_WEIGHT_SURVEY) {
			f.survey.table.weights = weights;
			f.survey.table.weight_stride = sizeof(double);
		}
		for (i = 0; i < 90; i += 11) /* some answers are missing */
			f.survey.values[i * f.survey.table.columns + i % f.survey.table.columns] = NAN;
		f.paths = survey_paths(whole);
		f.pls = survey_fit(f.paths, &f.survey.table, &settings);
		bootstrap = resampled(&f, &options);
		for (i = 0; loy_bootstrap_get(bootstrap, i, &b) == LOY_OK; i++) {
			assert_int_equal(loy_bootstrap_replicates(bootstrap, i, values, 2, NULL), LOY_OK);
			/* 1e-9: a product's moments are sums of fourth powers, summed plainly here and exactly there */
			assert_close(values[0], b.estimate, 1e-9, 1e-9);
			assert_bits_equal(values[0], values[1]);
		}
		loy_bootstrap_destroy(bootstrap);
		fixture_close(&f);
	}
}

/* ---- by definition ---- */

enum { SAMPLE = 40, DRAWN = 199 };

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Type 7 of Hyndman & Fan: linear between the order statistics around (count - 1) share. */
static double quantile(const double *sorted, double share)
{
	double at = (DRAWN - 1) * share, below = floor(at);
	size_t i = (size_t)below;

	return i + 1 < DRAWN ? sorted[i] * (1.0 - at + below) + sorted[i + 1] * (at - below) : sorted[i];
}

/* The path from A to B without one respondent, from the rest alone. */
static double without(const struct fixture *f, uint32_t row)
{
	uint32_t columns = f->survey.table.columns;
	double *rest = malloc(SAMPLE * columns * sizeof(*rest)), value;
	loy_table table = f->survey.table;
	loy_pls *pls;

	assert_non_null(rest);
	memcpy(rest, f->survey.values, row * columns * sizeof(*rest));
	memcpy(rest + row * columns, f->survey.values + (row + 1) * columns,
	       (SAMPLE - 1 - row) * columns * sizeof(*rest));
	table.values = rest;
	table.rows = SAMPLE - 1;
	pls = survey_fit(f->paths, &table, NULL);
	value = survey_path(pls, "A", "B");
	loy_pls_destroy(pls);
	free(rest);
	return value;
}

/* All limits of one path from its replicates and from estimates that leave out one respondent. */
static void limits_follow_from_replicates(void **state)
{
	struct fixture f = fixture_open(SAMPLE, NULL);
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = DRAWN, .level = 0.9};
	loy_bootstrap *bootstrap = resampled(&f, &options);
	loy_bootstrapped b = quantity(bootstrap, LOY_BOOTSTRAP_PATH, 0, 1);
	double values[DRAWN], left[SAMPLE], z = loy__normal_quantile(0.95), z0, a, mean = 0.0, spread = 0.0;
	double below = 0.0, squares = 0.0, cubes = 0.0;
	uint32_t index = 0, i;

	(void)state;
	assert_int_equal(loy_bootstrap_find(bootstrap, LOY_BOOTSTRAP_PATH, 0, 1, &index), LOY_OK);
	assert_int_equal(loy_bootstrap_replicates(bootstrap, index, values, DRAWN, NULL), LOY_OK);
	qsort(values, DRAWN, sizeof(*values), ascending);
	for (i = 0; i < DRAWN; i++) {
		mean += values[i] / DRAWN;
		below += values[i] < b.estimate;
	}
	for (i = 0; i < DRAWN; i++)
		spread += (values[i] - mean) * (values[i] - mean) / (DRAWN - 1);
	spread = sqrt(spread);
	/* sums in another order: 1e-12 and more is far from anything wrong */
	assert_close(b.mean, mean, 0.0, 1e-12);
	assert_close(b.deviation, spread, 1e-12, 0.0);
	assert_close(b.t, b.estimate / spread, 1e-12, 0.0);
	assert_close(b.p, 2.0 * loy__normal_sf(fabs(b.t)), 1e-9, 0.0);
	assert_close(b.normal_low, b.estimate - z * spread, 0.0, 1e-12);
	assert_close(b.normal_high, b.estimate + z * spread, 0.0, 1e-12);
	assert_close(b.percentile_low, quantile(values, 0.05), 0.0, 1e-12);
	assert_close(b.percentile_high, quantile(values, 0.95), 0.0, 1e-12);
	assert_close(b.basic_low, 2.0 * b.estimate - quantile(values, 0.95), 0.0, 1e-12);
	assert_close(b.basic_high, 2.0 * b.estimate - quantile(values, 0.05), 0.0, 1e-12);
	z0 = loy__normal_quantile(below / DRAWN);
	assert_true(z0 != 0.0);
	assert_close(b.corrected_low, quantile(values, loy__normal_cdf(2.0 * z0 - z)), 0.0, 1e-12);
	assert_close(b.corrected_high, quantile(values, loy__normal_cdf(2.0 * z0 + z)), 0.0, 1e-12);
	for (mean = 0.0, i = 0; i < SAMPLE; i++) {
		left[i] = without(&f, i);
		mean += left[i] / SAMPLE;
	}
	for (i = 0; i < SAMPLE; i++) {
		squares += (mean - left[i]) * (mean - left[i]);
		cubes += (mean - left[i]) * (mean - left[i]) * (mean - left[i]);
	}
	a = cubes / (6.0 * squares * sqrt(squares));
	assert_true(fabs(a) > 1e-3);
	assert_close(b.accelerated_low,
	             quantile(values, loy__normal_cdf(z0 + (z0 - z) / (1.0 - a * (z0 - z)))), 0.0, 1e-9);
	assert_close(b.accelerated_high,
	             quantile(values, loy__normal_cdf(z0 + (z0 + z) / (1.0 - a * (z0 + z)))), 0.0, 1e-9);
	loy_bootstrap_destroy(bootstrap);
	fixture_close(&f);
}

/*
 * A reliability that is not positive leaves a consistent estimate without paths. Among thirty respondents that happens
 * in one of many resamples: one value that is not a number would make the mean, the error and the order of all so.
 */
static void resamples_without_reliability_are_drawn_again(void **state)
{
	loy_pls_options settings = {.struct_size = sizeof(settings), .consistent = 1};
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 300};
	loy_bootstrap_summary s = {.struct_size = sizeof(s)};
	loy_bootstrapped b = {.struct_size = sizeof(b)};
	loy_bootstrap *bootstrap;
	double values[300];
	struct fixture f;
	uint32_t i, k, row;
	char *text;

	(void)state;
	f.survey = survey_invent(30, 3, 4, 0);
	text = survey_text(3, "=~");
	f.paths = survey_paths(text);
	free(text);
	f.pls = survey_fit(f.paths, &f.survey.table, &settings);
	bootstrap = resampled(&f, &options);
	assert_int_equal(loy_bootstrap_get_summary(bootstrap, &s), LOY_OK);
	assert_int_equal(s.used, 300);
	assert_true(s.redrawn > 0 && s.dropped == 0);
	for (i = 0; loy_bootstrap_get(bootstrap, i, &b) == LOY_OK; i++) {
		assert_int_equal(loy_bootstrap_replicates(bootstrap, i, values, 300, NULL), LOY_OK);
		for (k = 0; k < 300; k++)
			assert_true(isfinite(values[k]));
		assert_true(isfinite(b.mean) && isfinite(b.deviation) &&
		            b.percentile_low <= b.percentile_high);
	}
	loy_bootstrap_destroy(bootstrap);
	loy_pls_destroy(f.pls);
	loy_paths_destroy(f.paths);
	/* items of A that go against one another: not even the estimate has paths */
	for (row = 0; row < 30; row++) {
		double *v = f.survey.values + row * f.survey.table.columns;

		v[0] = (double)(row * 7 % 10);
		v[1] = (double)(row * 3 % 7) - 0.25 * v[0];
		v[3] = v[0] + v[1];
		v[4] = v[3] + (double)(row % 5);
	}
	f.paths = survey_paths("A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\n");
	f.pls = survey_fit(f.paths, &f.survey.table, &settings);
	assert_true(isnan(survey_path(f.pls, "A", "B")));
	bootstrap = (loy_bootstrap *)&settings;
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, &f.survey.table, &options, NULL, NULL),
	                 LOY_ESTATE);
	assert_null(bootstrap);
	fixture_close(&f);
}

/* Of a construct of scores, an index weighs the items of what it is made of. */
static void indices_of_higher_order_constructs(void **state)
{
	static const char text[] =
	        "A =~ a1 + a2 + a3\nB =~ b1 + b2 + b3\nH =~ A + B\nC =~ c1 + c2 + c3\nC ~ H\n";
	loy_pls_options settings = {.struct_size = sizeof(settings), .higher = LOY_PLS_HIGHER_STAGES};
	uint32_t rows[2 * 100], i, found = 0;
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 2, .rows = rows};
	loy_bootstrapped b = {.struct_size = sizeof(b)};
	loy_pls_scale scales[9];
	loy_bootstrap *bootstrap;
	double values[2];
	struct fixture f;

	(void)state;
	for (i = 0; i < 200; i++)
		rows[i] = i % 100;
	for (i = 0; i < 9; i++) {
		scales[i].low = 1.0;
		scales[i].high = 10.0;
	}
	options.scales = scales;
	f.survey = survey_invent(100, 3, 3, 0);
	f.paths = survey_paths(text);
	f.pls = survey_fit(f.paths, &f.survey.table, &settings);
	bootstrap = resampled(&f, &options);
	for (i = 0; loy_bootstrap_get(bootstrap, i, &b) == LOY_OK; i++) {
		assert_int_equal(loy_bootstrap_replicates(bootstrap, i, values, 2, NULL), LOY_OK);
		assert_close(values[0], b.estimate, 1e-9, 1e-9);
		found += b.quantity == LOY_BOOTSTRAP_INDEX;
	}
	assert_int_equal(found, survey_summary(f.pls).constructs);
	loy_bootstrap_destroy(bootstrap);
	fixture_close(&f);
}

/* ---- refusals ---- */

static int32_t stop(uint64_t done, uint64_t total, void *user)
{
	(void)done;
	(void)total;
	(void)user;
	return 1;
}

static void what_cannot_be_resampled_is_refused(void **state)
{
	struct fixture f = fixture_open(30, NULL);
	loy_bootstrap_options good = {.struct_size = sizeof(good), .resamples = 5}, o;
	loy_pls_options pairwise = {.struct_size = sizeof(pairwise), .missing = LOY_MISSING_PAIRWISE};
	loy_bootstrap_summary s = {.struct_size = sizeof(s)};
	loy_bootstrapped b = {.struct_size = sizeof(b)};
	loy_bootstrap *bootstrap = NULL;
	loy_allocator half = {.allocate = faulty_alloc};
	loy_table shorter = f.survey.table;
	uint32_t rows[5 * 30] = {0}, index;
	double value;
	size_t needed;
	loy_pls *pls;

	(void)state;
#define REFUSED(status)                                                                                      \
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, &f.survey.table, &o, NULL, NULL), status)
	o = good, o.struct_size = 3, REFUSED(LOY_EINVAL);
	o = good, o.flags = 4, REFUSED(LOY_EINVAL);
	o = good, o.resamples = LOY_BOOTSTRAP_RESAMPLES_MAX + 1, REFUSED(LOY_EINVAL);
	o = good, o.threads = 1025, REFUSED(LOY_EINVAL);
	o = good, o.level = 1.0, REFUSED(LOY_EINVAL);
	o = good, o.level = NAN, REFUSED(LOY_EINVAL);
	o = good, o.progress = stop, REFUSED(LOY_ECANCELLED);
	rows[77] = 30;
	o = good, o.rows = rows, REFUSED(LOY_EINVAL);
	o = good, o.resamples = 1, REFUSED(LOY_ESTATE);
#undef REFUSED
	assert_null(bootstrap);
	assert_int_equal(loy_bootstrap_create(NULL, f.pls, &f.survey.table, &good, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_create(&bootstrap, NULL, &f.survey.table, &good, NULL, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, NULL, &good, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, &f.survey.table, &good, &half, NULL),
	                 LOY_EINVAL);
	shorter.rows = 29;
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, &shorter, &good, NULL, NULL), LOY_EINVAL);
	shorter.rows = 2;
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, &shorter, &good, NULL, NULL), LOY_EINVAL);
	shorter = f.survey.table;
	shorter.columns--;
	assert_int_equal(loy_bootstrap_create(&bootstrap, f.pls, &shorter, &good, NULL, NULL), LOY_ENAME);
	pls = survey_fit(f.paths, &f.survey.table, &pairwise);
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &f.survey.table, &good, NULL, NULL),
	                 LOY_EINVAL);
	loy_pls_destroy(pls);
	bootstrap = resampled(&f, &good);
	assert_int_equal(loy_bootstrap_get_summary(NULL, &s), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_get(NULL, 0, &b), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_get(bootstrap, 9999, &b), LOY_ENOTFOUND);
	assert_int_equal(loy_bootstrap_find(NULL, 0, 0, 1, &index), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_find(bootstrap, 0, 0, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_find(bootstrap, LOY_BOOTSTRAP_PATH, 2, 0, &index), LOY_ENOTFOUND);
	assert_int_equal(loy_bootstrap_replicates(NULL, 0, &value, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_replicates(bootstrap, 0, NULL, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_replicates(bootstrap, 9999, &value, 1, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_bootstrap_replicates(bootstrap, 0, &value, 1, &needed), LOY_EBUFFER);
	assert_int_equal(needed, 5);
	loy_bootstrap_destroy(bootstrap);
	loy_bootstrap_destroy(NULL);
	fixture_close(&f);
}

static void an_earlier_stage_is_refused(void **state)
{
	struct fixture f;
	char *text = survey_text(3, "=~"), whole[1024];
	loy_bootstrap *bootstrap = NULL;

	(void)state;
	f.survey = survey_invent(60, 3, 11, 0);
	sprintf(whole, "%s\nC ~ A:B\n", text);
	free(text);
	f.paths = survey_paths(whole);
	f.pls = survey_fit(f.paths, &f.survey.table, NULL);
	assert_non_null(loy_pls_first_stage(f.pls));
	assert_int_equal(loy_bootstrap_create(&bootstrap, loy_pls_first_stage(f.pls), &f.survey.table, NULL,
	                                      NULL, NULL),
	                 LOY_EINVAL);
	fixture_close(&f);
}

static void every_allocation_may_fail(void **state)
{
	struct fixture f = fixture_open(30, NULL);
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 5};
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_bootstrap *bootstrap = NULL;

		status = loy_bootstrap_create(&bootstrap, f.pls, &f.survey.table, &options, &memory, NULL);
		assert_true((bootstrap != NULL) == (status == LOY_OK));
		loy_bootstrap_destroy(bootstrap);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 8);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(threads_change_no_bit),
	        cmocka_unit_test(limits_are_in_order_and_settings_are_kept),
	        cmocka_unit_test(signs_are_kept_when_asked),
	        cmocka_unit_test(frequencies_stand_for_respondents),
	        cmocka_unit_test(the_sample_itself_gives_the_estimate),
	        cmocka_unit_test(limits_follow_from_replicates),
	        cmocka_unit_test(resamples_without_reliability_are_drawn_again),
	        cmocka_unit_test(indices_of_higher_order_constructs),
	        cmocka_unit_test(what_cannot_be_resampled_is_refused),
	        cmocka_unit_test(an_earlier_stage_is_refused),
	        cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
