/*
 * Back-test: do intervals of paths hold the truth as often as they say? The chain's states at one moment are
 * what respondents have in mind; each answers three items on seven points about each, with the generator's
 * error. The true paths are those of the states themselves, over very many customers. Each replication asks
 * others, estimates by consistent partial least squares, and draws a bootstrap.
 */
#include "chain_data.h"
#include "numeric/numeric.h"

#include <math.h>

#define POPULATION   30000
#define ASKED        400
#define REPLICATIONS 500
#define RESAMPLES    300
#define STATES       STATE_COUNT
#define ITEMS        3
#define COLUMNS      (STATES * ITEMS)
#define PATHS        5

static const char text[] = "V =~ v1 + v2 + v3\nS =~ s1 + s2 + s3\nT =~ t1 + t2 + t3\nL =~ l1 + l2 + l3\n"
                           "S ~ V\nT ~ S\nL ~ S + T + V\n";
static const char *const names[COLUMNS] = {"v1", "v2", "v3", "s1", "s2", "s3",
                                           "t1", "t2", "t3", "l1", "l2", "l3"};
static const char *const ends[PATHS][2] = {{"V", "S"}, {"S", "T"}, {"S", "L"}, {"T", "L"}, {"V", "L"}};

/* The states of everybody who is still a customer, as shares, at one truth each. */
static size_t make_population(double (*state)[STATES])
{
	struct settings settings = {77, POPULATION, 360, 19723 * LOY_DAY};
	struct facts facts = {0};
	struct truths truths = {0};
	size_t count = 0, seen = 0, t;
	uint32_t customer;
	int i;

	for (customer = 1; customer <= POPULATION; customer++) {
		seen = truths.count;
		facts.count = 0; /* nobody looks at events here */
		assert_true(chain_customer(&settings, customer, &facts, &truths));
		for (t = seen; t < truths.count; t++) {
			const struct truth *truth = &truths.list[t];

			if (is_gone(truth))
				continue; /* nobody to ask */
			for (i = 0; i < STATES; i++)
				state[count][i] = state_of(truth, i);
			count++;
			break;
		}
	}
	free(facts.list);
	free(truths.list);
	return count;
}

static loy_pls *estimate(const loy_paths *paths, const loy_table *table, uint32_t consistent)
{
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = consistent};
	loy_error error = {.struct_size = sizeof(error)};
	loy_pls *pls = NULL;

	if (loy_pls_create(&pls, paths, table, &options, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	return pls;
}

static void find_path(const loy_pls *pls, int path, uint32_t *from, uint32_t *to)
{
	assert_int_equal(loy_pls_find_construct(pls, ends[path][0], 1, from), LOY_OK);
	assert_int_equal(loy_pls_find_construct(pls, ends[path][1], 1, to), LOY_OK);
}

/* Paths between the states themselves, standardised. */
static void true_paths(double (*state)[STATES], size_t count, double *truth)
{
	static const char *const observed[STATES] = {"v", "s", "t", "l"};
	loy_table table = {.struct_size = sizeof(table), .columns = STATES, .rows = count, .names = observed};
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = NULL;
	loy_pls *pls;
	int path;

	static const char single[] = "V =~ v\nS =~ s\nT =~ t\nL =~ l\nS ~ V\nT ~ S\nL ~ S + T + V\n";

	table.values = state[0];
	table.row_stride = STATES * sizeof(double);
	table.column_stride = sizeof(double);
	assert_int_equal(loy_paths_parse(&paths, single, strlen(single), NULL, &error), LOY_OK);
	pls = estimate(paths, &table, 0);
	for (path = 0; path < PATHS; path++) {
		loy_pls_path p = {.struct_size = sizeof(p)};
		uint32_t from, to, i;

		find_path(pls, path, &from, &to);
		for (i = 0; loy_pls_get_path(pls, i, &p) == LOY_OK; i++)
			if (p.from == from && p.to == to)
				truth[path] = p.value;
	}
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
}

static double normal(loy__random *random)
{
	return loy__normal_quantile(loy__random_unit(random) * (1.0 - 0x1p-53) + 0x1p-54);
}

/* Ask other customers; each item hears the state with an error of 0.14 and is read on seven points. */
static void ask(loy__random *random, double (*state)[STATES], size_t count, double *answers)
{
	int row, column;

	for (row = 0; row < ASKED; row++) {
		const double *who = state[loy__random_below(random, count)];

		for (column = 0; column < COLUMNS; column++) {
			double heard = fmin(fmax(who[column / ITEMS] + 0.14 * normal(random), 0.0), 1.0);

			answers[row * COLUMNS + column] = 1.0 + floor(6.0 * heard + 0.5);
		}
	}
}

static void count_covered(const loy_pls *pls, const loy_table *table, uint64_t seed, const double *truth,
                          int *covered)
{
	loy_bootstrap_options draws = {.struct_size = sizeof(draws),
	                               .resamples = RESAMPLES,
	                               .seed = seed,
	                               .flags = LOY_BOOTSTRAP_NO_BCA};
	loy_bootstrap *bootstrap = NULL;
	int path;

	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, table, &draws, NULL, NULL), LOY_OK);
	for (path = 0; path < PATHS; path++) {
		loy_bootstrapped b = {.struct_size = sizeof(b)};
		uint32_t from, to, index;

		find_path(pls, path, &from, &to);
		assert_int_equal(loy_bootstrap_find(bootstrap, LOY_BOOTSTRAP_PATH, from, to, &index), LOY_OK);
		assert_int_equal(loy_bootstrap_get(bootstrap, index, &b), LOY_OK);
		covered[path] += b.percentile_low <= truth[path] && truth[path] <= b.percentile_high;
	}
	loy_bootstrap_destroy(bootstrap);
}

void backtest_paths(void **unused)
{
	double(*state)[STATES] = malloc(POPULATION * sizeof(*state)), truth[PATHS] = {0};
	static double answers[ASKED * COLUMNS];
	loy_table table = {.struct_size = sizeof(table), .columns = COLUMNS, .rows = ASKED, .names = names};
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = NULL;
	int covered[PATHS] = {0}, all = 0, path;
	loy__random random;
	uint64_t i;
	size_t count;

	(void)unused;
	assert_non_null(state);
	count = make_population(state);
	true_paths(state, count, truth);
	table.values = answers;
	table.row_stride = COLUMNS * sizeof(double);
	table.column_stride = sizeof(double);
	assert_int_equal(loy_paths_parse(&paths, text, strlen(text), NULL, &error), LOY_OK);
	loy__random_init(&random, 9);
	for (i = 0; i < REPLICATIONS; i++) {
		loy_pls *pls;

		ask(&random, state, count, answers);
		pls = estimate(paths, &table, 1);
		count_covered(pls, &table, i, truth, covered);
		loy_pls_destroy(pls);
	}
	printf("paths: %d replications of %d respondents out of %zu; 95 %% intervals hold the truth:\n",
	       REPLICATIONS, ASKED, count);
	for (path = 0; path < PATHS; path++) {
		printf("paths: %s -> %s %.4f: %.3f\n", ends[path][0], ends[path][1], truth[path],
		       (double)covered[path] / REPLICATIONS);
		all += covered[path];
		/* 500 tosses of a coin of 0.95 lie within three deviations, 0.029 */
		assert_true(covered[path] >= (int)(0.92 * REPLICATIONS) &&
		            covered[path] <= (int)(0.98 * REPLICATIONS));
	}
	printf("paths: together %.4f\n", (double)all / (PATHS * REPLICATIONS));
	loy_paths_destroy(paths);
	free(state);
}
