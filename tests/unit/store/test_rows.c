#include "sample_model.h"

static void visit(loy_store *store, uint64_t customer, const char *key, size_t length)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, 0), LOY_OK);
	if (customer != 0)
		assert_int_equal(loy_event_set_customer(event, customer), LOY_OK);
	else
		assert_int_equal(loy_event_set_customer_key(event, key, length), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

static void rows_are_numbers_then_keys_ascending(void **state)
{
	static const char *const keys[] = {"", "A", "a", "aa", "ab", "b", "\xc3\xa9"};
	static const uint64_t numbers[] = {1, 2, 255, 256, UINT64_C(1) << 63, UINT64_MAX};
	loy_store *store = stores_create(model, 0);
	uint64_t row, customer, list[12];
	int64_t offsets[13];
	char text[16], all[9];
	size_t length, i;

	(void)state;
	for (i = 6; i > 0; i--)
		visit(store, 0, keys[i], strlen(keys[i]));
	for (i = 0; i < 6; i++)
		visit(store, numbers[(i * 5 + 2) % 6], NULL, 0);
	assert_int_equal(loy_store_count(store), 12);
	assert_int_equal(loy_store_find(store, 1, &row), LOY_ESTATE);
	assert_int_equal(loy_store_customers(store, 0, 12, list), LOY_ESTATE);
	assert_int_equal(loy_store_keys(store, 0, 12, all, sizeof(all), NULL, offsets), LOY_ESTATE);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_store_customers(store, 0, 12, list), LOY_OK);
	for (i = 0; i < 6; i++) {
		assert_true(list[i] == numbers[i] && list[6 + i] == 0);
		assert_int_equal(loy_store_find(store, numbers[i], &row), LOY_OK);
		assert_int_equal(row, i);
		assert_int_equal(loy_store_customer(store, i, &customer, text, sizeof(text), &length),
		                 LOY_OK);
		assert_true(customer == numbers[i] && length == 0 && text[0] == '\0');
		assert_int_equal(loy_store_customer(store, i, NULL, NULL, 0, NULL), LOY_OK);
		assert_int_equal(loy_store_find_key(store, keys[1 + i], strlen(keys[1 + i]), &row), LOY_OK);
		assert_int_equal(row, 6 + i);
		assert_int_equal(loy_store_customer(store, 6 + i, &customer, text, sizeof(text), &length),
		                 LOY_OK);
		assert_true(customer == 0 && length == strlen(keys[1 + i]));
		assert_string_equal(text, keys[1 + i]);
	}
	assert_int_equal(loy_store_keys(store, 0, 12, all, sizeof(all), &length, offsets), LOY_OK);
	assert_int_equal(length, 9);
	assert_memory_equal(all, "Aaaaabb\xc3\xa9", 9);
	for (i = 0; i < 6; i++) {
		assert_int_equal(offsets[i + 1], 0);
		assert_int_equal(offsets[7 + i] - offsets[6 + i], (int64_t)strlen(keys[1 + i]));
	}
	/* into a buffer that is just large enough, and no further */
	assert_int_equal(loy_store_keys(store, 7, 2, all, 3, NULL, offsets), LOY_OK);
	assert_memory_equal(all, "aaaaabb", 7);
	assert_int_equal(offsets[0], 0);
	assert_int_equal(offsets[1], 1);
	assert_int_equal(offsets[2], 3);
	/* nothing new for known customers: the order holds */
	visit(store, 255, NULL, 0);
	visit(store, 0, "ab", 2);
	assert_int_equal(loy_store_find(store, 255, &row), LOY_OK);
	visit(store, 3, NULL, 0);
	assert_int_equal(loy_store_find(store, 255, &row), LOY_ESTATE);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_store_find(store, 255, &row), LOY_OK);
	assert_int_equal(row, 3);
	assert_int_equal(loy_store_erase(store, 1, NULL, 0), LOY_OK);
	assert_int_equal(loy_store_find(store, 255, &row), LOY_ESTATE);
	loy_store_destroy(store);
}

static void what_is_not_there_is_refused(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_profile *profile;
	uint64_t row, customer = 5;
	int64_t offsets[3] = {-7, -7, -7};
	char text[3] = "!";
	size_t length = 0;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	assert_int_equal(loy_store_find(store, 1, &row), LOY_ENOTFOUND); /* an empty store is in order */
	visit(store, 1, NULL, 0);
	visit(store, 0, "key", 3);
	assert_int_equal(loy_store_profile(store, 0, profile), LOY_ESTATE);
	assert_int_equal(loy_store_customer(store, 0, &customer, NULL, 0, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_store_find(NULL, 1, &row), LOY_EINVAL);
	assert_int_equal(loy_store_find(store, 0, &row), LOY_EINVAL);
	assert_int_equal(loy_store_find(store, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_find(store, 2, &row), LOY_ENOTFOUND);
	assert_int_equal(loy_store_find_key(store, NULL, 1, &row), LOY_EINVAL);
	assert_int_equal(loy_store_find_key(store, "key", 0, &row), LOY_EINVAL);
	assert_int_equal(loy_store_find_key(store, "key", 2, &row), LOY_ENOTFOUND);
	assert_int_equal(loy_store_customer(NULL, 0, &customer, NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_customer(store, 2, &customer, NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_customer(store, 1, &customer, NULL, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_customer(store, 1, &customer, text, sizeof(text), &length), LOY_EBUFFER);
	assert_int_equal(customer, 5);
	assert_int_equal(length, 3);
	assert_int_equal(loy_store_customers(NULL, 0, 0, &row), LOY_EINVAL);
	assert_int_equal(loy_store_customers(store, 0, 3, &row), LOY_EINVAL);
	assert_int_equal(loy_store_customers(store, 3, 0, &row), LOY_EINVAL);
	assert_int_equal(loy_store_customers(store, 1, UINT64_MAX, &row), LOY_EINVAL);
	assert_int_equal(loy_store_customers(store, 0, 2, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_customers(store, 2, 0, NULL), LOY_OK);
	assert_int_equal(loy_store_keys(NULL, 0, 0, text, 3, &length, offsets), LOY_EINVAL);
	assert_int_equal(loy_store_keys(store, 0, 3, text, 3, &length, offsets), LOY_EINVAL);
	assert_int_equal(loy_store_keys(store, 0, 2, text, 3, &length, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_keys(store, 0, 2, NULL, 1, &length, offsets), LOY_EINVAL);
	assert_int_equal(loy_store_keys(store, 0, 2, text, 2, &length, offsets), LOY_EBUFFER);
	assert_int_equal(length, 3);
	assert_true(offsets[0] == -7 && text[0] == '!'); /* nothing was written */
	assert_int_equal(loy_store_keys(store, 2, 0, NULL, 0, &length, offsets), LOY_OK);
	assert_true(length == 0 && offsets[0] == 0);
	assert_int_equal(loy_store_keys(store, 0, 1, NULL, 0, NULL, offsets), LOY_OK); /* a number */
	assert_int_equal(offsets[1], 0);
	assert_int_equal(loy_store_profile(store, 2, profile), LOY_EINVAL);
	assert_int_equal(loy_store_profile(store, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_profile(NULL, 0, profile), LOY_EINVAL);
	assert_int_equal(loy_store_profile(store, 1, profile), LOY_OK);
	loy_profile_destroy(profile);
	loy_store_destroy(store);
}

/* One field of all rows under one key is what each profile says by itself. */
static void compare_values(const loy_store *store, loy_profile *profile, uint32_t field, uint64_t key,
                           int64_t time)
{
	static loy_value values[60];
	static loy_status statuses[60];
	uint64_t count = loy_store_count(store), row;

	assert_true(count <= 60);
	memset(values, 0xA5, sizeof(values));
	assert_int_equal(loy_store_values(store, field, key, time, 0, count, values, statuses), LOY_OK);
	for (row = 0; row < count; row++) {
		loy_value one = {0};

		assert_int_equal(loy_store_profile(store, row, profile), LOY_OK);
		assert_int_equal(loy_profile_get(profile, field, key, time, &one), statuses[row]);
		assert_memory_equal(&values[row], &one, sizeof(one));
	}
}

static void values_of_all_rows_are_those_of_their_profiles(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_profile *profile, *other;
	loy_profile_field field;
	loy_event *event;
	loy__random random;
	uint64_t i, key;
	uint32_t f, k;

	(void)state;
	loy__random_init(&random, 12);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&other, &model->schema, NULL), LOY_OK);
	for (i = 0; i < 600; i++) {
		stores_event(event, &random, 50, i + 1);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_store_values(store, LOY_PROFILE_EVENTS, 0, 0, 0, 0, NULL, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_store_profile(store, loy_store_count(store) / 2, other), LOY_OK);
	for (f = 0; loy_profile_field_info(f, &field) == LOY_OK; f++) {
		compare_values(store, profile, field.id, 0, 20000 * LOY_DAY);
		for (k = 0; loy_profile_key(other, field.id, k, &key) == LOY_OK; k++)
			compare_values(store, profile, field.id, key, 20001 * LOY_DAY);
	}
	assert_true(f > 30);
	loy_profile_destroy(other);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	loy_store_destroy(store);
}

static void values_that_cannot_be_asked_are_refused(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_value values[2] = {{.integer = 7}, {.integer = 7}};

	(void)state;
	visit(store, 1, NULL, 0);
	visit(store, 2, NULL, 0);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_store_values(NULL, LOY_PROFILE_EVENTS, 0, 0, 0, 2, values, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_values(store, LOY_PROFILE_EVENTS, 0, 0, 0, 2, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_values(store, LOY_PROFILE_EVENTS, 0, 0, 1, 2, values, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_values(store, LOY_PROFILE_EVENTS, 1, 0, 0, 2, values, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_values(store, 9999, 0, 0, 0, 2, values, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_values(store, LOY_PROFILE_EVENTS, 0, LOY_TIME_MAX + 1, 0, 2, values, NULL),
	                 LOY_ETIME);
	assert_int_equal(loy_store_values(store, LOY_PROFILE_EVENTS, 0, LOY_TIME_MIN - 1, 0, 2, values, NULL),
	                 LOY_ETIME);
	assert_true(values[0].integer == 7 && values[1].integer == 7);
	assert_int_equal(loy_store_values(store, LOY_PROFILE_EVENTS, 0, 0, 2, 0, NULL, NULL), LOY_OK);
	assert_int_equal(loy_store_values(store, LOY_PROFILE_EVENTS, 0, 0, 1, 1, values, NULL), LOY_OK);
	assert_true(values[0].integer == 1 && values[1].integer == 7);
	loy_store_destroy(store);
}

static void hashes_tell_stores_apart(void **state)
{
	loy_store *store = stores_create(model, 0), *other = stores_create(model, 0);
	uint64_t one[2], two[2];

	(void)state;
	stores_hash(store, one);
	visit(store, 1, NULL, 0);
	assert_int_equal(loy_store_hash(store, &two[0], &two[1]), LOY_ESTATE);
	stores_hash(store, two);
	assert_memory_not_equal(one, two, sizeof(one));
	visit(other, 2, NULL, 0);
	stores_hash(other, one);
	assert_memory_not_equal(one, two, sizeof(one)); /* the same profile of another customer */
	assert_int_equal(loy_store_erase(other, 2, NULL, 0), LOY_OK);
	visit(other, 0, "\1\0\0\0\0\0\0\0", 8);
	stores_hash(other, one);
	assert_memory_not_equal(one, two, sizeof(one)); /* of a key that looks like the number */
	visit(other, 1, NULL, 0);
	assert_int_equal(loy_store_erase(other, 0, "\1\0\0\0\0\0\0\0", 8), LOY_OK);
	stores_assert_equal(store, other);
	loy_store_destroy(other);
	loy_store_destroy(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rows_are_numbers_then_keys_ascending),
	        cmocka_unit_test(what_is_not_there_is_refused),
	        cmocka_unit_test(values_of_all_rows_are_those_of_their_profiles),
	        cmocka_unit_test(values_that_cannot_be_asked_are_refused),
	        cmocka_unit_test(hashes_tell_stores_apart),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
