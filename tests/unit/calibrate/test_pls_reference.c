/*
 * Partial least squares against reference values of R's seminr, plspm and cSEM and of an independent program, on data
 * outside the tree. The tolerance is that the references state: 1e-9 absolute (they agree with one another to 5e-13, in
 * one f2 to 6e-11). Worst differences by quantity are printed.
 */
#include "surveys.h"

#include <math.h>

#define TOLERANCE 1e-9

/* What estimates are compared with: their matrices, and how far they were off. */
struct judge {
	const loy_pls *pls;
	double *cross, *fornell, *htmt, *by_sign, *indirect, *total;
	uint32_t constructs;
	struct {
		char quantity[32];
		double worst;
		unsigned count;
	} seen[40];
};

static void judge_open(struct judge *j, const loy_pls *pls)
{
	loy_pls_summary s = {.struct_size = sizeof(s)};

	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(s.converged, 1);
	j->pls = pls;
	j->constructs = s.constructs;
	j->cross = survey_matrix(pls, LOY_PLS_CROSSLOADINGS);
	j->fornell = survey_matrix(pls, LOY_PLS_FORNELL_LARCKER);
	j->htmt = survey_matrix(pls, LOY_PLS_HTMT);
	j->by_sign = survey_matrix(pls, LOY_PLS_HTMT_SIGNED);
	j->indirect = survey_matrix(pls, LOY_PLS_INDIRECT);
	j->total = survey_matrix(pls, LOY_PLS_TOTAL);
}

static void judge_close(struct judge *j)
{
	free(j->cross);
	free(j->fornell);
	free(j->htmt);
	free(j->by_sign);
	free(j->indirect);
	free(j->total);
}

static double pair(const struct judge *j, const double *matrix, const char *a, const char *b)
{
	return matrix[survey_construct(j->pls, a) * j->constructs + survey_construct(j->pls, b)];
}

static int is(const char *quantity, const char *name)
{
	return strcmp(quantity, name) == 0;
}

static double of_construct(const struct judge *j, const char *q, const char *a)
{
	loy_pls_construct c = {.struct_size = sizeof(c)};

	assert_int_equal(loy_pls_get_construct(j->pls, survey_construct(j->pls, a), &c), LOY_OK);
	if (is(q, "r2"))
		return c.r2;
	if (is(q, "r2_adj"))
		return c.r2_adjusted;
	if (is(q, "alpha_std"))
		return c.alpha_standardised;
	if (is(q, "rho_a"))
		return c.rho_a;
	if (is(q, "rho_c"))
		return c.rho_c;
	if (is(q, "ave"))
		return c.ave;
	if (is(q, "dg_rho_pca")) /* the reference has 0 where it does not compute it */
		return c.mode == LOY_PLS_MODE_B && isnan(c.rho_pca) ? 0.0 : c.rho_pca;
	if (is(q, "eig1"))
		return c.eigen1;
	if (is(q, "eig2"))
		return c.eigen2;
	if (is(q, "aic"))
		return c.aic;
	if (is(q, "bic"))
		return c.bic;
	fail_msg("unknown quantity %s", q);
	return 0.0;
}

static double of_path(const struct judge *j, const char *q, const char *from, const char *to)
{
	loy_pls_path path = {.struct_size = sizeof(path)};
	uint32_t a = survey_construct(j->pls, from), b = survey_construct(j->pls, to), i;

	for (i = 0; loy_pls_get_path(j->pls, i, &path) == LOY_OK; i++) {
		if (path.from == a && path.to == b)
			return is(q, "path") ? path.value : is(q, "f2") ? path.f2 : path.vif;
	}
	fail_msg("no path %s -> %s", from, to);
	return 0.0;
}

static double of_indicator(const struct judge *j, const char *q, const char *item, const char *construct)
{
	loy_pls_indicator i = {.struct_size = sizeof(i)};

	assert_int_equal(loy_pls_get_indicator(j->pls, survey_indicator(j->pls, construct, item), &i),
	                 LOY_OK);
	if (is(q, "weight"))
		return i.weight;
	if (is(q, "loading"))
		return i.loading;
	if (is(q, "communality"))
		return i.communality;
	return is(q, "redundancy") ? i.redundancy : i.vif;
}

/* Cross-loadings name an item and any construct: the item is looked for in all blocks. */
static double crossloading(const struct judge *j, const char *item, const char *construct)
{
	loy_pls_indicator indicator = {.struct_size = sizeof(indicator)};
	uint32_t i;

	for (i = 0; loy_pls_get_indicator(j->pls, i, &indicator) == LOY_OK; i++) {
		if (strcmp(indicator.name, item) == 0)
			return j->cross[i * j->constructs + survey_construct(j->pls, construct)];
	}
	fail_msg("no indicator %s", item);
	return 0.0;
}

static double value_of(const struct judge *j, const char *q, const char *a, const char *b)
{
	loy_pls_summary s = {.struct_size = sizeof(s)};

	if (is(q, "crossloading"))
		return crossloading(j, a, b);
	if (is(q, "fornell_larcker"))
		return pair(j, j->fornell, a, b);
	if (is(q, "htmt_abs"))
		return pair(j, j->htmt, a, b);
	if (is(q, "htmt_signed"))
		return pair(j, j->by_sign, a, b);
	if (is(q, "indirect_effect"))
		return pair(j, j->indirect, a, b);
	if (is(q, "total_effect"))
		return pair(j, j->total, a, b);
	if (is(q, "path") || is(q, "f2") || is(q, "vif_inner"))
		return of_path(j, q, a, b);
	if (is(q, "weight") || is(q, "loading") || is(q, "communality") || is(q, "redundancy") ||
	    is(q, "vif_item"))
		return of_indicator(j, q, a, b);
	if (!is(q, "gof"))
		return of_construct(j, q, a);
	assert_int_equal(loy_pls_get_summary(j->pls, &s), LOY_OK);
	return s.gof;
}

static void remember(struct judge *j, const char *quantity, double difference)
{
	size_t i = 0;

	while (j->seen[i].count != 0 && strcmp(j->seen[i].quantity, quantity) != 0)
		i++;
	strcpy(j->seen[i].quantity, quantity);
	j->seen[i].count++;
	if (!(difference <= j->seen[i].worst))
		j->seen[i].worst = difference;
}

static void compare(struct judge *j, const char *where, const char *q, const char *a, const char *b,
                    double expected)
{
	double actual = value_of(j, q, a, b), allowed = TOLERANCE;

	/* two peers' f2 of an inadmissible solution (-355.7) agree to 6e-11 of it: there the tolerance is relative */
	if (is(q, "f2") && fabs(expected) > 1.0)
		allowed *= fabs(expected);
	if (!(fabs(actual - expected) <= allowed))
		fail_msg("%s: %s %s %s is %.17g, not %.17g", where, q, a, b, actual, expected);
	remember(j, q, fabs(actual - expected));
}

static void compare_file(struct judge *j, const char *file)
{
	struct csv *csv = shared_csv_or_skip(file);
	size_t q = csv_column(csv, "quantity"), a = csv_column(csv, "a"), b = csv_column(csv, "b"),
	       value = csv_column(csv, "value");

	while (csv_next(csv)) {
		/* seminr's f2 with the model estimated again is not the usual definition: scores are held fixed */
		if (!is(csv_text(csv, q), "f2_reestimated"))
			compare(j, file, csv_text(csv, q), csv_text(csv, a), csv_text(csv, b),
			        csv_double(csv, value));
	}
	csv_close(csv);
}

static void print_seen(const struct judge *j, const char *title)
{
	size_t i;

	print_message("%s\n", title);
	for (i = 0; j->seen[i].count != 0; i++)
		print_message("  %-16s %5u values, worst difference %.2g\n", j->seen[i].quantity,
		              j->seen[i].count, j->seen[i].worst);
}

static const char *const models[] = {"ecsi_mobile",     "satisfaction_bank",      "russett",     "spainfoot",
                                     "service_quality", "trust_privacy",          "loyalty_sim", "csi_bank",
                                     "russett_modeB",   "satisfaction_bank_modeB"};
enum { MODELS = sizeof(models) / sizeof(models[0]) };

static void estimate_and_compare(struct judge *j, const char *model, uint32_t scheme, uint32_t consistent)
{
	static const char *const names[] = {"path", "factorial", "centroid"};
	loy_pls_options options = {
	        .struct_size = sizeof(options), .scheme = scheme, .consistent = consistent};
	loy_paths *paths = survey_model(model);
	struct survey survey = survey_read(survey_file(model));
	loy_pls *pls = survey_fit(paths, &survey.table, &options);
	char file[128];

	sprintf(file, "reference/sem/pls%s_%s_%s.csv", consistent ? "c" : "", model, names[scheme]);
	judge_open(j, pls);
	compare_file(j, file);
	judge_close(j);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

static void all_models_in_all_schemes(void **state)
{
	struct judge j = {.pls = NULL};
	uint32_t scheme;
	int i;

	(void)state;
	for (i = 0; i < MODELS; i++) {
		for (scheme = LOY_PLS_PATH; scheme <= LOY_PLS_CENTROID; scheme++)
			estimate_and_compare(&j, models[i], scheme, 0);
	}
	print_seen(&j, "ten models, three schemes");
}

static void consistent_estimates(void **state)
{
	struct judge j = {.pls = NULL};
	int i;

	(void)state;
	for (i = 0; i < MODELS; i++)
		estimate_and_compare(&j, models[i], LOY_PLS_PATH, 1);
	print_seen(&j, "consistent");
}

static void scores_of_respondents(void **state)
{
	double worst = 0.0;
	unsigned count = 0;
	int i;

	(void)state;
	for (i = 0; i < MODELS; i++) {
		loy_paths *paths = survey_model(models[i]);
		struct survey survey = survey_read(survey_file(models[i]));
		loy_pls *pls = survey_fit(paths, &survey.table, NULL);
		loy_pls_construct c = {.struct_size = sizeof(c)};
		uint32_t constructs = 0, k;
		struct csv *csv;
		double *scores;
		size_t row, room;
		char file[128];

		while (loy_pls_get_construct(pls, constructs, &c) == LOY_OK)
			constructs++;
		room = (size_t)survey.table.rows * constructs;
		scores = calloc(room, sizeof(*scores));
		assert_non_null(scores);
		assert_int_equal(
		        loy_pls_score(pls, &survey.table, LOY_PLS_SCORES, NULL, scores, room, NULL, NULL),
		        LOY_OK);
		sprintf(file, "reference/sem/pls_%s_path_scores.csv", models[i]);
		csv = shared_csv_or_skip(file);
		for (row = 0; csv_next(csv); row++) {
			for (k = 0; k < constructs; k++) {
				double expected = csv_double(csv, k);
				double actual =
				        scores[row * constructs + survey_construct(pls, csv_name(csv, k))];

				assert_close(actual, expected, 0.0, TOLERANCE);
				worst = fmax(worst, fabs(actual - expected));
				count++;
			}
		}
		assert_int_equal(row, survey.table.rows);
		csv_close(csv);
		free(scores);
		loy_pls_destroy(pls);
		loy_paths_destroy(paths);
		survey_free(&survey);
	}
	print_message("  scores           %5u values, worst difference %.2g\n", count, worst);
}

/* Least and greatest index of a construct over respondents. */
static void extremes(const double *indices, size_t rows, size_t constructs, size_t c, double *least,
                     double *greatest)
{
	size_t row;

	*least = *greatest = indices[c];
	for (row = 1; row < rows; row++) {
		*least = fmin(*least, indices[row * constructs + c]);
		*greatest = fmax(*greatest, indices[row * constructs + c]);
	}
}

static void compare_indices(const loy_pls *pls, const struct survey *survey, const char *model, double *worst)
{
	loy_pls_summary s = {.struct_size = sizeof(s)};
	loy_pls_scale scales[64];
	double *indices, low, high;
	struct csv *csv;
	char file[128];
	uint32_t i;

	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(survey_scale(model, &low, &high), 1);
	for (i = 0; i < s.items; i++) {
		/* the scale of its satisfaction items differs: ends are of each item */
		const char *name;

		assert_int_equal(loy_pls_get_item(pls, i, &name, NULL, NULL), LOY_OK);
		scales[i].low = low;
		scales[i].high =
		        strcmp(model, "loyalty_sim") == 0 && strncmp(name, "sat", 3) == 0 ? 10.0 : high;
	}
	indices = calloc((size_t)survey->table.rows * s.constructs, sizeof(*indices));
	assert_non_null(indices);
	assert_int_equal(loy_pls_score(pls, &survey->table, LOY_PLS_INDICES, scales, indices,
	                               (size_t)survey->table.rows * s.constructs, NULL, NULL),
	                 LOY_OK);
	sprintf(file, "reference/sem/index100_%s.csv", model);
	csv = shared_csv_or_skip(file);
	while (csv_next(csv)) {
		loy_pls_index index = {.struct_size = sizeof(index)};
		uint32_t c = survey_construct(pls, csv_text(csv, csv_column(csv, "construct")));
		double values[5], least, greatest, expected;
		static const char *const names[] = {"index_acsi", "index_sd", "index_equal_weights",
		                                    "index_min", "index_max"};

		assert_int_equal(loy_pls_get_index(pls, c, scales, &index, NULL), LOY_OK);
		extremes(indices, (size_t)survey->table.rows, s.constructs, c, &least, &greatest);
		values[0] = index.mean;
		values[1] = index.deviation;
		values[2] = index.equal;
		values[3] = least;
		values[4] = greatest;
		for (i = 0; i < 5; i++) {
			expected = csv_double(csv, csv_column(csv, names[i]));
			assert_close(values[i], expected, 0.0, TOLERANCE);
			*worst = fmax(*worst, fabs(values[i] - expected));
		}
	}
	csv_close(csv);
	free(indices);
}

static void indices_from_0_to_100(void **state)
{
	static const char *const scaled[] = {"ecsi_mobile", "satisfaction_bank", "csi_bank", "loyalty_sim"};
	double worst = 0.0;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		loy_paths *paths = survey_model(scaled[i]);
		struct survey survey = survey_read(survey_file(scaled[i]));
		loy_pls *pls = survey_fit(paths, &survey.table, NULL);

		compare_indices(pls, &survey, scaled[i], &worst);
		loy_pls_destroy(pls);
		loy_paths_destroy(paths);
		survey_free(&survey);
	}
	print_message("  indices: worst difference %.2g points\n", worst);
}

/* Names of products are "a:b" here, "a*b" there, and "a*b_intxn" for the only indicator of a product of scores. */
static const char *our_name(const char *name, char *room)
{
	char *at;

	strcpy(room, name);
	at = strstr(room, "_intxn");
	if (at != NULL)
		*at = '\0';
	at = strchr(room, '*');
	if (at != NULL)
		*at = ':';
	return room;
}

static double of_moderation(struct judge *j, const char *q, const char *a, const char *b)
{
	loy_pls_construct c = {.struct_size = sizeof(c)};
	double value;

	if (is(q, "sd_interaction_score")) {
		assert_int_equal(loy_pls_get_construct(j->pls, survey_construct(j->pls, a), &c), LOY_OK);
		return c.unit;
	}
	value = value_of(j, q, a, b);
	/* the reference gives the path of the product as it was multiplied, and loadings in its unit */
	if (is(q, "path") && strchr(a, ':') != NULL) {
		assert_int_equal(loy_pls_get_construct(j->pls, survey_construct(j->pls, a), &c), LOY_OK);
		value /= c.unit;
	}
	if (is(q, "loading") && strchr(b, ':') != NULL) {
		assert_int_equal(loy_pls_get_construct(j->pls, survey_construct(j->pls, b), &c), LOY_OK);
		value *= c.unit;
	}
	return value;
}

static void compare_moderation(struct judge *j, const char *file, const char *method)
{
	struct csv *csv = shared_csv_or_skip(file);
	size_t columns[5], i;
	static const char *const names[] = {"method", "quantity", "a", "b", "value"};

	for (i = 0; i < 5; i++)
		columns[i] = csv_column(csv, names[i]);
	while (csv_next(csv)) {
		char a[128], b[128];
		const char *q = csv_text(csv, columns[1]);
		double expected, actual;

		if (strcmp(csv_text(csv, columns[0]), method) != 0)
			continue;
		our_name(csv_text(csv, columns[2]), a);
		our_name(csv_text(csv, columns[3]), b);
		expected = csv_double(csv, columns[4]);
		actual = of_moderation(j, q, a, b);
		if (!(fabs(actual - expected) <= TOLERANCE))
			fail_msg("%s %s: %s %s %s is %.17g, not %.17g", file, method, q, a, b, actual,
			         expected);
		remember(j, q, fabs(actual - expected));
	}
	csv_close(csv);
}

static void moderation(void **state)
{
	static const struct {
		const char *model, *outcome, *first, *second;
	} cases[] = {{"ecsi_mobile", "Satisfaction", "Image", "Expectation"},
	             {"loyalty_sim", "Loyalty", "Satisfaction", "Trust"}};
	static const char *const methods[] = {"two_stage", "product_indicator", "orthogonal"};
	struct judge j = {.pls = NULL};
	int i, k;

	(void)state;
	for (i = 0; i < 2; i++) {
		loy_paths *paths = survey_model(cases[i].model);
		struct survey survey = survey_read(survey_file(cases[i].model));
		char product[128], file[128];

		sprintf(product, "%s:%s", cases[i].first, cases[i].second);
		sprintf(file, "reference/sem/moderation_%s_%s_x_%s.csv", cases[i].model, cases[i].first,
		        cases[i].second);
		assert_int_equal(loy_paths_add(paths, LOY_TERM_REGRESSED, cases[i].outcome, product,
		                               LOY_TERM_DEFAULT, 0.0, NULL, NULL),
		                 LOY_OK);
		for (k = LOY_PLS_PRODUCT_STAGES; k <= LOY_PLS_PRODUCT_ORTHOGONAL; k++) {
			loy_pls_options options = {.struct_size = sizeof(options), .product = (uint32_t)k};
			loy_pls *pls = survey_fit(paths, &survey.table, &options);

			judge_open(&j, pls);
			compare_moderation(&j, file, methods[k]);
			judge_close(&j);
			loy_pls_destroy(pls);
		}
		loy_paths_destroy(paths);
		survey_free(&survey);
	}
	print_seen(&j, "moderation");
}

static void compare_set(struct judge *j, const char *set)
{
	struct csv *csv = shared_csv_or_skip("reference/sem/pls_missing_and_groups.csv");
	loy_pls_summary s = {.struct_size = sizeof(s)};
	unsigned count = 0;

	while (csv_next(csv)) {
		const char *q = csv_text(csv, csv_column(csv, "quantity"));
		double value = csv_double(csv, csv_column(csv, "value"));

		if (strcmp(csv_text(csv, csv_column(csv, "set")), set) != 0)
			continue;
		count++;
		if (is(q, "n_used")) {
			assert_int_equal(loy_pls_get_summary(j->pls, &s), LOY_OK);
			assert_close(s.n, value, 0.0, 0.0);
		} else {
			compare(j, set, q, csv_text(csv, csv_column(csv, "a")),
			        csv_text(csv, csv_column(csv, "b")), value);
		}
	}
	assert_true(count > 0);
	csv_close(csv);
}

static void missing_answers_and_groups(void **state)
{
	static const struct {
		const char *set, *model, *file, *by, *text;
		uint32_t missing;
	} cases[] = {
	        {"ecsi_missing:mean_replacement", "ecsi_mobile", "data/ecsi_mobile_missing.csv", NULL, NULL,
	         LOY_MISSING_MEAN},
	        {"ecsi_missing:listwise", "ecsi_mobile", "data/ecsi_mobile_missing.csv", NULL, NULL,
	         LOY_MISSING_LISTWISE},
	        {"satisfaction_bank:gender=female", "satisfaction_bank", "data/satisfaction_bank.csv",
	         "gender", "female", 0},
	        {"satisfaction_bank:gender=male", "satisfaction_bank", "data/satisfaction_bank.csv", "gender",
	         "male", 0},
	        {"loyalty_sim:segment=1", "loyalty_sim", "data/loyalty_sim_dev.csv", "segment", "1", 0},
	        {"loyalty_sim:segment=2", "loyalty_sim", "data/loyalty_sim_dev.csv", "segment", "2", 0},
	        {"loyalty_sim:segment=3", "loyalty_sim", "data/loyalty_sim_dev.csv", "segment", "3", 0},
	};
	struct judge j = {.pls = NULL};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		loy_pls_options options = {.struct_size = sizeof(options), .missing = cases[i].missing};
		loy_paths *paths = survey_model(cases[i].model);
		struct survey survey = survey_read_where(cases[i].file, cases[i].by, cases[i].text);
		loy_pls *pls = survey_fit(paths, &survey.table, &options);

		judge_open(&j, pls);
		compare_set(&j, cases[i].set);
		judge_close(&j);
		loy_pls_destroy(pls);
		loy_paths_destroy(paths);
		survey_free(&survey);
	}
	print_seen(&j, "missing answers and groups");
}

static void frequency_weights(void **state)
{
	struct judge j = {.pls = NULL};
	loy_paths *paths = survey_model("loyalty_sim");
	struct survey survey = survey_read("data/loyalty_sim_dev.csv");
	struct csv *csv = shared_csv_or_skip("reference/sem/pls_freqweights_loyalty_sim.csv");
	loy_pls_summary s = {.struct_size = sizeof(s)};
	loy_pls *pls;

	(void)state;
	survey.table.weights = survey.values + survey_column(&survey, "segment");
	survey.table.weight_stride = survey.table.row_stride;
	pls = survey_fit(paths, &survey.table, NULL);
	judge_open(&j, pls);
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	while (csv_next(csv)) {
		const char *q = csv_text(csv, csv_column(csv, "quantity")),
		           *a = csv_text(csv, csv_column(csv, "a"));
		double value = csv_double(csv, csv_column(csv, "value")), mean = 0.0, deviation = 0.0;
		const char *name = "";
		uint32_t i;

		if (is(q, "n_used")) {
			assert_close(s.n, value, 0.0, 0.0);
		} else if (is(q, "item_mean") || is(q, "item_sd")) {
			for (i = 0; strcmp(name, a) != 0; i++)
				assert_int_equal(loy_pls_get_item(pls, i, &name, &mean, &deviation), LOY_OK);
			assert_close(is(q, "item_mean") ? mean : deviation, value, 0.0, TOLERANCE);
		} else {
			compare(&j, "frequencies", q, a, csv_text(csv, csv_column(csv, "b")), value);
		}
	}
	print_seen(&j, "frequency weights");
	csv_close(csv);
	judge_close(&j);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* "Image->Expectation->Quality" */
static void chain_name(const loy_pls *pls, const loy_pls_chain *chain, char *text)
{
	loy_pls_construct c = {.struct_size = sizeof(c)};
	uint32_t i;

	*text = '\0';
	for (i = 0; i < chain->length; i++) {
		assert_int_equal(loy_pls_get_construct(pls, chain->constructs[i], &c), LOY_OK);
		strcat(text, i != 0 ? "->" : "");
		strcat(text, c.name);
	}
}

static void specific_indirect_effects(void **state)
{
	static const char *const mediated[] = {"ecsi_mobile", "satisfaction_bank", "csi_bank", "loyalty_sim"};
	double worst = 0.0;
	unsigned count = 0;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		loy_paths *paths = survey_model(mediated[i]);
		struct survey survey = survey_read(survey_file(mediated[i]));
		loy_pls *pls = survey_fit(paths, &survey.table, NULL);
		uint32_t chains = loy_pls_chain_count(pls), k, found = 0;
		struct csv *csv;
		char file[128], name[512];

		sprintf(file, "reference/sem/mediation_%s.csv", mediated[i]);
		csv = shared_csv_or_skip(file);
		while (csv_next(csv)) {
			loy_pls_chain chain = {.struct_size = sizeof(chain)};

			for (k = 0; k < chains; k++) {
				assert_int_equal(loy_pls_get_chain(pls, k, &chain), LOY_OK);
				chain_name(pls, &chain, name);
				if (strcmp(name, csv_text(csv, csv_column(csv, "chain"))) == 0)
					break;
			}
			assert_true(k < chains);
			found++;
			assert_close(chain.value, csv_double(csv, csv_column(csv, "estimate")), 0.0,
			             TOLERANCE);
			assert_close(chain.vaf, csv_double(csv, csv_column(csv, "vaf")), 0.0, TOLERANCE);
			worst = fmax(worst, fabs(chain.value - csv_double(csv, csv_column(csv, "estimate"))));
			count++;
		}
		assert_int_equal(found, chains);
		csv_close(csv);
		loy_pls_destroy(pls);
		loy_paths_destroy(paths);
		survey_free(&survey);
	}
	print_message("  chains           %5u values, worst difference %.2g\n", count, worst);
}

/* The blocks of the reference that are blocks of a model: raw and standardised alpha. */
static void alpha_of_raw_answers(void **state)
{
	static const char *const sets[] = {"ecsi_mobile", "satisfaction_bank", "csi_bank", "loyalty_sim"};
	double worst = 0.0;
	unsigned count = 0;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		loy_paths *paths = survey_model(sets[i]);
		struct survey survey = survey_read(survey_file(sets[i]));
		loy_pls *pls = survey_fit(paths, &survey.table, NULL);
		struct csv *csv = shared_csv_or_skip("reference/sem/reliability_dev.csv");

		while (csv_next(csv)) {
			const char *q = csv_text(csv, csv_column(csv, "quantity"));
			const char *block = csv_text(csv, csv_column(csv, "block"));
			loy_pls_construct c = {.struct_size = sizeof(c)};
			uint32_t index;

			if (strcmp(csv_text(csv, csv_column(csv, "dataset")), sets[i]) != 0 ||
			    !is(q, "raw_alpha") ||
			    loy_pls_find_construct(pls, block, strlen(block), &index) != LOY_OK)
				continue;
			assert_int_equal(loy_pls_get_construct(pls, index, &c), LOY_OK);
			assert_close(c.alpha, csv_double(csv, csv_column(csv, "value")), 0.0, TOLERANCE);
			worst = fmax(worst, fabs(c.alpha - csv_double(csv, csv_column(csv, "value"))));
			count++;
		}
		csv_close(csv);
		loy_pls_destroy(pls);
		loy_paths_destroy(paths);
		survey_free(&survey);
	}
	assert_true(count > 0);
	print_message("  raw alpha        %5u values, worst difference %.2g\n", count, worst);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_models_in_all_schemes),
	        cmocka_unit_test(consistent_estimates),
	        cmocka_unit_test(scores_of_respondents),
	        cmocka_unit_test(indices_from_0_to_100),
	        cmocka_unit_test(moderation),
	        cmocka_unit_test(missing_answers_and_groups),
	        cmocka_unit_test(frequency_weights),
	        cmocka_unit_test(specific_indirect_effects),
	        cmocka_unit_test(alpha_of_raw_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
