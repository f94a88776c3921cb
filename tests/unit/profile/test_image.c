/* Records as images: every record has one, loaded it is equal, and what no record can be is refused. */
#include "profiles.h"

static loy_schema *schema;
static loy_allocator heap_memory;

static int make_schema(void **state)
{
	(void)state;
	schema = sample_schema();
	return loy__memory_adopt(&heap_memory, NULL);
}

static int free_schema(void **state)
{
	(void)state;
	free(schema);
	return 0;
}

static loy__writer image_of(const loy__record *record)
{
	loy__writer image;

	loy__writer_init(&image, &heap_memory, SIZE_MAX);
	loy__image_write(record, &image);
	assert_int_equal(image.status, LOY_OK);
	assert_int_equal(image.size, loy__image_size(record));
	assert_int_equal(image.size % LOY__IMAGE_STEP, 0);
	return image;
}

/* The record of an image, or NULL. */
static loy__record *load(const uint8_t *image, size_t size)
{
	void *block = malloc(size + 1);
	loy__record *record;

	assert_non_null(block);
	memcpy(block, image, size);
	record = loy__image_open(block, size, schema);
	if (record == NULL)
		free(block);
	else
		assert_ptr_equal(record, block);
	return record;
}

static loy_profile *random_profile(loy__random *r, int events, int how)
{
	loy_profile *profile, *part;
	loy_event *event;
	int i;

	assert_int_equal(loy_profile_create(&profile, schema, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&part, schema, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < events; i++) {
		loy_profile *to = loy__random_below(r, 4) == 0 ? part : profile;

		sample_event(event, r, how);
		if (loy__random_below(r, 8) == 0)
			(void)loy_profile_retract(to, event, NULL);
		else
			(void)loy_profile_record(to, event, NULL);
	}
	(void)loy_profile_merge(profile, part);
	loy_event_destroy(event);
	loy_profile_destroy(part);
	return profile;
}

/* The image of a record is a record that is equal, in a block of the image's size. */
static void check_image(const loy__record *record)
{
	loy__writer image = image_of(record);
	loy__record *loaded;

	assert_int_equal(image.size == 0, record == NULL);
	if (image.size != 0) {
		loaded = load(image.data, image.size);
		assert_non_null(loaded);
		assert_true(loy__record_equal(record, loaded));
		assert_int_equal(loy__record_memory(loaded), image.size);
		/* blocks are of whole 16 bytes wherever they come from */
		assert_true(image.size <= (loy__record_memory(record) + 15) / 16 * 16);
		free(loaded);
	}
	loy__writer_free(&image);
}

static void loaded_records_are_equal(void **state)
{
	static const int events[] = {0, 1, 2, 5, 20, 100, 300, 1000};
	loy__random r;
	size_t i;
	int round;

	(void)state;
	loy__random_init(&r, 12);
	for (round = 0; round < 300; round++) {
		for (i = 0; i < LOY__COUNT(events); i++) {
			loy_profile *profile;

			if (events[i] >= 100 && round % 30 >= 3)
				continue;
			profile = random_profile(&r, events[i], round % 3);
			check_image(loy__profile_record(profile));
			loy_profile_destroy(profile);
		}
	}
}

/* Evidence of all widths, counts and squares that fill their words: profiles merged with themselves again and again. */
static void wide_records_are_equal(void **state)
{
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 99);
	for (round = 0; round < 20; round++) {
		loy_profile *profile = random_profile(&r, 40, round % 3);
		int i;

		for (i = 0; i < 22; i++) { /* 2^22 times 40 operations are within the limit */
			check_image(loy__profile_record(profile));
			if (loy_profile_merge(profile, profile) != LOY_OK)
				break; /* amounts of wild events are large */
		}
		assert_true(i > 10 || round % 3 == SAMPLE_WILD);
		loy_profile_destroy(profile);
	}
}

/* Canonical bytes, whose reader checks all that a record holds, can be made of it and be read. */
static void check_possible(const loy__record *record)
{
	loy__record *again;
	loy__writer bytes;

	loy__writer_init(&bytes, &heap_memory, SIZE_MAX);
	loy__record_write(record, schema, &bytes);
	assert_int_equal(bytes.status, LOY_OK);
	assert_int_equal(loy__record_read(&again, schema, bytes.data, bytes.size, &heap_memory, NULL),
	                 LOY_OK);
	assert_true(loy__record_equal(record, again));
	loy__record_free(again, &heap_memory);
	loy__writer_free(&bytes);
}

static void changed_images_are_refused_or_possible(void **state)
{
	long accepted = 0, refused = 0;
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 5);
	for (round = 0; round < 12; round++) {
		loy_profile *profile = random_profile(&r, 1 + 4 * round, round % 3);
		loy__writer image = image_of(loy__profile_record(profile));
		size_t bit;

		for (bit = 0; bit < 8 * image.size; bit++) {
			loy__record *loaded;

			image.data[bit / 8] = (uint8_t)(image.data[bit / 8] ^ 1u << bit % 8);
			loaded = load(image.data, image.size);
			if (loaded != NULL)
				check_possible(loaded);
			free(loaded);
			accepted += loaded != NULL;
			refused += loaded == NULL;
			image.data[bit / 8] = (uint8_t)(image.data[bit / 8] ^ 1u << bit % 8);
		}
		loy__writer_free(&image);
		loy_profile_destroy(profile);
	}
	assert_true(accepted > 1000 && refused > 1000);
}

/* Numbers at the edges of what they can be, put over words and parts of words. */
static void strange_numbers_are_refused_or_possible(void **state)
{
	static const uint64_t strange[] = {0,          1,        UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN,
	                                   UINT32_MAX, INT32_MAX};
	long accepted = 0;
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 6);
	for (round = 0; round < 300; round++) {
		loy_profile *profile = random_profile(&r, 1 + round % 40, round % 3);
		loy__writer image = image_of(loy__profile_record(profile));
		int i;

		for (i = 0; i < 100 && image.size != 0; i++) {
			size_t at = (size_t)loy__random_below(&r, image.size / 4) * 4, size = 4u << (i & 1),
			       k;
			uint64_t number = strange[loy__random_below(&r, LOY__COUNT(strange))] +
			                  loy__random_below(&r, 3) - 1;
			uint8_t kept[8];
			loy__record *loaded;

			size = size < image.size - at ? size : image.size - at;
			memcpy(kept, image.data + at, size);
			for (k = 0; k < size; k++)
				image.data[at + k] = (uint8_t)(number >> 8 * k);
			loaded = load(image.data, image.size);
			if (loaded != NULL)
				check_possible(loaded);
			accepted += loaded != NULL;
			free(loaded);
			memcpy(image.data + at, kept, size);
		}
		loy__writer_free(&image);
		loy_profile_destroy(profile);
	}
	assert_true(accepted > 100);
}

static void images_of_other_sizes_are_refused(void **state)
{
	loy_profile *profile;
	loy__writer image;
	loy__random r;
	size_t size;

	(void)state;
	loy__random_init(&r, 7);
	profile = random_profile(&r, 30, SAMPLE_TAME);
	image = image_of(loy__profile_record(profile));
	for (size = 0; size < image.size; size += 8)
		assert_null(load(image.data, size));
	loy__write_u64(&image, 0);
	assert_null(load(image.data, image.size));
	loy__write_u64(&image, 0);
	assert_null(load(image.data, image.size));
	loy__writer_free(&image);
	loy_profile_destroy(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(loaded_records_are_equal),
	        cmocka_unit_test(wide_records_are_equal),
	        cmocka_unit_test(changed_images_are_refused_or_possible),
	        cmocka_unit_test(strange_numbers_are_refused_or_possible),
	        cmocka_unit_test(images_of_other_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, make_schema, free_schema);
}
