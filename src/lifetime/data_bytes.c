/*
 * Bytes of an accumulator: "LOYL", version, flags, kind, covariates, unit, rows, then the rows in canonical
 * order, each x, weight and whole T as varints or bits of doubles, and the CRC-32C of all that. One content,
 * one encoding.
 */
#include "fit.h"

#include <string.h>

#define MAGIC   UINT32_C(0x4c594f4c) /* "LOYL", little-endian */
#define VERSION 1u

static void write_double(loy__writer *w, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	loy__write_u64(w, bits);
}

static double read_double(loy__reader *r)
{
	uint64_t bits = loy__read_u64(r);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* Words of a row that this accumulator's options leave at 0 are not written. */
static int written(const loy_lifetime_data *data, size_t word)
{
	if (word == LOY__AT_T_X)
		return data->kind != LOY_LIFETIME_CONTRACTS;
	if (word == data->stride - 2)
		return (data->flags & LOY_DATA_INTERVALS) != 0;
	if (word == data->stride - 1)
		return data->kind != LOY_LIFETIME_CONTRACTS;
	return word != LOY__AT_X;
}

static void write_rows(loy__writer *w, const loy_lifetime_data *data, const uint32_t *order)
{
	size_t i, j;

	for (i = 0; i < data->count; i++) {
		const double *row = loy__data_row(data, order[i]);

		loy__write_varint(w, (uint64_t)row[LOY__AT_X]);
		loy__write_varint(w, data->weights[order[i]]);
		for (j = 0; j < data->stride; j++) {
			if (written(data, j) && (row[LOY__AT_X] > 0.0 || j < data->stride - 2))
				write_double(w, row[j]);
		}
	}
}

loy_status loy_lifetime_data_bytes(const loy_lifetime_data *data, void *buffer, size_t capacity,
                                   size_t *needed)
{
	loy__writer w;
	uint32_t *order;
	loy_status status;
	size_t covered;

	if (data == NULL || (buffer == NULL && capacity > 0))
		return LOY_EINVAL;
	status = loy__data_order(data, &data->memory, &order);
	if (status != LOY_OK)
		return status;
	loy__writer_over(&w, buffer, capacity);
	loy__write_u32(&w, MAGIC);
	loy__write_varint(&w, VERSION);
	loy__write_varint(&w, data->flags);
	loy__write_varint(&w, data->kind);
	loy__write_varint(&w, data->covariates);
	loy__write_varint(&w, (uint64_t)data->unit);
	loy__write_varint(&w, data->count);
	write_rows(&w, data, order);
	loy__free(&data->memory, order, data->count * sizeof(*order));
	covered = w.size;
	if (needed != NULL)
		*needed = covered + 4;
	if (covered + 4 > capacity)
		return LOY_EBUFFER;
	loy__write_u32(&w, loy__crc32c(0, buffer, covered));
	return LOY_OK;
}

/* 1 when the rows come in strictly ascending order: the only one there is. */
static int ascends(const double *a, const double *b, size_t stride)
{
	size_t i;

	for (i = 0; i < stride; i++) {
		if (a[i] != b[i])
			return a[i] < b[i];
	}
	return 0;
}

static loy_status read_row(loy__reader *r, loy_lifetime_data *data)
{
	double raw[LOY__STRIDE_MAX], row[LOY__STRIDE_MAX], values[LOY__ROW_FIXED];
	uint64_t x = loy__read_varint(r), weight = loy__read_varint(r);
	size_t j, stride = data->stride;
	uint32_t field;

	raw[LOY__AT_X] = (double)x;
	for (j = 1; j < stride; j++)
		raw[j] = written(data, j) && (x > 0 || j < stride - 2) ? read_double(r) : 0.0;
	if (r->status != LOY_OK || x > UINT32_MAX || weight == 0)
		return LOY_EFORMAT;
	values[0] = raw[LOY__AT_X];
	values[1] = raw[LOY__AT_T];
	values[2] = raw[LOY__AT_T_X];
	values[3] = raw[stride - 2];
	values[4] = raw[stride - 1];
	if (loy__data_check(data, values, raw + LOY__AT_COVARIATES, row, &field) != LOY_OK ||
	    memcmp(raw, row, stride * sizeof(double)) != 0)
		return LOY_EFORMAT; /* not as it would have been written */
	if (data->count > 0 && !ascends(loy__data_row(data, data->count - 1), row, stride))
		return LOY_EFORMAT;
	return loy__data_add_row(data, row, weight);
}

static loy_status read_all(loy__reader *r, loy_lifetime_data **out, const loy_allocator *memory)
{
	loy_lifetime_data_options options = {0};
	uint64_t version, flags, kind, covariates, unit, count, i;
	loy_status status;

	if (loy__read_u32(r) != MAGIC)
		return LOY_EFORMAT;
	version = loy__read_varint(r);
	if (version != VERSION)
		return version > VERSION ? LOY_EVERSION : LOY_EFORMAT;
	flags = loy__read_varint(r);
	kind = loy__read_varint(r);
	covariates = loy__read_varint(r);
	unit = loy__read_varint(r);
	count = loy__read_varint(r);
	if (r->status != LOY_OK || flags > UINT32_MAX || kind > UINT32_MAX || covariates > UINT32_MAX ||
	    unit == 0 || unit > INT64_MAX)
		return LOY_EFORMAT;
	options.struct_size = sizeof(options);
	options.flags = (uint32_t)flags;
	options.kind = (uint32_t)kind;
	options.covariate_count = (uint32_t)covariates;
	options.unit = (int64_t)unit;
	status = loy_lifetime_data_create(out, &options, memory);
	if (status != LOY_OK)
		return status == LOY_ENOMEM ? status : LOY_EFORMAT;
	for (i = 0; i < count && status == LOY_OK; i++)
		status = read_row(r, *out);
	if (status == LOY_OK && loy__reader_left(r) != 0)
		status = LOY_EFORMAT;
	return status;
}

loy_status loy_lifetime_data_from_bytes(loy_lifetime_data **out, const void *bytes, size_t size,
                                        const loy_allocator *memory, loy_error *error)
{
	const uint8_t *end;
	loy__reader r;
	loy_status status;

	if (out != NULL)
		*out = NULL;
	if (out == NULL || bytes == NULL)
		return loy__fail(error, LOY_EINVAL, "no bytes, or nowhere to put what they hold");
	if (size < 8)
		return loy__fail_byte(error, LOY_EFORMAT, (int64_t)size,
		                      "too short for accumulated histories");
	end = (const uint8_t *)bytes + size - 4;
	loy__reader_init(&r, end, 4);
	if (loy__read_u32(&r) != loy__crc32c(0, bytes, size - 4))
		return loy__fail_byte(error, LOY_ECHECKSUM, (int64_t)size - 4,
		                      loy_status_text(LOY_ECHECKSUM));
	loy__reader_init(&r, bytes, size - 4);
	status = read_all(&r, out, memory);
	if (status == LOY_OK)
		return LOY_OK;
	loy_lifetime_data_destroy(*out);
	*out = NULL;
	return loy__fail_byte(error, status, (int64_t)r.at, loy_status_text(status));
}
