/* The medium of the tests: it must be able to do everything a bad day can do, and nothing more. */
#include "support.h"
#include "fault_files.h"

#define SEEDS 2000

static void *opened(const loy_files *f, const char *name, uint32_t mode)
{
	void *file = NULL;

	assert_int_equal(f->open(f->user_data, name, mode, &file), LOY_OK);
	return file;
}

static void fill(const loy_files *f, void *file, uint64_t offset, char c, size_t size)
{
	char bytes[12288];

	assert_true(size <= sizeof(bytes));
	memset(bytes, c, size);
	assert_int_equal(f->write_at(f->user_data, file, offset, bytes, size), LOY_OK);
}

static void sync_all(const loy_files *f, void *file)
{
	assert_int_equal(f->sync(f->user_data, file), LOY_OK);
	assert_int_equal(f->sync_directory(f->user_data), LOY_OK);
}

/* A file of `size` times c, synced, with the handle given back. */
static void make(const loy_files *f, const char *name, char c, size_t size)
{
	void *file = opened(f, name, LOY_OPEN_CREATE);

	fill(f, file, 0, c, size);
	sync_all(f, file);
	f->close(f->user_data, file);
}

/* 1 when bytes first … end - 1 of a file are all c. */
static int is_all(const struct fault_files *d, const char *name, uint64_t first, uint64_t end, char c)
{
	uint64_t i;

	for (i = first; i < end; i++) {
		if (fault_file_byte(d, name, i) != (uint8_t)c)
			return 0;
	}
	return 1;
}

static void what_was_synced_stays(void **state)
{
	struct fault_files *d = fault_create(1);
	loy_files f = fault_as_files(d);
	uint64_t seed;

	(void)state;
	make(&f, "a", 'a', 1500);
	for (seed = 0; seed < 100; seed++) {
		void *file = opened(&f, "a", LOY_OPEN_WRITE);

		fill(&f, file, 1400, 'b', 3000); /* not synced */
		f.close(f.user_data, file);
		fault_crash(d, seed);
		assert_true(fault_file_size(d, "a") >= 1500);
		assert_true(is_all(d, "a", 0, 1400, 'a')); /* also in the sector that was being written */
		file = opened(&f, "a", LOY_OPEN_WRITE);
		assert_int_equal(f.resize(f.user_data, file, 1500), LOY_OK);
		fill(&f, file, 1400, 'a', 100);
		sync_all(&f, file);
		f.close(f.user_data, file);
	}
	fault_destroy(d);
}

/* Every fate of an unsynced write is met, and its size is old or new. */
static void what_was_not_synced_may_be_anything(void **state)
{
	int old_size = 0, new_size = 0, whole = 0, none = 0, torn = 0, zeros = 0, garbage = 0,
	    second_only = 0;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		struct fault_files *d = fault_create(seed);
		loy_files f = fault_as_files(d);
		void *file;
		uint64_t size;

		make(&f, "a", 'a', 512);
		file = opened(&f, "a", LOY_OPEN_WRITE);
		fill(&f, file, 512, 'b', 512);
		fill(&f, file, 1024, 'c', 512);
		f.close(f.user_data, file);
		fault_crash(d, seed);
		size = fault_file_size(d, "a");
		assert_true(size == 512 || size == 1024 || size == 1536);
		assert_true(is_all(d, "a", 0, 512, 'a'));
		old_size += size == 512;
		new_size += size == 1536;
		if (size == 1536) {
			int b = is_all(d, "a", 512, 1024, 'b'), c = is_all(d, "a", 1024, 1536, 'c');
			uint8_t first = fault_file_byte(d, "a", 512), last = fault_file_byte(d, "a", 1023);

			whole += b && c;
			none += is_all(d, "a", 512, 1536, 0);
			second_only += !b && c;
			zeros += b && is_all(d, "a", 1024, 1536, 0);
			torn += (first == 'b' && last == 0) || (first == 0 && last == 'b');
			garbage += first != 'b' && first != 0;
		}
		fault_destroy(d);
	}
	assert_true(old_size > SEEDS / 20 && new_size > SEEDS / 20 && whole > SEEDS / 20);
	assert_true(none > 10 && torn > 10 && zeros > 10 && garbage > 10 && second_only > 10);
}

static void sectors_are_safe_unless_told_otherwise(void **state)
{
	int unsafe, hurt[2] = {0, 0};
	uint64_t seed;

	(void)state;
	for (unsafe = 0; unsafe < 2; unsafe++) {
		for (seed = 0; seed < SEEDS; seed++) {
			struct fault_files *d = fault_create(seed);
			loy_files f = fault_as_files(d);
			void *file;

			fault_unsafe_sectors(d, unsafe);
			make(&f, "a", 'a', 12288);
			file = opened(&f, "a", LOY_OPEN_WRITE);
			fill(&f, file, 5000, 'b', 10);
			f.close(f.user_data, file);
			fault_crash(d, seed);
			hurt[unsafe] += !is_all(d, "a", 4096, 5000, 'a') || !is_all(d, "a", 5010, 8192, 'a');
			assert_true(is_all(d, "a", 0, 4096, 'a') && is_all(d, "a", 8192, 12288, 'a'));
			fault_destroy(d);
		}
	}
	assert_int_equal(hurt[0], 0);
	assert_true(hurt[1] > 10);
}

static void names_are_sure_only_when_synced(void **state)
{
	int both = 0, neither = 0, only_new = 0, only_old = 0;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		struct fault_files *d = fault_create(seed);
		loy_files f = fault_as_files(d);
		void *file;

		make(&f, "keep", 'k', 10);
		make(&f, "old", 'o', 10);
		file = opened(&f, "new", LOY_OPEN_CREATE);
		fill(&f, file, 0, 'n', 10);
		assert_int_equal(f.sync(f.user_data, file), LOY_OK); /* of its bytes, not of its name */
		f.close(f.user_data, file);
		assert_int_equal(f.remove(f.user_data, "old"), LOY_OK);
		fault_crash(d, seed);
		assert_true(is_all(d, "keep", 0, 10, 'k'));
		both += fault_file_size(d, "old") == 10 && fault_file_size(d, "new") == 10;
		neither += fault_file_size(d, "old") == UINT64_MAX && fault_file_size(d, "new") == UINT64_MAX;
		only_new += fault_file_size(d, "old") == UINT64_MAX && fault_file_size(d, "new") == 10;
		only_old += fault_file_size(d, "old") == 10 && fault_file_size(d, "new") == UINT64_MAX;
		fault_destroy(d);
	}
	assert_int_equal(both + neither + only_new + only_old, SEEDS);
	assert_true(both > 10 && neither > 10 && only_new > 10 && only_old > 10);
}

static void renaming_is_atomic(void **state)
{
	int olds = 0, news = 0;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		struct fault_files *d = fault_create(seed);
		loy_files f = fault_as_files(d);
		void *file;

		make(&f, "a", 'o', 10);
		file = opened(&f, "tmp", LOY_OPEN_CREATE);
		fill(&f, file, 0, 'n', 20);
		assert_int_equal(f.sync(f.user_data, file), LOY_OK);
		f.close(f.user_data, file);
		assert_int_equal(f.rename(f.user_data, "tmp", "a"), LOY_OK);
		fault_crash(d, seed);
		if (fault_file_size(d, "a") == 20) {
			assert_true(is_all(d, "a", 0, 20, 'n'));
			assert_true(fault_file_size(d, "tmp") == UINT64_MAX);
			news++;
		} else {
			assert_int_equal(fault_file_size(d, "a"), 10);
			assert_true(is_all(d, "a", 0, 10, 'o'));
			olds++;
		}
		fault_destroy(d);
	}
	assert_true(olds > 100 && news > 100);
}

/* After a failed sync the cache shows what the medium may never have got, and a second sync does not help. */
static void a_failed_sync_forgets(void **state)
{
	int kept = 0, lost = 0;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		struct fault_files *d = fault_create(seed);
		loy_files f = fault_as_files(d);
		void *file;

		make(&f, "a", 'a', 100);
		file = opened(&f, "a", LOY_OPEN_WRITE);
		fill(&f, file, 0, 'b', 100);
		fault_arm(d, &(struct fault){.kinds = FAULT_SYNC, .action = FAULT_FAIL});
		assert_int_equal(f.sync(f.user_data, file), LOY_EIO);
		assert_int_equal(fault_happened(d), 1);
		assert_int_equal(f.sync(f.user_data, file), LOY_OK);
		f.close(f.user_data, file);
		fault_kill(d);
		assert_true(is_all(d, "a", 0, 100, 'b'));
		fault_crash(d, seed);
		kept += is_all(d, "a", 0, 100, 'b');
		lost += is_all(d, "a", 0, 100, 'a');
		fault_destroy(d);
	}
	assert_true(kept > 100 && lost > 100);
}

static void a_cut_ends_everything_until_the_crash(void **state)
{
	struct fault_files *d = fault_create(3);
	loy_files f = fault_as_files(d);
	void *file, *lock, *other = NULL;
	uint64_t size;

	(void)state;
	make(&f, "a", 'a', 10);
	lock = opened(&f, "lock", LOY_OPEN_LOCK);
	assert_int_equal(f.sync_directory(f.user_data), LOY_OK);
	file = opened(&f, "a", LOY_OPEN_WRITE);
	fault_arm(d, &(struct fault){.kinds = FAULT_CHANGES, .at = 1, .action = FAULT_CUT});
	fill(&f, file, 0, 'b', 5);
	assert_int_equal(f.write_at(f.user_data, file, 5, "bbbbb", 5), LOY_EIO);
	assert_true(fault_is_cut(d));
	assert_int_equal(f.sync(f.user_data, file), LOY_EIO);
	assert_int_equal(f.size(f.user_data, file, &size), LOY_EIO);
	assert_int_equal(f.open(f.user_data, "a", LOY_OPEN_READ, &other), LOY_EIO);
	assert_null(other);
	assert_int_equal(f.remove(f.user_data, "a"), LOY_EIO);
	assert_int_equal(f.sync_directory(f.user_data), LOY_EIO);
	f.close(f.user_data, file);
	fault_crash(d, 4);
	assert_false(fault_is_cut(d));
	f.close(f.user_data, lock); /* of the life before: harmless, and the lock is free */
	lock = opened(&f, "lock", LOY_OPEN_LOCK);
	f.close(f.user_data, lock);
	fault_destroy(d);
}

static void faults_strike_where_they_are_told(void **state)
{
	struct fault_files *d = fault_create(5);
	loy_files f = fault_as_files(d);
	uint64_t before;
	void *file;

	(void)state;
	make(&f, "a", 'a', 10);
	file = opened(&f, "a", LOY_OPEN_WRITE);
	fault_arm(d,
	          &(struct fault){.kinds = FAULT_WRITE, .at = 1, .action = FAULT_FAIL, .status = LOY_EFULL});
	fill(&f, file, 0, 'b', 1);
	assert_int_equal(f.write_at(f.user_data, file, 1, "b", 1), LOY_EFULL);
	fill(&f, file, 2, 'b', 1);
	assert_true(is_all(d, "a", 1, 2, 'a'));
	fault_disarm(d);
	fault_arm(d, &(struct fault){.kinds = FAULT_ALL, .at = 1, .action = FAULT_FAIL, .forever = 1});
	before = fault_count(d, FAULT_WRITE);
	fill(&f, file, 0, 'c', 1);
	assert_int_equal(f.write_at(f.user_data, file, 1, "c", 1), LOY_EIO);
	assert_int_equal(f.resize(f.user_data, file, 1), LOY_EIO);
	assert_int_equal(f.rename(f.user_data, "a", "b"), LOY_EIO);
	assert_int_equal(f.sync_directory(f.user_data), LOY_EIO);
	assert_int_equal(fault_count(d, FAULT_WRITE), before + 2);
	fault_disarm(d);
	fault_arm(d, &(struct fault){.kinds = FAULT_WRITE, .action = FAULT_SHORT});
	assert_int_equal(f.write_at(f.user_data, file, 0, "dddddddddd", 10), LOY_EIO);
	assert_true(is_all(d, "a", 9, 10, 'a') || is_all(d, "a", 0, 10, 'd'));
	f.close(f.user_data, file);
	fault_destroy(d);
}

static void a_full_medium_is_full(void **state)
{
	struct fault_files *d = fault_create(6);
	loy_files f = fault_as_files(d);
	void *file, *other;
	char bytes[200] = {0};

	(void)state;
	make(&f, "a", 'a', 100);
	fault_room(d, 150);
	file = opened(&f, "a", LOY_OPEN_WRITE);
	fill(&f, file, 0, 'b', 100); /* in place */
	fill(&f, file, 100, 'b', 50);
	assert_int_equal(f.write_at(f.user_data, file, 150, bytes, 1), LOY_EFULL);
	assert_int_equal(f.write_at(f.user_data, file, 100, bytes, 100),
	                 LOY_EFULL); /* perhaps a part of it */
	assert_true(is_all(d, "a", 0, 100, 'b'));
	assert_int_equal(fault_file_size(d, "a"), 150);
	assert_int_equal(f.resize(f.user_data, file, 151), LOY_EFULL);
	assert_int_equal(f.open(f.user_data, "b", LOY_OPEN_CREATE, &other), LOY_EFULL);
	assert_int_equal(f.resize(f.user_data, file, 20), LOY_OK);
	fill(&f, file, 20, 'c', 130);
	f.close(f.user_data, file);
	fault_destroy(d);
}

static void it_can_lie(void **state)
{
	struct fault_files *d = fault_create(7);
	loy_files f = fault_as_files(d);
	void *file;

	(void)state;
	make(&f, "a", 'a', 4096);
	file = opened(&f, "a", LOY_OPEN_WRITE);
	fault_arm(d, &(struct fault){.kinds = FAULT_WRITE, .at = 0, .action = FAULT_LOSE});
	fault_arm(d, &(struct fault){.kinds = FAULT_WRITE, .at = 1, .action = FAULT_MISDIRECT});
	fill(&f, file, 0, 'b', 16);
	fill(&f, file, 1024, 'c', 16);
	assert_true(is_all(d, "a", 0, 16, 'b') &&
	            is_all(d, "a", 1024, 1040, 'c')); /* the cache knows no better */
	sync_all(&f, file);
	f.close(f.user_data, file);
	fault_crash(d, 8);
	assert_true(is_all(d, "a", 0, 16, 'a') || is_all(d, "a", 0, 16, 'c'));
	assert_true(is_all(d, "a", 1024, 1040, 'a'));
	assert_int_equal(fault_file_size(d, "a"), 4096);
	fault_destroy(d);
}

static void images_bring_back_everything(void **state)
{
	struct fault_files *d = fault_create(9);
	loy_files f = fault_as_files(d);
	struct fault_image *image;
	uint8_t first[8], second[8];
	int same = 0;
	uint64_t seed;
	void *file;

	(void)state;
	make(&f, "a", 'a', 600);
	file = opened(&f, "a", LOY_OPEN_WRITE);
	fill(&f, file, 0, 'b', 600); /* unsynced, and so it is in the image */
	image = fault_save(d);
	fill(&f, file, 0, 'c', 600);
	sync_all(&f, file);
	f.close(f.user_data, file);
	make(&f, "b", 'x', 5);
	for (seed = 0; seed < 200; seed++) {
		fault_restore(d, image);
		assert_true(is_all(d, "a", 0, 600, 'b'));
		assert_true(fault_file_size(d, "b") == UINT64_MAX);
		fault_crash(d, seed);
		assert_false(is_all(d, "a", 0, 600, 'c'));
		same += is_all(d, "a", 0, 600, 'a');
		assert_int_equal(f.entropy(f.user_data, first, 8), LOY_OK);
		fault_restore(d, image);
		fault_crash(d, seed);
		assert_int_equal(f.entropy(f.user_data, second, 8), LOY_OK);
		assert_memory_equal(first, second, 8); /* the same seed, the same run */
	}
	assert_true(same > 10 && same < 190);
	fault_forget(d, image);
	fault_destroy(d);
}

static void watch_one(uint32_t kind, void *user)
{
	uint32_t *kinds = user;

	*kinds = *kinds * 16 + (kind == FAULT_WRITE ? 1 : kind == FAULT_SYNC ? 2 : 3);
}

static void it_can_be_watched_and_damaged(void **state)
{
	struct fault_files *d = fault_create(10);
	loy_files f = fault_as_files(d);
	uint32_t kinds = 0;

	(void)state;
	fault_watch(d, FAULT_CHANGES, watch_one, &kinds);
	make(&f, "a", 'a', 100);
	assert_int_equal(kinds, 0x3123);
	fault_watch(d, 0, NULL, NULL);
	fault_file_flip(d, "a", 50, 0x01);
	assert_int_equal(fault_file_byte(d, "a", 50), 'a' ^ 1);
	fault_file_cut(d, "a", 51);
	fault_crash(d, 1);
	assert_int_equal(fault_file_size(d, "a"), 51);
	assert_int_equal(fault_file_byte(d, "a", 50), 'a' ^ 1);
	assert_string_equal(fault_file_name(d, 0), "a");
	assert_null(fault_file_name(d, 1));
	fault_destroy(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_was_synced_stays),
	        cmocka_unit_test(what_was_not_synced_may_be_anything),
	        cmocka_unit_test(sectors_are_safe_unless_told_otherwise),
	        cmocka_unit_test(names_are_sure_only_when_synced),
	        cmocka_unit_test(renaming_is_atomic),
	        cmocka_unit_test(a_failed_sync_forgets),
	        cmocka_unit_test(a_cut_ends_everything_until_the_crash),
	        cmocka_unit_test(faults_strike_where_they_are_told),
	        cmocka_unit_test(a_full_medium_is_full),
	        cmocka_unit_test(it_can_lie),
	        cmocka_unit_test(images_bring_back_everything),
	        cmocka_unit_test(it_can_be_watched_and_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
