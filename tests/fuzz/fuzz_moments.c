/*
 * Moments. The first byte of the input says which request for memory fails (128 and more: none). The second says
 * what the rest is: bytes as they are (1), bytes that get a magic, a version and a checksum first (0), or a table (2
 * and more), which must give the same moments at once and in parts. What is accepted is canonical: written again it
 * is the same, and everything that can be computed from it has a defined answer.
 */
#include "fuzz.h"
#include "numeric/moments.h"

#include <math.h>

/* To where the next call writes too. */
static const uint8_t *write_out(const loy_moments *m, size_t *size)
{
	static uint8_t bytes[1 << 20]; /* more than inputs can describe */
	size_t again = 0;

	FUZZ_CHECK(loy_moments_serialize(m, bytes, sizeof(bytes), size) == LOY_OK);
	if (bytes[*size - 1] % 8 == 0) /* a byte of the checksum: now and then */
		FUZZ_CHECK(loy_moments_serialize(m, NULL, 0, &again) == LOY_EBUFFER && again == *size);
	return bytes;
}

static void check_column(const loy_moments *m, uint32_t column)
{
	loy_column_moments c = {.struct_size = sizeof(c)};
	uint32_t weighting;

	for (weighting = 0; weighting < 2; weighting++) {
		FUZZ_CHECK(loy_moments_get_column(m, column, weighting, &c) == LOY_OK);
		FUZZ_CHECK(c.rows == 0 || (isfinite(c.mean) && c.weight > 0.0 && c.least <= c.greatest));
		FUZZ_CHECK(isnan(c.variance) || (isfinite(c.variance) && c.variance >= 0.0));
	}
}

/* One way of reading in six, by a byte that inputs choose. */
static void check_matrices(const loy_moments *m, uint32_t columns, uint32_t way)
{
	static double matrix[64 * 64], means[64];
	uint32_t kind, i;

	for (kind = LOY_MATRIX_COVARIANCE; kind <= LOY_MATRIX_COUNT; kind++) {
		loy_error error = {.struct_size = sizeof(error)};
		loy_status status =
		        loy_moments_get_matrix(m, way % 3, way / 3 % 2, kind, matrix, means, &error);

		if (status != LOY_OK) {
			FUZZ_CHECK(status == LOY_EINVAL || status == LOY_EUNKNOWN || status == LOY_ERANGE);
			continue;
		}
		for (i = 0; i < columns * columns; i++) {
			FUZZ_CHECK(isfinite(matrix[i]));
			FUZZ_CHECK(kind != LOY_MATRIX_CORRELATION || fabs(matrix[i]) <= 1.0);
		}
	}
}

static void check_all(const loy_moments *m, uint32_t way)
{
	loy_moments_info info = {.struct_size = sizeof(info)};
	uint32_t i;

	FUZZ_CHECK(loy_moments_get_info(m, &info) == LOY_OK);
	FUZZ_CHECK(info.complete <= info.rows && isfinite(info.weight) && isfinite(info.weight_squares));
	for (i = 0; i < info.columns; i++)
		check_column(m, i);
	if (info.columns <= 64)
		check_matrices(m, info.columns, way);
}

static void try_bytes(const uint8_t *bytes, size_t size, const loy_allocator *memory)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_moments *m = NULL;
	loy_status status = loy_moments_parse(&m, bytes, size, memory, &error);
	const uint8_t *out;
	size_t length;

	if (status != LOY_OK) {
		FUZZ_CHECK(m == NULL && error.code == status);
		FUZZ_CHECK(status == LOY_ENOMEM || (error.byte >= 0 && (size_t)error.byte <= size));
		return;
	}
	out = write_out(m, &length);
	FUZZ_CHECK(length == size && memcmp(out, bytes, size) == 0);
	check_all(m, bytes[size - 1]);
	FUZZ_CHECK(loy_moments_merge(m, m) == LOY_OK || m->rows > LOY__TABLE_ROWS_MAX / 2);
	if (bytes[size - 2] % 4 == 0)
		check_all(m, bytes[size - 2] / 4);
	loy_moments_destroy(m);
}

/*
 * A number from two bytes, now and then missing: of all magnitudes on the grid and a little beyond, or with all its
 * bits and of fewer magnitudes, which can be summed in other ways.
 */
static double number(const uint8_t *bytes, uint32_t range)
{
	static const int magnitudes[] = {82, 1, 12, 23};
	double sign = (bytes[1] & 0x80) != 0 ? -1.0 : 1.0;

	if (bytes[0] == 0xff)
		return (double)NAN;
	if (range == 0)
		return sign * ldexp(1.0 + (double)bytes[0] / 255.0, bytes[1] % magnitudes[0] - 42);
	return sign * ldexp(1.0 + (double)bytes[0] / 257.0, bytes[1] % magnitudes[range]);
}

/* Columns, whether there are weights, then two bytes for each value and weight. */
static void try_table(const uint8_t *bytes, size_t size, uint32_t kind, const loy_allocator *memory)
{
	static double values[8192], weights[4096];
	static uint8_t copy[16384]; /* more than the sums of seven columns take */
	uint32_t columns = 1 + kind % 7, missing = kind / 8 % 2, weighted = kind / 16 % 2;
	uint32_t range = kind / 32 % 4;
	size_t width = 2 * (columns + weighted), rows = size / width, r, c;
	loy_table table = {.struct_size = sizeof(table), .columns = columns, .rows = rows, .values = values};
	struct fuzz_heap enough = {.until = -1};
	loy_allocator plenty = fuzz_allocator(&enough);
	loy_moments *whole = NULL, *parts = NULL;
	loy_status status;

	if (rows * columns > 8192 || rows > 4096)
		return;
	for (r = 0; r < rows; r++) {
		for (c = 0; c < columns; c++)
			values[r * columns + c] = number(bytes + r * width + 2 * c, range);
		weights[r] = weighted ? fabs(number(bytes + r * width + 2 * columns, range)) : 1.0;
	}
	table.row_stride = (int64_t)(columns * sizeof(double));
	table.column_stride = sizeof(double);
	table.weight_stride = sizeof(double);
	table.weights = weighted ? weights : NULL;
	if (loy_moments_create(&whole, columns, missing, memory) != LOY_OK)
		return;
	status = loy_moments_add(whole, &table, NULL);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ENOMEM || status == LOY_ERANGE);
	if (status == LOY_OK && loy_moments_create(&parts, columns, missing, &plenty) == LOY_OK) {
		size_t length;

		for (r = 0; r < rows; r += (size_t)table.rows) {
			table.rows = 1 + bytes[r * width] % 16;
			table.rows = table.rows < rows - r ? table.rows : rows - r;
			table.values = values + r * columns;
			table.weights = weighted ? weights + r : NULL;
			FUZZ_CHECK(loy_moments_add(parts, &table, NULL) == LOY_OK);
		}
		FUZZ_CHECK(whole->rows == parts->rows && whole->complete == parts->complete);
		FUZZ_CHECK(whole->counted == parts->counted);
		FUZZ_CHECK(memcmp(whole->sums, parts->sums, whole->sum_count * sizeof(loy__sum)) == 0);
		FUZZ_CHECK(memcmp(whole->least, parts->least, columns * sizeof(double)) == 0);
		FUZZ_CHECK(memcmp(whole->greatest, parts->greatest, columns * sizeof(double)) == 0);
		bytes = write_out(whole, &length);
		FUZZ_CHECK(length <= sizeof(copy));
		memcpy(copy, bytes, length);
		try_bytes(copy, length, memory);
		loy_moments_destroy(parts);
		FUZZ_CHECK(enough.live == 0);
	}
	loy_moments_destroy(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_heap heap = {.until = size > 0 && data[0] < 128 ? data[0] : -1};
	loy_allocator memory = fuzz_allocator(&heap);

	if (size < 2)
		return 0;
	fuzz_begin();
	if (data[1] > 1) {
		try_table(data + 2, size - 2, data[1], &memory);
	} else if (data[1] == 1) {
		try_bytes(data + 2, size - 2, &memory);
	} else {
		uint8_t *bytes = malloc(size + 16);

		FUZZ_CHECK(bytes != NULL);
		memcpy(bytes, "LOYX\1", 5);
		memcpy(bytes + 5, data + 2, size - 2);
		loy__put_u32(bytes + size + 3, loy__crc32c(0, bytes, size + 3));
		try_bytes(bytes, size + 7, &memory);
		free(bytes);
	}
	FUZZ_CHECK(heap.live == 0);
	return 0;
}
