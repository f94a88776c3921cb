/* Reading single values by the registry of profile fields, and what scoring reads in one walk. */
#include "profile/record.h"

#include <string.h>

#define NO_TIME ((uint64_t)INT64_MIN)

#define FIELD_ROW(NAME, id, name, type, unit, key) {id, type, key, name, unit},
static const struct {
	uint32_t id, type, key;
	char name[20], unit[32];
} fields[] = {LOY_PROFILE_MAP(FIELD_ROW)};

uint32_t loy_profile_field_count(void)
{
	return (uint32_t)LOY__COUNT(fields);
}

loy_status loy_profile_field_info(uint32_t index, loy_profile_field *out)
{
	if (out == NULL)
		return LOY_EINVAL;
	if (index >= LOY__COUNT(fields))
		return LOY_ENOTFOUND;
	out->id = fields[index].id;
	out->type = fields[index].type;
	out->key = fields[index].key;
	out->reserved = 0;
	out->name = fields[index].name;
	out->unit = fields[index].unit;
	return LOY_OK;
}

/* Index of a field; LOY__COUNT(fields) when there is none. */
static size_t field_index(uint32_t field)
{
	size_t i = 0;

	while (i < LOY__COUNT(fields) && fields[i].id != field)
		i++;
	return i;
}

/* ---- keys ---- */

/* The class whose entries hold a field; 0 for fields without keys. */
static uint32_t field_class(uint32_t key_type)
{
	static const uint8_t classes[] = {
	        [LOY_KEY_NONE] = 0,
	        [LOY_KEY_KIND] = LOY__CLASS_KIND,
	        [LOY_KEY_CURRENCY] = LOY__CLASS_MONEY,
	        [LOY_KEY_MONTH] = LOY__CLASS_DAYS,
	        [LOY_KEY_CHANNEL] = LOY__CLASS_EVIDENCE,
	        [LOY_KEY_ITEM] = LOY__CLASS_ANSWER,
	        [LOY_KEY_SPAN] = LOY__CLASS_SPAN,
	        [LOY_KEY_TAG] = LOY__CLASS_TAG,
	        [LOY_KEY_CATEGORY] = LOY__CLASS_CATEGORY,
	        [LOY_KEY_STATE] = LOY__CLASS_STATE,
	};

	return classes[key_type];
}

static int is_negative(uint32_t field)
{
	return field == LOY_PROFILE_NEGATIVE_SLOW || field == LOY_PROFILE_NEGATIVE_FAST;
}

/* The caller's key as the directory has it. */
static uint64_t inner_key(uint32_t field, uint32_t class, uint64_t key)
{
	if (class == LOY__CLASS_DAYS)
		return key + LOY__MONTH_BIAS;
	if (class == LOY__CLASS_EVIDENCE) /* beyond the last channel nothing may wrap around to a first one */
		return key < LOY_CHANNELS_MAX ? 2 * key + (is_negative(field) ? 1 : 0) : UINT64_MAX;
	return key;
}

static uint64_t outer_key(uint32_t class, uint64_t key)
{
	if (class == LOY__CLASS_DAYS)
		return key - LOY__MONTH_BIAS;
	return class == LOY__CLASS_EVIDENCE ? key / 2 : key;
}

/* 1 when the field needs an event that was added, and there was none: only ones taken back. */
static int is_missing(uint32_t field, const uint64_t *v)
{
	switch (field) {
	case LOY_PROFILE_FIRST_TIME:
	case LOY_PROFILE_LAST_TIME:
	case LOY_PROFILE_SPAN_LONGEST:
		return v[2] == NO_TIME;
	case LOY_PROFILE_ANSWER_LATEST:
	case LOY_PROFILE_ANSWER_LATEST_TIME:
		return v[0] == NO_TIME;
	case LOY_PROFILE_FIRST_DAY:
	case LOY_PROFILE_FIRST_DAY_SPEND:
		return v[3] == LOY__NO_DAY;
	default:
		return 0;
	}
}

/* Whether an entry has a value for the field. */
static int has_value(uint64_t entry, const uint64_t *data, uint32_t field, uint32_t class)
{
	uint64_t v[LOY__SLOTS] = {0};

	if (loy__entry_class(entry) != class)
		return 0;
	if (class == LOY__CLASS_EVIDENCE)
		return (loy__entry_key(entry) & 1) == (uint64_t)is_negative(field);
	loy__load(class, entry, data, v);
	return !is_missing(field, v);
}

/* Keys up to and including the index-th, which goes to *key; all of them when there are no more than index. */
static uint32_t scan_keys(const loy__record *record, uint32_t field, uint32_t class, uint32_t index,
                          uint64_t *key)
{
	const uint64_t *data = record != NULL ? record->words + record->entries : NULL;
	uint32_t count = 0;
	size_t i;

	if (record != NULL && class == LOY__CLASS_DAYS) {
		if (index < record->months)
			*key = outer_key(class, loy__entry_key(loy__record_months_read(record)[index]));
		return index < record->months ? index + 1 : record->months;
	}
	for (i = 0; record != NULL && i < record->entries; i++) {
		uint64_t entry = record->words[i];

		if (has_value(entry, data, field, class) && count++ == index) {
			*key = outer_key(class, loy__entry_key(entry));
			break;
		}
		data += loy__entry_words(entry);
	}
	return count;
}

uint32_t loy__record_key_count(const loy__record *record, uint32_t field)
{
	size_t i = field_index(field);
	loy_value value;

	if (i == LOY__COUNT(fields))
		return 0;
	if (fields[i].key != LOY_KEY_NONE)
		return scan_keys(record, field, field_class(fields[i].key), UINT32_MAX, NULL);
	if (field == LOY_PROFILE_WORST_EPISODE) {
		const uint64_t *data;

		return loy__record_find(record, LOY__CLASS_WORST, 0, &data) != NULL;
	}
	return loy__record_get(record, NULL, field, 0, 0, &value) == LOY_OK;
}

loy_status loy__record_key(const loy__record *record, uint32_t field, uint32_t index, uint64_t *key)
{
	size_t i = field_index(field);
	uint32_t class;

	if (i == LOY__COUNT(fields) || fields[i].key == LOY_KEY_NONE)
		return LOY_EINVAL;
	class = field_class(fields[i].key);
	return scan_keys(record, field, class, index, key) > index ? LOY_OK : LOY_ENOTFOUND;
}

/* ---- fields without keys ---- */

static int64_t kind_count(const loy__record *record, uint32_t kind)
{
	const uint64_t *data, *entry = loy__record_find(record, LOY__CLASS_KIND, kind, &data);
	uint64_t v[LOY__SLOTS];

	if (entry == NULL)
		return 0;
	loy__load(LOY__CLASS_KIND, *entry, data, v);
	return loy__signed(v[0]);
}

static int popcount(uint64_t bits)
{
	int count = 0;

	for (; bits != 0; bits &= bits - 1)
		count++;
	return count;
}

static int lowest_bit(uint64_t bits)
{
	return popcount((bits & (UINT64_C(0) - bits)) - 1);
}

static int highest_bit(uint64_t bits)
{
	int at = 0;

	while (bits >>= 1)
		at++;
	return at;
}

static int64_t month_start(uint64_t entry)
{
	int64_t month = (int64_t)loy__entry_key(entry) - LOY__MONTH_BIAS;
	int64_t year = 1970 + loy__floor_div(month, 12);

	return loy__days_from_date((int32_t)year, (int32_t)(month - (year - 1970) * 12) + 1, 1);
}

void loy__record_purchase_days(const loy__record *record, loy__purchase_days *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; record != NULL && i < record->months; i++) {
		uint64_t entry = loy__record_months_read(record)[i], v[LOY__SLOTS];

		loy__load(LOY__CLASS_DAYS, entry, NULL, v);
		if (out->months++ == 0)
			out->first = month_start(entry) + lowest_bit(v[0]);
		out->last = month_start(entry) + highest_bit(v[0]);
		out->days += popcount(v[0]);
	}
}

static loy_status get_days(const loy__record *record, uint32_t field, loy_value *value)
{
	loy__purchase_days days;

	loy__record_purchase_days(record, &days);
	switch (field) {
	case LOY_PROFILE_PURCHASE_DAYS:
		value->integer = days.days;
		return LOY_OK;
	case LOY_PROFILE_ACTIVE_MONTHS:
		value->integer = days.months;
		return LOY_OK;
	default:
		value->integer = field == LOY_PROFILE_FIRST_PURCHASE_DAY ? days.first : days.last;
		return days.days != 0 ? LOY_OK : LOY_EUNKNOWN;
	}
}

static loy_status get_single(const loy__record *record, uint32_t field, loy_value *value)
{
	const loy__record *header = record != NULL ? record : &loy__record_empty;

	switch (field) {
	case LOY_PROFILE_EVENTS:
		value->integer = (int64_t)header->operations - 2 * (int64_t)header->retracted;
		return LOY_OK;
	case LOY_PROFILE_FLAGS:
		value->integer = loy__record_flags(header) | (header->retracted != 0 ? LOY_PROFILE_RETRACTED : 0);
		return LOY_OK;
	case LOY_PROFILE_PROMISES_PENDING:
		value->integer = kind_count(record, LOY_KIND_PROMISE_MADE) -
		                 kind_count(record, LOY_KIND_PROMISE_KEPT) -
		                 kind_count(record, LOY_KIND_PROMISE_BROKEN);
		return LOY_OK;
	case LOY_PROFILE_OPEN_CASES:
		value->integer =
		        kind_count(record, LOY_KIND_COMPLAINT) - kind_count(record, LOY_KIND_RESOLUTION);
		return LOY_OK;
	case LOY_PROFILE_CATEGORIES:
		value->integer = scan_keys(record, field, LOY__CLASS_CATEGORY, UINT32_MAX, NULL);
		return LOY_OK;
	default:
		return get_days(record, field, value);
	}
}

/* ---- evidence at a time ---- */

static double read_sum(const uint64_t *v, int fast, const loy__half_life *h, int64_t time)
{
	loy__decay_now now;
	loy__decay sum;

	loy__decay_now_init(&now, h, time);
	loy__slots_decay(v, fast, &sum);
	return loy__decay_read(&sum, &now);
}

static loy_status get_evidence(const loy_schema *schema, uint32_t field, uint64_t channel, const uint64_t *v,
                               int64_t time, loy_value *value)
{
	int fast = field == LOY_PROFILE_POSITIVE_FAST || field == LOY_PROFILE_NEGATIVE_FAST;
	const loy__channel *c = &schema->channel[channel];

	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return LOY_ETIME;
	value->real = read_sum(v, fast, fast ? &c->fast : &c->slow, time);
	return LOY_OK;
}

static loy_status get_worst(const loy__record *record, const loy_schema *schema, int64_t time,
                            loy_value *value)
{
	const uint64_t *data;

	if (loy__record_find(record, LOY__CLASS_WORST, 0, &data) == NULL)
		return LOY_EUNKNOWN;
	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return LOY_ETIME;
	value->real = loy__worst_weight(schema, loy__signed(data[0]), time);
	return LOY_OK;
}

double loy__worst_weight(const loy_schema *schema, int64_t worst, int64_t time)
{
	/* both are below 2^62 in magnitude */
	double orders =
	        (double)(worst - loy__worst_time(&schema->worst_half_life, time)) / (double)LOY__WORST_ONE;

	return orders < 1023.0 ? loy__exp2(orders) : DBL_MAX; /* far in the past of the episode */
}

/* ---- fields with keys ---- */

/* Slot of fields that are just one slot of their entry; LOY__SLOTS for others. */
static unsigned field_slot(uint32_t field)
{
	switch (field) {
	case LOY_PROFILE_COUNT:
	case LOY_PROFILE_PURCHASED:
	case LOY_PROFILE_DAYS_OF_MONTH:
	case LOY_PROFILE_SPAN_COUNT:
	case LOY_PROFILE_TAG_COUNT:
	case LOY_PROFILE_CATEGORY_COUNT:
	case LOY_PROFILE_STATE_TIME:
	case LOY_PROFILE_ANSWER_LATEST_TIME:
		return 0;
	case LOY_PROFILE_FIRST_TIME:
	case LOY_PROFILE_SPAN_SUM:
	case LOY_PROFILE_CATEGORY_SPEND:
		return 1;
	case LOY_PROFILE_LAST_TIME:
	case LOY_PROFILE_SPAN_LONGEST:
		return 2;
	case LOY_PROFILE_FIRST_DAY:
	case LOY_PROFILE_SPAN_TARGETED:
	case LOY_PROFILE_STATE_VALUE:
	case LOY_PROFILE_ANSWER_LATEST:
		return 3;
	case LOY_PROFILE_FIRST_DAY_SPEND:
	case LOY_PROFILE_SPAN_WITHIN:
	case LOY_PROFILE_ANSWER_COUNT:
		return 4;
	case LOY_PROFILE_DISCOUNTS:
	case LOY_PROFILE_ANSWER_SUM:
		return 5;
	case LOY_PROFILE_RETURNED:
		return 6;
	case LOY_PROFILE_COMPENSATIONS:
		return 7;
	default:
		return LOY__SLOTS;
	}
}

static loy_status get_keyed(const uint64_t *v, uint32_t field, loy_value *value)
{
	unsigned slot = field_slot(field), wide = field == LOY_PROFILE_PURCHASE_SQUARES ? 1 : 6;

	if (is_missing(field, v))
		return LOY_EUNKNOWN;
	if (slot < LOY__SLOTS) {
		value->integer = loy__signed(v[slot]) - (field == LOY_PROFILE_FIRST_DAY ? LOY__DAY_BIAS : 0);
	} else if (field == LOY_PROFILE_NET_SPEND) {
		value->integer = loy__signed(v[0] - v[6]); /* their magnitudes together fit */
	} else {                                           /* squares */
		value->low = v[wide];
		value->high = loy__signed(v[wide + 1]);
	}
	return LOY_OK;
}

loy_status loy__record_get(const loy__record *record, const loy_schema *schema, uint32_t field, uint64_t key,
                           int64_t time, loy_value *out)
{
	size_t i = field_index(field);
	uint64_t v[LOY__SLOTS] = {0};
	const uint64_t *entry, *data;
	loy_value value = {0};
	loy_status status;
	uint32_t class;

	if (i == LOY__COUNT(fields))
		return LOY_EINVAL;
	value.type = fields[i].type;
	class = field_class(fields[i].key);
	if (class == 0) {
		if (key != 0)
			return LOY_EINVAL;
		status = field == LOY_PROFILE_WORST_EPISODE ? get_worst(record, schema, time, &value)
		                                            : get_single(record, field, &value);
	} else {
		entry = loy__record_find(record, class, inner_key(field, class, key), &data);
		if (entry == NULL)
			return LOY_EUNKNOWN;
		loy__load(class, *entry, data, v);
		status = class == LOY__CLASS_EVIDENCE ? get_evidence(schema, field, key, v, time, &value)
		                                      : get_keyed(v, field, &value);
	}
	if (status == LOY_OK)
		*out = value;
	return status;
}

/* ---- for scoring ---- */

void loy__record_reading(const loy__record *record, loy__reading *out)
{
	const uint64_t *data = record != NULL ? record->words + record->entries : NULL;
	uint64_t v[LOY__SLOTS];
	size_t i;

	out->evidence_count = 0;
	out->entries = NULL;
	out->words = NULL;
	out->purchases = 0;
	out->first_purchase = INT64_MAX;
	out->last_purchase = INT64_MIN;
	out->worst = INT64_MIN;
	out->newest = INT64_MIN;
	out->events = record != NULL ? (int64_t)record->operations - 2 * (int64_t)record->retracted : 0;
	for (i = 0; record != NULL && i < record->entries; i++) {
		uint64_t entry = record->words[i];
		uint32_t class = loy__entry_class(entry);

		if (class == LOY__CLASS_KIND) {
			loy__load(LOY__CLASS_KIND, entry, data, v);
			if (loy__entry_key(entry) == LOY_KIND_PURCHASE) {
				out->purchases = loy__signed(v[0]);
				out->first_purchase = loy__signed(v[1]);
				out->last_purchase = loy__signed(v[2]);
			}
			if (loy__signed(v[2]) > out->newest)
				out->newest = loy__signed(v[2]);
		} else if (class == LOY__CLASS_EVIDENCE) {
			if (out->evidence_count++ == 0) {
				out->entries = &record->words[i];
				out->words = data;
			}
		} else if (class == LOY__CLASS_WORST) {
			out->worst = loy__signed(data[0]);
		} else if (class > LOY__CLASS_WORST) {
			break;
		}
		data += loy__entry_words(entry);
	}
}

void loy__evidence_next(loy__reading *reading, loy__evidence *out)
{
	out->entry = *reading->entries++;
	out->words = reading->words;
	reading->words += loy__entry_words(out->entry);
	out->channel = (uint8_t)(loy__entry_key(out->entry) / 2);
	out->negative = (uint8_t)(loy__entry_key(out->entry) & 1);
}

void loy__evidence_sum(const loy__evidence *evidence, int fast, loy__decay *out)
{
	uint64_t v[LOY__SLOTS];

	loy__load_evidence(evidence->entry, evidence->words, v);
	loy__slots_decay(v, fast, out);
}
