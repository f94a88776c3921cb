/*
 * Regressions of all kinds of numbers. The first byte of the input says which request for memory fails (128 and more:
 * none), the second what is tried: a linear or a logistic fit, or forecasts judged. The columns are such that constant,
 * dependent and separating ones are common, and magnitudes far apart. What is refused has a message; what has no flaw
 * is a number; and logistic fits have the same bits when their rows come in two tables.
 */
#include "fuzz.h"

#include <math.h>

enum { ROWS_MAX = 48, COLUMNS_MAX = 6 };

static double values[ROWS_MAX * COLUMNS_MAX], weights[ROWS_MAX];

/* The two high bits of a byte say of which magnitude. */
static double number(uint8_t byte, uint8_t scale)
{
	static const double odd[] = {(double)NAN, (double)INFINITY, 1e101, -1e99,
	                             5e-324,      1099511627775.0,  -0.0,  0.1};
	static const double scales[] = {1.0, 1e-6, 3e7, 0.01};

	if (byte >= 248)
		return odd[byte - 248];
	return ((double)(byte % 64) - 31.0) * scales[byte / 64 * (scale % 2)];
}

/* The first column holds 0 and 1, but for odd bytes; the last two bytes of a row with weights are its weight. */
static loy_table read_table(const uint8_t *bytes, size_t size, uint32_t columns, uint32_t how, int binary)
{
	loy_table table = {.struct_size = sizeof(table), .columns = columns, .values = values};
	int weighted = how / 2 % 2;
	size_t width = columns + (size_t)weighted, r, c;

	table.rows = size / width < ROWS_MAX ? size / width : ROWS_MAX;
	for (r = 0; r < table.rows; r++) {
		const uint8_t *row = bytes + r * width;

		for (c = 0; c < columns; c++)
			values[r * columns + c] = number(row[c], (uint8_t)how);
		if (binary && row[0] < 252)
			values[r * columns] = row[0] % 2;
		weights[r] = weighted ? row[columns] < 254 ? row[columns] / 4 * 0.25 : number(row[columns], 0)
		                      : 1.0;
	}
	table.row_stride = (int64_t)(columns * sizeof(double));
	table.column_stride = sizeof(double);
	table.weights = weighted ? weights : NULL;
	table.weight_stride = sizeof(double);
	return table;
}

static void check_coefficient(const loy_coefficient *c)
{
	FUZZ_CHECK(c->flaw <= LOY_FLAW_SHRUNK);
	FUZZ_CHECK(c->flaw != LOY_FLAW_NONE || isfinite(c->value));
	FUZZ_CHECK(!(c->deviation < 0.0) && !(c->low > c->high) && !(c->p < 0.0) && !(c->p > 1.0));
}

/* ---- linear ---- */

static void check_linear(const loy_linear *fit, const loy_table *table, uint32_t predictors,
                         const uint8_t *how, const loy_allocator *memory)
{
	double covariance[COLUMNS_MAX * COLUMNS_MAX], shares[COLUMNS_MAX], low, high;
	loy_linear_summary told = {.struct_size = sizeof(told)};
	loy_coefficient c = {.struct_size = sizeof(c)};
	loy_slope slope = {.struct_size = sizeof(slope)};
	uint32_t i, region;
	loy_status status;

	FUZZ_CHECK(loy_linear_get_summary(fit, &told) == LOY_OK);
	FUZZ_CHECK(told.r_squared >= 0.0 && told.r_squared <= 1.0 && told.sigma >= 0.0);
	for (i = 0; i <= predictors; i++) {
		FUZZ_CHECK(loy_linear_get_coefficient(fit, i, &c) == LOY_OK);
		check_coefficient(&c);
	}
	FUZZ_CHECK(loy_linear_get_coefficient(fit, predictors + 1, &c) == LOY_ENOTFOUND);
	status = loy_linear_robust(fit, &table, 1, how[0] % 4, covariance, memory, NULL);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_ESTATE || status == LOY_ERANGE ||
	           status == LOY_ENOMEM);
	status = loy_linear_drivers(fit, how[0] / 4 % 2, shares, memory);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ENOMEM);
	status = loy_linear_slope(fit, how[1] % 8, how[1] / 8 % 8, number(how[2], 1), &slope);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_ENOTFOUND ||
	           status == LOY_EUNKNOWN);
	status = loy_linear_region(fit, how[1] % 8, how[1] / 8 % 8, &region, &low, &high);
	FUZZ_CHECK(status != LOY_OK || region <= LOY_REGION_OUTSIDE);
}

static void try_linear(const uint8_t *bytes, size_t size, const loy_allocator *memory)
{
	uint32_t columns = 2 + bytes[0] % 5;
	loy_linear_options options = {.struct_size = sizeof(options), .outcome = bytes[1] % 8};
	loy_table table = read_table(bytes + 4, size - 4, columns, bytes[0] / 8, 0);
	loy_error error = {.struct_size = sizeof(error)};
	loy_moments *m = NULL;
	loy_linear *fit = NULL;
	loy_status status;

	options.missing = bytes[1] / 8 % 3;
	options.weighting = bytes[1] / 32 % 2;
	if (loy_moments_create(&m, columns, bytes[1] / 64 % 2, memory) != LOY_OK)
		return;
	if (loy_moments_add(m, &table, NULL) == LOY_OK) {
		status = loy_linear_create(&fit, m, &options, memory, &error);
		FUZZ_CHECK((status == LOY_OK) == (fit != NULL));
		FUZZ_CHECK(status == LOY_OK || error.message[0] != '\0');
		if (status == LOY_OK)
			check_linear(fit, &table, columns - 1, bytes + 1, memory);
		loy_linear_destroy(fit);
	}
	loy_moments_destroy(m);
}

/* ---- logistic ---- */

static void check_logistic(const loy_logistic *fit, const loy_table *table, uint32_t predictors)
{
	loy_logistic_summary told = {.struct_size = sizeof(told)};
	loy_coefficient c = {.struct_size = sizeof(c)};
	double p[ROWS_MAX];
	uint32_t i;

	FUZZ_CHECK(loy_logistic_get_summary(fit, &told) == LOY_OK);
	FUZZ_CHECK(told.state >= LOY_LOGISTIC_CONVERGED && told.state <= LOY_LOGISTIC_STOPPED);
	FUZZ_CHECK(told.rows + told.missing <= table->rows && !(told.log_likelihood > 0.0));
	for (i = 0; i <= predictors; i++) {
		FUZZ_CHECK(loy_logistic_get_coefficient(fit, i, &c) == LOY_OK);
		check_coefficient(&c);
	}
	if (loy_logistic_predict(fit, table, p) != LOY_OK)
		return;
	for (i = 0; i < table->rows; i++)
		FUZZ_CHECK(!(p[i] < 0.0) && !(p[i] > 1.0));
}

static void same_bits(const loy_logistic *a, const loy_logistic *b, uint32_t predictors)
{
	uint32_t i;

	for (i = 0; i <= predictors; i++) {
		loy_coefficient of[2] = {{.struct_size = sizeof(of[0])}, {.struct_size = sizeof(of[1])}};

		FUZZ_CHECK(loy_logistic_get_coefficient(a, i, &of[0]) == LOY_OK);
		FUZZ_CHECK(loy_logistic_get_coefficient(b, i, &of[1]) == LOY_OK);
		FUZZ_CHECK(of[0].flaw == of[1].flaw &&
		           memcmp(&of[0].value, &of[1].value, sizeof(double)) == 0);
	}
}

static void try_logistic(const uint8_t *bytes, size_t size, const loy_allocator *memory)
{
	static const double ridges[] = {0.0, 1.0, 1e-9, 1e12, -1.0, (double)NAN, 0.0, 0.0};
	uint32_t columns = 2 + bytes[0] % 5;
	loy_table table = read_table(bytes + 4, size - 4, columns, bytes[0] / 8, 1), halves[2];
	const loy_table *whole[1] = {&table}, *parts[2] = {&halves[1], &halves[0]};
	loy_logistic_options options = {.struct_size = sizeof(options), .columns = columns};
	loy_error error = {.struct_size = sizeof(error)};
	loy_logistic *fit = NULL, *again = NULL;
	uint32_t predictors = columns - 1;
	loy_status status;

	options.method = bytes[1] % 4;
	options.flags = bytes[1] / 4 % 8;
	options.weighting = bytes[1] / 32 % 2;
	options.ridge = ridges[bytes[2] % 8];
	options.iterations = 1 + bytes[2] / 8;
	options.offset = (options.flags & LOY_LOGISTIC_OFFSET) != 0 ? bytes[3] % 8 : 0;
	options.held = (options.flags & LOY_LOGISTIC_HELD) != 0 ? bytes[3] / 8 % 8 : 0;
	predictors -= (options.flags & LOY_LOGISTIC_OFFSET) != 0;
	status = loy_logistic_fit(&fit, whole, 1, &options, 1, memory, &error);
	FUZZ_CHECK((status == LOY_OK) == (fit != NULL));
	FUZZ_CHECK(status == LOY_OK || error.message[0] != '\0');
	if (status == LOY_OK) {
		halves[0] = halves[1] = table;
		halves[0].rows = table.rows / 3;
		halves[1].rows = table.rows - halves[0].rows;
		halves[1].values += halves[0].rows * columns;
		if (table.weights != NULL)
			halves[1].weights += halves[0].rows;
		check_logistic(fit, &table, predictors);
		FUZZ_CHECK(loy_logistic_fit(&again, parts, 2, &options, 1, NULL, NULL) == LOY_OK);
		same_bits(fit, again, predictors);
	}
	loy_logistic_destroy(fit);
	loy_logistic_destroy(again);
}

/* ---- forecasts ---- */

static void try_forecasts(const uint8_t *bytes, size_t size, const loy_allocator *memory)
{
	double p[ROWS_MAX], gain;
	uint8_t happened[ROWS_MAX];
	loy_forecasts f = {.struct_size = sizeof(f), .probability = p, .happened = happened};
	loy_forecast_quality q = {.struct_size = sizeof(q)};
	loy_forecast_bin bins[16];
	loy_status status;
	size_t r;

	f.rows = (size - 1) / 3 < ROWS_MAX ? (size - 1) / 3 : ROWS_MAX;
	for (r = 0; r < f.rows; r++) {
		const uint8_t *row = bytes + 1 + 3 * r;

		p[r] = row[0] < 200   ? row[0] / 199.0
		       : row[0] < 245 ? ldexp(1.0, -(int)row[0] * 5)
		                      : number(row[0], 1);
		happened[r] = row[1] < 250 ? row[1] % 2 : row[1];
		weights[r] = row[2] < 250 ? (1 + row[2]) * 0.125 : number(row[2], 1);
	}
	f.weight = bytes[0] % 2 ? weights : NULL;
	status = loy_forecast_assess(&f, 0.0, &q, memory, NULL);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ERANGE || status == LOY_EUNKNOWN ||
	           status == LOY_ENOMEM);
	if (status == LOY_OK) {
		FUZZ_CHECK(!(q.auc < 0.0) && !(q.auc > 1.0) && q.brier >= 0.0 && q.brier <= 1.0 + 1e-12);
		FUZZ_CHECK(!(q.ks < 0.0) && !(q.ks > 1.0) && !(q.auc_low > q.auc_high));
		FUZZ_CHECK(isfinite(q.log_loss) && q.distinct >= 1 && q.distinct <= f.rows);
	}
	status = loy_forecast_bins(&f, 1 + bytes[0] / 2 % 16, bins, memory, NULL);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ERANGE || status == LOY_EUNKNOWN ||
	           status == LOY_ENOMEM);
	status = loy_forecast_gain(&f, bytes[0] / 200.0, &gain, memory, NULL);
	FUZZ_CHECK(status != LOY_OK || (gain >= 0.0 && gain <= 1.0 + 1e-12));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_heap heap = {.until = size > 0 && data[0] < 128 ? data[0] : -1};
	loy_allocator memory = fuzz_allocator(&heap);

	if (size < 8)
		return 0;
	fuzz_begin();
	if (data[1] % 4 == 0)
		try_linear(data + 2, size - 2, &memory);
	else if (data[1] % 4 == 3)
		try_forecasts(data + 2, size - 2, &memory);
	else
		try_logistic(data + 2, size - 2, &memory);
	FUZZ_CHECK(heap.live == 0);
	return 0;
}
