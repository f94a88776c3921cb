/*
 * Canonical bytes of events. The first byte of the input says which request for memory fails (128 and more: none),
 * the rest are the bytes. What is accepted must be canonical: written again it is the same.
 */
#include "fuzz.h"
#include "profile/profile.h"

static void same_when_written(const loy_event *event, const uint8_t *bytes, size_t size)
{
	uint8_t *out = malloc(size);
	size_t needed = 0;

	FUZZ_CHECK(out != NULL);
	FUZZ_CHECK(loy_event_write(event, out, size, &needed) == LOY_OK);
	FUZZ_CHECK(needed == size && memcmp(out, bytes, size) == 0);
	free(out);
}

static void readable(const loy_event *event)
{
	uint32_t kind = 0, count = 0, i;
	int64_t value;
	uint64_t digest;
	loy_line line;
	loy_status status;

	FUZZ_CHECK(loy_event_kind(event, &kind) == LOY_OK && kind != 0);
	for (i = 1; i <= LOY_FIELD_OPTIONAL_LAST; i++)
		(void)loy_event_get(event, i, &value);
	FUZZ_CHECK(loy_event_line_count(event, &count) == LOY_OK && count <= LOY_LINES_MAX);
	for (i = 0; i < count; i++)
		FUZZ_CHECK(loy_event_line(event, i, &line) == LOY_OK);
	FUZZ_CHECK(loy_event_line(event, count, &line) == LOY_ENOTFOUND);
	status = loy_event_check(event, NULL);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_ERANGE);
	status = loy_event_digest(event, &digest);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ENOMEM);
	if (loy__event_share(event, &value))
		FUZZ_CHECK(value >= 0 && value <= LOY_RATIO_ONE);
	(void)loy__event_delay(event, &value);
}

/* Setting and taking back an extension leaves the event as it was, whether memory fails or not. */
static void extension_goes_again(loy_event *event, const uint8_t *bytes, size_t size)
{
	const uint32_t tag = 1000u + bytes[size - 1];
	loy_status status;

	if (loy_event_extension(event, tag, NULL, NULL) == LOY_OK)
		return;
	status = loy_event_set_extension(event, tag, bytes, size < 200 ? size : 200);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ENOMEM || status == LOY_ELIMIT);
	if (status == LOY_OK)
		FUZZ_CHECK(loy_event_set_extension(event, tag, NULL, 0) == LOY_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_heap heap = {.until = size > 0 && data[0] < 128 ? 1 + data[0] : -1};
	loy_allocator memory = fuzz_allocator(&heap);
	loy_error error = {.struct_size = sizeof(error)};
	loy_event *event = NULL, *copy = NULL;
	size_t used = 0;
	loy_status status;

	fuzz_begin();
	if (size == 0)
		return 0;
	data++;
	size--;
	FUZZ_CHECK(loy_event_create(&event, &memory) == LOY_OK);
	status = loy_event_read(event, data, size, &used, &error);
	if (status == LOY_OK) {
		FUZZ_CHECK(used <= size);
		readable(event);
		if (loy_event_create(&copy, &memory) == LOY_OK && loy_event_copy(copy, event) == LOY_OK)
			same_when_written(copy, data, used);
		extension_goes_again(event, data, used);
		same_when_written(event, data, used);
	} else {
		FUZZ_CHECK(error.code == status && error.byte >= 0 && (size_t)error.byte <= size);
		FUZZ_CHECK(loy_event_kind(event, NULL) == LOY_ENOTFOUND);
	}
	loy_event_destroy(copy);
	loy_event_destroy(event);
	FUZZ_CHECK(heap.live == 0);
	return 0;
}
