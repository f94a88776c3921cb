/*
 * The door of the core room: memory, errors, checked sizes, byte writers and readers, hashes, text.
 * Nothing here knows what a customer is. Includes no other room.
 */
#ifndef LOY_CORE_CORE_H
#define LOY_CORE_CORE_H

#include <float.h>
#include <loyalty/base.h>
#include <string.h>

/*
 * The same bits everywhere need plain double arithmetic: no x87, no fused or reordered operations.
 * Method 1 (s390x) widens float to double, 16 (x86-64 with AVX512-FP16) is about half precision: both leave
 * double alone, and the library has nothing narrower.
 */
#if !defined(FLT_EVAL_METHOD) || (FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1 && FLT_EVAL_METHOD != 16)
#error "libloyalty needs double arithmetic in double (on 32-bit x86: -msse2 -mfpmath=sse)"
#endif
#if defined(__FAST_MATH__)
#error "libloyalty must not be built with -ffast-math"
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#if defined(__GNUC__)
#define LOY__LIKELY(x)   (__builtin_expect(!!(x), 1) != 0) /* an int: the built-in's long is not everyone's */
#define LOY__UNLIKELY(x) (__builtin_expect(!!(x), 0) != 0)
#define LOY__PREFETCH(p) __builtin_prefetch(p)
/* Not as near: processors have more of these under way at a time. */
#define LOY__PREFETCH_FAR(p) __builtin_prefetch(p, 0, 2)
/* Keeps a large frame apart from its caller's, so that no frame of the library is larger than 1 KiB. */
#define LOY__NOINLINE __attribute__((noinline))
#else
#define LOY__LIKELY(x)       (x)
#define LOY__UNLIKELY(x)     (x)
#define LOY__PREFETCH(p)     ((void)(p))
#define LOY__PREFETCH_FAR(p) ((void)(p))
#define LOY__NOINLINE
#endif
/* For code that is written once and specialised by constants. */
#if defined(__GNUC__) && !defined(LOY_COVERAGE) /* gcov counts each inlined copy as code of its own */
#define LOY__ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define LOY__ALWAYS_INLINE inline
#endif

/* Where numbers lie in memory as in files they are copied whole: compilers make little of bytes put side by side. */
#if defined(__BYTE_ORDER__) && defined(__ORDER_LITTLE_ENDIAN__)
#define LOY__LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#else
#define LOY__LITTLE_ENDIAN 0
#endif

#define LOY__COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- memory (memory.c) ---------------------------------------------------------------------------- */

/* Copy the caller's allocator, or malloc's when it is NULL. LOY_EINVAL when only some functions are set. */
loy_status loy__memory_adopt(loy_allocator *out, const loy_allocator *from);
void *loy__alloc(const loy_allocator *memory, size_t size);      /* uninitialised; NULL when out of memory */
void *loy__alloc_zero(const loy_allocator *memory, size_t size); /* zeroed */
void *loy__resize(const loy_allocator *memory, void *block, size_t old_size, size_t new_size);
void loy__free(const loy_allocator *memory, void *block, size_t size); /* block may be NULL */
/*
 * Make room for `need` elements of `size` bytes in a growing array: doubles the capacity, never beyond
 * `limit` elements (LOY_ELIMIT). The array and *capacity are unchanged on failure.
 */
loy_status loy__grow(const loy_allocator *memory, void **array, size_t *capacity, size_t need, size_t size,
                     size_t limit);
/*
 * Copy the known part of a caller's options struct over zeroes. `known` is our sizeof; LOY_EINVAL when
 * struct_size is too small to hold itself, or when bytes beyond what we know are not zero.
 */
loy_status loy__options_read(void *out, size_t known, const void *options);
/*
 * Copy a result into a caller's struct that starts with its struct_size: never more than that, and what we do
 * not know is left alone. LOY_EINVAL for NULL or a size that cannot be.
 */
loy_status loy__result_write(void *out, const void *result, size_t known);

/* ---- errors (status.c) ---------------------------------------------------------------------------- */

/*
 * Fill the caller's detail (NULL allowed). `message` is copied, truncated on a UTF-8 boundary; positions that
 * are not given are "none". Called through the loy__fail functions below.
 */
void loy__error_fill(loy_error *error, loy_status status, const char *message);
void loy__error_fill_name(loy_error *error, loy_status status, const char *message, const char *name,
                          size_t length);
void loy__error_fill_row(loy_error *error, loy_status status, int64_t row, uint32_t field,
                         const char *message);
void loy__error_fill_byte(loy_error *error, loy_status status, int64_t byte, const char *message);
void loy__error_fill_text(loy_error *error, loy_status status, uint32_t line, uint32_t column, int64_t byte,
                          const char *message);

/* Fill the detail and return `status`: inline, so that whoever reads the caller sees which status comes back. */
static inline loy_status loy__fail(loy_error *error, loy_status status, const char *message)
{
	loy__error_fill(error, status, message);
	return status;
}

/* With "message: 'name'"; name is `length` bytes of the caller's text. */
static inline loy_status loy__fail_name(loy_error *error, loy_status status, const char *message,
                                        const char *name, size_t length)
{
	loy__error_fill_name(error, status, message, name, length);
	return status;
}

static inline loy_status loy__fail_row(loy_error *error, loy_status status, int64_t row, uint32_t field,
                                       const char *message)
{
	loy__error_fill_row(error, status, row, field, message);
	return status;
}

static inline loy_status loy__fail_byte(loy_error *error, loy_status status, int64_t byte,
                                        const char *message)
{
	loy__error_fill_byte(error, status, byte, message);
	return status;
}

static inline loy_status loy__fail_text(loy_error *error, loy_status status, uint32_t line, uint32_t column,
                                        int64_t byte, const char *message)
{
	loy__error_fill_text(error, status, line, column, byte, message);
	return status;
}

/* LOY_EUTF8 at a byte of a text, with its line and column (status.c). */
loy_status loy__fail_utf8(loy_error *error, const char *text, size_t at);

/* A message in the making; what does not fit is cut. */
typedef struct loy__message {
	char text[LOY_ERROR_MESSAGE_SIZE];
	size_t length;
} loy__message;
void loy__message_add(loy__message *m, const char *text, size_t length);
void loy__message_add_text(loy__message *m, const char *text);
/* What was found in a text, in quotes; more than 40 bytes are cut between two characters. */
void loy__message_add_quoted(loy__message *m, const char *found, size_t length);

/* ---- checked arithmetic (memory.c) ---------------------------------------------------------------- */

/* Each returns 1 and stores the result when it fits, or 0 and leaves *out alone. */
int loy__add_i64(int64_t a, int64_t b, int64_t *out);
int loy__mul_size(size_t a, size_t b, size_t *out);

/* ---- bytes (bytes.c): little-endian, written and read one byte at a time ------------------------------ */

/* A growing output. The first failure sticks in `status`, later calls do nothing: check it once, at the end. */
typedef struct loy__writer {
	loy_allocator memory;
	uint8_t *data;
	size_t size, capacity;
	size_t limit; /* most bytes ever written: LOY_ELIMIT beyond */
	loy_status status;
} loy__writer;

void loy__writer_init(loy__writer *w, const loy_allocator *memory, size_t limit);
/* A writer over a caller's buffer: writes what fits, counts all in `size`, never allocates. */
void loy__writer_over(loy__writer *w, void *buffer, size_t capacity);
void loy__writer_free(loy__writer *w);
void loy__write_bytes(loy__writer *w, const void *data, size_t size);
void loy__write_u8(loy__writer *w, uint8_t v);
void loy__write_u16(loy__writer *w, uint16_t v);
void loy__write_u32(loy__writer *w, uint32_t v);
void loy__write_u64(loy__writer *w, uint64_t v);
void loy__write_varint(loy__writer *w, uint64_t v); /* LEB128, shortest form */
void loy__write_zigzag(loy__writer *w, int64_t v);  /* signed as varint */

/* A bounded input. The first failure sticks (LOY_EFORMAT), later reads return 0. `at` is the offset to blame. */
typedef struct loy__reader {
	const uint8_t *data;
	size_t size, at;
	loy_status status;
} loy__reader;

void loy__reader_init(loy__reader *r, const void *data, size_t size);
const uint8_t *loy__read_bytes(loy__reader *r, size_t size); /* borrowed from the input, NULL on failure */
uint8_t loy__read_u8(loy__reader *r);
uint16_t loy__read_u16(loy__reader *r);
uint32_t loy__read_u32(loy__reader *r);
uint64_t loy__read_u64(loy__reader *r);
uint64_t loy__read_varint(loy__reader *r); /* refuses a longer form than needed: one value, one encoding */
int64_t loy__read_zigzag(loy__reader *r);
static inline size_t loy__reader_left(const loy__reader *r)
{
	return r->size - r->at;
}

/* The next `count` doubles of a block that is shared out. */
static inline double *loy__cut(double **from, size_t count)
{
	double *here = *from;

	*from += count;
	return here;
}

/* The bits of a double, -0 as 0: those of numbers not below 0 are in the numbers' order. */
static inline uint64_t loy__to_word(double value)
{
	uint64_t word;

	value += 0.0; /* -0 becomes 0 */
	memcpy(&word, &value, sizeof(word));
	return word;
}

static inline double loy__from_word(uint64_t word)
{
	double value;

	memcpy(&value, &word, sizeof(value));
	return value;
}

/* A double `offset` bytes behind `base`, which need not be aligned: element of a caller's column. */
static inline double loy__real_at(const void *base, int64_t offset)
{
	double value;

	memcpy(&value, (const char *)base + offset, sizeof(value));
	return value;
}

/* Bits read as signed, without leaving it to the implementation. */
static inline int64_t loy__signed(uint64_t bits)
{
	return bits <= (uint64_t)INT64_MAX ? (int64_t)bits : -(int64_t)~bits - 1;
}

/* Numbers at places that are known to be there. */
static inline uint32_t loy__get_u16(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}
static inline uint32_t loy__get_u32(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}
static inline uint64_t loy__get_u64(const uint8_t *b)
{
	return (uint64_t)loy__get_u32(b) | (uint64_t)loy__get_u32(b + 4) << 32;
}
static inline void loy__put_u16(uint8_t *b, uint32_t v)
{
	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}
static inline void loy__put_u32(uint8_t *b, uint32_t v)
{
	if (LOY__LITTLE_ENDIAN) {
		memcpy(b, &v, sizeof(v));
		return;
	}
	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
	b[2] = (uint8_t)(v >> 16);
	b[3] = (uint8_t)(v >> 24);
}
static inline void loy__put_u64(uint8_t *b, uint64_t v)
{
	if (LOY__LITTLE_ENDIAN) {
		memcpy(b, &v, sizeof(v));
		return;
	}
	loy__put_u32(b, (uint32_t)v);
	loy__put_u32(b + 4, (uint32_t)(v >> 32));
}

/* ---- hashes (hash.c, crc.c, blake2s.c) -------------------------------------------------------------- */

uint32_t loy__crc32c(uint32_t seed, const void *data, size_t size); /* seed 0 to start; chains */
/* The same without instructions of the processor at hand, which tests compare with. */
uint32_t loy__crc32c_tables(uint32_t seed, const void *data, size_t size);
/* SipHash-1-3 (Aumasson & Bernstein 2012), 64 bits, key as two words. */
uint64_t loy__siphash(uint64_t k0, uint64_t k1, const void *data, size_t size);
/* The 128-bit variant; out[0] is the low word. */
void loy__siphash128(uint64_t k0, uint64_t k1, const void *data, size_t size, uint64_t out[2]);
/* BLAKE2s-256 (RFC 7693): init, add as often as needed, end. */
#define LOY__BLAKE2S_SIZE 32u
typedef struct loy__blake2s {
	uint32_t state[8];
	uint64_t counted; /* bytes taken in before those held */
	uint32_t held;
	uint8_t block[64];
} loy__blake2s;
void loy__blake2s_init(loy__blake2s *hash);
void loy__blake2s_add(loy__blake2s *hash, const void *data, size_t size);
void loy__blake2s_end(loy__blake2s *hash, uint8_t out[LOY__BLAKE2S_SIZE]);
/* Mixes one 64-bit word for hash tables (splitmix64 finaliser, Steele, Lea & Flood 2014). */
static inline uint64_t loy__mix64(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}
/* The word that was mixed. */
static inline uint64_t loy__unmix64(uint64_t x)
{
	x ^= x >> 31 ^ x >> 62;
	x *= UINT64_C(0x319642b2d24d8ec3);
	x ^= x >> 27 ^ x >> 54;
	x *= UINT64_C(0x96de1b173f119089);
	return x ^ x >> 30 ^ x >> 60;
}

/* ---- text (text.c) --------------------------------------------------------------------------------- */

/* 1 when the bytes are valid UTF-8 (no surrogates, no overlong forms, at most U+10FFFF), else 0. */
int loy__utf8_valid(const void *text, size_t length);
/* Offset of the first invalid byte, or `length` when valid. */
size_t loy__utf8_check(const void *text, size_t length);
/*
 * Fixed-point decimals in 1e-12, the only numbers in model text: no exponent, no locale, at most 12
 * decimals, |value| <= 9,000,000. Returns bytes consumed, 0 when there is no number, and sets *status to
 * LOY_ERANGE for too large or too many decimals.
 */
#define LOY__DECIMAL_ONE INT64_C(1000000000000)
size_t loy__decimal_read(const char *text, size_t length, int64_t *value, loy_status *status);
/* Shortest form ("0.35", "-2", "12.000001"); `out` takes at most 24 bytes, not terminated; returns its length. */
size_t loy__decimal_write(int64_t value, char *out);
/* Unsigned and signed integers in decimal; at most 20 bytes, not terminated; returns the length. */
size_t loy__integer_write(int64_t value, char *out);
/*
 * The shortest decimal that is read back as the same double ("0.1", "-1.5e-300", "-0"), valid JSON; at most 26 bytes,
 * not terminated; returns the length, 0 for what is no number (real.c).
 */
size_t loy__real_write(double value, char *out);
/*
 * A decimal as a double, correctly rounded; "nan" and "inf" as well. Returns bytes consumed, 0 when there is no number,
 * and sets *status to LOY_ERANGE for more than 19 significant digits or what no double can hold (real_read.c).
 */
size_t loy__real_read(const char *text, size_t length, double *value, loy_status *status);
/* Copy text of known length by the rule for text out (see base.h). */
loy_status loy__text_out(const char *text, size_t length, char *buffer, size_t capacity, size_t *needed);

/* ---- civil dates (date.c) -------------------------------------------------------------------------- */

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back. month 1..12, day 1..31. */
int64_t loy__days_from_date(int32_t year, int32_t month, int32_t day);
void loy__date_from_days(int64_t days, int32_t *year, int32_t *month, int32_t *day);
/* floor(a / b) for b > 0. */
static inline int64_t loy__floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return q - ((a % b) < 0);
}

#endif
