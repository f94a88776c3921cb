/*
 * The derivatives of structural equation models against differences of the function they belong to, for
 * models with everything: constructs of constructs, paths among items, covariances of residuals, equal
 * labels, means of constructs, given causes, patterns of missing values.
 */
#include "sems.h"

#include <stdlib.h>

enum { ROWS = 150, ITEMS = 9 };

static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "x"};

static const char everything[] = "F =~ a + l*b + c\nG =~ d + l*e + f\nH =~ F + G + g\n"
                                 "h ~ F + b1*g + x\nF ~ x\nG ~ b1*x\na ~~ d\nb ~~ c\nH ~ 1\na ~ 0*1\n";

static void invent(double *rows, double missing)
{
	loy__random r;
	size_t i, j;

	loy__random_init(&r, 21);
	for (i = 0; i < ROWS; i++) {
		double common = normal(&r), x = normal(&r);

		for (j = 0; j < ITEMS; j++) {
			rows[i * ITEMS + j] = j == 8 ? x : 1.0 + 0.8 * common + 0.3 * x + normal(&r);
			if (loy__random_unit(&r) < missing)
				rows[i * ITEMS + j] = (double)NAN;
		}
	}
}

/* A model and sample at its start, moved a little so that nothing is zero by chance. */
struct place {
	loy_paths *paths;
	loy__sem_model model;
	loy__sem_sample sample;
	loy__sem_work work;
	double *theta;
};

static void open_place(struct place *p, const char *text, const loy_table *table,
                       const loy_sem_options *options)
{
	loy_allocator memory;
	uint32_t i;

	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	p->paths = survey_paths(text);
	assert_int_equal(loy__sem_model_build(&p->model, p->paths, options, &memory, NULL), LOY_OK);
	assert_int_equal(loy__sem_sample_table(&p->sample, &p->model, p->paths, table, options, NULL),
	                 LOY_OK);
	assert_int_equal(loy__sem_sample_finish(&p->sample, &p->model, p->paths, NULL), LOY_OK);
	loy__sem_model_give(&p->model, p->sample.covariance, p->sample.mean);
	assert_int_equal(loy__sem_work_init(&p->work, &p->model, &p->sample), LOY_OK);
	assert_int_equal(loy__sem_start(&p->model, &p->sample), LOY_OK);
	p->theta = calloc(p->model.free_count, sizeof(double));
	assert_non_null(p->theta);
	for (i = 0; i < p->model.cell_count; i++) {
		if (p->model.cells[i].free != LOY__SEM_FIXED)
			p->theta[p->model.cells[i].free] = p->model.cells[i].value + 0.01 * (double)(i % 5);
	}
	loy__sem_set(&p->model, p->theta);
	assert_true(loy__sem_evaluate(&p->work));
	loy__sem_derive(&p->work);
}

static void close_place(struct place *p)
{
	free(p->theta);
	loy__sem_work_free(&p->work);
	loy__sem_sample_free(&p->sample);
	loy__sem_model_free(&p->model);
	loy_paths_destroy(p->paths);
}

/* Function and gradient with parameter i moved. */
static double moved(struct place *p, uint32_t i, double by, double *gradient)
{
	double kept = p->theta[i];

	p->theta[i] = kept + by;
	loy__sem_set(&p->model, p->theta);
	p->theta[i] = kept;
	assert_true(loy__sem_evaluate(&p->work));
	loy__sem_derive(&p->work);
	memcpy(gradient, p->work.gradient, p->model.free_count * sizeof(double));
	return p->work.value;
}

static void check(const char *text, const double *rows, const loy_sem_options *options)
{
	loy_table table = table_of(rows, ROWS, ITEMS, names);
	struct place p;
	double *gradient, *hessian, *low, *high, step = 1e-5;
	uint32_t q, i, j;

	open_place(&p, text, &table, options);
	q = p.model.free_count;
	gradient = calloc((size_t)3 * q + (size_t)q * q, sizeof(double));
	assert_non_null(gradient);
	low = gradient + q;
	high = low + q;
	hessian = high + q;
	memcpy(gradient, p.work.gradient, q * sizeof(double));
	memcpy(hessian, p.work.hessian, (size_t)q * q * sizeof(double));
	for (i = 0; i < q; i++) {
		double below = moved(&p, i, -step, low), above = moved(&p, i, step, high);

		/* central differences: step² / 6 of the third derivative, some tens here, and 1e-16 f / step */
		assert_close((above - below) / (2 * step), gradient[i], 1e-7, 1e-8);
		for (j = 0; j < q; j++) {
			assert_close((high[j] - low[j]) / (2 * step), hessian[i * q + j], 1e-6, 1e-6);
			assert_close(hessian[i * q + j], hessian[j * q + i], 1e-13, 1e-13);
		}
	}
	free(gradient);
	close_place(&p);
}

static void derivatives_are_those_of_the_function(void **state)
{
	static double rows[ROWS * ITEMS];
	loy_sem_options options = default_options();

	(void)state;
	invent(rows, 0.0);
	check(everything, rows, &options);
	options.flags = LOY_SEM_RANDOM_CAUSES | LOY_SEM_UNIT_VARIANCE;
	check("F =~ a + b + c\nG =~ d + e + f\nH =~ F + G\nh ~ F + g\ng ~ x + G\n", rows, &options);
	options.flags = LOY_SEM_RANDOM_CAUSES;
	check("F =~ a + b + c\nG =~ d + e + f\nH =~ F + G\nh ~ F + g\ng ~ x + G\n", rows, &options);
}

static void derivatives_with_patterns_are_those_of_the_function(void **state)
{
	static double rows[ROWS * ITEMS];
	loy_sem_options options = default_options();

	(void)state;
	invent(rows, 0.1);
	options.missing = LOY_SEM_FULL_INFORMATION;
	check(everything, rows, &options);
}

/*
 * Where the model is true, second derivatives are near their expectation; where it fits exactly, they are the
 * same.
 */
static void expectation_is_what_an_exact_fit_has(void **state)
{
	static double rows[ROWS * ITEMS];
	loy_table table = table_of(rows, ROWS, ITEMS, names);
	loy_sem_options options = default_options();
	loy__sem_search search;
	struct place p;
	size_t i;

	(void)state;
	invent(rows, 0.0);
	options.flags = LOY_SEM_MEANS | LOY_SEM_RANDOM_CAUSES;
	open_place(&p, "h ~ a + b\nb ~ a\n", &table, &options); /* saturated */
	assert_int_equal(loy__sem_minimise(&p.work, &p.model, &options, &search), LOY_OK);
	assert_int_equal(search.state, LOY_SEM_CONVERGED);
	assert_true(search.distance < 1e-12);
	for (i = 0; i < (size_t)p.model.free_count * p.model.free_count; i++)
		assert_close(p.work.hessian[i], p.work.expected[i], 1e-12, 1e-12);
	close_place(&p);
}

/*
 * Scaling factors of complete rows have short formulas: they are those of the way that missing values have to
 * go.
 */
static void short_and_long_ways_to_scaling_agree(void **state)
{
	static double rows[ROWS * ITEMS];
	loy_table table = table_of(rows, ROWS, ITEMS, names);
	loy_sem_options options = default_options();
	loy__sem_scaling by_formula = {0, 0}, by_model = {0, 0};
	loy__sem_search search;
	double *bread, *meat, own;
	struct place p;
	size_t q;

	(void)state;
	invent(rows, 0.0);
	options.flags = LOY_SEM_MEANS;
	options.errors = LOY_SEM_ROBUST_MLR; /* keeps rows */
	open_place(&p, "F =~ a + b + c + d\nG =~ e + f + g + h\nG ~ F\n", &table, &options);
	assert_int_equal(loy__sem_minimise(&p.work, &p.model, &options, &search), LOY_OK);
	q = p.model.free_count;
	bread = calloc(2 * q * q, sizeof(double));
	assert_non_null(bread);
	meat = bread + q * q;
	assert_int_equal(loy__sem_invert(&p.work, p.work.hessian, bread), 1);
	assert_int_equal(loy__sem_meat(&p.work, 0, meat), LOY_OK);
	own = loy__sem_trace(bread, meat, q);
	assert_int_equal(loy__sem_scale(&p.work, 0, own, &by_formula), LOY_OK);
	assert_int_equal(loy__sem_scale_plain(&p.work, own, &by_model), LOY_OK);
	assert_true(fabs(by_formula.model - 1.0) > 1e-3);
	/* sums of ROWS products of four values, in other orders */
	assert_close(by_model.model, by_formula.model, 1e-10, 0.0);
	assert_close(by_model.baseline, by_formula.baseline, 1e-10, 0.0);
	free(bread);
	close_place(&p);
}

/* A search that was stopped after one step, tried again by the other way to set scales, ends where one ends at once. */
static void the_second_way_leads_to_the_same_minimum(void **state)
{
	static const char text[] = "F =~ a + b + c\nG =~ d + l*e + l*f\nG ~ F + x\nh ~ G\n";
	static double rows[ROWS * ITEMS];
	loy_table table = table_of(rows, ROWS, ITEMS, names);
	loy__random r;
	uint32_t flags, i;

	(void)state;
	invent(rows, 0.0);
	loy__random_init(&r, 4);
	for (i = 0; i < ROWS; i++) { /* so that G is not all F */
		double own = normal(&r);

		rows[i * ITEMS + 3] += own;
		rows[i * ITEMS + 4] += own;
		rows[i * ITEMS + 5] += own;
	}
	for (flags = 0; flags <= LOY_SEM_UNIT_VARIANCE; flags++) {
		loy_sem_options options = default_options(), once = default_options();
		loy__sem_search stopped, direct;
		struct place p, q;

		options.flags = once.flags = flags | LOY_SEM_MEANS;
		once.iterations = 1;
		open_place(&p, text, &table, &options);
		open_place(&q, text, &table, &options);
		assert_int_equal(loy__sem_minimise(&p.work, &p.model, &once, &stopped), LOY_OK);
		assert_int_equal(stopped.state, LOY_SEM_STOPPED);
		assert_int_equal(loy__sem_minimise(&q.work, &q.model, &options, &direct), LOY_OK);
		assert_int_equal(direct.state, LOY_SEM_CONVERGED);
		assert_int_equal(loy__sem_search_again(&p.work, &p.model, p.paths, &options, &stopped),
		                 LOY_OK);
		/* equal labels are equal on one scale only: then the other is but a place to start from */
		assert_int_equal(stopped.state, LOY_SEM_CONVERGED);
		assert_close(p.work.value, q.work.value, 1e-13, 0.0);
		for (i = 0; i < p.model.cell_count; i++)
			assert_close(p.model.cells[i].value, q.model.cells[i].value, 1e-9, 1e-11);
		close_place(&p);
		close_place(&q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(derivatives_are_those_of_the_function),
	        cmocka_unit_test(derivatives_with_patterns_are_those_of_the_function),
	        cmocka_unit_test(expectation_is_what_an_exact_fit_has),
	        cmocka_unit_test(short_and_long_ways_to_scaling_agree),
	        cmocka_unit_test(the_second_way_leads_to_the_same_minimum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
