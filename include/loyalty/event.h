/**
 * @file loyalty/event.h
 * @brief An event is one fact about one customer at one time: a purchase, a complaint, an answer.
 *
 * An event is an immutable set of integer fields with a 128-bit identity and canonical bytes: the same fact
 * has the same bytes on every machine. A `loy_event` is a reusable buffer for building, reading and copying
 * events: begin, set fields, hand it to a profile or a store, begin again. Nothing is allocated after the
 * first use except room for more lines or extension bytes than ever before.
 *
 * Setters return LOY_ESTATE on an event that has not begun, LOY_EINVAL for NULL; one that fails changes
 * nothing.
 *
 * Fields are named by LOY_FIELD_…; loy_field_info() tells name, type (and by it the unit) and range of
 * each, so a binding needs no list of its own. Ratios are integers in 1e-9 (LOY_RATIO_ONE is 1);
 * loy_event_set_ratio() takes a double and rounds to the nearest, halves away from zero.
 *
 * Threads: an event belongs to one thread at a time; reading one from several threads is safe.
 */
#ifndef LOYALTY_EVENT_H
#define LOYALTY_EVENT_H

#include <loyalty/base.h>

LOY_BEGIN_DECLS

typedef struct loy_event loy_event;

/**
 * Kinds of events: X(NAME, value, name). Values are pinned. A model text may register own kinds under
 * numbers LOY_KIND_OWN_FIRST to LOY_KIND_LAST; kinds nobody registered are kept, counted and passed on.
 */
#define LOY_KIND_MAP(X)                                                                                      \
	X(PURCHASE, 1, "purchase")                                                                           \
	X(RETURN, 2, "return")                                                                               \
	X(VISIT, 3, "visit")                                                                                 \
	X(CONTACT, 4, "contact")                                                                             \
	X(COMPLAINT, 5, "complaint")                                                                         \
	X(FIRST_RESPONSE, 6, "first_response")                                                               \
	X(RESOLUTION, 7, "resolution")                                                                       \
	X(SERVICE_FAILURE, 8, "service_failure")                                                             \
	X(DELIVERY, 9, "delivery")                                                                           \
	X(PROMISE_MADE, 10, "promise_made")                                                                  \
	X(PROMISE_KEPT, 11, "promise_kept")                                                                  \
	X(PROMISE_BROKEN, 12, "promise_broken")                                                              \
	X(SURVEY_ANSWER, 13, "survey_answer")                                                                \
	X(REVIEW, 14, "review")                                                                              \
	X(EMOTION, 15, "emotion")                                                                            \
	X(REFERRAL_MADE, 16, "referral_made")                                                                \
	X(REFERRAL_CONVERTED, 17, "referral_converted")                                                      \
	X(ENGAGEMENT, 18, "engagement")                                                                      \
	X(OFFER_SHOWN, 19, "offer_shown")                                                                    \
	X(OFFER_TAKEN, 20, "offer_taken")                                                                    \
	X(PRICE, 21, "price")                                                                                \
	X(BILLING, 22, "billing")                                                                            \
	X(REWARD, 23, "reward")                                                                              \
	X(MEMBERSHIP, 24, "membership")                                                                      \
	X(CONSENT, 25, "consent")

#define LOY_KIND_CONSTANT(NAME, value, name) LOY_KIND_##NAME = value,
enum { LOY_KIND_NONE = 0, LOY_KIND_MAP(LOY_KIND_CONSTANT) LOY_KIND_OWN_FIRST = 1000, LOY_KIND_LAST = 65535 };
#undef LOY_KIND_CONSTANT

/** What the integer of a field means. */
enum {
	LOY_TYPE_COUNT = 1, /**< A number of things. */
	LOY_TYPE_MONEY = 2, /**< Minor units of the event's currency. */
	LOY_TYPE_RATIO = 3, /**< 1e-9; LOY_RATIO_ONE is 1. */
	LOY_TYPE_TIME = 4,  /**< Microseconds since 1970 UTC. */
	LOY_TYPE_SPAN = 5,  /**< Microseconds. */
	LOY_TYPE_CODE = 6,  /**< A number that names something, 0 to 2^32 - 1. */
	LOY_TYPE_WORD = 7,  /**< 64 bits of an identity. */
	LOY_TYPE_REAL = 8,  /**< A double (profile fields only). */
	LOY_TYPE_WIDE = 9   /**< A 128-bit integer (profile fields only). */
};

/** Largest magnitude of one event's money field: 10^15 minor units. */
#define LOY_MONEY_MAX INT64_C(1000000000000000)

/**
 * Fields of events: X(NAME, id, name, type, least, greatest). Ids are pinned; 1 to 63 are fields that an
 * event may or may not have, 64 and up are the columns every event has (for loy_column only). Any kind may
 * have any field; which are evidence is the model's choice. What they say:
 * - AMOUNT: of a purchase what was paid, discounts off; of a return what was taken back, 0 or more; of a
 *   price event what is asked, LIST_AMOUNT the usual price. DISCOUNT: what was off. LOSS: what a failure
 *   cost the customer, COMPENSATION what was given for it. CURRENCY holds for all of them:
 *   loy_currency_code().
 * - VALUE: an answer or stars, on the scale from SCALE_MIN to SCALE_MAX; INSTRUMENT and ITEM: to which
 *   question.
 * - SEVERITY of a failure; QUALITY of a resolution, a contact, a bill, 1 the best; SENTIMENT of a text, and
 *   CONFIDENCE in a measurement made outside; EMOTION and its INTENSITY; ENGAGEMENT and its DEPTH.
 * - PROMISED_TIME and ACTUAL_TIME (the event's time if not set), or their difference DELAY: above 0 is late.
 * - ELAPSED: how long a reply or resolution took; TARGET: how long it was to take at most.
 * - STATE of a membership; PURPOSE of a consent and whether it was GRANTED; OFFER: which one.
 * - TOUCHPOINT, CHANNEL, SOURCE, DEVICE: where and by what it happened; profiles count their codes. DEVICE
 *   here is a tag and has nothing to do with the identity.
 * - CATEGORY and QUANTITY of a purchase without lines. WEIGHT: for rules of own models.
 * - UTC_OFFSET: local time less UTC; it decides the local day of a purchase.
 * - REFERENCE_HIGH, _LOW: loy_event_set_reference().
 */
#define LOY_FIELD_MAP(X)                                                                                     \
	X(AMOUNT, 1, "amount", LOY_TYPE_MONEY, -LOY_MONEY_MAX, LOY_MONEY_MAX)                                \
	X(CURRENCY, 2, "currency", LOY_TYPE_CODE, 0, UINT32_MAX)                                             \
	X(DISCOUNT, 3, "discount", LOY_TYPE_MONEY, -LOY_MONEY_MAX, LOY_MONEY_MAX)                            \
	X(REFERENCE_HIGH, 4, "reference_high", LOY_TYPE_WORD, INT64_MIN, INT64_MAX)                          \
	X(REFERENCE_LOW, 5, "reference_low", LOY_TYPE_WORD, INT64_MIN, INT64_MAX)                            \
	X(VALUE, 6, "value", LOY_TYPE_RATIO, -LOY_RATIO_ONE * 1000000, LOY_RATIO_ONE * 1000000)              \
	X(SCALE_MIN, 7, "scale_min", LOY_TYPE_RATIO, -LOY_RATIO_ONE * 1000000, LOY_RATIO_ONE * 1000000)      \
	X(SCALE_MAX, 8, "scale_max", LOY_TYPE_RATIO, -LOY_RATIO_ONE * 1000000, LOY_RATIO_ONE * 1000000)      \
	X(INSTRUMENT, 9, "instrument", LOY_TYPE_CODE, 0, 65535)                                              \
	X(ITEM, 10, "item", LOY_TYPE_CODE, 0, 65535)                                                         \
	X(SEVERITY, 11, "severity", LOY_TYPE_RATIO, 0, LOY_RATIO_ONE)                                        \
	X(QUALITY, 12, "quality", LOY_TYPE_RATIO, 0, LOY_RATIO_ONE)                                          \
	X(COMPENSATION, 13, "compensation", LOY_TYPE_MONEY, 0, LOY_MONEY_MAX)                                \
	X(LOSS, 14, "loss", LOY_TYPE_MONEY, 0, LOY_MONEY_MAX)                                                \
	X(PROMISED_TIME, 15, "promised_time", LOY_TYPE_TIME, LOY_TIME_MIN, LOY_TIME_MAX)                     \
	X(ACTUAL_TIME, 16, "actual_time", LOY_TYPE_TIME, LOY_TIME_MIN, LOY_TIME_MAX)                         \
	X(DELAY, 17, "delay", LOY_TYPE_SPAN, -LOY_DAY * 36525, LOY_DAY * 36525)                              \
	X(ELAPSED, 18, "elapsed", LOY_TYPE_SPAN, 0, LOY_DAY * 36525)                                         \
	X(TARGET, 19, "target", LOY_TYPE_SPAN, 0, LOY_DAY * 36525)                                           \
	X(SENTIMENT, 20, "sentiment", LOY_TYPE_RATIO, -LOY_RATIO_ONE, LOY_RATIO_ONE)                         \
	X(CONFIDENCE, 21, "confidence", LOY_TYPE_RATIO, 0, LOY_RATIO_ONE)                                    \
	X(EMOTION, 22, "emotion", LOY_TYPE_CODE, 0, 65535)                                                   \
	X(INTENSITY, 23, "intensity", LOY_TYPE_RATIO, 0, LOY_RATIO_ONE)                                      \
	X(DEPTH, 24, "depth", LOY_TYPE_RATIO, 0, LOY_RATIO_ONE)                                              \
	X(ENGAGEMENT, 25, "engagement", LOY_TYPE_CODE, 0, 65535)                                             \
	X(OFFER, 26, "offer", LOY_TYPE_CODE, 0, UINT32_MAX)                                                  \
	X(LIST_AMOUNT, 27, "list_amount", LOY_TYPE_MONEY, 0, LOY_MONEY_MAX)                                  \
	X(STATE, 28, "state", LOY_TYPE_CODE, 0, 65535)                                                       \
	X(PURPOSE, 29, "purpose", LOY_TYPE_CODE, 0, 65535)                                                   \
	X(GRANTED, 30, "granted", LOY_TYPE_COUNT, 0, 1)                                                      \
	X(TOUCHPOINT, 31, "touchpoint", LOY_TYPE_CODE, 0, UINT32_MAX)                                        \
	X(CHANNEL, 32, "channel", LOY_TYPE_CODE, 0, UINT32_MAX)                                              \
	X(SOURCE, 33, "source", LOY_TYPE_CODE, 0, UINT32_MAX)                                                \
	X(DEVICE, 34, "device", LOY_TYPE_CODE, 0, UINT32_MAX)                                                \
	X(CATEGORY, 35, "category", LOY_TYPE_CODE, 0, UINT32_MAX)                                            \
	X(QUANTITY, 36, "quantity", LOY_TYPE_RATIO, -INT64_C(1000000000000000000), INT64_C(1000000000000000000)) \
	X(WEIGHT, 37, "weight", LOY_TYPE_RATIO, 0, LOY_RATIO_ONE * 255)                                      \
	X(UTC_OFFSET, 38, "utc_offset", LOY_TYPE_SPAN, -LOY_DAY, LOY_DAY)                                    \
	X(KIND, 64, "kind", LOY_TYPE_CODE, 1, LOY_KIND_LAST)                                                 \
	X(TIME, 65, "time", LOY_TYPE_TIME, LOY_TIME_MIN, LOY_TIME_MAX)                                       \
	X(IDENTITY_HIGH, 66, "identity_high", LOY_TYPE_WORD, INT64_MIN, INT64_MAX)                           \
	X(IDENTITY_LOW, 67, "identity_low", LOY_TYPE_WORD, INT64_MIN, INT64_MAX)                             \
	X(CUSTOMER, 68, "customer", LOY_TYPE_WORD, INT64_MIN, INT64_MAX)

#define LOY_FIELD_CONSTANT(NAME, id, name, type, least, greatest) LOY_FIELD_##NAME = id,
enum { LOY_FIELD_NONE = 0, LOY_FIELD_MAP(LOY_FIELD_CONSTANT) LOY_FIELD_OPTIONAL_LAST = 63 };
#undef LOY_FIELD_CONSTANT

/** Instruments of survey answers. Own ones from 1000. CES counts effort: 0 % is most, 100 % least effort. */
enum {
	LOY_INSTRUMENT_CSAT = 1,
	LOY_INSTRUMENT_NPS = 2,
	LOY_INSTRUMENT_CES = 3,
	LOY_INSTRUMENT_SERVQUAL_EXPECTATION = 4, /**< ITEM is the dimension, numbered by the model from 1. */
	LOY_INSTRUMENT_SERVQUAL_PERCEPTION = 5,
	LOY_INSTRUMENT_SATISFACTION = 6,
	LOY_INSTRUMENT_TRUST = 7,
	LOY_INSTRUMENT_VALUE = 8,
	LOY_INSTRUMENT_LOYALTY = 9,
	LOY_INSTRUMENT_EMOTION = 10,
	LOY_INSTRUMENT_REVIEW = 11, /**< Stars of review events are kept under this one. */
	LOY_INSTRUMENT_BENEFIT = 12, /**< Perceived benefit; ITEM names the benefit. */
	LOY_INSTRUMENT_COST = 13     /**< Perceived cost or sacrifice; ITEM names the cost. */
};
/** Emotions. Positive below 10, negative from 10; own ones from 1000. */
enum {
	LOY_EMOTION_SATISFACTION = 1,
	LOY_EMOTION_DELIGHT = 2,
	LOY_EMOTION_TRUST = 3,
	LOY_EMOTION_DISSATISFACTION = 10,
	LOY_EMOTION_FEAR = 11,
	LOY_EMOTION_ANGER = 12
};
/** Kinds of engagement. */
enum {
	LOY_ENGAGEMENT_CONTENT = 1,
	LOY_ENGAGEMENT_SOCIAL = 2,
	LOY_ENGAGEMENT_SERVICE = 3,
	LOY_ENGAGEMENT_SHOPPING = 4,
	LOY_ENGAGEMENT_COMMUNITY = 5
};
/** States of a membership event. */
enum { LOY_MEMBERSHIP_JOINED = 1, LOY_MEMBERSHIP_RENEWED = 2, LOY_MEMBERSHIP_PAUSED = 3, LOY_MEMBERSHIP_LEFT = 4 };
/** Purposes of a consent event. */
enum { LOY_PURPOSE_SERVICE = 1, LOY_PURPOSE_ANALYTICS = 2, LOY_PURPOSE_MARKETING = 3, LOY_PURPOSE_PROFILING = 4 };

/** Limits of one event. */
#define LOY_CUSTOMER_KEY_MAX 255   /**< Bytes of a customer key. */
#define LOY_LINES_MAX        1000  /**< Lines of a purchase or return. */
#define LOY_EXTENSION_MAX    16384 /**< Bytes of all extensions together. */
#define LOY_EVENT_BYTES_MAX  65536 /**< Bytes of the canonical form. */

/** What a field is. `name` is static text. */
typedef struct loy_field {
	uint32_t id;      /**< LOY_FIELD_… */
	uint32_t type;    /**< LOY_TYPE_… */
	const char *name; /**< As in model text and CSV columns. */
	int64_t least;    /**< Smallest accepted value. */
	int64_t greatest; /**< Largest accepted value. */
} loy_field;

/** Number of event fields, those of loy_column included. */
LOY_API uint32_t loy_field_count(void);
/** The @p index-th field, in ascending order of id. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_field_info(uint32_t index, loy_field *out);
/** Field id of a name, 0 when there is none. */
LOY_API uint32_t loy_field_find(const char *name, size_t length);
/** Name of one of the library's kinds, NULL for others. Static. */
LOY_API const char *loy_kind_name(uint32_t kind);
/** Kind of a name, 0 when the library has none of that name (own kinds: loy_schema_kind_find()). */
LOY_API uint32_t loy_kind_find(const char *name, size_t length);
/** Code of a currency from its three ISO 4217 letters: 'E'<<16 | 'U'<<8 | 'R'; 0 when they are not letters A–Z. */
LOY_API uint32_t loy_currency_code(const char letters[3]);

/**
 * Name of one of the codes above (an instrument, an emotion, a kind of engagement, a state, a purpose) in the
 * field that holds it, as in model text: loy_code_name(LOY_FIELD_INSTRUMENT, 2) is "nps". NULL when it has
 * none. Static.
 */
LOY_API const char *loy_code_name(uint32_t field, uint32_t code);
/** The code of such a name. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_code_find(uint32_t field, const char *name, size_t length, uint32_t *code);

/** Create an empty event in @p out; the caller destroys it. @return LOY_OK, LOY_EINVAL or LOY_ENOMEM. */
LOY_API loy_status loy_event_create(loy_event **out, const loy_allocator *memory);
/** Release an event. NULL is allowed. Never fails. */
LOY_API void loy_event_destroy(loy_event *event);
/** Start a new event: forget all, set kind (1…65535) and time. @return LOY_OK, LOY_EINVAL, LOY_ERANGE, LOY_ETIME. */
LOY_API loy_status loy_event_begin(loy_event *event, uint32_t kind, int64_t time);
/** Make @p event an equal copy of @p from. @return LOY_OK, LOY_EINVAL or LOY_ENOMEM (unchanged). */
LOY_API loy_status loy_event_copy(loy_event *event, const loy_event *from);

/**
 * Identity from 128 bits of the caller's own making (a UUID, or loy_identity_from_key()). The pair (0, 0)
 * means "none": such an event is never recognised when it is sent again. @return LOY_OK, LOY_EINVAL or
 * LOY_ESTATE.
 */
LOY_API loy_status loy_event_set_identity(loy_event *event, uint64_t high, uint64_t low);
/**
 * Identity from a device's own count: device 1 to 2^31 - 1, an epoch that grows when a device loses its
 * count (restored from a backup), and a sequence number from 0. high = device << 32 | epoch, low = sequence.
 * @return as loy_event_set_identity(), or LOY_ERANGE.
 */
LOY_API loy_status loy_event_set_sequence(loy_event *event, uint32_t device, uint32_t epoch, uint64_t sequence);
/** Whose event it is, by number (any but 0: LOY_EINVAL) … */
LOY_API loy_status loy_event_set_customer(loy_event *event, uint64_t customer);
/**
 * … or by key: 1 to LOY_CUSTOMER_KEY_MAX bytes of UTF-8, copied. The later of the two calls counts. @return
 * LOY_OK, LOY_EINVAL (no bytes), LOY_ELIMIT (too many), LOY_EUTF8 or LOY_ESTATE.
 */
LOY_API loy_status loy_event_set_customer_key(loy_event *event, const char *key, size_t length);
/** Set a field (ids 1…63). @return LOY_OK, LOY_EINVAL (no such field), LOY_ERANGE or LOY_ESTATE. */
LOY_API loy_status loy_event_set(loy_event *event, uint32_t field, int64_t value);
/**
 * Set a ratio field from a double; NaN and infinities are LOY_ERANGE, so is what lies outside the field's
 * range once it is rounded. Fields of other types are LOY_EINVAL.
 */
LOY_API loy_status loy_event_set_ratio(loy_event *event, uint32_t field, double value);
/**
 * What the event refers to: the identity of a sale (return) or of a complaint (first response, resolution).
 * The pair (0, 0) names nothing and is LOY_EINVAL.
 */
LOY_API loy_status loy_event_set_reference(loy_event *event, uint64_t high, uint64_t low);

/**
 * One line of a purchase or return. Amounts have the sign of the event's: above 0 in both kinds, as a rule.
 */
typedef struct loy_line {
	uint32_t category; /**< Code of the category. */
	uint32_t type;     /**< Code of the line's class (goods, service, deposit, …); 0 if none. */
	int64_t quantity;  /**< Units in 1e-9 (a ratio). */
	int64_t amount;    /**< Minor units. */
} loy_line;
/** Append a line. @return LOY_OK, LOY_EINVAL, LOY_ERANGE, LOY_ELIMIT or LOY_ENOMEM (unchanged). */
LOY_API loy_status loy_event_add_line(loy_event *event, const loy_line *line);
/**
 * Attach bytes under a tag of the host (1000 to 65535) or of a later version (1 to 999); kept, passed on, part
 * of the canonical form; setting a tag again replaces it, size 0 removes it. @p data is copied and must not be
 * this event's own. @return LOY_OK, LOY_EINVAL, LOY_ELIMIT or LOY_ENOMEM (unchanged).
 */
LOY_API loy_status loy_event_set_extension(loy_event *event, uint32_t tag, const void *data, size_t size);

/**
 * Reading. Outputs may be NULL. loy_event_get() takes ids 1…63; kind, time, identity and customer have
 * calls of their own. The bytes of an extension are the event's, until it is changed. @return LOY_OK,
 * LOY_EINVAL, LOY_ENOTFOUND when the event has no such thing; the key also LOY_EBUFFER.
 */
LOY_API loy_status loy_event_kind(const loy_event *event, uint32_t *kind);
LOY_API loy_status loy_event_time(const loy_event *event, int64_t *time);
LOY_API loy_status loy_event_identity(const loy_event *event, uint64_t *high, uint64_t *low);
LOY_API loy_status loy_event_customer(const loy_event *event, uint64_t *customer);
LOY_API loy_status loy_event_customer_key(const loy_event *event, char *buffer, size_t capacity, size_t *needed);
LOY_API loy_status loy_event_get(const loy_event *event, uint32_t field, int64_t *value);
LOY_API loy_status loy_event_line_count(const loy_event *event, uint32_t *count);
LOY_API loy_status loy_event_line(const loy_event *event, uint32_t index, loy_line *out);
LOY_API loy_status loy_event_extension(const loy_event *event, uint32_t tag, const void **data, size_t *size);
/** Tag of the @p index-th extension, ascending. @return LOY_OK, LOY_EINVAL, or LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_event_extension_tag(const loy_event *event, uint32_t index, uint32_t *tag);

/**
 * Whether the event is complete: a kind and time, and the fields its kind cannot do without (purchase and
 * return: amount; survey answer: instrument and value on a scale, 0–10 for NPS being implied; …). The list
 * is in src/profile/README.md. @return LOY_OK, LOY_EINVAL (something is not set, or lines where there are
 * none) or LOY_ERANGE (a value off its scale, a return below 0), with the field in @p error.
 */
LOY_API loy_status loy_event_check(const loy_event *event, loy_error *error);

/**
 * Write the canonical bytes: length-delimited, versioned, little-endian; equal events have equal bytes.
 * @p capacity 0 asks for the size. @return LOY_OK, LOY_EINVAL or LOY_EBUFFER with *needed set.
 */
LOY_API loy_status loy_event_write(const loy_event *event, void *buffer, size_t capacity, size_t *needed);
/**
 * Read one event from the start of @p bytes; *used gets its length. Unknown kinds, fields and extensions are
 * kept. The bytes may be hostile. Whether the event is complete is not asked: loy_event_check(). @return
 * LOY_OK, LOY_EINVAL, or LOY_EFORMAT, LOY_EVERSION, LOY_ERANGE, LOY_ETIME, LOY_EUTF8, LOY_ENOMEM with the
 * byte in @p error, the event then being empty.
 */
LOY_API loy_status loy_event_read(loy_event *event, const void *bytes, size_t size, size_t *used, loy_error *error);
/**
 * A 64-bit digest of the canonical bytes (SipHash-1-3, zero key), to tell a duplicate from a conflict.
 * @return LOY_OK, LOY_EINVAL, or LOY_ENOMEM for events of more than 512 bytes.
 */
LOY_API loy_status loy_event_digest(const loy_event *event, uint64_t *digest);

/** Types of columns. */
enum {
	LOY_COLUMN_I64 = 1,
	LOY_COLUMN_I32 = 2,
	LOY_COLUMN_U32 = 3,
	LOY_COLUMN_U16 = 4,
	LOY_COLUMN_U8 = 5,
	LOY_COLUMN_F64 = 6, /**< Any but words of identities. Ratios are rounded, others whole. NaN: not set. */
	/**
	 * UTF-8, empty: not set. For LOY_FIELD_CUSTOMER (a key), LOY_FIELD_KIND (loy_kind_find), LOY_FIELD_CURRENCY
	 * (three letters) and codes that take 32 bits (loy_code_from_text).
	 */
	LOY_COLUMN_TEXT = 7
};

/**
 * One column of a table of events, in the caller's memory, borrowed for the call. Row r lies at
 * (const char *)data + r * stride; stride 0 gives every row the same value. Text row r is the bytes
 * offsets[r] … offsets[r + 1] of data, whatever the stride. Unaligned data is fine.
 */
typedef struct loy_column {
	uint32_t field;          /**< LOY_FIELD_…, each at most once; KIND, TIME and CUSTOMER are needed. */
	uint32_t type;           /**< LOY_COLUMN_… */
	const void *data;        /**< First value. */
	int64_t stride;          /**< Bytes from one row to the next. */
	const int64_t *offsets;  /**< Text only: rows + 1 offsets. */
	const uint8_t *present;  /**< One byte a row, 0 where the field is not set; NULL: set everywhere. */
} loy_column;

/**
 * Fill @p event from one row. @return LOY_OK, or with row and field in @p error what the setters and
 * loy_event_check() return: LOY_EINVAL (also for columns that are not valid, then without a row), LOY_ERANGE,
 * LOY_ETIME, LOY_EUTF8, LOY_ELIMIT; the event is then empty.
 */
LOY_API loy_status loy_event_from_columns(loy_event *event, const loy_column *columns, uint32_t count, uint64_t row,
                                          loy_error *error);

LOY_END_DECLS
#endif
