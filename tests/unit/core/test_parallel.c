#include "support.h"

#include "core/parallel.h"
#if !defined(_WIN32) && !defined(LOY_NO_THREADS)
#include <pthread.h>
#endif

#define PARTS_MAX LOY__THREADS_MAX

struct seen {
	uint32_t calls[PARTS_MAX], parts[PARTS_MAX];
};

/* Each part writes to its own slots, so the test is also one for the thread sanitizer. */
static void note(uint32_t part, uint32_t parts, void *user)
{
	struct seen *seen = user;

	seen->calls[part]++;
	seen->parts[part] = parts;
}

static void each_part_is_done_once(void **state)
{
	static const uint32_t threads[] = {0, 1, 2, 3, 7, 64, PARTS_MAX};
	size_t i, part;

	(void)state;
	for (i = 0; i < LOY__COUNT(threads); i++) {
		struct seen *seen = calloc(1, sizeof(*seen));
		uint32_t parts = threads[i] != 0 ? threads[i] : 1;

		assert_non_null(seen);
		assert_int_equal(loy__parallel(threads[i], note, seen), LOY_OK);
		for (part = 0; part < PARTS_MAX; part++) {
			assert_int_equal(seen->calls[part], part < parts);
			assert_int_equal(seen->parts[part], part < parts ? parts : 0);
		}
		free(seen);
	}
}

static void mistakes_are_refused_before_any_work(void **state)
{
	struct seen *seen = calloc(1, sizeof(*seen));

	(void)state;
	assert_non_null(seen);
	assert_int_equal(loy__parallel(2, NULL, seen), LOY_EINVAL);
	assert_int_equal(loy__parallel(PARTS_MAX + 1, note, seen), LOY_ELIMIT);
	assert_int_equal(seen->calls[0], 0);
	free(seen);
}

#if !defined(_WIN32) && !defined(LOY_NO_THREADS)
struct threads {
	pthread_t part[4];
};

static void note_thread(uint32_t part, uint32_t parts, void *user)
{
	struct threads *threads = user;

	(void)parts;
	threads->part[part] = pthread_self();
}

static void part_zero_stays_with_the_caller(void **state)
{
	struct threads threads;

	(void)state;
	assert_int_equal(loy__parallel(4, note_thread, &threads), LOY_OK);
	assert_true(pthread_equal(threads.part[0], pthread_self()));
	assert_false(pthread_equal(threads.part[1], pthread_self()));
	assert_false(pthread_equal(threads.part[3], pthread_self()));
}

/*
 * Stands in for the C library's pthread_create in this program: refuses request number `refuse_at` and all
 * after it when `refuse_rest` is set, hands the others on.
 */
static int refuse_at = -1, refuse_rest, requests;

extern int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main_)(void *),
                                 void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main_)(void *),
                          void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main_)(void *),
                          void *argument)
{
	int request = __atomic_fetch_add(&requests, 1, __ATOMIC_SEQ_CST);

	if (request == refuse_at || (refuse_rest && refuse_at >= 0 && request > refuse_at))
		return 11; /* EAGAIN */
	return __real_pthread_create(thread, attributes, main_, argument);
}

static void threads_that_do_not_start_change_nothing(void **state)
{
	int rest, at;

	(void)state;
	for (rest = 0; rest < 2; rest++) {
		for (at = 0; at < 8; at++) {
			struct seen *seen = calloc(1, sizeof(*seen));
			uint32_t part;

			assert_non_null(seen);
			refuse_at = at;
			refuse_rest = rest;
			requests = 0;
			assert_int_equal(loy__parallel(8, note, seen), LOY_OK);
			assert_int_equal(requests, 7);
			for (part = 0; part < 8; part++)
				assert_int_equal(seen->calls[part], 1);
			free(seen);
		}
	}
	refuse_at = -1;
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_is_done_once),
		cmocka_unit_test(mistakes_are_refused_before_any_work),
#if !defined(_WIN32) && !defined(LOY_NO_THREADS)
		cmocka_unit_test(part_zero_stays_with_the_caller),
		cmocka_unit_test(threads_that_do_not_start_change_nothing),
#endif
	};

	return cmocka_run_group_tests_name("core/parallel", tests, NULL, NULL);
}
