/*
 * Answers of all kinds to questions on all kinds of scales. The first byte of the input says which request for memory
 * fails (128 and more: none), the second what is tried: answers counted at once and in parts, blocks of items likewise,
 * or gaps of service quality and the map of priorities. What is refused changes nothing; what is told is a number
 * within its limits, or has a status that says why not.
 */
#include "fuzz.h"

#include <math.h>

enum { ROWS_MAX = 64, COLUMNS_MAX = 8 };

static double values[ROWS_MAX * COLUMNS_MAX], weights[ROWS_MAX];

/* Mostly small whole numbers, now and then what surveys should not hold. */
static double answer(uint8_t byte)
{
	static const double odd[] = {(double)NAN, (double)INFINITY, 0.5,      -1e308,
	                             5e-324,      1048576.0,        524287.5, -0.0};

	return byte < 240 ? (double)(byte % 15) - 2.0 : byte < 248 ? odd[0] : odd[byte - 248];
}

static double weight(uint8_t byte)
{
	static const double odd[] = {
	        (double)NAN,     -1.0, 1e-13, 1099511627775.0, 1099511627776.0, 0.0, 1.0e-7,
	        549755813888.25, 1e300};

	return byte < 247 ? (double)(byte % 5) * 0.5 : odd[byte - 247];
}

/* Rows of `columns` answers and a weight. */
static loy_table read_table(const uint8_t *bytes, size_t size, uint32_t columns, int weighted)
{
	loy_table table = {.struct_size = sizeof(table), .columns = columns, .values = values};
	size_t width = columns + (size_t)weighted, r, c;

	table.rows = size / width < ROWS_MAX ? size / width : ROWS_MAX;
	for (r = 0; r < table.rows; r++) {
		for (c = 0; c < columns; c++)
			values[r * columns + c] = answer(bytes[r * width + c]);
		weights[r] = weighted ? weight(bytes[r * width + columns]) : 1.0;
	}
	table.row_stride = (int64_t)(columns * sizeof(double));
	table.column_stride = sizeof(double);
	table.weights = weighted ? weights : NULL;
	table.weight_stride = sizeof(double);
	return table;
}

/* Rows from `at` on. */
static loy_table part_of(const loy_table *table, uint64_t at, uint64_t rows)
{
	loy_table part = *table;

	part.rows = rows;
	part.values += at * table->columns;
	if (part.weights != NULL)
		part.weights += at;
	return part;
}

/* ---- answers ---- */

static void check_interval(loy_status status, const loy_interval *limits)
{
	FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_EUNKNOWN);
	FUZZ_CHECK(status != LOY_OK || limits->low <= limits->high);
}

static void check_answers(const loy_answers *a, const loy_scale *scale, const uint8_t *how)
{
	loy_bands bands = {.struct_size = sizeof(bands), .detractor_most = scale->low + how[0] % 8};
	loy_net net = {.struct_size = sizeof(net)};
	loy_share share = {.struct_size = sizeof(share)};
	loy_mean mean = {.struct_size = sizeof(mean)};
	loy_interval limits = {.struct_size = sizeof(limits)};
	int32_t least = scale->low + how[1] % 16, most = least + how[2] % 16;
	double confidence = how[3] / 256.0;
	uint32_t method;
	loy_status status;

	bands.promoter_least = bands.detractor_most + 1 + how[1] % 4;
	status = loy_answers_net(a, how[0] < 128 ? NULL : &bands, &net);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_EUNKNOWN);
	if (status == LOY_OK) {
		FUZZ_CHECK(net.score >= -100.0 && net.score <= 100.0 && net.variance >= 0.0);
		FUZZ_CHECK(net.promoters + net.passives + net.detractors == net.answers);
		FUZZ_CHECK(isfinite(net.deviation) && net.n >= 0.0 && net.effective >= 0.0);
	}
	method = how[3] % 6; /* one at a time: limits of billions of answers take long */
	check_interval(loy_answers_net_interval(a, how[0] < 128 ? NULL : &bands, method, confidence, &limits),
	               &limits);
	check_interval(loy_answers_share_interval(a, least, most, method, confidence, &limits), &limits);
	status = loy_answers_share(a, least, most, &share);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_EUNKNOWN);
	FUZZ_CHECK(status != LOY_OK ||
	           (share.share >= 0.0 && share.share <= 1.0 && share.hits <= share.answers));
	status = loy_answers_mean(a, confidence, &mean);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EUNKNOWN);
	FUZZ_CHECK(status != LOY_OK || (mean.mean >= scale->low && mean.mean <= scale->high));
}

static void same_counts(const loy_answers *a, const loy_answers *b, const loy_scale *scale)
{
	int32_t at;

	FUZZ_CHECK(loy_answers_missing(a) == loy_answers_missing(b));
	for (at = scale->low; at <= scale->high; at += scale->step) {
		uint64_t rows[2];
		double weight_of[2];

		FUZZ_CHECK(loy_answers_get(a, at, &rows[0], &weight_of[0]) == LOY_OK);
		FUZZ_CHECK(loy_answers_get(b, at, &rows[1], &weight_of[1]) == LOY_OK);
		FUZZ_CHECK(rows[0] == rows[1] && weight_of[0] == weight_of[1]);
	}
}

/* A scale in two bytes, how to ask in four, then answers. */
static void try_answers(const uint8_t *bytes, size_t size, const loy_allocator *memory)
{
	loy_scale scale = {
	        .struct_size = sizeof(scale), .low = bytes[0] % 16 - 4, .weighting = bytes[1] / 128};
	loy_table table = read_table(bytes + 6, size - 6, 1, bytes[1] % 2);
	loy_answers *whole = NULL, *parts = NULL, *part = NULL;
	loy_status status;
	uint64_t cut = table.rows > 0 ? bytes[2] % table.rows : 0;
	loy_table first = part_of(&table, 0, cut), second = part_of(&table, cut, table.rows - cut);

	scale.step = 1 + bytes[1] / 2 % 3;
	scale.high = scale.low + scale.step * (bytes[0] / 16);
	status = loy_answers_create(&whole, &scale, memory);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_ENOMEM);
	if (status != LOY_OK)
		return;
	status = loy_answers_add(whole, &table, 0, NULL);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ERANGE || status == LOY_ENOMEM ||
	           status == LOY_EOVERFLOW);
	FUZZ_CHECK(status == LOY_OK || loy_answers_missing(whole) == 0);
	if (status == LOY_OK && loy_answers_create(&parts, &scale, NULL) == LOY_OK &&
	    loy_answers_create(&part, &scale, NULL) == LOY_OK) {
		FUZZ_CHECK(loy_answers_add(part, &second, 0, NULL) == LOY_OK);
		FUZZ_CHECK(loy_answers_add(parts, &first, 0, NULL) == LOY_OK);
		FUZZ_CHECK(loy_answers_merge(parts, part) == LOY_OK);
		same_counts(whole, parts, &scale);
	}
	check_answers(whole, &scale, bytes + 2);
	loy_answers_destroy(whole);
	loy_answers_destroy(parts);
	loy_answers_destroy(part);
}

/* ---- items ---- */

/* Pairwise covariances need not be those of any sample: what is computed of them has no bounds. */
static void check_items(const loy_items *items, uint32_t count, int pairwise, const loy_allocator *memory)
{
	loy_reliability told = {.struct_size = sizeof(told)};
	loy_item each[COLUMNS_MAX];
	double roots[COLUMNS_MAX];
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = loy_items_analyse(items, &told, each, roots, memory, &error);
	uint32_t i;

	FUZZ_CHECK(status == LOY_OK || status == LOY_EUNKNOWN || status == LOY_ERANGE ||
	           status == LOY_ENOMEM);
	if (status != LOY_OK) {
		FUZZ_CHECK(error.message[0] != '\0');
		return;
	}
	FUZZ_CHECK(told.items == count && told.negative <= count);
	FUZZ_CHECK(pairwise || !(told.alpha > 1.0 + 1e-9));
	for (i = 0; i < count; i++) {
		FUZZ_CHECK(isfinite(each[i].mean) && each[i].spread > 0.0);
		FUZZ_CHECK((pairwise || !(fabs(each[i].with_score) > 1.0 + 1e-9)) && isfinite(roots[i]));
	}
}

static void try_items(const uint8_t *bytes, size_t size, const loy_allocator *memory)
{
	int8_t keys[COLUMNS_MAX];
	loy_items_options options = {.struct_size = sizeof(options), .count = 2 + bytes[0] % 7, .keys = keys};
	loy_table table = read_table(bytes + 2, size - 2, options.count, bytes[0] / 128);
	loy_items *whole = NULL, *parts = NULL;
	loy_status status;
	uint64_t r, rows;
	uint32_t i;

	for (r = 0; r < table.rows; r++) /* limits of billions of rows take long */
		weights[r] = weights[r] > 1e6 && weights[r] < 1099511627776.0 ? 1e6 : weights[r];
	options.missing = bytes[0] / 8 % 2;
	options.weighting = bytes[0] / 16 % 2;
	options.low = bytes[0] / 32 % 2 ? -2.0 : 0.0;
	options.high = bytes[0] / 32 % 2 ? 12.0 : 0.0;
	for (i = 0; i < options.count; i++)
		keys[i] = bytes[1] >> i % 8 & 1 ? -1 : 1;
	status = loy_items_create(&whole, &options, memory);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_ENOMEM);
	if (status != LOY_OK)
		return;
	status = loy_items_add(whole, &table, NULL);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ERANGE || status == LOY_ENOMEM);
	check_items(whole, options.count, options.missing == LOY_MISSING_PAIRWISE, memory);
	if (status == LOY_OK && loy_items_create(&parts, &options, NULL) == LOY_OK) {
		loy_reliability a = {.struct_size = sizeof(a)}, b = {.struct_size = sizeof(b)};

		for (r = 0; r < table.rows; r += rows) {
			loy_table part;

			rows = 1 + (uint64_t)bytes[1] % 16;
			rows = rows < table.rows - r ? rows : table.rows - r;
			part = part_of(&table, r, rows);
			FUZZ_CHECK(loy_items_add(parts, &part, NULL) == LOY_OK);
		}
		status = loy_items_analyse(parts, &b, NULL, NULL, NULL, NULL);
		FUZZ_CHECK(loy_items_analyse(whole, &a, NULL, NULL, NULL, NULL) == status);
		FUZZ_CHECK(status != LOY_OK || memcmp(&a, &b, sizeof(a)) == 0);
		loy_items_destroy(parts);
	}
	loy_items_destroy(whole);
}

/* ---- service quality, priorities ---- */

static void try_service(const uint8_t *bytes, size_t size, const loy_allocator *memory)
{
	uint32_t perception[COLUMNS_MAX], expectation[COLUMNS_MAX], dimension[COLUMNS_MAX], i;
	loy_service service = {.struct_size = sizeof(service), .items = 1 + bytes[0] % 5};
	loy_service_gap items[COLUMNS_MAX], dimensions[COLUMNS_MAX], overall;
	loy_table table = read_table(bytes + 2, size - 2, COLUMNS_MAX, bytes[0] / 128);
	double importance[COLUMNS_MAX];
	loy_moments *m = NULL;
	loy_status status;

	service.dimensions = 1 + bytes[0] / 8 % 4;
	service.weighting = bytes[0] / 32 % 2;
	for (i = 0; i < service.items; i++) {
		perception[i] = bytes[1] / 3 * (i + 1) % 9;
		expectation[i] = bytes[1] * (i + 3) % 8;
		dimension[i] = i % service.dimensions;
		importance[i] = answer(bytes[i % size]);
	}
	service.perception = perception;
	service.expectation = bytes[0] / 64 % 2 ? expectation : NULL;
	service.dimension = dimension;
	service.weights = bytes[1] / 128 ? importance : NULL;
	if (loy_moments_create(&m, COLUMNS_MAX, LOY_MISSING_LISTWISE, memory) != LOY_OK)
		return;
	if (loy_moments_add(m, &table, NULL) == LOY_OK) {
		status = loy_service_gaps(m, &service, items, dimensions, &overall, memory, NULL);
		FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_ENOTFOUND ||
		           status == LOY_EUNKNOWN || status == LOY_ENOMEM);
		FUZZ_CHECK(status != LOY_OK || (isfinite(overall.gap) && overall.spread >= 0.0));
	}
	loy_moments_destroy(m);
}

/* Sixteen bytes each: two doubles as they come. */
static void try_map(const uint8_t *bytes, size_t size)
{
	loy_priority_lines lines = {
	        .struct_size = sizeof(lines), .given = bytes[0] % 3, .importance = answer(bytes[1])};
	loy_priority drivers[COLUMNS_MAX];
	uint32_t count = (uint32_t)((size - 2) / 16 < COLUMNS_MAX ? (size - 2) / 16 : COLUMNS_MAX), i;
	loy_status status;

	memset(drivers, 0, sizeof(drivers));
	for (i = 0; i < count; i++) {
		memcpy(&drivers[i].importance, bytes + 2 + 16 * i, 8);
		if (bytes[0] / 3 % 2) /* performances that there are, too */
			drivers[i].performance = bytes[10 + 16 * i] / 2.0;
		else
			memcpy(&drivers[i].performance, bytes + 10 + 16 * i, 8);
	}
	lines.performance = answer(bytes[0]);
	status = loy_priority_map(drivers, count, &lines, NULL);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_ERANGE);
	for (i = 0; i < count && status == LOY_OK; i++)
		FUZZ_CHECK(drivers[i].rank >= 1 && drivers[i].rank <= count && drivers[i].quadrant <= 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_heap heap = {.until = size > 0 && data[0] < 128 ? data[0] : -1};
	loy_allocator memory = fuzz_allocator(&heap);

	if (size < 8)
		return 0;
	fuzz_begin();
	if (data[1] % 4 == 0)
		try_answers(data + 2, size - 2, &memory);
	else if (data[1] % 4 == 1)
		try_items(data + 2, size - 2, &memory);
	else if (data[1] % 4 == 2)
		try_service(data + 2, size - 2, &memory);
	else
		try_map(data + 2, size - 2);
	FUZZ_CHECK(heap.live == 0);
	return 0;
}
