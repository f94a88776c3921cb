/*
 * Which identities a ledger knows. Those that devices count up are kept as spans of numbers, which take no room;
 * their contents lie in the journal, and for each 256 positions it is remembered which numbers are there, so that one
 * that comes again is found by reading a part of one journal file. Others are kept one by one with the digest of their
 * content.
 */
#include "store/ledger_state.h"

#define NUMBER_MAX (UINT64_C(1) << 40) /* of numbers that are counted up */
#define SPANS_MAX  8192u /* beyond, only numbers that follow or precede one that is known join them */
#define RECENT     4096u /* digests at hand */
#define WINDOW     2048u /* positions read at once, when one has to be found */

struct loy__recent {
	uint64_t high, low, digest;
};

/* ---- digests at hand ---- */

static struct loy__recent *recent_slot(const struct loy__known *known, uint64_t high, uint64_t low)
{
	return &known->recent[(low + loy__mix64(high)) %
	                      RECENT]; /* numbers that follow each other never meet */
}

loy_status loy__known_init(struct loy__known *known, const loy_allocator *memory)
{
	known->recent = loy__alloc_zero(memory, RECENT * sizeof(*known->recent));
	return known->recent != NULL ? LOY_OK : LOY_ENOMEM;
}

void loy__known_free(struct loy__known *known, const loy_allocator *memory)
{
	loy__free(memory, known->recent, RECENT * sizeof(*known->recent));
	known->recent = NULL;
	loy__tags_free(&known->spans, memory);
	loy__vector_free(&known->blocks, memory, sizeof(struct loy__known_block));
}

uint64_t loy__known_bytes(const struct loy__known *known)
{
	return (uint64_t)known->spans.capacity * sizeof(loy__span) + RECENT * sizeof(struct loy__recent) +
	       (uint64_t)known->blocks.chunks * LOY__VECTOR_CHUNK * sizeof(struct loy__known_block);
}

/* ---- spans ---- */

/* Whether an identity looks like a device, an epoch and a number; of 128 random bits one in 2^25 does. */
static int is_counted(uint64_t high, uint64_t low)
{
	return high <= (uint64_t)INT64_MAX && low < NUMBER_MAX;
}

static int touches(const loy__tags *spans, uint64_t high, uint64_t low)
{
	loy__tag before = {high, low - 1}, after = {high, low + 1};

	return (low != 0 && loy__tags_have(spans, before)) || loy__tags_have(spans, after);
}

static int joins_spans(const struct loy__known *known, uint64_t high, uint64_t low)
{
	return is_counted(high, low) && (known->spans.count < SPANS_MAX || touches(&known->spans, high, low));
}

int loy__known_in_spans(const loy_store *store, uint64_t high, uint64_t low)
{
	loy__tag tag = {high, low};

	return is_counted(high, low) && loy__tags_have(&store->ledger->known.spans, tag);
}

int loy__known_have(const loy_store *store, uint64_t hash, uint64_t high, uint64_t low)
{
	return loy__known_in_spans(store, high, low) ||
	       loy__identities_find(&store->identities, hash, high, low) != NULL;
}

int loy__known_source(const loy_store *store, uint64_t high)
{
	const loy__tags *spans = &store->ledger->known.spans;
	size_t i;

	for (i = 0; i < spans->count; i++) {
		if (spans->span[i].life == high)
			return 1;
	}
	return loy__identities_source_known(&store->identities, high);
}

/* ---- where numbers lie ---- */

static struct loy__known_block *block_at(const struct loy__known *known, uint64_t index)
{
	return loy__vector_at(&known->blocks, (uint32_t)index, sizeof(struct loy__known_block));
}

/* Blocks up to and including that of a position; new ones hold nothing. */
static loy_status make_blocks(loy_store *store, uint64_t position)
{
	static const struct loy__known_block nothing = {0, UINT64_MAX, 0, 0};
	struct loy__known *known = &store->ledger->known;
	uint64_t wanted = (position >> LOY__KNOWN_BITS) + 1;
	loy_status status;

	if (LOY__LIKELY(wanted <= known->block_count))
		return LOY_OK;
	if (wanted > LOY__ENTRIES_MAX)
		return LOY_ELIMIT;
	status = loy__vector_reserve(&known->blocks, &store->memory, wanted, sizeof(nothing));
	if (status != LOY_OK)
		return status;
	for (; known->block_count < wanted; known->block_count++)
		*block_at(known, known->block_count) = nothing;
	return LOY_OK;
}

static void note_place(struct loy__known *known, uint64_t position, uint64_t high, uint64_t low)
{
	struct loy__known_block *block = block_at(known, position >> LOY__KNOWN_BITS);

	if (block->least > block->greatest)
		block->source = high;
	else if (block->source != high)
		block->mixed = 1;
	block->least = low < block->least ? low : block->least;
	block->greatest = low > block->greatest ? low : block->greatest;
}

loy_status loy__known_reserve(loy_store *store, uint64_t position)
{
	struct loy__known *known = &store->ledger->known;
	loy_status status = loy__tags_reserve(&known->spans, &store->memory, 1);

	if (status == LOY_OK)
		status = loy__identities_reserve(&store->identities, &store->memory, 1);
	if (status == LOY_OK)
		status = make_blocks(store, position);
	return status;
}

/* What was recorded under an identity of a span, and where. */
static void note(struct loy__known *known, const loy__identity *identity, uint64_t position)
{
	struct loy__recent *slot = recent_slot(known, identity->high, identity->low);

	note_place(known, position, identity->high, identity->low);
	slot->high = identity->high;
	slot->low = identity->low;
	slot->digest = identity->digest;
}

/* Numbers that follow each other are what tills send: the span that was joined last goes on. */
static int goes_on(const loy_store *store, uint64_t high, uint64_t low)
{
	const struct loy__known *known = &store->ledger->known;
	const loy__span *span = known->spans.span + known->latest;

	return known->latest < known->spans.count && span->life == high && span->end == low &&
	       is_counted(high, low) && loy__identities_count(&store->identities) == 0 &&
	       (known->latest + 1 == known->spans.count || span[1].life != high || span[1].first - low > 1);
}

/* 1 when it joined the spans. */
static int enter(loy_store *store, uint64_t hash, const loy__identity *identity)
{
	struct loy__known *known = &store->ledger->known;
	loy__tag tag = {identity->high, identity->low};

	if (!joins_spans(known, identity->high, identity->low)) {
		loy__identities_add(&store->identities, hash, identity);
		return 0;
	}
	known->latest = loy__tags_add(&known->spans, tag);
	return 1;
}

void loy__known_add(loy_store *store, uint64_t hash, const loy__identity *identity, uint64_t position)
{
	if (enter(store, hash, identity))
		note(&store->ledger->known, identity, position);
}

/* ---- before records are appended ---- */

loy_status loy__known_reserve_run(loy_store *store, uint64_t count)
{
	loy_status status = loy__tags_reserve(&store->ledger->known.spans, &store->memory, (size_t)count);

	return status == LOY_OK ? make_blocks(store, loy__ledger_next_position(store) + count) : status;
}

loy_status loy__known_enter(loy_store *store, uint64_t high, uint64_t low)
{
	struct loy__known *known = &store->ledger->known;
	loy__identity identity = {high, low, 0};
	loy_status status;
	uint64_t hash;

	if (LOY__LIKELY(goes_on(store, high, low))) {
		known->spans.span[known->latest].end++;
		return LOY_OK;
	}
	hash = loy__identities_hash(&store->identities, high, low);
	if (loy__known_have(store, hash, high, low))
		return LOY_EDUPLICATE;
	status = loy__identities_reserve(&store->identities, &store->memory, 1);
	if (status == LOY_OK)
		(void)enter(store, hash, &identity);
	return status;
}

/* Whether one is in the span that was joined last. */
static int is_latest(const struct loy__known *known, uint64_t high, uint64_t low)
{
	const loy__span *span = known->spans.span + known->latest;

	return known->latest < known->spans.count && span->life == high && span->first <= low &&
	       low < span->end;
}

void loy__known_note(loy_store *store, const loy__identity *identity, uint64_t position)
{
	uint64_t high = identity->high, low = identity->low;

	if (LOY__LIKELY(is_latest(&store->ledger->known, high, low) || loy__known_in_spans(store, high, low)))
		note(&store->ledger->known, identity, position);
	else
		loy__identities_revise(&store->identities,
		                       loy__identities_hash(&store->identities, high, low), identity);
}

void loy__known_forget(loy_store *store, uint64_t high, uint64_t low)
{
	loy__tag tag = {high, low};

	if (loy__known_in_spans(store, high, low))
		loy__tags_remove(&store->ledger->known.spans, tag);
	else
		loy__identities_forget(&store->identities, high, low);
}

/* A digest would tell whoever guesses a content whether it was this one. */
void loy__known_bury(loy_store *store, uint64_t high, uint64_t low)
{
	struct loy__recent *slot = recent_slot(&store->ledger->known, high, low);
	uint64_t hash = loy__identities_hash(&store->identities, high, low);
	loy__identity identity = {high, low, 0};

	if (slot->high == high && slot->low == low)
		slot->digest = 0;
	if (loy__identities_find(&store->identities, hash, high, low) != NULL)
		loy__identities_revise(&store->identities, hash, &identity);
}

/* ---- finding what came before ---- */

static int may_hold(const struct loy__known_block *block, uint64_t high, uint64_t low)
{
	return block->least <= low && low <= block->greatest && (block->mixed || block->source == high);
}

static void take_up(struct loy__known *known, const loy__fact *fact, uint64_t high, uint64_t low,
                    uint64_t *digest)
{
	struct loy__recent *slot;
	loy__glance glance;

	if (fact->type != LOY_RECORD_EVENT || fact->again || fact->variant ||
	    loy__fact_glance(fact, &glance) != LOY_OK || !is_counted(glance.high, glance.low))
		return;
	slot = recent_slot(known, glance.high, glance.low);
	slot->high = glance.high;
	slot->low = glance.low;
	slot->digest = loy__siphash(0, 0, fact->body, fact->size);
	if (glance.high == high && glance.low == low)
		*digest = slot->digest;
}

static loy_status read_window(loy_store *store, uint64_t from, uint64_t high, uint64_t low, uint64_t *digest,
                              loy_error *error)
{
	loy__journal_reader *reader;
	loy__tagging tagging = {0, 0};
	loy__record_view view;
	loy__fact fact;
	loy_status status =
	        loy__journal_reader_create(&reader, store->ledger->journal, from != 0 ? from : 1, error);

	if (status != LOY_OK)
		return status;
	while ((status = loy__journal_reader_next(reader, &view, error)) == LOY_OK) {
		if (view.position >= from + WINDOW)
			break;
		if (loy__fact_from_record(&tagging, &view, &fact))
			take_up(&store->ledger->known, &fact, high, low, digest);
	}
	loy__journal_reader_destroy(reader);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

loy_status loy__known_digest(loy_store *store, uint64_t high, uint64_t low, uint64_t *digest,
                             loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	const struct loy__recent *slot = recent_slot(&ledger->known, high, low);
	loy_status status = LOY_OK;
	uint64_t i;

	*digest = 0;
	if (slot->high == high && slot->low == low && slot->digest != 0) {
		*digest = slot->digest;
		return LOY_OK;
	}
	if (loy__journal_last(ledger->journal) != loy__journal_committed(ledger->journal))
		status = loy__ledger_commit(store, error);
	for (i = 0; i < ledger->known.block_count && status == LOY_OK && *digest == 0; i++) {
		if (may_hold(block_at(&ledger->known, i), high, low))
			status = read_window(store, i << LOY__KNOWN_BITS, high, low, digest, error);
	}
	return status;
}

/* ---- in snapshots ---- */

const struct loy__known_block *loy__known_block(const struct loy__known *known, uint64_t index)
{
	return block_at(known, index);
}

loy_status loy__known_set_block(loy_store *store, uint64_t index, const struct loy__known_block *block)
{
	loy_status status = make_blocks(store, index << LOY__KNOWN_BITS);

	if (status == LOY_OK)
		*block_at(&store->ledger->known, index) = *block;
	return status;
}
