/*
 * The shell's mappings and cells: the input is a mapping, a zero byte, and a file it is applied to. Whatever
 * they hold, each row becomes a complete event, is left out, or is refused with its place.
 */
#include "../../examples/loyalty/bind.c"
#include "../../examples/loyalty/codes.c"
#include "../../examples/loyalty/columns.c"
#include "../../examples/loyalty/csv.c"
#include "../../examples/loyalty/names.c"
#include "../../examples/loyalty/row.c"
#include "../../examples/loyalty/values.c"
#include "fuzz.h"

struct feed {
	const uint8_t *data;
	size_t size, at;
};

static size_t give(void *user, char *buffer, size_t capacity)
{
	struct feed *feed = user;
	size_t count = feed->size - feed->at < capacity ? feed->size - feed->at : capacity;

	memcpy(buffer, feed->data + feed->at, count);
	feed->at += count;
	return count;
}

static void check_row(struct row *row, loy_event *event)
{
	uint64_t high = 0, low = 0;
	loy_error error = {.struct_size = sizeof(error)};
	size_t needed = 0;
	int result = row_read(row, event);

	FUZZ_CHECK(result == ROW_EVENT || result == ROW_REFUSED || result == ROW_LEFT_OUT);
	switch (result) {
	case ROW_EVENT:
		FUZZ_CHECK(loy_event_kind(event, NULL) == LOY_OK && loy_event_time(event, NULL) == LOY_OK);
		FUZZ_CHECK(loy_event_customer_key(event, NULL, 0, &needed) == LOY_EBUFFER && needed > 0);
		(void)loy_event_identity(event, &high, &low);
		if (loy_event_check(event, &error) == LOY_OK)
			break;
		row_blame(row, error.field, error.message);
		FUZZ_CHECK(row->line >= 1 && row->column >= 1 && row->message[0] != '\0');
		break;
	case ROW_REFUSED:
		FUZZ_CHECK(row->line >= 1 && row->column >= 1 && row->message[0] != '\0');
		break;
	default:
		break;
	}
}

static void apply(struct columns *columns, struct csv *csv)
{
	struct row row;
	loy_event *event = NULL;
	size_t expected = csv->cell_count;
	int result;

	memset(&row, 0, sizeof(row));
	row.columns = columns;
	row.csv = csv;
	row.repeats = repeats_create();
	FUZZ_CHECK(row.repeats != NULL && loy_event_create(&event, NULL) == LOY_OK);
	do {
		result = csv_next(csv);
		if (result == CSV_ROW && csv->cell_count == expected)
			check_row(&row, event);
	} while (result == CSV_ROW || result == CSV_BAD_ROW);
	loy_event_destroy(event);
	repeats_destroy(row.repeats);
	row_free(&row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero = size != 0 ? memchr(data, 0, size) : NULL;
	size_t length = zero != NULL ? (size_t)(zero - data) : size;
	struct feed feed = {data, size, zero != NULL ? length + 1 : size};
	struct columns columns;
	struct csv csv;
	int parsed = columns_parse(&columns, (const char *)data, length, "mapping");

	FUZZ_CHECK(parsed || columns.error[0] != '\0');
	FUZZ_CHECK(csv_open(&csv, give, &feed, ',') == 0);
	if (csv_next(&csv) == CSV_ROW) {
		if (!parsed || !columns_bind(&columns, &csv, NULL)) {
			FUZZ_CHECK(columns.error[0] != '\0');
			columns_free(&columns);
			parsed = columns_standard(&columns, &csv) && columns_bind(&columns, &csv, NULL);
		}
		if (parsed)
			apply(&columns, &csv);
	}
	csv_close(&csv);
	columns_free(&columns);
	return 0;
}
