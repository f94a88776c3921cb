/*
 * What our tests use of CMocka, for targets that have none: tests/targets puts this folder in front of the others. The
 * first failure ends the program.
 */
#ifndef LOY_TESTS_BARE_CMOCKA_H
#define LOY_TESTS_BARE_CMOCKA_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*test)(void **state);
	int (*setup)(void **state), (*teardown)(void **state);
	void *initial_state;
};
#define cmocka_unit_test(test)                                                                               \
	{                                                                                                    \
#test, test, NULL, NULL, NULL                                                                \
	}
#define cmocka_unit_test_setup_teardown(test, setup, remove)                                                 \
	{                                                                                                    \
#test, test, setup, remove, NULL                                                             \
	}
#define cmocka_run_group_tests(tests, setup, teardown)                                                       \
	bare_run(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)

static inline void bare_fail(const char *file, int line, const char *what)
{
	printf("%s:%d: %s\n[  FAILED  ]\n", file, line, what);
	exit(1);
}

static jmp_buf bare_next; /* of the file that has the tests: nobody else skips one */

static inline int bare_run(const struct CMUnitTest *tests, size_t count, int (*setup)(void **),
                           int (*teardown)(void **))
{
	void *group = NULL;
	volatile size_t i, skipped = 0;

	if (setup != NULL && setup(&group) != 0)
		return 1;
	for (i = 0; i < count; i++) {
		void *state = tests[i].initial_state != NULL ? tests[i].initial_state : group;

		if (tests[i].setup != NULL && tests[i].setup(&state) != 0)
			return 1;
		if (setjmp(bare_next) == 0)
			tests[i].test(&state);
		else
			skipped++;
		if (tests[i].teardown != NULL && tests[i].teardown(&state) != 0)
			return 1;
	}
	if (teardown != NULL && teardown(&group) != 0)
		return 1;
	printf("[  PASSED  ] %d test(s), %d skipped.\n", (int)(count - skipped), (int)skipped);
	return 0;
}

#define _fail(file, line) bare_fail(file, line, "")

#define print_message printf
#define print_error   printf
#define fail_msg(...) (printf(__VA_ARGS__), bare_fail(__FILE__, __LINE__, ""))
#define fail()        bare_fail(__FILE__, __LINE__, "fail()")
#define skip()        longjmp(bare_next, 1)

#define assert_true(c)     ((c) ? (void)0 : bare_fail(__FILE__, __LINE__, #c))
#define assert_false(c)    assert_true(!(c))
#define assert_null(p)     assert_true((p) == NULL)
#define assert_non_null(p) assert_true((p) != NULL)
#define assert_int_equal(a, b)                                                                               \
	((unsigned long long)(a) == (unsigned long long)(b)                                                  \
	         ? (void)0                                                                                   \
	         : bare_fail(__FILE__, __LINE__, #a " is not " #b))
#define assert_ptr_equal(a, b)              assert_true((const void *)(a) == (const void *)(b))
#define assert_memory_equal(a, b, size)     assert_true(memcmp(a, b, size) == 0)
#define assert_memory_not_equal(a, b, size) assert_true(memcmp(a, b, size) != 0)
#define assert_string_equal(a, b)           assert_true(strcmp(a, b) == 0)

#endif
