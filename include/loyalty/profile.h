/**
 * @file loyalty/profile.h
 * @brief A profile is the exact sum of a customer's events.
 *
 * Recording an event is merging a one-event profile; merging is associative and commutative and the empty
 * profile is its neutral element. So the same set of events gives the same bytes in any order, over any
 * split, on any machine. A profile does not know event identities: who may see an event twice uses a
 * `loy_store`, which does.
 *
 * What an event adds is decided by the schema, the part of a model that says which evidence channels exist
 * and how events become evidence. Profiles of different schemas cannot be merged (LOY_ESCHEMA).
 *
 * What is kept: counts, first and last time per kind; money by currency; days and months with purchases;
 * answers by instrument and item with the latest; durations of responses, resolutions and deliveries; counts
 * by touchpoint, channel, source, device, engagement, emotion and offer; categories; consents and membership;
 * decayed evidence. The list is data: loy_profile_field_info().
 *
 * Limits: 2^28 events a profile, recorded and taken back, whose amounts and durations together stay below 2^63
 * in magnitude; of each keyed list (currencies, the codes of each tag, categories, items, purposes) the smallest
 * LOY_PROFILE_KEYS_MAX keys are kept, of kinds 256, and the rest sets a flag. Neither depends on the order.
 *
 * Threads: profiles share nothing but their schema, which is never changed. Reading one from many threads is
 * safe; changing it is one thread's work at a time.
 */
#ifndef LOYALTY_PROFILE_H
#define LOYALTY_PROFILE_H

#include <loyalty/event.h>

LOY_BEGIN_DECLS

/** Kinds, channels and event-to-evidence rules; owned by a model, see loy_model_schema(). Immutable. */
typedef struct loy_schema loy_schema;
typedef struct loy_profile loy_profile;

/** Most evidence channels of a schema. */
#define LOY_CHANNELS_MAX 32
/** Most keys kept of each keyed list of a profile. */
#define LOY_PROFILE_KEYS_MAX 64

/** 128-bit fingerprint of what a profile's bytes depend on. @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_schema_fingerprint(const loy_schema *schema, uint64_t *high, uint64_t *low);
/** Number of evidence channels; 0 for NULL. */
LOY_API uint32_t loy_schema_channel_count(const loy_schema *schema);
/** Name of a channel, in the order of the model text; NULL when there is none. Lives as long as the schema. */
LOY_API const char *loy_schema_channel_name(const loy_schema *schema, uint32_t channel);
/**
 * Number of SERVQUAL dimensions, and the name of one, from 1 as ITEM of the answers counts them. Lives as long as
 * the schema.
 */
LOY_API uint32_t loy_schema_dimension_count(const loy_schema *schema);
LOY_API const char *loy_schema_dimension_name(const loy_schema *schema, uint32_t item);
/** Kind of a name, the schema's own kinds included; 0 when there is none. NULL schema: the library's kinds. */
LOY_API uint32_t loy_schema_kind_find(const loy_schema *schema, const char *name, size_t length);
/** Name of a kind, the schema's own included; NULL when nobody registered it. Lives as long as the schema. */
LOY_API const char *loy_schema_kind_name(const loy_schema *schema, uint32_t kind);

/** By what the values of a field are keyed. */
enum {
	LOY_KEY_NONE = 0,     /**< One value a profile. */
	LOY_KEY_KIND = 1,     /**< Kind of event. */
	LOY_KEY_CURRENCY = 2, /**< Currency code; 0 for events without one. */
	LOY_KEY_MONTH = 3,    /**< Months since January 1970, local; earlier ones in two's complement. */
	LOY_KEY_CHANNEL = 4,  /**< Evidence channel by index. */
	LOY_KEY_ITEM = 5,     /**< instrument << 16 | item. */
	LOY_KEY_SPAN = 6,     /**< Kind whose durations these are. */
	LOY_KEY_TAG = 7,      /**< event field (TOUCHPOINT, CHANNEL, …) << 32 | code. */
	LOY_KEY_CATEGORY = 8, /**< Category code. */
	LOY_KEY_STATE = 9     /**< event field (PURPOSE or STATE) << 32 | purpose, or 0. */
};

/**
 * Fields of profiles: X(NAME, id, name, type, unit, key). Ids are pinned.
 * - A day is a local day: (time + UTC_OFFSET) / 24 h. Purchases of one local day count as one for the
 *   lifetime fields (PURCHASE_DAYS …), the usual rule of buying-while-alive models (Fader & Hardie 2005).
 * - *_SLOW and *_FAST read decayed evidence at the time given to the getter, in units of event weight.
 * - PROMISES_PENDING and OPEN_CASES are counts of openings less counts of closings; late openings can make
 *   them negative for a while.
 */
#define LOY_PROFILE_MAP(X)                                                                                   \
	X(EVENTS, 1, "events", LOY_TYPE_COUNT, "events", LOY_KEY_NONE)                                       \
	X(FLAGS, 2, "flags", LOY_TYPE_COUNT, "bits", LOY_KEY_NONE)                                           \
	X(COUNT, 3, "count", LOY_TYPE_COUNT, "events", LOY_KEY_KIND)                                         \
	X(FIRST_TIME, 4, "first_time", LOY_TYPE_TIME, "microseconds", LOY_KEY_KIND)                          \
	X(LAST_TIME, 5, "last_time", LOY_TYPE_TIME, "microseconds", LOY_KEY_KIND)                            \
	X(PURCHASED, 10, "purchased", LOY_TYPE_MONEY, "minor units", LOY_KEY_CURRENCY)                       \
	X(RETURNED, 11, "returned", LOY_TYPE_MONEY, "minor units", LOY_KEY_CURRENCY)                         \
	X(NET_SPEND, 12, "net_spend", LOY_TYPE_MONEY, "minor units", LOY_KEY_CURRENCY)                       \
	X(PURCHASE_SQUARES, 13, "purchase_squares", LOY_TYPE_WIDE, "minor units squared", LOY_KEY_CURRENCY)  \
	X(DISCOUNTS, 14, "discounts", LOY_TYPE_MONEY, "minor units", LOY_KEY_CURRENCY)                       \
	X(COMPENSATIONS, 15, "compensations", LOY_TYPE_MONEY, "minor units", LOY_KEY_CURRENCY)               \
	X(FIRST_DAY, 16, "first_day", LOY_TYPE_COUNT, "days since 1970", LOY_KEY_CURRENCY)                   \
	X(FIRST_DAY_SPEND, 17, "first_day_spend", LOY_TYPE_MONEY, "minor units", LOY_KEY_CURRENCY)           \
	X(DAYS_OF_MONTH, 20, "days_of_month", LOY_TYPE_COUNT, "bits", LOY_KEY_MONTH)                         \
	X(PURCHASE_DAYS, 21, "purchase_days", LOY_TYPE_COUNT, "days", LOY_KEY_NONE)                          \
	X(ACTIVE_MONTHS, 22, "active_months", LOY_TYPE_COUNT, "months", LOY_KEY_NONE)                        \
	X(FIRST_PURCHASE_DAY, 23, "first_purchase_day", LOY_TYPE_COUNT, "days since 1970", LOY_KEY_NONE)     \
	X(LAST_PURCHASE_DAY, 24, "last_purchase_day", LOY_TYPE_COUNT, "days since 1970", LOY_KEY_NONE)       \
	X(POSITIVE_SLOW, 30, "positive_slow", LOY_TYPE_REAL, "weight", LOY_KEY_CHANNEL)                      \
	X(POSITIVE_FAST, 31, "positive_fast", LOY_TYPE_REAL, "weight", LOY_KEY_CHANNEL)                      \
	X(NEGATIVE_SLOW, 32, "negative_slow", LOY_TYPE_REAL, "weight", LOY_KEY_CHANNEL)                      \
	X(NEGATIVE_FAST, 33, "negative_fast", LOY_TYPE_REAL, "weight", LOY_KEY_CHANNEL)                      \
	X(WORST_EPISODE, 34, "worst_episode", LOY_TYPE_REAL, "weight", LOY_KEY_NONE)                         \
	X(ANSWER_COUNT, 40, "answer_count", LOY_TYPE_COUNT, "answers", LOY_KEY_ITEM)                         \
	X(ANSWER_SUM, 41, "answer_sum", LOY_TYPE_RATIO, "share of scale, 1e-9", LOY_KEY_ITEM)                \
	X(ANSWER_SQUARES, 42, "answer_squares", LOY_TYPE_WIDE, "share of scale squared, 1e-18", LOY_KEY_ITEM) \
	X(ANSWER_LATEST, 43, "answer_latest", LOY_TYPE_RATIO, "share of scale, 1e-9", LOY_KEY_ITEM)          \
	X(ANSWER_LATEST_TIME, 44, "answer_latest_time", LOY_TYPE_TIME, "microseconds", LOY_KEY_ITEM)         \
	X(SPAN_COUNT, 50, "span_count", LOY_TYPE_COUNT, "events", LOY_KEY_SPAN)                              \
	X(SPAN_SUM, 51, "span_sum", LOY_TYPE_SPAN, "microseconds", LOY_KEY_SPAN)                             \
	X(SPAN_LONGEST, 52, "span_longest", LOY_TYPE_SPAN, "microseconds", LOY_KEY_SPAN)                     \
	X(SPAN_TARGETED, 53, "span_targeted", LOY_TYPE_COUNT, "events with a target", LOY_KEY_SPAN)          \
	X(SPAN_WITHIN, 54, "span_within", LOY_TYPE_COUNT, "events within their target", LOY_KEY_SPAN)        \
	X(TAG_COUNT, 60, "tag_count", LOY_TYPE_COUNT, "events", LOY_KEY_TAG)                                 \
	X(CATEGORY_COUNT, 61, "category_count", LOY_TYPE_COUNT, "purchases", LOY_KEY_CATEGORY)               \
	X(CATEGORY_SPEND, 62, "category_spend", LOY_TYPE_MONEY, "minor units", LOY_KEY_CATEGORY)             \
	X(STATE_VALUE, 63, "state_value", LOY_TYPE_CODE, "code", LOY_KEY_STATE)                              \
	X(STATE_TIME, 64, "state_time", LOY_TYPE_TIME, "microseconds", LOY_KEY_STATE)                        \
	X(PROMISES_PENDING, 70, "promises_pending", LOY_TYPE_COUNT, "promises", LOY_KEY_NONE)                \
	X(OPEN_CASES, 71, "open_cases", LOY_TYPE_COUNT, "cases", LOY_KEY_NONE)                               \
	X(CATEGORIES, 72, "categories", LOY_TYPE_COUNT, "distinct categories", LOY_KEY_NONE)

#define LOY_PROFILE_CONSTANT(NAME, id, name, type, unit, key) LOY_PROFILE_##NAME = id,
enum { LOY_PROFILE_MAP(LOY_PROFILE_CONSTANT) LOY_PROFILE_FIELD_NONE = 0 };
#undef LOY_PROFILE_CONSTANT

/** Bits of LOY_PROFILE_FLAGS. */
enum {
	LOY_PROFILE_KEYS_DROPPED = 1, /**< Some keyed list held more than LOY_PROFILE_KEYS_MAX keys. */
	LOY_PROFILE_RETRACTED = 2     /**< An event was retracted: first and last times, latest answers, day bits,
	                                   sets and the worst episode may still show it. */
};

/** What a profile field is. Texts are static. */
typedef struct loy_profile_field {
	uint32_t id;      /**< LOY_PROFILE_… */
	uint32_t type;    /**< LOY_TYPE_… */
	uint32_t key;     /**< LOY_KEY_… */
	uint32_t reserved;
	const char *name;
	const char *unit;
} loy_profile_field;

/** One value of a profile. `type` says which member counts: integer, (high, low) for WIDE, real for REAL. */
typedef struct loy_value {
	uint32_t type;
	uint32_t reserved;
	int64_t integer;
	double real;
	int64_t high;
	uint64_t low;
} loy_value;

/**
 * Number of profile fields, and the @p index-th by ascending id. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND.
 */
LOY_API uint32_t loy_profile_field_count(void);
LOY_API loy_status loy_profile_field_info(uint32_t index, loy_profile_field *out);

/**
 * Create an empty profile; the caller destroys it, before the model that owns the schema.
 * @return LOY_OK, LOY_EINVAL or LOY_ENOMEM.
 */
LOY_API loy_status loy_profile_create(loy_profile **out, const loy_schema *schema, const loy_allocator *memory);
/** Release a profile. NULL is allowed. Never fails. */
LOY_API void loy_profile_destroy(loy_profile *profile);
/** Make the profile empty again; keeps its memory. */
LOY_API void loy_profile_clear(loy_profile *profile);
/** Make @p profile an equal copy. @return LOY_OK, LOY_EINVAL, LOY_ESCHEMA or LOY_ENOMEM: unchanged. */
LOY_API loy_status loy_profile_copy(loy_profile *profile, const loy_profile *from);
/**
 * Add an event. The customer and identity of the event are not looked at, except that the identity breaks
 * ties between latest answers of the same time. @return LOY_OK; LOY_EINVAL or LOY_ERANGE as
 * loy_event_check(); LOY_EOVERFLOW beyond the limits above; LOY_ENOMEM. On failure nothing has changed.
 */
LOY_API loy_status loy_profile_record(loy_profile *profile, const loy_event *event, loy_error *error);
/**
 * Take an event back that was recorded before: counts, sums and evidence are subtracted exactly (evidence to
 * within 2^-46 of itself). Minima, maxima, latest values, day bits and key sets cannot be undone; they stay
 * and LOY_PROFILE_RETRACTED is set. To undo those too, build the profile again from the other events. A
 * profile does not know its events: one that was never recorded, or taken back before, is subtracted all
 * the same, and counts and sums may fall below 0. @return as loy_profile_record().
 */
LOY_API loy_status loy_profile_retract(loy_profile *profile, const loy_event *event, loy_error *error);
/** Add all that @p from holds. @return LOY_OK, LOY_EINVAL, LOY_ESCHEMA, LOY_EOVERFLOW or LOY_ENOMEM: unchanged. */
LOY_API loy_status loy_profile_merge(loy_profile *profile, const loy_profile *from);
/** 1 when both hold the same state, else 0 (also for different schemas or NULL). */
LOY_API int32_t loy_profile_equal(const loy_profile *a, const loy_profile *b);

/**
 * Canonical bytes: magic, version, schema fingerprint, entries, CRC-32C. Equal profiles, equal bytes.
 * The format is in src/profile/README.md. @return LOY_OK, LOY_EINVAL or LOY_EBUFFER with *needed set.
 */
LOY_API loy_status loy_profile_write(const loy_profile *profile, void *buffer, size_t capacity, size_t *needed);
/**
 * Replace the profile by what @p bytes hold; all @p size bytes must be one profile. The bytes may be hostile.
 * @return LOY_OK, LOY_EINVAL, or LOY_EFORMAT, LOY_ECHECKSUM, LOY_EVERSION, LOY_ESCHEMA, LOY_ENOMEM with the
 * byte in @p error: unchanged.
 */
LOY_API loy_status loy_profile_read(loy_profile *profile, const void *bytes, size_t size, loy_error *error);
/**
 * Merge straight from canonical bytes; the same as reading into another profile and merging that. @return as
 * loy_profile_read(), or LOY_EOVERFLOW as loy_profile_merge(): unchanged.
 */
LOY_API loy_status loy_profile_merge_bytes(loy_profile *profile, const void *bytes, size_t size, loy_error *error);
/**
 * A 128-bit hash of the state (SipHash-1-3 of the canonical bytes, zero key).
 * @return LOY_OK, LOY_EINVAL or LOY_ENOMEM.
 */
LOY_API loy_status loy_profile_hash(const loy_profile *profile, uint64_t *high, uint64_t *low);
/** Bytes of memory the profile takes, its handle included; 0 for NULL. */
LOY_API size_t loy_profile_memory(const loy_profile *profile);

/**
 * Read a field; @p key is 0 for fields without keys; @p time matters for decayed evidence only.
 * @return LOY_OK, LOY_EINVAL, LOY_ETIME, or LOY_EUNKNOWN when the profile has no such entry (*out untouched).
 */
LOY_API loy_status loy_profile_get(const loy_profile *profile, uint32_t field, uint64_t key, int64_t time,
                                   loy_value *out);
/** Number of keys a keyed field has in this profile; 0 or 1 for others. */
LOY_API uint32_t loy_profile_key_count(const loy_profile *profile, uint32_t field);
/** The @p index-th key, ascending. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_profile_key(const loy_profile *profile, uint32_t field, uint32_t index, uint64_t *key);

/**
 * What buying-while-alive and spend models take (Fader & Hardie 2005): same-day purchases count once.
 * Amounts are of one currency; days count those of any.
 */
typedef struct loy_purchase_summary {
	uint32_t struct_size; /**< sizeof(loy_purchase_summary) in the caller's build. */
	uint32_t x;           /**< Repeat purchase days: days with purchases less one. */
	double t_x;           /**< Days from the first to the last purchase day. */
	double T;             /**< Days from the first purchase day to the day of the time given (UTC); at least t_x. */
	double mean_spend;    /**< Mean spend of a repeat day, minor units; 0 when x is 0. Returns are not netted. */
} loy_purchase_summary;
/** @return LOY_OK, LOY_EINVAL, LOY_ETIME, or LOY_EUNKNOWN without any purchase. */
LOY_API loy_status loy_profile_purchase_summary(const loy_profile *profile, uint32_t currency, int64_t time,
                                                loy_purchase_summary *out);

LOY_END_DECLS
#endif
