/* Rows: customers in order, and what is known of each. */
#include "store/store.h"

uint64_t loy_store_count(const loy_store *store)
{
	return store != NULL ? (uint64_t)store->numbered.index.live + store->named.index.live : 0;
}

loy_status loy_store_sort(loy_store *store)
{
	if (store == NULL)
		return LOY_EINVAL;
	if (loy__store_sound(store) != LOY_OK)
		return LOY_EIO;
	if (!store->sorted) {
		loy__customers_sort(&store->numbered);
		loy__customers_sort(&store->named);
		store->sorted = 1;
	}
	return LOY_OK;
}

static loy_status find(const loy_store *store, uint64_t customer, const char *key, size_t length,
                       uint64_t *row)
{
	const loy__customers *table;
	uint32_t entry;
	loy__who who;

	if (store != NULL && loy__store_sound(store) != LOY_OK)
		return LOY_EIO;
	if (store == NULL || row == NULL ||
	    loy__store_who(store, customer, key, length, &who, &table) != LOY_OK)
		return LOY_EINVAL;
	if (!store->sorted)
		return LOY_ESTATE;
	entry = loy__customers_find(table, &who);
	if (entry == LOY__NO_ENTRY)
		return LOY_ENOTFOUND;
	*row = table->keyed ? (uint64_t)store->numbered.index.live + entry : entry;
	return LOY_OK;
}

loy_status loy_store_find(const loy_store *store, uint64_t customer, uint64_t *row)
{
	return find(store, customer, NULL, 0, row);
}

loy_status loy_store_find_key(const loy_store *store, const char *key, size_t length, uint64_t *row)
{
	return find(store, 0, key, length, row);
}

/* LOY_OK when rows first … first + count - 1 can be read. */
static loy_status check_rows(const loy_store *store, uint64_t first, uint64_t count)
{
	if (store == NULL)
		return LOY_EINVAL;
	if (loy__store_sound(store) != LOY_OK)
		return LOY_EIO;
	if (!store->sorted)
		return LOY_ESTATE;
	return first <= loy_store_count(store) && count <= loy_store_count(store) - first ? LOY_OK
	                                                                                  : LOY_EINVAL;
}

loy_status loy_store_customer(const loy_store *store, uint64_t row, uint64_t *customer, char *key,
                              size_t capacity, size_t *key_length)
{
	loy_status status = check_rows(store, row, 1);
	const loy__customer *found;

	if (status != LOY_OK || (key == NULL && capacity != 0))
		return status != LOY_OK ? status : LOY_EINVAL;
	found = loy__store_row(store, row);
	if (row < store->numbered.index.live) {
		if (customer != NULL)
			*customer = found->who.number;
		if (key_length != NULL)
			*key_length = 0;
		if (capacity != 0)
			key[0] = '\0';
		return LOY_OK;
	}
	status =
	        loy__text_out((const char *)found->who.key + 1, found->who.key[0], key, capacity, key_length);
	if (status == LOY_OK && customer != NULL)
		*customer = 0;
	return status;
}

loy_status loy_store_customers(const loy_store *store, uint64_t first, uint64_t count, uint64_t *customers)
{
	loy_status status = check_rows(store, first, count);
	uint64_t i;

	if (status != LOY_OK)
		return status;
	if (customers == NULL && count != 0)
		return LOY_EINVAL;
	for (i = 0; i < count; i++)
		customers[i] = first + i < store->numbered.index.live
		                       ? loy__store_row(store, first + i)->who.number
		                       : 0;
	return LOY_OK;
}

/* Bytes of the key of a row; 0 for customers with numbers. */
static uint32_t key_length(const loy_store *store, uint64_t row)
{
	return row < store->numbered.index.live ? 0 : loy__store_row(store, row)->who.key[0];
}

loy_status loy_store_keys(const loy_store *store, uint64_t first, uint64_t count, char *text, size_t capacity,
                          size_t *needed, int64_t *offsets)
{
	loy_status status = check_rows(store, first, count);
	size_t size = 0;
	uint64_t i;

	if (status != LOY_OK)
		return status;
	if (offsets == NULL || (text == NULL && capacity != 0))
		return LOY_EINVAL;
	for (i = 0; i < count; i++) /* they are all in memory, so there is a size for it */
		size += key_length(store, first + i);
	if (needed != NULL)
		*needed = size;
	if (size > capacity)
		return LOY_EBUFFER;
	offsets[0] = 0;
	for (i = 0; i < count; i++) {
		uint32_t length = key_length(store, first + i);

		if (length != 0)
			memcpy(text + offsets[i], loy__store_row(store, first + i)->who.key + 1, length);
		offsets[i + 1] = offsets[i] + length;
	}
	return LOY_OK;
}

loy_status loy_store_values(const loy_store *store, uint32_t field, uint64_t key, int64_t time,
                            uint64_t first, uint64_t count, loy_value *values, loy_status *row_status)
{
	loy_status status = check_rows(store, first, count);
	loy_value none;
	uint64_t i;

	if (status != LOY_OK)
		return status;
	if (values == NULL && count != 0)
		return LOY_EINVAL;
	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return LOY_ETIME;
	/* The empty record knows next to nothing, but it tells which fields and keys there are. */
	if (loy__record_get(NULL, store->schema, field, key, time, &none) == LOY_EINVAL)
		return LOY_EINVAL;
	for (i = 0; i < count; i++) {
		memset(&values[i], 0, sizeof(values[i]));
		status = loy__record_get(loy__store_row(store, first + i)->record, store->schema, field, key,
		                         time, &values[i]);
		if (row_status != NULL)
			row_status[i] = status;
	}
	return LOY_OK;
}

loy_status loy_store_profile(const loy_store *store, uint64_t row, loy_profile *out)
{
	loy_status status = out != NULL ? check_rows(store, row, 1) : LOY_EINVAL;

	if (status != LOY_OK)
		return status;
	return loy__profile_assign(out, store->schema, loy__store_row(store, row)->record);
}
