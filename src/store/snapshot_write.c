/*
 * Customers into a snapshot, in groups: who they are, the position of the last record that each profile holds, and the
 * profiles' records as they lie in memory, side by side.
 */
#include "store/snapshot_groups.h"

#define GROUP_BYTES (UINT32_C(1) << 19) /* a group is full with so many bytes of images */

/* What all customers of a table have in common. */
static loy_status begin_list(loy__snapshot_writer *writer, const loy_store *store,
                             const loy__customers *table, loy_error *error)
{
	uint8_t head[LOY__LIST_HEAD];
	loy__writer w;

	loy__writer_over(&w, head, sizeof(head));
	loy__write_u32(&w, LOY__LIST_TAG);
	loy__write_u32(&w, LOY__IMAGE_LAYOUT);
	loy__write_u32(&w, table->keyed ? 1 : 0);
	loy__write_u32(&w, 0);
	loy__write_u64(&w, store->schema->fingerprint_high);
	loy__write_u64(&w, store->schema->fingerprint_low);
	return loy__snapshot_write(writer, head, sizeof(head), error);
}

static loy_status write_group_head(loy__snapshot_writer *writer, const loy__snapshot_group *group,
                                   loy_error *error)
{
	uint8_t head[LOY__GROUP_HEAD];
	loy__writer w;

	loy__writer_over(&w, head, sizeof(head));
	loy__write_u32(&w, group->count);
	loy__write_u32(&w, (uint32_t)group->who.size);
	loy__write_u32(&w, (uint32_t)group->images.size);
	loy__write_u32(&w, (uint32_t)group->large.size);
	return loy__snapshot_write(writer, head, sizeof(head), error);
}

/* Write the customers that wait. */
static loy_status write_group(loy__snapshot_writer *writer, loy_error *error)
{
	loy__snapshot_group *group = loy__snapshot_writer_group(writer);
	loy__writer *parts[] = {&group->who, &group->positions, &group->sizes, &group->images, &group->large};
	loy_status status = group->count != 0 ? write_group_head(writer, group, error) : LOY_OK;
	size_t i;

	for (i = 0; i < LOY__COUNT(parts); i++) {
		if (status == LOY_OK)
			status = loy__snapshot_write(writer, parts[i]->data, parts[i]->size, error);
		parts[i]->size = 0;
	}
	group->count = 0;
	return status;
}

static loy_status group_status(const loy__snapshot_group *group, loy_error *error)
{
	if ((group->who.status | group->positions.status | group->sizes.status | group->images.status |
	     group->large.status) == LOY_OK)
		return LOY_OK;
	return loy__fail(error, LOY_ENOMEM, "out of memory for writing customers");
}

loy_status loy__snapshot_write_customer(loy__snapshot_writer *writer, const loy_store *store,
                                        const loy__customers *table, uint32_t entry, uint64_t position,
                                        loy_error *error)
{
	loy__snapshot_group *group = loy__snapshot_writer_group(writer);
	const loy__customer *customer = loy__customers_at(table, entry);
	size_t size = loy__image_size(customer->record);
	loy_status status = LOY_OK;

	if (loy__snapshot_add_total(writer, loy__snapshot_total_of(table, LOY__TOTAL_CUSTOMERS), 1) == 1)
		status = begin_list(writer, store, table, error);
	if (status != LOY_OK)
		return status;
	if (table->keyed) {
		loy__write_bytes(&group->who, customer->who.key, loy__key_size(customer->who.key));
		(void)loy__snapshot_add_total(
		        writer, loy__snapshot_total_of(table, LOY__TOTAL_KEY_BYTES),
		        loy__arena_block(&store->keys, loy__key_size(customer->who.key)));
	} else {
		loy__write_u64(&group->who, customer->who.number);
	}
	loy__write_u64(&group->positions, position);
	loy__write_u16(&group->sizes, (uint16_t)(size / LOY__IMAGE_STEP));
	loy__image_write(customer->record, size <= LOY__IMAGE_LARGE ? &group->images : &group->large);
	if (size != 0)
		(void)loy__snapshot_add_total(writer, loy__snapshot_total_of(table, LOY__TOTAL_RECORD_BYTES),
		                              loy__arena_block(&store->records, size));
	group->count++;
	if (group->count == LOY__GROUP_COUNT || group->images.size + group->large.size >= GROUP_BYTES) {
		status = group_status(group, error);
		return status == LOY_OK ? write_group(writer, error) : status;
	}
	return group_status(group, error);
}

loy_status loy__snapshot_end_customers(loy__snapshot_writer *writer, const loy_store *store,
                                       const loy__customers *table, loy_error *error)
{
	uint64_t count =
	        loy__snapshot_add_total(writer, loy__snapshot_total_of(table, LOY__TOTAL_CUSTOMERS), 0);
	loy_status status = group_status(loy__snapshot_writer_group(writer), error);
	uint8_t bytes[LOY__GROUP_HEAD];
	loy__writer w;

	if (status == LOY_OK)
		status = count == 0 ? begin_list(writer, store, table, error) : write_group(writer, error);
	if (status != LOY_OK)
		return status;
	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, 0);
	loy__write_u64(&w, count);
	return loy__snapshot_write(writer, bytes, sizeof(bytes), error);
}
