/*
 * What can still be read of a damaged store, into a new one. Every journal file is gone through frame by frame; where
 * reading stops, the next place is looked for from which it goes on. Records that a later file has too are taken from
 * there, as opening would. What is lost shows in the numbers of the others.
 */
#include "store/ledger_state.h"
#include "store/segment.h"

#include <string.h>

#define GROUP     1024u /* records between two commits */
#define FILES_MAX ((size_t)1 << 20)
#define STORE_ID  16u /* where the head of a journal file has it */
#define ID_SIZE   16u

struct found_file {
	uint64_t number, first,
	        bytes; /* first: position of its first record; UINT64_MAX: its head cannot be read */
};

struct salvage {
	loy__journal *from; /* of the damaged files, and never opened */
	loy__journal *to;
	struct found_file *file;
	size_t files, capacity;
	loy_status status; /* of looking for files */
	uint64_t last;     /* position of the last record taken */
	uint64_t saved, lost, waiting;
	int life_known; /* records without a tag belong to the life announced last */
	loy_error *error;
};

/* ---- files ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Number of a journal file; 0 for other names. */
static uint64_t number_of(const char *name)
{
	uint64_t number = 0;
	size_t i;

	if (strlen(name) != 20 || strncmp(name, "jnl-", 4) != 0)
		return 0;
	for (i = 4; i < 20; i++) {
		if (hex_digit(name[i]) < 0)
			return 0;
		number = number << 4 | (uint64_t)hex_digit(name[i]);
	}
	return number;
}

static int32_t note_file(const char *name, void *context)
{
	struct salvage *s = context;
	struct found_file found = {number_of(name), UINT64_MAX, 0};
	void *block = s->file;
	size_t i;

	if (found.number == 0)
		return 0;
	s->status =
	        loy__grow(&s->from->memory, &block, &s->capacity, s->files + 1, sizeof(*s->file), FILES_MAX);
	s->file = block;
	if (s->status != LOY_OK)
		return 1;
	for (i = s->files++; i > 0 && s->file[i - 1].number > found.number; i--)
		s->file[i] = s->file[i - 1];
	s->file[i] = found;
	return 0;
}

/* Size and head of a file; one that cannot be read counts as empty. */
static void look_at(struct salvage *s, struct found_file *found, uint8_t head_bytes[LOY__SEGMENT_HEAD],
                    size_t *got)
{
	const loy_files *files = &s->from->files;
	loy__journal_name name;
	void *file;

	*got = 0;
	loy__segment_name(found->number, &name);
	if (files->open(files->user_data, name.text, LOY_OPEN_READ, &file) != LOY_OK)
		return;
	if (files->size(files->user_data, file, &found->bytes) != LOY_OK)
		found->bytes = 0;
	else if (files->read_at(files->user_data, file, 0, head_bytes, LOY__SEGMENT_HEAD, got) != LOY_OK)
		*got = 0;
	files->close(files->user_data, file);
}

/* Which store it was: what seeds the sums. Meta says it, or else the head of a journal file. */
static loy_status find_store(struct salvage *s)
{
	loy__journal *j = s->from;
	uint8_t head[LOY__SEGMENT_HEAD];
	loy_status status = loy__meta_load(j, s->error);
	size_t i, got;

	for (i = 0; status == LOY_EDAMAGED && i < s->files; i++) {
		look_at(s, &s->file[i], head, &got);
		if (got != sizeof(head) ||
		    loy__get_u32(head + sizeof(head) - 4) != loy__crc32c(0, head, sizeof(head) - 4))
			continue;
		memset(&j->meta, 0, sizeof(j->meta));
		memcpy(j->meta.store_id, head + STORE_ID, ID_SIZE);
		status = LOY_OK;
	}
	j->seed = loy__crc32c(0, j->meta.store_id, sizeof(j->meta.store_id));
	j->meta.generation = UINT32_MAX;
	return status;
}

static loy_status find_files(struct salvage *s)
{
	const loy_files *files = &s->from->files;
	uint8_t head_bytes[LOY__SEGMENT_HEAD];
	loy__segment_head head;
	loy_status status = loy__files_status(files->list(files->user_data, note_file, s));
	size_t i, got;

	if (s->status != LOY_OK || status != LOY_OK)
		return loy__fail(s->error, s->status != LOY_OK ? s->status : status,
		                 "the files cannot be listed");
	if (s->files == 0)
		return loy__fail(s->error, LOY_ENOTFOUND, "there are no journal files");
	status = find_store(s);
	for (i = 0; i < s->files && status == LOY_OK; i++) {
		look_at(s, &s->file[i], head_bytes, &got);
		if (loy__segment_head_read(s->from, head_bytes, got, &head) == LOY__SEGMENT_USED)
			s->file[i].first = head.first;
	}
	return status;
}

/* ---- records ---- */

static loy_status commit(struct salvage *s)
{
	s->waiting = 0;
	return loy__journal_commit(s->to, s->error);
}

static loy_status put(struct salvage *s, uint32_t type, const void *body, size_t size)
{
	loy_status status = loy__journal_reserve(s->to, 1, size, s->error);

	if (status != LOY_OK)
		return status;
	(void)loy__journal_append(s->to, type, body, size, NULL, 0);
	return ++s->waiting >= GROUP ? commit(s) : LOY_OK;
}

/* Behind a gap nobody knows which numbers records without a tag had: they get a life that nobody knows. */
static loy_status announce_life(struct salvage *s)
{
	uint8_t name[8];

	if (s->to->files.entropy(s->to->files.user_data, name, sizeof(name)) != LOY_OK)
		return loy__fail(s->error, LOY_EIO, "no random bytes for the name of an opening");
	s->life_known = 1;
	return put(s, LOY__RECORD_LIFE, name, sizeof(name));
}

static loy_status take(struct salvage *s, const loy__record_view *view)
{
	uint32_t kind = view->type & LOY__RECORD_KIND;
	loy_status status = LOY_OK;

	if (view->position <= s->last)
		return LOY_OK;
	if (view->position != s->last + 1) {
		s->lost += view->position - s->last - 1;
		s->life_known = 0;
	}
	s->last = view->position;
	if (kind == LOY__RECORD_LIFE)
		s->life_known = 1;
	else if (!s->life_known && (view->type & LOY__RECORD_TAGGED) == 0)
		status = announce_life(s);
	if (status == LOY_OK)
		status = put(s, view->type, view->body, view->size);
	if (status == LOY_OK)
		s->saved += kind != LOY__RECORD_LIFE;
	return status;
}

/* The next place at or behind scan->at from which a record can be read. LOY_ENOTFOUND: there is none. */
static loy_status find_place(struct salvage *s, loy__scan *scan)
{
	uint64_t at = scan->at / 8 * 8;
	const uint8_t *bytes;
	loy__frame frame;
	size_t size;

	for (; at + LOY__FRAME_HEAD <= scan->end; at += 8) {
		loy_status status;

		scan->at = at; /* nothing before it is wanted any more */
		status = loy__scan_load(scan, at, LOY__FRAME_MAX, &bytes, &size, s->error);
		if (status != LOY_OK)
			return status;
		if (!loy__frame_head(&frame, bytes, size) ||
		    !loy__frame_intact(&frame, bytes, s->from->seed) || (frame.type & LOY__TYPE_OWN) != 0)
			continue;
		scan->unit_end = at;
		scan->next = frame.sequence;
		scan->generation = 0;
		return LOY_OK;
	}
	return LOY_ENOTFOUND;
}

/* All records of a file before position `end`. */
static loy_status take_file(struct salvage *s, loy__scan *scan, const struct found_file *found, uint64_t end)
{
	loy__record_view view;
	loy_status status;

	s->from->meta.first_segment = found->number;
	s->from->segment[0].bytes = found->bytes;
	status = loy__scan_file(scan, 0, 0, s->error);
	if (status == LOY_EDAMAGED) /* it is not there any more */
		return LOY_OK;
	scan->at = LOY__SEGMENT_HEAD;
	while (status == LOY_OK && (status = find_place(s, scan)) == LOY_OK) {
		uint64_t began = scan->at;

		while ((status = loy__scan_next(scan, &view, s->error)) == LOY_OK && view.position < end) {
			status = take(s, &view);
			if (status != LOY_OK)
				return status;
		}
		if (status == LOY_OK)
			return LOY_OK;
		if (status == LOY_ENOTFOUND || status == LOY_EDAMAGED || status == LOY_EVERSION)
			status = LOY_OK;
		if (scan->at <= began)
			scan->at = began + 8;
	}
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

static loy_status take_all(struct salvage *s)
{
	loy__segment segment = {0};
	loy__scan scan;
	loy_status status = LOY_OK;
	size_t i, k;

	s->from->segment = &segment;
	s->from->count = 1;
	loy__scan_init(&scan, s->from);
	for (i = 0; i < s->files && status == LOY_OK; i++) {
		uint64_t end = UINT64_MAX;

		for (k = i + 1; k < s->files;
		     k++) /* a later file may begin with what is unsure in this one */
			end = s->file[k].first < end ? s->file[k].first : end;
		status = take_file(s, &scan, &s->file[i], end);
	}
	loy__scan_free(&scan);
	s->from->segment = NULL;
	s->from->count = 0;
	return status == LOY_OK ? commit(s) : status;
}

/* ---- the call ---- */

static loy_status refuse_record(const loy__record_view *view, void *user)
{
	(void)view;
	return loy__fail(user, LOY_ESTATE, "the directory for what is saved holds a store already");
}

static loy_status open_target(struct salvage *s, const loy_files *out, const loy_allocator *memory)
{
	loy__journal_options options = {.files = *out};
	loy_recovery report = {.struct_size = sizeof(report)};
	loy_status status;

	options.flags = s->from->meta.flags;
	options.segment_bytes = s->from->meta.segment_bytes;
	options.pseudonym_check = s->from->meta.pseudonym_check;
	status = loy__journal_open(&s->to, &options, memory, s->error);
	if (status == LOY_OK && loy__journal_meta(s->to)->snapshot != 0)
		status = loy__fail(s->error, LOY_ESTATE,
		                   "the directory for what is saved holds a store already");
	if (status == LOY_OK)
		status = loy__journal_replay(s->to, 0, refuse_record, s->error, &report, s->error);
	return status;
}

static loy_status salvage(struct salvage *s, const loy_files *out, const loy_allocator *memory)
{
	loy_status status = find_files(s);

	if (status == LOY_OK)
		status = open_target(s, out, memory);
	if (status == LOY_OK)
		status = take_all(s);
	loy__journal_close(s->to);
	loy__free(memory, s->file, s->capacity * sizeof(*s->file));
	return status;
}

loy_status loy_store_salvage(const loy_files *damaged, const loy_files *out, uint64_t *saved, uint64_t *lost,
                             const loy_allocator *memory, loy_error *error)
{
	struct salvage s = {.error = error};
	loy_files from, to;
	loy_allocator adopted;
	loy_status status;

	if (loy__memory_adopt(&adopted, memory) != LOY_OK || loy__files_adopt(&from, damaged) != LOY_OK ||
	    loy__files_adopt(&to, out) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the files lack a function");
	s.from = loy__alloc_zero(&adopted, sizeof(*s.from));
	if (s.from == NULL)
		return loy__fail(error, LOY_ENOMEM, "out of memory");
	s.from->memory = adopted;
	s.from->files = from;
	s.from->read_only = 1;
	status = salvage(&s, &to, &adopted);
	loy__free(&adopted, s.from, sizeof(*s.from));
	if (status == LOY_OK && saved != NULL)
		*saved = s.saved;
	if (status == LOY_OK && lost != NULL)
		*lost = s.lost;
	return status;
}
