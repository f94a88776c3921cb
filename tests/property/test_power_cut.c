/*
 * The journal on a medium that is cut off, fills up and fails at any operation and inside it (fault_files.h), against
 * a model of what was acknowledged: that is there afterwards, exactly; what was not is there in order up to some unit
 * or not at all; nothing else is; and nothing of this is ever taken for damage.
 *
 *	test_property_power_cut [--cuts N] [--seed N]      default: a few seconds; 1000000 takes about a minute
 */
#include "fault_files.h"
#include "support.h"
#include "numeric/numeric.h"
#include "store/segment.h"
#include <time.h>

#define POSITIONS    400u
#define BODY_MAX     40000u
#define SEGMENT      65536u
#define CUTS_DEFAULT 20000u

static uint64_t cuts_wanted = CUTS_DEFAULT, first_seed = 1;

/* ---- the model ---- */

struct model {
	uint64_t acked, last;            /* positions: acknowledged; appended */
	uint32_t serial[POSITIONS + 1];  /* which record is there */
	uint8_t unit_end[POSITIONS + 1]; /* a unit ends with it */
	uint8_t gone[POSITIONS + 1];     /* it was edited */
	uint64_t edit_first, edit_last;  /* being rewritten: all of its edits hold or none does */
	uint32_t edit_round, next_serial;
};

static size_t size_of(uint32_t serial)
{
	uint64_t h = loy__mix64(serial * UINT64_C(0x9e3779b97f4a7c15) + 1);

	if ((h & 63) == 0)
		return 2000 + (size_t)((h >> 8) % (BODY_MAX - 2000));
	return (h & 63) < 4 ? 600 + (size_t)((h >> 8) % 1000) : (size_t)((h >> 8) % 120);
}

static uint32_t type_of(uint32_t serial)
{
	return 1 + serial % 5;
}

/* Cheap, because it is most of the work, and different in each word of each record. */
static void fill(uint8_t *body, uint32_t serial, size_t size)
{
	uint64_t x = (serial + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i;

	for (i = 0; i < size; i += 8) {
		x += UINT64_C(0xbf58476d1ce4e5b9);
		memcpy(body + i, &x, 8); /* there is room for a word more */
	}
}

static int is_edited(uint32_t serial, uint32_t round)
{
	return (loy__mix64((uint64_t)serial << 32 | round) & 3) == 0;
}

/* What a record is after its edit: shorter, with other bytes. */
static void edited_form(uint8_t *body, size_t *size)
{
	size_t i;

	*size /= 2;
	for (i = 0; i < *size; i++)
		body[i] ^= 0x5a;
}

/* ---- one run ---- */

struct run {
	struct fault_files *disk;
	loy__journal_options options;
	loy_allocator memory;
	loy__journal *journal;
	struct model model;
	loy__random random;
	uint64_t seed; /* for messages */
};

#define SAY(run, ...)                                                                                        \
	do {                                                                                                 \
		print_error("seed %llu: ", (unsigned long long)(run)->seed);                                 \
		fail_msg(__VA_ARGS__);                                                                       \
	} while (0)

static uint64_t below(struct run *r, uint64_t bound)
{
	return loy__random_below(&r->random, bound);
}

/* Reading a store against the model. */
struct check {
	struct run *run;
	uint64_t next;
	int forms; /* of the records being edited: 1 old, 2 new */
};

static int same(const loy__record_view *record, uint32_t serial, int gone)
{
	static uint8_t body[BODY_MAX + 8];
	size_t size = size_of(serial);

	if (record->size != (gone ? size / 2 : size))
		return 0;
	fill(body, serial, size);
	if (gone)
		edited_form(body, &size);
	return record->type == (gone ? (uint32_t)LOY_RECORD_GONE : type_of(serial)) &&
	       memcmp(record->body, body, size) == 0;
}

static loy_status check_record(const loy__record_view *record, void *user)
{
	struct check *c = user;
	struct model *m = &c->run->model;
	uint64_t p = record->position;

	if (p != c->next++)
		SAY(c->run, "position %llu instead of %llu", (unsigned long long)p,
		    (unsigned long long)c->next - 1);
	if (p > m->last)
		SAY(c->run, "record %llu was never appended", (unsigned long long)p);
	if (!m->gone[p] && p >= m->edit_first && p <= m->edit_last &&
	    is_edited(m->serial[p], m->edit_round) && size_of(m->serial[p]) > 0) {
		int form = same(record, m->serial[p], 1) ? 2 : 1;

		c->forms |= form;
		if (form == 2)
			return LOY_OK;
	}
	if (!same(record, m->serial[p], m->gone[p]))
		SAY(c->run, "record %llu is another one", (unsigned long long)p);
	return LOY_OK;
}

/* The store was read to its end: is that an end it may have? Then it is what there is. */
static void settle(struct check *c)
{
	struct model *m = &c->run->model;
	uint64_t n = c->next - 1, p;

	if (n < m->acked)
		SAY(c->run, "%llu records of %llu acknowledged ones", (unsigned long long)n,
		    (unsigned long long)m->acked);
	if (n > m->acked && !m->unit_end[n])
		SAY(c->run, "half a unit: %llu records", (unsigned long long)n);
	if (c->forms == 3)
		SAY(c->run, "half a rewritten segment");
	for (p = m->edit_first; c->forms == 2 && p != 0 && p <= m->edit_last; p++)
		m->gone[p] |= is_edited(m->serial[p], m->edit_round) && size_of(m->serial[p]) > 0;
	m->edit_first = m->edit_last = 0;
	m->acked = m->last = n;
}

static loy_status open_journal(struct run *r, loy_error *error)
{
	struct check check = {r, 1, 0};
	loy_recovery report = {.struct_size = sizeof(report)};
	loy_status status = loy__journal_open(&r->journal, &r->options, &r->memory, error);

	if (status == LOY_OK) {
		status = loy__journal_replay(r->journal, 0, check_record, &check, &report, error);
		if (status != LOY_OK) {
			loy__journal_close(r->journal);
			r->journal = NULL;
		}
	}
	if (status == LOY_OK)
		settle(&check);
	return status;
}

static void must_open(struct run *r)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = open_journal(r, &error);

	if (status != LOY_OK)
		SAY(r, "a sound store does not open: %s, %s, byte %lld", loy_status_name(status),
		    error.message, (long long)error.byte);
}

static void start(struct run *r, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	r->seed = seed;
	loy__random_init(&r->random, seed);
	r->disk = fault_create(seed);
	r->options.files = fault_as_files(r->disk);
	r->options.segment_bytes = SEGMENT;
	r->options.flags = below(r, 4) == 0 ? LOY_STORE_UNCHAINED : 0;
	r->options.padded = below(r, 4) == 0;
	fault_unsafe_sectors(r->disk, r->options.padded);
	assert_int_equal(loy__memory_adopt(&r->memory, NULL), LOY_OK);
}

static void end(struct run *r)
{
	loy__journal_close(r->journal);
	fault_destroy(r->disk);
}

/* ---- what is done to it ---- */

static loy_status append_unit(struct run *r)
{
	static uint8_t body[BODY_MAX + 8];
	struct model *m = &r->model;
	uint32_t count = 1 + (uint32_t)below(r, 4), i;
	uint64_t bytes = 0;
	loy_status status;

	if (m->last + count > POSITIONS)
		return LOY_OK;
	for (i = 0; i < count; i++)
		bytes += size_of(m->next_serial + i);
	status = loy__journal_reserve(r->journal, count, bytes, NULL);
	if (status != LOY_OK)
		return status;
	if (count > 1)
		loy__journal_begin(r->journal);
	for (i = 0; i < count; i++) {
		uint32_t serial = m->next_serial++;
		size_t size = size_of(serial), cut = (size_t)below(r, size + 1);
		uint64_t p;

		fill(body, serial, size);
		p = loy__journal_append(r->journal, type_of(serial), body, cut, body + cut, size - cut);
		if (p != m->last + 1)
			SAY(r, "appended as %llu", (unsigned long long)p);
		m->last = p;
		m->serial[p] = serial;
		m->unit_end[p] = i + 1 == count;
		m->gone[p] = 0;
	}
	if (count > 1)
		loy__journal_end(r->journal);
	return LOY_OK;
}

static loy_status commit(struct run *r)
{
	loy_status status = loy__journal_commit(r->journal, NULL);

	if (status == LOY_OK)
		r->model.acked = r->model.last;
	else if (loy__journal_commit(r->journal, NULL) != LOY_EIO ||
	         loy__journal_reserve(r->journal, 1, 1, NULL) != LOY_EIO)
		SAY(r, "not poisoned after a failed commit");
	return status;
}

static loy_status edit(loy__record_view *record, uint8_t *body, void *user)
{
	const struct model *m = &((struct run *)user)->model;
	uint32_t serial = m->serial[record->position];
	size_t size = record->size;

	if (m->gone[record->position] || !is_edited(serial, m->edit_round) || size == 0)
		return LOY_OK;
	edited_form(body, &size);
	record->type = LOY_RECORD_GONE;
	record->size = (uint32_t)size;
	return LOY_OK;
}

static loy_status rewrite(struct run *r)
{
	struct model *m = &r->model;
	uint32_t count = loy__journal_segment_count(r->journal), which;
	uint64_t first, last, bytes, p;
	loy_status status = loy__journal_writable(r->journal, NULL);

	if (status != LOY_OK) /* and what a rewrite that failed before has left stays open */
		return status;
	if (count < 2)
		return LOY_OK;
	which = (uint32_t)below(r, count - 1);
	loy__journal_segment_span(r->journal, which, &first, &last, &bytes);
	if (first > last)
		return LOY_OK;
	m->edit_first = first;
	m->edit_last = last;
	m->edit_round++;
	status = loy__journal_rewrite(r->journal, which, edit, r, NULL);
	if (status == LOY_OK) {
		for (p = first; p <= last; p++)
			m->gone[p] |= is_edited(m->serial[p], m->edit_round) && size_of(m->serial[p]) > 0;
		m->edit_first = m->edit_last = 0;
	}
	return status;
}

/* All committed records, through a reader. */
static loy_status read_all(struct run *r)
{
	struct check check = {r, 1 + below(r, r->model.acked + 1), 0};
	loy__journal_reader *reader = NULL;
	loy__record_view record;
	loy_status status = loy__journal_reader_create(&reader, r->journal, check.next, NULL);

	while (status == LOY_OK) {
		status = loy__journal_reader_next(reader, &record, NULL);
		if (status == LOY_OK)
			(void)check_record(&record, &check);
	}
	loy__journal_reader_destroy(reader);
	if (status == LOY_ENOTFOUND && check.next != r->model.acked + 1)
		SAY(r, "a reader ends at %llu", (unsigned long long)check.next);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

static loy_status open_again(struct run *r)
{
	loy__journal_close(r->journal);
	r->journal = NULL;
	return open_journal(r, NULL);
}

/* One thing a store does, by chance. */
static loy_status step(struct run *r)
{
	uint64_t what = below(r, 64);
	uint8_t head[32];
	loy_status status;

	if (what < 46) {
		status = append_unit(r);
		return status == LOY_OK && what < 36 ? commit(r) : status;
	}
	if (what < 50)
		return read_all(r);
	if (what < 55)
		return rewrite(r);
	if (what < 58) {
		status = commit(r);
		return status == LOY_OK ? loy__journal_seal(r->journal, NULL) : status;
	}
	if (what < 60)
		return loy__journal_set_snapshots(r->journal, 0, 0, NULL);
	if (what < 61 && (r->options.flags & LOY_STORE_UNCHAINED) == 0)
		return loy__journal_verify_chain(r->journal, head, NULL, NULL, NULL);
	return open_again(r);
}

/* ---- tests ---- */

/* Cuts anywhere, in recoveries too, one after the other on the same store; now and then the process only dies. */
static uint64_t chain_of_cuts(uint64_t seed, uint64_t wanted)
{
	struct run r;
	uint64_t cuts = 0;
	int steps;

	start(&r, seed);
	while (cuts < wanted && r.model.last + 100 < POSITIONS) {
		loy_status status = LOY_OK;

		fault_arm(r.disk,
		          &(struct fault){.kinds = FAULT_CHANGES, .at = below(&r, 40), .action = FAULT_CUT});
		if (r.journal == NULL)
			status = open_journal(&r, NULL);
		for (steps = 0; status == LOY_OK && steps < 12; steps++)
			status = step(&r);
		if (status != LOY_OK && !fault_is_cut(r.disk))
			SAY(&r, "%s without a reason", loy_status_name(status));
		if (below(&r, 16) == 0 && !fault_is_cut(r.disk)) {
			fault_kill(r.disk);
			loy__journal_close(r.journal);
		} else {
			int dead = fault_is_cut(r.disk) || below(&r, 2);

			if (!dead) /* closed in order, and then the power fails */
				loy__journal_close(r.journal);
			fault_crash(r.disk, loy__random_next(&r.random));
			cuts++;
			if (dead)
				loy__journal_close(r.journal);
		}
		r.journal = NULL;
		while (below(&r, 3) == 0) { /* cut again while it recovers */
			fault_arm(r.disk, &(struct fault){.kinds = FAULT_CHANGES,
			                                  .at = below(&r, 14),
			                                  .action = FAULT_CUT});
			status = open_journal(&r, NULL);
			if (status == LOY_OK)
				break;
			if (!fault_is_cut(r.disk))
				SAY(&r, "%s while recovering", loy_status_name(status));
			fault_crash(r.disk, loy__random_next(&r.random));
			cuts++;
		}
		if (r.journal == NULL) {
			fault_disarm(r.disk);
			must_open(&r);
		}
		fault_disarm(r.disk);
	}
	end(&r);
	return cuts;
}

static void report(const char *what, uint64_t cuts, clock_t begin)
{
	double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;

	print_message("%s: %llu cuts in %.1f s, %.0f a second\n", what, (unsigned long long)cuts, seconds,
	              seconds > 0 ? (double)cuts / seconds : 0);
}

static void cuts_in_a_row(void **state)
{
	uint64_t seed = first_seed, cuts = 0;
	clock_t begin = clock();

	(void)state;
	while (cuts < cuts_wanted / 2)
		cuts += chain_of_cuts(seed++, 40);
	report("in a row", cuts, begin);
}

/* One run, watched: at each of its operations the medium and the model are kept. */
struct moment {
	struct fault_image *image;
	struct model *model;
};
#define MOMENTS 4096
struct film {
	struct run *run;
	uint32_t count;
	struct moment moment[MOMENTS];
};

static void keep(uint32_t kind, void *user)
{
	struct film *film = user;
	struct moment *moment = &film->moment[film->count];

	(void)kind;
	if (film->count == MOMENTS)
		return;
	moment->image = fault_save(film->run->disk);
	moment->model = malloc(sizeof(struct model));
	assert_non_null(moment->model);
	*moment->model = film->run->model;
	film->count++;
}

/* Cut at a moment, recover, and now and then go on from there. */
static void cut_at(struct run *r, const struct moment *moment, uint64_t seed)
{
	fault_restore(r->disk, moment->image);
	r->model = *moment->model;
	loy__random_init(&r->random, seed);
	fault_crash(r->disk, seed);
	must_open(r);
	if (seed % 4 == 0) {
		int i;

		for (i = 0; i < 3; i++)
			assert_int_equal(step(r), LOY_OK);
	}
	if (seed % 4 < 2) {
		loy__journal_close(r->journal);
		must_open(r);
	}
	fault_kill(r->disk);
	loy__journal_close(r->journal);
	r->journal = NULL;
}

static void a_cut_at_every_operation(void **state)
{
	static struct film film;
	uint64_t seed = first_seed, cuts = 0;
	clock_t begin = clock();

	(void)state;
	while (cuts < cuts_wanted / 2) {
		struct run r;
		uint32_t i, again;

		start(&r, seed++);
		film.run = &r;
		film.count = 0;
		fault_watch(r.disk, FAULT_CHANGES, keep, &film);
		must_open(&r);
		for (i = 0; i < 40; i++)
			assert_int_equal(step(&r), LOY_OK);
		fault_watch(r.disk, 0, NULL, NULL);
		fault_kill(r.disk);
		loy__journal_close(r.journal);
		r.journal = NULL;
		for (i = 0; i < film.count; i++) {
			for (again = 0; again < 16 && cuts < cuts_wanted / 2; again++, cuts++)
				cut_at(&r, &film.moment[i], loy__mix64(r.seed + i) + again);
		}
		for (i = 0; i < film.count; i++) {
			fault_forget(r.disk, film.moment[i].image);
			free(film.moment[i].model);
		}
		end(&r);
	}
	report("at every operation", cuts, begin);
}

/* Operations of each kind fail, once or for ever; the store says so, and has everything when it is opened again. */
static void failing_operations(void **state)
{
	static const loy_status statuses[] = {LOY_EIO, LOY_EFULL, LOY_ENOMEM};
	uint64_t seed, struck = 0;

	(void)state;
	for (seed = first_seed; seed < first_seed + cuts_wanted / 20; seed++) {
		struct run r;
		loy_status status = LOY_OK;
		int round, steps;

		start(&r, seed);
		for (round = 0; round < 4; round++) {
			if (r.journal == NULL && below(&r, 4) != 0)
				must_open(&r);
			fault_arm(r.disk, &(struct fault){.kinds = UINT32_C(1) << below(&r, 12),
			                                  .at = below(&r, 8),
			                                  .action = below(&r, 2) ? FAULT_FAIL : FAULT_SHORT,
			                                  .forever = (int)below(&r, 2),
			                                  .status = statuses[below(&r, 3)]});
			status = r.journal == NULL ? open_journal(&r, NULL) : LOY_OK;
			for (steps = 0; r.journal != NULL && steps < 10; steps++) {
				status = step(&r);
				if (status == LOY_EDAMAGED || status == LOY_EVERSION || status == LOY_EFORMAT)
					SAY(&r, "a failure was taken for %s", loy_status_name(status));
				if (status != LOY_OK && fault_happened(r.disk) == 0)
					SAY(&r, "%s without a reason", loy_status_name(status));
			}
			if (status == LOY_EDAMAGED || status == LOY_EVERSION)
				SAY(&r, "a failure was taken for %s", loy_status_name(status));
			struck += fault_happened(r.disk);
			loy__journal_close(r.journal);
			r.journal = NULL;
			if (below(&r, 2))
				fault_kill(r.disk);
			else
				fault_crash(r.disk, seed);
			must_open(&r);
		}
		end(&r);
	}
	assert_true(struck > cuts_wanted / 20);
}

/*
 * Each sync of each thing a store does fails and is forgotten: the process goes and a new one sees in the cache what
 * the medium never got. It must not build on that.
 */
static loy_status scene(struct run *r, int which)
{
	loy_status status = LOY_OK;

	switch (which) {
	case 0: /* the first record */
	case 1: /* one more */
		status = append_unit(r);
		return status == LOY_OK ? commit(r) : status;
	case 2:
		return loy__journal_seal(r->journal, NULL);
	case 3:
		return rewrite(r);
	case 4:
		return loy__journal_set_snapshots(r->journal, 0, 0, NULL);
	case 5:
		return open_again(r);
	default: /* the mark of an orderly end */
		loy__journal_close(r->journal);
		r->journal = NULL;
		return LOY_OK;
	}
}

static void nothing_is_built_on_a_failed_sync(void **state)
{
	uint64_t seed;
	int which, at, i;

	(void)state;
	for (which = 0; which < 7; which++) {
		for (at = 0; at < 8; at++) {
			for (seed = first_seed; seed < first_seed + 24; seed++) {
				struct run r;

				start(&r, seed * 64 + (uint64_t)(which * 8 + at));
				must_open(&r);
				for (i = 0; which != 0 && i < 4; i++) {
					assert_int_equal(append_unit(&r), LOY_OK);
					assert_int_equal(commit(&r), LOY_OK);
					if (i == 1)
						assert_int_equal(loy__journal_seal(r.journal, NULL), LOY_OK);
				}
				fault_arm(r.disk, &(struct fault){.kinds = FAULT_SYNC | FAULT_SYNC_DIRECTORY,
				                                  .at = (uint64_t)at,
				                                  .action = FAULT_FAIL});
				(void)scene(&r, which);
				loy__journal_close(r.journal);
				for (i = 0; i < 2; i++) {
					fault_kill(r.disk);
					must_open(&r);
					assert_int_equal(append_unit(&r), LOY_OK);
					assert_int_equal(commit(&r), LOY_OK);
					if (i == 0)
						loy__journal_close(r.journal);
				}
				fault_crash(r.disk, seed);
				loy__journal_close(r.journal);
				must_open(&r);
				end(&r);
			}
		}
	}
}

/* A medium with little room: refusals before anything changed, and the store goes on. */
static void full_media(void **state)
{
	uint64_t seed, refusals = 0;

	(void)state;
	for (seed = first_seed; seed < first_seed + 100 + cuts_wanted / 100; seed++) {
		struct run r;
		int steps;

		start(&r, seed);
		must_open(&r);
		fault_room(r.disk, 3 * SEGMENT + below(&r, 3 * SEGMENT));
		for (steps = 0; steps < 60; steps++) {
			loy_status status = step(&r);

			refusals += status == LOY_EFULL;
			if (r.journal == NULL) { /* it was closed and found no room to begin again */
				assert_int_equal(status, LOY_EFULL);
				fault_room(r.disk, UINT64_MAX);
				must_open(&r);
				fault_room(r.disk, 3 * SEGMENT + below(&r, 3 * SEGMENT));
			} else if (status != LOY_OK && status != LOY_EFULL) {
				SAY(&r, "%s on a full medium", loy_status_name(status));
			}
		}
		loy__journal_close(r.journal);
		fault_crash(r.disk, seed);
		fault_room(r.disk, UINT64_MAX);
		must_open(&r);
		end(&r);
	}
	assert_true(refusals > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(cuts_in_a_row),      cmocka_unit_test(a_cut_at_every_operation),
	        cmocka_unit_test(failing_operations), cmocka_unit_test(nothing_is_built_on_a_failed_sync),
	        cmocka_unit_test(full_media),
	};
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--cuts") == 0)
			cuts_wanted = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0)
			first_seed = strtoull(argv[i + 1], NULL, 10);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
