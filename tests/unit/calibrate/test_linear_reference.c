/* Linear regressions of the survey against the reference: tests, robust errors, drivers, moderation, mediation. */
#include "regressions.h"

#include <math.h>

/* loy, sat, tru, sq, val, img, log spend: means of items, as the reference has them. */
static struct sheet *scales(void)
{
	static const struct {
		const char *items;
	} scale[6] = {{"loy1 loy2 loy3 loy4"},
	              {"sat1 sat2 sat3"},
	              {"tru1 tru2 tru3"},
	              {"p_tan1 p_tan2 p_tan3 p_tan4 p_rel1 p_rel2 p_rel3 p_rel4 p_rel5 p_res1 p_res2 p_res3 "
	               "p_res4 p_ass1 "
	               "p_ass2 p_ass3 p_ass4 p_emp1 p_emp2 p_emp3 p_emp4 p_emp5"},
	              {"val1 val2 val3"},
	              {"img1 img2 img3 img4"}};
	struct sheet *spend = sheet_shared("data/loyalty_sim_dev.csv", "spend"),
	             *s = sheet_new(spend->rows, 7);
	size_t i, r, j;

	for (i = 0; i < 6; i++) {
		struct sheet *items = sheet_shared("data/loyalty_sim_dev.csv", scale[i].items);

		for (r = 0; r < s->rows; r++) {
			double sum = 0.0;

			for (j = 0; j < items->columns; j++)
				sum += items->values[r * items->columns + j];
			s->values[r * 7 + i] = sum / items->columns;
		}
		sheet_free(items);
	}
	for (r = 0; r < s->rows; r++)
		s->values[r * 7 + 6] = log(spend->values[r]);
	sheet_free(spend);
	return s;
}

static void check_coefficients(const loy_linear *fit, const struct sheet *s, const char *model,
                               const char *const *terms, uint32_t size)
{
	static const char *const names[4] = {"se_HC0", "se_HC1", "se_HC2", "se_HC3"};
	loy_table table = sheet_table(s);
	const loy_table *tables = &table;
	double covariance[64];
	uint32_t i, kind;

	for (i = 0; i < size; i++) {
		loy_coefficient c = {.struct_size = sizeof(c)};
		double p = reference_value(model, terms[i], "p");

		assert_int_equal(loy_linear_get_coefficient(fit, i, &c), LOY_OK);
		assert_int_equal(c.flaw, LOY_FLAW_NONE);
		assert_close(c.value, reference_value(model, terms[i], "coef"), 1e-10, 1e-12);
		assert_close(c.deviation, reference_value(model, terms[i], "se"), 1e-10, 0.0);
		assert_close(c.statistic, reference_value(model, terms[i], "stat"), 1e-10, 1e-11);
		/* far out p moves as many times more than its statistic as that says; the reference has 0 for 1e-400 */
		assert_close(c.p, p, 1e-10 * (1.0 + c.statistic * c.statistic), 1e-300);
		assert_close(c.low, reference_value(model, terms[i], "lo"), 1e-10, 1e-11);
		assert_close(c.high, reference_value(model, terms[i], "hi"), 1e-10, 1e-11);
		if (i == 0)
			continue;
		assert_close(c.beta, reference_value(model, terms[i], "beta_std"), 1e-10, 1e-12);
		assert_close(c.inflation, reference_value(model, terms[i], "vif"), 1e-10, 0.0);
	}
	for (kind = LOY_ROBUST_HC0; kind <= LOY_ROBUST_HC3; kind++) {
		assert_int_equal(loy_linear_robust(fit, &tables, 1, kind, covariance, NULL, NULL), LOY_OK);
		for (i = 0; i < size; i++)
			assert_close(sqrt(covariance[i * (size + 1)]),
			             reference_value(model, terms[i], names[kind]), 1e-10, 0.0);
	}
}

static loy_linear *fit_columns(const struct sheet *s, uint32_t outcome, const uint32_t *predictors,
                               uint32_t count, const char *model)
{
	loy_linear_options o = {.struct_size = sizeof(o), .outcome = outcome};
	loy_linear_summary m = {.struct_size = sizeof(m)};
	loy_table table = sheet_table(s);
	loy_moments *moments = NULL;
	loy_linear *fit = NULL;

	o.predictors = predictors;
	o.predictor_count = count;
	assert_int_equal(loy_moments_create(&moments, s->columns, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	assert_int_equal(loy_linear_create(&fit, moments, &o, NULL, NULL), LOY_OK);
	loy_moments_destroy(moments);
	assert_int_equal(loy_linear_get_summary(fit, &m), LOY_OK);
	if (model == NULL)
		return fit;
	assert_close(m.n, reference_value(model, "", "n"), 0.0, 0.0);
	assert_close(m.r_squared, reference_value(model, "", "r2"), 1e-10, 0.0);
	assert_close(m.r_squared_adjusted, reference_value(model, "", "r2_adj"), 1e-10, 0.0);
	assert_close(m.f, reference_value(model, "", "f"), 1e-10, 0.0);
	assert_close(m.f_p, reference_value(model, "", "f_p"), 1e-8, 0.0); /* 300 times what F is off */
	assert_close(m.sigma, reference_value(model, "", "sigma"), 1e-10, 0.0);
	assert_close(m.log_likelihood, reference_value(model, "", "logl"), 1e-10, 0.0);
	assert_close(m.aic, reference_value(model, "", "aic"), 1e-10, 0.0);
	assert_close(m.bic, reference_value(model, "", "bic"), 1e-10, 0.0);
	assert_close(m.degrees, reference_value(model, "", "df_resid"), 0.0, 0.0);
	return fit;
}

static void drivers_of_loyalty(void **state)
{
	static const char model[] = "ols:loy~sq+val+img+sat+tru";
	static const char *const terms[] = {"const", "sq", "val", "img", "sat", "tru"};
	static const uint32_t predictors[] = {3, 4, 5, 1, 2};
	struct sheet *s = scales();
	loy_linear *fit = fit_columns(s, 0, predictors, 5, model);
	double shapley[5], relative[5];
	uint32_t i;

	(void)state;
	check_coefficients(fit, s, model, terms, 6);
	assert_int_equal(loy_linear_drivers(fit, LOY_DRIVERS_SHAPLEY, shapley, NULL), LOY_OK);
	assert_int_equal(loy_linear_drivers(fit, LOY_DRIVERS_RELATIVE, relative, NULL), LOY_OK);
	for (i = 0; i < 5; i++) {
		assert_close(shapley[i], reference_value(model, terms[i + 1], "lmg_shapley"), 1e-10, 0.0);
		assert_close(relative[i], reference_value(model, terms[i + 1], "johnson_relative_weight"),
		             1e-10, 0.0);
	}
	loy_linear_destroy(fit);
	sheet_free(s);
}

static void spend(void **state)
{
	static const char *const terms[] = {"const", "loy", "sat"};
	static const uint32_t predictors[] = {0, 1};
	struct sheet *s = scales();
	loy_linear *fit = fit_columns(s, 6, predictors, 2, "ols:log(spend)~loy+sat");

	(void)state;
	check_coefficients(fit, s, "ols:log(spend)~loy+sat", terms, 3);
	loy_linear_destroy(fit);
	sheet_free(s);
}

static void check_slope(const loy_linear *fit, const char *where, double at)
{
	static const char model[] = "ols_moderation:loy~sat_c*tru_c";
	loy_slope slope = {.struct_size = sizeof(slope)};

	assert_int_equal(loy_linear_slope(fit, 1, 3, at, &slope), LOY_OK);
	assert_close(slope.value, reference_value(model, where, "simple_slope"), 1e-10, 0.0);
	assert_close(slope.deviation, reference_value(model, where, "simple_slope_se"), 1e-10, 0.0);
	assert_close(slope.statistic, reference_value(model, where, "simple_slope_t"), 1e-10, 0.0);
}

static void moderation(void **state)
{
	static const char model[] = "ols_moderation:loy~sat_c*tru_c";
	static const char *const terms[] = {"const", "sat_c", "tru_c", "sat_x_tru"};
	struct sheet *s = scales(), *centred;
	loy_moments *moments = NULL;
	loy_table table = sheet_table(s);
	loy_column_moments sat = {.struct_size = sizeof(sat)}, tru = {.struct_size = sizeof(tru)};
	double *product = calloc(s->rows, sizeof(*product)), low, high;
	uint32_t region;
	loy_linear *fit;
	size_t r;

	(void)state;
	assert_int_equal(loy_moments_create(&moments, s->columns, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	assert_int_equal(loy_moments_get_column(moments, 1, LOY_WEIGHT_FREQUENCY, &sat), LOY_OK);
	assert_int_equal(loy_moments_get_column(moments, 2, LOY_WEIGHT_FREQUENCY, &tru), LOY_OK);
	loy_moments_destroy(moments);
	assert_int_equal(loy_table_product(&table, 1, sat.mean, 2, tru.mean, product), LOY_OK);
	centred = sheet_new(s->rows, 4);
	for (r = 0; r < s->rows; r++) {
		centred->values[4 * r] = s->values[7 * r + 1] - sat.mean;
		centred->values[4 * r + 1] = s->values[7 * r + 2] - tru.mean;
		centred->values[4 * r + 2] = product[r];
		centred->values[4 * r + 3] = s->values[7 * r];
	}
	fit = fit_columns(centred, 3, NULL, 0, model);
	check_coefficients(fit, centred, model, terms, 4);
	check_slope(fit, "mean", 0.0);
	check_slope(fit, "plus1sd", sqrt(tru.variance));
	check_slope(fit, "minus1sd", -sqrt(tru.variance));
	assert_int_equal(loy_linear_region(fit, 1, 3, &region, &low, &high), LOY_OK);
	/* the quadratic's leading term is a difference of near equals here: a hundred times the usual 1e-10 */
	assert_close(low, reference_value(model, "tru_c", "johnson_neyman_1"), 1e-9, 0.0);
	assert_close(high, reference_value(model, "tru_c", "johnson_neyman_2"), 1e-9, 0.0);
	assert_int_equal(region, LOY_REGION_BETWEEN);
	loy_linear_destroy(fit);
	sheet_free(centred);
	free(product);
	sheet_free(s);
}

static void mediation(void **state)
{
	static const char model[] = "mediation:sq->sat->loy";
	static const uint32_t sq[] = {3}, both[] = {3, 1};
	struct sheet *s = scales();
	loy_linear *first = fit_columns(s, 1, sq, 1, NULL), *second = fit_columns(s, 0, both, 2, NULL);
	loy_linear *total = fit_columns(s, 0, sq, 1, NULL);
	loy_coefficient a = {.struct_size = sizeof(a)}, b = a, direct = a, whole = a;
	loy_indirect i = {.struct_size = sizeof(i)};

	(void)state;
	assert_int_equal(loy_linear_get_coefficient(first, 1, &a), LOY_OK);
	assert_int_equal(loy_linear_get_coefficient(second, 2, &b), LOY_OK);
	assert_int_equal(loy_linear_get_coefficient(second, 1, &direct), LOY_OK);
	assert_int_equal(loy_linear_get_coefficient(total, 1, &whole), LOY_OK);
	assert_int_equal(loy_indirect_effect(a.value, a.deviation, b.value, b.deviation, &i), LOY_OK);
	assert_close(a.value, reference_value(model, "", "a"), 1e-10, 0.0);
	assert_close(b.value, reference_value(model, "", "b"), 1e-10, 0.0);
	assert_close(direct.value, reference_value(model, "", "c_prime"), 1e-10, 0.0);
	assert_close(whole.value, reference_value(model, "", "c_total"), 1e-10, 0.0);
	assert_close(i.effect, reference_value(model, "", "indirect"), 1e-10, 0.0);
	assert_close(i.sobel, reference_value(model, "", "sobel_se"), 1e-10, 0.0);
	assert_close(i.aroian, reference_value(model, "", "aroian_se"), 1e-10, 0.0);
	assert_close(i.goodman, reference_value(model, "", "goodman_se"), 1e-10, 0.0);
	assert_close(i.sobel_z, reference_value(model, "", "sobel_z"), 1e-10, 0.0);
	assert_close(i.effect / whole.value, reference_value(model, "", "vaf"), 1e-10, 0.0);
	loy_linear_destroy(first);
	loy_linear_destroy(second);
	loy_linear_destroy(total);
	sheet_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(drivers_of_loyalty),
	        cmocka_unit_test(spend),
	        cmocka_unit_test(moderation),
	        cmocka_unit_test(mediation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
