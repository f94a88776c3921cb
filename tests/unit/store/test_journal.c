#include "journal_support.h"

static loy_files files;

static int setup(void **state)
{
	(void)state;
	files.struct_size = sizeof(files);
	return loy_files_open_memory(&files, 7, NULL) != LOY_OK;
}

static int teardown(void **state)
{
	(void)state;
	loy_files_close(&files);
	return 0;
}

/* ---- round trips ---- */

static void a_new_journal_is_empty(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy_recovery report = {0};
	loy__journal *j = open_records(&options, 0, 0, &report);
	int i;

	(void)state;
	assert_int_equal(report.clean, 1);
	assert_int_equal(report.torn_bytes, 0);
	read_records(j, 1, 0, 0);
	assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	loy__journal_close(j);
	for (i = 0; i < 5; i++) { /* opening and closing makes no files */
		j = open_records(&options, 0, 0, &report);
		assert_int_equal(report.clean, 1);
		assert_int_equal(loy__journal_bytes(j), SEGMENT);
		assert_int_equal(loy__journal_meta(j)->generation, 3 + i);
		loy__journal_close(j);
	}
}

/* Commits of any number of records of any size, opened again after each. */
static void records_come_back(void **state)
{
	static const size_t largest[] = {0, 60, 700, 5000, 200000};
	size_t k;
	int padded;

	for (padded = 0; padded < 2; padded++) {
		for (k = 0; k < LOY__COUNT(largest); k++) {
			loy__journal_options options = journal_options(&files);
			uint64_t count = 0, i;

			options.padded = padded;
			for (i = 0; i < 12; i++) {
				loy_recovery report = {0};
				loy__journal *j = open_records(&options, count, largest[k], &report);

				assert_int_equal(report.clean, 1);
				write_records(j, i, largest[k]);
				read_records(j, 1, count + i, largest[k]);
				write_records(j, 2 * i, largest[k]);
				write_records(j, 0, largest[k]);
				count += 3 * i;
				assert_int_equal(loy__journal_committed(j), count);
				read_records(j, 1 + count / 2, count - count / 2, largest[k]);
				loy__journal_close(j);
			}
			teardown(state);
			assert_int_equal(setup(state), 0);
		}
	}
}

/* The last commit of a store that was not closed is doubted, copied, and there. */
static void records_survive_a_crash(void **state)
{
	int padded;

	for (padded = 0; padded < 2; padded++) {
		loy__journal_options options = journal_options(&files);
		uint64_t count = 0, i;

		options.padded = padded;
		for (i = 1; i < 12; i++) {
			loy_recovery report = {0};
			loy__journal *j = open_records(&options, count, 300, &report);

			assert_int_equal(report.clean, i == 1);
			write_records(j, i, 300);
			write_records(j, i, 300);
			count += 2 * i;
			j->dirty = 0; /* no mark is left: as if the process had ended */
			loy__journal_close(j);
		}
		teardown(state);
		assert_int_equal(setup(state), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_new_journal_is_empty, setup, teardown),
	        cmocka_unit_test_setup_teardown(records_come_back, setup, teardown),
	        cmocka_unit_test_setup_teardown(records_survive_a_crash, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
