/*
 * Customers from a snapshot: the records of a group are read straight into their places, and while they are at hand
 * each is looked at there and the group is put into the index.
 */
#include "core/parallel.h"
#include "store/snapshot_groups.h"

#include <string.h>

#define TOGETHER 8u    /* groups that are read while another thread looks at as many */
#define FETCHED  2048u /* bytes of images that are fetched before they are looked at */

/* A group that was read; what lies in front of its images is in `bytes`, behind the hashes. */
struct group {
	uint32_t first, count; /* customers */
	size_t images, large;  /* bytes */
	size_t who_size;
	uint64_t *hashes; /* of the customers, once they are known */
	const uint8_t *who, *positions, *sizes;
	uint8_t *run;  /* of the images but the large ones, where they stay */
	uint64_t byte; /* of the file, where it ends */
	void *bytes;
	size_t capacity;
};

/* Groups that were read. */
struct groups {
	uint32_t count;
	struct group group[TOGETHER];
};

/*
 * Groups are read, which needs files and memory, and then looked at, which needs neither: so some are read while
 * another thread looks at those before. Without one they take turns, group by group. The result is the same.
 */
struct load {
	loy__snapshot_reader *reader;
	loy_store *store;
	loy__customers *table;
	loy__vector *positions; /* NULL: not wanted */
	uint32_t threads;
	loy__crew *crew;     /* of two, when there are several */
	loy_status ended_as; /* what came of it */
	uint32_t count, loaded;
	int ascending;               /* so far */
	struct groups *next, *read;  /* those being read, those to be looked at */
	loy_status reading;          /* of the next; its groups but the last were read even when it failed */
	int ended;                   /* nothing is left to be read */
	const struct group *unsound; /* of those looked at; NULL: none */
	loy_error *error;
	struct groups groups[2];
};

static loy_status refuse(const struct load *load)
{
	return loy__snapshot_refuse(load->reader, load->error);
}

static loy_status no_memory(const struct load *load)
{
	return loy__fail(load->error, LOY_ENOMEM, "out of memory for the customers of a snapshot");
}

static loy_status read_list_head(const struct load *load)
{
	const uint8_t *bytes;
	loy_status status = loy__snapshot_borrow(load->reader, &bytes, LOY__LIST_HEAD, load->error);

	if (status != LOY_OK)
		return status;
	if (loy__get_u32(bytes) != LOY__LIST_TAG)
		return refuse(load);
	if (loy__get_u32(bytes + 4) != LOY__IMAGE_LAYOUT)
		return loy__fail(load->error, LOY_ESTATE,
		                 "profiles lie otherwise in this version of the library");
	if (loy__get_u64(bytes + 8) != (load->table->keyed ? 1u : 0u))
		return refuse(load);
	if (loy__get_u64(bytes + 16) != load->store->schema->fingerprint_high ||
	    loy__get_u64(bytes + 24) != load->store->schema->fingerprint_low)
		return loy__fail(load->error, LOY_ESCHEMA,
		                 "the profiles of the snapshot follow another schema");
	return LOY_OK;
}

/* Room for all at once: what the totals say, as far as the bytes of the file can hold it. */
static loy_status make_room(struct load *load)
{
	loy_store *store = load->store;
	const uint64_t left = loy__snapshot_left(load->reader);
	uint64_t count =
	        loy__snapshot_total(load->reader, loy__snapshot_total_of(load->table, LOY__TOTAL_CUSTOMERS));
	uint64_t records = loy__snapshot_total(load->reader,
	                                       loy__snapshot_total_of(load->table, LOY__TOTAL_RECORD_BYTES));
	uint64_t keys =
	        loy__snapshot_total(load->reader, loy__snapshot_total_of(load->table, LOY__TOTAL_KEY_BYTES));
	loy_status status;

	/* A customer takes 12 bytes and more; blocks are larger than what they hold by less than that, or a quarter. */
	if (count > left / 12 || count > LOY__ENTRIES_MAX || records > left + left / 4 || keys > left)
		return refuse(load);
	load->count = (uint32_t)count;
	status = loy__customers_reserve(load->table, &store->memory, count);
	if (status == LOY_OK && load->positions != NULL)
		status = loy__vector_reserve(load->positions, &store->memory, count, sizeof(uint64_t));
	if (status == LOY_OK && records != 0)
		status = loy__arena_reserve(&store->records, records);
	if (status == LOY_OK && keys != 0)
		status = loy__arena_reserve(&store->keys, keys);
	return status == LOY_OK ? LOY_OK : no_memory(load);
}

/* The head of a group and what lies in front of its images. A count of 0 is the end of the list. */
static loy_status read_front(struct load *load, struct group *group)
{
	const uint8_t *head;
	loy_status status = loy__snapshot_borrow(load->reader, &head, LOY__GROUP_HEAD, load->error);
	size_t who, size, hashes;

	if (status != LOY_OK)
		return status;
	group->first = load->loaded;
	group->count = loy__get_u32(head);
	who = loy__get_u32(head + 4);
	group->images = loy__get_u32(head + 8);
	group->large = loy__get_u32(head + 12);
	if (group->count == 0)
		return load->loaded == load->count && who == 0 && loy__get_u64(head + 8) == load->count
		               ? LOY_OK
		               : refuse(load);
	if (group->count > LOY__GROUP_COUNT || group->count > load->count - load->loaded ||
	    who > (size_t)group->count * (load->table->keyed ? LOY_CUSTOMER_KEY_MAX + 1u : 8u) ||
	    (!load->table->keyed && who != (size_t)group->count * 8))
		return refuse(load);
	size = who + (size_t)group->count * 10;
	hashes = (size_t)group->count * sizeof(*group->hashes);
	if (loy__grow(&load->store->memory, &group->bytes, &group->capacity, hashes + size, 1, SIZE_MAX) !=
	    LOY_OK)
		return no_memory(load);
	group->hashes = group->bytes;
	group->who = (const uint8_t *)group->bytes + hashes;
	group->who_size = who;
	group->positions = group->who + who;
	group->sizes = group->positions + (size_t)group->count * 8;
	return loy__snapshot_read(load->reader, (uint8_t *)group->bytes + hashes, size, load->error);
}

/* Numbers of the customers of a group. */
static loy_status take_numbers(struct load *load, const struct group *group)
{
	uint64_t before =
	        load->loaded != 0 ? loy__customers_at(load->table, load->loaded - 1)->who.number : 0;
	uint32_t i, zeroes = 0, falls = 0;

	for (i = 0; i < group->count; i++) {
		uint64_t number = loy__get_u64(group->who + (size_t)i * 8);

		loy__customers_at(load->table, load->loaded + i)->who.number = number;
		group->hashes[i] = loy__who_number(load->table, number).hash;
		zeroes |= number == 0;
		falls |= number <= before;
		before = number;
	}
	load->ascending &= !falls;
	return !zeroes ? LOY_OK : refuse(load);
}

/* Keys of the customers of a group. */
static loy_status take_keys(struct load *load, const struct group *group)
{
	const uint8_t *at = group->who, *end = at + group->who_size, *before = NULL;
	uint32_t i;

	if (load->loaded != 0)
		before = loy__customers_at(load->table, load->loaded - 1)->who.key;
	for (i = 0; i < group->count; i++) {
		loy__who who = {0, 0, NULL, 0};
		uint8_t *key;

		if (at == end || at[0] == 0 || at[0] >= end - at)
			return refuse(load);
		who.length = at[0];
		who.key = at + 1;
		at += who.length + 1;
		if (!loy__utf8_valid(who.key, who.length))
			return refuse(load);
		key = loy__key_create(&load->store->key_memory, &who);
		if (key == NULL)
			return no_memory(load);
		load->ascending &= before == NULL || loy__key_before(before, key);
		loy__customers_at(load->table, load->loaded + i)->who.key = key;
		group->hashes[i] = loy__customers_hash(load->table, load->loaded + i);
		before = key;
	}
	return at == end ? LOY_OK : refuse(load);
}

/* An image apart, into a block of its own. */
static loy_status read_large(const struct load *load, size_t size, loy__record **out)
{
	void *block = loy__alloc(&load->store->record_memory, size);
	loy_status status;

	if (block == NULL)
		return no_memory(load);
	status = loy__snapshot_read(load->reader, block, size, load->error);
	if (status == LOY_OK) {
		*out = loy__image_open(block, size, load->store->schema);
		status = *out != NULL ? LOY_OK : refuse(load);
	}
	return status;
}

static size_t image_size(const struct group *group, uint32_t i)
{
	return (size_t)loy__get_u16(group->sizes + (size_t)i * 2) * LOY__IMAGE_STEP;
}

/* The large images of a group, which follow the others. */
static loy_status read_larges(const struct load *load, const struct group *group)
{
	size_t left = group->large;
	uint32_t i;

	for (i = 0; i < group->count; i++) {
		size_t size = image_size(group, i);
		loy_status status;

		if (size <= LOY__IMAGE_LARGE)
			continue;
		if (size > left)
			return refuse(load);
		left -= size;
		status = read_large(load, size, &loy__customers_at(load->table, group->first + i)->record);
		if (status != LOY_OK)
			return status;
	}
	return left == 0 ? LOY_OK : refuse(load);
}

static void take_positions(const struct load *load, const struct group *group)
{
	uint32_t i;

	for (i = 0; i < group->count; i++) {
		uint64_t *to = loy__vector_at(load->positions, group->first + i, sizeof(*to));

		*to = loy__get_u64(group->positions + (size_t)i * 8);
	}
}

/* All of a group that needs the file or memory. */
static loy_status read_group(struct load *load, struct group *group)
{
	loy_status status = read_front(load, group);

	if (status != LOY_OK || group->count == 0)
		return status;
	/* Images are of so many bytes each, and what follows in memory lies as they do. */
	if (group->images > loy__snapshot_left(load->reader) || group->images % LOY__IMAGE_STEP != 0)
		return refuse(load);
	group->run = group->bytes; /* of a group without images */
	if (group->images != 0)
		group->run = loy__arena_run(&load->store->records, group->images);
	if (group->run == NULL)
		return no_memory(load);
	status = loy__snapshot_read(load->reader, group->run, group->images, load->error);
	if (status == LOY_OK)
		status = load->table->keyed ? take_keys(load, group) : take_numbers(load, group);
	if (status == LOY_OK && group->large != 0)
		status = read_larges(load, group);
	if (load->positions != NULL)
		take_positions(load, group);
	load->loaded += group->count;
	group->byte = loy__snapshot_byte(load->reader);
	return status;
}

/* Images are fetched ahead of time: what is read of them jumps, and no processor foresees where to. */
static inline void fetch_images(const uint8_t *run, const uint8_t *end)
{
	if ((size_t)(end - run) >= FETCHED + 192) { /* as many lines as most images have */
		LOY__PREFETCH(run + FETCHED);
		LOY__PREFETCH(run + FETCHED + 64);
		LOY__PREFETCH(run + FETCHED + 128);
	}
}

/* Records of the customers of a group, but for the large ones, which have them. Returns whether all are sound. */
static int take_images(const struct load *load, const struct group *group)
{
	uint8_t *run = group->run, *end = run + group->images;
	uint32_t i;

	for (i = 0; i < group->count; i++) {
		loy__customer *customer = loy__customers_at(load->table, group->first + i);
		size_t size = image_size(group, i);

		fetch_images(run, end);
		if (LOY__UNLIKELY(size > LOY__IMAGE_LARGE)) {
			if (group->large == 0)
				return 0;
			continue;
		}
		customer->record = NULL;
		if (size == 0)
			continue;
		if (size <= (size_t)(end - run))
			customer->record = loy__image_open(run, size, load->store->schema);
		if (customer->record == NULL)
			return 0;
		run += size;
	}
	return run == end;
}

static int is_same(const void *customers, uint32_t a, uint32_t b)
{
	const loy__customers *table = customers;
	const loy__customer *one = loy__customers_at(table, a), *other = loy__customers_at(table, b);

	if (!table->keyed)
		return one->who.number == other->who.number;
	return one->who.key[0] == other->who.key[0] &&
	       memcmp(one->who.key + 1, other->who.key + 1, one->who.key[0]) == 0;
}

static void read_groups(struct load *load)
{
	const uint32_t most = load->threads > 1 ? TOGETHER : 1;
	struct groups *next = load->next;

	for (next->count = 0; next->count < most && !load->ended; next->count++) {
		struct group *group = &next->group[next->count];

		load->reading = read_group(load, group);
		load->ended = load->reading != LOY_OK || group->count == 0;
		if (load->ended)
			return;
	}
}

static void look_at_groups(struct load *load)
{
	uint32_t i;

	for (i = 0; i < load->read->count && load->unsound == NULL; i++) {
		const struct group *group = &load->read->group[i];

		if (!take_images(load, group) || !loy__index_settle(&load->table->index, group->hashes,
		                                                    group->count, is_same, load->table))
			load->unsound = group;
	}
}

/* Part 0 reads on the thread of the caller, whose files and memory these are; part 1 looks. */
static void read_or_look(uint32_t part, uint32_t parts, void *user)
{
	(void)parts;
	if (part == 0)
		read_groups(user);
	else
		look_at_groups(user);
}

static loy_status load_groups(struct load *load)
{
	read_groups(load);
	while (load->next->count != 0) {
		struct groups *read = load->next;

		load->next = load->read;
		load->read = read;
		if (load->threads > 1 && !load->ended) {
			loy__crew_work(load->crew, 2, read_or_look, load);
		} else {
			look_at_groups(load);
			read_groups(load);
		}
		if (load->unsound != NULL) /* it comes before whatever reading met */
			return loy__snapshot_refuse_at(load->reader, load->unsound->byte, load->error);
	}
	return load->reading;
}

/* With another thread at hand. */
static void load_groups_with(loy__crew *crew, void *user)
{
	struct load *load = user;

	load->crew = crew;
	load->ended_as = load_groups(load);
}

static loy_status load_all(struct load *load)
{
	loy_status status = read_list_head(load);
	int i, k;

	if (status == LOY_OK)
		status = make_room(load);
	if (status == LOY_OK && load->threads > 1) {
		(void)loy__crew_call(2, load_groups_with, load);
		status = load->ended_as;
	} else if (status == LOY_OK) {
		status = load_groups(load);
	}
	for (i = 0; i < 2; i++)
		for (k = 0; k < (int)TOGETHER; k++)
			loy__free(&load->store->memory, load->groups[i].group[k].bytes,
			          load->groups[i].group[k].capacity);
	return status;
}

loy_status loy__snapshot_load_customers(loy__snapshot_reader *reader, loy_store *store, loy__customers *table,
                                        loy__vector *positions, uint32_t threads, loy_error *error)
{
	struct load *load = loy__alloc(&store->memory, sizeof(*load));
	loy_status status = LOY_ENOMEM;

	if (load != NULL) {
		*load = (struct load){.reader = reader,
		                      .store = store,
		                      .table = table,
		                      .positions = positions,
		                      .threads = threads,
		                      .ascending = 1,
		                      .next = &load->groups[0],
		                      .read = &load->groups[1],
		                      .error = error};
		status = load_all(load);
		store->sorted &= load->ascending;
		loy__free(&store->memory, load, sizeof(*load));
	} else {
		(void)loy__fail(error, LOY_ENOMEM, "out of memory for the customers of a snapshot");
	}
	if (status == LOY_OK)
		return LOY_OK;
	status = loy__store_status(store, status, error);
	loy__customers_free(&store->numbered, &store->memory);
	loy__customers_free(&store->named, &store->memory);
	if (positions != NULL)
		loy__vector_free(positions, &store->memory, sizeof(uint64_t));
	loy__arena_free(&store->records);
	loy__arena_free(&store->keys);
	store->sorted = 1;
	return status;
}
