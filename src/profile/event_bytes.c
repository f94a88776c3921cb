/*
 * Canonical bytes of events; README.md has the format. One event has one encoding: what reads back differently
 * from how it was written is refused, so comparing bytes compares events.
 */
#include "profile/profile.h"

#include <string.h>

#define FORMAT_VERSION 1
#define LENGTH_BYTES   4u
#define HEAD_BYTES     (LENGTH_BYTES + 27u)
#define LINE_BYTES_MIN 4u   /* four varints of one byte */
#define SMALL_EVENT    512u /* most events fit: these need no memory for a digest */

/* ---- writing ---- */

/* No event is longer than this. It is cheap to tell, which spares counting before most writes. */
static size_t size_bound(const loy_event *event)
{
	return 64u + event->key_length + 11u * LOY_FIELD_OPTIONAL_LAST + 30u * event->line_count +
	       event->extension_size;
}

/*
 * Each of these puts its bytes at `at` of `out`, or only counts them when that is NULL, and returns what lies behind
 * them. They are inlined into one function for each, without a call or a question for every number.
 */
static LOY__ALWAYS_INLINE size_t put_varint(uint8_t *out, size_t at, uint64_t v)
{
	for (; v >= 0x80; v >>= 7, at++) {
		if (out != NULL)
			out[at] = (uint8_t)(0x80 | (v & 0x7f));
	}
	if (out != NULL)
		out[at] = (uint8_t)v;
	return at + 1;
}

static LOY__ALWAYS_INLINE size_t put_zigzag(uint8_t *out, size_t at, int64_t v)
{
	return put_varint(out, at, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static LOY__ALWAYS_INLINE size_t put_bytes(uint8_t *out, size_t at, const void *bytes, size_t size)
{
	if (out != NULL && size != 0)
		memcpy(out + at, bytes, size);
	return at + size;
}

/* Length, version, kind, time and identity have fixed places. */
static LOY__ALWAYS_INLINE void put_head(uint8_t *out, size_t size, uint32_t kind, int64_t time, uint64_t high,
                                        uint64_t low)
{
	loy__put_u32(out, (uint32_t)(size - LENGTH_BYTES));
	out[LENGTH_BYTES] = FORMAT_VERSION;
	loy__put_u16(out + LENGTH_BYTES + 1, kind);
	loy__put_u64(out + LENGTH_BYTES + 3, (uint64_t)time);
	loy__put_u64(out + LENGTH_BYTES + 11, high);
	loy__put_u64(out + LENGTH_BYTES + 19, low);
}

static LOY__ALWAYS_INLINE size_t put_fields(uint8_t *out, size_t at, const loy_event *event)
{
	uint64_t left;
	uint32_t field, count = 0;

	for (left = event->present; left != 0; left &= left - 1)
		count++;
	at = put_varint(out, at, count);
	for (field = 1, left = event->present >> 1; left != 0; field++, left >>= 1) {
		if ((left & 1) != 0) {
			at = put_varint(out, at, field);
			at = put_zigzag(out, at, event->field[field]);
		}
	}
	return at;
}

/* Returns the size of the whole; with `out`, which has room for that, the bytes as well. */
static LOY__ALWAYS_INLINE size_t put_event(uint8_t *out, const loy_event *event)
{
	size_t at = HEAD_BYTES, i;

	at = put_varint(out, at, event->key_length);
	if (event->key_length == 0)
		at = put_varint(out, at, event->customer);
	else
		at = put_bytes(out, at, event->key, event->key_length);
	at = put_fields(out, at, event);
	at = put_varint(out, at, event->line_count);
	for (i = 0; i < event->line_count; i++) {
		at = put_varint(out, at, event->lines[i].category);
		at = put_varint(out, at, event->lines[i].type);
		at = put_zigzag(out, at, event->lines[i].quantity);
		at = put_zigzag(out, at, event->lines[i].amount);
	}
	at = put_bytes(out, at, event->extensions, event->extension_size);
	if (out != NULL)
		put_head(out, at, event->kind, event->time, event->identity_high, event->identity_low);
	return at;
}

static size_t size_of(const loy_event *event)
{
	return put_event(NULL, event);
}

size_t loy__event_put(const loy_event *event, uint8_t *out)
{
	return put_event(out, event);
}

size_t loy__sale_put(const loy__sale *sale, uint8_t *out)
{
	size_t at = HEAD_BYTES;

	out[at++] = 0; /* no key */
	at = put_varint(out, at, sale->customer);
	out[at++] = 1; /* field */
	out[at++] = LOY_FIELD_AMOUNT;
	at = put_zigzag(out, at, sale->amount);
	out[at++] = 0; /* lines */
	put_head(out, at, LOY_KIND_PURCHASE, sale->time, sale->high, sale->low);
	return at;
}

loy_status loy_event_write(const loy_event *event, void *buffer, size_t capacity, size_t *needed)
{
	size_t size;

	if (event == NULL || event->kind == LOY_KIND_NONE || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	if (capacity < size_bound(event)) { /* a buffer too small is left as it was */
		size = size_of(event);
		if (needed != NULL)
			*needed = size;
		if (size > capacity)
			return LOY_EBUFFER;
	}
	size = loy__event_put(event, buffer);
	if (needed != NULL)
		*needed = size;
	return LOY_OK;
}

loy_status loy_event_digest(const loy_event *event, uint64_t *digest)
{
	uint8_t small[SMALL_EVENT];
	uint8_t *bytes = small;
	size_t size;

	if (event == NULL || digest == NULL || event->kind == LOY_KIND_NONE)
		return LOY_EINVAL;
	size = size_of(event);
	if (size > sizeof(small)) {
		bytes = loy__alloc(&event->memory, size);
		if (bytes == NULL)
			return LOY_ENOMEM;
	}
	(void)loy__event_put(event, bytes);
	*digest = loy__siphash(0, 0, bytes, size);
	if (bytes != small)
		loy__free(&event->memory, bytes, size);
	return LOY_OK;
}

/* ---- reading ---- */

/* A reader that remembers what is wrong and where, for the caller's error detail. */
typedef struct parser {
	loy__reader r;
	loy_status status;
	size_t blame; /* offset of the value at fault */
	const char *message;
} parser;

static void fault(parser *p, loy_status status, size_t at, const char *message)
{
	if (p->status == LOY_OK) {
		p->status = status;
		p->blame = at;
		p->message = message;
	}
}

/* 1 as long as all went well; turns a refusal of the reader into a fault. */
static int sound(parser *p)
{
	if (p->r.status != LOY_OK)
		fault(p, LOY_EFORMAT, p->r.at,
		      "the event ends early, or a number is not in its shortest form");
	return p->status == LOY_OK;
}

static void parse_head(parser *p, loy_event *event)
{
	uint16_t kind = loy__read_u16(&p->r);
	uint64_t time = loy__read_u64(&p->r);

	event->identity_high = loy__read_u64(&p->r);
	event->identity_low = loy__read_u64(&p->r);
	if (!sound(p))
		return;
	event->kind = kind;
	event->time = loy__field_from_word(time);
	if (kind == LOY_KIND_NONE)
		fault(p, LOY_ERANGE, 5, "kind 0 is none");
	if (event->time < LOY_TIME_MIN || event->time > LOY_TIME_MAX)
		fault(p, LOY_ETIME, 7, "the time lies outside the years 1900 to 2199");
}

static void parse_customer(parser *p, loy_event *event)
{
	size_t at = p->r.at, length, valid;
	uint64_t said = loy__read_varint(&p->r);
	const uint8_t *key;

	if (said == 0) {
		event->customer = loy__read_varint(&p->r);
		return;
	}
	if (said > LOY_CUSTOMER_KEY_MAX) {
		fault(p, LOY_EFORMAT, at, "a customer key has at most 255 bytes");
		return;
	}
	length = (size_t)said;
	at = p->r.at;
	key = loy__read_bytes(&p->r, length);
	if (key == NULL)
		return;
	valid = loy__utf8_check(key, length);
	if (valid != length)
		fault(p, LOY_EUTF8, at + valid, "the customer key is not valid UTF-8");
	memcpy(event->key, key, length);
	event->key_length = (uint32_t)length;
}

static void parse_fields(parser *p, loy_event *event)
{
	size_t at = p->r.at;
	uint64_t count = loy__read_varint(&p->r), field = 0, i;

	if (count > LOY_FIELD_OPTIONAL_LAST)
		fault(p, LOY_EFORMAT, at, "an event has at most 63 fields");
	for (i = 0; i < count && sound(p); i++) {
		uint64_t last = field;
		const loy__field_range *range;
		int64_t value;

		at = p->r.at;
		field = loy__read_varint(&p->r);
		value = loy__read_zigzag(&p->r);
		if (!sound(p))
			return;
		if (field <= last || field > LOY_FIELD_OPTIONAL_LAST) {
			fault(p, LOY_EFORMAT, at, "fields ascend from 1 to 63");
			return;
		}
		range = &loy__field_ranges[field]; /* a later version's field: any value */
		if (range->type != 0 && (value < range->least || value > range->greatest))
			fault(p, LOY_ERANGE, at, "a field lies outside its range");
		event->field[field] = value;
		event->present |= UINT64_C(1) << field;
	}
}

static void parse_line(parser *p, loy_line *line)
{
	size_t at = p->r.at;
	uint64_t category = loy__read_varint(&p->r), type = loy__read_varint(&p->r);

	line->quantity = loy__read_zigzag(&p->r);
	line->amount = loy__read_zigzag(&p->r);
	if (!sound(p))
		return;
	if (category > UINT32_MAX || type > UINT32_MAX || !loy__line_valid(line))
		fault(p, LOY_ERANGE, at, "a part of a line lies outside its range");
	line->category = (uint32_t)category;
	line->type = (uint32_t)type;
}

static void parse_lines(parser *p, loy_event *event)
{
	size_t at = p->r.at, i;
	uint64_t count = loy__read_varint(&p->r);
	loy_status status;

	/* Memory only for lines that can really follow. */
	if (count > LOY_LINES_MAX || count > loy__reader_left(&p->r) / LINE_BYTES_MIN) {
		fault(p, LOY_EFORMAT, at, "more lines than an event has, or than bytes follow");
		return;
	}
	status = loy__event_reserve_lines(event, (size_t)count);
	if (status != LOY_OK)
		fault(p, status, at, "out of memory for the lines");
	for (i = 0; i < count && sound(p); i++)
		parse_line(p, &event->lines[i]);
	event->line_count = (size_t)count;
}

static void parse_extensions(parser *p, loy_event *event)
{
	size_t start = p->r.at, total = loy__reader_left(&p->r);
	uint64_t last = 0;
	loy_status status;

	if (total > LOY_EXTENSION_MAX) {
		fault(p, LOY_EFORMAT, start, "more extension bytes than an event has");
		return;
	}
	while (loy__reader_left(&p->r) != 0 && sound(p)) {
		size_t at = p->r.at;
		uint64_t tag = loy__read_varint(&p->r), size = loy__read_varint(&p->r);

		if (!sound(p))
			return;
		if (tag <= last || tag > 65535 || size == 0 || size > loy__reader_left(&p->r)) {
			fault(p, LOY_EFORMAT, at, "extensions ascend from tag 1 to 65535 and are not empty");
			return;
		}
		last = tag;
		(void)loy__read_bytes(&p->r, (size_t)size);
	}
	status = loy__event_reserve_extensions(event, total);
	if (status != LOY_OK) {
		fault(p, status, start, "out of memory for the extensions");
		return;
	}
	if (total != 0)
		memcpy(event->extensions, p->r.data + start, total);
	event->extension_size = total;
}

/* The frame: length and version. Leaves the reader at the kind, bounded by the length. */
static void parse_frame(parser *p, const void *bytes, size_t size)
{
	uint32_t length;
	uint8_t version;

	loy__reader_init(&p->r, bytes, size);
	length = loy__read_u32(&p->r);
	version = loy__read_u8(&p->r);
	if (!sound(p))
		return;
	if (length == 0 || length > size - LENGTH_BYTES) {
		fault(p, LOY_EFORMAT, 0, "the length is not that of an event in these bytes");
		return;
	}
	p->r.size = LENGTH_BYTES + length;
	if (version > FORMAT_VERSION)
		fault(p, LOY_EVERSION, LENGTH_BYTES, "the event was written by a newer version");
	else if (version != FORMAT_VERSION)
		fault(p, LOY_EFORMAT, LENGTH_BYTES, "version 0 is none");
	else if (p->r.size > LOY_EVENT_BYTES_MAX)
		fault(p, LOY_EFORMAT, 0, "an event has at most 65536 bytes");
}

loy_status loy_event_read(loy_event *event, const void *bytes, size_t size, size_t *used, loy_error *error)
{
	parser p = {.status = LOY_OK};

	if (event == NULL || (bytes == NULL && size != 0))
		return loy__fail(error, LOY_EINVAL, "an event and bytes are needed");
	loy__event_clear(event);
	parse_frame(&p, bytes, size);
	if (sound(&p))
		parse_head(&p, event);
	if (sound(&p))
		parse_customer(&p, event);
	if (sound(&p))
		parse_fields(&p, event);
	if (sound(&p))
		parse_lines(&p, event);
	if (sound(&p))
		parse_extensions(&p, event);
	if (!sound(&p)) {
		loy__event_clear(event);
		return loy__fail_byte(error, p.status, (int64_t)p.blame, p.message);
	}
	if (used != NULL)
		*used = p.r.size;
	return LOY_OK;
}
