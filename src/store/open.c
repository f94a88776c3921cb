/* Opening stores on files: snapshot, then the records after it, then what they mean together. */
#include "store/image.h"

#include <string.h>

#define OPEN_FLAGS                                                                                           \
	((uint32_t)LOY_STORE_READ_ONLY | LOY_STORE_REBUILD | LOY_STORE_UNCHAINED | LOY_STORE_PADDED)
#define GROUP_EVENTS       1000u
#define GROUP_MICROSECONDS INT64_C(50000)
#define THREADS_MAX        256u
#define ATTEMPTS           16u /* to read files while somebody writes them */
#define LIMITS_SEGMENT_MIN (UINT64_C(64) << 10)
#define LIMITS_SEGMENT_MAX (UINT64_C(64) << 20)

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
	int changed;      /* reading only: the files became others meanwhile */
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
	partial = loy__ledger_partial(store->ledger);
	store->ledger->light = opening->other_schema || partial;
	if (status == LOY_OK)
		status = loy__ledger_replay(store, opening->options,
		                            partial ? store->ledger->image_position : after, &opening->report,
		                            error);
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

/* Whether an attempt failed because somebody wrote while files were read. */
static int was_changed(const loy_store *store, loy_status status)
{
	const struct loy__ledger *ledger = store->ledger;

	if (ledger == NULL || !ledger->read_only)
		return 0;
	if (ledger->journal == NULL)
		return status == LOY_ESTATE;
	return (status == LOY_EDAMAGED || status == LOY_ENOTFOUND) && loy__journal_changed(ledger->journal);
}

static loy_status attempt(loy_store **out, struct opening *opening, loy_error *error)
{
	loy_status status = loy__store_make(out, opening->model, opening->options, opening->memory);

	if (status == LOY_OK)
		status = open_parts(*out, opening, error);
	opening->changed = status != LOY_OK && *out != NULL && was_changed(*out, status);
	if (status != LOY_OK && *out != NULL) {
		status = loy__store_status(*out, status, error);
		loy_store_destroy(*out);
		*out = NULL;
	}
	if (status == LOY_OK && (*out)->ledger != NULL)
		(*out)->ledger->opened = 1;
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

/* With the snapshot, and when that is of no use, without. */
static loy_status attempt_both(loy_store **out, struct opening *opening, loy_error *error)
{
	loy_status status;

	memset(&opening->report, 0, sizeof(opening->report));
	opening->without_snapshot = opening->snapshot_refused = opening->other_schema = 0;
	status = attempt(out, opening, error);
	if (opening->changed || !can_rebuild(opening, status))
		return status;
	memset(&opening->report, 0, sizeof(opening->report));
	opening->without_snapshot = 1;
	opening->snapshot_refused = 0;
	opening->other_schema = status == LOY_ESCHEMA;
	opening->report.rebuilt = 1;
	return attempt(out, opening, error);
}

loy_status loy_store_open(loy_store **out, const char *path, size_t length, const loy_model *model,
                          const loy_store_options *options, const loy_allocator *memory,
                          loy_recovery *recovery, loy_error *error)
{
	struct opening opening = {0};
	loy_store_options chosen;
	loy_allocator adopted;
	unsigned tries = 0;
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
	do
		status = attempt_both(out, &opening, error);
	while (opening.changed && ++tries < ATTEMPTS);
	if (opening.changed)
		return loy__fail(error, LOY_ESTATE,
		                 "the store is changed all the time while it is read: open it again");
	if (status == LOY_OK && recovery != NULL)
		(void)loy__result_write(recovery, &opening.report, sizeof(opening.report));
	return status;
}
