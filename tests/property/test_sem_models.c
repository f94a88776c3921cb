/*
 * Laws of structural equation models, on random specifications of random and often degenerate data: labels, fixed and
 * freed coefficients, covariances, intercepts, definitions, one indicator or many, constructs of constructs, constant
 * and dependent columns, missing answers, weights. What is refused says why; what is fitted is finite or says so, does
 * not depend on the order of rows, and survives a request for memory that is refused. `test_sem_models COUNT` takes
 * more draws.
 */
#include "support.h"

#include "numeric/numeric.h"

#include <math.h>

enum { ROWS = 60, COLUMNS = 8 };

static const char *const names[COLUMNS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
static int draws = 700;

static uint32_t below(loy__random *r, uint32_t bound)
{
	return (uint32_t)loy__random_below(r, bound);
}

/* A coefficient's modifier: mostly none. */
static const char *modifier(loy__random *r)
{
	static const char *const all[] = {"l*", "k*", "NA*", "1*", "0*", "0.7*", "-0.5*l*"};

	return below(r, 4) == 0 ? all[below(r, sizeof(all) / sizeof(all[0]))] : "";
}

static void random_text(loy__random *r, char *text)
{
	uint32_t constructs = below(r, 4), c, i, used = 0;
	size_t at = 0;

	at += (size_t)sprintf(text, "# a model\n");
	for (c = 0; c < constructs; c++) {
		uint32_t count = 1 + below(r, 3);

		at += (size_t)sprintf(text + at, "K%u =~", (unsigned)c);
		for (i = 0; i < count; i++)
			at += (size_t)sprintf(text + at, "%s %s%s", i > 0 ? " +" : "", modifier(r),
			                      names[(used + i) % COLUMNS]);
		used += below(r, 8) == 0 ? count - 1 : count; /* now and then one item for two */
		at += (size_t)sprintf(text + at, "\n");
		for (i = 0; i < c; i++) {
			if (below(r, 3) == 0)
				at += (size_t)sprintf(text + at, "K%u ~ %sK%u\n", (unsigned)c, modifier(r),
				                      (unsigned)i);
		}
	}
	if (constructs > 1 && below(r, 4) == 0)
		at += (size_t)sprintf(text + at, "H =~ K0 + %sK1\n", modifier(r));
	if (constructs > 1 && below(r, 3) == 0)
		at += (size_t)sprintf(text + at, "K0 ~~ %sK1\n", modifier(r));
	if (constructs > 0 && below(r, 4) == 0)
		at += (size_t)sprintf(text + at, "K0 ~~ %sK0\n", modifier(r));
	for (i = 0; i < (constructs == 0 ? 3u : below(r, 3)); i++)
		at += (size_t)sprintf(text + at, "%s %s %s%s\n", names[i],
		                      i == 0 || below(r, 2) == 0 ? "~" : "~~", modifier(r),
		                      names[i + 1 + below(r, 4)]);
	if (below(r, 4) == 0)
		at += (size_t)sprintf(text + at, "%s ~ %s1\n", names[below(r, 4)],
		                      below(r, 2) == 0 ? "0.2*" : "");
	if (constructs > 0 && below(r, 6) == 0)
		at += (size_t)sprintf(text + at, "K0 ~ 1\n");
	if (below(r, 4) == 0 && strstr(text, "l*") != NULL)
		at += (size_t)sprintf(text + at, "twice := 2*l\nroot := sqrt(l) / (l - 1)\n");
	assert_true(at < 2048);
}

struct sample {
	double values[ROWS * COLUMNS], turned[ROWS * COLUMNS], weights[ROWS], turned_weights[ROWS];
	loy_table table, upside_down;
	loy_sem_options options;
};

static void random_rows(loy__random *r, struct sample *s, uint32_t rows)
{
	uint32_t spoiled = below(r, 8), i, j;
	double loading = 0.2 + loy__random_unit(r);

	for (i = 0; i < rows; i++) {
		double *v = s->values + i * COLUMNS, f = loy__normal_quantile(loy__random_unit(r) + 0x1p-54);

		for (j = 0; j < COLUMNS; j++)
			v[j] = loading * f * (j < 4 ? 1.0 : -0.6) +
			       loy__normal_quantile(loy__random_unit(r) + 0x1p-54) + (double)j;
		if (spoiled == 0)
			v[1] = v[0];
		else if (spoiled == 1)
			v[2] = 4.0;
		else if (spoiled == 2)
			v[3] = v[0] - v[4];
		else if (spoiled <= 4)
			v[below(r, COLUMNS)] = (double)NAN;
		s->weights[i] = below(r, 6) == 0 ? (double)below(r, 3) : 0.5 + loy__random_unit(r);
	}
	for (i = 0; i < rows; i++) {
		memcpy(s->turned + i * COLUMNS, s->values + (rows - 1 - i) * COLUMNS,
		       COLUMNS * sizeof(double));
		s->turned_weights[i] = s->weights[rows - 1 - i];
	}
}

static void invent(loy__random *r, struct sample *s)
{
	uint32_t rows = 1 + below(r, ROWS), weighted = below(r, 3) == 0;

	memset(s, 0, sizeof(*s));
	random_rows(r, s, rows);
	s->table = support_table(s->values, rows, COLUMNS);
	s->table.names = names;
	s->table.weights = weighted ? s->weights : NULL;
	s->upside_down = s->table;
	s->upside_down.values = s->turned;
	s->upside_down.weights = weighted ? s->turned_weights : NULL;
	s->options.struct_size = sizeof(s->options);
	s->options.flags = below(r, 8);
	s->options.likelihood = below(r, 4) == 0;
	s->options.missing = below(r, 3) == 0;
	s->options.errors = below(r, 5);
	s->options.weighting = below(r, 2);
	s->options.iterations = below(r, 6) == 0 ? 1 + below(r, 8) : 0;
}

/* ---- laws ---- */

static void matrices_are_possible(const loy_sem *sem, const loy_sem_info *info)
{
	double implied[COLUMNS * COLUMNS];
	uint32_t size = 0, i;

	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_IMPLIED, implied, COLUMNS * COLUMNS, &size), LOY_OK);
	assert_int_equal(size, info->observed);
	for (i = 0; i < size * size; i++)
		assert_true(isfinite(implied[i]));
	assert_int_equal(loy__cholesky(implied, size, 0.0, NULL), LOY_OK);
}

static void parameters_say_what_they_are(const loy_sem *sem, const loy_sem_info *info)
{
	uint32_t i, j;

	for (i = 0; i < info->parameters; i++) {
		loy_sem_parameter p = {.struct_size = sizeof(p)}, q = {.struct_size = sizeof(q)};

		assert_int_equal(loy_sem_get_parameter(sem, i, &p), LOY_OK);
		assert_true(p.left != NULL && p.relation >= LOY_TERM_MEASURED &&
		            p.relation <= LOY_SEM_DEFINED);
		assert_true(isnan(p.deviation) || p.deviation >= 0.0);
		if (p.relation == LOY_SEM_DEFINED)
			continue;
		assert_true(isfinite(p.value));
		for (j = 0; j < i && p.free != LOY_SEM_NONE; j++) {
			assert_int_equal(loy_sem_get_parameter(sem, j, &q), LOY_OK);
			if (q.free == p.free) {
				assert_bits_equal(q.value, p.value);
				assert_bits_equal(q.deviation, p.deviation);
			}
		}
	}
}

static void assert_same(const loy_sem *a, const loy_sem *b, const loy_sem_info *info)
{
	uint32_t i;

	for (i = 0; i < info->parameters; i++) {
		loy_sem_parameter p = {.struct_size = sizeof(p)}, q = {.struct_size = sizeof(q)};

		assert_int_equal(loy_sem_get_parameter(a, i, &p), LOY_OK);
		assert_int_equal(loy_sem_get_parameter(b, i, &q), LOY_OK);
		assert_bits_equal(p.value, q.value);
		assert_bits_equal(p.deviation, q.deviation);
	}
	for (i = 0; i < LOY_SEM_FIT_COUNT; i++) {
		double x = 0.0, y = 0.0;

		assert_int_equal(loy_sem_get_fit(a, i, &x), LOY_OK);
		assert_int_equal(loy_sem_get_fit(b, i, &y), LOY_OK);
		assert_bits_equal(x, y);
	}
}

static void look_at(const loy_sem *sem, const loy_sem_info *info)
{
	loy_sem_issue issue = {.struct_size = sizeof(issue)};
	double chisq = 0.0, df = 0.0;
	uint32_t i, stopped = 0, saturated = 0;

	for (i = 0; i < info->issues; i++) {
		assert_int_equal(loy_sem_get_issue(sem, i, &issue), LOY_OK);
		stopped |= issue.kind == LOY_SEM_ISSUE_STOPPED;
		saturated |= issue.kind == LOY_SEM_ISSUE_SATURATED;
	}
	assert_int_equal(loy_sem_get_issue(sem, info->issues, &issue), LOY_ENOTFOUND);
	assert_int_equal(stopped, info->state == LOY_SEM_STOPPED);
	parameters_say_what_they_are(sem, info);
	matrices_are_possible(sem, info);
	assert_int_equal(loy_sem_get_fit(sem, LOY_SEM_CHISQ, &chisq), LOY_OK);
	assert_int_equal(loy_sem_get_fit(sem, LOY_SEM_DF, &df), LOY_OK);
	/* no model fits better than one without restrictions, but for rounding */
	if (info->state == LOY_SEM_CONVERGED && !saturated && isfinite(chisq) && df >= 0.0)
		assert_true(chisq > -1e-6);
}

/* One request for memory is refused: the fit is made all the same, or nothing is left of it. */
static void survives(const loy_paths *paths, const struct sample *s, long until)
{
	struct faulty heap = {.until = until};
	loy_allocator memory = faulty_allocator(&heap);
	loy_sem *sem = NULL;
	loy_status status = loy_sem_fit_table(&sem, paths, &s->table, &s->options, &memory, NULL);

	assert_true(heap.refused == 0 || status == LOY_ENOMEM);
	assert_int_equal(sem != NULL, status == LOY_OK);
	loy_sem_destroy(sem);
	assert_int_equal(heap.live, 0);
}

static void random_models_of_random_data(void **state)
{
	unsigned fitted = 0, converged = 0, stopped = 0, loose = 0, refused = 0, unread = 0;
	int round;

	(void)state;
	for (round = 0; round < draws; round++) {
		loy_error error = {.struct_size = sizeof(error)};
		loy_sem_info info = {.struct_size = sizeof(info)};
		loy_paths *paths = NULL;
		loy_sem *sem = NULL, *other = NULL;
		static struct sample s;
		char text[2048];
		loy__random r;
		loy_status status;

		loy__random_init(&r, (uint64_t)round);
		invent(&r, &s);
		random_text(&r, text);
		if (loy_paths_parse(&paths, text, strlen(text), NULL, &error) != LOY_OK) {
			assert_true(error.message[0] != '\0');
			unread++;
			continue;
		}
		status = loy_sem_fit_table(&sem, paths, &s.table, &s.options, NULL, &error);
		assert_int_equal(loy_sem_fit_table(&other, paths, &s.upside_down, &s.options, NULL, NULL),
		                 status);
		if (status == LOY_OK) {
			assert_int_equal(loy_sem_get_info(sem, &info), LOY_OK);
			fitted++;
			converged += info.state == LOY_SEM_CONVERGED;
			stopped += info.state == LOY_SEM_STOPPED;
			loose += info.state == LOY_SEM_NOT_IDENTIFIED;
			look_at(sem, &info);
			assert_same(sem, other, &info);
		} else {
			assert_true(status == LOY_EINVAL || status == LOY_ENAME || status == LOY_ECYCLE ||
			            status == LOY_EUNKNOWN || status == LOY_ERANGE);
			assert_true(sem == NULL && error.code == status && error.message[0] != '\0');
			refused++;
		}
		survives(paths, &s, (long)below(&r, 60));
		loy_sem_destroy(sem);
		loy_sem_destroy(other);
		loy_paths_destroy(paths);
	}
	print_message("%u fitted: %u converged, %u stopped, %u not identified; %u refused, %u not read\n",
	              fitted, converged, stopped, loose, refused, unread);
	/* what is looked at must have come up */
	assert_true(converged > (unsigned)draws / 10 && stopped > 0 && loose > 0 && refused > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_models_of_random_data)};

	if (argc > 1)
		draws = atoi(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
