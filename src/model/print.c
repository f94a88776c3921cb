/*
 * The canonical text of a model: statements in a fixed order, the schema's first (print_schema.c, print_scoring.c),
 * names in the order of the model, every number in its shortest form. Parsing it gives an equal model, printing that
 * the same text.
 */
#include "model/print.h"

#include <string.h>

#define PRINT_WIDTH 80 /* a list goes on in the next line once its line is this long */

/* ---- pieces ---- */

void loy__print_bytes(loy__printer *p, const char *text, size_t length)
{
	loy__write_bytes(p->out, text, length);
	p->column += length;
}

void loy__print_text(loy__printer *p, const char *text)
{
	loy__print_bytes(p, text, strlen(text));
}

void loy__print_end_line(loy__printer *p)
{
	loy__print_text(p, "\n");
	p->column = 0;
}

void loy__print_separator(loy__printer *p, const char *separator)
{
	if (p->column < PRINT_WIDTH) {
		loy__print_text(p, separator);
		return;
	}
	loy__print_bytes(p, separator, strlen(separator) - 1);
	loy__print_end_line(p);
	loy__print_text(p, "\t");
}

void loy__print_real(loy__printer *p, double real)
{
	int64_t decimal = loy__decimal_from_real(real), unit = LOY__DECIMAL_ONE;
	char text[24];

	for (; unit > 1; unit /= 10) {
		int64_t rounded = (decimal + unit / 2) / unit * unit;

		if (loy__real_from_decimal(rounded) == real) {
			decimal = rounded;
			break;
		}
	}
	loy__print_bytes(p, text, loy__decimal_write(decimal, text));
}

void loy__print_integer(loy__printer *p, int64_t value)
{
	char text[20];

	loy__print_bytes(p, text, loy__integer_write(value, text));
}

void loy__print_span(loy__printer *p, int64_t span)
{
	int64_t decimal = 0;
	uint32_t unit = loy__span_unit(span, &decimal);
	char text[24];

	loy__print_bytes(p, text, loy__decimal_write(decimal, text));
	loy__print_text(p, loy__span_unit_name(unit));
}

/* A text in quotes, cut after blanks into pieces joined by `+`. */
static void print_string(loy__printer *p, const char *text)
{
	size_t length = strlen(text), at = 0, i;

	loy__print_text(p, "\"");
	for (i = 0; i < length; i++) {
		if (text[i] != ' ' || p->column + (i - at) < PRINT_WIDTH || i + 1 == length)
			continue;
		loy__print_bytes(p, text + at, i + 1 - at);
		at = i + 1;
		loy__print_text(p, "\" +");
		loy__print_end_line(p);
		loy__print_text(p, "\t\"");
	}
	loy__print_bytes(p, text + at, length - at);
	loy__print_text(p, "\"");
}

/* ---- all of it ---- */

static void print_head(loy__printer *p)
{
	const loy_model *model = p->model;

	if (model->name[0] != '\0') {
		loy__print_text(p, "model ");
		loy__print_text(p, model->name);
		if (model->title[0] != '\0') {
			loy__print_text(p, " ");
			print_string(p, model->title);
		}
		loy__print_end_line(p);
	}
	if (model->origin[0] != '\0') {
		loy__print_text(p, "origin ");
		print_string(p, model->origin);
		loy__print_end_line(p);
	}
}

void loy__model_print(const loy_model *model, int schema_only, loy__writer *out)
{
	loy__printer p = {NULL, NULL, 0};

	p.out = out;
	p.model = model;
	if (!schema_only)
		print_head(&p);
	loy__print_schema(&p, schema_only);
	if (!schema_only)
		loy__print_scoring(&p);
}

loy_status loy_model_print(const loy_model *model, char *buffer, size_t capacity, size_t *needed)
{
	loy__writer out;

	if (model == NULL || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	loy__writer_over(&out, buffer, capacity);
	loy__model_print(model, 0, &out);
	if (needed != NULL)
		*needed = out.size;
	if (out.size >= capacity)
		return LOY_EBUFFER;
	buffer[out.size] = '\0';
	return LOY_OK;
}
