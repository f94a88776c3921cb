/*
 * Answers and what is made of them: traps of survey metrics by name, closed forms, weights as repeated
 * answers, any order and split, hostile arguments and memory.
 */
#include "regressions.h"

#include <math.h>

static loy_answers *scale_of(int32_t low, int32_t high, int32_t step, uint32_t weighting)
{
	loy_scale scale = {.struct_size = sizeof(scale), .low = low, .high = high, .step = step};
	loy_answers *answers = NULL;

	scale.weighting = weighting;
	assert_int_equal(loy_answers_create(&answers, &scale, NULL), LOY_OK);
	return answers;
}

static loy_answers *counted(uint64_t detractors, uint64_t passives, uint64_t promoters)
{
	loy_answers *answers = scale_of(0, 10, 0, LOY_WEIGHT_FREQUENCY);

	assert_int_equal(loy_answers_count(answers, 3, detractors), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 8, passives), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 10, promoters), LOY_OK);
	return answers;
}

static loy_interval limits_of(const loy_answers *answers, uint32_t method)
{
	loy_interval limits = {.struct_size = sizeof(limits)};

	assert_int_equal(loy_answers_net_interval(answers, NULL, method, 0.95, &limits), LOY_OK);
	return limits;
}

/* A column of doubles as a table. */
static loy_table column(const double *values, size_t rows, const double *weights)
{
	loy_table table = {.struct_size = sizeof(table), .columns = 1};

	table.rows = rows;
	table.values = values;
	table.row_stride = table.column_stride = sizeof(double);
	table.weights = weights;
	table.weight_stride = sizeof(double);
	return table;
}

/* ---- traps ---- */

static void trap_all_promoters_have_a_wald_interval_of_width_0_and_it_is_said(void **state)
{
	loy_answers *answers = counted(0, 0, 20);
	loy_interval wald = limits_of(answers, LOY_SURVEY_WALD),
	             student = limits_of(answers, LOY_SURVEY_STUDENT);
	loy_interval adjusted = limits_of(answers, LOY_SURVEY_ADJUSTED),
	             score = limits_of(answers, LOY_SURVEY_SCORE);
	const double k = 1.959963984540054 * 1.959963984540054 / 20.0;

	(void)state;
	assert_true(wald.low == 100.0 && wald.high == 100.0 && wald.flags == LOY_INTERVAL_DEGENERATE);
	assert_int_equal(student.flags, LOY_INTERVAL_DEGENERATE);
	assert_true(adjusted.high > 100.0 &&
	            adjusted.flags == LOY_INTERVAL_BEYOND); /* as its formula has it */
	assert_true(score.flags == 0 && score.high == 100.0);
	/* the least not rejected: with a difference of x the likeliest are (1 + x) / 2 for, the rest against */
	assert_close(score.low, 100.0 * (1.0 - k) / (1.0 + k), 1e-9, 0.0);
	loy_answers_destroy(answers);
}

static void trap_intervals_never_come_in_the_wrong_order(void **state)
{
	uint64_t d, s, p;
	uint32_t method;

	(void)state;
	for (d = 0; d < 6; d++) {
		for (s = 0; s < 6; s++) {
			for (p = 0; p < 6; p++) {
				loy_answers *answers = counted(d, s, p);
				loy_net net = {.struct_size = sizeof(net)};

				if (d + s + p > 1)
					assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_OK);
				for (method = LOY_SURVEY_WALD; method <= LOY_SURVEY_SCORE && d + s + p > 1;
				     method++) {
					loy_interval limits = limits_of(answers, method);

					assert_true(limits.low <= limits.high);
					if (method == LOY_SURVEY_SCORE) {
						assert_true(limits.low <= net.score + 1e-9 &&
						            net.score <= limits.high + 1e-9);
						assert_true(limits.low >= -100.0 && limits.high <= 100.0);
						assert_true(limits.high - limits.low > 1.0);
					} else if (method == LOY_SURVEY_WALD) {
						assert_close(limits.low + limits.high, 2.0 * net.score, 1e-12,
						             1e-12);
					}
				}
				loy_answers_destroy(answers);
			}
		}
	}
}

static void trap_other_scales_are_refused_unless_their_bands_are_declared(void **state)
{
	loy_answers *answers = scale_of(1, 10, 0, LOY_WEIGHT_FREQUENCY),
	            *half = scale_of(0, 10, 2, LOY_WEIGHT_FREQUENCY);
	loy_bands bands = {.struct_size = sizeof(bands), .detractor_most = 6, .promoter_least = 9};
	loy_net net = {.struct_size = sizeof(net)};
	loy_interval limits = {.struct_size = sizeof(limits)};

	(void)state;
	assert_int_equal(loy_answers_count(answers, 9, 5), LOY_OK);
	assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_EINVAL);
	assert_int_equal(loy_answers_net_interval(answers, NULL, LOY_SURVEY_WALD, 0.0, &limits), LOY_EINVAL);
	assert_int_equal(loy_answers_net(half, NULL, &net), LOY_EINVAL);
	assert_int_equal(loy_answers_net(answers, &bands, &net), LOY_OK);
	assert_true(net.score == 100.0);
	bands.detractor_most = 9;
	assert_int_equal(loy_answers_net(answers, &bands, &net), LOY_EINVAL); /* bands overlap */
	bands.detractor_most = 0;
	assert_int_equal(loy_answers_net(answers, &bands, &net), LOY_EINVAL); /* not on this scale */
	bands.detractor_most = 6;
	bands.promoter_least = 11;
	assert_int_equal(loy_answers_net(answers, &bands, &net), LOY_EINVAL);
	loy_answers_destroy(answers);
	loy_answers_destroy(half);
}

static void trap_missing_codes_are_declared_and_never_detractors(void **state)
{
	const double values[] = {10, -99, NAN, 9, 0, -99, 99}, codes[] = {-99, 99};
	loy_table table = column(values, 7, NULL);
	loy_answers *answers = scale_of(0, 10, 0, LOY_WEIGHT_FREQUENCY);
	loy_net net = {.struct_size = sizeof(net)};
	loy_error error = {.struct_size = sizeof(error)};

	(void)state;
	assert_int_equal(loy_answers_add(answers, &table, 0, &error),
	                 LOY_ERANGE); /* nobody said what -99 means */
	assert_int_equal(error.row, 1);
	assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_EUNKNOWN); /* and nothing was counted */
	assert_int_equal(loy_answers_missing(answers), 0);
	table.codes = codes;
	table.code_count = 2;
	assert_int_equal(loy_answers_add(answers, &table, 0, NULL), LOY_OK);
	assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_OK);
	assert_int_equal(net.answers, 3);
	assert_int_equal(net.missing, 4);
	assert_int_equal(net.promoters, 2);
	assert_int_equal(net.detractors, 1);
	assert_close(net.score, 100.0 / 3.0, 1e-15, 0.0);
	loy_answers_destroy(answers);
}

static void trap_no_score_from_no_answers(void **state)
{
	const double values[] = {NAN, 5}, weights[] = {1, 0};
	loy_table table = column(values, 2, weights);
	loy_answers *answers = scale_of(0, 10, 0, LOY_WEIGHT_SURVEY);
	loy_net net = {.struct_size = sizeof(net), .score = 7.0};
	loy_share share = {.struct_size = sizeof(share)};
	loy_mean mean = {.struct_size = sizeof(mean)};
	loy_interval limits = {.struct_size = sizeof(limits)};

	(void)state;
	assert_int_equal(loy_answers_add(answers, &table, 0, NULL),
	                 LOY_OK); /* one missing, one that stands for nobody */
	assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_EUNKNOWN);
	assert_true(net.score == 7.0);
	assert_int_equal(loy_answers_net_interval(answers, NULL, LOY_SURVEY_SCORE, 0.0, &limits),
	                 LOY_EUNKNOWN);
	assert_int_equal(loy_answers_share(answers, 9, 10, &share), LOY_EUNKNOWN);
	assert_int_equal(loy_answers_share_interval(answers, 9, 10, LOY_SURVEY_EXACT, 0.0, &limits),
	                 LOY_EUNKNOWN);
	assert_int_equal(loy_answers_mean(answers, 0.0, &mean), LOY_EUNKNOWN);
	assert_int_equal(loy_answers_count(answers, 4, 1), LOY_OK);
	assert_int_equal(loy_answers_net_interval(answers, NULL, LOY_SURVEY_STUDENT, 0.0, &limits),
	                 LOY_EUNKNOWN);
	assert_int_equal(loy_answers_mean(answers, 0.0, &mean), LOY_OK);
	assert_true(mean.mean == 4.0 && isnan(mean.spread) && isnan(mean.low) && isnan(mean.skewness));
	loy_answers_destroy(answers);
}

static void trap_answers_off_the_scale_are_refused(void **state)
{
	static const double bad[] = {11, -1, 4.5, 1e300, INFINITY, -INFINITY, 0x1p53};
	loy_answers *answers = scale_of(0, 10, 0, LOY_WEIGHT_FREQUENCY);
	uint64_t rows = 7;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(bad); i++) {
		const double values[] = {5, bad[i]};
		loy_table table = column(values, 2, NULL);
		loy_error error = {.struct_size = sizeof(error)};

		assert_int_equal(loy_answers_add(answers, &table, 0, &error), LOY_ERANGE);
		assert_int_equal(error.row, 1);
	}
	assert_int_equal(loy_answers_count(answers, 11, 1), LOY_ERANGE);
	assert_int_equal(loy_answers_get(answers, 5, &rows, NULL), LOY_OK);
	assert_int_equal(rows, 0);
	loy_answers_destroy(answers);
}

/* ---- the score interval ---- */

/* At each limit the score test is just rejected: with the most likely shares found by a plain search. */
static double score_z(double up, double down, double n, double at)
{
	double best = -INFINITY, chosen = 0.0, low = at < 0.0 ? -at : 0.0, high = (1.0 - at) / 2.0,
	       width = high - low;
	int round, i;

	for (round = 0; round < 12; round++) { /* of those against, finer each time */
		double start = chosen - width < low ? low : chosen - width;
		double end = round == 0 ? high : chosen + width > high ? high : chosen + width;

		start = round == 0 ? low : start;
		for (i = 0; i <= 200; i++) {
			double q = start + (end - start) * i / 200.0, p = q + at, rest = 1.0 - p - q;
			double l = (up > 0 ? up * log(p) : 0.0) + (down > 0 ? down * log(q) : 0.0) +
			           (n - up - down > 0 ? (n - up - down) * log(rest) : 0.0);

			if (l > best) {
				best = l;
				chosen = q;
			}
		}
		width = (end - start) / 50.0;
	}
	return (up - down - n * at) / sqrt(n * (2.0 * chosen + at - at * at));
}

static void score_limits_are_what_a_score_test_says(void **state)
{
	static const uint64_t cases[][3] = {{15, 25, 60}, {3, 3, 4}, {20, 1, 9}, {0, 5, 7}, {40, 5, 0}};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(cases); i++) {
		loy_answers *answers = counted(cases[i][0], cases[i][1], cases[i][2]);
		loy_interval limits = limits_of(answers, LOY_SURVEY_SCORE);
		double up = (double)cases[i][2], down = (double)cases[i][0],
		       n = up + down + (double)cases[i][1];

		/* the plain search finds shares to 1e-6, and z as well as that */
		assert_close(score_z(up, down, n, limits.high / 100.0), -1.959963984540054, 1e-5, 0.0);
		assert_close(score_z(up, down, n, limits.low / 100.0), 1.959963984540054, 1e-5, 0.0);
		loy_answers_destroy(answers);
	}
}

/* ---- order, split, weights ---- */

enum { ROWS = 400 };

static void invent(double *values, double *weights)
{
	loy__random r;
	size_t i;

	loy__random_init(&r, 31);
	for (i = 0; i < ROWS; i++) {
		values[i] = i % 17 == 0 ? (double)NAN : (double)loy__random_below(&r, 11);
		weights[i] = 0.1 + 3.0 * loy__random_unit(&r);
	}
}

static void read_all(const loy_answers *answers, double out[12])
{
	loy_net net = {.struct_size = sizeof(net)};
	loy_mean mean = {.struct_size = sizeof(mean)};
	loy_interval limits = {.struct_size = sizeof(limits)};

	assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_OK);
	assert_int_equal(loy_answers_mean(answers, 0.9, &mean), LOY_OK);
	assert_int_equal(loy_answers_net_interval(answers, NULL, LOY_SURVEY_SCORE, 0.9, &limits), LOY_OK);
	out[0] = net.score;
	out[1] = net.variance;
	out[2] = net.deviation;
	out[3] = net.effective;
	out[4] = mean.mean;
	out[5] = mean.spread;
	out[6] = mean.deviation;
	out[7] = mean.skewness;
	out[8] = mean.kurtosis;
	out[9] = limits.low;
	out[10] = limits.high;
	out[11] = (double)net.missing;
}

static void order_and_split_change_no_bit(void **state)
{
	double values[ROWS], weights[ROWS], turned[ROWS], turned_weights[ROWS], expected[12], found[12];
	loy_answers *whole = scale_of(0, 10, 0, LOY_WEIGHT_SURVEY),
	            *a = scale_of(0, 10, 0, LOY_WEIGHT_SURVEY);
	loy_answers *b = scale_of(0, 10, 0, LOY_WEIGHT_SURVEY);
	loy_table table;
	size_t i;

	(void)state;
	invent(values, weights);
	table = column(values, ROWS, weights);
	assert_int_equal(loy_answers_add(whole, &table, 0, NULL), LOY_OK);
	read_all(whole, expected);
	for (i = 0; i < ROWS; i++) {
		turned[i] = values[i * 7 % ROWS];
		turned_weights[i] = weights[i * 7 % ROWS];
	}
	for (i = 0; i < ROWS; i++) {
		table = column(turned + i, 1, turned_weights + i);
		assert_int_equal(loy_answers_add(i % 3 == 0 ? a : b, &table, 0, NULL), LOY_OK);
	}
	assert_int_equal(loy_answers_merge(b, a), LOY_OK);
	read_all(b, found);
	assert_memory_equal(found, expected, sizeof(found));
	assert_int_equal(loy_answers_merge(b, b), LOY_OK); /* itself: all twice */
	read_all(b, found);
	assert_bits_equal(found[0], expected[0]);
	loy_answers_destroy(whole);
	loy_answers_destroy(a);
	loy_answers_destroy(b);
}

static void weights_are_repeated_answers(void **state)
{
	loy_answers *weighted = scale_of(0, 10, 0, LOY_WEIGHT_FREQUENCY), *repeated = counted(30, 20, 50);
	const double values[] = {3, 8, 10, 10}, weights[] = {30, 20, 45, 5};
	loy_table table = column(values, 4, weights);
	double a[12], b[12];
	uint64_t rows;
	double weight;

	(void)state;
	assert_int_equal(loy_answers_add(weighted, &table, 0, NULL), LOY_OK);
	read_all(weighted, a);
	read_all(repeated, b);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(loy_answers_get(weighted, 10, &rows, &weight), LOY_OK);
	assert_int_equal(rows, 2);
	assert_true(weight == 50.0);
	loy_answers_destroy(weighted);
	loy_answers_destroy(repeated);
}

/* Equal weights say nothing; others take answers away, by the formula stated. */
static void survey_weights_use_the_linearised_variance(void **state)
{
	double values[ROWS], weights[ROWS], same[ROWS], sum = 0.0, mean = 0.0, squares = 0.0;
	loy_answers *plain = scale_of(0, 10, 0, LOY_WEIGHT_FREQUENCY),
	            *even = scale_of(0, 10, 0, LOY_WEIGHT_SURVEY);
	loy_answers *uneven = scale_of(0, 10, 0, LOY_WEIGHT_SURVEY);
	loy_mean m = {.struct_size = sizeof(m)};
	loy_net net = {.struct_size = sizeof(net)};
	loy_share share = {.struct_size = sizeof(share)};
	loy_interval limits = {.struct_size = sizeof(limits)}, wilson = limits;
	double a[12], b[12], n = 0.0;
	loy_table table;
	size_t i;

	(void)state;
	invent(values, weights);
	for (i = 0; i < ROWS; i++)
		same[i] = 4.0;
	table = column(values, ROWS, NULL);
	assert_int_equal(loy_answers_add(plain, &table, 0, NULL), LOY_OK);
	table = column(values, ROWS, same);
	assert_int_equal(loy_answers_add(even, &table, 0, NULL), LOY_OK);
	table = column(values, ROWS, weights);
	assert_int_equal(loy_answers_add(uneven, &table, 0, NULL), LOY_OK);
	read_all(plain, a);
	read_all(even, b);
	for (i = 0; i < 12; i++) /* rounded in other places */
		assert_close(b[i], a[i], 1e-12, 1e-12);
	for (i = 0; i < ROWS; i++) {
		if (values[i] == values[i]) {
			sum += weights[i];
			mean += weights[i] * values[i];
			n += 1.0;
		}
	}
	mean /= sum;
	for (i = 0; i < ROWS; i++) {
		if (values[i] == values[i])
			squares += weights[i] * weights[i] * (values[i] - mean) * (values[i] - mean);
	}
	assert_int_equal(loy_answers_mean(uneven, 0.0, &m), LOY_OK);
	assert_close(m.mean, mean, 1e-11, 0.0); /* weights are on a grid of 1e-12 */
	assert_close(m.deviation, sqrt(squares / (sum * sum) * n / (n - 1.0)), 1e-11, 0.0);
	assert_int_equal(loy_answers_net(uneven, NULL, &net), LOY_OK);
	assert_true(net.effective < net.n && net.n == n);
	assert_int_equal(loy_answers_share(uneven, 9, 10, &share), LOY_OK);
	assert_close(share.deviation, sqrt(share.share * (1.0 - share.share) / share.effective), 1e-12, 0.0);
	assert_int_equal(loy_answers_share_interval(uneven, 9, 10, LOY_SURVEY_SCORE, 0.95, &wilson), LOY_OK);
	assert_int_equal(loy_answers_share_interval(uneven, 9, 10, LOY_SURVEY_EXACT, 0.95, &limits), LOY_OK);
	assert_true(limits.low < wilson.low && wilson.high < limits.high + 0.01);
	loy_answers_destroy(plain);
	loy_answers_destroy(even);
	loy_answers_destroy(uneven);
}

/* Where answers do not vary the effective number is Kish's. */
static void effective_number_of_equal_answers(void **state)
{
	const double values[] = {10, 10, 10}, weights[] = {1, 2, 3};
	loy_table table = column(values, 3, weights);
	loy_answers *answers = scale_of(0, 10, 0, LOY_WEIGHT_SURVEY);
	loy_net net = {.struct_size = sizeof(net)};

	(void)state;
	assert_int_equal(loy_answers_add(answers, &table, 0, NULL), LOY_OK);
	assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_OK);
	assert_close(net.effective, 36.0 / 14.0, 1e-15, 0.0);
	assert_true(net.n == 3.0 && net.variance == 0.0);
	loy_answers_destroy(answers);
}

/* ---- means, shares, differences by hand ---- */

static void means_by_hand(void **state)
{
	loy_answers *answers = scale_of(1, 7, 0, LOY_WEIGHT_FREQUENCY);
	loy_mean m = {.struct_size = sizeof(m)};
	loy_share share = {.struct_size = sizeof(share)};

	(void)state;
	assert_int_equal(loy_answers_count(answers, 1, 1), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 4, 2), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 7, 1), LOY_OK);
	assert_int_equal(loy_answers_mean(answers, 0.0, &m), LOY_OK);
	assert_true(m.mean == 4.0 && m.index == 50.0 && m.skewness == 0.0);
	assert_close(m.spread, sqrt(6.0), 1e-15, 0.0);
	assert_close(m.kurtosis, 2.0 - 3.0, 1e-14, 0.0); /* 40.5 / 4.5² */
	assert_close(m.high - m.low, 2.0 * 3.182446305284263 * sqrt(6.0) / 2.0, 1e-12, 0.0);
	assert_int_equal(loy_answers_share(answers, 4, 7, &share), LOY_OK);
	assert_true(share.hits == 3 && share.share == 0.75);
	loy_answers_destroy(answers);
}

static void differences(void **state)
{
	loy_answers *one = counted(0, 0, 5), *two = counted(1, 2, 3);
	loy_net a = {.struct_size = sizeof(a)}, b = a;
	loy_difference d = {.struct_size = sizeof(d)};

	(void)state;
	assert_int_equal(loy_answers_net(one, NULL, &a), LOY_OK);
	assert_int_equal(loy_answers_net(two, NULL, &b), LOY_OK);
	assert_int_equal(loy_net_difference(&a, &b, 0.0, &d), LOY_OK);
	assert_close(d.difference, 100.0 - 100.0 / 3.0, 1e-14, 0.0);
	assert_close(d.deviation, b.deviation, 1e-15, 0.0);
	assert_close(d.p, erfc(d.z / sqrt(2.0)), 1e-12, 0.0);
	assert_int_equal(loy_net_difference(&a, &a, 0.0, &d), LOY_OK);
	assert_true(d.difference == 0.0 && isnan(d.z) && isnan(d.p));
	assert_int_equal(loy_net_difference(&a, NULL, 0.0, &d), LOY_EINVAL);
	assert_int_equal(loy_net_difference(&a, &b, 1.0, &d), LOY_EINVAL);
	a.score = NAN;
	assert_int_equal(loy_net_difference(&a, &b, 0.0, &d), LOY_EINVAL);
	loy_answers_destroy(one);
	loy_answers_destroy(two);
}

/* ---- service quality ---- */

static void gaps_by_hand(void **state)
{
	/* two items of one dimension, one of another: expectations, then perceptions */
	static const double rows[4][6] = {
	        {7, 6, 5, 5, 6, 5}, {6, 6, 7, 6, 4, 6}, {5, 7, 6, 3, 6, 7}, {7, 5, 7, 5, 3, 6}};
	static const uint32_t expectation[] = {0, 1, 2}, perception[] = {3, 4, 5}, dimension[] = {0, 0, 1};
	static const double weights[] = {3, 1};
	loy_service service = {.struct_size = sizeof(service), .items = 3, .dimensions = 2};
	loy_service_gap items[3], dims[2], all;
	struct sheet *s = sheet_new(4, 6);
	loy_moments *moments = NULL;
	loy_table table = sheet_table(s);
	double mean = 0.0, square = 0.0;
	size_t r;

	(void)state;
	memcpy(s->values, rows, sizeof(rows));
	assert_int_equal(loy_moments_create(&moments, 6, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	service.expectation = expectation;
	service.perception = perception;
	service.dimension = dimension;
	service.weights = weights;
	assert_int_equal(loy_service_gaps(moments, &service, items, dims, &all, NULL, NULL), LOY_OK);
	for (r = 0; r < 4; r++) {
		double gap = 0.75 * 0.5 * (rows[r][3] - rows[r][0] + rows[r][4] - rows[r][1]) +
		             0.25 * (rows[r][5] - rows[r][2]);

		mean += gap / 4.0;
		square += gap * gap;
	}
	assert_close(all.gap, mean, 1e-14, 0.0);
	assert_close(all.spread, sqrt((square - 4.0 * mean * mean) / 3.0), 1e-13, 0.0);
	assert_close(all.t, mean / (all.spread / 2.0), 1e-13, 0.0);
	assert_close(items[0].gap, (5 + 6 + 3 + 5 - 7 - 6 - 5 - 7) / 4.0, 1e-14, 0.0);
	assert_close(dims[1].gap, items[2].gap, 1e-15, 0.0);
	assert_close(dims[0].gap, 0.5 * (items[0].gap + items[1].gap), 1e-14, 0.0);
	service.expectation = NULL; /* performance alone */
	assert_int_equal(loy_service_gaps(moments, &service, items, NULL, &all, NULL, NULL), LOY_OK);
	assert_close(items[0].perception, 19.0 / 4.0, 1e-15, 0.0);
	assert_true(isnan(items[0].expectation) && isnan(items[0].t) && items[0].gap == items[0].perception);
	loy_moments_destroy(moments);
	sheet_free(s);
}

static void hostile_service(void **state)
{
	static const uint32_t perception[] = {0, 1}, dimension[] = {0, 1}, beyond[] = {0, 9}, gap[] = {0, 2},
	                      same[] = {0, 0};
	static const double negative[] = {1, -1}, nothing[] = {0, 0};
	const loy_service good = {.struct_size = sizeof(good),
	                          .items = 2,
	                          .perception = perception,
	                          .dimension = dimension,
	                          .dimensions = 2};
	loy_service s = good;
	loy_service_gap items[2];
	loy_moments *moments = NULL;

	(void)state;
	assert_int_equal(loy_moments_create(&moments, 2, LOY_MISSING_LISTWISE, NULL), LOY_OK);
#define REFUSED(status)                                                                                      \
	assert_int_equal(loy_service_gaps(moments, &s, items, NULL, NULL, NULL, NULL), status);              \
	s = good
	REFUSED(LOY_EUNKNOWN); /* no rows */
	s.items = 0;
	REFUSED(LOY_EINVAL);
	s.items = 257;
	REFUSED(LOY_EINVAL);
	s.perception = NULL;
	REFUSED(LOY_EINVAL);
	s.perception = beyond;
	REFUSED(LOY_ENOTFOUND);
	s.expectation = beyond;
	REFUSED(LOY_ENOTFOUND);
	s.dimension = gap;
	REFUSED(LOY_EINVAL);
	s.dimension = same;
	REFUSED(LOY_EINVAL); /* a dimension without an item */
	s.dimensions = 65;
	REFUSED(LOY_EINVAL);
	s.weights = negative;
	REFUSED(LOY_EINVAL);
	s.weights = nothing;
	REFUSED(LOY_EINVAL);
	s.weighting = 2;
	REFUSED(LOY_EINVAL);
	s.struct_size = 1;
	REFUSED(LOY_EINVAL);
#undef REFUSED
	assert_int_equal(loy_service_gaps(NULL, &s, items, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_service_gaps(moments, NULL, items, NULL, NULL, NULL, NULL), LOY_EINVAL);
	loy_moments_destroy(moments);
}

/* ---- hostile arguments, overflow, memory ---- */

static loy_status create_with(loy_scale scale)
{
	loy_answers *answers = (loy_answers *)&scale;
	loy_status status = loy_answers_create(&answers, &scale, NULL);

	assert_null(answers);
	return status;
}

static void hostile_scales(void **state)
{
	const loy_scale good = {.struct_size = sizeof(good), .low = 1, .high = 7};
	loy_scale s = good;
	loy_answers *answers = NULL;

	(void)state;
	s.high = 1;
	assert_int_equal(create_with(s), LOY_EINVAL);
	s.high = INT32_MAX;
	s.low = INT32_MIN;
	assert_int_equal(create_with(s), LOY_EINVAL);
	s = good;
	s.step = 4;
	assert_int_equal(create_with(s), LOY_EINVAL);
	s.step = -1;
	assert_int_equal(create_with(s), LOY_EINVAL);
	s = good;
	s.weighting = 2;
	assert_int_equal(create_with(s), LOY_EINVAL);
	s = good;
	s.reserved = 1;
	assert_int_equal(create_with(s), LOY_EINVAL);
	s = good;
	s.high = 1002;
	assert_int_equal(create_with(s), LOY_ELIMIT);
	assert_int_equal(loy_answers_create(NULL, &good, NULL), LOY_EINVAL);
	assert_int_equal(loy_answers_create(&answers, NULL, NULL), LOY_EINVAL);
	s.low = 0;
	s.high = 100;
	s.step = 20;
	assert_int_equal(loy_answers_create(&answers, &s, NULL), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 40, 1), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 50, 1), LOY_ERANGE);
	loy_answers_destroy(answers);
	loy_answers_destroy(NULL);
}

static void hostile_calls(void **state)
{
	const double values[] = {5}, weights[] = {-1};
	loy_table table = column(values, 1, weights);
	loy_answers *answers = scale_of(0, 10, 0, 0), *other = scale_of(0, 10, 0, 1);
	loy_net small = {.struct_size = 3};
	loy_share share = {.struct_size = sizeof(share)};
	loy_interval limits = {.struct_size = sizeof(limits)};
	loy_mean mean = {.struct_size = sizeof(mean)};
	uint64_t rows;

	(void)state;
	assert_int_equal(loy_answers_add(answers, &table, 0, NULL), LOY_ERANGE);
	table.weights = NULL;
	assert_int_equal(loy_answers_add(answers, &table, 1, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_answers_add(NULL, &table, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_answers_add(answers, NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_answers_add(answers, &table, 0, NULL), LOY_OK);
	assert_int_equal(loy_answers_merge(answers, other), LOY_EINVAL);
	assert_int_equal(loy_answers_merge(NULL, other), LOY_EINVAL);
	assert_int_equal(loy_answers_net(answers, NULL, &small), LOY_EINVAL);
	assert_int_equal(loy_answers_net(NULL, NULL, &small), LOY_EINVAL);
	assert_int_equal(loy_answers_net_interval(answers, NULL, LOY_SURVEY_EXACT, 0.0, &limits), LOY_EINVAL);
	assert_int_equal(loy_answers_net_interval(answers, NULL, LOY_SURVEY_WALD, -0.1, &limits), LOY_EINVAL);
	assert_int_equal(loy_answers_share(answers, 8, 7, &share), LOY_EINVAL);
	assert_int_equal(loy_answers_share(answers, 8, 11, &share), LOY_EINVAL);
	assert_int_equal(loy_answers_share_interval(answers, 8, 9, LOY_SURVEY_STUDENT, 0.0, &limits),
	                 LOY_EINVAL);
	assert_int_equal(loy_answers_share_interval(answers, 8, 9, 5, 0.0, &limits), LOY_EINVAL);
	assert_int_equal(loy_answers_share_interval(answers, 8, 9, LOY_SURVEY_WALD, NAN, &limits),
	                 LOY_EINVAL);
	assert_int_equal(loy_answers_mean(answers, 2.0, &mean), LOY_EINVAL);
	assert_int_equal(loy_answers_mean(NULL, 0.0, &mean), LOY_EINVAL);
	assert_int_equal(loy_answers_get(answers, 11, &rows, NULL), LOY_ERANGE);
	assert_int_equal(loy_answers_get(answers, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_answers_missing(NULL), 0);
	loy_answers_destroy(answers);
	loy_answers_destroy(other);
}

static void too_many_are_refused_and_change_nothing(void **state)
{
	loy_answers *answers = scale_of(0, 10, 0, 0), *other = scale_of(0, 10, 0, 0);
	uint64_t rows;
	double weight;

	(void)state;
	assert_int_equal(loy_answers_count(answers, 4, UINT64_MAX), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 4, 1), LOY_EOVERFLOW);
	assert_int_equal(loy_answers_count(other, 3, 5), LOY_OK);
	assert_int_equal(loy_answers_count(other, 4, 1), LOY_OK);
	assert_int_equal(loy_answers_merge(answers, other), LOY_EOVERFLOW);
	assert_int_equal(loy_answers_get(answers, 3, &rows, &weight), LOY_OK);
	assert_true(rows == 0 && weight == 0.0);
	assert_int_equal(loy_answers_get(answers, 4, &rows, &weight), LOY_OK);
	assert_true(rows == UINT64_MAX && weight == 0x1p64);
	loy_answers_destroy(answers);
	loy_answers_destroy(other);
}

static void out_of_memory(void **state)
{
	static const uint32_t perception[] = {0}, dimension[] = {0};
	loy_service service = {.struct_size = sizeof(service),
	                       .items = 1,
	                       .perception = perception,
	                       .dimension = dimension,
	                       .dimensions = 1};
	const loy_scale scale = {.struct_size = sizeof(scale), .high = 10};
	const double values[] = {5, 6};
	loy_table table = column(values, 2, NULL);
	loy_moments *moments = NULL;
	loy_status status = LOY_ENOMEM;
	loy_service_gap gap;
	long n;

	(void)state;
	assert_int_equal(loy_moments_create(&moments, 1, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_answers *answers = NULL;
		uint64_t rows = 0;

		status = loy_answers_create(&answers, &scale, &memory);
		if (status == LOY_OK)
			status = loy_answers_add(answers, &table, 0, NULL);
		if (status != LOY_OK && answers != NULL) {
			assert_int_equal(loy_answers_get(answers, 5, &rows, NULL), LOY_OK);
			assert_int_equal(rows, 0);
		}
		if (status == LOY_OK)
			status = loy_service_gaps(moments, &service, &gap, NULL, NULL, &memory, NULL);
		loy_answers_destroy(answers);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 3);
	loy_moments_destroy(moments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(trap_all_promoters_have_a_wald_interval_of_width_0_and_it_is_said),
	        cmocka_unit_test(trap_intervals_never_come_in_the_wrong_order),
	        cmocka_unit_test(trap_other_scales_are_refused_unless_their_bands_are_declared),
	        cmocka_unit_test(trap_missing_codes_are_declared_and_never_detractors),
	        cmocka_unit_test(trap_no_score_from_no_answers),
	        cmocka_unit_test(trap_answers_off_the_scale_are_refused),
	        cmocka_unit_test(score_limits_are_what_a_score_test_says),
	        cmocka_unit_test(order_and_split_change_no_bit),
	        cmocka_unit_test(weights_are_repeated_answers),
	        cmocka_unit_test(survey_weights_use_the_linearised_variance),
	        cmocka_unit_test(effective_number_of_equal_answers),
	        cmocka_unit_test(means_by_hand),
	        cmocka_unit_test(differences),
	        cmocka_unit_test(gaps_by_hand),
	        cmocka_unit_test(hostile_service),
	        cmocka_unit_test(hostile_scales),
	        cmocka_unit_test(hostile_calls),
	        cmocka_unit_test(too_many_are_refused_and_change_nothing),
	        cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
