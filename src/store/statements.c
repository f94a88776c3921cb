/* What is said about customers rather than by them: who is erased, who is part of whom; and identities in dispute. */
#include <loyalty/privacy.h>
#include "store/ledger.h"

#include <string.h>

#define PSEUDONYM_BYTES 32u /* room for the pseudonym of a key */

/* ---- erasure ---- */

loy_status loy_store_erase_until(loy_store *store, uint64_t customer, const char *key, size_t length,
                                 int64_t time, loy_error *error)
{
	uint8_t room[PSEUDONYM_BYTES];
	loy_status status;
	loy__ref who;

	if (store == NULL)
		return loy__fail(error, LOY_EINVAL, "a store is needed");
	status = loy__ledger_writable(store, error);
	if (status != LOY_OK)
		return status;
	status = loy__ref_from(store, customer, key, length, room, &who);
	if (status != LOY_OK)
		return loy__fail(error, status, "a customer is needed");
	return loy__store_status(store, loy__ledger_erase(store, &who, time, error), error);
}

loy_status loy_store_erased_until(const loy_store *store, uint64_t customer, const char *key, size_t length,
                                  int64_t *time)
{
	uint8_t room[PSEUDONYM_BYTES];
	int64_t until;
	loy_status status;
	loy__ref who;

	if (store == NULL || time == NULL)
		return LOY_EINVAL;
	status = loy__ledger_readable(store, NULL);
	if (status == LOY_OK)
		status = loy__ref_from(store, customer, key, length, room, &who);
	if (status != LOY_OK)
		return status;
	until = loy__ledger_erased_until(store, &who);
	if (until == INT64_MIN)
		return LOY_ENOTFOUND;
	*time = until;
	return LOY_OK;
}

/* ---- parts of a whole ---- */

/* Record a statement about a part; `whole` NULL: it is nobody's. */
static loy_status state_alias(loy_store *store, const loy_who *part, const loy_who *whole, int64_t time,
                              loy_error *error)
{
	uint8_t room[2][PSEUDONYM_BYTES];
	loy__ref named[2];
	loy_status status = loy__ledger_writable(store, error);

	if (status != LOY_OK)
		return status;
	status = loy__ref_from(store, part->customer, part->key, part->length, room[0], &named[0]);
	if (status == LOY_OK && whole != NULL)
		status = loy__ref_from(store, whole->customer, whole->key, whole->length, room[1], &named[1]);
	if (status != LOY_OK)
		return loy__fail(error, status, "the customers are needed");
	status = loy__ledger_alias(store, &named[0], whole != NULL ? &named[1] : NULL, time, error);
	return loy__store_status(store, status, error);
}

loy_status loy_store_join(loy_store *store, const loy_who *part, const loy_who *whole, int64_t time,
                          loy_error *error)
{
	if (store == NULL || part == NULL || whole == NULL)
		return loy__fail(error, LOY_EINVAL, "a store and two customers are needed");
	return state_alias(store, part, whole, time, error);
}

loy_status loy_store_separate(loy_store *store, const loy_who *part, int64_t time, loy_error *error)
{
	if (store == NULL || part == NULL)
		return loy__fail(error, LOY_EINVAL, "a store and a customer are needed");
	return state_alias(store, part, NULL, time, error);
}

loy_status loy_store_whole(const loy_store *store, const loy_who *part, uint64_t *customer, char *key,
                           size_t capacity, size_t *key_length)
{
	uint8_t room[PSEUDONYM_BYTES];
	loy__ref named, whole;
	loy_status status;

	if (store == NULL || part == NULL || (key == NULL && capacity != 0))
		return LOY_EINVAL;
	status = loy__ledger_readable(store, NULL);
	if (status == LOY_OK)
		status = loy__ref_from(store, part->customer, part->key, part->length, room, &named);
	if (status != LOY_OK)
		return status;
	if (!loy__ledger_whole(store, &named, &whole))
		return LOY_ENOTFOUND;
	if (whole.number != 0) {
		if (key_length != NULL)
			*key_length = 0;
		if (capacity != 0)
			key[0] = '\0';
	} else {
		status = loy__text_out((const char *)whole.key, whole.length, key, capacity, key_length);
	}
	if (status == LOY_OK && customer != NULL)
		*customer = whole.number;
	return status;
}

/* ---- identities with more than one content ---- */

static int same_identity(const loy__content *a, const loy__content *b)
{
	return a->high == b->high && a->low == b->low;
}

uint64_t loy_store_conflict_count(const loy_store *store)
{
	uint64_t conflicts = 0;
	uint32_t i, count;

	if (store == NULL || loy__ledger_readable(store, NULL) != LOY_OK)
		return 0;
	count = loy__ledger_content_count(store);
	for (i = 1; i < count; i++)
		conflicts += (uint64_t)same_identity(loy__ledger_content(store, i),
		                                     loy__ledger_content(store, i - 1));
	return conflicts;
}

/* The index-th content that does not count, and the one of its identity that does; 0 when there is none. */
static int find_conflict(const loy_store *store, uint64_t index, loy__content *counts, loy__content *other)
{
	uint32_t i, first = 0, count = loy__ledger_content_count(store);

	for (i = 1; i < count; i++) {
		if (!same_identity(loy__ledger_content(store, i), loy__ledger_content(store, first))) {
			first = i;
		} else if (index-- == 0) {
			*counts = *loy__ledger_content(store, first);
			*other = *loy__ledger_content(store, i);
			return 1;
		}
	}
	return 0;
}

loy_status loy_store_conflict(loy_store *store, uint64_t index, loy_event *counts, loy_event *other,
                              loy_error *error)
{
	loy__content first, second;
	loy_status status;

	if (store == NULL)
		return loy__fail(error, LOY_EINVAL, "a store is needed");
	status = loy__ledger_readable(store, error);
	if (status != LOY_OK)
		return status;
	if (!find_conflict(store, index, &first, &second))
		return loy__fail(error, LOY_ENOTFOUND, "there are not that many conflicts");
	if (counts != NULL)
		status = loy__ledger_event_at(store, first.position, counts, error);
	if (status == LOY_OK && other != NULL)
		status = loy__ledger_event_at(store, second.position, other, error);
	return loy__store_status(store, status, error);
}
