/*
 * Canonical text of paths: terms in their order, those beside one another with the same left side and relation in
 * one statement; then definitions. Numbers are shortest.
 */
#include "calibrate/paths.h"

#include <string.h>

static void write_text(loy__writer *w, const char *text)
{
	loy__write_bytes(w, text, strlen(text));
}

static const char *operator_of(uint32_t relation)
{
	static const char *const list[] = {" =~ ", " <~ ", " ~ ", " ~~ ", " ~ "};

	return list[relation - LOY_TERM_MEASURED];
}

static void write_term(const loy_paths *paths, const loy__term *term, loy__writer *w)
{
	char number[32];

	if (term->treatment == LOY_TERM_FIXED) {
		loy__write_bytes(w, number, loy__real_write(term->value, number));
		write_text(w, "*");
	} else if (term->treatment == LOY_TERM_FREED) {
		write_text(w, "NA*");
	}
	if (term->label != LOY__NO_LABEL) {
		write_text(w, paths->labels[term->label]);
		write_text(w, "*");
	}
	write_text(w, term->relation == LOY_TERM_INTERCEPT ? "1" : paths->variables[term->right].name);
}

static void write_all(const loy_paths *paths, loy__writer *w)
{
	uint32_t i;

	for (i = 0; i < paths->term_count; i++) {
		const loy__term *term = &paths->terms[i], *before = i > 0 ? term - 1 : NULL;

		if (before != NULL && before->relation == term->relation && before->left == term->left) {
			write_text(w, " + ");
		} else {
			write_text(w, i > 0 ? "\n" : "");
			write_text(w, paths->variables[term->left].name);
			write_text(w, operator_of(term->relation));
		}
		write_term(paths, term, w);
	}
	write_text(w, paths->term_count > 0 ? "\n" : "");
	for (i = 0; i < paths->definition_count; i++) {
		write_text(w, paths->definitions[i].name);
		write_text(w, " := ");
		write_text(w, paths->definitions[i].expression);
		write_text(w, "\n");
	}
}

loy_status loy_paths_print(const loy_paths *paths, char *buffer, size_t capacity, size_t *needed)
{
	loy__writer w;

	if (paths == NULL || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	loy__writer_over(&w, buffer, capacity);
	write_all(paths, &w);
	if (needed != NULL)
		*needed = w.size;
	if (w.size >= capacity)
		return LOY_EBUFFER;
	buffer[w.size] = '\0';
	return LOY_OK;
}
