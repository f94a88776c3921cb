/*
 * Records as canonical bytes; the format is in this room's README.md. A record has one form as bytes, and the
 * reader takes no other: what it accepts, the writer writes back byte for byte.
 */
#include "profile/record_walk.h"

#define MAGIC        UINT32_C(0x50594f4c) /* "LOYP" */
#define VERSION      1
#define TRAILER_SIZE 4 /* CRC-32C */

/* How the slots of a class are written: z signed and v unsigned as varint, r as 8 bytes. */
static const char encoding[LOY__CLASS_LAST + 1][LOY__SLOTS + 1] = {
        [LOY__CLASS_KIND] = "zzz",         [LOY__CLASS_MONEY] = "zvzvzzzz", [LOY__CLASS_DAYS] = "v",
        [LOY__CLASS_EVIDENCE] = "zzzzzzv", [LOY__CLASS_WORST] = "z",        [LOY__CLASS_ANSWER] = "zrrvzzvz",
        [LOY__CLASS_SPAN] = "zzzzz",       [LOY__CLASS_TAG] = "z",          [LOY__CLASS_CATEGORY] = "zz",
        [LOY__CLASS_STATE] = "zrrv",
};

/* ---- writing ---- */

static void write_entry(loy__writer *out, uint32_t class, const uint64_t *v)
{
	unsigned i;

	for (i = 0; i < loy__entry_slots[class]; i++) {
		if (encoding[class][i] == 'z')
			loy__write_zigzag(out, loy__signed(v[i]));
		else if (encoding[class][i] == 'v')
			loy__write_varint(out, v[i]);
		else
			loy__write_u64(out, v[i]);
	}
}

/* Entries of one class; returns where the data behind theirs lies. */
static const uint64_t *write_class(const uint64_t *words, size_t count, const uint64_t *data,
                                   loy__writer *out)
{
	uint32_t class = loy__entry_class(words[0]);
	uint64_t next = 0; /* smallest key that may follow */
	size_t i;

	loy__write_u8(out, (uint8_t) class);
	loy__write_varint(out, count);
	for (i = 0; i < count; i++) {
		uint64_t entry = words[i], v[LOY__SLOTS];

		loy__write_varint(out, loy__entry_key(entry) - next);
		next = loy__entry_key(entry) + 1;
		loy__load(class, entry, data, v);
		write_entry(out, class, v);
		data += loy__entry_words(entry);
	}
	return data;
}

static void write_entries(const loy__record *record, loy__writer *out)
{
	const uint64_t *data = record->words + record->entries;
	size_t i = 0, end, months = record->months;

	while (i < record->entries || months != 0) {
		uint32_t class = i < record->entries ? loy__entry_class(record->words[i]) : LOY__CLASS_LAST;

		if (months != 0 && class > LOY__CLASS_DAYS) {
			(void)write_class(loy__record_months_read(record), months, data, out);
			months = 0;
			continue;
		}
		for (end = i + 1; end < record->entries && loy__entry_class(record->words[end]) == class;
		     end++)
			;
		data = write_class(record->words + i, end - i, data, out);
		i = end;
	}
	loy__write_u8(out, 0);
}

static void write_body(const loy__record *record, const loy_schema *schema, loy__writer *out)
{
	loy__write_u32(out, MAGIC);
	loy__write_u8(out, VERSION);
	loy__write_u64(out, schema->fingerprint_high);
	loy__write_u64(out, schema->fingerprint_low);
	loy__write_varint(out, record != NULL ? loy__record_flags(record) : 0);
	loy__write_varint(out, record != NULL ? record->operations : 0);
	loy__write_varint(out, record != NULL ? record->retracted : 0);
	loy__write_varint(out, record != NULL ? record->magnitude : 0);
	if (record != NULL)
		write_entries(record, out);
	else
		loy__write_u8(out, 0);
}

void loy__record_write(const loy__record *record, const loy_schema *schema, loy__writer *out)
{
	size_t start = out->size;
	uint32_t sum = 0;

	write_body(record, schema, out);
	/* a fixed buffer that was too small holds less than `size`, and what it holds is of no use */
	if (out->status == LOY_OK && out->size <= out->capacity)
		sum = loy__crc32c(0, out->data + start, out->size - start);
	loy__write_u32(out, sum);
}

/* ---- reading ---- */

/* The same walk over the input is done twice: first it checks all and counts, then it fills the record. */
struct parse {
	loy__reader in;
	const loy_schema *schema;
	loy__record *record;           /* while counting: a header alone */
	size_t entries, words, months; /* so far; words are those of data */
	int filling;
	int list_full; /* some list has as many keys as are kept */
};

static int read_slots(loy__reader *in, uint32_t class, uint64_t *v)
{
	unsigned i;

	for (i = 0; i < loy__entry_slots[class]; i++) {
		if (encoding[class][i] == 'z')
			v[i] = (uint64_t)loy__read_zigzag(in);
		else if (encoding[class][i] == 'v')
			v[i] = loy__read_varint(in);
		else
			v[i] = loy__read_u64(in);
	}
	return in->status == LOY_OK;
}

/* Count an entry that was read, and put it in its place. */
static void keep_entry(struct parse *p, uint32_t class, uint64_t entry, uint64_t *v)
{
	unsigned words = loy__entry_fit(class, v);
	uint64_t *at = NULL;

	if (p->filling)
		at = class == LOY__CLASS_DAYS ? loy__record_months(p->record) + p->months
		                              : p->record->words + p->entries;
	if (at != NULL) {
		*at = entry | words;
		loy__store(class, v, at, p->record->words + p->record->entries + p->words);
	}
	p->months += class == LOY__CLASS_DAYS;
	p->entries += class != LOY__CLASS_DAYS;
	p->words += words;
}

static int parse_class(struct parse *p, uint32_t class)
{
	const unsigned shift = loy__class_shift(class);
	const uint64_t key_end = UINT64_C(1) << (56 - shift);
	uint64_t left = loy__read_varint(&p->in), next = 0, before = 0;
	size_t listed = 0;

	if (left == 0)
		return 0;
	for (; left > 0; left--) {
		uint64_t key = loy__read_varint(&p->in), entry, v[LOY__SLOTS] = {0};

		if (next >= key_end || key >= key_end - next)
			return 0;
		key += next;
		next = key + 1;
		if (!read_slots(&p->in, class, v) || !loy__entry_valid(p->record, p->schema, class, key, v))
			return 0;
		entry = (uint64_t) class << 56 | key << shift;
		listed = (entry ^ before) >> loy__list_shift(entry) == 0 ? listed + 1 : 1;
		before = entry;
		if (listed > loy__list_limit(entry))
			return 0;
		p->list_full |= listed == loy__list_limit(entry);
		keep_entry(p, class, entry, v);
	}
	return 1;
}

static int parse_entries(struct parse *p)
{
	uint32_t class, before = 0;

	p->entries = p->words = p->months = 0;
	for (;;) {
		class = loy__read_u8(&p->in);
		if (class == 0)
			return p->in.status == LOY_OK;
		if (class <= before || class > LOY__CLASS_LAST || !parse_class(p, class))
			return 0;
		before = class;
	}
}

/* Numbers before the entries; *header is filled in. */
static int parse_header(loy__reader *in, loy__record *header)
{
	uint64_t flags = loy__read_varint(in), operations = loy__read_varint(in);
	uint64_t retracted = loy__read_varint(in), magnitude = loy__read_varint(in);

	if (in->status != LOY_OK || (flags & ~(uint64_t)LOY_PROFILE_KEYS_DROPPED) != 0 ||
	    operations > LOY__OPERATIONS_MAX || retracted > operations || magnitude > INT64_MAX)
		return 0;
	header->dropped = (flags & LOY_PROFILE_KEYS_DROPPED) != 0;
	header->operations = (uint32_t)operations;
	header->retracted = (uint32_t)retracted & LOY__RETRACTED_MASK;
	header->magnitude = magnitude;
	return operations != 0 || (flags == 0 && magnitude == 0);
}

static loy_status format_error(const struct parse *p, loy_error *error)
{
	return loy__fail_byte(error, LOY_EFORMAT, (int64_t)p->in.at, "these bytes are no canonical profile");
}

/* Magic, version, checksum and schema; afterwards the input is what lies between them and the checksum. */
static loy_status parse_frame(struct parse *p, const void *bytes, size_t size, loy_error *error)
{
	loy__reader trailer;
	uint64_t high, low;
	uint8_t version;

	loy__reader_init(&p->in, bytes, size);
	if (loy__read_u32(&p->in) != MAGIC)
		return loy__fail_byte(error, LOY_EFORMAT, 0, "a profile starts with the bytes LOYP");
	version = loy__read_u8(&p->in);
	if (p->in.status != LOY_OK || version == 0)
		return format_error(p, error);
	if (version > VERSION)
		return loy__fail_byte(error, LOY_EVERSION, 4, "the profile was written by a newer version");
	if (size < p->in.at + TRAILER_SIZE)
		return format_error(p, error);
	p->in.size = size - TRAILER_SIZE;
	loy__reader_init(&trailer, p->in.data + p->in.size, TRAILER_SIZE);
	if (loy__read_u32(&trailer) != loy__crc32c(0, bytes, p->in.size))
		return loy__fail_byte(error, LOY_ECHECKSUM, (int64_t)p->in.size,
		                      "the profile's bytes are damaged");
	high = loy__read_u64(&p->in);
	low = loy__read_u64(&p->in);
	if (p->in.status != LOY_OK)
		return format_error(p, error);
	if (high != p->schema->fingerprint_high || low != p->schema->fingerprint_low)
		return loy__fail_byte(error, LOY_ESCHEMA, 5, "the profile was made with another schema");
	return LOY_OK;
}

loy_status loy__record_read(loy__record **out, const loy_schema *schema, const void *bytes, size_t size,
                            const loy_allocator *memory, loy_error *error)
{
	loy__record header = {0};
	struct parse p = {.schema = schema, .record = &header};
	loy_status status;
	size_t start;

	*out = NULL;
	status = parse_frame(&p, bytes, size, error);
	if (status != LOY_OK)
		return status;
	if (!parse_header(&p.in, &header))
		return format_error(&p, error);
	start = p.in.at;
	if (!parse_entries(&p) || loy__reader_left(&p.in) != 0 ||
	    (p.entries + p.months != 0) != (header.operations != 0) || (header.dropped && !p.list_full))
		return format_error(&p, error);
	if (p.entries + p.months == 0)
		return LOY_OK;
	p.record = loy__record_new(p.entries + p.words + p.months, memory);
	if (p.record == NULL)
		return loy__fail(error, LOY_ENOMEM, "out of memory for a profile");
	p.record->operations = header.operations;
	p.record->retracted = header.retracted;
	p.record->magnitude = header.magnitude;
	p.record->dropped = header.dropped;
	p.record->entries = (uint16_t)p.entries;
	p.record->months = (uint16_t)p.months;
	p.record->used = p.record->capacity;
	p.filling = 1;
	p.in.at = start;
	(void)parse_entries(&p); /* the same walk as before */
	*out = p.record;
	return LOY_OK;
}
