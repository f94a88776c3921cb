/* Consents: what the latest consent event for a purpose says, asked by callers and by scoring. */
#include <loyalty/privacy.h>
#include "store/store.h"

static uint64_t purpose_key(uint32_t purpose)
{
	return (uint64_t)LOY_FIELD_PURPOSE << 32 | purpose;
}

int loy__consented(const loy__record *record, uint32_t purpose)
{
	loy_value granted;

	return loy__record_get(record, NULL, LOY_PROFILE_STATE_VALUE, purpose_key(purpose), 0, &granted) ==
	               LOY_OK &&
	       granted.integer != 0;
}

loy_status loy_store_consent(const loy_store *store, uint64_t customer, const char *key, size_t length,
                             uint32_t purpose, int64_t *time)
{
	const loy__customers *table;
	const loy__record *record;
	loy_value since;
	loy_status status;
	uint32_t entry;

	if (store == NULL || purpose == 0 || purpose > LOY__PURPOSE_MAX)
		return LOY_EINVAL;
	status = loy__store_entry(store, customer, key, length, &table, &entry);
	if (status != LOY_OK)
		return status;
	record = loy__customers_at(table, entry)->record;
	status = loy__record_get(record, store->schema, LOY_PROFILE_STATE_TIME, purpose_key(purpose), 0,
	                         &since);
	if (status != LOY_OK)
		return status;
	if (time != NULL)
		*time = since.integer;
	return loy__consented(record, purpose) ? LOY_OK : LOY_ECONSENT;
}
