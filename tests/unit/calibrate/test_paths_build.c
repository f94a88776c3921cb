/* Path models built piece by piece: what is kept, what is refused and changes nothing, order, cycles by name. */
#include "support.h"

#include "calibrate/calibrate.h"

#include <math.h>

static loy_paths *fresh(void)
{
	loy_paths *paths = NULL;

	assert_int_equal(loy_paths_create(&paths, NULL), LOY_OK);
	return paths;
}

static void add(loy_paths *paths, uint32_t relation, const char *left, const char *right)
{
	assert_int_equal(loy_paths_add(paths, relation, left, right, 0, 0.0, NULL, NULL), LOY_OK);
}

static loy_paths *example(void)
{
	loy_paths *paths = fresh();

	add(paths, LOY_TERM_MEASURED, "Sat", "s1");
	add(paths, LOY_TERM_MEASURED, "Sat", "s2");
	add(paths, LOY_TERM_COMPOSED, "Img", "i1");
	add(paths, LOY_TERM_REGRESSED, "Loy", "Sat:Img");
	assert_int_equal(
	        loy_paths_add(paths, LOY_TERM_REGRESSED, "Sat", "Img", LOY_TERM_FIXED, -0.25, "b", NULL),
	        LOY_OK);
	assert_int_equal(loy_paths_add(paths, LOY_TERM_COVARIES, "s1", "s2", LOY_TERM_FREED, 0.0, NULL, NULL),
	                 LOY_OK);
	assert_int_equal(
	        loy_paths_add(paths, LOY_TERM_INTERCEPT, "s1", NULL, LOY_TERM_FIXED, 0.5, NULL, NULL),
	        LOY_OK);
	return paths;
}

static void assert_text(const loy_paths *paths, const char *expected)
{
	char text[1024];
	size_t needed = 0;

	assert_int_equal(loy_paths_print(paths, NULL, 0, &needed), LOY_EBUFFER);
	assert_int_equal(loy_paths_print(paths, text, needed, NULL), LOY_EBUFFER);
	assert_int_equal(loy_paths_print(paths, text, needed + 1, NULL), LOY_OK);
	assert_string_equal(text, expected);
}

#define EXAMPLE "Sat =~ s1 + s2\nImg <~ i1\nLoy ~ Sat:Img\nSat ~ -0.25*b*Img\ns1 ~~ NA*s2\ns1 ~ 0.5*1\n"

static void what_was_added_is_told(void **state)
{
	loy_paths *paths = example();
	loy_variable variable = {.struct_size = sizeof(variable)};
	loy_term term = {.struct_size = sizeof(term)};
	uint32_t index = 99;

	(void)state;
	assert_text(paths, EXAMPLE);
	assert_int_equal(loy_paths_variable_count(paths), 7);
	assert_int_equal(loy_paths_term_count(paths), 7);
	assert_int_equal(loy_paths_find_variable(paths, "Img:Sat", 7, &index), LOY_OK);
	assert_int_equal(loy_paths_get_variable(paths, index, &variable), LOY_OK);
	assert_int_equal(variable.kind, LOY_VARIABLE_PRODUCT);
	assert_string_equal(variable.name, "Sat:Img");
	assert_int_equal(variable.first, 0);
	assert_int_equal(variable.second, 3);
	assert_int_equal(loy_paths_get_variable(paths, 0, &variable), LOY_OK);
	assert_int_equal(variable.kind, LOY_VARIABLE_CONSTRUCT);
	assert_int_equal(loy_paths_get_term(paths, 4, &term), LOY_OK);
	assert_string_equal(term.label, "b");
	assert_bits_equal(term.value, -0.25);
	assert_int_equal(loy_paths_get_term(paths, 5, &term), LOY_OK);
	assert_null(term.label);
	assert_int_equal(loy_paths_get_term(paths, 7, &term), LOY_ENOTFOUND);
	assert_int_equal(loy_paths_get_variable(paths, 7, &variable), LOY_ENOTFOUND);
	assert_int_equal(loy_paths_find_variable(paths, "Sa", 2, &index), LOY_ENOTFOUND);
	loy_paths_destroy(paths);
}

static void refusals_name_the_name_and_change_nothing(void **state)
{
	static const struct {
		const char *left, *right, *label, *message;
		double value;
		uint32_t relation, treatment;
		loy_status status;
	} list[] = {
	        {"Sat", "s1", NULL, "this term is there already: 's1'", 0, LOY_TERM_MEASURED, 0, LOY_ENAME},
	        {"s2", "s1", NULL, "this term is there already: 's1'", 0, LOY_TERM_COVARIES, 0, LOY_ENAME},
	        {"New", "New", NULL, "a construct is no indicator of itself: 'New'", 0, LOY_TERM_COMPOSED, 0,
	         LOY_ENAME},
	        {"Sat", "new", NULL, "a construct is either measured or composed: 'Sat'", 0,
	         LOY_TERM_COMPOSED, 0, LOY_ENAME},
	        {"1new", "x", NULL, "this is no name: '1new'", 0, LOY_TERM_REGRESSED, 0, LOY_ESYNTAX},
	        {"new", "", NULL, "this is no name: ''", 0, LOY_TERM_REGRESSED, 0, LOY_ESYNTAX},
	        {"new", "a:b:c", NULL, "a product is of two names: 'a:b:c'", 0, LOY_TERM_REGRESSED, 0,
	         LOY_ESYNTAX},
	        {"a:b", "new", NULL, "a product cannot stand here: 'a:b'", 0, LOY_TERM_REGRESSED, 0,
	         LOY_ESYNTAX},
	        {"new", "x\xff", NULL, "a name is not valid UTF-8: 'x?'", 0, LOY_TERM_REGRESSED, 0,
	         LOY_EUTF8},
	        {"new", "x", "NA", "this is no name for a label: 'NA'", 0, LOY_TERM_REGRESSED, 0,
	         LOY_ESYNTAX},
	        {"new", "x", NULL, "there is no such relation or treatment: 'new'", 0, 6, 0, LOY_EINVAL},
	        {"new", "x", NULL, "there is no such relation or treatment: 'new'", 0, 3, 3, LOY_EINVAL},
	        {"new", "x", NULL, "a fixed coefficient is a finite number: 'x'", (double)INFINITY,
	         LOY_TERM_REGRESSED, LOY_TERM_FIXED, LOY_ERANGE},
	};
	loy_paths *paths = example();
	char name[66];
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(list); i++) {
		loy_error error = {.struct_size = sizeof(error)};

		assert_int_equal(loy_paths_add(paths, list[i].relation, list[i].left, list[i].right,
		                               list[i].treatment, list[i].value, list[i].label, &error),
		                 list[i].status);
		assert_string_equal(error.message, list[i].message);
		assert_int_equal(loy_paths_variable_count(paths), 7);
	}
	memset(name, 'n', sizeof(name));
	name[64] = '\0';
	assert_int_equal(loy_paths_add(paths, LOY_TERM_REGRESSED, name, "x", 0, 0, NULL, NULL), LOY_ESYNTAX);
	name[63] = '\0';
	assert_int_equal(loy_paths_add(paths, LOY_TERM_REGRESSED, "x", name + 1, 0, 0, NULL, NULL), LOY_OK);
	assert_int_equal(loy_paths_add(NULL, LOY_TERM_REGRESSED, "x", "y", 0, 0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_add(paths, LOY_TERM_REGRESSED, "x", NULL, 0, 0, NULL, NULL), LOY_EINVAL);
	loy_paths_destroy(paths);
}

static void causes_come_before_effects(void **state)
{
	loy_paths *paths = fresh();
	uint32_t order[16];
	/* Variables: C B q1 q2 A B:A Z, each of the order named by where it stands in the list. */
	static const char *const expected[] = {"q1", "q2", "A", "B", "C", "B:A", "Z"};
	size_t i;

	(void)state;
	add(paths, LOY_TERM_REGRESSED, "C", "B");
	add(paths, LOY_TERM_MEASURED, "B", "q1");
	add(paths, LOY_TERM_MEASURED, "B", "q2");
	add(paths, LOY_TERM_REGRESSED, "B", "A");
	add(paths, LOY_TERM_REGRESSED, "Z", "B:A");
	add(paths, LOY_TERM_REGRESSED, "Z", "C");
	assert_int_equal(loy__paths_order(paths, order, NULL), LOY_OK);
	for (i = 0; i < LOY__COUNT(expected); i++) {
		loy_variable v = {.struct_size = sizeof(v)};

		assert_int_equal(loy_paths_get_variable(paths, order[i], &v), LOY_OK);
		assert_string_equal(v.name, expected[i]);
	}
	loy_paths_destroy(paths);
}

static void cycles_are_named(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = fresh();

	(void)state;
	add(paths, LOY_TERM_REGRESSED, "after", "A");
	add(paths, LOY_TERM_REGRESSED, "A", "B");
	add(paths, LOY_TERM_REGRESSED, "B", "X:C");
	add(paths, LOY_TERM_MEASURED, "C", "A");
	assert_int_equal(loy_paths_check(paths, NULL), LOY_OK); /* A is an item yet */
	add(paths, LOY_TERM_MEASURED, "A", "a1");
	assert_int_equal(loy_paths_check(paths, &error), LOY_ECYCLE);
	assert_string_equal(error.message, "paths form a cycle: A ~ B ~ X:C of C =~ A");
	loy_paths_destroy(paths);
	paths = fresh();
	add(paths, LOY_TERM_REGRESSED, "A", "A");
	assert_int_equal(loy_paths_check(paths, &error), LOY_ECYCLE);
	assert_string_equal(error.message, "paths form a cycle: A ~ A");
	loy_paths_destroy(paths);
}

/* Text has no way to say that "X.Z" is no product of the constructs X and Z. */
static void names_that_read_as_products_are_refused(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = fresh();

	(void)state;
	assert_int_equal(loy_paths_check(paths, &error), LOY_ESYNTAX); /* nothing yet */
	add(paths, LOY_TERM_MEASURED, "X", "x");
	add(paths, LOY_TERM_REGRESSED, "Y", "X.Z");
	assert_int_equal(loy_paths_check(paths, &error), LOY_OK);
	add(paths, LOY_TERM_COMPOSED, "Z", "z");
	assert_int_equal(loy_paths_check(paths, &error), LOY_ENAME);
	assert_string_equal(error.message, "this name would be read as a product of constructs: 'X.Z'");
	add(paths, LOY_TERM_INTERCEPT, "X.Z", NULL);
	assert_int_equal(loy_paths_check(paths, &error), LOY_OK);
	loy_paths_destroy(paths);
}

static void every_failed_allocation_is_survived(void **state)
{
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_paths *paths = NULL;
		char before[256] = "", after[256] = "";
		int i;

		status = loy_paths_create(&paths, &memory);
		for (i = 0; i < 20 && status == LOY_OK; i++) {
			char name[8] = {'v', (char)('a' + i), '\0'};

			assert_int_equal(loy_paths_print(paths, before, sizeof(before), NULL), LOY_OK);
			status = loy_paths_add(paths, LOY_TERM_REGRESSED, "y", name, 0, 0, name, NULL);
			if (status != LOY_OK)
				assert_int_equal(loy_paths_print(paths, after, sizeof(after), NULL), LOY_OK);
		}
		if (status != LOY_OK && paths != NULL)
			assert_string_equal(before, after);
		if (status == LOY_OK)
			status = loy_paths_check(paths, NULL);
		loy_paths_destroy(paths);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 5);
}

static void limits_hold(void **state)
{
	loy_paths *paths = fresh();
	loy_error error = {.struct_size = sizeof(error)};
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < LOY_VARIABLES_MAX - 2; i++) {
		snprintf(name, sizeof(name), "x%d", i);
		add(paths, LOY_TERM_MEASURED, "F", name);
	}
	assert_int_equal(loy_paths_add(paths, LOY_TERM_REGRESSED, "F", "F:new", 0, 0, NULL, &error),
	                 LOY_ELIMIT);
	assert_string_equal(error.message, "too many variables: 'F:new'");
	assert_int_equal(loy_paths_variable_count(paths), LOY_VARIABLES_MAX - 1);
	add(paths, LOY_TERM_REGRESSED, "F", "new");
	for (i = 0; loy_paths_term_count(paths) < LOY_TERMS_MAX; i++) {
		snprintf(name, sizeof(name), "x%d", i % 1000);
		add(paths, LOY_TERM_REGRESSED,
		    i < 1000   ? "F"
		    : i < 2000 ? "x1001"
		    : i < 3000 ? "x1002"
		    : i < 4000 ? "x1003"
		    : i < 5000 ? "x1004"
		    : i < 6000 ? "x1005"
		    : i < 7000 ? "x1006"
		               : "x1007",
		    name);
	}
	assert_int_equal(loy_paths_add(paths, LOY_TERM_COVARIES, "F", "F", 0, 0, NULL, NULL), LOY_ELIMIT);
	assert_int_equal(loy_paths_check(paths, NULL), LOY_OK);
	loy_paths_destroy(paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_was_added_is_told),
	        cmocka_unit_test(refusals_name_the_name_and_change_nothing),
	        cmocka_unit_test(causes_come_before_effects),
	        cmocka_unit_test(cycles_are_named),
	        cmocka_unit_test(names_that_read_as_products_are_refused),
	        cmocka_unit_test(every_failed_allocation_is_survived),
	        cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
