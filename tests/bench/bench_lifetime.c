/*
 * Buying-while-alive models on a simulated cohort (BG/NBD with gamma-gamma spend, CDNOW's parameters, ages of 27 to 39
 * weeks by the day): accumulating, fitting, predicting. Processor time; a bare loop over the same rows (read,
 * one multiplication, one comparison) is timed in the same run, because machines and days differ.
 *
 *	bench_lifetime [customers, 1000000] [rounds, 3]
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <math.h>
#include <sys/resource.h>

static uint64_t customers = 1000000;
static int rounds = 3;
static double *x, *t_x, *T, *spend, *alive, *bought;
static volatile double sink;

static double peak_mib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024.0;
}

static double *column(void)
{
	double *p = calloc(customers, sizeof(*p));

	need(p != NULL, "memory");
	return p;
}

static double bare_loop(void)
{
	double start = processor_seconds(), sum = 0.0;
	uint64_t i;

	for (i = 0; i < customers; i++)
		sum += t_x[i] <= T[i] ? x[i] * T[i] : 0.0;
	sink = sum;
	return processor_seconds() - start;
}

static void draw(void)
{
	static const double p[4] = {0.2426, 4.414, 0.793, 2.426}, g[3] = {6.25, 3.744, 15.44};
	loy_lifetime *model = NULL, *priced = NULL;
	uint64_t i;

	need(loy_lifetime_create(&model, LOY_LIFETIME_BG_NBD, 0, 0, p, 4, NULL) == LOY_OK, "model");
	need(loy_lifetime_create(&priced, LOY_LIFETIME_GAMMA_GAMMA, 0, 0, g, 3, NULL) == LOY_OK, "spend");
	for (i = 0; i < customers; i++) {
		T[i] = (double)(189 + i % 84) / 7.0;
		need(loy_lifetime_simulate(model, priced, 1, i, 1, T[i], NULL, &x[i], &t_x[i], NULL,
		                           &spend[i]) == LOY_OK,
		     "simulation");
		t_x[i] = floor(t_x[i] * 7.0) / 7.0; /* by the day: that is what merges */
		if (x[i] > 0.0 && t_x[i] == 0.0)
			t_x[i] = 1.0 / 7.0;
	}
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(priced);
}

static loy_lifetime_data *accumulate(int with_spend, double *took)
{
	const loy_history_column columns[4] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, sizeof(double)},
	                                       {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, sizeof(double)},
	                                       {LOY_HISTORY_T, LOY_COLUMN_F64, T, sizeof(double)},
	                                       {LOY_HISTORY_SPEND, LOY_COLUMN_F64, spend, sizeof(double)}};
	loy_lifetime_data_options options = {.struct_size = sizeof(options)};
	loy_lifetime_data *data = NULL;
	double start = processor_seconds();

	need(loy_lifetime_data_create(&data, &options, NULL) == LOY_OK, "data");
	need(loy_lifetime_data_add_columns(data, columns, with_spend ? 4 : 3, customers, NULL) == LOY_OK,
	     "columns");
	*took = processor_seconds() - start;
	return data;
}

static loy_lifetime *fit(const loy_lifetime_data *data, uint32_t family, double *took)
{
	loy_lifetime_options options = {.struct_size = sizeof(options), .family = family};
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime *model = NULL;
	double best = 1e9;
	int round;

	for (round = 0; round < rounds; round++) {
		double start = processor_seconds();

		loy_lifetime_destroy(model);
		if (loy_lifetime_fit(&model, data, &options, NULL, &error) != LOY_OK) {
			fprintf(stderr, "bench_lifetime: %s\n", error.message);
			exit(1);
		}
		best = smaller(best, processor_seconds() - start);
	}
	*took = best;
	return model;
}

/* P(alive) and expected purchases of all. */
static double predict(const loy_lifetime *model, int deviations)
{
	const loy_history_column columns[3] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, sizeof(double)},
	                                       {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, sizeof(double)},
	                                       {LOY_HISTORY_T, LOY_COLUMN_F64, T, sizeof(double)}};
	loy_lifetime_ask asks[2] = {{.struct_size = sizeof(asks[0]),
	                             .quantity = LOY_ASK_ALIVE,
	                             .value = alive,
	                             .value_stride = sizeof(double)},
	                            {.struct_size = sizeof(asks[0]),
	                             .quantity = LOY_ASK_PURCHASES,
	                             .to = 39.0,
	                             .value = bought,
	                             .value_stride = sizeof(double)}};
	double best = 1e9;
	int round;

	asks[1].with_deviation = (uint32_t)deviations;
	for (round = 0; round < rounds; round++) {
		double start = processor_seconds();

		need(loy_lifetime_predict(model, NULL, columns, 3, customers, asks, 2, NULL, NULL, NULL) ==
		             LOY_OK,
		     "predictions");
		best = smaller(best, processor_seconds() - start);
	}
	return best;
}

/* What all are worth in the next 52 weeks: discounted purchases times expected spend. */
static double value(const loy_lifetime *model, const loy_lifetime *priced)
{
	const loy_history_column columns[4] = {{LOY_HISTORY_X, LOY_COLUMN_F64, x, sizeof(double)},
	                                       {LOY_HISTORY_T_X, LOY_COLUMN_F64, t_x, sizeof(double)},
	                                       {LOY_HISTORY_T, LOY_COLUMN_F64, T, sizeof(double)},
	                                       {LOY_HISTORY_SPEND, LOY_COLUMN_F64, spend, sizeof(double)}};
	loy_lifetime_ask ask = {.struct_size = sizeof(ask),
	                        .quantity = LOY_ASK_VALUE,
	                        .to = 52.0,
	                        .discount = 0.15,
	                        .value = bought,
	                        .value_stride = sizeof(double)};
	double best = 1e9;
	int round;

	for (round = 0; round < rounds; round++) {
		double start = processor_seconds();

		need(loy_lifetime_predict(model, priced, columns, 4, customers, &ask, 1, NULL, NULL, NULL) ==
		             LOY_OK,
		     "values");
		best = smaller(best, processor_seconds() - start);
	}
	return best;
}

static void print(const char *what, double took, double bare)
{
	printf("%-34s %9.4f s %9.2f M/s %8.1f x bare\n", what, took, (double)customers / took * 1e-6,
	       took / bare);
}

int main(int argc, char **argv)
{
	static const uint32_t families[3] = {LOY_LIFETIME_MBG_NBD, LOY_LIFETIME_BG_NBD,
	                                     LOY_LIFETIME_PARETO_NBD};
	double bare, took, before;
	loy_lifetime_info info = {.struct_size = sizeof(info)};
	loy_lifetime_data *data;
	loy_lifetime *model, *models[3];
	char label[64];
	int f;

	if (argc > 1)
		customers = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		rounds = atoi(argv[2]);
	x = column();
	t_x = column();
	T = column();
	spend = column();
	alive = column();
	bought = column();
	draw();
	bare = bare_loop();
	bare = bare_loop();
	need(rounds > 0 && customers > 0, "arguments");
	before = peak_mib();
	data = accumulate(0, &took);
	print("accumulate x, t_x, T", took, bare);
	for (f = 0; f < 3; f++) {
		model = fit(data, families[f], &took);
		need(loy_lifetime_get_info(model, &info) == LOY_OK, "info");
		snprintf(label, sizeof(label), "fit %s (%llu rows, %u passes)",
		         loy_lifetime_family_name(families[f]), (unsigned long long)info.distinct,
		         info.evaluations);
		print(label, took, bare);
		snprintf(label, sizeof(label), "  P(alive) and purchases");
		print(label, predict(model, 0), bare);
		if (customers <= 10000)
			print("  the same, with the total's error", predict(model, 1), bare);
		models[f] = model;
	}
	printf("%-34s %9.1f MiB beyond the input\n", "peak memory so far", peak_mib() - before);
	loy_lifetime_data_destroy(data);
	data = accumulate(1, &took);
	print("accumulate with spend", took, bare);
	model = fit(data, LOY_LIFETIME_GAMMA_GAMMA, &took);
	print("fit gamma-gamma", took, bare);
	for (f = 0; f < 3; f++) {
		snprintf(label, sizeof(label), "value of 52 weeks, %s",
		         loy_lifetime_family_name(families[f]));
		print(label, value(models[f], model), bare);
		loy_lifetime_destroy(models[f]);
	}
	loy_lifetime_destroy(model);
	loy_lifetime_data_destroy(data);
	printf("%-34s %9.1f MiB beyond the input\n", "peak memory", peak_mib() - before);
	return 0;
}
