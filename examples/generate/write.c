/* Facts and truths as CSV. */
#include "write.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The columns of events.csv behind event, customer, kind, time and utc_offset. */
static const uint8_t columns[] = {
        LOY_FIELD_AMOUNT,       LOY_FIELD_CURRENCY,   LOY_FIELD_DISCOUNT,      LOY_FIELD_CATEGORY,
        LOY_FIELD_CHANNEL,      LOY_FIELD_TOUCHPOINT, LOY_FIELD_REFERENCE_LOW, LOY_FIELD_PROMISED_TIME,
        LOY_FIELD_ELAPSED,      LOY_FIELD_TARGET,     LOY_FIELD_SEVERITY,      LOY_FIELD_QUALITY,
        LOY_FIELD_COMPENSATION, LOY_FIELD_INSTRUMENT, LOY_FIELD_ITEM,          LOY_FIELD_VALUE,
        LOY_FIELD_SCALE_MIN,    LOY_FIELD_SCALE_MAX,  LOY_FIELD_SENTIMENT,     LOY_FIELD_CONFIDENCE,
        LOY_FIELD_EMOTION,      LOY_FIELD_INTENSITY,  LOY_FIELD_ENGAGEMENT,    LOY_FIELD_DEPTH,
        LOY_FIELD_OFFER,        LOY_FIELD_STATE,      LOY_FIELD_PURPOSE,       LOY_FIELD_GRANTED,
};
#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

/* Texts of the chain's own codes, the first for code 1. The library knows those of instruments and the like. */
static const struct {
	uint8_t field;
	const char *text[4];
} texts[] = {
        {LOY_FIELD_CURRENCY, {"EUR"}},
        {LOY_FIELD_CATEGORY, {"coffee", "pastry", "beans", "merchandise"}},
        {LOY_FIELD_CHANNEL, {"shop", "app", "web"}},
};

static const char *code_text(uint8_t field, int64_t code)
{
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].field == field && code >= 1 && code <= 4)
			return texts[i].text[code - 1];
	}
	return loy_code_name(field, (uint32_t)code);
}

static uint32_t type_of(uint8_t id)
{
	loy_field field;
	uint32_t i;

	for (i = 0; loy_field_info(i, &field) == LOY_OK; i++) {
		if (field.id == id)
			return field.type;
	}
	return 0;
}

static const char *name_of(uint8_t id)
{
	loy_field field;
	uint32_t i;

	for (i = 0; loy_field_info(i, &field) == LOY_OK; i++) {
		if (field.id == id)
			return id == LOY_FIELD_REFERENCE_LOW ? "reference" : field.name;
	}
	return "";
}

static void put_time(FILE *file, int64_t time)
{
	char buffer[32];
	size_t needed;

	if (loy_time_print(time, buffer, sizeof(buffer), &needed) == LOY_OK)
		(void)fputs(buffer, file);
}

/* A ratio of 1e-9 in at most three decimals; the generator makes no finer ones. */
static void put_ratio(FILE *file, int64_t value)
{
	int64_t milli = (value < 0 ? -value : value) / (LOY_RATIO_ONE / 1000);

	(void)fprintf(file, "%s%" PRId64, value < 0 && milli != 0 ? "-" : "", milli / 1000);
	if (milli % 1000 != 0)
		(void)fprintf(file, ".%03" PRId64, milli % 1000);
}

static void put_value(FILE *file, const struct fact *fact, uint8_t field, int64_t value)
{
	const char *text = code_text(field, value);

	if (text != NULL)
		(void)fputs(text, file);
	else if (field == LOY_FIELD_REFERENCE_LOW)
		(void)fprintf(file, "C%06" PRIu32 "-%04" PRId64, fact->customer, value);
	else if (field == LOY_FIELD_TOUCHPOINT)
		(void)fprintf(file, "shop_%02" PRId64, value);
	else if (field == LOY_FIELD_OFFER)
		(void)fprintf(file, "campaign_%02" PRId64, value);
	else if (field == LOY_FIELD_GRANTED)
		(void)fputs(value ? "yes" : "no", file);
	else if (type_of(field) == LOY_TYPE_RATIO)
		put_ratio(file, value);
	else if (type_of(field) == LOY_TYPE_TIME)
		put_time(file, value);
	else if (type_of(field) == LOY_TYPE_SPAN)
		(void)fprintf(file, "%" PRId64 "s", value / LOY_SECOND);
	else
		(void)fprintf(file, "%" PRId64, value);
}

static void put_fact(FILE *file, const struct fact *fact)
{
	size_t i;
	int k;

	(void)fprintf(file, "C%06" PRIu32 "-%04" PRIu32 ",C%06" PRIu32 ",%s,", fact->customer, fact->sequence,
	              fact->customer, loy_kind_name(fact->kind));
	put_time(file, fact->time);
	(void)fputs(",60min", file);
	for (i = 0; i < COLUMN_COUNT; i++) {
		(void)fputc(',', file);
		for (k = 0; k < fact->count; k++) {
			if (fact->field[k] == columns[i])
				put_value(file, fact, columns[i], fact->value[k]);
		}
	}
	(void)fputc('\n', file);
}

/* By arrival, then customer and sequence: a total order but for copies, which are the same. */
static int compare_facts(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;

	if (x->arrival != y->arrival)
		return x->arrival < y->arrival ? -1 : 1;
	if (x->customer != y->customer)
		return x->customer < y->customer ? -1 : 1;
	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static FILE *create(const char *folder, const char *name)
{
	char path[1024];
	FILE *file = NULL;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path))
		file = fopen(path, "wb");
	if (file == NULL)
		(void)fprintf(stderr, "generate: cannot write '%s/%s': %s\n", folder, name, strerror(errno));
	return file;
}

static int finish(FILE *file)
{
	int failed = ferror(file);

	if (fclose(file) != 0 || failed) {
		(void)fprintf(stderr, "generate: writing failed\n");
		return 0;
	}
	return 1;
}

int write_events(const char *folder, struct facts *facts)
{
	FILE *file = create(folder, "events.csv");
	size_t i;

	if (file == NULL)
		return 0;
	qsort(facts->list, facts->count, sizeof(*facts->list), compare_facts);
	(void)fputs("event,customer,kind,time,utc_offset", file);
	for (i = 0; i < COLUMN_COUNT; i++)
		(void)fprintf(file, ",%s", name_of(columns[i]));
	(void)fputc('\n', file);
	for (i = 0; i < facts->count; i++)
		put_fact(file, &facts->list[i]);
	return finish(file);
}

static void put_millionths(FILE *file, int32_t value)
{
	(void)fprintf(file, ",%" PRId32 ".%06" PRId32, value / 1000000, value % 1000000);
}

int write_truth(const char *folder, const struct truths *truths)
{
	FILE *file = create(folder, "truth.csv");
	size_t i;

	if (file == NULL)
		return 0;
	(void)fputs("customer,time,satisfaction,trust,value,loyalty,bought_within_90_days\n", file);
	for (i = 0; i < truths->count; i++) {
		const struct truth *truth = &truths->list[i];

		(void)fprintf(file, "C%06" PRIu32 ",", truth->customer);
		put_time(file, truth->time);
		put_millionths(file, truth->satisfaction);
		put_millionths(file, truth->trust);
		put_millionths(file, truth->value);
		put_millionths(file, truth->loyalty);
		(void)fprintf(file, ",%" PRId32 "\n", truth->bought);
	}
	return finish(file);
}
