/*
 * Stores that are read while somebody writes them: what a reader meets then may look like damage, and is not. The other
 * one works between any two of the reader's calls on files.
 */
#include "durables.h"
#include "sample_model.h"
#include "tills.h"

#include <loyalty/privacy.h>

#include <string.h>

/*
 * Files on which somebody else works before the call that is counted down to, once; or always, whenever a journal file
 * is opened.
 */
struct shared {
	loy_files files;
	long until; /* -1: never */
	int always;
	unsigned round; /* of the other's work */
};

static void visits(loy_store *store, uint64_t first, uint64_t count)
{
	char key[] = "k0";
	loy_event *event;
	uint64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = first; n < first + count; n++) {
		key[1] = (char)('0' + n % 10);
		durable_visit(event, key, n, 1);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
}

/* Visits, erasures, compaction: each round something else. */
static void others_work(struct shared *shared)
{
	loy_store_options options = durable_options(&shared->files, LOY_DURABLE_CALLER);
	loy_store *store = durable_open(model, &options, NULL);
	unsigned round = shared->round++;
	uint64_t first = 300 * (uint64_t)round;

	visits(store, first, round % 3 == 0 ? 300 : 20);
	if (round % 3 == 1)
		assert_int_equal(loy_store_erase_until(store, 0, "k1", 2,
		                                       DURABLE_LATE + (int64_t)first * LOY_HOUR - 1, NULL),
		                 LOY_OK);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	if (round % 4 != 3)
		assert_int_equal(durable_compact(store, 100000), LOY_OK);
	loy_store_destroy(store);
}

static struct shared *before(void *user, const char *name)
{
	struct shared *shared = user;
	long until = shared->until;

	if (shared->always && name[0] != 'j')
		return shared;
	if (until > 0)
		shared->until--;
	if (until == 0) {
		shared->until = -1; /* its own calls are not counted */
		others_work(shared);
		shared->until = shared->always ? 0 : -1;
	}
	return shared;
}

static loy_status shared_open(void *user, const char *name, uint32_t mode, void **file)
{
	struct shared *s = before(user, name);

	return s->files.open(s->files.user_data, name, mode, file);
}

static void shared_close(void *user, void *file)
{
	struct shared *s = user;

	s->files.close(s->files.user_data, file);
}

static loy_status shared_read(void *user, void *file, uint64_t at, void *buffer, size_t size, size_t *got)
{
	struct shared *s = before(user, "");

	return s->files.read_at(s->files.user_data, file, at, buffer, size, got);
}

static loy_status shared_size(void *user, void *file, uint64_t *size)
{
	struct shared *s = before(user, "");

	return s->files.size(s->files.user_data, file, size);
}

/* A reader's files: what it must not call are the functions of files that are there. */
static loy_files reader_files(struct shared *shared)
{
	loy_files files = shared->files;

	files.open = shared_open;
	files.close = shared_close;
	files.read_at = shared_read;
	files.size = shared_size;
	files.user_data = shared;
	return files;
}

static void set_up(struct shared *shared, uint64_t seed)
{
	memset(shared, 0, sizeof(*shared));
	shared->files = durable_files(seed);
	shared->until = -1;
	others_work(shared);
	others_work(shared);
}

static loy_status open_reader(struct shared *shared, loy_store **store, loy_error *error)
{
	loy_files files = reader_files(shared);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);

	options.flags = LOY_STORE_READ_ONLY;
	memset(error, 0, sizeof(*error));
	error->struct_size = sizeof(*error);
	return loy_store_open(store, NULL, 0, model, &options, NULL, NULL, error);
}

/* Opening begins anew until nobody came between. */
static void opening_is_never_damage(void **state)
{
	struct shared shared;
	loy_store *store;
	loy_error error;
	unsigned rounds;
	long n, came = 1; /* whether the other one came between */

	(void)state;
	for (n = 0; came; n++) {
		set_up(&shared, 1 + (uint64_t)n);
		for (rounds = 0; rounds < 2; rounds++) {
			others_work(&shared);
			shared.until = n;
			assert_int_equal(open_reader(&shared, &store, &error), LOY_OK);
			came = shared.until < 0;
			shared.until = -1;
			loy_store_destroy(store);
		}
		loy_files_close(&shared.files);
		assert_true(n < 100);
	}
	assert_true(n > 10);
	set_up(&shared, 1);
	shared.until = 0;
	shared.always = 1;
	assert_int_equal(open_reader(&shared, &store, &error), LOY_ESTATE);
	assert_int_equal(error.code, LOY_ESTATE);
	assert_null(store);
	loy_files_close(&shared.files);
}

static loy_status use(loy_store *store, int call, loy_error *error)
{
	struct bytes bundle = {NULL, 0};
	loy_store *past = NULL;
	loy_cursor *cursor = NULL;
	loy_status status = LOY_OK;

	if (call == 0) {
		status = loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, error);
	} else if (call == 1) {
		status = loy_store_export(store, NULL, 0, 0, bytes_keep, &bundle, NULL, error);
	} else if (call == 2) {
		status =
		        loy_store_as_of(store, DURABLE_LATE - LOY_DAY, model, &past, NULL, NULL, NULL, error);
	} else {
		assert_int_equal(loy_cursor_create(&cursor, store, error), LOY_OK);
		while (status == LOY_OK)
			status = loy_cursor_next(cursor, NULL, NULL, NULL, error);
		status = status == LOY_ENOTFOUND ? LOY_OK : status;
	}
	free(bundle.data);
	loy_store_destroy(past);
	loy_cursor_destroy(cursor);
	return status;
}

/* A store that is open goes on with what it can still read, or says that it has to be opened again. */
static void reading_is_never_damage(void **state)
{
	unsigned refused = 0, others;
	struct shared shared;
	loy_store *store;
	loy_error error;
	uint64_t seed;
	int call;

	(void)state;
	for (seed = 2; seed < 14; seed++) {
		set_up(&shared, seed);
		for (others = 0; others < seed % 6; others++)
			others_work(&shared);
		assert_int_equal(open_reader(&shared, &store, &error), LOY_OK);
		for (others = 0; others < 3; others++) {
			others_work(&shared);
			for (call = 0; call < 4; call++) {
				loy_status status = use(store, call, &error);

				assert_true(status == LOY_OK ||
				            (status == LOY_ESTATE && error.code == status));
				refused += status == LOY_ESTATE;
			}
		}
		loy_store_destroy(store);
		assert_int_equal(open_reader(&shared, &store, &error), LOY_OK);
		assert_int_equal(use(store, 0, &error), LOY_OK);
		loy_store_destroy(store);
		loy_files_close(&shared.files);
	}
	assert_true(refused > 10);
}

/* What is damaged, and not changed by anybody, stays damaged for readers, too. */
static void damage_is_damage(void **state)
{
	struct shared shared;
	loy_store *store;
	loy_error error;
	void *file;

	(void)state;
	set_up(&shared, 30);
	assert_int_equal(open_reader(&shared, &store, &error), LOY_OK);
	assert_int_equal(
	        shared.files.open(shared.files.user_data, "jnl-0000000000000001", LOY_OPEN_WRITE, &file),
	        LOY_OK);
	assert_int_equal(shared.files.write_at(shared.files.user_data, file, 300, "\xff\x00\xff", 3), LOY_OK);
	shared.files.close(shared.files.user_data, file);
	assert_int_equal(use(store, 0, &error), LOY_EDAMAGED);
	assert_int_equal(use(store, 3, &error), LOY_EDAMAGED);
	loy_store_destroy(store);
	loy_files_close(&shared.files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(opening_is_never_damage),
	        cmocka_unit_test(reading_is_never_damage),
	        cmocka_unit_test(damage_is_damage),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
