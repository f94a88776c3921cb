/* Surveys: net scores, shares and means with all their limits, gaps of service quality, items. */
#include "golden.h"

#include <loyalty.h>

#define ROWS  240u
#define ITEMS 6u

static double values[ROWS * ITEMS], weights[ROWS];

static void invent(void)
{
	uint64_t i, j;

	for (i = 0; i < ROWS; i++) {
		double common = golden_input(9 * i, 0.0, 6.0);

		weights[i] = golden_input(9 * i + 1, 0.2, 4.0);
		for (j = 0; j < ITEMS; j++)
			values[i * ITEMS + j] = (double)(int)(common + golden_input(9 * i + 2 + j, 0.0, 4.9));
		if (i % 31 == 0)
			values[i * ITEMS + i % ITEMS] = -99.0;
	}
}

static loy_table table_of(void)
{
	static const double code = -99.0;
	loy_table table = {0};

	table.struct_size = sizeof(table);
	table.columns = ITEMS;
	table.rows = ROWS;
	table.values = values;
	table.row_stride = ITEMS * (int64_t)sizeof(double);
	table.column_stride = sizeof(double);
	table.weights = weights;
	table.weight_stride = sizeof(double);
	table.codes = &code;
	table.code_count = 1;
	return table;
}

static void limits(struct golden *g, const loy_answers *answers)
{
	uint32_t method;

	for (method = LOY_SURVEY_WALD; method <= LOY_SURVEY_EXACT; method++) {
		loy_interval i = {0};

		i.struct_size = sizeof(i);
		if (method != LOY_SURVEY_EXACT) {
			golden_check(g, loy_answers_net_interval(answers, NULL, method, 0.9, &i) == LOY_OK,
			             "limits");
			golden_double(g, i.low);
			golden_double(g, i.high);
		}
		if (method != LOY_SURVEY_STUDENT) {
			golden_check(g, loy_answers_share_interval(answers, 9, 10, method, 0.9, &i) == LOY_OK,
			             "limits");
			golden_double(g, i.low);
			golden_double(g, i.high);
		}
	}
}

static void answers(struct golden *g, uint32_t weighting)
{
	loy_table table = table_of();
	loy_scale scale = {0};
	loy_answers *made = NULL;
	loy_net net = {0}, other = {0};
	loy_mean mean = {0};
	loy_difference d = {0};

	scale.struct_size = sizeof(scale);
	scale.weighting = weighting;
	scale.high = 10;
	net.struct_size = other.struct_size = sizeof(net);
	mean.struct_size = sizeof(mean);
	d.struct_size = sizeof(d);
	golden_check(g, loy_answers_create(&made, &scale, NULL) == LOY_OK, "creating");
	golden_check(g, loy_answers_add(made, &table, 0, NULL) == LOY_OK, "adding");
	golden_check(g, loy_answers_net(made, NULL, &net) == LOY_OK, "net score");
	golden_u64(g, net.detractors);
	golden_double(g, net.score);
	golden_double(g, net.deviation);
	golden_double(g, net.effective);
	golden_check(g, loy_answers_mean(made, 0.0, &mean) == LOY_OK, "mean");
	golden_double(g, mean.mean);
	golden_double(g, mean.low);
	golden_double(g, mean.skewness);
	golden_double(g, mean.kurtosis);
	limits(g, made);
	golden_check(g, loy_answers_add(made, &table, 3, NULL) == LOY_OK, "adding");
	golden_check(g, loy_answers_net(made, NULL, &other) == LOY_OK, "net score");
	golden_check(g, loy_net_difference(&net, &other, 0.0, &d) == LOY_OK, "difference");
	golden_double(g, d.p);
	loy_answers_destroy(made);
}

static void gap(struct golden *g, const loy_service_gap *at)
{
	golden_double(g, at->gap);
	golden_double(g, at->spread);
	golden_double(g, at->p);
}

static void service(struct golden *g, uint32_t weighting)
{
	static const uint32_t expectation[3] = {0, 1, 2}, perception[3] = {3, 4, 5}, dimension[3] = {0, 1, 0};
	static const double weight[2] = {1.0, 2.5};
	loy_table table = table_of();
	loy_service s = {0};
	loy_moments *moments = NULL;
	loy_service_gap items[3], dimensions[2], all;
	int i;

	s.struct_size = sizeof(s);
	s.items = 3;
	s.dimensions = 2;
	s.expectation = expectation;
	s.perception = perception;
	s.dimension = dimension;
	s.weights = weight;
	s.weighting = weighting;
	golden_check(g, loy_moments_create(&moments, ITEMS, LOY_MISSING_LISTWISE, NULL) == LOY_OK, "moments");
	golden_check(g, loy_moments_add(moments, &table, NULL) == LOY_OK, "adding");
	golden_check(g, loy_service_gaps(moments, &s, items, dimensions, &all, NULL, NULL) == LOY_OK, "gaps");
	for (i = 0; i < 3; i++)
		gap(g, &items[i]);
	gap(g, &dimensions[0]);
	gap(g, &dimensions[1]);
	gap(g, &all);
	loy_moments_destroy(moments);
}

static void block(struct golden *g, uint32_t missing, uint32_t weighting)
{
	static const int8_t keys[ITEMS] = {1, 1, -1, 1, 1, 1};
	loy_table table = table_of();
	loy_items_options options = {0};
	loy_reliability r = {0};
	loy_items *items = NULL;
	loy_item each[ITEMS];
	double eigenvalues[ITEMS];
	uint32_t i;

	options.struct_size = sizeof(options);
	options.count = ITEMS;
	options.missing = missing;
	options.weighting = weighting;
	options.keys = keys;
	options.high = 10.0;
	r.struct_size = sizeof(r);
	golden_check(g, loy_items_create(&items, &options, NULL) == LOY_OK, "creating");
	golden_check(g, loy_items_add(items, &table, NULL) == LOY_OK, "adding");
	golden_check(g, loy_items_analyse(items, &r, each, eigenvalues, NULL, NULL) == LOY_OK, "analysing");
	golden_double(g, r.alpha);
	golden_double(g, r.alpha_standardised);
	golden_double(g, r.lambda6);
	golden_double(g, r.median_r);
	golden_double(g, r.alpha_deviation);
	golden_double(g, r.alpha_low);
	golden_double(g, r.spread);
	golden_double(g, r.kmo);
	golden_double(g, r.bartlett_p);
	for (i = 0; i < ITEMS; i++) {
		golden_double(g, each[i].mean);
		golden_double(g, each[i].skewness);
		golden_double(g, each[i].kurtosis);
		golden_double(g, each[i].with_score);
		golden_double(g, each[i].with_rest);
		golden_double(g, each[i].alpha_without);
		golden_double(g, each[i].multiple);
		golden_double(g, eigenvalues[i]);
	}
	loy_items_destroy(items);
}

void golden_survey(struct golden *g)
{
	uint32_t weighting;

	invent();
	golden_begin(g, "answers");
	for (weighting = 0; weighting < 2; weighting++)
		answers(g, weighting);
	golden_end(g);
	golden_begin(g, "service");
	for (weighting = 0; weighting < 2; weighting++)
		service(g, weighting);
	golden_end(g);
	golden_begin(g, "items");
	for (weighting = 0; weighting < 2; weighting++) {
		block(g, LOY_MISSING_LISTWISE, weighting);
		block(g, LOY_MISSING_PAIRWISE, weighting);
	}
	golden_end(g);
}
