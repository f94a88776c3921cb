/* Events: making, setting, copying and reading them. Bytes, columns and completeness are in event_*.c. */
#include "profile/profile.h"

#include <math.h>
#include <string.h>

/* ---- life ---- */

void loy__event_init(loy_event *event, const loy_allocator *memory)
{
	memset(event, 0, sizeof(*event));
	event->memory = *memory;
}

void loy__event_release(loy_event *event)
{
	loy__free(&event->memory, event->lines, event->line_capacity * sizeof(*event->lines));
	loy__free(&event->memory, event->extensions, event->extension_capacity);
	event->lines = NULL;
	event->line_capacity = 0;
	event->extensions = NULL;
	event->extension_capacity = 0;
	loy__event_clear(event);
}

loy_status loy_event_create(loy_event **out, const loy_allocator *memory)
{
	loy_allocator adopted;
	loy_event *event;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (loy__memory_adopt(&adopted, memory) != LOY_OK)
		return LOY_EINVAL;
	event = loy__alloc(&adopted, sizeof(*event));
	if (event == NULL)
		return LOY_ENOMEM;
	loy__event_init(event, &adopted);
	*out = event;
	return LOY_OK;
}

void loy_event_destroy(loy_event *event)
{
	if (event != NULL) {
		loy_allocator memory = event->memory; /* it lies in the block: copy it out */

		loy__event_release(event);
		loy__free(&memory, event, sizeof(*event));
	}
}

loy_status loy_event_begin(loy_event *event, uint32_t kind, int64_t time)
{
	if (event == NULL)
		return LOY_EINVAL;
	if (kind == LOY_KIND_NONE || kind > LOY_KIND_LAST)
		return LOY_ERANGE;
	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return LOY_ETIME;
	loy__event_clear(event);
	event->kind = kind;
	event->time = time;
	return LOY_OK;
}

loy_status loy__event_reserve_lines(loy_event *event, size_t count)
{
	void *lines = event->lines;
	loy_status status = loy__grow(&event->memory, &lines, &event->line_capacity, count,
	                              sizeof(*event->lines), LOY_LINES_MAX);

	event->lines = lines;
	return status;
}

loy_status loy__event_reserve_extensions(loy_event *event, size_t size)
{
	void *bytes = event->extensions;
	loy_status status =
	        loy__grow(&event->memory, &bytes, &event->extension_capacity, size, 1, LOY_EXTENSION_MAX);

	event->extensions = bytes;
	return status;
}

loy_status loy_event_copy(loy_event *event, const loy_event *from)
{
	loy_status status;

	if (event == NULL || from == NULL)
		return LOY_EINVAL;
	if (event == from)
		return LOY_OK;
	status = loy__event_reserve_lines(event, from->line_count);
	if (status == LOY_OK)
		status = loy__event_reserve_extensions(event, from->extension_size);
	if (status != LOY_OK)
		return status;
	event->kind = from->kind;
	event->time = from->time;
	event->identity_high = from->identity_high;
	event->identity_low = from->identity_low;
	event->customer = from->customer;
	event->present = from->present;
	memcpy(event->field, from->field, sizeof(event->field));
	event->key_length = from->key_length;
	memcpy(event->key, from->key, from->key_length);
	event->line_count = from->line_count;
	if (from->line_count != 0)
		memcpy(event->lines, from->lines, from->line_count * sizeof(*from->lines));
	event->extension_size = from->extension_size;
	if (from->extension_size != 0)
		memcpy(event->extensions, from->extensions, from->extension_size);
	return LOY_OK;
}

uint64_t loy__event_mark(const loy_event *event)
{
	uint64_t mark = loy__mark_word(LOY__MARK_SEED, event->kind), left;
	uint32_t field;
	size_t i;

	mark = loy__mark_word(mark, (uint64_t)event->time);
	mark = loy__mark_word(mark, event->customer);
	mark = loy__mark_word(mark, event->present);
	for (field = 0, left = event->present; left != 0; field++, left >>= 1) {
		if ((left & 1) != 0)
			mark = loy__mark_word(mark, (uint64_t)event->field[field]);
	}
	if (LOY__UNLIKELY(event->key_length != 0))
		mark = loy__mark_word(mark, loy__siphash(1, 0, event->key, event->key_length));
	if (LOY__UNLIKELY(event->line_count != 0))
		mark = loy__mark_word(mark, event->line_count);
	for (i = 0; i < event->line_count; i++) {
		mark = loy__mark_word(mark, (uint64_t)event->lines[i].category << 32 | event->lines[i].type);
		mark = loy__mark_word(mark, (uint64_t)event->lines[i].quantity);
		mark = loy__mark_word(mark, (uint64_t)event->lines[i].amount);
	}
	if (LOY__UNLIKELY(event->extension_size != 0))
		mark = loy__mark_word(mark, loy__siphash(2, 0, event->extensions, event->extension_size));
	return loy__mix64(mark);
}

/* ---- setting ---- */

/* LOY_OK when the event can take a value. */
static loy_status begun(const loy_event *event)
{
	if (event == NULL)
		return LOY_EINVAL;
	return event->kind != LOY_KIND_NONE ? LOY_OK : LOY_ESTATE;
}

loy_status loy_event_set_identity(loy_event *event, uint64_t high, uint64_t low)
{
	loy_status status = begun(event);

	if (status != LOY_OK)
		return status;
	event->identity_high = high;
	event->identity_low = low;
	return LOY_OK;
}

loy_status loy_event_set_sequence(loy_event *event, uint32_t device, uint32_t epoch, uint64_t sequence)
{
	if (device == 0 || device > INT32_MAX)
		return event == NULL ? LOY_EINVAL : LOY_ERANGE;
	return loy_event_set_identity(event, (uint64_t)device << 32 | epoch, sequence);
}

loy_status loy_event_set_customer(loy_event *event, uint64_t customer)
{
	loy_status status = begun(event);

	if (status != LOY_OK)
		return status;
	if (customer == 0)
		return LOY_EINVAL;
	event->customer = customer;
	event->key_length = 0;
	return LOY_OK;
}

loy_status loy_event_set_customer_key(loy_event *event, const char *key, size_t length)
{
	loy_status status = begun(event);

	if (status != LOY_OK)
		return status;
	if (key == NULL || length == 0)
		return LOY_EINVAL;
	if (length > LOY_CUSTOMER_KEY_MAX)
		return LOY_ELIMIT;
	if (!loy__utf8_valid(key, length))
		return LOY_EUTF8;
	memmove(event->key, key, length); /* the key may be this event's own */
	event->key_length = (uint32_t)length;
	event->customer = 0;
	return LOY_OK;
}

loy_status loy_event_set(loy_event *event, uint32_t field, int64_t value)
{
	loy_status status = begun(event);
	const loy__field_range *range;

	if (status != LOY_OK)
		return status;
	if (field > LOY_FIELD_OPTIONAL_LAST || loy__field_ranges[field].type == 0)
		return LOY_EINVAL;
	range = &loy__field_ranges[field];
	if (value < range->least || value > range->greatest)
		return LOY_ERANGE;
	event->field[field] = value;
	event->present |= UINT64_C(1) << field;
	return LOY_OK;
}

/* What rounding took from x * 1e9 = p, exactly (Dekker 1971; 1e9 has 21 significant bits, so only x is split). */
static double product_error(double x, double p)
{
	double shifted = x * 134217729.0; /* 2^27 + 1 */
	double high = shifted - (shifted - x);
	double low = x - high;

	return (high * 1e9 - p) + low * 1e9;
}

int loy__ratio_from_double(double value, int64_t *ratio)
{
	double x = fabs(value);
	double p = x * 1e9;
	int64_t whole;
	double part;

	if (!(p <= 9e18)) /* refuses NaN as well */
		return 0;
	whole = (int64_t)p;
	part = p - (double)whole;
	/*
	 * A product on one side of a half was rounded from the same side. Exactly at a half, and where doubles
	 * are too coarse to have parts, what rounding took decides.
	 */
	if (p >= 4503599627370496.0) { /* 2^52 */
		double error = product_error(x, p);
		double down = floor(error);

		whole += (int64_t)down + (error - down >= 0.5);
	} else if (part != 0.5) {
		whole += part > 0.5;
	} else {
		whole += product_error(x, p) >= 0.0;
	}
	*ratio = value < 0.0 ? -whole : whole;
	return 1;
}

loy_status loy_event_set_ratio(loy_event *event, uint32_t field, double value)
{
	loy_status status = begun(event);
	int64_t ratio;

	if (status != LOY_OK)
		return status;
	if (field > LOY_FIELD_OPTIONAL_LAST || loy__field_ranges[field].type != LOY_TYPE_RATIO)
		return LOY_EINVAL;
	if (!loy__ratio_from_double(value, &ratio))
		return LOY_ERANGE;
	return loy_event_set(event, field, ratio);
}

loy_status loy_event_set_reference(loy_event *event, uint64_t high, uint64_t low)
{
	loy_status status = begun(event);

	if (status != LOY_OK)
		return status;
	if (high == 0 && low == 0)
		return LOY_EINVAL;
	event->field[LOY_FIELD_REFERENCE_HIGH] = loy__field_from_word(high);
	event->field[LOY_FIELD_REFERENCE_LOW] = loy__field_from_word(low);
	event->present |= UINT64_C(1) << LOY_FIELD_REFERENCE_HIGH | UINT64_C(1) << LOY_FIELD_REFERENCE_LOW;
	return LOY_OK;
}

static int in_range(uint32_t field, int64_t value)
{
	return value >= loy__field_ranges[field].least && value <= loy__field_ranges[field].greatest;
}

int loy__line_valid(const loy_line *line)
{
	return in_range(LOY_FIELD_QUANTITY, line->quantity) && in_range(LOY_FIELD_AMOUNT, line->amount);
}

loy_status loy_event_add_line(loy_event *event, const loy_line *line)
{
	loy_status status = begun(event);
	loy_line copy;

	if (status != LOY_OK)
		return status;
	if (line == NULL)
		return LOY_EINVAL;
	if (!loy__line_valid(line))
		return LOY_ERANGE;
	copy = *line; /* growing may move it */
	status = loy__event_reserve_lines(event, event->line_count + 1);
	if (status == LOY_OK)
		event->lines[event->line_count++] = copy;
	return status;
}

/* The tag of the next extension; the reader goes on behind it, *payload is where its bytes lie. */
static uint64_t next_extension(loy__reader *r, size_t *payload)
{
	uint64_t tag = loy__read_varint(r), size = loy__read_varint(r);

	*payload = r->at;
	(void)loy__read_bytes(r, (size_t)size);
	return tag;
}

/* Where the extension with this tag lies, [*start, *end), or would lie (*start == *end), and its payload. */
static int find_extension(const loy_event *event, uint32_t tag, size_t *start, size_t *end, size_t *payload)
{
	loy__reader r;

	loy__reader_init(&r, event->extensions, event->extension_size);
	*start = 0;
	while (loy__reader_left(&r) != 0) {
		uint64_t found;

		*start = r.at;
		found = next_extension(&r, payload);
		*end = r.at;
		if (found == tag)
			return 1;
		if (found > tag)
			break;
		*start = r.at;
	}
	*end = *start;
	return 0;
}

loy_status loy_event_set_extension(loy_event *event, uint32_t tag, const void *data, size_t size)
{
	loy_status status = begun(event);
	uint8_t head[16];
	size_t start, end, payload, taken, total;
	loy__writer w;

	if (status != LOY_OK)
		return status;
	if (tag == 0 || tag > 65535 || (data == NULL && size != 0))
		return LOY_EINVAL;
	if (size > LOY_EXTENSION_MAX)
		return LOY_ELIMIT;
	(void)find_extension(event, tag, &start, &end, &payload);
	loy__writer_over(&w, head, sizeof(head));
	if (size != 0) {
		loy__write_varint(&w, tag);
		loy__write_varint(&w, size);
	}
	taken = w.size + size;
	total = event->extension_size - (end - start) + taken;
	status = loy__event_reserve_extensions(event, total);
	if (status != LOY_OK)
		return status;
	if (event->extension_size > end)
		memmove(event->extensions + start + taken, event->extensions + end,
		        event->extension_size - end);
	if (size != 0) {
		memcpy(event->extensions + start, head, w.size);
		memcpy(event->extensions + start + w.size, data, size);
	}
	event->extension_size = total;
	return LOY_OK;
}

/* ---- reading ---- */

loy_status loy_event_kind(const loy_event *event, uint32_t *kind)
{
	if (event == NULL)
		return LOY_EINVAL;
	if (event->kind == LOY_KIND_NONE)
		return LOY_ENOTFOUND;
	if (kind != NULL)
		*kind = event->kind;
	return LOY_OK;
}

loy_status loy_event_time(const loy_event *event, int64_t *time)
{
	if (event == NULL)
		return LOY_EINVAL;
	if (event->kind == LOY_KIND_NONE)
		return LOY_ENOTFOUND;
	if (time != NULL)
		*time = event->time;
	return LOY_OK;
}

loy_status loy_event_identity(const loy_event *event, uint64_t *high, uint64_t *low)
{
	if (event == NULL)
		return LOY_EINVAL;
	if (event->identity_high == 0 && event->identity_low == 0)
		return LOY_ENOTFOUND;
	if (high != NULL)
		*high = event->identity_high;
	if (low != NULL)
		*low = event->identity_low;
	return LOY_OK;
}

loy_status loy_event_customer(const loy_event *event, uint64_t *customer)
{
	if (event == NULL)
		return LOY_EINVAL;
	if (event->customer == 0)
		return LOY_ENOTFOUND;
	if (customer != NULL)
		*customer = event->customer;
	return LOY_OK;
}

loy_status loy_event_customer_key(const loy_event *event, char *buffer, size_t capacity, size_t *needed)
{
	if (event == NULL || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	if (event->key_length == 0)
		return LOY_ENOTFOUND;
	return loy__text_out(event->key, event->key_length, buffer, capacity, needed);
}

loy_status loy_event_get(const loy_event *event, uint32_t field, int64_t *value)
{
	if (event == NULL || field == LOY_FIELD_NONE || field > LOY_FIELD_OPTIONAL_LAST)
		return LOY_EINVAL;
	if (!loy__event_has(event, field))
		return LOY_ENOTFOUND;
	if (value != NULL)
		*value = event->field[field];
	return LOY_OK;
}

loy_status loy_event_line_count(const loy_event *event, uint32_t *count)
{
	if (event == NULL)
		return LOY_EINVAL;
	if (count != NULL)
		*count = (uint32_t)event->line_count;
	return LOY_OK;
}

loy_status loy_event_line(const loy_event *event, uint32_t index, loy_line *out)
{
	if (event == NULL)
		return LOY_EINVAL;
	if (index >= event->line_count)
		return LOY_ENOTFOUND;
	if (out != NULL)
		*out = event->lines[index];
	return LOY_OK;
}

loy_status loy_event_extension(const loy_event *event, uint32_t tag, const void **data, size_t *size)
{
	size_t start, end, payload;

	if (event == NULL || tag == 0 || tag > 65535)
		return LOY_EINVAL;
	if (!find_extension(event, tag, &start, &end, &payload))
		return LOY_ENOTFOUND;
	if (data != NULL)
		*data = event->extensions + payload;
	if (size != NULL)
		*size = end - payload;
	return LOY_OK;
}

loy_status loy_event_extension_tag(const loy_event *event, uint32_t index, uint32_t *tag)
{
	loy__reader r;
	size_t payload;
	uint64_t found = 0;
	uint32_t i;

	if (event == NULL)
		return LOY_EINVAL;
	loy__reader_init(&r, event->extensions, event->extension_size);
	for (i = 0; i <= index; i++) {
		if (loy__reader_left(&r) == 0)
			return LOY_ENOTFOUND;
		found = next_extension(&r, &payload);
	}
	if (tag != NULL)
		*tag = (uint32_t)found;
	return LOY_OK;
}
