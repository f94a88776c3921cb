#include "support.h"

#include "core/core.h"

static void adopt_takes_all_functions_or_none(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator whole = faulty_allocator(&heap), part = whole, out;
	void *block;

	(void)state;
	assert_int_equal(loy__memory_adopt(&out, NULL), LOY_OK);
	block = loy__alloc_zero(&out, 0);
	assert_non_null(block);
	block = loy__resize(&out, block, 0, 100);
	assert_non_null(block);
	loy__free(&out, block, 100);
	loy__free(&out, NULL, 0);
	part.allocate = NULL;
	assert_int_equal(loy__memory_adopt(&out, &part), LOY_EINVAL);
	part = whole;
	part.resize = NULL;
	assert_int_equal(loy__memory_adopt(&out, &part), LOY_EINVAL);
	part = whole;
	part.release = NULL;
	assert_int_equal(loy__memory_adopt(&out, &part), LOY_EINVAL);
	assert_int_equal(loy__memory_adopt(&out, &whole), LOY_OK);
	block = loy__alloc_zero(&out, 5);
	assert_memory_equal(block, "\0\0\0\0\0", 5);
	block = loy__resize(&out, block, 5, 0);
	loy__free(&out, block, 0);
	assert_int_equal(heap.live, 0);
	assert_int_equal(heap.bytes, 0);
}

static void alloc_reports_failure(void **state)
{
	struct faulty heap = {.until = 0, .forever = 1};
	loy_allocator memory = faulty_allocator(&heap);

	(void)state;
	assert_null(loy__alloc(&memory, 8));
	assert_null(loy__alloc_zero(&memory, 8));
	assert_null(loy__resize(&memory, NULL, 0, 8));
	assert_int_equal(heap.refused, 3);
}

static void grow_doubles_up_to_its_limit(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	void *array = NULL;
	size_t capacity = 0;

	(void)state;
	assert_int_equal(loy__grow(&memory, &array, &capacity, 1, 8, 100), LOY_OK);
	assert_int_equal(capacity, 4);
	assert_int_equal(loy__grow(&memory, &array, &capacity, 4, 8, 100), LOY_OK);
	assert_int_equal(heap.requests, 1);
	assert_int_equal(loy__grow(&memory, &array, &capacity, 5, 8, 100), LOY_OK);
	assert_int_equal(capacity, 8);
	assert_int_equal(loy__grow(&memory, &array, &capacity, 60, 8, 100), LOY_OK);
	assert_int_equal(capacity, 60);
	assert_int_equal(loy__grow(&memory, &array, &capacity, 61, 8, 100), LOY_OK);
	assert_int_equal(capacity, 100);
	assert_int_equal(loy__grow(&memory, &array, &capacity, 101, 8, 100), LOY_ELIMIT);
	assert_int_equal(loy__grow(&memory, &array, &capacity, SIZE_MAX / 4, 8, SIZE_MAX), LOY_ENOMEM);
	heap.until = heap.requests;
	assert_int_equal(loy__grow(&memory, &array, &capacity, 200, 8, 1000), LOY_ENOMEM);
	assert_int_equal(capacity, 100);
	loy__free(&memory, array, capacity * 8);
	array = NULL;
	capacity = 0;
	assert_int_equal(loy__grow(&memory, &array, &capacity, 1, 8, 2), LOY_OK);
	assert_int_equal(capacity, 2);
	loy__free(&memory, array, capacity * 8);
	assert_int_equal(heap.live, 0);
}

struct options_v1 {
	uint32_t struct_size, a;
};
struct options_v2 {
	uint32_t struct_size, a, b, c;
};

static void options_keep_what_is_known(void **state)
{
	struct options_v1 old = {sizeof(old), 7}, read_old;
	struct options_v2 fresh = {sizeof(fresh), 8, 0, 0}, read_fresh;

	(void)state;
	memset(&read_fresh, 0xFF, sizeof(read_fresh));
	assert_int_equal(loy__options_read(&read_fresh, sizeof(read_fresh), NULL), LOY_OK);
	assert_int_equal(read_fresh.a | read_fresh.b | read_fresh.c, 0);
	assert_int_equal(loy__options_read(&read_fresh, sizeof(read_fresh), &old), LOY_OK);
	assert_int_equal(read_fresh.a, 7);
	assert_int_equal(read_fresh.b, 0);
	assert_int_equal(loy__options_read(&read_old, sizeof(read_old), &fresh), LOY_OK);
	assert_int_equal(read_old.a, 8);
	fresh.c = 1;
	assert_int_equal(loy__options_read(&read_old, sizeof(read_old), &fresh), LOY_EINVAL);
	old.struct_size = 3;
	assert_int_equal(loy__options_read(&read_old, sizeof(read_old), &old), LOY_EINVAL);
	old.struct_size = 0;
	assert_int_equal(loy__options_read(&read_old, sizeof(read_old), &old), LOY_EINVAL);
	old.struct_size = 0xA5A5A5A5u;
	assert_int_equal(loy__options_read(&read_old, sizeof(read_old), &old), LOY_EINVAL);
}

static void results_fit_the_callers_struct(void **state)
{
	const struct options_v2 result = {99, 1, 2, 3};
	struct options_v2 whole = {sizeof(whole), 0, 0, 0}, part = {sizeof(struct options_v1), 0, 7, 7};
	struct {
		struct options_v2 known;
		uint32_t later;
	} longer = {{sizeof(longer), 0, 0, 0}, 7};

	(void)state;
	assert_int_equal(loy__result_write(&whole, &result, sizeof(result)), LOY_OK);
	assert_int_equal(whole.struct_size, sizeof(whole));
	assert_int_equal(whole.a, 1);
	assert_int_equal(whole.c, 3);
	assert_int_equal(loy__result_write(&part, &result, sizeof(result)), LOY_OK);
	assert_int_equal(part.a, 1);
	assert_int_equal(part.b, 7);
	assert_int_equal(loy__result_write(&longer, &result, sizeof(result)), LOY_OK);
	assert_int_equal(longer.known.c, 3);
	assert_int_equal(longer.later, 7);
	assert_int_equal(loy__result_write(NULL, &result, sizeof(result)), LOY_EINVAL);
	part.struct_size = 0;
	assert_int_equal(loy__result_write(&part, &result, sizeof(result)), LOY_EINVAL);
	part.struct_size = 4;
	assert_int_equal(loy__result_write(&part, &result, sizeof(result)), LOY_EINVAL);
	part.struct_size = 0xA5A5A5A5u;
	assert_int_equal(loy__result_write(&part, &result, sizeof(result)), LOY_EINVAL);
	assert_int_equal(part.b, 7);
}

static void arithmetic_is_checked(void **state)
{
	int64_t sum = 1;
	size_t product = 1;

	(void)state;
	assert_true(loy__add_i64(INT64_MAX, 0, &sum));
	assert_true(loy__add_i64(INT64_MAX, INT64_MIN, &sum));
	assert_int_equal(sum, -1);
	assert_true(loy__add_i64(INT64_MIN, 0, &sum));
	assert_true(sum == INT64_MIN);
	assert_false(loy__add_i64(INT64_MAX, 1, &sum));
	assert_false(loy__add_i64(INT64_MIN, -1, &sum));
	assert_false(loy__add_i64(INT64_MIN, INT64_MIN, &sum));
	assert_true(sum == INT64_MIN);
	assert_true(loy__mul_size(SIZE_MAX, 1, &product));
	assert_true(product == SIZE_MAX);
	assert_true(loy__mul_size(SIZE_MAX, 0, &product));
	assert_int_equal(product, 0);
	assert_false(loy__mul_size(SIZE_MAX / 2 + 1, 2, &product));
	assert_int_equal(product, 0);
	assert_int_equal(loy__floor_div(-1, 10), -1);
	assert_int_equal(loy__floor_div(-10, 10), -1);
	assert_int_equal(loy__floor_div(9, 10), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(adopt_takes_all_functions_or_none),
	        cmocka_unit_test(alloc_reports_failure),
	        cmocka_unit_test(grow_doubles_up_to_its_limit),
	        cmocka_unit_test(options_keep_what_is_known),
	        cmocka_unit_test(results_fit_the_callers_struct),
	        cmocka_unit_test(arithmetic_is_checked),
	};

	return cmocka_run_group_tests_name("core/memory", tests, NULL, NULL);
}
