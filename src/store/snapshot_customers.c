/*
 * Customers in a snapshot: who, the position of the last record their profile holds, and the profile's record as it
 * lies in memory. Loading reads records and keys straight into their places and then makes the index in one go.
 */
#include "store/snapshot.h"

#include <string.h>

#define TAG      UINT32_C(0x54535543) /* "CUST" */
#define HEAD     32u                  /* of the list: tag, layout, keyed, 0, fingerprint */
#define LIST_END UINT64_MAX           /* in place of a position */
#define PIECE    64u                  /* words written at a time */
#define AHEAD    16u                  /* customers whose places in the index are fetched ahead */

/* Totals, three of numbered and three of named customers. */
enum { TOTAL_CUSTOMERS, TOTAL_RECORD_BYTES, TOTAL_KEY_BYTES, TOTALS };

static unsigned total_of(const loy__customers *table, unsigned which)
{
	return which + (table->keyed ? TOTALS : 0);
}

/* ---- writing ---- */

/* The first customer of a table, or its end, is preceded by what all have in common. */
static loy_status begin_list(loy__snapshot_writer *writer, const loy_store *store,
                             const loy__customers *table, loy_error *error)
{
	uint8_t head[HEAD];
	loy__writer w;

	loy__writer_over(&w, head, sizeof(head));
	loy__write_u32(&w, TAG);
	loy__write_u32(&w, LOY__IMAGE_LAYOUT);
	loy__write_u32(&w, table->keyed ? 1 : 0);
	loy__write_u32(&w, 0);
	loy__write_u64(&w, store->schema->fingerprint_high);
	loy__write_u64(&w, store->schema->fingerprint_low);
	return loy__snapshot_write(writer, head, sizeof(head), error);
}

static loy_status write_words(loy__snapshot_writer *writer, const loy__record *record, loy_error *error)
{
	size_t count = loy__image_words_size(record) / 8, first, part;
	uint8_t bytes[PIECE * 8];
	loy_status status = LOY_OK;

	for (first = 0; first < count && status == LOY_OK; first += part) {
		part = count - first < PIECE ? count - first : PIECE;
		loy__image_write_words(record, first, part, bytes);
		status = loy__snapshot_write(writer, bytes, part * 8, error);
	}
	return status;
}

loy_status loy__snapshot_write_customer(loy__snapshot_writer *writer, const loy_store *store,
                                        const loy__customers *table, uint32_t entry, uint64_t position,
                                        loy_error *error)
{
	const loy__customer *customer = loy__customers_at(table, entry);
	uint8_t bytes[8 + 1 + LOY_CUSTOMER_KEY_MAX + LOY__IMAGE_HEAD], head[LOY__IMAGE_HEAD];
	loy_status status = LOY_OK;
	loy__writer w;

	if (loy__snapshot_add_total(writer, total_of(table, TOTAL_CUSTOMERS), 1) == 1)
		status = begin_list(writer, store, table, error);
	if (status != LOY_OK)
		return status;
	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, position);
	if (table->keyed) {
		loy__write_bytes(&w, customer->who.key, loy__key_size(customer->who.key));
		(void)loy__snapshot_add_total(
		        writer, total_of(table, TOTAL_KEY_BYTES),
		        loy__arena_block(&store->keys, loy__key_size(customer->who.key)));
	} else {
		loy__write_u64(&w, customer->who.number);
	}
	loy__image_write_head(customer->record, head);
	loy__write_bytes(&w, head, sizeof(head));
	(void)loy__snapshot_add_total(writer, total_of(table, TOTAL_RECORD_BYTES),
	                              loy__arena_block(&store->records, loy__image_memory(customer->record)));
	status = loy__snapshot_write(writer, bytes, w.size, error);
	return status == LOY_OK ? write_words(writer, customer->record, error) : status;
}

loy_status loy__snapshot_end_customers(loy__snapshot_writer *writer, const loy_store *store,
                                       const loy__customers *table, loy_error *error)
{
	uint64_t count = loy__snapshot_add_total(writer, total_of(table, TOTAL_CUSTOMERS), 0);
	loy_status status = count == 0 ? begin_list(writer, store, table, error) : LOY_OK;
	uint8_t bytes[16];
	loy__writer w;

	if (status != LOY_OK)
		return status;
	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, LIST_END);
	loy__write_u64(&w, count);
	return loy__snapshot_write(writer, bytes, sizeof(bytes), error);
}

/* ---- loading ---- */

struct load {
	loy__snapshot_reader *reader;
	loy_store *store;
	loy__customers *table;
	loy__vector *positions;
	uint32_t count;
	int ascending; /* so far: then nobody can be there twice */
	loy_error *error;
};

static loy_status refuse(const struct load *load)
{
	return loy__snapshot_refuse(load->reader, load->error);
}

static loy_status no_memory(const struct load *load)
{
	return loy__fail(load->error, LOY_ENOMEM, "out of memory for the customers of a snapshot");
}

static loy_status read_head(const struct load *load)
{
	const uint8_t *bytes;
	loy_status status = loy__snapshot_borrow(load->reader, &bytes, HEAD, load->error);
	loy__reader r;

	if (status != LOY_OK)
		return status;
	loy__reader_init(&r, bytes, HEAD);
	if (loy__read_u32(&r) != TAG)
		return refuse(load);
	if (loy__read_u32(&r) != LOY__IMAGE_LAYOUT)
		return loy__fail(load->error, LOY_ESTATE,
		                 "profiles lie otherwise in this version of the library");
	if (loy__read_u32(&r) != (load->table->keyed ? 1u : 0u) || loy__read_u32(&r) != 0)
		return refuse(load);
	if (loy__read_u64(&r) != load->store->schema->fingerprint_high ||
	    loy__read_u64(&r) != load->store->schema->fingerprint_low)
		return loy__fail(load->error, LOY_ESCHEMA,
		                 "the profiles of the snapshot follow another schema");
	return LOY_OK;
}

/* Room for all at once: what the totals say, as far as the bytes of the file can hold it. */
static loy_status make_room(struct load *load)
{
	loy_store *store = load->store;
	const uint64_t left = loy__snapshot_left(load->reader);
	const uint64_t least =
	        8u + (load->table->keyed ? 2u : 8u) + LOY__IMAGE_HEAD; /* bytes of a customer */
	uint64_t count = loy__snapshot_total(load->reader, total_of(load->table, TOTAL_CUSTOMERS));
	uint64_t records = loy__snapshot_total(load->reader, total_of(load->table, TOTAL_RECORD_BYTES));
	uint64_t keys = loy__snapshot_total(load->reader, total_of(load->table, TOTAL_KEY_BYTES));
	loy_status status;

	/* Blocks are larger than what they hold by less than half, those of keys by less than four times. */
	if (count > left / least || count > LOY__ENTRIES_MAX || records > left + left / 2 || keys > left * 4)
		return refuse(load);
	load->count = (uint32_t)count;
	status = loy__customers_reserve(load->table, &store->memory, count);
	if (status == LOY_OK)
		status = loy__vector_reserve(load->positions, &store->memory, count, sizeof(uint64_t));
	if (status == LOY_OK && records != 0)
		status = loy__arena_reserve(&store->records, records);
	if (status == LOY_OK && keys != 0)
		status = loy__arena_reserve(&store->keys, keys);
	return status == LOY_OK ? LOY_OK : no_memory(load);
}

/* The record that has this head, its words read into their place. */
static loy_status read_record(const struct load *load, const uint8_t *head, loy__record **out)
{
	uint8_t *words;
	size_t size;
	loy_status status = loy__image_begin(out, head, &words, &size, &load->store->record_memory);

	if (status != LOY_OK)
		return status == LOY_ENOMEM ? no_memory(load) : refuse(load);
	if (*out == NULL)
		return LOY_OK;
	status = loy__snapshot_read(load->reader, words, size, load->error);
	if (status == LOY_OK && !loy__image_finish(*out, load->store->schema))
		status = refuse(load);
	return status;
}

static loy_status read_position(const struct load *load, const uint8_t *bytes, uint32_t entry)
{
	loy__reader r;
	uint64_t position;

	loy__reader_init(&r, bytes, 8);
	position = loy__read_u64(&r);
	memcpy(loy__vector_at(load->positions, entry, sizeof(position)), &position, sizeof(position));
	return position != LIST_END ? LOY_OK : refuse(load);
}

static loy_status read_numbered(struct load *load, uint32_t entry)
{
	loy__customer *customer = loy__customers_at(load->table, entry);
	const uint8_t *bytes;
	loy_status status = loy__snapshot_borrow(load->reader, &bytes, 16 + LOY__IMAGE_HEAD, load->error);
	loy__reader r;

	if (status != LOY_OK)
		return status;
	if (read_position(load, bytes, entry) != LOY_OK)
		return LOY_EDAMAGED;
	loy__reader_init(&r, bytes + 8, 8);
	customer->who.number = loy__read_u64(&r);
	if (customer->who.number == 0)
		return refuse(load);
	load->ascending &=
	        entry == 0 || loy__customers_at(load->table, entry - 1)->who.number < customer->who.number;
	return read_record(load, bytes + 16, &customer->record);
}

static loy_status read_named(struct load *load, uint32_t entry)
{
	loy__customer *customer = loy__customers_at(load->table, entry);
	const uint8_t *bytes;
	loy_status status = loy__snapshot_borrow(load->reader, &bytes, 9, load->error);
	loy__who who = {0, 0, NULL, 0};

	if (status != LOY_OK)
		return status;
	if (read_position(load, bytes, entry) != LOY_OK)
		return LOY_EDAMAGED;
	who.length = bytes[8];
	status = loy__snapshot_borrow(load->reader, &bytes, who.length + LOY__IMAGE_HEAD, load->error);
	if (status != LOY_OK)
		return status;
	if (who.length == 0 || !loy__utf8_valid(bytes, who.length))
		return refuse(load);
	who.key = bytes;
	customer->who.key = loy__key_create(&load->store->key_memory, &who);
	if (customer->who.key == NULL)
		return no_memory(load);
	load->ascending &= entry == 0 || loy__key_before(loy__customers_at(load->table, entry - 1)->who.key,
	                                                 customer->who.key);
	return read_record(load, bytes + who.length, &customer->record);
}

static loy_status read_end(const struct load *load)
{
	const uint8_t *bytes;
	loy_status status = loy__snapshot_borrow(load->reader, &bytes, 16, load->error);
	loy__reader r;

	if (status != LOY_OK)
		return status;
	loy__reader_init(&r, bytes, 16);
	return loy__read_u64(&r) == LIST_END && loy__read_u64(&r) == load->count ? LOY_OK : refuse(load);
}

static int is_there(const struct load *load, uint32_t entry, uint64_t hash)
{
	const loy__customer *customer = loy__customers_at(load->table, entry);
	loy__who who = {0, hash, NULL, 0};

	if (load->table->keyed) {
		who.key = customer->who.key + 1;
		who.length = customer->who.key[0];
	} else {
		who.number = customer->who.number;
	}
	return loy__customers_find(load->table, &who) != LOY__NO_ENTRY;
}

/* Hashes are made some customers ahead, so that their places in the index are there when they are needed. */
static loy_status make_index(const struct load *load)
{
	loy__index *index = &load->table->index;
	uint64_t hashes[AHEAD];
	uint32_t entry, ahead = 0;

	for (entry = 0; entry < load->count; entry++) {
		uint64_t hash;

		for (; ahead < load->count && ahead < entry + AHEAD; ahead++) {
			hashes[ahead % AHEAD] = loy__customers_hash(load->table, ahead);
			loy__index_prefetch(index, hashes[ahead % AHEAD]);
		}
		hash = hashes[entry % AHEAD];
		if (!load->ascending && is_there(load, entry, hash))
			return refuse(load);
		loy__index_add(index, hash, entry);
	}
	return LOY_OK;
}

static loy_status load_all(struct load *load)
{
	loy_status status = read_head(load);
	uint32_t entry;

	if (status == LOY_OK)
		status = make_room(load);
	for (entry = 0; entry < load->count && status == LOY_OK; entry++)
		status = load->table->keyed ? read_named(load, entry) : read_numbered(load, entry);
	if (status == LOY_OK)
		status = read_end(load);
	return status == LOY_OK ? make_index(load) : status;
}

loy_status loy__snapshot_load_customers(loy__snapshot_reader *reader, loy_store *store, loy__customers *table,
                                        loy__vector *positions, loy_error *error)
{
	struct load load = {reader, store, table, positions, 0, 1, error};
	loy_status status = load_all(&load);

	if (status == LOY_OK) {
		store->sorted &= load.ascending;
		return LOY_OK;
	}
	status = loy__store_status(store, status, error);
	loy__customers_free(&store->numbered, &store->memory);
	loy__customers_free(&store->named, &store->memory);
	loy__vector_free(positions, &store->memory, sizeof(uint64_t));
	loy__arena_free(&store->records);
	loy__arena_free(&store->keys);
	store->sorted = 1;
	return status;
}
