/*
 * Tables in stores on files, whose rows are recorded together: the same statuses and the same state as when each row is
 * recorded by itself, with repetitions, conflicts, flawed rows, rows that do not fit, erased customers and parts of
 * others among them; the same when the files are opened again, which makes profiles from the journal; and when memory
 * or room ends or the power fails at any moment, what was acknowledged is there, and nothing else.
 */
#include "durables.h"
#include "fault_files.h"
#include "tables.h"

#include "store/store.h"

enum { SCENARIOS = 60, ROWS = TABLE_ROWS };

static loy_model *sample, *retail;
static struct table table;

static int make_models(void **state)
{
	(void)state;
	sample = stores_model();
	return loy_model_create_builtin(&retail, "retail", NULL);
}

static int free_models(void **state)
{
	(void)state;
	free(sample);
	loy_model_destroy(retail);
	return 0;
}

/* A store on files, and how many of its rows it may record together: 1 is each by itself. */
struct durable {
	loy_files files;
	loy_store_options options;
	loy_store *store;
};

static void open_again(struct durable *d, const loy_model *model, uint32_t window,
                       const loy_allocator *memory)
{
	d->options.files = &d->files;
	d->store = durable_open(model, &d->options, memory);
	d->store->window = d->store->window_most = window;
}

static void begin(struct durable *d, const loy_model *model, uint32_t window, uint32_t durability)
{
	memset(d, 0, sizeof(*d));
	d->files.struct_size = sizeof(d->files);
	assert_int_equal(loy_files_open_memory(&d->files, 5, NULL), LOY_OK);
	d->options = durable_options(&d->files, durability);
	d->options.group_events = 100;
	open_again(d, model, window, NULL);
}

static void reopen(struct durable *d, const loy_model *model)
{
	uint32_t window = d->store->window;

	loy_store_destroy(d->store);
	open_again(d, model, window, NULL);
}

static void end(struct durable *d)
{
	loy_store_destroy(d->store);
	loy_files_close(&d->files);
}

static loy_status record(loy_store *store, struct table *t, loy_status *status, loy_batch_result *result,
                         loy_error *error)
{
	result->struct_size = sizeof(*result);
	error->struct_size = sizeof(*error);
	return loy_store_record_columns(store, t->column, t->columns, t->rows, NULL, status, result, error);
}

/* Who is erased, and who is part of whom, before the table comes. */
static void prepare(loy_store *store, uint64_t scenario)
{
	static const loy_who part = {.customer = 7}, whole = {.customer = 8};
	uint64_t i;

	for (i = 3; i < 40 && scenario % 4 == 1; i += 9)
		assert_int_equal(
		        loy_store_erase_until(store, i, NULL, 0, (20010 + (int64_t)i) * LOY_DAY, NULL),
		        LOY_OK);
	if (scenario % 4 == 2)
		assert_int_equal(loy_store_join(store, &part, &whole, 0, NULL), LOY_OK);
	durable_record(store, 0, scenario % 3 * 30); /* so that tables begin anywhere in a file */
}

static void assert_sound(loy_store *store)
{
	loy_verification seen = {.struct_size = sizeof(seen)};

	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, &seen, NULL, NULL, NULL), LOY_OK);
}

static void assert_same_stats(const loy_store *a, const loy_store *b)
{
	loy_store_stats one = stores_stats(a), other = stores_stats(b);

	assert_int_equal(one.events, other.events);
	assert_int_equal(one.duplicates, other.duplicates);
	assert_int_equal(one.conflicts, other.conflicts);
	assert_int_equal(one.records, other.records);
}

/* Record the same table in both, and compare. */
static void record_both(loy_store *together, loy_store *apart, uint64_t scenario)
{
	loy_batch_result result[2] = {{0}, {0}};
	loy_error error[2] = {{0}, {0}};
	loy_status status[ROWS];
	size_t i;

	assert_int_equal(record(together, &table, table.status, &result[0], &error[0]), LOY_OK);
	assert_int_equal(record(apart, &table, status, &result[1], &error[1]), LOY_OK);
	for (i = 0; i < table.rows; i++) {
		if (table.status[i] != status[i])
			fail_msg("scenario %u, row %u: %s, not %s", (unsigned)scenario, (unsigned)i,
			         loy_status_name(table.status[i]), loy_status_name(status[i]));
	}
	assert_memory_equal(&result[0], &result[1], sizeof(result[0]));
	assert_int_equal(error[0].code, error[1].code);
	assert_int_equal(error[0].row, error[1].row);
	assert_string_equal(error[0].message, error[1].message);
	assert_int_equal(loy_store_commit(together, NULL), LOY_OK);
	assert_int_equal(loy_store_commit(apart, NULL), LOY_OK);
	stores_assert_equal(together, apart);
	assert_same_stats(together, apart);
}

static void tables_are_their_rows(void **state)
{
	uint64_t scenario, duplicates = 0, conflicts = 0, erased = 0;
	size_t i;

	(void)state;
	for (scenario = 0; scenario < SCENARIOS; scenario++) {
		static const uint32_t windows[] = {17, 100, 640, LOY__WINDOW_ROWS};
		const loy_model *model = scenario % 7 < 3 ? sample : retail;
		uint32_t window = windows[scenario / 2 % 4];
		struct durable together, apart;

		begin(&together, model, window, (uint32_t)(scenario % 3));
		begin(&apart, model, 1, (uint32_t)(scenario % 3));
		prepare(together.store, scenario);
		prepare(apart.store, scenario);
		table_fill(&table, scenario);
		record_both(together.store, apart.store, scenario);
		for (i = 0; i < table.rows; i++) {
			duplicates += table.status[i] == LOY_EDUPLICATE;
			conflicts += table.status[i] == LOY_ECONFLICT;
			erased += table.status[i] == LOY_EERASED;
		}
		record_both(together.store, apart.store, scenario); /* all of it again */
		reopen(&together, model);
		reopen(&apart, model);
		stores_assert_equal(together.store, apart.store);
		assert_sound(together.store);
		table_fill(&table, scenario + 1000); /* and another one, of which much is known */
		record_both(together.store, apart.store, scenario);
		assert_sound(together.store);
		end(&together);
		end(&apart);
	}
	assert_true(duplicates > SCENARIOS && conflicts > SCENARIOS && erased > SCENARIOS);
}

/* Identities that are random bits, which are not kept as spans. */
static void identities_of_random_bits_are_known(void **state)
{
	struct durable together, apart;
	size_t i;

	(void)state;
	begin(&together, retail, LOY__WINDOW_ROWS, LOY_DURABLE_EACH);
	begin(&apart, retail, 1, LOY_DURABLE_EACH);
	table_fill(&table, 1);
	for (i = 0; i < table.rows; i++) {
		table.high[i] = loy__mix64(table.high[i] * 1000 + table.low[i] / 3 * 3);
		table.low[i] = loy__mix64(table.high[i]);
	}
	record_both(together.store, apart.store, 1);
	assert_true(stores_stats(together.store).conflicts > 100);
	record_both(together.store, apart.store, 1);
	reopen(&together, retail);
	reopen(&apart, retail);
	record_both(together.store, apart.store, 1);
	end(&together);
	end(&apart);
}

/* All amounts are the largest there are: some rows of each customer do not fit, which only profiles know. */
static void rows_that_do_not_fit_are_in_no_journal(void **state)
{
	enum { FULL = 9223 - 200 };
	struct durable together, apart;
	uint64_t i, wrong = 0;

	(void)state;
	begin(&together, retail, LOY__WINDOW_ROWS, LOY_DURABLE_CALLER);
	begin(&apart, retail, 1, LOY_DURABLE_CALLER);
	for (i = 0; i < FULL; i += table.rows) {
		size_t k;

		table_fill(&table, 10);
		table.rows = FULL - i < table.rows ? (size_t)(FULL - i) : table.rows;
		for (k = 0; k < table.rows; k++) {
			table.customer[k] = 1;
			table.amount[k] = LOY_MONEY_MAX;
			table.high[k] = 77;
			table.low[k] = i + k;
		}
		record_both(together.store, apart.store, 10);
	}
	table_fill(&table, 10);
	for (i = 0; i < table.rows; i++) {
		table.customer[i] = 1 + i % 2;
		table.amount[i] = LOY_MONEY_MAX;
		if (i % 5 == 4) { /* some are sent again */
			table.high[i] = table.high[i - 2];
			table.low[i] = table.low[i - 2];
			table.time[i] = table.time[i - 2];
			table.customer[i] = i % 10 == 4 ? 2 : table.customer[i - 2];
		}
	}
	record_both(together.store, apart.store, 10);
	for (i = 0; i < table.rows; i++)
		wrong += table.status[i] == LOY_EOVERFLOW;
	assert_true(wrong > 50);
	for (i = 0; i < table.rows; i++) /* what was refused can come with other content */
		table.amount[i] = table.status[i] == LOY_EOVERFLOW ? 0 : table.amount[i];
	record_both(together.store, apart.store, 10);
	reopen(&together, retail);
	stores_assert_equal(together.store, apart.store);
	assert_sound(together.store);
	end(&together);
	end(&apart);
}

/* ---- what ends ---- */

/* The store has the events `before` and the rows whose status says so, and takes the others when they come again. */
static void assert_resumed(struct durable *d, const loy_model *model, const loy_allocator *memory,
                           uint64_t before)
{
	struct durable part, whole;
	loy_batch_result result = {0};
	loy_error error = {0};
	loy_status status;
	loy_event *event;
	size_t i;

	begin(&part, model, 1, LOY_DURABLE_CALLER);
	durable_record(part.store, 0, before);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < table.rows; i++) {
		status = loy_event_from_columns(event, table.column, table.columns, i, NULL);
		if (table.status[i] == LOY_OK) {
			assert_int_equal(status, LOY_OK);
			assert_int_equal(loy_store_record(part.store, event, NULL), LOY_OK);
		}
	}
	loy_event_destroy(event);
	assert_int_equal(loy_store_commit(d->store, NULL), LOY_OK);
	stores_assert_equal(d->store, part.store);
	loy_store_destroy(d->store);
	d->options.files_limit = 0;
	open_again(d, model, LOY__WINDOW_ROWS, memory);
	stores_assert_equal(d->store, part.store);
	end(&part);
	assert_int_equal(record(d->store, &table, table.status, &result, &error), LOY_OK);
	begin(&whole, model, 1, LOY_DURABLE_CALLER);
	durable_record(whole.store, 0, before);
	assert_int_equal(record(whole.store, &table, table.status, &result, &error), LOY_OK);
	stores_assert_equal(d->store, whole.store);
	assert_int_equal(stores_stats(d->store).events, stores_stats(whole.store).events);
	end(&whole);
}

static void memory_may_end_anywhere(void **state)
{
	static const uint64_t scenarios[] = {5, 25, 40, 35}; /* without flaws, with identities */
	uint64_t stopped = 0;
	uint32_t s;

	(void)state;
	for (s = 0; s < 4; s++) {
		const loy_model *model = s % 2 == 0 ? sample : retail;
		loy_status got = LOY_ENOMEM;
		long n;

		table_fill(&table, scenarios[s]);
		for (n = 0; got == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = -1, .forever = n % 2 == 0};
			loy_allocator memory = faulty_allocator(&heap);
			loy_batch_result result = {0};
			loy_error error = {0};
			struct durable d;
			size_t i, untried = 0;

			begin(&d, model, 1, LOY_DURABLE_CALLER);
			loy_store_destroy(d.store);
			open_again(&d, model, LOY__WINDOW_ROWS, &memory);
			heap.requests = 0;
			heap.until = n;
			got = record(d.store, &table, table.status, &result, &error);
			if (got == LOY_OK && heap.refused != 0)
				got = LOY_ENOMEM; /* it did without */
			heap.until = -1;
			for (i = 0; i < table.rows; i++)
				untried += table.status[i] == LOY_ENOMEM;
			assert_int_equal(result.recorded + result.duplicates + result.conflicts +
			                         result.refused + untried,
			                 table.rows);
			stopped += untried != 0;
			assert_resumed(&d, model, &memory, 0);
			end(&d);
			assert_int_equal(heap.live, 0);
		}
	}
	assert_true(stopped > 40);
}

static void room_may_end_anywhere(void **state)
{
	uint64_t kib, stopped = 0;

	(void)state;
	for (kib = 70; kib < 200; kib += 7) {
		loy_batch_result result = {0};
		loy_error error = {0};
		struct durable d;
		loy_status got;
		size_t i, done = 0;

		begin(&d, retail, 1, LOY_DURABLE_CALLER);
		durable_record(d.store, 0, 300);
		assert_int_equal(loy_store_commit(d.store, NULL), LOY_OK);
		loy_store_destroy(d.store);
		d.options.files_limit = kib * 1024;
		open_again(&d, retail, LOY__WINDOW_ROWS, NULL);
		table_fill(&table, 10);
		for (i = 0; i < table.rows; i++) { /* all of them new */
			table.high[i] = 77;
			table.low[i] = i;
		}
		got = record(d.store, &table, table.status, &result, &error);
		while (done < table.rows && table.status[done] == LOY_OK)
			done++;
		for (i = done; i < table.rows; i++)
			assert_int_equal(table.status[i], LOY_EFULL);
		assert_int_equal(got, done < table.rows ? LOY_EFULL : LOY_OK);
		assert_int_equal(result.recorded, done);
		stopped += got == LOY_EFULL;
		assert_resumed(&d, retail, NULL, 300);
		end(&d);
	}
	assert_true(stopped > 0 && stopped < 20);
}

/* ---- the power ---- */

#define MOMENTS 512
static struct film {
	struct fault_files *disk;
	uint32_t acked, begun, count;
	struct moment {
		struct fault_image *image;
		uint32_t acked, begun;
	} moment[MOMENTS];
} film;

static void keep(uint32_t kind, void *user)
{
	struct moment *m = &film.moment[film.count];

	(void)kind;
	(void)user;
	if (film.count == MOMENTS)
		return;
	m->image = fault_save(film.disk);
	m->acked = film.acked;
	m->begun = film.begun;
	film.count++;
}

static uint64_t hashes[ROWS + 1][2];

/* What the store is after each of the rows, one by one. */
static void rehearse(void)
{
	struct durable d;
	loy_event *event;
	size_t i;

	begin(&d, retail, 1, LOY_DURABLE_CALLER);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	stores_hash(d.store, hashes[0]);
	for (i = 0; i < table.rows; i++) {
		assert_int_equal(loy_event_from_columns(event, table.column, table.columns, i, NULL), LOY_OK);
		assert_int_equal(loy_store_record(d.store, event, NULL), LOY_OK);
		stores_hash(d.store, hashes[i + 1]);
	}
	loy_event_destroy(event);
	end(&d);
}

/* The table in pieces, each acknowledged when the call returns or the caller commits. */
static void play(struct durable *d, loy__random *random)
{
	struct table piece = table;
	uint32_t i, at;

	fault_watch(film.disk, FAULT_CHANGES, keep, NULL);
	open_again(d, retail, LOY__WINDOW_ROWS, NULL);
	for (at = 0; at < table.rows; at += (uint32_t)piece.rows) {
		loy_batch_result result = {0};
		loy_error error = {0};

		piece.rows = 1 + (size_t)loy__random_below(random, 300);
		piece.rows = piece.rows < table.rows - at ? piece.rows : table.rows - at;
		for (i = 0; i < piece.columns; i++)
			piece.column[i].data =
			        (const char *)table.column[i].data + (ptrdiff_t)at * table.column[i].stride;
		film.begun = at + (uint32_t)piece.rows;
		assert_int_equal(record(d->store, &piece, piece.status, &result, &error), LOY_OK);
		if (loy__random_below(random, 3) == 0)
			assert_int_equal(loy_store_commit(d->store, NULL), LOY_OK);
		if (stores_stats(d->store).pending == 0)
			film.acked = film.begun;
	}
	fault_watch(film.disk, 0, NULL, NULL);
	fault_kill(film.disk);
	loy_store_destroy(d->store);
}

static void cut_at(struct durable *d, const struct moment *m, uint64_t seed)
{
	loy_batch_result result = {0};
	loy_error error = {0};
	uint64_t hash[2];
	uint32_t i;

	fault_restore(film.disk, m->image);
	fault_crash(film.disk, seed);
	open_again(d, retail, LOY__WINDOW_ROWS, NULL);
	stores_hash(d->store, hash);
	for (i = m->acked; i <= m->begun && memcmp(hash, hashes[i], sizeof(hash)) != 0; i++)
		;
	if (i > m->begun)
		fail_msg("seed %llu: not the state after %u to %u rows", (unsigned long long)seed, m->acked,
		         m->begun);
	if (seed % 16 == 0) { /* sent again it ends where it should */
		assert_int_equal(record(d->store, &table, table.status, &result, &error), LOY_OK);
		assert_true(result.recorded == table.rows - i && result.duplicates == i);
		stores_hash(d->store, hash);
		assert_memory_equal(hash, hashes[table.rows], sizeof(hash));
	}
	fault_kill(film.disk);
	loy_store_destroy(d->store);
}

static void the_power_may_fail_anywhere(void **state)
{
	uint64_t seed, cuts = 0;

	(void)state;
	for (seed = 1; seed <= 9; seed++) {
		struct durable d = {.store = NULL};
		loy__random random;
		uint32_t i, again;

		loy__random_init(&random, seed);
		table_fill(&table, 10 * seed);
		for (i = 0; i < table.rows; i++) {
			table.customer[i] = 1 + loy__random_below(&random, 40);
			table.high[i] = 77;
			table.low[i] = i;
		}
		rehearse();
		film.disk = fault_create(seed);
		film.acked = film.begun = film.count = 0;
		d.files = fault_as_files(film.disk);
		d.options = durable_options(&d.files, (uint32_t)(seed % 3));
		d.options.group_events = 100;
		d.options.flags = seed % 4 == 0 ? LOY_STORE_PADDED : 0;
		fault_unsafe_sectors(film.disk, seed % 4 == 0);
		play(&d, &random);
		for (i = 0; i < film.count; i++) {
			for (again = 0; again < 12; again++, cuts++)
				cut_at(&d, &film.moment[i], loy__mix64(seed * 4096 + i) + again);
			fault_forget(film.disk, film.moment[i].image);
		}
		fault_destroy(film.disk);
	}
	print_message("%llu cuts\n", (unsigned long long)cuts);
	assert_true(cuts > 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(tables_are_their_rows),
	        cmocka_unit_test(identities_of_random_bits_are_known),
	        cmocka_unit_test(rows_that_do_not_fit_are_in_no_journal),
	        cmocka_unit_test(memory_may_end_anywhere),
	        cmocka_unit_test(room_may_end_anywhere),
	        cmocka_unit_test(the_power_may_fail_anywhere),
	};

	return cmocka_run_group_tests(tests, make_models, free_models);
}
