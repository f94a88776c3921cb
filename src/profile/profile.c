/* The public handle around a record: arguments are checked here, everything else happens in record*.c. */
#include "profile/record.h"

struct loy_profile {
	loy_allocator memory;
	const loy_schema *schema;
	loy__record *record;
};

loy_status loy_profile_create(loy_profile **out, const loy_schema *schema, const loy_allocator *memory)
{
	loy_allocator chosen;
	loy_status status;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (schema == NULL)
		return LOY_EINVAL;
	status = loy__memory_adopt(&chosen, memory);
	if (status != LOY_OK)
		return status;
	*out = loy__alloc(&chosen, sizeof(**out));
	if (*out == NULL)
		return LOY_ENOMEM;
	(*out)->memory = chosen;
	(*out)->schema = schema;
	(*out)->record = NULL;
	return LOY_OK;
}

void loy_profile_destroy(loy_profile *profile)
{
	loy_allocator memory;

	if (profile == NULL)
		return;
	memory = profile->memory; /* it lies in the block: copy it out */
	loy__record_free(profile->record, &memory);
	loy__free(&memory, profile, sizeof(*profile));
}

void loy_profile_clear(loy_profile *profile)
{
	if (profile != NULL)
		loy__record_clear(profile->record);
}

const loy__record *loy__profile_record(const loy_profile *profile)
{
	return profile->record;
}

const loy_schema *loy__profile_schema(const loy_profile *profile)
{
	return profile->schema;
}

int loy__schema_equal(const loy_schema *a, const loy_schema *b)
{
	return a == b ||
	       (a->fingerprint_high == b->fingerprint_high && a->fingerprint_low == b->fingerprint_low);
}

static void replace_record(loy_profile *profile, loy__record *record)
{
	loy__record_free(profile->record, &profile->memory);
	profile->record = record;
}

loy_status loy__profile_assign(loy_profile *profile, const loy_schema *schema, const loy__record *record)
{
	loy__record *copy;
	loy_status status;

	if (!loy__schema_equal(profile->schema, schema))
		return LOY_ESCHEMA;
	status = loy__record_copy(&copy, record, &profile->memory);
	if (status == LOY_OK)
		replace_record(profile, copy);
	return status;
}

loy_status loy_profile_copy(loy_profile *profile, const loy_profile *from)
{
	if (profile == NULL || from == NULL)
		return LOY_EINVAL;
	return profile != from ? loy__profile_assign(profile, from->schema, from->record) : LOY_OK;
}

static loy_status apply(loy_profile *profile, const loy_event *event, int sign, loy_error *error)
{
	loy_status status;

	if (profile == NULL || event == NULL)
		return loy__fail(error, LOY_EINVAL, "a profile and an event are needed");
	status = loy_event_check(event, error);
	if (status != LOY_OK)
		return status;
	return loy__record_apply(&profile->record, profile->schema, event, sign, &profile->memory, error);
}

loy_status loy_profile_record(loy_profile *profile, const loy_event *event, loy_error *error)
{
	return apply(profile, event, 1, error);
}

loy_status loy_profile_retract(loy_profile *profile, const loy_event *event, loy_error *error)
{
	return apply(profile, event, -1, error);
}

loy_status loy_profile_merge(loy_profile *profile, const loy_profile *from)
{
	if (profile == NULL || from == NULL)
		return LOY_EINVAL;
	if (!loy__schema_equal(profile->schema, from->schema))
		return LOY_ESCHEMA;
	return loy__record_merge(&profile->record, from->record, &profile->memory);
}

int32_t loy_profile_equal(const loy_profile *a, const loy_profile *b)
{
	return a != NULL && b != NULL && loy__schema_equal(a->schema, b->schema) &&
	       loy__record_equal(a->record, b->record);
}

/* ---- bytes ---- */

loy_status loy_profile_write(const loy_profile *profile, void *buffer, size_t capacity, size_t *needed)
{
	loy__writer out;

	if (profile == NULL || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	loy__writer_over(&out, buffer, capacity);
	loy__record_write(profile->record, profile->schema, &out);
	if (needed != NULL)
		*needed = out.size;
	return out.size <= capacity ? LOY_OK : LOY_EBUFFER;
}

static loy_status read_record(loy__record **out, const loy_profile *profile, const void *bytes, size_t size,
                              loy_error *error)
{
	if (profile == NULL || (bytes == NULL && size != 0))
		return loy__fail(error, LOY_EINVAL, "a profile and bytes are needed");
	return loy__record_read(out, profile->schema, bytes, size, &profile->memory, error);
}

loy_status loy_profile_read(loy_profile *profile, const void *bytes, size_t size, loy_error *error)
{
	loy__record *record;
	loy_status status = read_record(&record, profile, bytes, size, error);

	if (status == LOY_OK)
		replace_record(profile, record);
	return status;
}

loy_status loy_profile_merge_bytes(loy_profile *profile, const void *bytes, size_t size, loy_error *error)
{
	loy__record *record;
	loy_status status = read_record(&record, profile, bytes, size, error);

	if (status != LOY_OK)
		return status;
	if (profile->record == NULL) {
		profile->record = record;
		return LOY_OK;
	}
	status = loy__record_merge(&profile->record, record, &profile->memory);
	loy__record_free(record, &profile->memory);
	return status == LOY_OK ? LOY_OK : loy__fail(error, status, loy_status_text(status));
}

loy_status loy_profile_hash(const loy_profile *profile, uint64_t *high, uint64_t *low)
{
	loy__writer out;
	uint64_t hash[2];
	loy_status status;

	if (profile == NULL || high == NULL || low == NULL)
		return LOY_EINVAL;
	loy__writer_init(&out, &profile->memory, SIZE_MAX);
	loy__record_write(profile->record, profile->schema, &out);
	status = out.status;
	if (status == LOY_OK) {
		loy__siphash128(0, 0, out.data, out.size, hash);
		*high = hash[1];
		*low = hash[0];
	}
	loy__writer_free(&out);
	return status;
}

/* ---- reading ---- */

size_t loy_profile_memory(const loy_profile *profile)
{
	return profile != NULL ? sizeof(*profile) + loy__record_memory(profile->record) : 0;
}

loy_status loy_profile_get(const loy_profile *profile, uint32_t field, uint64_t key, int64_t time,
                           loy_value *out)
{
	if (profile == NULL || out == NULL)
		return LOY_EINVAL;
	return loy__record_get(profile->record, profile->schema, field, key, time, out);
}

uint32_t loy_profile_key_count(const loy_profile *profile, uint32_t field)
{
	return profile != NULL ? loy__record_key_count(profile->record, field) : 0;
}

loy_status loy_profile_key(const loy_profile *profile, uint32_t field, uint32_t index, uint64_t *key)
{
	if (profile == NULL || key == NULL)
		return LOY_EINVAL;
	return loy__record_key(profile->record, field, index, key);
}

/* Spend of the currency on days after the first purchase day of any currency. */
static double repeat_spend(const loy__record *record, uint32_t currency, int64_t first_day)
{
	const uint64_t *data, *entry = loy__record_find(record, LOY__CLASS_MONEY, currency, &data);
	uint64_t v[LOY__SLOTS];

	if (entry == NULL)
		return 0.0;
	loy__load(LOY__CLASS_MONEY, *entry, data, v);
	if (v[3] == (uint64_t)(first_day + LOY__DAY_BIAS))
		return (double)loy__signed(v[0] - v[4]); /* the spend of the other days: it fits */
	return (double)loy__signed(v[0]);
}

int loy__record_purchase_summary(const loy__record *record, uint32_t currency, int64_t time,
                                 loy_purchase_summary *out)
{
	loy__purchase_days days;
	int64_t age;

	loy__record_purchase_days(record, &days);
	if (days.days == 0)
		return 0;
	age = loy__floor_div(time, LOY_DAY) - days.first;
	out->x = (uint32_t)(days.days - 1);
	out->t_x = (double)(days.last - days.first);
	out->T = age > days.last - days.first ? (double)age : out->t_x;
	out->mean_spend = out->x != 0 ? repeat_spend(record, currency, days.first) / out->x : 0.0;
	return 1;
}

loy_status loy_profile_purchase_summary(const loy_profile *profile, uint32_t currency, int64_t time,
                                        loy_purchase_summary *out)
{
	loy_purchase_summary summary = {0};

	if (profile == NULL || out == NULL)
		return LOY_EINVAL;
	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return LOY_ETIME;
	if (!loy__record_purchase_summary(profile->record, currency, time, &summary))
		return LOY_EUNKNOWN;
	return loy__result_write(out, &summary, sizeof(summary));
}
