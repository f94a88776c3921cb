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

struct image {
	uint8_t head[LOY__IMAGE_HEAD], *words;
	size_t size;
};

static struct image image_of(const loy__record *record)
{
	struct image image = {.size = loy__image_words_size(record)};
	size_t first, part;

	image.words = malloc(image.size + 1);
	assert_non_null(image.words);
	loy__image_write_head(record, image.head);
	for (first = 0; first < image.size / 8; first += part) { /* in pieces, as snapshots do */
		part = image.size / 8 - first < 5 ? image.size / 8 - first : 5;
		loy__image_write_words(record, first, part, image.words + 8 * first);
	}
	return image;
}

/* LOY_OK with the record, LOY_EFORMAT or LOY_ENOMEM. */
static loy_status load(const struct image *image, loy__record **out, const loy_allocator *memory)
{
	uint8_t *words;
	size_t size;
	loy_status status = loy__image_begin(out, image->head, &words, &size, memory);

	if (status != LOY_OK || *out == NULL)
		return status;
	if (size == image->size) {
		memcpy(words, image->words, size);
		if (loy__image_finish(*out, schema))
			return LOY_OK;
	}
	loy__record_free(*out, memory);
	*out = NULL;
	return LOY_EFORMAT;
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
			const loy__record *record;
			loy__record *loaded;
			struct image image;

			if (events[i] >= 100 && round % 30 >= 3)
				continue;
			profile = random_profile(&r, events[i], round % 3);
			record = loy__profile_record(profile);
			image = image_of(record);
			assert_int_equal(load(&image, &loaded, &heap_memory), LOY_OK);
			assert_true(loy__record_equal(record, loaded));
			assert_int_equal(loaded == NULL, image.size == 0);
			/* blocks are of whole 16 bytes wherever they come from */
			assert_true(loy__record_memory(loaded) <=
			            (loy__record_memory(record) + 15) / 16 * 16);
			assert_int_equal(loy__record_memory(loaded), loy__image_memory(record));
			loy__record_free(loaded, &heap_memory);
			free(image.words);
			loy_profile_destroy(profile);
		}
	}
}

/* A profile whose evidence has all widths: many events of a kind, merged with itself until sums are wide. */
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
			const loy__record *record = loy__profile_record(profile);
			struct image image = image_of(record);
			loy__record *loaded;

			assert_int_equal(load(&image, &loaded, &heap_memory), LOY_OK);
			assert_true(loy__record_equal(record, loaded));
			loy__record_free(loaded, &heap_memory);
			free(image.words);
			if (loy_profile_merge(profile, profile) != LOY_OK)
				break; /* amounts of wild events are large */
		}
		assert_true(i > 10 || round % 3 == SAMPLE_WILD);
		loy_profile_destroy(profile);
	}
}

/* Every changed bit: refused, or a record whose canonical bytes the reader takes, which checks all it holds. */
static void changed_images_are_refused_or_possible(void **state)
{
	long accepted = 0, refused = 0;
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 5);
	for (round = 0; round < 12; round++) {
		loy_profile *profile = random_profile(&r, 1 + 4 * round, round % 3);
		struct image image = image_of(loy__profile_record(profile));
		size_t bit, bits = 8 * (sizeof(image.head) + image.size);

		for (bit = 0; bit < bits; bit++) {
			uint8_t *at = bit / 8 < sizeof(image.head)
			                      ? &image.head[bit / 8]
			                      : &image.words[bit / 8 - sizeof(image.head)];
			loy__record *loaded, *again;
			loy__writer bytes;

			*at = (uint8_t)(*at ^ 1u << bit % 8);
			if (load(&image, &loaded, &heap_memory) == LOY_OK) {
				loy__writer_init(&bytes, &heap_memory, SIZE_MAX);
				loy__record_write(loaded, schema, &bytes);
				assert_int_equal(bytes.status, LOY_OK);
				assert_int_equal(loy__record_read(&again, schema, bytes.data, bytes.size,
				                                  &heap_memory, NULL),
				                 LOY_OK);
				assert_true(loy__record_equal(loaded, again));
				loy__record_free(again, &heap_memory);
				loy__record_free(loaded, &heap_memory);
				loy__writer_free(&bytes);
				accepted++;
			} else {
				refused++;
			}
			*at = (uint8_t)(*at ^ 1u << bit % 8);
		}
		free(image.words);
		loy_profile_destroy(profile);
	}
	assert_true(accepted > 1000 && refused > 1000);
}

static void heads_are_refused_before_memory_is_taken(void **state)
{
	struct faulty heap = {.until = 0, .forever = 1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_profile *profile;
	struct image image;
	loy__record *loaded;
	loy__random r;
	uint8_t *words;
	size_t size;

	(void)state;
	loy__random_init(&r, 5);
	profile = random_profile(&r, 30, SAMPLE_TAME);
	image = image_of(loy__profile_record(profile));
	assert_int_equal(loy__image_begin(&loaded, image.head, &words, &size, &memory), LOY_ENOMEM);
	assert_null(loaded);
	image.head[3] = 0x80; /* operations */
	assert_int_equal(loy__image_begin(&loaded, image.head, &words, &size, &memory), LOY_EFORMAT);
	memset(image.head, 0, sizeof(image.head));
	assert_int_equal(loy__image_begin(&loaded, image.head, &words, &size, &memory), LOY_OK);
	assert_null(loaded);
	assert_int_equal(size, 0);
	for (size = 4; size < sizeof(image.head); size++) { /* without operations nothing else can be */
		size_t unused;

		image.head[size] = 1;
		assert_int_equal(loy__image_begin(&loaded, image.head, &words, &unused, &memory),
		                 LOY_EFORMAT);
		image.head[size] = 0;
	}
	assert_int_equal(heap.requests, 1);
	free(image.words);
	loy_profile_destroy(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(loaded_records_are_equal),
	        cmocka_unit_test(wide_records_are_equal),
	        cmocka_unit_test(changed_images_are_refused_or_possible),
	        cmocka_unit_test(heads_are_refused_before_memory_is_taken),
	};

	return cmocka_run_group_tests(tests, make_schema, free_schema);
}
