/* Net scores, shares, means and gaps against the reference: real answers, synthetic edges, service quality. */
#include "regressions.h"

#include <math.h>

/* Answers of a case: a column of a file, some rows of it. */
static loy_answers *answers_of_file(const char *path, const char *column, const char *filter,
                                    const char *value, int32_t low, int32_t high)
{
	loy_scale scale = {.struct_size = sizeof(scale), .low = low, .high = high};
	struct csv *csv = shared_csv_or_skip(path);
	size_t at = csv_column(csv, column), by = filter != NULL ? csv_column(csv, filter) : 0;
	loy_answers *answers = NULL;

	assert_int_equal(loy_answers_create(&answers, &scale, NULL), LOY_OK);
	while (csv_next(csv)) {
		if (filter == NULL || strcmp(csv_text(csv, by), value) == 0)
			assert_int_equal(loy_answers_count(answers, (int32_t)csv_i64(csv, at), 1), LOY_OK);
	}
	csv_close(csv);
	return answers;
}

static loy_answers *counted(uint64_t detractors, uint64_t passives, uint64_t promoters)
{
	loy_scale scale = {.struct_size = sizeof(scale), .high = 10};
	loy_answers *answers = NULL;

	assert_int_equal(loy_answers_create(&answers, &scale, NULL), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 6, detractors), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 7, passives), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 9, promoters), LOY_OK);
	return answers;
}

static loy_answers *net_case(const char *name)
{
	if (strcmp(name, "nps_testdata:REC") == 0)
		return answers_of_file("data/nps_testdata.csv", "REC", NULL, NULL, 0, 10);
	if (strncmp(name, "nps_testdata:REC:BU=", 20) == 0)
		return answers_of_file("data/nps_testdata.csv", "REC", "BU", name + 20, 0, 10);
	if (strcmp(name, "loyalty_sim_dev:nps") == 0)
		return answers_of_file("data/loyalty_sim_dev.csv", "nps", NULL, NULL, 0, 10);
	if (strncmp(name, "loyalty_sim_dev:nps:segment=", 28) == 0)
		return answers_of_file("data/loyalty_sim_dev.csv", "nps", "segment", name + 28, 0, 10);
	if (strcmp(name, "satisfaction_bank:loy3") == 0)
		return answers_of_file("data/satisfaction_bank.csv", "loy3", NULL, NULL, 0, 10);
	if (strcmp(name, "synthetic:all_promoters_n20") == 0)
		return counted(0, 0, 20);
	if (strcmp(name, "synthetic:all_detractors_n5") == 0)
		return counted(5, 0, 0);
	if (strcmp(name, "synthetic:all_passive_n7") == 0)
		return counted(0, 7, 0);
	if (strcmp(name, "synthetic:one_promoter_n1") == 0)
		return counted(0, 0, 1);
	if (strcmp(name, "synthetic:half_half_n10") == 0)
		return counted(5, 0, 5);
	if (strcmp(name, "synthetic:60_25_15_n100") == 0)
		return counted(15, 25, 60);
	return NULL;
}

static double net_measure(const loy_answers *answers, const char *measure)
{
	static const struct {
		const char *prefix;
		uint32_t method;
	} methods[] = {
	        {"wald_", LOY_SURVEY_WALD}, {"t_", LOY_SURVEY_STUDENT}, {"adjwald_", LOY_SURVEY_ADJUSTED}};
	loy_net net = {.struct_size = sizeof(net)};
	loy_interval limits = {.struct_size = sizeof(limits)};
	size_t i;

	assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_OK);
	for (i = 0; i < LOY__COUNT(methods); i++) {
		size_t length = strlen(methods[i].prefix);

		if (strncmp(measure, methods[i].prefix, length) != 0)
			continue;
		assert_int_equal(loy_answers_net_interval(answers, NULL, methods[i].method, 0.0, &limits),
		                 LOY_OK);
		assert_true(limits.low <= limits.high);
		return strcmp(measure + length, "lo") == 0   ? limits.low
		       : strcmp(measure + length, "hi") == 0 ? limits.high
		                                             : limits.centre;
	}
	return strcmp(measure, "n") == 0            ? net.n
	       : strcmp(measure, "detractors") == 0 ? (double)net.detractors
	       : strcmp(measure, "passives") == 0   ? (double)net.passives
	       : strcmp(measure, "promoters") == 0  ? (double)net.promoters
	       : strcmp(measure, "nps") == 0        ? net.score
	       : strcmp(measure, "var") == 0        ? net.variance
	       : strcmp(measure, "se") == 0         ? net.deviation
	       : strcmp(measure, "se_n1") == 0      ? net.deviation * sqrt(net.n / (net.n - 1.0))
	                                            : (double)NAN;
}

static void net_scores(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/sem/nps_csat_ces.csv");
	char name[64] = "";
	loy_answers *answers = NULL;
	size_t checked = 0;

	(void)state;
	while (csv_next(csv)) {
		if (strcmp(name, csv_text(csv, 0)) != 0) {
			loy_answers_destroy(answers);
			snprintf(name, sizeof(name), "%s", csv_text(csv, 0));
			answers = net_case(name);
		}
		if (answers == NULL || csv_empty(csv, 2))
			continue;
		assert_close(net_measure(answers, csv_text(csv, 1)), csv_double(csv, 2), 1e-10, 1e-12);
		checked++;
	}
	loy_answers_destroy(answers);
	assert_true(checked > 200);
	csv_close(csv);
}

static double reference(const char *name, const char *measure)
{
	struct csv *csv = shared_csv_or_skip("reference/sem/nps_csat_ces.csv");
	double value = NAN;

	while (csv_next(csv)) {
		if (strcmp(csv_text(csv, 0), name) == 0 && strcmp(csv_text(csv, 1), measure) == 0)
			value = csv_double(csv, 2);
	}
	csv_close(csv);
	return value;
}

static void difference_of_segments(void **state)
{
	static const char name[] = "diff:loyalty_sim_dev:segment1-segment2";
	loy_answers *one = net_case("loyalty_sim_dev:nps:segment=1"),
	            *two = net_case("loyalty_sim_dev:nps:segment=2");
	loy_net a = {.struct_size = sizeof(a)}, b = a;
	loy_difference d = {.struct_size = sizeof(d)};

	(void)state;
	assert_int_equal(loy_answers_net(one, NULL, &a), LOY_OK);
	assert_int_equal(loy_answers_net(two, NULL, &b), LOY_OK);
	assert_int_equal(loy_net_difference(&a, &b, 0.95, &d), LOY_OK);
	assert_close(d.difference, reference(name, "diff"), 1e-10, 0.0);
	assert_close(d.deviation, reference(name, "se"), 1e-10, 0.0);
	assert_close(d.z, reference(name, "z"), 1e-10, 0.0);
	assert_close(d.p, reference(name, "p_two_sided"), 1e-10, 0.0);
	assert_close(d.low, reference(name, "lo"), 1e-10, 0.0);
	assert_close(d.high, reference(name, "hi"), 1e-10, 0.0);
	loy_answers_destroy(one);
	loy_answers_destroy(two);
}

static void check_share(const loy_answers *answers, const char *name, const char *prefix, int32_t least,
                        int32_t most)
{
	static const struct {
		const char *name;
		uint32_t method;
	} methods[] = {{"wald", LOY_SURVEY_WALD},
	               {"wilson", LOY_SURVEY_SCORE},
	               {"agresti_coull", LOY_SURVEY_ADJUSTED},
	               {"clopper_pearson", LOY_SURVEY_EXACT}};
	loy_share share = {.struct_size = sizeof(share)};
	char measure[64];
	size_t i;

	assert_int_equal(loy_answers_share(answers, least, most, &share), LOY_OK);
	snprintf(measure, sizeof(measure), "%s_k", prefix);
	assert_true((double)share.hits == reference(name, measure));
	snprintf(measure, sizeof(measure), "%s_pct", prefix);
	assert_close(100.0 * share.share, reference(name, measure), 1e-10, 0.0);
	for (i = 0; i < LOY__COUNT(methods); i++) {
		loy_interval limits = {.struct_size = sizeof(limits)};

		assert_int_equal(
		        loy_answers_share_interval(answers, least, most, methods[i].method, 0.95, &limits),
		        LOY_OK);
		snprintf(measure, sizeof(measure), "%s_%s_lo", prefix, methods[i].name);
		assert_close(100.0 * limits.low, reference(name, measure), 1e-10, 1e-12);
		snprintf(measure, sizeof(measure), "%s_%s_hi", prefix, methods[i].name);
		assert_close(100.0 * limits.high, reference(name, measure), 1e-10, 1e-12);
	}
}

static void check_mean(const loy_answers *answers, const char *name, const char *prefix)
{
	loy_mean mean = {.struct_size = sizeof(mean)};
	char measure[64];

	assert_int_equal(loy_answers_mean(answers, 0.0, &mean), LOY_OK);
	snprintf(measure, sizeof(measure), "%s_mean", prefix);
	assert_close(mean.mean, reference(name, measure), 1e-10, 0.0);
	snprintf(measure, sizeof(measure), "%s_sd", prefix);
	assert_close(mean.spread, reference(name, measure), 1e-10, 0.0);
	snprintf(measure, sizeof(measure), "%s_t_lo", prefix);
	assert_close(mean.low, reference(name, measure), 1e-10, 0.0);
	snprintf(measure, sizeof(measure), "%s_t_hi", prefix);
	assert_close(mean.high, reference(name, measure), 1e-10, 0.0);
}

static void satisfaction(void **state)
{
	static const char *const items[] = {"sat1", "sat2", "sat3", "tru1"};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(items); i++) {
		int32_t high = i < 3 ? 10 : 7;
		loy_answers *answers =
		        answers_of_file("data/loyalty_sim_dev.csv", items[i], NULL, NULL, 1, high);
		char name[64];

		snprintf(name, sizeof(name), "loyalty_sim_dev:%s:top2box", items[i]);
		check_share(answers, name, "t2b", high - 1, high);
		snprintf(name, sizeof(name), "loyalty_sim_dev:%s:bottom2box", items[i]);
		check_share(answers, name, "b2b", 1, 2);
		snprintf(name, sizeof(name), "loyalty_sim_dev:%s:mean", items[i]);
		check_mean(answers, name, "mean");
		loy_answers_destroy(answers);
	}
}

static void synthetic_shares(void **state)
{
	static const struct {
		const char *name;
		uint64_t others, hits;
	} cases[] = {{"synthetic:csat_0_of_12", 12, 0},
	             {"synthetic:csat_12_of_12", 0, 12},
	             {"synthetic:csat_1_of_1", 0, 1}};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(cases); i++) {
		loy_answers *answers = counted(cases[i].others, 0, cases[i].hits);

		check_share(answers, cases[i].name, "t2b", 9, 10);
		loy_answers_destroy(answers);
	}
}

static void effort(void **state)
{
	loy_answers *answers = answers_of_file("data/loyalty_sim_dev.csv", "ces", NULL, NULL, 1, 7);
	loy_bands bands = {.struct_size = sizeof(bands), .detractor_most = 3, .promoter_least = 5};
	loy_net net = {.struct_size = sizeof(net)};

	(void)state;
	check_mean(answers, "loyalty_sim_dev:ces:mean(1-7)", "ces");
	check_share(answers, "loyalty_sim_dev:ces:agree(5-7)", "agree", 5, 7);
	assert_int_equal(loy_answers_net(answers, &bands, &net), LOY_OK);
	assert_close(net.score, reference("loyalty_sim_dev:ces:net(5-7 minus 1-3)", "net"), 1e-10, 0.0);
	loy_answers_destroy(answers);
}

static void intervals_of_shares(void **state)
{
	static const struct {
		const char *name;
		uint32_t method;
	} methods[] = {{"wald", LOY_SURVEY_WALD},
	               {"wilson", LOY_SURVEY_SCORE},
	               {"agresti_coull", LOY_SURVEY_ADJUSTED},
	               {"clopper_pearson", LOY_SURVEY_EXACT}};
	struct csv *csv = shared_csv_or_skip("reference/stats/ab_proportion_intervals.csv");

	(void)state;
	while (csv_next(csv)) {
		uint64_t hits = (uint64_t)csv_i64(csv, 0), n = (uint64_t)csv_i64(csv, 1);
		loy_answers *answers = counted(n - hits, 0, hits);
		size_t i;

		for (i = 0; i < LOY__COUNT(methods); i++) {
			loy_interval limits = {.struct_size = sizeof(limits)};
			char column[64];

			assert_int_equal(loy_answers_share_interval(answers, 9, 10, methods[i].method,
			                                            csv_double(csv, 2), &limits),
			                 LOY_OK);
			snprintf(column, sizeof(column), "%s_lo", methods[i].name);
			/* limits next to 0 are differences: absolute there */
			assert_close(limits.low, csv_double(csv, csv_column(csv, column)), 1e-10, 1e-15);
			snprintf(column, sizeof(column), "%s_hi", methods[i].name);
			assert_close(limits.high, csv_double(csv, csv_column(csv, column)), 1e-10, 1e-15);
		}
		loy_answers_destroy(answers);
	}
	csv_close(csv);
}

static void service_quality(void **state)
{
	static const char items[] =
	        "tan1 tan2 tan3 tan4 rel1 rel2 rel3 rel4 rel5 res1 res2 res3 res4 ass1 ass2 ass3 ass4 "
	        "emp1 emp2 emp3 emp4 emp5";
	static const uint32_t dimension[22] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2,
	                                       2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4};
	struct csv *csv = shared_csv_or_skip("reference/sem/servqual_loyalty_sim.csv");
	char names[600] = "";
	uint32_t expectation[22], perception[22], i;
	loy_service service = {.struct_size = sizeof(service), .items = 22, .dimensions = 5};
	loy_service_gap item[22], dimensions[5], overall;
	struct sheet *s;
	loy_moments *moments = NULL;
	loy_table table;
	const char *at = items;

	(void)state;
	for (i = 0; i < 22; i++) {
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%se_%.4s p_%.4s",
		         i > 0 ? " " : "", at, at);
		at += 5;
		expectation[i] = 2 * i;
		perception[i] = 2 * i + 1;
	}
	s = sheet_shared("data/loyalty_sim_dev.csv", names);
	table = sheet_table(s);
	assert_int_equal(loy_moments_create(&moments, 44, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	service.expectation = expectation;
	service.perception = perception;
	service.dimension = dimension;
	assert_int_equal(loy_service_gaps(moments, &service, item, dimensions, &overall, NULL, NULL), LOY_OK);
	for (i = 0; csv_next(csv); i++) {
		const loy_service_gap *gap = i < 22 ? &item[i] : i < 27 ? &dimensions[i - 22] : &overall;
		double t = csv_double(csv, csv_column(csv, "t"));

		assert_close(gap->n, csv_double(csv, csv_column(csv, "n")), 0.0, 0.0);
		assert_close(gap->expectation, csv_double(csv, csv_column(csv, "mean_e")), 1e-10, 0.0);
		assert_close(gap->perception, csv_double(csv, csv_column(csv, "mean_p")), 1e-10, 0.0);
		assert_close(gap->gap, csv_double(csv, csv_column(csv, "gap")), 1e-10, 0.0);
		assert_close(gap->spread, csv_double(csv, csv_column(csv, "sd_gap")), 1e-10, 0.0);
		assert_close(gap->t, t, 1e-10, 0.0);
		assert_close(gap->p, csv_double(csv, csv_column(csv, "p")), 1e-12 * t * t + 1e-10, 0.0);
	}
	assert_int_equal(i, 28);
	loy_moments_destroy(moments);
	sheet_free(s);
	csv_close(csv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(net_scores),      cmocka_unit_test(difference_of_segments),
	        cmocka_unit_test(satisfaction),    cmocka_unit_test(synthetic_shares),
	        cmocka_unit_test(effort),          cmocka_unit_test(intervals_of_shares),
	        cmocka_unit_test(service_quality),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
