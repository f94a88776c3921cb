/* Open-addressing tables with linear search; keys are hashes already. See names.h. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

struct name {
	char *text; /* NULL: free */
	uint32_t field, code;
};

struct names {
	size_t count;
	struct name slot[2 * NAMES_MAX];
};

struct names *names_create(void)
{
	return calloc(1, sizeof(struct names));
}

void names_destroy(struct names *names)
{
	size_t i;

	if (names == NULL)
		return;
	for (i = 0; i < 2 * NAMES_MAX; i++)
		free(names->slot[i].text);
	free(names);
}

/* The slot of a code, or the free one where it would go. */
static size_t name_slot(const struct names *names, uint32_t field, uint32_t code)
{
	size_t i = (code * 2654435761u ^ field * 40503u) % (2 * NAMES_MAX);

	while (names->slot[i].text != NULL && (names->slot[i].field != field || names->slot[i].code != code))
		i = (i + 1) % (2 * NAMES_MAX);
	return i;
}

void names_add(struct names *names, uint32_t field, uint32_t code, const char *text, size_t length)
{
	size_t i = name_slot(names, field, code);

	if (names->slot[i].text != NULL || names->count == NAMES_MAX)
		return;
	names->slot[i].text = malloc(length + 1);
	if (names->slot[i].text == NULL)
		return;
	memcpy(names->slot[i].text, text, length);
	names->slot[i].text[length] = '\0';
	names->slot[i].field = field;
	names->slot[i].code = code;
	names->count++;
}

const char *names_find(const struct names *names, uint32_t field, uint32_t code)
{
	return names != NULL ? names->slot[name_slot(names, field, code)].text : NULL;
}

struct repeat {
	uint64_t high, low, count; /* count 0: free */
};

struct repeats {
	struct repeat *slot;
	size_t count, capacity; /* capacity is a power of two */
};

struct repeats *repeats_create(void)
{
	struct repeats *repeats = calloc(1, sizeof(*repeats));

	if (repeats == NULL)
		return NULL;
	repeats->capacity = 1024;
	repeats->slot = calloc(repeats->capacity, sizeof(*repeats->slot));
	if (repeats->slot == NULL) {
		free(repeats);
		return NULL;
	}
	return repeats;
}

void repeats_destroy(struct repeats *repeats)
{
	if (repeats != NULL) {
		free(repeats->slot);
		free(repeats);
	}
}

void repeats_clear(struct repeats *repeats)
{
	memset(repeats->slot, 0, repeats->capacity * sizeof(*repeats->slot));
	repeats->count = 0;
}

static struct repeat *repeat_slot(const struct repeats *repeats, uint64_t high, uint64_t low)
{
	size_t i = (size_t)low & (repeats->capacity - 1);

	while (repeats->slot[i].count != 0 && (repeats->slot[i].high != high || repeats->slot[i].low != low))
		i = (i + 1) & (repeats->capacity - 1);
	return &repeats->slot[i];
}

static int repeats_double(struct repeats *repeats)
{
	struct repeats larger = {NULL, repeats->count, repeats->capacity * 2};
	size_t i;

	larger.slot = calloc(larger.capacity, sizeof(*larger.slot));
	if (larger.slot == NULL)
		return 0;
	for (i = 0; i < repeats->capacity; i++) {
		if (repeats->slot[i].count != 0)
			*repeat_slot(&larger, repeats->slot[i].high, repeats->slot[i].low) = repeats->slot[i];
	}
	free(repeats->slot);
	*repeats = larger;
	return 1;
}

uint64_t repeats_count(struct repeats *repeats, uint64_t high, uint64_t low)
{
	struct repeat *slot;

	if (repeats->count * 4 >= repeats->capacity * 3 && !repeats_double(repeats))
		return UINT64_MAX;
	slot = repeat_slot(repeats, high, low);
	repeats->count += slot->count == 0;
	slot->high = high;
	slot->low = low;
	return slot->count++;
}
