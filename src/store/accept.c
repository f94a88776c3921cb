/* Facts that come in: recorded here, or made in another store. */
#include "store/ledger_state.h"

#include <string.h>

/* What is accepted: a record's type, body and, when it comes from elsewhere, its tag. */
struct incoming {
	uint32_t type;
	const loy__tag *tag;
	const void *body;
	size_t size;
};

int loy__ledger_erased(const loy_store *store, const loy__glance *glance)
{
	return store->ledger->erasures.index.live != 0 &&
	       loy__erasures_until(&store->ledger->erasures, glance->who.hash) >= glance->time;
}

static loy_status append(loy_store *store, uint32_t flags, const struct incoming *in, loy_error *error)
{
	loy_status status = loy__ledger_reserve(store, 1, in->size, error);

	if (status == LOY_OK)
		(void)loy__ledger_append(store, in->type | flags, in->tag, in->body, in->size);
	return status;
}

/* An event of somebody erased: its identity stays known, and its tag when it has one. */
static loy_status bury(loy_store *store, const loy__arrival *arrival, const loy__tag *tag, loy_error *error)
{
	int fresh = arrival->identified && !loy__known_have(store, arrival->identity_hash,
	                                                    arrival->identity.high, arrival->identity.low);
	loy__identity identity = arrival->identity;
	uint8_t bytes[LOY__GONE_SIZE];
	struct incoming gone = {LOY_RECORD_GONE, tag, bytes, arrival->identified ? sizeof(bytes) : 0};
	loy_status status = LOY_OK;
	loy__writer w;

	if (!fresh && tag == NULL)
		return LOY_EERASED;
	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, identity.high);
	loy__write_u64(&w, identity.low);
	if (fresh)
		status = loy__known_reserve(store, loy__ledger_next_position(store));
	if (status == LOY_OK)
		status = append(store, 0, &gone, error);
	if (status != LOY_OK)
		return status;
	identity.digest = 0; /* nobody's: what comes with this identity is looked at closely */
	if (fresh)
		loy__known_add(store, arrival->identity_hash, &identity,
		               loy__journal_last(store->ledger->journal));
	store->ledger->erased_events++;
	return LOY_EERASED;
}

/* An event whose identity and content are known: nothing but its tag is new, and its bytes are kept under it. */
static loy_status repeat(loy_store *store, const struct incoming *in, loy_error *error)
{
	loy_status status = in->tag != NULL ? append(store, LOY__RECORD_AGAIN, in, error) : LOY_OK;

	if (status != LOY_OK)
		return status;
	store->duplicates++;
	return loy__fail(error, LOY_EDUPLICATE, "this event was recorded before");
}

/* An event whose identity is known, and its content not: whether it counts is found out with others. */
static loy_status dispute(loy_store *store, const struct incoming *in, loy_error *error)
{
	loy__fact fact = {.type = in->type, .body = in->body, .size = in->size};
	loy_status status;

	if (in->tag != NULL)
		fact.tag = *in->tag;
	status = loy__ledger_defer(store, &fact, in->tag != NULL, NULL);
	if (status != LOY_OK)
		return status;
	return loy__fail(error, LOY_ECONFLICT, "another event with this identity was recorded before");
}

static loy_status add_new(loy_store *store, const loy_event *event, const loy__arrival *arrival,
                          const struct incoming *in, loy_error *error)
{
	int sign = in->type == LOY_RECORD_RETRACT ? -1 : 1;
	uint64_t position;
	loy_status status = loy__ledger_reserve(store, 1, in->size, error);

	if (status == LOY_OK && arrival->identified)
		status = loy__known_reserve(store, loy__ledger_next_position(store));
	if (status == LOY_OK)
		status = loy__ledger_place(store, event, arrival, sign, UINT64_MAX, error);
	if (status != LOY_OK)
		return status;
	position = loy__ledger_append(store, in->type, in->tag, in->body, in->size);
	if (arrival->identified)
		loy__known_add(store, arrival->identity_hash, &arrival->identity, position);
	loy__ledger_counted(store, event->time, sign);
	return LOY_OK;
}

void loy__ledger_counted_profile(loy_store *store, const loy__record *record)
{
	int64_t newest = loy__profile_newest(record, store->schema);

	store->events += loy__record_events(record, store->schema);
	if (newest > store->ledger->newest)
		store->ledger->newest = newest;
}

void loy__ledger_counted(loy_store *store, int64_t time, int sign)
{
	if (sign > 0)
		store->events++;
	else if (store->events != 0)
		store->events--;
	if (time > store->ledger->newest)
		store->ledger->newest = time;
}

/* Whether the customer is erased as of the event. */
static int is_erased(const loy_store *store, const loy_event *event, const loy__arrival *arrival)
{
	loy__glance glance;

	if (store->ledger->erasures.index.live == 0)
		return 0;
	glance.who.number = arrival->who.number;
	glance.who.key = arrival->who.key;
	glance.who.length = arrival->who.length;
	glance.time = event->time;
	loy__ref_hash(store, &glance.who);
	return loy__ledger_erased(store, &glance);
}

/* Whether an identity is known, and then the digest of a content it has; 0 when none is at hand. */
static loy_status look_up(loy_store *store, const loy__identity *identity, uint64_t hash, int *known,
                          uint64_t *digest, loy_error *error)
{
	const uint64_t *kept;

	*known = loy__known_in_spans(store, identity->high, identity->low);
	if (*known)
		return loy__known_digest(store, identity->high, identity->low, digest, error);
	kept = loy__identities_find(&store->identities, hash, identity->high, identity->low);
	*known = kept != NULL;
	*digest = kept != NULL ? *kept : 0;
	return LOY_OK;
}

static loy_status take(loy_store *store, const loy_event *event, loy__arrival *arrival,
                       const struct incoming *in, loy_error *error)
{
	loy__identity *identity = &arrival->identity;
	loy_status status = LOY_OK;
	uint64_t digest = 0;
	int known = 0;

	if (is_erased(store, event, arrival)) {
		status = bury(store, arrival, in->tag, error);
		return status != LOY_EERASED ? status : loy__fail(error, status, "the customer was erased");
	}
	if (arrival->identified) {
		identity->digest = loy__siphash(0, 0, in->body, in->size);
		status = look_up(store, identity, arrival->identity_hash, &known, &digest, error);
	}
	if (status != LOY_OK)
		return status;
	if (!known)
		return add_new(store, event, arrival, in, error);
	if ((digest != 0 && digest == identity->digest) ||
	    loy__contents_have(&store->ledger->contents, identity->high, identity->low, identity->digest))
		return repeat(store, in, error);
	return dispute(store, in, error);
}

/* ---- events recorded and taken back here ---- */

/* The identity of a retraction is its own; its digest is the event's. */
void loy__retract_arrival(const loy_store *store, loy__arrival *arrival)
{
	if (!arrival->identified)
		return;
	loy__retract_identity(arrival->identity.high, arrival->identity.low, &arrival->identity.high,
	                      &arrival->identity.low);
	arrival->identity_hash =
	        loy__identities_hash(&store->identities, arrival->identity.high, arrival->identity.low);
}

static loy_status take_own(loy_store *store, uint32_t type, const loy_event *event, loy__arrival *arrival,
                           loy_error *error)
{
	struct incoming in = {type, NULL, store->ledger->scratch, 0};
	loy_status status = loy_event_write(event, store->ledger->scratch, LOY_EVENT_BYTES_MAX, &in.size);

	return status == LOY_OK ? take(store, event, arrival, &in, error) : status;
}

loy_status loy__ledger_settle(loy_store *store, const loy_event *event, const loy__arrival *arrival,
                              loy_error *error)
{
	loy__arrival own = *arrival;

	return take_own(store, LOY_RECORD_EVENT, event, &own, error);
}

/* Do with the one fact that may wait what there is to do, and commit as durability says. */
loy_status loy__ledger_conclude(loy_store *store, loy_status status, loy_error *error)
{
	int waited = store->ledger->waiting_count != 0;
	loy_status done = loy__ledger_finish(store, error);

	if (done != LOY_OK)
		return done;
	if (waited && store->ledger->last_settled == LOY__RECORD_AGAIN)
		return loy__fail(error, LOY_EDUPLICATE, "this event was recorded before");
	return status;
}

loy_status loy__ledger_finish(loy_store *store, loy_error *error)
{
	loy_status status = LOY_OK;

	if (store->ledger->waiting_count != 0)
		status = loy__ledger_settle_all(store, error);
	return status == LOY_OK ? loy__ledger_done(store, error) : status;
}

#define WAITING_MAX 4096u /* conflicts of a table that are settled together */

loy_status loy__ledger_step(loy_store *store, loy_error *error)
{
	const struct loy__ledger *ledger = store->ledger;
	loy_status status = LOY_OK;

	if (ledger->waiting_count >= WAITING_MAX)
		status = loy__ledger_settle_all(store, error);
	if (status == LOY_OK && ledger->durability == LOY_DURABLE_GROUP)
		status = loy__ledger_done(store, error);
	return status;
}

loy_status loy__ledger_retract(loy_store *store, const loy_event *event, loy_error *error)
{
	loy__arrival arrival;
	loy_status status = loy__ledger_writable(store, error);

	if (status == LOY_OK)
		status = loy__store_disguise(store, &event);
	if (status == LOY_OK)
		status = loy__store_arrive(store, event, &arrival);
	if (status != LOY_OK)
		return status == LOY_EINVAL ? loy__fail(error, status, "the event has no customer") : status;
	if (!loy__ledger_exists(store, &arrival.who))
		return loy__fail(error, LOY_ENOTFOUND, "the store has no such customer");
	loy__retract_arrival(store, &arrival);
	return loy__ledger_conclude(store, take_own(store, LOY_RECORD_RETRACT, event, &arrival, error),
	                            error);
}

/* ---- profiles merged here ---- */

static void write_profile(const loy_store *store, const loy__ref *who, const loy__record *from,
                          loy__writer *out)
{
	loy__ref_write(out, who);
	loy__write_u64(out, (uint64_t)loy__profile_oldest(from, store->schema));
	loy__record_write(from, store->schema, out);
}

static loy_status merge_profile(loy_store *store, const loy__ref *who, const loy__record *from,
                                loy__writer *w)
{
	loy_status status;

	write_profile(store, who, from, w);
	status = w->status;
	if (status == LOY_OK)
		status = loy__ledger_reserve(store, 1, w->size, NULL);
	if (status == LOY_OK)
		status = loy__ledger_place_profile(store, who, from, UINT64_MAX);
	if (status == LOY_OK) {
		(void)loy__ledger_append(store, LOY_RECORD_PROFILE, NULL, w->data, w->size);
		loy__ledger_counted_profile(store, from);
	}
	return status;
}

loy_status loy__ledger_merge_profile(loy_store *store, uint64_t customer, const char *key, size_t length,
                                     const loy__record *from)
{
	uint8_t room[LOY__PSEUDONYM_SIZE];
	loy__glance glance;
	loy_status status = loy__ledger_writable(store, NULL);
	loy__writer w;

	if (status == LOY_OK)
		status = loy__ref_from(store, customer, key, length, room, &glance.who);
	if (status != LOY_OK)
		return status;
	glance.time = loy__profile_oldest(from, store->schema);
	if (loy__ledger_erased(store, &glance))
		return LOY_EERASED;
	loy__writer_init(&w, &store->memory, LOY__RECORD_MAX - LOY__TAG_SIZE);
	status = merge_profile(store, &glance.who, from, &w);
	loy__writer_free(&w);
	return status == LOY_OK ? loy__ledger_done(store, NULL) : status;
}

/* ---- facts of other stores ---- */

static loy_status accept_event(loy_store *store, const struct incoming *in, loy_error *error)
{
	loy_event *event = store->ledger->event;
	loy__arrival arrival;
	loy_status status = loy_event_read(event, in->body, in->size, NULL, error);

	if (status == LOY_OK)
		status = loy__store_arrive(store, event, &arrival);
	if (status != LOY_OK)
		return status;
	if (in->type == LOY_RECORD_RETRACT)
		loy__retract_arrival(store, &arrival);
	return take(store, event, &arrival, in, error);
}

static loy_status accept_profile(loy_store *store, const struct incoming *in, const loy__glance *glance,
                                 loy_error *error)
{
	struct incoming gone = {LOY_RECORD_GONE, in->tag, NULL, 0};
	loy__record *record;
	loy_status status;

	if (loy__ledger_erased(store, glance)) {
		status = append(store, 0, &gone, error);
		return status != LOY_OK ? status : loy__fail(error, LOY_EERASED, "the customer was erased");
	}
	status = loy__record_read(&record, store->schema, glance->profile, glance->profile_size,
	                          &store->record_memory, error);
	if (status != LOY_OK)
		return status;
	status = loy__ledger_reserve(store, 1, in->size, error);
	if (status == LOY_OK)
		status = loy__ledger_place_profile(store, &glance->who, record, UINT64_MAX);
	if (status == LOY_OK) {
		loy__ledger_counted_profile(store, record);
		(void)loy__ledger_append(store, in->type, in->tag, in->body, in->size);
	}
	loy__record_free(record, &store->record_memory);
	return status;
}

static loy_status accept_gone(loy_store *store, const struct incoming *in, const loy__glance *glance,
                              loy_error *error)
{
	loy__arrival arrival = {.identified = glance->high != 0 || glance->low != 0};
	loy_status status;

	arrival.identity.high = glance->high;
	arrival.identity.low = glance->low;
	arrival.identity_hash = loy__identities_hash(&store->identities, glance->high, glance->low);
	status = bury(store, &arrival, in->tag, error);
	return status == LOY_EERASED ? LOY_OK : status;
}

loy_status loy__ledger_accept(loy_store *store, const loy__fact *fact, loy_error *error)
{
	struct incoming in = {fact->type, &fact->tag, fact->body, fact->size};
	loy__glance glance;
	loy_status status;

	if (loy__tags_have(&store->ledger->tags, fact->tag))
		return loy__fail(error, LOY_EDUPLICATE, "this record is known");
	status = loy__fact_glance(fact, &glance);
	if (status != LOY_OK)
		return loy__fail(error, status, "a record does not have the form of its kind");
	switch (fact->type) {
	case LOY_RECORD_EVENT:
	case LOY_RECORD_RETRACT:
		return accept_event(store, &in, error);
	case LOY_RECORD_PROFILE:
		loy__ref_hash(store, &glance.who);
		return accept_profile(store, &in, &glance, error);
	case LOY_RECORD_GONE:
		return accept_gone(store, &in, &glance, error);
	default:
		return loy__ledger_defer(store, fact, 1, NULL);
	}
}

/* ---- facts that wait ---- */

static size_t block_size(const loy__waiting *waiting)
{
	return waiting->size + waiting->who.length;
}

loy_status loy__ledger_defer(loy_store *store, const loy__fact *fact, int tagged, const loy__ref *who)
{
	struct loy__ledger *ledger = store->ledger;
	void *block = ledger->waiting;
	loy__waiting *waiting;
	loy_status status =
	        loy__grow(&store->memory, &block, &ledger->waiting_capacity, ledger->waiting_count + 1,
	                  sizeof(*waiting), SIZE_MAX / sizeof(*waiting));

	ledger->waiting = block;
	if (status != LOY_OK)
		return status;
	waiting = &ledger->waiting[ledger->waiting_count];
	memset(waiting, 0, sizeof(*waiting));
	waiting->type = fact->type;
	waiting->tagged = tagged;
	waiting->tag = fact->tag;
	waiting->position = fact->position;
	waiting->size = fact->size;
	if (who != NULL)
		waiting->who = *who;
	waiting->body = loy__alloc(&store->memory, block_size(waiting));
	if (waiting->body == NULL)
		return LOY_ENOMEM;
	memcpy(waiting->body, fact->body, fact->size);
	if (waiting->who.length != 0) {
		memcpy(waiting->body + fact->size, waiting->who.key, waiting->who.length);
		waiting->who.key = waiting->body + fact->size;
	}
	ledger->waiting_count++;
	return LOY_OK;
}

void loy__ledger_forget_waiting(loy_store *store)
{
	struct loy__ledger *ledger = store->ledger;

	for (; ledger->waiting_count != 0; ledger->waiting_count--) {
		loy__waiting *waiting = &ledger->waiting[ledger->waiting_count - 1];

		loy__free(&store->memory, waiting->body, block_size(waiting));
	}
}
