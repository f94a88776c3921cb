/*
 * Canonical bytes of an accumulator, little-endian:
 *
 *	"LOYT", version 1, flags u8, covariates u16, unit u64, number of rows u64,
 *	the rows in canonical order, each word as u64 (survival.h has the words and the order),
 *	CRC-32C of all before.
 *
 * Reading accepts only what writing can produce: equal accumulators have equal bytes, and the reverse.
 */
#include "survival.h"

#define FORMAT_VERSION 1u
#define HEADER_BYTES   24u
#define CHECKSUM_BYTES 4u

static void write_all(loy__writer *w, const loy_survival *s)
{
	size_t i;

	loy__write_bytes(w, "LOYT", 4);
	loy__write_u8(w, FORMAT_VERSION);
	loy__write_u8(w, (uint8_t)s->flags);
	loy__write_u16(w, (uint16_t)s->covariates);
	loy__write_u64(w, (uint64_t)s->unit);
	loy__write_u64(w, loy__survival_rows(s));
	for (i = 0; i < s->count; i++)
		loy__write_u64(w, s->rows[i]);
}

loy_status loy_survival_write(const loy_survival *survival, void *buffer, size_t capacity, size_t *needed)
{
	loy__writer w;
	size_t size;

	if (survival == NULL || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	if (!survival->sorted)
		return LOY_ESTATE;
	if (survival->count > (SIZE_MAX - HEADER_BYTES - CHECKSUM_BYTES) / 8)
		return LOY_ELIMIT;
	size = HEADER_BYTES + survival->count * 8 + CHECKSUM_BYTES;
	if (needed != NULL)
		*needed = size;
	if (size > capacity)
		return LOY_EBUFFER;
	loy__writer_over(&w, buffer, capacity);
	write_all(&w, survival);
	loy__write_u32(&w, loy__crc32c(0, buffer, size - CHECKSUM_BYTES));
	return LOY_OK;
}

/* ---- reading ---- */

static loy_status read_header(loy__reader *r, loy_survival_options *options, uint64_t *rows, loy_error *error)
{
	const uint8_t *magic = loy__read_bytes(r, 4);
	uint64_t unit;
	uint8_t version;

	if (magic == NULL || memcmp(magic, "LOYT", 4) != 0)
		return loy__fail_byte(error, LOY_EFORMAT, 0,
		                      "these are not the bytes of a survival accumulator");
	version = loy__read_u8(r);
	if (r->status == LOY_OK && version > FORMAT_VERSION)
		return loy__fail_byte(error, LOY_EVERSION, 4, "a later version wrote these bytes");
	options->struct_size = sizeof(*options);
	options->flags = loy__read_u8(r);
	options->covariates = loy__read_u16(r);
	unit = loy__read_u64(r);
	*rows = loy__read_u64(r);
	if (r->status != LOY_OK || version != FORMAT_VERSION ||
	    options->flags > (LOY_SURVIVAL_WEIGHTED | LOY_SURVIVAL_ENTERED) ||
	    options->covariates > LOY_SURVIVAL_COVARIATES_MAX || unit > INT64_MAX)
		return loy__fail_byte(error, LOY_EFORMAT, (int64_t)r->at,
		                      "the header is short, or not possible");
	options->unit = (int64_t)unit;
	return LOY_OK;
}

/* Frame, size and checksum; afterwards the reader stands at the rows. */
static loy_status read_frame(loy__reader *r, loy_survival_options *options, uint64_t *rows, loy_error *error)
{
	loy_status status = read_header(r, options, rows, error);
	uint64_t row_bytes = LOY__SUBJECT_FIXED;
	loy__reader trailer;

	if (status != LOY_OK)
		return status;
	row_bytes += options->covariates;
	row_bytes += (options->flags & LOY_SURVIVAL_ENTERED) != 0;
	row_bytes += (options->flags & LOY_SURVIVAL_WEIGHTED) != 0;
	row_bytes *= 8;
	if (loy__reader_left(r) < CHECKSUM_BYTES ||
	    *rows != (loy__reader_left(r) - CHECKSUM_BYTES) / row_bytes ||
	    (loy__reader_left(r) - CHECKSUM_BYTES) % row_bytes != 0)
		return loy__fail_byte(error, LOY_EFORMAT, 16, "the size is not that of so many rows");
	loy__reader_init(&trailer, r->data + r->size - CHECKSUM_BYTES, CHECKSUM_BYTES);
	if (loy__read_u32(&trailer) != loy__crc32c(0, r->data, r->size - CHECKSUM_BYTES))
		return loy__fail_byte(error, LOY_ECHECKSUM, (int64_t)(r->size - CHECKSUM_BYTES),
		                      "the checksum does not match");
	return LOY_OK;
}

/* A word with the bits of -0 or NaN cannot come from an accumulator. */
static int is_canonical(const loy_survival *s, const uint64_t *row)
{
	size_t i;

	if (row[LOY__SUBJECT_WHO] >> 33 != 0 || row[LOY__SUBJECT_TIME] == UINT64_C(1) << 63)
		return 0;
	for (i = LOY__SUBJECT_FIXED; i < s->stride; i++) {
		if (row[i] == UINT64_C(1) << 63)
			return 0;
	}
	return 1;
}

static loy_status read_rows(loy_survival *s, loy__reader *r, uint64_t rows, loy_error *error)
{
	const char *message = "";
	uint64_t row;
	size_t i;

	for (row = 0; row < rows; row++) {
		uint64_t *to = s->rows + s->count;
		int64_t at = (int64_t)r->at;
		uint32_t field;

		for (i = 0; i < s->stride; i++)
			to[i] = loy__read_u64(r);
		if (!is_canonical(s, to) || loy__survival_check(s, to, &field, &message) != LOY_OK)
			return loy__fail_byte(error, LOY_EFORMAT, at, "a row holds what cannot be");
		if (row > 0 && loy__survival_compare(to - s->stride, to, s->stride) >= 0)
			return loy__fail_byte(error, LOY_EFORMAT, at, "the rows are not in canonical order");
		if (to[LOY__SUBJECT_COUNT] > (uint64_t)LOY_SURVIVAL_SUBJECTS_MAX - s->subjects)
			return loy__fail_byte(error, LOY_EFORMAT, at, "too many subjects");
		s->subjects += to[LOY__SUBJECT_COUNT];
		s->count += s->stride;
	}
	return LOY_OK;
}

loy_status loy_survival_read(loy_survival **out, const void *bytes, size_t size, const loy_allocator *memory,
                             loy_error *error)
{
	loy_survival_options options = {0};
	uint64_t rows = 0;
	loy_survival *fresh;
	loy__reader r;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "nowhere to put the accumulator");
	*out = NULL;
	if (bytes == NULL && size != 0)
		return loy__fail(error, LOY_EINVAL, "no bytes");
	loy__reader_init(&r, bytes, size);
	status = read_frame(&r, &options, &rows, error);
	if (status != LOY_OK)
		return status;
	status = loy_survival_create(&fresh, &options, memory);
	if (status != LOY_OK)
		return loy__fail(error, status, "the accumulator could not be made");
	status = loy__grow(&fresh->memory, (void **)&fresh->rows, &fresh->capacity,
	                   (size_t)rows * fresh->stride, sizeof(*fresh->rows),
	                   SIZE_MAX / sizeof(*fresh->rows));
	if (status == LOY_OK)
		status = read_rows(fresh, &r, rows, error);
	else
		(void)loy__fail(error, status, "no memory for the rows");
	if (status == LOY_OK) {
		status = loy__survival_list_groups(fresh);
		if (status != LOY_OK) /* more groups than can be listed, or no memory for the list */
			(void)loy__fail(error, status == LOY_ELIMIT ? LOY_EFORMAT : status,
			                "too many groups");
		status = status == LOY_ELIMIT ? LOY_EFORMAT : status;
	}
	if (status != LOY_OK)
		loy_survival_destroy(fresh);
	else
		*out = fresh;
	return status;
}
