/**
 * @file loyalty/base.h
 * @brief What every other header needs: statuses, error detail, memory, progress, version, limits.
 *
 * Threads: every function here is pure or works on what the caller passes in; all may be called from
 * any thread at any time. The library has no global state, so it needs no start and no shutdown.
 *
 * Conventions, the same everywhere in the library:
 * - A function that can fail returns a `loy_status`. On failure the objects are as they were and outputs
 *   are untouched (constructors set `*out` to NULL).
 * - Time is `int64_t` microseconds since 1970-01-01T00:00:00Z, always passed in; the library owns no clock.
 *   Accepted times lie in [LOY_TIME_MIN, LOY_TIME_MAX], the years 1900 to 2199.
 * - Money is `int64_t` in minor units of a currency (cents). Ratios are `int64_t` in 1e-9 inside events.
 * - Text in is UTF-8 with a length in bytes and needs no terminator. Text out is copied to the caller's
 *   buffer; `*needed` gets the bytes the whole text takes without the terminator, and LOY_EBUFFER is
 *   returned when it does not fit with its terminating zero (call with capacity 0 to ask). Bytes out are the
 *   same without that zero. `needed` may be NULL. What a buffer that was too small holds then is not said.
 * - An options struct starts with `struct_size`; zero the struct, set the size, and zero means the default. A
 *   struct that the library fills has one too: set it before the call, or LOY_EINVAL is returned. Only members
 *   that the caller's build knows are read or written.
 * - A function that returns a count, or a text or handle the library keeps, returns 0 or NULL where there is
 *   nothing: for NULL, an index beyond the end, an object that does not have it or not yet.
 * - `*_destroy()` releases what a function of the same type made; NULL is allowed, and it never fails.
 */
#ifndef LOYALTY_BASE_H
#define LOYALTY_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define LOY_BEGIN_DECLS extern "C" {
#define LOY_END_DECLS   }
#else
#define LOY_BEGIN_DECLS
#define LOY_END_DECLS
#endif

#if defined(LOY_STATIC)
#define LOY_API
#elif defined(_WIN32)
#if defined(LOY_BUILDING)
#define LOY_API __declspec(dllexport)
#else
#define LOY_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define LOY_API __attribute__((visibility("default")))
#else
#define LOY_API
#endif

/** Version of these headers. The library's own is loy_version_number(). */
#define LOY_VERSION_MAJOR  1
#define LOY_VERSION_MINOR  0
#define LOY_VERSION_PATCH  0
#define LOY_VERSION_NUMBER (LOY_VERSION_MAJOR * 1000000 + LOY_VERSION_MINOR * 1000 + LOY_VERSION_PATCH)

/** Microseconds in a second, an hour and a day. */
#define LOY_SECOND INT64_C(1000000)
#define LOY_HOUR   (INT64_C(3600) * LOY_SECOND)
#define LOY_DAY    (INT64_C(24) * LOY_HOUR)

/** First accepted time, 1900-01-01T00:00:00Z, and last, 2199-12-31T23:59:59.999999Z. */
#define LOY_TIME_MIN (-INT64_C(25567) * LOY_DAY)
#define LOY_TIME_MAX (INT64_C(84006) * LOY_DAY - 1)

/** One whole in fields that hold a ratio: they are integers in 1e-9. */
#define LOY_RATIO_ONE INT64_C(1000000000)

LOY_BEGIN_DECLS

/** Result of a call: LOY_OK or one of the LOY_E… values of LOY_STATUS_MAP. Values never change meaning. */
typedef int32_t loy_status;

/** Every status: X(name, value, text). */
#define LOY_STATUS_MAP(X)                                                                                    \
	X(LOY_OK, 0, "success")                                                                              \
	X(LOY_EINVAL, 1, "an argument is not valid")                                                         \
	X(LOY_ENOMEM, 2, "out of memory")                                                                    \
	X(LOY_ERANGE, 3, "a value lies outside its range")                                                   \
	X(LOY_EOVERFLOW, 4, "an exact sum would overflow")                                                   \
	X(LOY_ETIME, 5, "a time lies outside the years 1900 to 2199")                                        \
	X(LOY_EUTF8, 6, "text is not valid UTF-8")                                                           \
	X(LOY_ELIMIT, 7, "a documented limit would be exceeded")                                             \
	X(LOY_EBUFFER, 8, "the buffer is too small")                                                         \
	X(LOY_ENOTFOUND, 9, "no such thing")                                                                 \
	X(LOY_EUNKNOWN, 10, "unknown: there is no evidence to answer from")                                  \
	X(LOY_EFORMAT, 11, "bytes do not follow the format")                                                 \
	X(LOY_ECHECKSUM, 12, "bytes are damaged: the checksum does not match")                               \
	X(LOY_EVERSION, 13, "bytes were written by a newer version")                                         \
	X(LOY_ESCHEMA, 14, "profiles and models follow different schemas")                                   \
	X(LOY_ESYNTAX, 15, "text does not follow the syntax")                                                \
	X(LOY_ENAME, 16, "text uses a name that is not declared, or declares one twice")                     \
	X(LOY_ECYCLE, 17, "paths form a cycle")                                                              \
	X(LOY_EDUPLICATE, 18, "an event with this identity and content is known already")                    \
	X(LOY_ECONFLICT, 19, "an event with this identity but other content is known already")               \
	X(LOY_EFUTURE, 20, "the event lies after the latest time accepted")                                  \
	X(LOY_ECANCELLED, 21, "the caller cancelled")                                                        \
	X(LOY_ESTATE, 22, "the object is not in a state that allows this")                                   \
	X(LOY_ETHREAD, 23, "a thread could not be started")                                                  \
	X(LOY_EIO, 24, "the file system failed")                                                             \
	X(LOY_EFULL, 25, "there is no room for more on the medium")                                          \
	X(LOY_ELOCKED, 26, "somebody else has it open")                                                      \
	X(LOY_EREADONLY, 27, "it can only be read")                                                          \
	X(LOY_EDAMAGED, 28, "files are damaged: what was acknowledged cannot be read back")                  \
	X(LOY_EERASED, 29, "the customer was erased: the event does not count")                              \
	X(LOY_ECONSENT, 30, "the customer has not consented to this purpose")                                \
	X(LOY_EDENIED, 31, "the system does not permit it")

#define LOY_STATUS_CONSTANT(name, value, text) name = value,
enum { LOY_STATUS_MAP(LOY_STATUS_CONSTANT) LOY_STATUS_COUNT };
#undef LOY_STATUS_CONSTANT

/** Name of a status ("LOY_ENOMEM"), or "LOY_?" for a value this version does not know. Static text. */
LOY_API const char *loy_status_name(loy_status status);
/** One sentence about a status. Static text, never NULL. */
LOY_API const char *loy_status_text(loy_status status);

/** Capacity of loy_error.message, terminator included. */
#define LOY_ERROR_MESSAGE_SIZE 192

/**
 * Where and why a call failed. The caller owns it and passes it to calls that take one (NULL is allowed);
 * the call fills it when it fails and leaves it alone when it succeeds. Positions that do not apply are -1
 * (row, byte) or 0 (line, column, field). Zero it and set struct_size first: one without is left alone.
 */
typedef struct loy_error {
	uint32_t struct_size; /**< sizeof(loy_error) in the caller's build. */
	loy_status code;      /**< The status the call returned. */
	int64_t row;          /**< Row of a batch or table, from 0; -1 if none. */
	int64_t byte;         /**< Offset in the bytes or text given, from 0; -1 if none. */
	uint32_t line;        /**< Line of a text, from 1; 0 if none. */
	uint32_t column;      /**< Column of a text in bytes, from 1; 0 if none. */
	uint32_t field;       /**< LOY_FIELD_… the value belongs to; 0 if none. */
	uint32_t reserved;    /**< 0. */
	char message[LOY_ERROR_MESSAGE_SIZE]; /**< What was expected and what was found; terminated UTF-8. */
} loy_error;

/**
 * Memory for one root object and all it owns. All three functions or none must be given; a NULL allocator
 * means malloc, realloc and free. Old sizes are passed so that simple arenas need no headers. The struct is
 * copied; user_data must outlive the object. Called only from the thread that calls the library; calls that
 * only read may ask for memory as well (a hash, a batch of scores), so what several threads read at a time
 * needs an allocator that several threads may call.
 */
typedef struct loy_allocator {
	/** Return @p size bytes (never 0) aligned for any type, or NULL. */
	void *(*allocate)(size_t size, void *user_data);
	/** Return a block of @p new_size holding the old content, or NULL and leave the old block as it was. */
	void *(*resize)(void *block, size_t old_size, size_t new_size, void *user_data);
	/** Give a block (never NULL) of @p size bytes back. */
	void (*release)(void *block, size_t size, void *user_data);
	void *user_data; /**< Passed to each call, never touched. */
} loy_allocator;

/**
 * Told about progress by calls that can take longer than a second; returns 0 to go on, anything else to
 * cancel (the call then returns LOY_ECANCELLED, unless everything is done already: done == total). Called on
 * the calling thread only.
 */
typedef int32_t (*loy_progress)(uint64_t done, uint64_t total, void *user_data);

/** Version of the library that runs: major * 1000000 + minor * 1000 + patch. */
LOY_API uint32_t loy_version_number(void);
/** Version of the library that runs as text, "1.0.0". Static. */
LOY_API const char *loy_version(void);

/**
 * Read an ISO 8601 date or time: `YYYY-MM-DD`, or that followed by `T` or a blank, `hh:mm`, optionally
 * `:ss` and up to six decimals of a second, optionally `Z`, `+hh:mm` or `-hh:mm`. Without an offset the
 * text is read at @p utc_offset_minutes. @return LOY_OK, LOY_EINVAL, LOY_EFORMAT or LOY_ETIME.
 */
LOY_API loy_status loy_time_parse(const char *text, size_t length, int32_t utc_offset_minutes, int64_t *time);
/**
 * Write a time as `YYYY-MM-DDThh:mm:ssZ`, with six decimals of a second when they are not zero.
 * @return LOY_OK, LOY_EINVAL, LOY_ETIME or LOY_EBUFFER.
 */
LOY_API loy_status loy_time_print(int64_t time, char *buffer, size_t capacity, size_t *needed);

/**
 * A 32-bit code for a text such as a category, a channel or an offer name: the first four bytes
 * (little-endian) of SipHash-1-3 of the bytes under the zero key, never 0. Two of n texts share a code with
 * probability about n²/2³³, so hosts that have numbers of their own should use those.
 * @return LOY_OK, LOY_EINVAL or LOY_EUTF8.
 */
LOY_API loy_status loy_code_from_text(const char *text, size_t length, uint32_t *code);
/**
 * A 128-bit identity for an external key such as a receipt number: SipHash-1-3 with 128-bit output under
 * the zero key. @return LOY_OK or LOY_EINVAL.
 */
LOY_API loy_status loy_identity_from_key(const void *key, size_t length, uint64_t *high, uint64_t *low);

LOY_END_DECLS
#endif
