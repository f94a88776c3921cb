/*
 * Laws of path models, on random models of random and often degenerate data: what is estimated is finite or reported,
 * correlations are correlations, effects add up, and the order of rows changes no bit. What is resampled and predicted
 * of it are numbers, and a request for memory that is refused leaves nothing behind.
 */
#include "surveys.h"

#include <math.h>

#include "numeric/numeric.h"

enum { ROWS = 40, PER = 5, ITEMS = 3 * PER, ROUNDS = 2000 };

static uint32_t below(loy__random *r, uint32_t bound)
{
	return (uint32_t)loy__random_below(r, bound);
}

/* Statements with forward paths only, parts, products and labels now and then. */
static void random_text(loy__random *r, char *text)
{
	uint32_t constructs = 2 + below(r, 4), c, i, higher = below(r, 4) == 0;
	size_t used = 0;

	for (c = 0; c < constructs; c++) {
		uint32_t count = 1 + below(r, 4), first = below(r, ITEMS);

		used += (size_t)sprintf(text + used, "K%u %s", (unsigned)c, below(r, 3) == 0 ? "<~" : "=~");
		for (i = 0; i < count; i++) {
			uint32_t item = (first + i) % ITEMS;

			used += (size_t)sprintf(text + used, "%s %c%u", i != 0 ? " +" : "", "abc"[item / PER],
			                        (unsigned)(item % PER + 1));
		}
		used += (size_t)sprintf(text + used, "\n");
		for (i = 0; i < c; i++) {
			if (below(r, 3) != 0)
				used += (size_t)sprintf(text + used, "K%u ~ K%u\n", (unsigned)c, (unsigned)i);
		}
	}
	if (higher)
		used += (size_t)sprintf(text + used, "H %s K0 + K1\nK%u ~ H\n",
		                        below(r, 2) == 0 ? "=~" : "<~", (unsigned)(constructs - 1));
	if (below(r, 3) == 0)
		used += (size_t)sprintf(text + used, "K%u ~ K0:K%u\n", (unsigned)(constructs - 1),
		                        (unsigned)below(r, 2));
}

static loy_pls_options random_options(loy__random *r)
{
	loy_pls_options o = {.struct_size = sizeof(o)};

	o.scheme = below(r, 3);
	o.mode = below(r, 3) == 0 ? below(r, 4) : 0;
	o.consistent = below(r, 3) == 0;
	o.sign = below(r, 3);
	o.higher = below(r, 2);
	o.product = below(r, 3);
	o.missing = below(r, 3);
	o.weighting = below(r, 2);
	o.iterations = below(r, 4) == 0 ? 1 + below(r, 5) : 0;
	return o;
}

/* Constant, doubled, binary and missing answers. */
static void spoil(loy__random *r, struct survey *survey)
{
	uint32_t times = below(r, 4), row, a, b;

	while (times-- > 0) {
		uint32_t how = below(r, 4);

		a = below(r, ITEMS);
		b = below(r, ITEMS);
		for (row = 0; row < ROWS; row++) {
			double *value = survey->values + row * ITEMS + a;

			if (how == 0)
				*value = below(r, 8) == 0 ? (double)NAN : *value;
			else if (how == 1)
				*value = survey->values[row * ITEMS + b];
			else if (how == 2)
				*value = *value > 9.0;
			else
				*value = below(r, 3) == 0 || row == 0 ? *value : 5.0;
		}
	}
}

static void correlations_are_correlations(const loy_pls *pls, uint32_t constructs, uint32_t indicators)
{
	double *r = survey_matrix(pls, LOY_PLS_CORRELATIONS),
	       *cross = survey_matrix(pls, LOY_PLS_CROSSLOADINGS);
	loy_pls_summary s = {.struct_size = sizeof(s)};
	loy_pls_indicator indicator = {.struct_size = sizeof(indicator)};
	int pairwise = survey_problems(pls, LOY_PLS_ITEMS_NOT_DEFINITE, NULL) != 0;
	uint32_t i, c;

	for (i = 0; i < constructs * constructs; i++) {
		assert_true(isfinite(r[i]));
		assert_true(pairwise || fabs(r[i]) <= 1.0 + 1e-9); /* pairs of other rows can be anything */
	}
	for (i = 0; i < indicators * constructs; i++)
		assert_true(isfinite(cross[i]) && (pairwise || fabs(cross[i]) <= 1.0 + 1e-9));
	for (c = 0; c < constructs;
	     c++) { /* a score correlates 1 with itself: sum of weights times loadings */
		double sum = 0.0;

		assert_close(r[c * constructs + c], 1.0, 0.0, 0.0);
		for (i = 0; i < indicators; i++) {
			assert_int_equal(loy_pls_get_indicator(pls, i, &indicator), LOY_OK);
			if (indicator.construct == c)
				sum += indicator.weight * cross[i * constructs + c];
		}
		assert_close(sum, 1.0, 0.0, 1e-9);
	}
	free(r);
	free(cross);
}

static void effects_add_up(const loy_pls *pls, uint32_t constructs)
{
	double *direct = survey_matrix(pls, LOY_PLS_DIRECT), *indirect = survey_matrix(pls, LOY_PLS_INDIRECT);
	double *total = survey_matrix(pls, LOY_PLS_TOTAL);
	loy_pls_chain chain = {.struct_size = sizeof(chain)};
	uint32_t k, i;

	for (k = 0; loy_pls_get_chain(pls, k, &chain) == LOY_OK; k++)
		direct[chain.constructs[0] * constructs + chain.constructs[chain.length - 1]] += chain.value;
	assert_close(loy_pls_chain_total(pls), (double)k, 0.0, 0.0);
	for (i = 0; i < constructs * constructs; i++) {
		double size = fabs(total[i]) + fabs(indirect[i]) + 1.0;

		if (isfinite(total[i]))
			assert_close(direct[i], total[i], 0.0, 1e-9 * size);
	}
	free(direct);
	free(indirect);
	free(total);
}

static void look_at(const loy_pls *pls)
{
	loy_pls_summary s = {.struct_size = sizeof(s)};
	loy_pls_path path = {.struct_size = sizeof(path)};
	char text[1024];
	uint32_t k;

	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(s.converged, survey_problems(pls, LOY_PLS_NOT_CONVERGED, NULL) == 0);
	correlations_are_correlations(pls, s.constructs, s.indicators);
	effects_add_up(pls, s.constructs);
	for (k = 0; loy_pls_get_path(pls, k, &path) == LOY_OK; k++)
		assert_true(isfinite(path.value) || s.inadmissible != 0);
	for (k = 0; k < s.problems; k++)
		assert_int_equal(loy_pls_print_problem(pls, k, text, sizeof(text), NULL), LOY_OK);
	if (loy_pls_first_stage(pls) != NULL)
		look_at(loy_pls_first_stage(pls));
}

static void same_bits(const loy_pls *a, const loy_pls *b)
{
	loy_pls_path p = {.struct_size = sizeof(p)}, q = {.struct_size = sizeof(q)};
	uint32_t k;

	for (k = 0; loy_pls_get_path(a, k, &p) == LOY_OK; k++) {
		assert_int_equal(loy_pls_get_path(b, k, &q), LOY_OK);
		if (isfinite(p.value))
			assert_bits_equal(p.value, q.value);
	}
}

/* One request for memory is refused: the estimate is made all the same, or nothing is left of it. */
static void survives(const loy_paths *paths, const loy_table *table, const loy_pls_options *options,
                     long until)
{
	struct faulty heap = {.until = until};
	loy_allocator memory = faulty_allocator(&heap);
	loy_pls *pls = NULL;
	loy_status status = loy_pls_create(&pls, paths, table, options, &memory, NULL);

	assert_true(heap.refused == 0 || status == LOY_ENOMEM);
	assert_int_equal(pls != NULL, status == LOY_OK);
	loy_pls_destroy(pls);
	assert_int_equal(heap.live, 0);
}

/* What is resampled of any estimate are numbers: a resample that has none is drawn again. */
static void resamples_are_numbers(const loy_pls *pls, const struct survey *survey, loy__random *r)
{
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 12, .seed = 3};
	loy_bootstrapped b = {.struct_size = sizeof(b)};
	loy_pls_scale scales[ITEMS];
	loy_bootstrap *bootstrap = NULL;
	double values[12];
	loy_status status;
	size_t used = 0, i;
	uint32_t k;

	for (k = 0; k < ITEMS; k++) {
		scales[k].low = 0.0;
		scales[k].high = 10.0;
	}
	options.flags = below(r, 4);
	options.threads = below(r, 3);
	options.scales = below(r, 2) == 0 ? scales : NULL;
	status = loy_bootstrap_create(&bootstrap, pls, &survey->table, &options, NULL, NULL);
	assert_int_equal(bootstrap != NULL, status == LOY_OK);
	assert_true(status == LOY_OK || status == LOY_EINVAL || status == LOY_ESTATE);
	for (k = 0; loy_bootstrap_get(bootstrap, k, &b) == LOY_OK; k++) {
		assert_int_equal(loy_bootstrap_replicates(bootstrap, k, values, 12, &used), LOY_OK);
		for (i = 0; i < used; i++)
			assert_true(isfinite(values[i]));
		assert_true(isfinite(b.estimate) && isfinite(b.mean) &&
		            b.percentile_low <= b.percentile_high);
	}
	loy_bootstrap_destroy(bootstrap);
}

/* Errors of predictions are numbers, but for benchmarks whose items are collinear. */
static void predictions_are_numbers(const loy_pls *pls, const struct survey *survey)
{
	loy_item_prediction made[4 * ITEMS] = {{.struct_size = sizeof(made[0])}};
	uint32_t count = loy_pls_predict_count(pls), i, k;
	loy_status status;

	assert_true(count <= 4 * ITEMS);
	status = loy_pls_predict(pls, &survey->table, 4, made, 4 * ITEMS, NULL, NULL);
	assert_true(status == LOY_OK || status == LOY_EINVAL || status == LOY_ERANGE);
	for (i = 0; i < count && status == LOY_OK; i++) {
		assert_true(made[i].n > 0.0 && made[i].n <= 4.0 * ROWS);
		for (k = LOY_PREDICT_DIRECT; k <= LOY_PREDICT_EARLIEST; k++) {
			/* a mean of squares is no less than the square of a mean, but for rounding */
			assert_true(made[i].rmse[k] >= made[i].mae[k] * (1.0 - 1e-12));
			assert_true(made[i].mae[k] >= 0.0 && made[i].q2[k] <= 1.0);
		}
	}
}

/* Shares of divisions are shares, correlations correlations, in both groups of any estimate that has two. */
static void comparisons_are_numbers(const loy_pls *pls, const struct survey *survey, loy__random *r)
{
	loy_groups_options options = {.struct_size = sizeof(options), .permutations = 5, .resamples = 5};
	loy_path_difference d = {.struct_size = sizeof(d)};
	loy_invariance v = {.struct_size = sizeof(v)};
	loy_groups *groups = NULL;
	uint8_t group[ROWS];
	loy_status status;
	uint32_t k;

	for (k = 0; k < ROWS; k++)
		group[k] = (uint8_t)(below(r, 10) == 0 ? 0 : 1 + k % 2);
	status = loy_groups_create(&groups, pls, &survey->table, group, &options, NULL, NULL);
	assert_int_equal(groups != NULL, status == LOY_OK);
	assert_true(status == LOY_OK || status == LOY_EINVAL || status == LOY_ERANGE ||
	            status == LOY_EUNKNOWN);
	for (k = 0; loy_groups_get_invariance(groups, k, &v) == LOY_OK; k++) {
		assert_true(fabs(v.correlation) <= 1.0 + 1e-9 && v.mean_low <= v.mean_high);
		assert_true(v.correlation_p > 0.0 && v.correlation_p <= 1.0 && v.mean_p > 0.0 &&
		            v.mean_p <= 1.0);
	}
	for (k = 0; loy_groups_get_path(groups, k, &d) == LOY_OK; k++) {
		assert_true(isfinite(d.first) && isfinite(d.second) && d.first_error >= 0.0 &&
		            d.second_error >= 0.0);
		assert_true(d.permutation_p > 0.0 && d.permutation_p <= 1.0);
		assert_true(d.bootstrap_p >= 0.0 && d.bootstrap_p <= 1.0);
	}
	loy_groups_destroy(groups);
}

static void random_models_of_random_data(void **state)
{
	static char text[8192];
	loy__random r;
	unsigned round, estimated = 0, refused[64] = {0};

	(void)state;
	loy__random_init(&r, 2026);
	for (round = 0; round < ROUNDS; round++) {
		struct survey survey = survey_invent(ROWS, PER, 1000 + round, (int)below(&r, 2));
		loy_pls_options options = random_options(&r);
		loy_paths *paths = NULL;
		loy_pls *pls = NULL, *other = NULL;
		loy_error error = {.struct_size = sizeof(error)};
		loy_table reversed = survey.table;
		loy__random own;
		loy_status status;

		loy__random_init(&own, round);
		random_text(&r, text);
		spoil(&r, &survey);
		if (loy_paths_parse(&paths, text, strlen(text), NULL, NULL) == LOY_OK) {
			status = loy_pls_create(&pls, paths, &survey.table, &options, NULL, &error);
			reversed.values = survey.values + (ROWS - 1) * ITEMS;
			reversed.row_stride = -survey.table.row_stride;
			assert_int_equal(loy_pls_create(&other, paths, &reversed, &options, NULL, NULL),
			                 status);
			if (status == LOY_OK) {
				look_at(pls);
				same_bits(pls, other);
				if (round % 4 == 0)
					resamples_are_numbers(pls, &survey, &own);
				if (round % 4 == 2)
					predictions_are_numbers(pls, &survey);
				if (round % 4 == 1)
					comparisons_are_numbers(pls, &survey, &own);
				estimated++;
			} else {
				assert_true(status == LOY_EINVAL || status == LOY_ERANGE ||
				            status == LOY_EUNKNOWN || status == LOY_ECYCLE);
				assert_true(error.message[0] != '\0');
				refused[status]++;
			}
			survives(paths, &survey.table, &options, (long)below(&own, 40));
		}
		loy_pls_destroy(pls);
		loy_pls_destroy(other);
		loy_paths_destroy(paths);
		survey_free(&survey);
	}
	/* of each kind there were some, or the rounds prove little */
	assert_true(estimated > ROUNDS / 4);
	assert_true(refused[LOY_EINVAL] > 0 && refused[LOY_ERANGE] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(random_models_of_random_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
