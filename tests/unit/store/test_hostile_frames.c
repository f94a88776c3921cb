/*
 * Journal files whose sums are right and whose structure is not what anybody writes: frames, units, heads of files; and
 * files that change or shrink while they are read. Reading stops there: a torn tail, or damage when something proves
 * that more was there; what came before is read.
 */
#include "journal_support.h"

#define FIRST   "jnl-0000000000000001"
#define SECOND  "jnl-0000000000000002"
#define LARGEST 60u
#define RECORDS 5u

static loy_files memory_files(uint64_t seed)
{
	loy_files files = {.struct_size = sizeof(files)};

	assert_int_equal(loy_files_open_memory(&files, seed, NULL), LOY_OK);
	return files;
}

static void write_at(const loy_files *files, const char *name, uint64_t at, const void *bytes, size_t size)
{
	void *file;

	assert_int_equal(files->open(files->user_data, name, LOY_OPEN_WRITE, &file), LOY_OK);
	assert_int_equal(files->write_at(files->user_data, file, at, bytes, size), LOY_OK);
	files->close(files->user_data, file);
}

/* ---- frames behind the last record ---- */

/* What is written where the next record would go, frame by frame; numbers relative to what would be right. */
struct forged {
	uint8_t type, flags;
	int sequence;       /* of the next record, plus this */
	int64_t generation; /* of the journal, plus this */
	int64_t behind;     /* -1: more than the sequence; else as given */
	uint32_t size;      /* of the body */
	int chained;        /* its sum goes on from the one before */
};

enum { TORN, DAMAGED, READ, NEWER };
struct forgery {
	const char *what;
	struct forged frame[3];
	unsigned frames;
	int outcome;
	unsigned more; /* READ: so many records more */
};

#define END  ((uint8_t)LOY__FRAME_END)
#define MORE ((uint8_t)LOY__FRAME_MORE)
#define SALT ((uint8_t)LOY__FRAME_SALT)
#define LEAF ((uint8_t)LOY__FRAME_LEAF)

static const struct forgery forgeries[] = {
        {"a record", {{1, END, 0, 0, 1, 10, 0}}, 1, READ, 1},
        {"of an opening to come", {{1, END, 0, 1, 1, 10, 0}}, 1, TORN, 0},
        {"of an opening before", {{1, END, 0, -2, 6, 10, 0}}, 1, TORN, 0},
        {"of an opening before, which proves", {{1, END, 0, -2, 0, 10, 0}}, 1, DAMAGED, 0},
        {"more behind than there is", {{1, END, 0, 0, -1, 10, 0}}, 1, TORN, 0},
        {"a gap", {{1, END, 1, 0, 7, 10, 0}}, 1, TORN, 0},
        {"a gap, which proves", {{1, END, 1, 0, 1, 10, 0}}, 1, DAMAGED, 0},
        {"a record again", {{1, END, -1, 0, 1, 10, 0}}, 1, TORN, 0},
        {"a record in two frames", {{1, MORE, 0, 0, 1, 616, 0}, {1, END, 0, 0, 1, 9, 1}}, 2, READ, 1},
        {"of two types", {{1, MORE, 0, 0, 6, 616, 0}, {2, END, 0, 0, 6, 9, 1}}, 2, TORN, 0},
        {"of two positions", {{1, MORE, 0, 0, 6, 616, 0}, {1, END, 1, 0, 7, 9, 1}}, 2, TORN, 0},
        {"with a salt in the end", {{1, MORE, 0, 0, 6, 616, 0}, {1, END | SALT, 0, 0, 6, 9, 1}}, 2, TORN, 0},
        {"that never ends", {{1, MORE, 0, 0, 6, 616, 0}, {1, MORE, 0, 0, 6, 616, 1}}, 2, TORN, 0},
        {"a unit that never ends", {{1, 0, 0, 0, 6, 10, 0}, {1, 0, 1, 0, 7, 10, 0}}, 2, TORN, 0},
        {"a mark amid a unit",
         {{1, 0, 0, 0, 1, 10, 0}, {60 | LOY__TYPE_SKIP, 0, 0, 0, 1, 10, 0}, {1, END, 1, 0, 1, 10, 0}},
         3,
         READ,
         2},
        {"a mark of another place", {{60 | LOY__TYPE_SKIP, 0, 3, 0, 9, 10, 0}}, 1, TORN, 0},
        {"a mark that ends a unit", {{60 | LOY__TYPE_SKIP, END, -1, 0, 5, 10, 0}}, 1, TORN, 0},
        {"a secret that is too long", {{LOY__FRAME_SECRET, 0, -1, 0, 1, 48, 0}}, 1, READ, 0},
        {"no room for its salt", {{1, END | SALT, 0, 0, 1, 15, 0}}, 1, DAMAGED, 0},
        {"no room for its leaf", {{1, END | LEAF, 0, 0, 1, 31, 0}}, 1, DAMAGED, 0},
        {"of a newer version", {{1, END | 0x80, 0, 0, 1, 10, 0}}, 1, NEWER, 0},
        {"nothing but its leaf", {{1, END | LEAF, 0, 0, 1, 32, 0}}, 1, READ, 1},
};

/* Write them behind the records of a closed journal. */
static void forge(const loy_files *files, const struct forged *frame, unsigned frames)
{
	loy__journal_options options = journal_options(files);
	loy__journal *j = open_records(&options, RECORDS, LARGEST, NULL);
	uint8_t bytes[3 * LOY__FRAME_MAX];
	uint32_t seed = j->seed;
	size_t at = 0;
	unsigned i;

	for (i = 0; i < frames; i++) {
		const struct forged *f = &frame[i];
		uint64_t sequence = RECORDS + 1 + (uint64_t)(int64_t)f->sequence;
		loy__frame_kind kind = {.type = f->type, .sequence = sequence};

		kind.generation = (uint32_t)(j->meta.generation + f->generation);
		kind.behind = f->behind < 0 ? (uint32_t)sequence + 1 : (uint32_t)f->behind;
		fill_body(bytes + at + LOY__FRAME_HEAD, f->size, i);
		seed = loy__frame_close(bytes + at, &kind, f->flags, f->size, f->chained ? seed : j->seed);
		at += LOY__FRAME_HEAD + (f->size + 7) / 8 * 8;
	}
	write_at(files, FIRST, j->offset, bytes, at);
	loy__journal_close(j);
}

static loy_status count_record(const loy__record_view *record, void *user)
{
	(void)record;
	++*(uint64_t *)user;
	return LOY_OK;
}

static loy_status open_counting(const loy_files *files, int read_only, uint64_t *records,
                                loy_recovery *report)
{
	loy__journal_options options = journal_options(files);
	loy_allocator memory = plain_memory();
	loy__journal *j;
	loy_status status;

	*records = 0;
	options.read_only = read_only;
	status = loy__journal_open(&j, &options, &memory, NULL);
	if (status == LOY_OK)
		status = loy__journal_replay(j, 0, count_record, records, report, NULL);
	loy__journal_close(j);
	return status;
}

static void judge(const struct forgery *f, loy_status status, uint64_t records, const loy_recovery *report)
{
	static const loy_status statuses[] = {LOY_OK, LOY_EDAMAGED, LOY_OK, LOY_EVERSION};
	uint64_t expected = RECORDS + (f->outcome == READ ? f->more : 0);

	if (status != statuses[f->outcome] || records != expected ||
	    (f->outcome == TORN && report->torn_bytes == 0))
		fail_msg("%s: %s, %d records, %d torn bytes", f->what, loy_status_name(status), (int)records,
		         (int)report->torn_bytes);
}

/* Salvage takes what there is, and steps over what cannot be. */
static void salvage_all(const loy_files *files, const struct forgery *f)
{
	loy_files out = memory_files(9);
	uint64_t saved = 0, lost = 0;
	loy_status status = loy_store_salvage(files, &out, &saved, &lost, NULL, NULL);

	if (status != LOY_OK || saved < RECORDS || saved > RECORDS + 3)
		fail_msg("%s: salvage: %s, %d saved", f->what, loy_status_name(status), (int)saved);
	loy_files_close(&out);
}

static void frames_that_nobody_writes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(forgeries); i++) {
		const struct forgery *f = &forgeries[i];
		loy_files files = memory_files(5);
		loy__journal_options options = journal_options(&files);
		loy__journal *j = open_records(&options, 0, LARGEST, NULL);
		loy_recovery report = {.struct_size = sizeof(report)};
		uint64_t records;
		loy_status status;

		write_records(j, RECORDS, LARGEST);
		loy__journal_close(j);
		forge(&files, f->frame, f->frames);
		salvage_all(&files, f);
		status = open_counting(&files, 1, &records, &report);
		judge(f, status, records, &report);
		status = open_counting(&files, 0, &records, &report); /* which makes good what is torn */
		judge(f, status, records, &report);
		memset(&report, 0, sizeof(report));
		report.struct_size = sizeof(report);
		status = open_counting(&files, 1, &records, &report);
		if (f->outcome == TORN)
			assert_int_equal(report.torn_bytes, 0);
		assert_int_equal(records, RECORDS + (f->outcome == READ ? f->more : 0));
		loy_files_close(&files);
	}
}

/* A record of as many frames as one likes: longer than records are, with or without room for a link. */
static void records_have_an_end(void **state)
{
	static const struct {
		size_t size;
		loy_status status;
	} sizes[] = {{LOY__RECORD_MAX, LOY_OK},
	             {LOY__RECORD_MAX + 1, LOY_EDAMAGED},
	             {LOY__RECORD_MAX + 32, LOY_EDAMAGED},
	             {LOY__RECORD_MAX + 33, LOY_EDAMAGED}};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(sizes); i++) {
		loy_files files = memory_files(6);
		loy__journal_options options = journal_options(&files);
		loy_recovery report = {.struct_size = sizeof(report)};
		size_t room = (size_t)loy__frames_bound(1, LOY__RECORD_MAX + 64), size, last;
		uint8_t *body = calloc(1, LOY__RECORD_MAX + 64), *frames = malloc(room);
		loy__piece piece = {body, sizes[i].size};
		loy__frame_kind kind = {.type = 1, .flags = LOY__FRAME_END, .sequence = RECORDS + 1};
		uint32_t seed;
		uint64_t records;
		loy__journal *j;

		assert_true(body != NULL && frames != NULL);
		options.segment_bytes = UINT64_C(1) << 20;
		j = open_records(&options, 0, LARGEST, NULL);
		write_records(j, RECORDS, LARGEST);
		loy__journal_close(j);
		j = open_records(&options, RECORDS, LARGEST, NULL);
		kind.generation = j->meta.generation;
		kind.behind = 1;
		kind.seed = j->seed;
		size = loy__frames_write(frames, &kind, &piece, 1, &last, &seed);
		write_at(&files, FIRST, j->offset, frames, size);
		loy__journal_close(j);
		assert_int_equal(open_counting(&files, 1, &records, &report), sizes[i].status);
		assert_int_equal(records, RECORDS + (sizes[i].status == LOY_OK));
		free(body);
		free(frames);
		loy_files_close(&files);
	}
}

/* ---- heads ---- */

static loy_files two_segments(void)
{
	loy_files files = memory_files(7);
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, LARGEST, NULL);

	write_records(j, RECORDS, LARGEST);
	assert_int_equal(loy__journal_seal(j, NULL), LOY_OK);
	write_records(j, RECORDS, LARGEST);
	loy__journal_close(j);
	return files;
}

/* Heads with right sums that do not follow one another. */
static void heads_that_do_not_follow(void **state)
{
	static const struct {
		const char *name;
		unsigned at, size;
		uint64_t value;
	} heads[] = {
	        {FIRST, 32, 8, 2},
	        {FIRST, 40, 8, 2},
	        {FIRST, 40, 8, 0},
	        {FIRST, 48, 4, 99},
	        {SECOND, 32, 8, 1},
	        {SECOND, 40, 8, 0},
	        {SECOND, 40, 8, UINT64_MAX / 2 + 1},
	        {SECOND, 40, 8, RECORDS + 3},
	        {SECOND, 48, 4, 0},
	        {SECOND, 48, 4, 99},
	        {SECOND, 56, 8, 65537},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(heads); i++) {
		loy_files files = two_segments();
		loy_recovery report = {.struct_size = sizeof(report)};
		uint8_t head[LOY__SEGMENT_HEAD];
		uint64_t records;
		size_t got;
		void *file;

		assert_int_equal(files.open(files.user_data, heads[i].name, LOY_OPEN_READ, &file), LOY_OK);
		assert_int_equal(files.read_at(files.user_data, file, 0, head, sizeof(head), &got), LOY_OK);
		files.close(files.user_data, file);
		if (heads[i].size == 8)
			loy__put_u64(head + heads[i].at, heads[i].value);
		else
			loy__put_u32(head + heads[i].at, (uint32_t)heads[i].value);
		loy__put_u32(head + sizeof(head) - 4, loy__crc32c(0, head, sizeof(head) - 4));
		write_at(&files, heads[i].name, 0, head, sizeof(head));
		if (open_counting(&files, 1, &records, &report) != LOY_EDAMAGED ||
		    open_counting(&files, 0, &records, &report) != LOY_EDAMAGED)
			fail_msg("head %d was believed", (int)i);
		loy_files_close(&files);
	}
}

/* ---- files that change while they are read ---- */

/* Files whose read number `from` and all later ones end at byte `end` of a file, or fail. */
struct changing {
	loy_files real;
	long reads, from;
	uint64_t end;
	loy_status status;
	int garbage; /* what is read is something else */
};

static loy_status changing_open(void *user, const char *name, uint32_t mode, void **file)
{
	struct changing *c = user;

	return c->real.open(c->real.user_data, name, mode, file);
}

static void changing_close(void *user, void *file)
{
	struct changing *c = user;

	c->real.close(c->real.user_data, file);
}

static loy_status changing_read(void *user, void *file, uint64_t offset, void *buffer, size_t size,
                                size_t *got)
{
	struct changing *c = user;
	loy_status status;

	if (c->reads++ < c->from)
		return c->real.read_at(c->real.user_data, file, offset, buffer, size, got);
	if (c->status != LOY_OK)
		return c->status;
	status = c->real.read_at(c->real.user_data, file, offset, buffer, size, got);
	if (c->garbage)
		memset(buffer, 0x5a, *got);
	else if (offset + *got > c->end)
		*got = offset < c->end ? (size_t)(c->end - offset) : 0;
	return status;
}

static loy_status changing_size(void *user, void *file, uint64_t *size)
{
	struct changing *c = user;

	return c->real.size(c->real.user_data, file, size);
}

static loy_status changing_list(void *user, int32_t (*each)(const char *name, void *context), void *context)
{
	struct changing *c = user;

	return c->real.list(c->real.user_data, each, context);
}

/* For readers only. */
static loy_files changing_files(struct changing *c)
{
	loy_files files = c->real;

	files.open = changing_open;
	files.close = changing_close;
	files.read_at = changing_read;
	files.size = changing_size;
	files.list = changing_list;
	files.user_data = c;
	return files;
}

/* Whatever a reader is given from some read on: a beginning of the records, or a status. */
static void change_while_reading(int padded)
{
	static const uint64_t ends[] = {0, 100, 128, 140, 3000, 65536, 65600, 66000, 70001};
	loy_files files = memory_files(8);
	loy__journal_options options = journal_options(&files);
	unsigned read = 0, refused = 0, kind;
	loy__journal *j;
	int i;

	options.segment_bytes = 4 * SEGMENT;
	options.padded = padded;
	j = open_records(&options, 0, 5000, NULL);
	for (i = 0; padded && i < 40; i++)
		write_records(j, 1, 5000);
	if (!padded) { /* a unit that is longer than what is read at a time */
		assert_int_equal(loy__journal_reserve(j, 40, 40 * 5000, NULL), LOY_OK);
		loy__journal_begin(j);
		append_records(j, 40, 5000);
		loy__journal_end(j);
		assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	}
	loy__journal_close(j);
	for (kind = 0; kind < LOY__COUNT(ends) + 2; kind++) {
		struct changing c = {.real = files, .from = 0};
		loy_status status = LOY_EIO;
		long n;

		c.end = kind < LOY__COUNT(ends) ? ends[kind] : UINT64_MAX;
		c.status = kind == LOY__COUNT(ends) ? LOY_EIO : LOY_OK;
		c.garbage = kind == LOY__COUNT(ends) + 1;
		for (n = 0; n < 40; n++) {
			loy_files changing = changing_files(&c);
			struct expect expect = {1, 5000, 0};
			loy_recovery report = {.struct_size = sizeof(report)};
			loy__journal_options reading = journal_options(&changing);

			reading.read_only = 1;
			c.reads = 0;
			c.from = n;
			j = NULL;
			status = try_open(&j, &reading, &expect, &report, NULL);
			if (status == LOY_OK)
				loy__journal_close(j);
			read += status == LOY_OK;
			refused += status != LOY_OK;
			if (status != LOY_OK && status != LOY_EDAMAGED && status != LOY_EIO &&
			    status != LOY_ENOTFOUND && status != LOY_EVERSION)
				fail_msg("kind %u, read %ld: %s", kind, n, loy_status_name(status));
			if (status == LOY_OK && !padded)
				assert_true(expect.count == 0 || expect.count == 40); /* units are whole */
		}
		assert_int_equal(status, LOY_OK); /* all reads were met */
	}
	print_message("%u times all or nothing was read, %u times it was refused\n", read, refused);
	assert_true(read > 50 && refused > 10);
	loy_files_close(&files);
}

static void files_may_change_while_they_are_read(void **state)
{
	(void)state;
	change_while_reading(0);
	change_while_reading(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(frames_that_nobody_writes),
	        cmocka_unit_test(records_have_an_end),
	        cmocka_unit_test(heads_that_do_not_follow),
	        cmocka_unit_test(files_may_change_while_they_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
