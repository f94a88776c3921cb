/*
 * A journal on a medium that is cut off: at every operation of a run, and inside it, several times each, and
 * again while it recovers. What was acknowledged is there, what is there was written, units are there whole,
 * and nothing is taken for damage.
 */
#include "journal_support.h"
#include "fault_files.h"
#include "numeric/numeric.h"

#define RECORDS 4000u

/* How many times the usual number of cuts: LOY_TEST_TIMES in the environment, for long runs. */
static unsigned times(void)
{
	const char *text = getenv("LOY_TEST_TIMES");

	return text != NULL && atoi(text) > 0 ? (unsigned)atoi(text) : 1;
}

/* What a run has done so far. */
struct history {
	uint64_t acknowledged, submitted;
	uint64_t erased;                 /* records up to here may have been edited */
	uint64_t unit_last[RECORDS + 1]; /* last position of the unit a record is in */
	size_t largest;
	int padded, unchained;
};

static struct history run;
static struct fault_files *disk;

static int is_erased(uint64_t position)
{
	return position % 7 == 0;
}

/* What erasing leaves: the position. */
static loy_status erase_some(loy__record_view *record, uint8_t *body, void *user)
{
	(void)user;
	if (is_erased(record->position) && record->size >= 8) {
		loy__put_u64(body, record->position);
		record->size = 8;
		record->type = LOY_RECORD_GONE;
	}
	return LOY_OK;
}

struct check {
	const struct history *history;
	uint64_t next;
};

static loy_status check_record(const loy__record_view *record, void *user)
{
	static uint8_t body[LOY__RECORD_MAX];
	struct check *check = user;
	uint64_t position = record->position;
	size_t size = body_size(position, check->history->largest);

	if (position != check->next++)
		fail_msg("record %d follows %d", (int)position, (int)check->next - 2);
	if (position <= check->history->erased && is_erased(position) && size >= 8 &&
	    record->type == LOY_RECORD_GONE && record->size == 8 && loy__get_u64(record->body) == position)
		return LOY_OK;
	fill_body(body, size, position);
	if (record->type != body_type(position) || record->size != size ||
	    memcmp(record->body, body, size) != 0)
		fail_msg("record %d is not as it was written", (int)position);
	return LOY_OK;
}

static loy__journal_options crash_options(const struct history *h)
{
	loy_files files = fault_as_files(disk);
	loy__journal_options options = journal_options(&files);

	options.padded = h->padded;
	options.flags = h->unchained ? LOY_STORE_UNCHAINED : 0;
	return options;
}

static loy_status open_journal(loy__journal **out, const struct history *h, struct check *check,
                               loy_recovery *report, loy_error *error)
{
	loy__journal_options options = crash_options(h);
	loy_allocator memory = plain_memory();
	loy_status status = loy__journal_open(out, &options, &memory, error);

	check->history = h;
	check->next = 1;
	memset(report, 0, sizeof(*report));
	if (status == LOY_OK) {
		status = loy__journal_replay(*out, 0, check_record, check, report, error);
		if (status != LOY_OK) {
			loy__journal_close(*out);
			*out = NULL;
		}
	}
	return status;
}

/* Append `count` records, as one unit or each for itself, and commit. Returns 0 when that failed. */
static int add(loy__journal *j, struct history *h, uint64_t count, int unit)
{
	uint64_t last = loy__journal_last(j) + count, p;

	if (last > RECORDS || loy__journal_reserve(j, count, count * h->largest, NULL) != LOY_OK)
		return last > RECORDS;
	for (p = last - count + 1; p <= last; p++)
		h->unit_last[p] = unit ? last : p;
	h->submitted = last;
	if (unit)
		loy__journal_begin(j);
	append_records(j, count, h->largest);
	if (unit)
		loy__journal_end(j);
	if (loy__journal_commit(j, NULL) != LOY_OK)
		return 0;
	h->acknowledged = last;
	return 1;
}

/* One step of work. Returns 0 when the medium failed. */
static int step(loy__journal **j, struct history *h, loy__random *random)
{
	uint8_t head[LOY__BLAKE2S_SIZE];
	struct check check;
	loy_recovery report;
	uint32_t segments;

	switch (loy__random_below(random, 12)) {
	case 0:
		loy__journal_close(*j);
		*j = NULL;
		return open_journal(j, h, &check, &report, NULL) == LOY_OK;
	case 1:
		return loy__journal_seal(*j, NULL) == LOY_OK;
	case 2:
		segments = loy__journal_segment_count(*j);
		if (segments < 2)
			return 1;
		h->erased = h->acknowledged;
		return loy__journal_rewrite(*j, (uint32_t)loy__random_below(random, segments - 1), erase_some,
		                            NULL, NULL) == LOY_OK;
	case 3:
		return h->unchained || loy__journal_verify_chain(*j, head, NULL, NULL, NULL) == LOY_OK;
	case 4:
		return loy__journal_set_snapshots(*j, loy__journal_committed(*j), 0, NULL) == LOY_OK;
	case 5:
	case 6:
		return add(*j, h, 1 + loy__random_below(random, 6), 1);
	default:
		return add(*j, h, 1 + loy__random_below(random, 4), 0);
	}
}

static void work(struct history *h, uint64_t seed, int steps)
{
	loy__journal *j = NULL;
	struct check check;
	loy_recovery report;
	loy__random random;

	loy__random_init(&random, (seed)*8 + 1);
	if (open_journal(&j, h, &check, &report, NULL) != LOY_OK)
		return;
	while (steps-- > 0 && step(&j, h, &random)) {}
	if (j != NULL)
		loy__journal_close(j);
}

/* Open what a crash left. Returns the last position, which must be one that can be. */
static uint64_t recover(loy__journal **j, const struct history *h)
{
	loy_error error = {.struct_size = sizeof(error)};
	struct check check;
	loy_recovery report;
	loy_status status = open_journal(j, h, &check, &report, &error);
	uint64_t last = check.next - 1;

	if (status != LOY_OK)
		fail_msg("%s at byte %d: %s", loy_status_name(status), (int)error.byte, error.message);
	if (last < h->acknowledged)
		fail_msg("%d records were acknowledged, %d are there", (int)h->acknowledged, (int)last);
	if (last > h->submitted)
		fail_msg("%d records were submitted, %d are there", (int)h->submitted, (int)last);
	if (last > 0 && h->unit_last[last] != last)
		fail_msg("the unit up to %d is there up to %d", (int)h->unit_last[last], (int)last);
	return last;
}

/* A moment of a run: what was on the medium, and what had been promised. */
struct moment {
	struct fault_image *image;
	uint64_t acknowledged, submitted, erased;
};
static struct moment *moments;
static size_t moment_count, moment_room;

static void keep_moment(uint32_t kind, void *user)
{
	(void)kind;
	(void)user;
	if (moment_count == moment_room) {
		moment_room = 2 * moment_room + 64;
		moments = realloc(moments, moment_room * sizeof(*moments));
		assert_non_null(moments);
	}
	moments[moment_count++] =
	        (struct moment){fault_save(disk), run.acknowledged, run.submitted, run.erased};
}

/* Go on after a recovery: what follows must not bring back what was lost. */
static void go_on(loy__journal *j, struct history *h, uint64_t last)
{
	uint8_t head[LOY__BLAKE2S_SIZE];

	h->submitted = h->acknowledged = last;
	assert_true(add(j, h, 3, 1));
	if (!h->unchained)
		assert_int_equal(loy__journal_verify_chain(j, head, NULL, NULL, NULL), LOY_OK);
}

/* One cut at a moment of the run, and `more` cuts while recovering from it. */
static void cut_once(const struct moment *moment, uint64_t seed, int more)
{
	static struct history h;
	loy__journal *j = NULL;
	loy__random random;
	uint64_t last;

	h = run;
	h.acknowledged = moment->acknowledged;
	h.submitted = moment->submitted;
	h.erased = moment->erased;
	loy__random_init(&random, (seed)*8 + 2);
	fault_restore(disk, moment->image);
	fault_crash(disk, seed);
	while (more-- > 0) {
		struct fault fault = {FAULT_CHANGES, FAULT_CUT, loy__random_below(&random, 30), 0, 0};
		struct check check;
		loy_recovery report;

		fault_arm(disk, &fault);
		if (open_journal(&j, &h, &check, &report, NULL) == LOY_OK) {
			h.acknowledged = h.submitted = check.next - 1;
			(void)(add(j, &h, 2, 0) && add(j, &h, 4, 1));
			loy__journal_close(j);
		} else if (!fault_is_cut(disk)) {
			fail_msg("recovery fails on a whole medium");
		}
		fault_crash(disk, seed ^ (uint64_t)more << 40);
	}
	last = recover(&j, &h);
	go_on(j, &h, last);
	j->dirty = 0;
	loy__journal_close(j);
	fault_kill(disk);
	(void)recover(&j, &h);
	loy__journal_close(j);
}

static void cut_run(uint64_t seed, int steps, unsigned seeds, int more)
{
	size_t i;
	unsigned k;

	disk = fault_create(seed);
	if (run.padded)
		fault_unsafe_sectors(disk, 1);
	fault_watch(disk, FAULT_CHANGES, keep_moment, NULL);
	work(&run, seed, steps);
	fault_watch(disk, 0, NULL, NULL);
	for (i = 0; i < moment_count; i++) {
		for (k = 0; k < seeds; k++)
			cut_once(&moments[i], seed * 1000003 + i * 101 + k, more < 0 ? (int)(k % 3) : more);
		fault_forget(disk, moments[i].image);
	}
	print_message("%zu moments, %u cuts each\n", moment_count, seeds);
	moment_count = 0;
	fault_destroy(disk);
}

static void runs(int padded, int unchained, size_t largest, uint64_t seed)
{
	unsigned i;

	for (i = 0; i < times(); i++) {
		memset(&run, 0, sizeof(run));
		run.padded = padded;
		run.unchained = unchained;
		run.largest = largest;
		cut_run(seed + 10 * i, 60, 3, -1);
	}
}

static void small_records(void **state)
{
	(void)state;
	runs(0, 0, 100, 1);
}

static void large_records(void **state)
{
	(void)state;
	runs(0, 0, 12000, 2);
}

static void padded_commits(void **state)
{
	(void)state;
	runs(1, 0, 6000, 3);
}

static void without_chain(void **state)
{
	(void)state;
	runs(0, 1, 3000, 4);
}

/* The power fails inside an operation. */
static void cuts_inside(void **state)
{
	static struct history h;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 100 * times(); seed++) {
		struct fault fault = {FAULT_CHANGES, FAULT_CUT, 0, 0, 0};
		loy__journal *j = NULL;
		loy__random random;
		uint64_t last;
		int rounds;

		memset(&h, 0, sizeof(h));
		h.largest = seed % 3 == 0 ? 20000 : 500;
		h.padded = seed % 5 == 0;
		disk = fault_create(seed);
		fault_unsafe_sectors(disk, h.padded);
		loy__random_init(&random, (seed)*8 + 3);
		for (rounds = 0; rounds < 6; rounds++) {
			fault.at = loy__random_below(&random, rounds % 2 ? 12 : 60);
			fault_arm(disk, &fault);
			work(&h, seed * 10 + (uint64_t)rounds, 40);
			if (seed % 7 == 0)
				fault_kill(disk);
			fault_crash(disk, seed + (uint64_t)rounds);
			last = recover(&j, &h);
			go_on(j, &h, last);
			j->dirty = seed % 2 == 0 ? 0 : j->dirty;
			loy__journal_close(j);
		}
		fault_destroy(disk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(small_records),  cmocka_unit_test(large_records),
	        cmocka_unit_test(padded_commits), cmocka_unit_test(without_chain),
	        cmocka_unit_test(cuts_inside),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(moments);
	return failed;
}
