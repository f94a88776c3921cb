/*
 * Laws of path models, on random models of random and often degenerate data: what is estimated is finite or reported,
 * correlations are correlations, effects add up, and the order of rows changes no bit.
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
		loy_status status;

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
				estimated++;
			} else {
				assert_true(status == LOY_EINVAL || status == LOY_ERANGE ||
				            status == LOY_EUNKNOWN || status == LOY_ECYCLE);
				assert_true(error.message[0] != '\0');
				refused[status]++;
			}
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
