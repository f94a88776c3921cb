/*
 * Canonical bytes of moments, little-endian:
 *
 *	"LOYX", version 1, missing u8, columns u16, rows u64, counted u64, complete u64,
 *	the sums in the order of moments.h, each as a length u8 and so many bytes, two's complement, the shortest form,
 *	least and greatest value of each column that has one, the bits of doubles as u64,
 *	CRC-32C of all before.
 *
 * Reading accepts only sums that rows could have within the bounds of each, so that nothing can overflow later.
 */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

#define FORMAT_VERSION 1u
#define HEADER_BYTES   32u
#define CHECKSUM_BYTES 4u
#define SUM_BYTES      (8u * LOY__SUM_WORDS)

static uint8_t sum_byte(const loy__sum *sum, uint32_t at)
{
	return (uint8_t)(sum->word[at / 8] >> (8 * (at % 8)));
}

/* The shortest form: bytes above it say nothing but the sign that its last one has. */
static uint32_t sum_length(const loy__sum *sum)
{
	uint64_t sign = sum->word[LOY__SUM_WORDS - 1] >> 63 != 0 ? UINT64_MAX : 0, last;
	uint32_t words = LOY__SUM_WORDS, length;

	while (words > 0 && sum->word[words - 1] == sign)
		words--;
	if (words == 0)
		return sign == 0 ? 0 : 1;
	length = 8 * words;
	for (last = sum->word[words - 1] ^ sign; last >> 56 == 0; last <<= 8)
		length--;
	return last >> 63 != 0 ? length + 1 : length; /* its own highest bit says the other sign */
}

static void write_sum(loy__writer *w, const loy__sum *sum)
{
	uint8_t bytes[SUM_BYTES + 1];
	uint32_t length = sum_length(sum), i;

	bytes[0] = (uint8_t)length;
	for (i = 0; i < length; i++)
		bytes[1 + i] = sum_byte(sum, i);
	loy__write_bytes(w, bytes, 1 + (size_t)length);
}

static void write_all(loy__writer *w, const loy_moments *m)
{
	size_t i;

	loy__write_bytes(w, "LOYX", 4);
	loy__write_u8(w, FORMAT_VERSION);
	loy__write_u8(w, (uint8_t)m->missing);
	loy__write_u16(w, (uint16_t)m->columns);
	loy__write_u64(w, m->rows);
	loy__write_u64(w, m->counted);
	loy__write_u64(w, m->complete);
	for (i = 0; i < m->sum_count; i++)
		write_sum(w, &m->sums[i]);
	for (i = 0; i < m->columns; i++) {
		if (m->least[i] <= m->greatest[i]) {
			loy__write_u64(w, loy__to_word(m->least[i]));
			loy__write_u64(w, loy__to_word(m->greatest[i]));
		}
	}
}

loy_status loy_moments_serialize(const loy_moments *moments, void *buffer, size_t capacity, size_t *needed)
{
	loy__writer w;
	size_t size;

	if (moments == NULL || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	loy__writer_over(&w, buffer, capacity);
	write_all(&w, moments);
	size = w.size + CHECKSUM_BYTES;
	if (needed != NULL)
		*needed = size;
	if (size > capacity)
		return LOY_EBUFFER;
	loy__write_u32(&w, loy__crc32c(0, buffer, w.size));
	return LOY_OK;
}

/* ---- reading ---- */

static loy_status refuse(const loy__reader *r, const char *message, loy_error *error)
{
	return loy__fail_byte(error, LOY_EFORMAT, (int64_t)r->at, message);
}

static loy_status read_frame(loy__reader *r, loy_error *error)
{
	const uint8_t *magic = loy__read_bytes(r, 4);
	loy__reader trailer;
	uint8_t version;

	if (magic == NULL || memcmp(magic, "LOYX", 4) != 0)
		return loy__fail_byte(error, LOY_EFORMAT, 0, "these are not the bytes of moments");
	version = loy__read_u8(r);
	if (r->status == LOY_OK && version > FORMAT_VERSION)
		return loy__fail_byte(error, LOY_EVERSION, 4, "a later version wrote these bytes");
	if (r->status != LOY_OK || version == 0 || r->size < HEADER_BYTES + CHECKSUM_BYTES)
		return refuse(r, "the header is short, or of no version", error);
	loy__reader_init(&trailer, r->data + r->size - CHECKSUM_BYTES, CHECKSUM_BYTES);
	if (loy__read_u32(&trailer) != loy__crc32c(0, r->data, r->size - CHECKSUM_BYTES))
		return loy__fail_byte(error, LOY_ECHECKSUM, (int64_t)(r->size - CHECKSUM_BYTES),
		                      "the checksum does not match");
	r->size -= CHECKSUM_BYTES;
	return LOY_OK;
}

/* 0 when the bytes are short, too many, or not the shortest form. */
static int read_sum(loy__reader *r, loy__sum *out)
{
	uint8_t length = loy__read_u8(r);
	const uint8_t *bytes = length <= SUM_BYTES ? loy__read_bytes(r, length) : NULL;
	uint64_t sign;
	uint32_t i;

	if (bytes == NULL)
		return 0;
	sign = length != 0 && bytes[length - 1] >= 0x80 ? UINT64_MAX : 0;
	for (i = 0; i < LOY__SUM_WORDS; i++)
		out->word[i] = sign;
	for (i = 0; i < length; i++) {
		out->word[i / 8] &= ~(UINT64_C(0xff) << (8 * (i % 8)));
		out->word[i / 8] |= (uint64_t)bytes[i] << (8 * (i % 8));
	}
	return sum_length(out) == length;
}

/* What is known of the sum at a place: how many factors below 2^80 its addends have, how many rows, its sign. */
struct place {
	uint32_t factors;
	int is_signed, is_weight;
	uint64_t rows;
};

static uint64_t rows_of_pair(const loy_moments *m, size_t i, size_t j)
{
	return m->pair_rows[loy__pair_index(i < j ? i : j, i < j ? j : i, m->columns)].word[0];
}

static void look_up_others(const loy_moments *m, size_t at, struct place *out)
{
	const loy__sum *sum = &m->sums[at];
	size_t k = m->columns, in;

	if (sum < m->pair_weight) {
		out->rows = m->counted - m->complete;
	} else if (sum < m->pair_first) {
		out->is_weight = sum < m->pair_product;
		out->is_signed = !out->is_weight;
		out->factors = out->is_weight ? 1 : 3;
		out->rows = m->pair_rows[(size_t)(sum - m->pair_weight) % m->pair_count].word[0];
	} else {
		in = (size_t)(sum - m->pair_first) % (k * k);
		out->is_signed = sum < m->pair_square;
		out->factors = out->is_signed ? 2 : 3;
		out->rows = rows_of_pair(m, in / k, in % k);
	}
}

static void look_up(const loy_moments *m, size_t at, struct place *out)
{
	const loy__sum *sum = &m->sums[at];

	memset(out, 0, sizeof(*out));
	out->rows = sum == m->weight_all ? m->counted : m->complete;
	if (sum < m->weight_squares) {
		out->factors = 1;
		out->is_weight = 1;
	} else if (sum == m->weight_squares) {
		out->factors = 2;
	} else if (sum < m->product + m->pair_count) {
		out->is_signed = 1;
		out->factors = sum < m->product ? 2 : 3;
	} else {
		look_up_others(m, at, out);
	}
}

static int is_possible(const loy_moments *m, size_t at)
{
	const loy__sum *sum = &m->sums[at];
	struct place place;
	int sign = loy__sum_sign(sum);

	look_up(m, at, &place);
	if ((!place.is_signed && sign < 0) || (place.is_weight && place.rows != 0 && sign == 0))
		return 0;
	return loy__sum_within(sum, place.rows, 2 * LOY__GRID_BITS * place.factors);
}

/* A multiple of 2^-40 below 2^40, not -0. */
static int is_on_grid(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return fabs(value) < LOY__GRID_ONE && bits != UINT64_C(1) << 63 &&
	       loy__nearest(value * LOY__GRID_ONE) == value * LOY__GRID_ONE;
}

/* Pairs have at most as many rows as each of their columns, and columns have no negative variance. */
static int column_agrees(const loy_moments *m, uint32_t i)
{
	loy_column_moments column = {0};
	size_t k = m->columns, j;

	for (j = 0; j < k && m->missing != LOY_MISSING_LISTWISE; j++) {
		if (rows_of_pair(m, i, j) > rows_of_pair(m, i, i))
			return 0;
	}
	if (m->missing != LOY_MISSING_LISTWISE && memcmp(&m->pair_product[loy__pair_index(i, i, k)],
	                                                 &m->pair_square[i * k + i], sizeof(loy__sum)) != 0)
		return 0;
	column.struct_size = sizeof(column);
	return loy_moments_get_column(m, i, LOY_WEIGHT_SURVEY, &column) == LOY_OK && !(column.variance < 0.0);
}

static int read_extremes(loy__reader *r, loy_moments *m, uint32_t i)
{
	if (m->complete == 0 && (m->missing == LOY_MISSING_LISTWISE || rows_of_pair(m, i, i) == 0))
		return 1;
	m->least[i] = loy__from_word(loy__read_u64(r));
	m->greatest[i] = loy__from_word(loy__read_u64(r));
	return r->status == LOY_OK && is_on_grid(m->least[i]) && is_on_grid(m->greatest[i]) &&
	       m->least[i] <= m->greatest[i];
}

static loy_status read_body(loy__reader *r, loy_moments *m, loy_error *error)
{
	size_t at;
	uint32_t i;

	m->rows = loy__read_u64(r);
	m->counted = loy__read_u64(r);
	m->complete = loy__read_u64(r);
	if (r->status != LOY_OK || m->rows > LOY__TABLE_ROWS_MAX || m->counted > m->rows ||
	    m->complete > m->counted)
		return refuse(r, "there cannot be as many rows", error);
	for (at = 0; at < m->sum_count; at++) {
		if (!read_sum(r, &m->sums[at]) || !is_possible(m, at))
			return refuse(r, "a sum is short, too long, or more than its rows could have", error);
	}
	for (i = 0; i < m->columns; i++) {
		if (!column_agrees(m, i))
			return refuse(r, "the sums of a column do not agree", error);
		if (!read_extremes(r, m, i))
			return refuse(r, "the least or greatest value of a column is none", error);
	}
	if (loy__reader_left(r) != 0)
		return refuse(r, "there is something behind the moments", error);
	return LOY_OK;
}

loy_status loy_moments_parse(loy_moments **out, const void *bytes, size_t length, const loy_allocator *memory,
                             loy_error *error)
{
	loy_moments *fresh;
	uint32_t missing, columns;
	loy__reader r;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "nowhere to put the moments");
	*out = NULL;
	if (bytes == NULL && length != 0)
		return loy__fail(error, LOY_EINVAL, "no bytes");
	loy__reader_init(&r, bytes, length);
	status = read_frame(&r, error);
	if (status != LOY_OK)
		return status;
	missing = loy__read_u8(&r);
	columns = loy__read_u16(&r);
	if (missing > LOY_MISSING_PAIRWISE || columns == 0 || columns > LOY_TABLE_COLUMNS_MAX)
		return refuse(&r, "the header is not possible", error);
	if (loy__reader_left(&r) < loy__moments_sum_count(columns, missing))
		return refuse(&r, "there are fewer bytes than sums", error);
	status = loy_moments_create(&fresh, columns, missing, memory);
	if (status != LOY_OK)
		return loy__fail(error, status, "the moments could not be made");
	status = read_body(&r, fresh, error);
	if (status == LOY_OK)
		*out = fresh;
	else
		loy_moments_destroy(fresh);
	return status;
}
