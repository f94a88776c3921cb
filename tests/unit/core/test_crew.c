/* Threads that stay: each part of each piece of work is done once, by however many there are. */
#include "support.h"

#include "core/parallel.h"
#if !defined(_WIN32) && !defined(LOY_NO_THREADS)
#include <pthread.h>
#endif

enum { PIECES = 200, PARTS = 9 };

struct seen {
	uint32_t calls[PIECES][PARTS], piece, threads, bodies;
	uint64_t sum[PARTS];
};

/* Each part writes to its own slots, so the test is also one for the thread sanitizer. */
static void note(uint32_t part, uint32_t parts, void *user)
{
	struct seen *seen = user;
	uint32_t i;

	(void)parts;
	seen->calls[seen->piece][part]++;
	for (i = 0; i < 1000 * (part + seen->piece % 3); i++)
		seen->sum[part] += i;
}

static void work_on_pieces(loy__crew *crew, void *user)
{
	struct seen *seen = user;

	seen->bodies++;
	for (seen->piece = 0; seen->piece < PIECES; seen->piece++)
		loy__crew_work(crew, seen->piece % PARTS + 1, note, seen);
}

static void assert_each_part_is_done_once(uint32_t threads)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	uint32_t piece, part;

	assert_non_null(seen);
	assert_int_equal(loy__crew_call(threads, work_on_pieces, seen), LOY_OK);
	assert_int_equal(seen->bodies, 1);
	for (piece = 0; piece < PIECES; piece++)
		for (part = 0; part < PARTS; part++)
			assert_int_equal(seen->calls[piece][part], part <= piece % PARTS);
	free(seen);
}

static void each_part_is_done_once(void **state)
{
	static const uint32_t threads[] = {0, 1, 2, 3, 8, 64};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(threads); i++)
		assert_each_part_is_done_once(threads[i]);
}

static void mistakes_are_refused_before_any_work(void **state)
{
	struct seen seen = {.bodies = 0};

	(void)state;
	assert_int_equal(loy__crew_call(2, NULL, &seen), LOY_EINVAL);
	assert_int_equal(loy__crew_call(LOY__THREADS_MAX + 1, work_on_pieces, &seen), LOY_ELIMIT);
	assert_int_equal(seen.bodies, 0);
}

static void no_work(loy__crew *crew, void *user)
{
	(void)crew;
	*(int *)user += 1;
}

static void a_crew_may_have_nothing_to_do(void **state)
{
	int bodies = 0;

	(void)state;
	assert_int_equal(loy__crew_call(4, no_work, &bodies), LOY_OK);
	assert_int_equal(bodies, 1);
}

#if !defined(_WIN32) && !defined(LOY_NO_THREADS)
static void note_thread(uint32_t part, uint32_t parts, void *user)
{
	pthread_t *of_part_0 = user;

	(void)parts;
	if (part == 0)
		*of_part_0 = pthread_self();
}

static void look_who_does_part_0(loy__crew *crew, void *user)
{
	int i;

	for (i = 0; i < PIECES; i++) {
		pthread_t of_part_0;

		loy__crew_work(crew, 3, note_thread, &of_part_0);
		assert_true(pthread_equal(of_part_0, pthread_self()));
	}
	*(int *)user += 1;
}

static void part_0_stays_with_the_caller(void **state)
{
	int bodies = 0;

	(void)state;
	assert_int_equal(loy__crew_call(3, look_who_does_part_0, &bodies), LOY_OK);
	assert_int_equal(bodies, 1);
}

/* Stand in for the C library's functions in this program: refuse one request, or hand it on. */
static int refused_thread = -1, refused_lock = -1, refused_signal = -1, thread_requests, signal_requests;

extern int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main_)(void *),
                                 void *argument);
extern int __real_pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attributes);
extern int __real_pthread_cond_init(pthread_cond_t *signal, const pthread_condattr_t *attributes);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main_)(void *),
                          void *argument);
int __wrap_pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attributes);
int __wrap_pthread_cond_init(pthread_cond_t *signal, const pthread_condattr_t *attributes);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main_)(void *),
                          void *argument)
{
	int request = __atomic_fetch_add(&thread_requests, 1, __ATOMIC_SEQ_CST);

	return request == refused_thread ? 11 : __real_pthread_create(thread, attributes, main_, argument);
}

int __wrap_pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attributes)
{
	return refused_lock == 0 ? 12 : __real_pthread_mutex_init(lock, attributes);
}

int __wrap_pthread_cond_init(pthread_cond_t *signal, const pthread_condattr_t *attributes)
{
	return signal_requests++ == refused_signal ? 12 : __real_pthread_cond_init(signal, attributes);
}

static void what_cannot_be_had_is_done_without(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		refused_thread = i;
		thread_requests = 0;
		assert_each_part_is_done_once(4);
	}
	refused_thread = -1;
	refused_lock = 0;
	assert_each_part_is_done_once(4);
	refused_lock = -1;
	for (i = 0; i < 2; i++) {
		refused_signal = i;
		signal_requests = 0;
		assert_each_part_is_done_once(4);
	}
	refused_signal = -1;
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_is_done_once),
		cmocka_unit_test(mistakes_are_refused_before_any_work),
		cmocka_unit_test(a_crew_may_have_nothing_to_do),
#if !defined(_WIN32) && !defined(LOY_NO_THREADS)
		cmocka_unit_test(part_0_stays_with_the_caller),
		cmocka_unit_test(what_cannot_be_had_is_done_without),
#endif
	};

	return cmocka_run_group_tests_name("core/crew", tests, NULL, NULL);
}
