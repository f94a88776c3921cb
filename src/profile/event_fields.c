/* The registry of kinds and fields: one table each, made from the lists in the public header. */
#include "profile/profile.h"

#include <string.h>

/* Arrays of characters rather than of pointers: pointers would need relocation when the library is loaded. */
#define KIND_NAME(NAME, value, name) [value] = {name},
static const char kind_names[][20] = {LOY_KIND_MAP(KIND_NAME)};

#define FIELD_RANGE(NAME, id, name, type, least, greatest) [id] = {least, greatest, type},
const loy__field_range loy__field_ranges[LOY__FIELD_END] = {LOY_FIELD_MAP(FIELD_RANGE)};

typedef struct field_entry {
	uint32_t id;
	char name[20];
} field_entry;
#define FIELD_ENTRY(NAME, id, name, type, least, greatest) {id, name},
static const field_entry fields[] = {LOY_FIELD_MAP(FIELD_ENTRY)};

/* Whether `name` is the terminated text `known`; names of the library hold no zero byte, the caller's may. */
static int same_name(const char *known, const char *name, size_t length)
{
	return length == strlen(known) && memcmp(known, name, length) == 0;
}

uint32_t loy_field_count(void)
{
	return (uint32_t)LOY__COUNT(fields);
}

loy_status loy_field_info(uint32_t index, loy_field *out)
{
	const loy__field_range *range;

	if (out == NULL)
		return LOY_EINVAL;
	if (index >= LOY__COUNT(fields))
		return LOY_ENOTFOUND;
	range = &loy__field_ranges[fields[index].id];
	out->id = fields[index].id;
	out->type = range->type;
	out->name = fields[index].name;
	out->least = range->least;
	out->greatest = range->greatest;
	return LOY_OK;
}

const char *loy__field_name(uint32_t id)
{
	uint32_t i;

	for (i = 0; fields[i].id != id && i + 1 < LOY__COUNT(fields); i++) {}
	return fields[i].name;
}

uint32_t loy_field_find(const char *name, size_t length)
{
	size_t i;

	if (name == NULL)
		return LOY_FIELD_NONE;
	for (i = 0; i < LOY__COUNT(fields); i++) {
		if (same_name(fields[i].name, name, length))
			return fields[i].id;
	}
	return LOY_FIELD_NONE;
}

const char *loy_kind_name(uint32_t kind)
{
	return kind != LOY_KIND_NONE && kind < LOY__COUNT(kind_names) ? kind_names[kind] : NULL;
}

uint32_t loy_kind_find(const char *name, size_t length)
{
	uint32_t kind;

	if (name == NULL || length == 0)
		return LOY_KIND_NONE;
	for (kind = 1; kind < LOY__COUNT(kind_names); kind++) {
		if (same_name(kind_names[kind], name, length))
			return kind;
	}
	return LOY_KIND_NONE;
}

uint32_t loy_currency_code(const char letters[3])
{
	uint32_t code = 0;
	int i;

	if (letters == NULL)
		return 0;
	for (i = 0; i < 3; i++) {
		unsigned char letter = (unsigned char)letters[i];

		if (letter < 0x41u || letter > 0x5Au) /* A to Z, whatever the character set of the compiler */
			return 0;
		code = code << 8 | letter;
	}
	return code;
}
