/*
 * What opening makes of damaged files: nothing is believed that is not as it was written, damage is told from
 * a torn tail, and what is foreign or newer is refused with its name.
 */
#include "journal_support.h"
#include "fault_files.h"

/* A journal of two segments, commits of one to three records, one unit; how it was left. */
struct sample {
	struct fault_files *disk;
	loy_files files;
	uint64_t records, before_last; /* all, and those before the last commit */
};

#define LARGEST 300u

static void make_sample(struct sample *s, int closed, int padded)
{
	loy__journal_options options;
	loy__journal *j;
	int i;

	s->disk = fault_create(11);
	s->files = fault_as_files(s->disk);
	options = journal_options(&s->files);
	options.padded = padded;
	j = open_records(&options, 0, LARGEST, NULL);
	for (i = 0; i < 12; i++) {
		if (i == 6)
			assert_int_equal(loy__journal_seal(j, NULL), LOY_OK);
		assert_int_equal(loy__journal_reserve(j, 3, 3 * LARGEST, NULL), LOY_OK);
		if (i == 8)
			loy__journal_begin(j);
		append_records(j, 1 + (uint64_t)i % 3, LARGEST);
		if (i == 8)
			loy__journal_end(j);
		s->before_last = loy__journal_committed(j);
		assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	}
	s->records = loy__journal_committed(j);
	if (!closed)
		j->dirty = 0;
	loy__journal_close(j);
}

struct seen {
	loy_status status;
	uint64_t records;
	loy_recovery report;
	loy_error error;
};

/* Open for reading; the content of each record is checked. */
static struct seen look(struct sample *s)
{
	loy__journal_options options = journal_options(&s->files);
	struct expect expect = {1, LARGEST, 0};
	struct seen seen = {0, 0, {0}, {.struct_size = sizeof(loy_error)}};
	loy__journal *j = NULL;

	options.read_only = 1;
	seen.status = try_open(&j, &options, &expect, &seen.report, &seen.error);
	seen.records = expect.count;
	if (j != NULL)
		loy__journal_close(j);
	return seen;
}

/*
 * Either all is there, or it is called damage, or, when nobody vouched for it, the last commit or its end is
 * torn.
 */
static void judge(const struct seen *seen, const struct sample *s, int closed, const char *name, uint64_t at,
                  int bit)
{
	if (seen->status == LOY_OK && seen->records == s->records)
		return;
	if (seen->status == LOY_OK && !closed && seen->records >= s->before_last &&
	    seen->report.torn_bytes > 0 && seen->report.clean == 0)
		return;
	if (seen->status == LOY_EDAMAGED && strstr(seen->error.message, name) != NULL &&
	    seen->error.byte >= 0)
		return;
	fail_msg("%s, byte %d, bit %d: %s (%s), %d of %d records", name, (int)at, bit,
	         loy_status_name(seen->status), seen->error.message, (int)seen->records, (int)s->records);
}

/*
 * Every bit of what was written, and some of the zeroes behind; with a step one bit of each byte, and of
 * every step-th zero.
 */
static void flip_file(struct sample *s, int closed, const char *name, uint64_t step, unsigned damage[3])
{
	uint64_t size = fault_file_size(s->disk, name), last = 0, at;
	int bit;

	for (at = 0; at < size; at++) {
		if (fault_file_byte(s->disk, name, at) != 0)
			last = at;
	}
	for (at = 0; at < size; at += at < last + 64 ? 1 : 997) {
		if (at % step != 0 && fault_file_byte(s->disk, name, at) == 0)
			continue;
		for (bit = step > 1 ? (int)(at % 8) : 0; bit<8; bit += step> 1 ? 8 : 1) {
			struct seen seen;

			fault_file_flip(s->disk, name, at, (uint8_t)(1u << bit));
			seen = look(s);
			judge(&seen, s, closed, name, at, bit);
			damage[seen.status == LOY_EDAMAGED ? 2 : seen.records < s->records]++;
			fault_file_flip(s->disk, name, at, (uint8_t)(1u << bit));
		}
	}
}

static void no_flipped_bit_is_accepted(void **state)
{
	int closed, padded;

	(void)state;
	for (closed = 0; closed < 2; closed++) {
		for (padded = 0; padded < 2; padded++) {
			unsigned meta[3] = {0}, journal[3] = {0};
			struct sample s;

			make_sample(&s, closed, padded);
			flip_file(&s, closed, "meta-0", closed && !padded ? 1 : 97, meta);
			flip_file(&s, closed, "meta-1", closed && !padded ? 1 : 97, meta);
			flip_file(&s, closed, "jnl-0000000000000001", padded ? 97 : 1, journal);
			flip_file(&s, closed, "jnl-0000000000000002", padded ? 97 : 1, journal);
			print_message("%s%s: of %u flipped bits %u are damage, %u a torn tail; of meta's %u "
			              "all harmless\n",
			              closed ? "closed" : "cut off", padded ? ", padded" : "",
			              journal[0] + journal[1] + journal[2], journal[2], journal[1], meta[0]);
			assert_int_equal(meta[1] + meta[2], 0); /* the other one has it all */
			assert_true(journal[2] > (padded ? 3000 : 20000));
			assert_true(closed ? journal[1] == 0 : journal[1] > 0);
			fault_destroy(s.disk);
		}
	}
}

static void no_cut_is_accepted(void **state)
{
	static const char *const names[] = {"meta-0", "meta-1", "jnl-0000000000000001",
	                                    "jnl-0000000000000002"};
	struct fault_image *image;
	struct sample s;
	size_t i;

	(void)state;
	make_sample(&s, 0, 0);
	image = fault_save(s.disk);
	for (i = 0; i < LOY__COUNT(names); i++) {
		uint64_t size = fault_file_size(s.disk, names[i]), at;

		for (at = 0; at < size; at += at < 8192 ? 1 : 501) {
			struct seen seen;

			fault_file_cut(s.disk, names[i], at);
			seen = look(&s);
			if (i < 2) {
				assert_int_equal(seen.status, LOY_OK);
				assert_int_equal(seen.records, s.records);
			} else if (seen.status != LOY_EDAMAGED ||
			           strstr(seen.error.message, names[i]) == NULL) {
				fail_msg("%s cut at %d: %s", names[i], (int)at, loy_status_name(seen.status));
			}
			fault_restore(s.disk, image);
		}
	}
	fault_forget(s.disk, image);
	fault_destroy(s.disk);
}

static void remove_file(struct sample *s, const char *name)
{
	assert_int_equal(s->files.remove(s->files.user_data, name), LOY_OK);
}

static void missing_files_are_noticed(void **state)
{
	struct fault_image *image;
	struct seen seen;
	struct sample s;

	(void)state;
	make_sample(&s, 1, 0);
	image = fault_save(s.disk);
	remove_file(&s, "jnl-0000000000000002");
	seen = look(&s);
	assert_int_equal(seen.status, LOY_EDAMAGED);
	assert_non_null(strstr(seen.error.message, "jnl-0000000000000002"));
	fault_restore(s.disk, image);
	remove_file(&s, "jnl-0000000000000001");
	assert_int_equal(look(&s).status, LOY_EDAMAGED);
	fault_restore(s.disk, image);
	remove_file(&s, "meta-0");
	assert_int_equal(look(&s).status, LOY_OK);
	remove_file(&s, "meta-1");
	assert_int_equal(look(&s).status, LOY_EDAMAGED); /* never an empty store */
	remove_file(&s, "jnl-0000000000000001");
	remove_file(&s, "jnl-0000000000000002");
	assert_int_equal(look(&s).status, LOY_ENOTFOUND);
	fault_forget(s.disk, image);
	fault_destroy(s.disk);
}

/* Put the checksum of meta or of a journal file's head right again. */
static void mend(struct sample *s, const char *name, uint64_t size)
{
	uint8_t bytes[LOY__SECTOR] = {0};
	uint64_t i;

	for (i = 0; i < size - 4; i++)
		bytes[i] = fault_file_byte(s->disk, name, i);
	loy__put_u32(bytes + size - 4, loy__crc32c(0, bytes, (size_t)size - 4));
	for (i = size - 4; i < size; i++)
		fault_file_flip(s->disk, name, i, fault_file_byte(s->disk, name, i) ^ bytes[i]);
}

static void newer_versions_are_refused(void **state)
{
	static const struct {
		const char *name;
		uint64_t at, size;
	} places[] = {
	        {"meta-0", 9, LOY__SECTOR},
	        {"meta-1", 8, LOY__SECTOR},
	        {"meta-0", 12, LOY__SECTOR},
	        {"jnl-0000000000000002", 8, LOY__SEGMENT_HEAD},
	};
	struct fault_image *image;
	struct seen seen;
	struct sample s;
	size_t i;

	(void)state;
	make_sample(&s, 1, 0);
	image = fault_save(s.disk);
	for (i = 0; i < LOY__COUNT(places); i++) {
		fault_file_flip(s.disk, places[i].name, places[i].at, 2);
		mend(&s, places[i].name, places[i].size);
		seen = look(&s);
		assert_int_equal(seen.status, LOY_EVERSION);
		assert_non_null(strstr(seen.error.message, places[i].name));
		fault_restore(s.disk, image);
	}
	/* What only writers must know stops only writers. */
	fault_file_flip(s.disk, "meta-0", 16, 1);
	mend(&s, "meta-0", LOY__SECTOR);
	assert_int_equal(look(&s).status, LOY_OK);
	{
		loy__journal_options options = journal_options(&s.files);
		struct expect expect = {1, LARGEST, 0};
		loy_recovery report = {0};
		loy__journal *j;

		assert_int_equal(try_open(&j, &options, &expect, &report, NULL), LOY_EVERSION);
	}
	fault_forget(s.disk, image);
	fault_destroy(s.disk);
}

/* Append a frame behind what a closed journal has; its kind as given. */
static void add_frame(struct sample *s, const char *name, uint8_t type, uint8_t flags)
{
	loy__journal_options options = journal_options(&s->files);
	loy__journal *j = open_records(&options, s->records, LARGEST, NULL);
	loy__frame_kind kind = {type, flags, j->meta.generation, 0, s->records, j->seed};
	uint8_t frame[64];
	loy__piece piece = {"unheard of", 10};
	size_t last, size;
	uint32_t seed;
	void *file;

	if (!(type & LOY__TYPE_OWN))
		kind.sequence++;
	size = loy__frames_write(frame, &kind, &piece, 1, &last, &seed);
	assert_int_equal(s->files.open(s->files.user_data, name, LOY_OPEN_WRITE, &file), LOY_OK);
	assert_int_equal(s->files.write_at(s->files.user_data, file, j->offset, frame, size), LOY_OK);
	s->files.close(s->files.user_data, file);
	loy__journal_close(j);
}

static void unknown_frames_are_refused_or_skipped(void **state)
{
	struct seen seen;
	struct sample s;

	(void)state;
	make_sample(&s, 1, 0);
	add_frame(&s, "jnl-0000000000000002", 60, 0);
	seen = look(&s);
	assert_int_equal(seen.status, LOY_EVERSION);
	assert_non_null(strstr(seen.error.message, "jnl-0000000000000002"));
	fault_destroy(s.disk);
	make_sample(&s, 1, 0);
	add_frame(&s, "jnl-0000000000000002", 1, LOY__FRAME_END | 0x80);
	assert_int_equal(look(&s).status, LOY_EVERSION);
	fault_destroy(s.disk);
	make_sample(&s, 1, 0);
	add_frame(&s, "jnl-0000000000000002", 60 | LOY__TYPE_SKIP, 0);
	seen = look(&s);
	assert_int_equal(seen.status, LOY_OK);
	assert_int_equal(seen.records, s.records);
	fault_destroy(s.disk);
}

/* A file of another store under a name of ours; two files of ours with their names exchanged. */
static void foreign_files_are_refused(void **state)
{
	static const char *const names[] = {"jnl-0000000000000001", "jnl-0000000000000002", "meta-1"};
	struct fault_image *image;
	struct sample ours, other;
	struct seen seen;
	size_t i;

	(void)state;
	make_sample(&ours, 1, 0);
	image = fault_save(ours.disk);
	other.disk = fault_create(99);
	other.files = fault_as_files(other.disk);
	{
		loy__journal_options options = journal_options(&other.files);
		loy__journal *j = open_records(&options, 0, LARGEST, NULL);

		write_records(j, 5, LARGEST);
		assert_int_equal(loy__journal_seal(j, NULL), LOY_OK);
		write_records(j, 5, LARGEST);
		loy__journal_close(j);
	}
	for (i = 0; i < LOY__COUNT(names); i++) {
		uint64_t size = fault_file_size(other.disk, names[i]), at;
		uint8_t byte;
		void *file;

		assert_int_equal(ours.files.open(ours.files.user_data, names[i], LOY_OPEN_CREATE, &file),
		                 LOY_OK);
		for (at = 0; at < size; at++) {
			byte = fault_file_byte(other.disk, names[i], at);
			if (byte != 0 || at + 1 == size)
				assert_int_equal(
				        ours.files.write_at(ours.files.user_data, file, at, &byte, 1),
				        LOY_OK);
		}
		ours.files.close(ours.files.user_data, file);
		seen = look(&ours);
		assert_int_equal(seen.status, LOY_EDAMAGED);
		assert_non_null(strstr(seen.error.message, names[i]));
		fault_restore(ours.disk, image);
	}
	assert_int_equal(ours.files.rename(ours.files.user_data, names[1], names[0]), LOY_OK);
	assert_int_equal(look(&ours).status, LOY_EDAMAGED);
	fault_forget(ours.disk, image);
	fault_destroy(ours.disk);
	fault_destroy(other.disk);
}

/* ---- torn tails ---- */

/* The first event among torn bytes is named: canonical bytes have their identity at a fixed place. */
static void doubtful_events_are_named(void **state)
{
	uint8_t bytes[16 + 200] = {0};
	loy_event *event;
	size_t size;
	int tagged;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, LOY_DAY), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 5), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, 77, 88), LOY_OK);
	assert_int_equal(loy_event_write(event, bytes + 16, 200, &size), LOY_OK);
	loy_event_destroy(event);
	for (tagged = 0; tagged < 2; tagged++) {
		struct fault_files *disk = fault_create(3);
		loy_files files = fault_as_files(disk);
		loy__journal_options options = journal_options(&files);
		loy_recovery report = {0};
		struct expect expect = {1, 0, 0};
		uint64_t offset;
		loy__journal *j = open_records(&options, 0, 0, NULL);

		write_records(j, 2, 0);
		offset = j->offset;
		assert_int_equal(loy__journal_reserve(j, 1, 216, NULL), LOY_OK);
		assert_int_equal(loy__journal_append(j, tagged ? 64 | LOY_RECORD_EVENT : LOY_RECORD_EVENT,
		                                     bytes + (tagged ? 0 : 16), size + (tagged ? 16 : 0),
		                                     NULL, 0),
		                 3);
		assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
		j->dirty = 0;
		loy__journal_close(j);
		fault_file_flip(disk, "jnl-0000000000000001", offset + 24 + (tagged ? 16 : 0) + 36, 1);
		assert_int_equal(try_open(&j, &options, &expect, &report, NULL), LOY_OK);
		assert_int_equal(expect.count, 2);
		assert_true(report.torn_bytes >= size && report.torn_bytes <= size + 48);
		assert_int_equal(report.doubtful_high, 77);
		assert_int_equal(report.doubtful_low, 88);
		loy__journal_close(j);
		report = (loy_recovery){0};
		j = open_records(&options, 2, 0, &report); /* and once only */
		assert_int_equal(report.torn_bytes, 0);
		assert_int_equal(report.doubtful_low, 0);
		assert_int_equal(report.clean, 1);
		loy__journal_close(j);
		fault_destroy(disk);
	}
}

/* A snapshot's position is beyond the journal's end: records are missing. */
static void records_before_a_snapshot_must_be_there(void **state)
{
	loy__journal_options options;
	struct sample s;
	uint64_t after;

	(void)state;
	make_sample(&s, 1, 0);
	options = journal_options(&s.files);
	options.read_only = 1;
	for (after = 0; after < s.records + 3; after++) {
		struct expect expect = {after + 1, LARGEST, 0};
		loy_recovery report = {0};
		loy__journal *j = NULL;

		assert_int_equal(try_open(&j, &options, &expect, &report, NULL),
		                 after <= s.records ? LOY_OK : LOY_EDAMAGED);
		if (j != NULL) {
			assert_int_equal(expect.count, s.records - after);
			assert_int_equal(report.replayed, expect.count);
			read_records(j, 1, s.records, LARGEST); /* those before can be read as well */
		}
		loy__journal_close(j);
	}
	fault_destroy(s.disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_flipped_bit_is_accepted),
	        cmocka_unit_test(no_cut_is_accepted),
	        cmocka_unit_test(missing_files_are_noticed),
	        cmocka_unit_test(newer_versions_are_refused),
	        cmocka_unit_test(unknown_frames_are_refused_or_skipped),
	        cmocka_unit_test(foreign_files_are_refused),
	        cmocka_unit_test(doubtful_events_are_named),
	        cmocka_unit_test(records_before_a_snapshot_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
