/* What a snapshot holds besides customers: words of 64 bits, list after list, each with its length in front. */
#include "store/image.h"

#include <string.h>

#define START_TAG UINT64_C(0x313054524154534c) /* "LSTART01" */
#define IMAGE_TAG UINT64_C(0x313045474d494c4c) /* "LLIMGE01" */
#define END_TAG   UINT64_C(0x31304e444e45494c) /* "LIENDN01" */
#define NOBODY    UINT64_MAX

/* ---- writing ---- */

/* The first failure stays, and later calls do nothing. */
struct out {
	loy__snapshot_writer *writer;
	loy_store *store;
	loy_status status;
	loy_error *error;
};

static void put_bytes(struct out *out, const void *bytes, size_t size)
{
	if (out->status == LOY_OK && size != 0)
		out->status = loy__snapshot_write(out->writer, bytes, size, out->error);
}

static void put(struct out *out, uint64_t word)
{
	uint8_t bytes[8];
	loy__writer w;

	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, word);
	put_bytes(out, bytes, sizeof(bytes));
}

loy_status loy__base_write_start(loy__snapshot_writer *writer, const loy__base_head *head, loy_error *error)
{
	struct out out = {writer, NULL, LOY_OK, error};

	put(&out, START_TAG);
	put(&out, head->position);
	put(&out, head->tagging.life);
	put(&out, head->tagging.number);
	return out.status;
}

static void put_tags(struct out *out, const loy__tags *tags)
{
	size_t i;

	put(out, tags->count);
	for (i = 0; i < tags->count; i++) {
		put(out, tags->span[i].life);
		put(out, tags->span[i].first);
		put(out, tags->span[i].end);
	}
}

static void put_erasures(struct out *out, const loy__erasures *erasures)
{
	uint32_t i;

	put(out, erasures->index.live);
	for (i = 0; i < erasures->index.live; i++) {
		const loy__erasure *erasure = loy__erasures_at(erasures, i);

		put(out, erasure->who[0]);
		put(out, erasure->who[1]);
		put(out, (uint64_t)erasure->time);
	}
}

static void put_record(struct out *out, const loy__record *record)
{
	loy__writer w;

	if (record == NULL) {
		put(out, 0);
		return;
	}
	loy__writer_init(&w, &out->store->memory, (size_t)16 << 20);
	loy__record_write(record, out->store->schema, &w);
	if (w.status != LOY_OK && out->status == LOY_OK)
		out->status = loy__fail(out->error, w.status, "out of memory for a profile");
	put(out, w.size);
	put_bytes(out, w.data, w.size);
	loy__writer_free(&w);
}

static void put_party(struct out *out, const loy__party *party)
{
	put(out, party->number);
	if (party->number == 0) {
		put(out, party->key[0]);
		put_bytes(out, party->key + 1, party->key[0]);
	}
	put(out, (uint64_t)(party->grouped && party->exists));
	put_record(out, party->grouped && party->exists ? party->own : NULL);
}

/* Only those whom a statement names that nobody erased. `number`: of each in the list. */
static void put_parties(struct out *out, const loy__parties *parties, uint64_t *number)
{
	uint64_t count = 0, statements = 0;
	size_t i;

	for (i = 0; i < parties->index.live; i++)
		number[i] = NOBODY;
	for (i = 0; i < parties->statements; i++) {
		const loy__statement *s = &parties->statement[i];

		if (!loy__statement_holds(out->store, s))
			continue;
		statements++;
		number[s->part] = 0;
		if (s->whole != LOY__NO_ENTRY)
			number[s->whole] = 0;
	}
	for (i = 0; i < parties->index.live; i++) {
		if (number[i] == 0)
			number[i] = count++;
	}
	put(out, count);
	for (i = 0; i < parties->index.live; i++) {
		if (number[i] != NOBODY)
			put_party(out, loy__party_at(parties, (uint32_t)i));
	}
	put(out, statements);
	for (i = 0; i < parties->statements; i++) {
		const loy__statement *s = &parties->statement[i];

		if (!loy__statement_holds(out->store, s))
			continue;
		put(out, number[s->part]);
		put(out, s->whole != LOY__NO_ENTRY ? number[s->whole] : NOBODY);
		put(out, (uint64_t)s->time);
		put(out, s->tag.life);
		put(out, s->tag.number);
	}
}

static void put_contents(struct out *out, const loy__contents *contents)
{
	size_t i;

	put(out, contents->count);
	for (i = 0; i < contents->count; i++) {
		const loy__content *content = &contents->at[i];

		put(out, content->high);
		put(out, content->low);
		put(out, content->digest);
		put(out, content->position);
		put(out, content->who[0]);
		put(out, content->who[1]);
		put(out, (uint64_t)content->time);
	}
}

static void put_identities(struct out *out, const loy__identities *identities)
{
	loy__identities_walk walk = {0};
	loy__identity identity;

	put(out, loy__identities_count(identities));
	while (loy__identities_next(identities, &walk, &identity)) {
		put(out, identity.high);
		put(out, identity.low);
		put(out, identity.digest);
	}
}

static void put_blocks(struct out *out, const struct loy__known *known)
{
	uint64_t i;

	put(out, known->block_count);
	for (i = 0; i < known->block_count; i++) {
		const struct loy__known_block *block = loy__known_block(known, i);

		put(out, block->source);
		put(out, block->least);
		put(out, block->greatest);
		put(out, block->mixed);
	}
}

loy_status loy__base_write(loy__snapshot_writer *writer, loy_store *store, uint64_t position,
                           uint64_t own_position, int scrubbed, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	struct out out = {writer, store, LOY_OK, error};
	size_t size = ((size_t)ledger->parties.index.live + 1) * sizeof(uint64_t);
	uint64_t *number = loy__alloc(&store->memory, size);

	if (number == NULL)
		return loy__fail(error, LOY_ENOMEM, "out of memory");
	put(&out, IMAGE_TAG);
	put(&out, position);
	put(&out, own_position);
	put(&out, scrubbed != 0);
	put(&out, store->events);
	put(&out, store->duplicates);
	put(&out, store->conflicts);
	put(&out, ledger->erased_events);
	put(&out, (uint64_t)ledger->newest);
	put_tags(&out, &ledger->tags);
	put_erasures(&out, &ledger->erasures);
	put_parties(&out, &ledger->parties, number);
	put_contents(&out, &ledger->contents);
	put_identities(&out, &store->identities);
	put_tags(&out, &ledger->known.spans);
	put_blocks(&out, &ledger->known);
	put(&out, END_TAG);
	loy__free(&store->memory, number, size);
	return out.status;
}

/* ---- reading ---- */

struct in {
	loy__snapshot_reader *reader;
	loy_store *store;
	loy_status status;
	loy_error *error;
};

static void refuse(struct in *in)
{
	if (in->status == LOY_OK)
		in->status = loy__snapshot_refuse(in->reader, in->error);
}

static void fail(struct in *in, loy_status status)
{
	if (in->status == LOY_OK && status != LOY_OK)
		in->status = status == LOY_ENOMEM || status == LOY_ELIMIT
		                     ? loy__fail(in->error, status, "out of memory for a snapshot")
		                     : loy__snapshot_refuse(in->reader, in->error);
}

/* 0 after a failure. */
static uint64_t get(struct in *in)
{
	const uint8_t *bytes;
	loy__reader r;

	if (in->status == LOY_OK)
		in->status = loy__snapshot_borrow(in->reader, &bytes, 8, in->error);
	if (in->status != LOY_OK)
		return 0;
	loy__reader_init(&r, bytes, 8);
	return loy__read_u64(&r);
}

static int64_t get_signed(struct in *in)
{
	return loy__field_from_word(get(in));
}

/* A number of elements of which each takes at least `words` words: no more than can follow. */
static uint64_t get_count(struct in *in, uint64_t words)
{
	uint64_t count = get(in);

	if (in->status == LOY_OK && count > loy__snapshot_left(in->reader) / (8 * words))
		refuse(in);
	return in->status == LOY_OK ? count : 0;
}

loy_status loy__base_read_start(loy__snapshot_reader *reader, loy__base_head *head, loy_error *error)
{
	struct in in = {reader, NULL, LOY_OK, error};

	if (get(&in) != START_TAG)
		refuse(&in);
	head->position = get(&in);
	head->tagging.life = get(&in);
	head->tagging.number = get(&in);
	return in.status;
}

static void get_tags(struct in *in, loy__tags *tags)
{
	uint64_t count = get_count(in, 3), i;

	fail(in, loy__tags_reserve(tags, &in->store->memory, (size_t)count));
	for (i = 0; i < count && in->status == LOY_OK; i++) {
		loy__span *span = &tags->span[i];

		span->life = get(in);
		span->first = get(in);
		span->end = get(in);
		if (!loy__span_follows(i != 0 ? span - 1 : NULL, span))
			refuse(in);
		else
			tags->count++;
	}
}

static void get_erasures(struct in *in, loy__erasures *erasures)
{
	uint64_t count = get_count(in, 3), i, who[2];

	fail(in, loy__erasures_reserve(erasures, &in->store->memory, count));
	for (i = 0; i < count && in->status == LOY_OK; i++) {
		who[0] = get(in);
		who[1] = get(in);
		if (loy__erasures_raise(erasures, who, get_signed(in)) != INT64_MIN)
			refuse(in);
	}
}

static void get_record(struct in *in, loy__record **record)
{
	uint64_t size = get(in);
	uint8_t *bytes;

	*record = NULL;
	if (in->status == LOY_OK && size > loy__snapshot_left(in->reader))
		refuse(in);
	if (in->status != LOY_OK || size == 0)
		return;
	bytes = loy__alloc(&in->store->memory, (size_t)size);
	if (bytes == NULL) {
		fail(in, LOY_ENOMEM);
		return;
	}
	in->status = loy__snapshot_read(in->reader, bytes, (size_t)size, in->error);
	if (in->status == LOY_OK)
		fail(in, loy__record_read(record, in->store->schema, bytes, (size_t)size,
		                          &in->store->record_memory, NULL));
	loy__free(&in->store->memory, bytes, (size_t)size);
}

static void get_party(struct in *in, uint32_t expected)
{
	struct loy__ledger *ledger = in->store->ledger;
	uint8_t key[LOY_CUSTOMER_KEY_MAX];
	loy__ref who = {0, key, 0, {0, 0}};
	uint32_t entry = 0;
	loy__party *party;

	who.number = get(in);
	if (who.number == 0) {
		uint64_t length = get(in);

		if (length == 0 || length > sizeof(key))
			refuse(in);
		if (in->status == LOY_OK)
			in->status = loy__snapshot_read(in->reader, key, (size_t)length, in->error);
		who.length = (size_t)length;
	}
	if (in->status != LOY_OK)
		return;
	fail(in, loy__parties_enter(&ledger->parties, in->store, &who, &entry));
	if (in->status == LOY_OK && entry != expected)
		refuse(in);
	if (in->status != LOY_OK)
		return;
	party = loy__party_at(&ledger->parties, entry);
	party->exists = get(in) != 0;
	get_record(in, &party->own);
	if (party->own != NULL && !party->exists)
		refuse(in);
}

static void get_statements(struct in *in, loy__parties *parties)
{
	uint64_t count = get_count(in, 5), i;

	for (i = 0; i < count && in->status == LOY_OK; i++) {
		uint64_t part = get(in), whole = get(in); /* in this order: declarators are evaluated so */
		loy__statement s = {(uint32_t)part, LOY__NO_ENTRY, 0, {0, 0}};

		s.time = get_signed(in);
		s.tag.life = get(in);
		s.tag.number = get(in);
		if (part >= parties->index.live || (whole != NOBODY && whole >= parties->index.live) ||
		    part == whole)
			refuse(in);
		if (whole != NOBODY)
			s.whole = (uint32_t)whole;
		if (in->status == LOY_OK)
			fail(in, loy__parties_state(parties, &in->store->memory, &s));
	}
}

static void get_contents(struct in *in, loy__contents *contents)
{
	uint64_t count = get_count(in, 7), i;

	for (i = 0; i < count && in->status == LOY_OK; i++) {
		loy__content content;

		content.high = get(in);
		content.low = get(in);
		content.digest = get(in);
		content.position = get(in);
		content.who[0] = get(in);
		content.who[1] = get(in);
		content.time = get_signed(in);
		if (in->status == LOY_OK)
			fail(in, loy__contents_add(contents, &in->store->memory, &content));
	}
}

static void get_identities(struct in *in, loy__identities *identities)
{
	uint64_t count = get_count(in, 3), i;

	for (i = 0; i < count; i++) {
		loy__identity identity;

		identity.high = get(in);
		identity.low = get(in);
		identity.digest = get(in);
		fail(in, loy__identities_reserve_one(identities, &in->store->memory, identity.high));
		if (in->status != LOY_OK)
			return;
		loy__identities_add(identities, loy__identities_hash(identities, identity.high, identity.low),
		                    &identity);
	}
}

static void get_blocks(struct in *in)
{
	uint64_t count = get_count(in, 4), i;

	for (i = 0; i < count && in->status == LOY_OK; i++) {
		struct loy__known_block block;

		block.source = get(in);
		block.least = get(in);
		block.greatest = get(in);
		block.mixed = get(in);
		if (in->status == LOY_OK)
			fail(in, loy__known_set_block(in->store, i, &block));
	}
}

loy_status loy__base_read(loy__snapshot_reader *reader, loy_store *store, int *scrubbed, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	struct in in = {reader, store, LOY_OK, error};
	uint64_t count, i;

	if (get(&in) != IMAGE_TAG)
		refuse(&in);
	ledger->image_position = get(&in);
	ledger->own_position = get(&in);
	if (ledger->own_position > ledger->image_position)
		refuse(&in);
	*scrubbed = get(&in) != 0;
	store->events = get(&in);
	store->duplicates = get(&in);
	store->conflicts = get(&in);
	ledger->erased_events = get(&in);
	ledger->newest = get_signed(&in);
	get_tags(&in, &ledger->tags);
	get_erasures(&in, &ledger->erasures);
	count = get_count(&in, 3);
	for (i = 0; i < count && in.status == LOY_OK; i++)
		get_party(&in, (uint32_t)i);
	get_statements(&in, &ledger->parties);
	get_contents(&in, &ledger->contents);
	get_identities(&in, &store->identities);
	get_tags(&in, &ledger->known.spans);
	get_blocks(&in);
	if (in.status == LOY_OK && (get(&in) != END_TAG || loy__snapshot_left(reader) != 0))
		refuse(&in);
	if (in.status == LOY_OK)
		fail(&in, loy__parties_settle(&ledger->parties, store));
	for (i = 0; i < ledger->parties.index.live; i++) {
		const loy__party *party = loy__party_at(&ledger->parties, (uint32_t)i);

		if (!party->grouped && party->exists)
			refuse(&in); /* its row would hold it */
	}
	return in.status;
}
