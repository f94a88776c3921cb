/*
 * The door of the profile room: events, schemas and records as the rooms above see them.
 * Includes core and numeric.
 *
 * A record is the resident form of a profile: a sorted list of entries (class, key) of fixed-size words.
 * One mechanism serves recording, merging, writing and reading, because each class says how its words merge.
 */
#ifndef LOY_PROFILE_PROFILE_H
#define LOY_PROFILE_PROFILE_H

#include <loyalty/profile.h>
#include "core/core.h"
#include "numeric/numeric.h"

#include <stddef.h>
#include <string.h>

/* ---- events (event*.c) --------------------------------------------------------------------------------- */

/* What a field accepts, by id; type 0 where there is no such field. */
typedef struct loy__field_range {
	int64_t least, greatest;
	uint32_t type; /* LOY_TYPE_… */
} loy__field_range;
#define LOY__FIELD_END (LOY_FIELD_CUSTOMER + 1)
extern const loy__field_range loy__field_ranges[LOY__FIELD_END]; /* event_fields.c */
const char *loy__field_name(uint32_t id);                        /* there must be such a field */

/*
 * Only what `present` and the counts say is meaningful, so that beginning an event clears a handful of words.
 * Fields 39 to 63, which this version does not know, come from bytes of a later one and are passed on.
 */
struct loy_event {
	loy_allocator memory;
	uint32_t kind;     /* 0: empty */
	uint32_t reserved;
	int64_t time;
	uint64_t identity_high, identity_low;
	uint64_t customer;                        /* 0 when a key names the customer */
	uint64_t present;                         /* bit n: field n is set */
	int64_t field[LOY_FIELD_OPTIONAL_LAST + 1];
	uint32_t key_length;
	char key[LOY_CUSTOMER_KEY_MAX + 1];
	loy_line *lines;
	size_t line_count, line_capacity;
	uint8_t *extensions;                      /* canonical: ascending (varint tag, varint size, bytes) */
	size_t extension_size, extension_capacity;
};

static inline int loy__event_has(const loy_event *event, uint32_t field)
{
	return (int)((event->present >> field) & 1);
}
/* Initialise an event that lies in the caller's struct (no allocation); loy__event_release frees what it grew. */
void loy__event_init(loy_event *event, const loy_allocator *memory);
void loy__event_release(loy_event *event);
/* Forget everything but the memory: kind 0, the empty event. */
static inline void loy__event_clear(loy_event *event)
{
	event->kind = LOY_KIND_NONE;
	event->time = 0;
	event->identity_high = 0;
	event->identity_low = 0;
	event->customer = 0;
	event->present = 0;
	event->key_length = 0;
	event->line_count = 0;
	event->extension_size = 0;
}
/* Room for that many lines, that many bytes of extensions: LOY_ELIMIT, LOY_ENOMEM, content unchanged. */
loy_status loy__event_reserve_lines(loy_event *event, size_t count);
loy_status loy__event_reserve_extensions(loy_event *event, size_t size);
/* A word of 64 bits as the integer that fields and columns hold, the same bits in two's complement. */
static inline int64_t loy__field_from_word(uint64_t word)
{
	return word <= INT64_MAX ? (int64_t)word : -(int64_t)(UINT64_MAX - word) - 1;
}
/* 1 when a line's quantity and amount lie in their ranges. */
int loy__line_valid(const loy_line *line);
/* value * 1e9, exactly, to the nearest integer, halves away from zero. 0 for what is no number or above 9e18. */
int loy__ratio_from_double(double value, int64_t *ratio);
/*
 * 64 well mixed bits of an event's content, to tell a duplicate from a conflict within one process: cheaper than
 * loy_event_digest(), but of no canonical bytes. Each word is folded in by loy__mark_word(), from LOY__MARK_SEED on.
 */
uint64_t loy__event_mark(const loy_event *event);
#define LOY__MARK_SEED UINT64_C(0x9e3779b97f4a7c15)
static LOY__ALWAYS_INLINE uint64_t loy__mark_word(uint64_t mark, uint64_t word)
{
	mark = (mark ^ word) * UINT64_C(0xd6e8feb86659fd93);
	return mark ^ mark >> 32;
}
/*
 * loy_event_write() where there is room. An event without a key, lines and extensions, with `fields` optional fields,
 * has at most LOY__EVENT_BYTES(fields).
 */
#define LOY__EVENT_BYTES(fields) (45u + 11u * (fields))
size_t loy__event_put(const loy_event *event, uint8_t *out);
/* The same of a purchase that has nothing but an amount. */
typedef struct loy__sale {
	int64_t time, amount;
	uint64_t customer, high, low; /* and the identity */
} loy__sale;
size_t loy__sale_put(const loy__sale *sale, uint8_t *out);
/* loy_event_check() for a row of a batch. */
loy_status loy__event_check_row(const loy_event *event, int64_t row, loy_error *error);
/*
 * The share of its scale of a survey answer or review, 0…LOY_RATIO_ONE, nearest, halves away from zero; NPS without
 * a scale is 0–10, reviews without one are 1–5. Returns 0 when it has no value, no scale or lies outside it.
 */
int loy__event_share(const loy_event *event, int64_t *share);
/* actual − promised time in microseconds, from DELAY or the two times (ACTUAL_TIME defaults to the event's). */
int loy__event_delay(const loy_event *event, int64_t *delay);
/*
 * Batches: check the columns of a table and prepare them once, then fill an event from a row, or a block of at most
 * 32 events from as many rows. These trust what was checked about the columns, and nothing about the rows; they fail
 * as loy_event_from_columns() does. The columns are borrowed.
 */
typedef struct loy__row_column {
	const loy_column *given;
	int64_t least, greatest;
	uint32_t place; /* in loy_event, of 64 bits; 0 for the kind */
} loy__row_column;
typedef struct loy__rows {
	uint32_t count;
	int plain;        /* integers in every row, in all columns */
	uint64_t present; /* bits of their fields */
	loy__row_column column[LOY__FIELD_END];
} loy__rows;
/* Where a row's value lies. */
static inline const char *loy__column_at(const loy_column *column, uint64_t row)
{
	return (const char *)column->data + (ptrdiff_t)row * (ptrdiff_t)column->stride;
}
/* The integer there, of a column's type. */
static LOY__ALWAYS_INLINE int64_t loy__integer_at(const char *at, uint32_t type)
{
	int64_t i64;
	int32_t i32;
	uint32_t u32;
	uint16_t u16;

	switch (type) {
	case LOY_COLUMN_I32:
		memcpy(&i32, at, sizeof(i32));
		return i32;
	case LOY_COLUMN_U32:
		memcpy(&u32, at, sizeof(u32));
		return u32;
	case LOY_COLUMN_U16:
		memcpy(&u16, at, sizeof(u16));
		return u16;
	case LOY_COLUMN_U8:
		return *(const uint8_t *)at;
	default:
		memcpy(&i64, at, sizeof(i64));
		return i64;
	}
}
loy_status loy__columns_check(const loy_column *columns, uint32_t count, loy_error *error);
void loy__rows_prepare(loy__rows *rows, const loy_column *columns, uint32_t count);
loy_status loy__event_from_row(loy_event *event, const loy__rows *rows, uint64_t row, loy_error *error);
void loy__events_from_rows(loy_event *event, const loy__rows *rows, uint64_t first, uint32_t count,
                           loy_status *status);

/* ---- schema (schema.c): compiled by the model room ---------------------------------------------------- */

#define LOY__NAME_MAX        31 /* bytes of a name in model text */
#define LOY__RULES_MAX       256
#define LOY__CURVES_MAX      16
#define LOY__CURVE_STEPS_MAX 8
#define LOY__OWN_KINDS_MAX   64
#define LOY__DIMENSIONS_MAX  16
#define LOY__CONDITIONS_MAX  3

typedef struct loy__channel {
	char name[LOY__NAME_MAX + 1];
	loy__half_life slow, fast; /* slow > fast */
} loy__channel;

/* A curve turns a duration into a value in [0, 1]. */
enum {
	LOY__CURVE_STEPS = 1, /* value of the first step whose limit is not exceeded, else `otherwise` */
	LOY__CURVE_DISCONFIRMATION = 2 /* asymmetric around "as promised"; scoring-model.md section 4 */
};
typedef struct loy__curve {
	char name[LOY__NAME_MAX + 1];
	uint32_t kind;
	uint32_t step_count;
	int64_t step_limit[LOY__CURVE_STEPS_MAX]; /* microseconds, ascending */
	double step_value[LOY__CURVE_STEPS_MAX];
	double otherwise;
	double neutral, gain, loss_ratio;         /* y at d = 0, logits of gain, loss per gain */
	int64_t gain_scale, loss_scale;           /* microseconds */
	double neutral_logit;                     /* log(neutral / (1 - neutral)), prepared */
} loy__curve;

enum { LOY__LESS = 1, LOY__LESS_EQUAL, LOY__EQUAL, LOY__NOT_EQUAL, LOY__GREATER_EQUAL, LOY__GREATER, LOY__UNSET };
typedef struct loy__condition {
	uint8_t field; /* event field; when it is not set only LOY__UNSET is true */
	uint8_t comparison;
	int64_t value;
} loy__condition;

/* Where a rule's value y in [0, 1] comes from. A rule whose value is not known is skipped. */
enum {
	LOY__VALUE_CONSTANT = 1,
	LOY__VALUE_FIELD = 2,    /* a ratio field, clamped to [0, 1] */
	LOY__VALUE_SIGNED = 3,   /* (1 + ratio field) / 2, for sentiment */
	LOY__VALUE_SCALE = 4,    /* the answer's share of its scale */
	LOY__VALUE_REVERSED = 5, /* 1 - that */
	LOY__VALUE_DELAY = 6,    /* curve of actual - promised time */
	LOY__VALUE_ELAPSED = 7,  /* curve of ELAPSED */
	LOY__VALUE_SHARE = 8     /* field / (field + other field), both money >= 0 and not both 0 */
};
#define LOY__NO_FIELD 0
typedef struct loy__rule {
	uint32_t kind;
	uint8_t channel;
	uint8_t value_source, value_field, value_other;
	uint8_t curve;                  /* index */
	uint8_t weight_field[2];        /* ratio fields that multiply the weight; one not set counts as 1 */
	uint8_t condition_count;
	loy__condition condition[LOY__CONDITIONS_MAX];
	double value, weight;           /* constants */
	int64_t positive, negative;     /* prepared amounts when they do not depend on the event, else both -1 */
	uint64_t needs;                 /* prepared: bits of the fields without which no condition can hold */
} loy__rule;

/* An amount of evidence that does not depend on the event. */
typedef struct loy__always {
	int64_t amount; /* above 0 */
	uint32_t key;   /* channel * 2 + (0 positive, 1 negative) */
} loy__always;
#define LOY__ALWAYS_MAX 64

struct loy_schema {
	uint64_t fingerprint_high, fingerprint_low;
	uint32_t channel_count;
	loy__channel channel[LOY_CHANNELS_MAX];
	loy__half_life worst_half_life; /* of the worst episode; microseconds 0: not kept */
	uint32_t worst_channels;        /* bit of each channel whose negative evidence can be it; prepared: 0 is all */
	uint32_t curve_count;
	loy__curve curve[LOY__CURVES_MAX];
	uint32_t rule_count;            /* sorted by (kind, channel), stable */
	loy__rule rule[LOY__RULES_MAX];
	uint32_t own_kind_count;
	struct {
		uint32_t kind;
		char name[LOY__NAME_MAX + 1];
	} own_kind[LOY__OWN_KINDS_MAX]; /* sorted by kind */
	uint32_t dimension_count;
	char dimension[LOY__DIMENSIONS_MAX][LOY__NAME_MAX + 1];
	/* Distinct half-lives, so that an event's 2^fraction is made once for all channels that share one. */
	uint32_t half_life_count;
	loy__half_life half_life[2 * LOY_CHANNELS_MAX];
	uint8_t slow_index[LOY_CHANNELS_MAX], fast_index[LOY_CHANNELS_MAX];
	uint16_t first_rule[64], end_rule[64]; /* by kind, for kinds below 64; own kinds are searched */
	/*
	 * The same for most events at once: one of a kind that has none of the fields in `asks` gives always[first] to
	 * always[end - 1], and no other evidence.
	 */
	uint64_t asks[64]; /* by kind; all ones where rules have to be evaluated */
	uint8_t first_always[64], end_always[64];
	loy__always always[LOY__ALWAYS_MAX];
};

/* The greatest weight one event can have: below the 256 that amounts are made for. */
#define LOY__WEIGHT_MAX 255.999

/*
 * Check all that is declared and fill in what follows from it (half-lives from their microseconds, logits of
 * curves, rules and own kinds sorted, amounts, distinct half-lives, index by kind); the fingerprint is the model
 * room's. LOY_EINVAL, LOY_ERANGE, LOY_ELIMIT, or LOY_ENAME for two own kinds of one number: then it is of no use.
 */
loy_status loy__schema_prepare(loy_schema *schema);
/* The rules of a kind: *count of them from the returned one. */
const loy__rule *loy__schema_rules(const loy_schema *schema, uint32_t kind, uint32_t *count);
/* Evidence for and against of a value in [0, 1] with a weight: the second is the total less the first. */
void loy__split_weight(double y, double weight, int64_t *positive, int64_t *negative);
/* Evaluate one rule for an event: 1 and the two amounts when it applies, else 0. Amounts are >= 0. */
int loy__rule_evaluate(const loy_schema *schema, const loy__rule *rule, const loy_event *event, int64_t *positive,
                       int64_t *negative);
double loy__curve_value(const loy__curve *curve, int64_t span);

/* ---- records (record*.c) -------------------------------------------------------------------------------- */

/* Classes of entries, in the order they are kept; part of the byte format, never renumbered. */
enum {
	LOY__CLASS_KIND = 1,     /* key kind: count, first time, last time */
	LOY__CLASS_MONEY = 2,    /* key currency: see record.h */
	LOY__CLASS_DAYS = 3,     /* key month + 2048: bits of days */
	LOY__CLASS_EVIDENCE = 4, /* key channel * 2 + (0 positive, 1 negative): slow and fast decayed sums */
	LOY__CLASS_WORST = 5,    /* key 0: worst episode */
	LOY__CLASS_ANSWER = 6,   /* key instrument << 16 | item */
	LOY__CLASS_SPAN = 7,     /* key kind */
	LOY__CLASS_TAG = 8,      /* key field << 32 | code */
	LOY__CLASS_CATEGORY = 9, /* key code */
	LOY__CLASS_STATE = 10    /* key field << 32 | code */
};

/* NULL is the empty record. */
typedef struct loy__record loy__record;

/*
 * Add (sign +1) or take back (sign -1) an event that loy_event_check() accepts: it is not called here, so that
 * a batch need not check twice. On failure *record is unchanged in content.
 */
loy_status loy__record_apply(loy__record **record, const loy_schema *schema, const loy_event *event, int sign,
                             const loy_allocator *memory, loy_error *error);
/*
 * Purchases of one customer summed up before they are added, so that a record is opened once for many (record_run.c).
 * For tables whose purchases have amounts, no fields but those of money and time, and the same evidence each.
 */
#define LOY__RUN_MONTHS 12
#define LOY__RUN_DAYS   128
#define LOY__RUN_SUMS   4
#define LOY__RUN_MOST   UINT32_C(0x100000) /* events */
typedef struct loy__run {
	const loy_column *customer, *kind, *time, *amount;
	const loy_column *discount, *currency, *offset, *high, *low; /* may be NULL */
	uint64_t refused; /* bits of fields that nothing collected has; all ones: nothing can be collected */
	uint32_t sums;
	const loy__always *always; /* `sums` of them */
	loy__decay_period slow[LOY__RUN_SUMS], fast[LOY__RUN_SUMS];
	int sales;             /* none of those three, and arrays of 64 bits */
	struct {
		int64_t day; /* -1: none */
		uint64_t word;
	} days[LOY__RUN_DAYS]; /* as records hold them, found by their lowest bits */
	/* collected so far */
	uint32_t count, months;
	uint64_t currency_code, magnitude, purchased, squares[2], discounts, first_day, first_day_spend;
	uint64_t who;
	int64_t first, last;
	uint64_t month[LOY__RUN_MONTHS]; /* as records hold them */
	loy__decay sum[LOY__RUN_SUMS][2];
} loy__run;
/* For events of this schema, which is borrowed. */
void loy__run_init(loy__run *run, const loy_schema *schema);
/* Start anew with an event: 1 when it can be collected, and then loy_event_check() accepts it. */
int loy__run_event(loy__run *run, const loy_event *event);
/* The same for a table: 1 when its purchases can be collected; the rows are borrowed. */
int loy__run_prepare(loy__run *run, const loy_schema *schema, const loy__rows *rows);
/* 1 when all these rows are events that can be recorded, not after `latest`, and run->sales holds; else not known. */
int loy__run_valid(const loy__run *run, uint64_t first, uint32_t count, int64_t latest);
/* loy__event_mark() of a row, and its identity, when run->sales holds. */
uint64_t loy__run_mark(const loy__run *run, uint64_t row);
void loy__run_identity(const loy__run *run, uint64_t row, uint64_t *high, uint64_t *low);
/* All of such a row. */
void loy__run_sale(const loy__run *run, uint64_t row, loy__sale *out);
/* A row on its way to a record. */
typedef struct loy__run_row {
	uint64_t who;         /* the same for rows of one customer, and only for them */
	int64_t time, amount; /* filled in when run->sales holds */
	uint32_t row;
	uint16_t collected; /* it is a purchase */
	uint16_t left;      /* not recorded yet, after others were: the store's own */
} loy__run_row;
/* A column that is an array of 64-bit integers, as those of run->sales are. */
static LOY__ALWAYS_INLINE int64_t loy__column_word(const loy_column *column, uint64_t row)
{
	int64_t value;

	memcpy(&value, (const char *)column->data + row * sizeof(value), sizeof(value));
	return value;
}
/*
 * Start anew and collect the rows named in `order`, in its lowest 16 bits, the numbers of which count from `first`, as
 * long as they are purchases of one customer and fit: the first is one, so at least 1 of `count`. Returns how many. The
 * LOY__RUN_AHEAD names behind are looked at as well: the rows are fetched.
 */
#define LOY__RUN_AHEAD 16
uint32_t loy__run_collect(loy__run *run, uint64_t first, const loy__run_row *rows, const uint32_t *order,
                          uint32_t count);
/* Add what was collected. As loy__record_apply() of all of them; on failure none is added. */
loy_status loy__run_apply(const loy__run *run, loy__record **record, const loy_allocator *memory);
loy_status loy__record_merge(loy__record **into, const loy__record *from, const loy_allocator *memory);
/* A copy with no slack; *out is NULL for an empty record. */
loy_status loy__record_copy(loy__record **out, const loy__record *from, const loy_allocator *memory);
void loy__record_free(loy__record *record, const loy_allocator *memory);
size_t loy__record_memory(const loy__record *record); /* bytes allocated */
/* Canonical bytes with header and checksum, as loy_profile_write() documents. */
void loy__record_write(const loy__record *record, const loy_schema *schema, loy__writer *out);
loy_status loy__record_read(loy__record **out, const loy_schema *schema, const void *bytes, size_t size,
                            const loy_allocator *memory, loy_error *error);
loy_status loy__record_get(const loy__record *record, const loy_schema *schema, uint32_t field, uint64_t key,
                           int64_t time, loy_value *out);
uint32_t loy__record_key_count(const loy__record *record, uint32_t field);
loy_status loy__record_key(const loy__record *record, uint32_t field, uint32_t index, uint64_t *key);
/*
 * 64-byte lines worth prefetching before an event is applied or a record is scored. Always inlined: a function that
 * only prefetches looks to compilers like one that does nothing.
 */
static LOY__ALWAYS_INLINE void loy__record_prefetch(const loy__record *record)
{
	LOY__PREFETCH(record);
	LOY__PREFETCH((const char *)record + 64);
	LOY__PREFETCH((const char *)record + 128);
	LOY__PREFETCH((const char *)record + 192);
}
/* The same in two steps, for many records: the start, and when that is here the end, where the latest month is. */
static LOY__ALWAYS_INLINE void loy__record_fetch(const loy__record *record)
{
	LOY__PREFETCH_FAR(record);
	LOY__PREFETCH_FAR((const char *)record + 64);
	LOY__PREFETCH_FAR((const char *)record + 128);
}
const void *loy__record_end(const loy__record *record);
static LOY__ALWAYS_INLINE void loy__record_fetch_end(const loy__record *record)
{
	if (record != NULL)
		LOY__PREFETCH_FAR(loy__record_end(record));
}

/*
 * Images (record_image.c): a record as it lies in memory, a head and words, little-endian and filled up to whole
 * steps, so that loading one is reading it into its block and looking whether it can be. Images of another layout
 * cannot be read: profiles are made from their events again.
 */
#define LOY__IMAGE_LAYOUT 2u
#define LOY__IMAGE_HEAD   24u
#define LOY__IMAGE_STEP   16u
/* Bytes of an image, which are also those of the block of the record it gives; 0 for the empty record. */
size_t loy__image_size(const loy__record *record);
/* Nothing for the empty record. */
void loy__image_write(const loy__record *record, loy__writer *out);
/*
 * Make a block (aligned as blocks are) that holds an image the record, in place. NULL when no events of this schema can
 * have made it; the block is then of no use, and still the caller's.
 */
loy__record *loy__image_open(void *image, size_t size, const loy_schema *schema);

/* What scoring reads, found in one walk over the entries. Pointers are into the record. */
typedef struct loy__reading {
	uint32_t evidence_count;
	const uint64_t *entries, *words; /* of the next evidence entry, for loy__evidence_next() */
	int64_t purchases;        /* purchases counted; 0 if none */
	int64_t first_purchase, last_purchase; /* times; INT64_MAX and INT64_MIN if none */
	int64_t worst;            /* log2 weight in 2^-40 half-lives-since-1970 units; INT64_MIN if none */
	int64_t newest;           /* latest time of any event; INT64_MIN when there is none */
	int64_t events;           /* added less taken back */
} loy__reading;
void loy__record_reading(const loy__record *record, loy__reading *out);
/* What loy_profile_purchase_summary() tells, all but struct_size; 0 without a purchase. The time must be accepted. */
int loy__record_purchase_summary(const loy__record *record, uint32_t currency, int64_t time,
                                 loy_purchase_summary *out);
typedef struct loy__evidence {
	const uint64_t *words; /* packed, see record.h: loy__evidence_sum() reads them */
	uint64_t entry;
	uint8_t channel, negative;
} loy__evidence;
/* Take the next evidence entry, evidence_count times: ascending by channel, positive before negative. */
void loy__evidence_next(loy__reading *reading, loy__evidence *out);
/* One decayed sum of an evidence entry: `fast` 0 or 1. */
void loy__evidence_sum(const loy__evidence *evidence, int fast, loy__decay *out);
/* The weight at `time` of a worst episode as readings have it. */
double loy__worst_weight(const loy_schema *schema, int64_t worst, int64_t time);
/* 1 when both have the same content, else 0. */
int loy__record_equal(const loy__record *a, const loy__record *b);
/* The record inside a profile handle, for scoring. */
const loy__record *loy__profile_record(const loy_profile *profile);
const loy_schema *loy__profile_schema(const loy_profile *profile);
/* Make the profile an equal copy of a record. LOY_ESCHEMA or LOY_ENOMEM: unchanged. */
loy_status loy__profile_assign(loy_profile *profile, const loy_schema *schema, const loy__record *record);
/* 1 when both have the same fingerprint. */
int loy__schema_equal(const loy_schema *a, const loy_schema *b);

#endif
