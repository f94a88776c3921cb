/* Opening stores on files: snapshot, then the records after it, then what they mean together. */
#include "store/image.h"

#include <string.h>

#define TELL_EVERY 65536u
#define OPEN_FLAGS                                                                                           \
	((uint32_t)LOY_STORE_READ_ONLY | LOY_STORE_REBUILD | LOY_STORE_UNCHAINED | LOY_STORE_PADDED)
#define GROUP_EVENTS       1000u
#define GROUP_MICROSECONDS INT64_C(50000)
#define THREADS_MAX        256u
#define LIMITS_SEGMENT_MIN (UINT64_C(64) << 10)
#define LIMITS_SEGMENT_MAX (UINT64_C(64) << 20)

/* ---- replay ---- */

struct replay {
	loy_store *store;
	const loy_store_options *options;
	loy__tagging tagging;
	uint64_t read;
	loy_error *error;
};

static loy_status remember(loy_store *store, const loy__arrival *arrival, uint64_t digest, uint64_t position)
{
	loy__identity identity = arrival->identity;
	loy_status status;

	if (loy__known_have(store, arrival->identity_hash, identity.high, identity.low))
		return LOY_OK;
	status = loy__known_reserve(store, position);
	if (status != LOY_OK)
		return status;
	identity.digest = digest;
	loy__known_add(store, arrival->identity_hash, &identity, position);
	return LOY_OK;
}

static loy_status replay_gone(struct replay *replay, const loy__fact *fact)
{
	loy_store *store = replay->store;
	loy__arrival arrival = {0};
	loy__glance glance;
	loy_status status = loy__fact_look(fact, &glance, replay->error);

	store->ledger->erased_events++;
	if (status != LOY_OK || (glance.high == 0 && glance.low == 0))
		return status;
	arrival.identity.high = glance.high;
	arrival.identity.low = glance.low;
	arrival.identity_hash = loy__identities_hash(&store->identities, glance.high, glance.low);
	return remember(store, &arrival, 0, fact->position);
}

static loy_status replay_event(struct replay *replay, const loy__fact *fact)
{
	loy_store *store = replay->store;
	struct loy__ledger *ledger = store->ledger;
	int sign = fact->type == LOY_RECORD_RETRACT ? -1 : 1;
	int held = fact->position <= ledger->image_position;
	loy__arrival arrival;
	loy_status status = loy__fact_event(fact, ledger->event, replay->error);

	if (status == LOY_OK)
		status = loy__store_arrive(store, ledger->event, &arrival);
	if (status == LOY_OK && arrival.identified && !held) {
		if (sign < 0)
			loy__retract_arrival(store, &arrival);
		status =
		        remember(store, &arrival, loy__siphash(0, 0, fact->body, fact->size), fact->position);
	}
	if (status == LOY_OK && !ledger->light)
		status = loy__ledger_place(store, ledger->event, &arrival, sign, fact->position,
		                           replay->error);
	if (status == LOY_OK && !held)
		loy__ledger_counted(store, ledger->event->time, sign);
	return status;
}

static loy_status replay_profile(struct replay *replay, const loy__fact *fact)
{
	loy_store *store = replay->store;
	loy__record *record;
	loy__glance glance;
	loy_status status = loy__fact_look(fact, &glance, replay->error);

	if (status == LOY_OK)
		status = loy__fact_profile(&glance, store->schema, &store->record_memory, &record,
		                           replay->error);
	if (status != LOY_OK)
		return status;
	if (!store->ledger->light)
		status = loy__ledger_place_profile(store, &glance.who, record, fact->position);
	if (status == LOY_OK && fact->position > store->ledger->image_position)
		loy__ledger_counted_profile(store, record);
	loy__record_free(record, &store->record_memory);
	return status;
}

/* Facts that wait have the form of their kind. */
static loy_status defer(struct replay *replay, const loy__fact *fact)
{
	loy__glance glance;
	loy_status status = loy__fact_look(fact, &glance, replay->error);

	return status == LOY_OK ? loy__ledger_defer(replay->store, fact, 1, NULL) : status;
}

/* What the image holds it knows to count or not; of what comes later second contents wait. */
static loy_status replay_countable(struct replay *replay, const loy__fact *fact, int held)
{
	loy_store *store = replay->store;
	loy__glance glance;
	loy_status status;

	if (fact->again)
		return LOY_OK;
	if (held && (store->ledger->erasures.index.live != 0 || store->ledger->contents.count != 0)) {
		status = loy__fact_look(fact, &glance, replay->error);
		if (status != LOY_OK)
			return status;
		loy__ref_hash(store, &glance.who);
		if (!loy__fact_counts(store, fact, &glance))
			return LOY_OK;
	} else if (fact->variant) {
		return held ? LOY_OK : defer(replay, fact);
	}
	return fact->type == LOY_RECORD_PROFILE ? replay_profile(replay, fact) : replay_event(replay, fact);
}

static loy_status replay_fact(struct replay *replay, const loy__fact *fact)
{
	loy_store *store = replay->store;
	int held = fact->position <= store->ledger->image_position;
	loy_status status;

	if (!held) {
		status = loy__tags_reserve(&store->ledger->tags, &store->memory, 1);
		if (status != LOY_OK)
			return status;
		loy__tags_add(&store->ledger->tags, fact->tag);
	}
	switch (fact->type) {
	case LOY_RECORD_EVENT:
	case LOY_RECORD_RETRACT:
	case LOY_RECORD_PROFILE:
		return replay_countable(replay, fact, held);
	case LOY_RECORD_ERASE:
	case LOY_RECORD_ALIAS:
		return held ? LOY_OK : defer(replay, fact);
	case LOY_RECORD_GONE:
		return held ? LOY_OK : replay_gone(replay, fact);
	default:
		return loy__fail(replay->error, LOY_EVERSION, "the journal holds records of a newer version");
	}
}

static loy_status replay_record(const loy__record_view *view, void *user)
{
	struct replay *replay = user;
	const loy_store_options *options = replay->options;
	loy_status status = LOY_OK;
	loy__fact fact;

	if (loy__fact_from_record(&replay->tagging, view, &fact))
		status = replay_fact(replay, &fact);
	if (status != LOY_OK)
		return status;
	replay->read++;
	if (options->progress != NULL && !replay->store->ledger->light && replay->read % TELL_EVERY == 0 &&
	    options->progress(replay->read, replay->read, options->user_data) != 0)
		return loy__fail(replay->error, LOY_ECANCELLED, "cancelled");
	return LOY_OK;
}

/* ---- snapshots ---- */

/* Customers and ledger from a snapshot; *after is where replay goes on. */
static loy_status load_snapshot(loy_store *store, uint64_t number, uint32_t threads, uint64_t *after,
                                loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	loy__snapshot_reader *reader;
	loy__base_head head = {0, {0, 0}};
	int scrubbed = 1;
	loy_status status = loy__snapshot_reader_create(&reader, &ledger->files,
	                                                loy__journal_meta(ledger->journal)->store_id, number,
	                                                &store->memory, error);

	if (status != LOY_OK)
		return status;
	ledger->snapshot_bytes = loy__snapshot_left(reader);
	status = loy__base_read_start(reader, &head, error);
	if (status == LOY_OK)
		status = loy__snapshot_load_customers(reader, store, &store->numbered, &ledger->positions[0],
		                                      threads, error);
	if (status == LOY_OK)
		status = loy__snapshot_load_customers(reader, store, &store->named, &ledger->positions[1],
		                                      threads, error);
	if (status == LOY_OK)
		status = loy__base_read(reader, store, &scrubbed, error);
	loy__snapshot_reader_destroy(reader);
	ledger->positioned[0] = store->numbered.index.live;
	ledger->positioned[1] = store->named.index.live;
	ledger->erase_due = !scrubbed && ledger->erasures.index.live != 0;
	ledger->snapshot_position = ledger->image_position;
	ledger->read_life = head.tagging.life;
	ledger->read_number = head.tagging.number;
	*after = head.position;
	return status;
}

static void end_replay(loy_store *store)
{
	struct loy__ledger *ledger = store->ledger;
	unsigned i;

	ledger->replaying = 0;
	for (i = 0; i < 2; i++) {
		loy__vector_free(&ledger->positions[i], &store->memory, sizeof(uint64_t));
		ledger->positioned[i] = 0;
	}
}

/* Profiles are behind, and what came since must not change the meaning of what they hold. */
static int is_partial(const struct loy__ledger *ledger)
{
	return ledger->own_position != ledger->image_position;
}

static loy_status replay_all(loy_store *store, const loy_store_options *options, uint64_t after,
                             loy_recovery *report, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	struct replay replay = {store, options, {ledger->read_life, ledger->read_number}, 0, error};
	loy_status status;

	ledger->replaying = 1;
	status = loy__journal_replay(ledger->journal, after, replay_record, &replay, report, error);
	if (status == LOY_OK && is_partial(ledger) && ledger->waiting_count != 0)
		return LOY_ESTATE;
	return status == LOY_OK ? loy__ledger_settle_all(store, error) : status;
}

/* ---- making the parts ---- */

static loy_status choose(loy_store_options *out, const loy_store_options *options, loy_error *error)
{
	if (loy__options_read(out, sizeof(*out), options) != LOY_OK || (out->flags & ~OPEN_FLAGS) != 0 ||
	    out->durability > LOY_DURABLE_CALLER || out->group_microseconds < 0 ||
	    out->threads > THREADS_MAX || out->reserved != 0)
		return loy__fail(error, LOY_EINVAL, "the options are not valid");
	if (out->segment_bytes != 0 &&
	    (out->segment_bytes < LIMITS_SEGMENT_MIN || out->segment_bytes > LIMITS_SEGMENT_MAX ||
	     out->segment_bytes % 4096 != 0))
		return loy__fail(error, LOY_EINVAL,
		                 "a journal file has 64 KiB to 64 MiB, in multiples of 4096 bytes");
	if (out->group_events == 0)
		out->group_events = GROUP_EVENTS;
	if (out->group_microseconds == 0)
		out->group_microseconds = GROUP_MICROSECONDS;
	return LOY_OK;
}

static loy_status open_files(struct loy__ledger *ledger, const char *path, size_t length,
                             const loy_store_options *options, const loy_allocator *memory, loy_error *error)
{
	loy_status status;

	if (options->files != NULL) {
		status = loy__files_adopt(&ledger->files, options->files);
		return status == LOY_OK ? status : loy__fail(error, status, "the files lack a function");
	}
	ledger->files.struct_size = sizeof(ledger->files);
	status = loy_files_open_directory(&ledger->files, path, length,
	                                  (options->flags & LOY_STORE_READ_ONLY) != 0, memory);
	if (status != LOY_OK) {
		(void)loy__fail(error, status, "the directory cannot be opened");
		loy__files_reason(error, status);
		return status;
	}
	ledger->own_files = 1;
	return LOY_OK;
}

static loy_status open_journal(loy_store *store, const loy_store_options *options, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	loy__journal_options chosen = {.files = ledger->files};

	chosen.segment_bytes = options->segment_bytes;
	chosen.files_limit = options->files_limit;
	chosen.flags = options->flags & LOY_STORE_UNCHAINED;
	chosen.padded = (options->flags & LOY_STORE_PADDED) != 0;
	chosen.read_only = ledger->read_only;
	chosen.pseudonym_check = loy__ledger_pseudonym_check(store);
	return loy__journal_open(&ledger->journal, &chosen, &store->memory, error);
}

static loy_status make_ledger(loy_store *store, const loy_store_options *options, loy_error *error)
{
	struct loy__ledger *ledger = loy__alloc_zero(&store->memory, sizeof(*ledger));

	store->ledger = ledger;
	if (ledger == NULL)
		return loy__fail(error, LOY_ENOMEM, "out of memory");
	ledger->durability = options->durability;
	ledger->group_events = options->group_events;
	ledger->group_microseconds = options->group_microseconds;
	ledger->read_only = (options->flags & LOY_STORE_READ_ONLY) != 0;
	ledger->newest = INT64_MIN;
	ledger->scratch = loy__alloc(&store->memory, LOY_EVENT_BYTES_MAX);
	if (ledger->scratch == NULL || loy__known_init(&ledger->known, &store->memory) != LOY_OK ||
	    loy_event_create(&ledger->event, &store->memory) != LOY_OK)
		return loy__fail(error, LOY_ENOMEM, "out of memory");
	return LOY_OK;
}

void loy__ledger_destroy(loy_store *store)
{
	struct loy__ledger *ledger = store->ledger;

	if (ledger == NULL)
		return;
	end_replay(store);
	loy__snapshotting_restart(store);
	loy__ledger_forget_waiting(store);
	loy__free(&store->memory, ledger->waiting, ledger->waiting_capacity * sizeof(*ledger->waiting));
	if (ledger->journal != NULL)
		loy__journal_close(ledger->journal);
	if (ledger->own_files)
		loy_files_close(&ledger->files);
	loy__tags_free(&ledger->tags, &store->memory);
	loy__known_free(&ledger->known, &store->memory);
	loy__erasures_free(&ledger->erasures, &store->memory);
	loy__contents_free(&ledger->contents, &store->memory);
	loy__parties_free(&ledger->parties, store);
	loy__free(&store->memory, ledger->epoch, ledger->epoch_capacity * sizeof(*ledger->epoch));
	loy__free(&store->memory, ledger->scratch, LOY_EVENT_BYTES_MAX);
	loy_event_destroy(ledger->event);
	loy__free(&store->memory, ledger, sizeof(*ledger));
	store->ledger = NULL;
}

/* ---- opening ---- */

static loy_status set_pseudonyms(loy_store *store, const loy_store_options *options)
{
	loy__reader key;

	if (options->pseudonym_key == NULL)
		return LOY_OK;
	loy__reader_init(&key, options->pseudonym_key, 16);
	store->pseudonym_key[0] = loy__read_u64(&key);
	store->pseudonym_key[1] = loy__read_u64(&key);
	store->pseudonymous = 1;
	return loy_event_create(&store->disguised, &store->memory);
}

/* What opening is about, which may take two attempts. */
struct opening {
	const char *path;
	size_t length;
	const loy_model *model;
	const loy_store_options *options;
	const loy_allocator *memory;
	loy_recovery report;
	int without_snapshot; /* it is of no use: everything comes from the journal */
	int snapshot_refused;
	int other_schema; /* profiles are made in a pass of their own, which can be cancelled */
};

static loy_status fill(loy_store *store, struct opening *opening, loy_error *error)
{
	uint64_t number = loy__journal_meta(store->ledger->journal)->snapshot, after = 0;
	loy_status status = LOY_OK;
	int partial;

	if (number != 0 && !opening->without_snapshot) {
		status = load_snapshot(store, number, opening->options->threads, &after, error);
		opening->snapshot_refused = status != LOY_OK;
		opening->report.snapshot_records = store->ledger->snapshot_position;
	}
	partial = is_partial(store->ledger);
	store->ledger->light = opening->other_schema || partial;
	if (status == LOY_OK)
		status = replay_all(store, opening->options, partial ? store->ledger->image_position : after,
		                    &opening->report, error);
	opening->snapshot_refused |= status == LOY_ESTATE;
	if (status == LOY_OK && store->ledger->light) {
		opening->report.rebuilt = 1;
		status = loy__ledger_build(store, store->ledger->own_position, opening->options, error);
	}
	end_replay(store);
	if (status == LOY_OK)
		status = loy_store_sort(store);
	return status;
}

static loy_status open_parts(loy_store *store, struct opening *opening, loy_error *error)
{
	const loy_store_options *options = opening->options;
	loy_status status = set_pseudonyms(store, options);

	if (status == LOY_OK)
		status = make_ledger(store, options, error);
	if (status == LOY_OK)
		status = open_files(store->ledger, opening->path, opening->length, options, opening->memory,
		                    error);
	if (status == LOY_OK)
		status = open_journal(store, options, error);
	if (status == LOY_OK)
		status = fill(store, opening, error);
	return status;
}

static loy_status attempt(loy_store **out, struct opening *opening, loy_error *error)
{
	loy_status status = loy__store_make(out, opening->model, opening->options, opening->memory);

	if (status == LOY_OK)
		status = open_parts(*out, opening, error);
	if (status != LOY_OK && *out != NULL) {
		status = loy__store_status(*out, status, error);
		loy_store_destroy(*out);
		*out = NULL;
	}
	return status;
}

/* Whether the journal alone will do. A snapshot is made from the journal, so nothing is lost with it. */
static int can_rebuild(const struct opening *opening, loy_status status)
{
	if (!opening->snapshot_refused)
		return 0;
	if (status == LOY_ESCHEMA)
		return (opening->options->flags & LOY_STORE_REBUILD) != 0;
	return status == LOY_EDAMAGED || status == LOY_ENOTFOUND || status == LOY_ESTATE;
}

loy_status loy_store_open(loy_store **out, const char *path, size_t length, const loy_model *model,
                          const loy_store_options *options, const loy_allocator *memory,
                          loy_recovery *recovery, loy_error *error)
{
	struct opening opening = {0};
	loy_store_options chosen;
	loy_allocator adopted;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "a place for the store is needed");
	*out = NULL;
	if (model == NULL || loy__memory_adopt(&adopted, memory) != LOY_OK ||
	    (recovery != NULL &&
	     loy__result_write(recovery, &opening.report, sizeof(opening.report)) != LOY_OK))
		return loy__fail(error, LOY_EINVAL, "the arguments are not valid");
	status = choose(&chosen, options, error);
	if (status != LOY_OK)
		return status;
	if ((path == NULL || length == 0) && chosen.files == NULL) {
		status = loy_store_create(out, model, options, memory);
		return status == LOY_OK ? LOY_OK : loy__fail(error, status, loy_status_text(status));
	}
	opening.path = path;
	opening.length = length;
	opening.model = model;
	opening.options = &chosen;
	opening.memory = &adopted;
	status = attempt(out, &opening, error);
	if (can_rebuild(&opening, status)) {
		memset(&opening.report, 0, sizeof(opening.report));
		opening.without_snapshot = 1;
		opening.snapshot_refused = 0;
		opening.other_schema = status == LOY_ESCHEMA;
		opening.report.rebuilt = 1;
		status = attempt(out, &opening, error);
	}
	if (status == LOY_OK && recovery != NULL)
		(void)loy__result_write(recovery, &opening.report, sizeof(opening.report));
	return status;
}
