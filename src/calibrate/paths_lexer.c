/*
 * Text of path models as tokens, with the habits of model texts: a statement ends with its line, unless the line ends
 * in a token that cannot end one (`+` `*` `~` …). All positions count bytes.
 */
#include "calibrate/paths.h"

#include <string.h>

/* ---- messages ---- */

static void quote_token(loy__message *m, const loy__lexer *x, const loy__mark *mark)
{
	if (mark->type == LOY__PATHS_END)
		loy__message_add_text(m, "the end of the text");
	else if (mark->type == LOY__PATHS_LINE)
		loy__message_add_text(m, "the end of the statement");
	else
		loy__message_add_quoted(m, x->text + mark->at, mark->length);
}

static void stop(loy__lexer *x, const loy__mark *mark, loy_status status, const char *message)
{
	if (x->status != LOY_OK)
		return;
	x->status = loy__fail_text(x->error, status, mark->line, mark->column, (int64_t)mark->at, message);
	x->at = x->length;
	x->token.type = LOY__PATHS_END;
	x->token.length = 0;
}

void loy__lexer_expected(loy__lexer *x, const char *what)
{
	loy__message m = {{0}, 0};

	loy__message_add_text(&m, "expected ");
	loy__message_add_text(&m, what);
	if (x->before.type > LOY__PATHS_LINE) {
		loy__message_add_text(&m, " after ");
		quote_token(&m, x, &x->before);
	}
	loy__message_add_text(&m, ", found ");
	quote_token(&m, x, &x->token);
	stop(x, &x->token, LOY_ESYNTAX, m.text);
}

void loy__lexer_refuse(loy__lexer *x, const loy__mark *mark, loy_status status, const char *message,
                       loy__word name)
{
	loy__message m = {{0}, 0};

	loy__message_add_text(&m, message);
	if (name.text != NULL) {
		loy__message_add_text(&m, ": ");
		loy__message_add_quoted(&m, name.text, name.length);
	}
	stop(x, mark, status, m.text);
}

/* ---- reading ---- */

/* The character `ahead` bytes on, 0 beyond the end: a zero byte in the text is no token either. */
static char look(const loy__lexer *x, uint32_t ahead)
{
	return ahead < x->length - x->at ? x->text[x->at + ahead] : '\0';
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether a statement goes on behind a token of this type whatever the line does. */
static int goes_on(uint32_t type)
{
	return type > LOY__PATHS_OTHER && type != ')';
}

/* Pass over blanks, comments and lines that mean nothing; 1 in front of what ends a statement. */
static int pass_blanks(loy__lexer *x)
{
	while (x->at < x->length) {
		char c = look(x, 0);

		if (c == '#' || c == '!') {
			while (x->at < x->length && look(x, 0) != '\n')
				x->at++;
		} else if (c == ';') {
			return 1;
		} else if (c == '\n') {
			if (x->before.type != LOY__PATHS_LINE && !goes_on(x->before.type))
				return 1;
			x->at++;
			x->line++;
			x->line_at = x->at;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			x->at++;
		} else {
			break;
		}
	}
	return 0;
}

/* Operators; sets the type and returns the length, 0 when there is none. */
static uint32_t operator_length(const loy__lexer *x, uint32_t *type)
{
	static const char pairs[][3] = {"=~", "<~", "~~", ":="};
	uint32_t i;

	for (i = 0; i < LOY__COUNT(pairs); i++) {
		if (look(x, 0) == pairs[i][0] && look(x, 1) == pairs[i][1]) {
			*type = LOY__PATHS_MEASURES + i;
			return 2;
		}
	}
	for (i = 0; i < sizeof("~+-*/^:()") - 1; i++) {
		if (look(x, 0) == "~+-*/^:()"[i]) {
			*type = (unsigned char)look(x, 0);
			return 1;
		}
	}
	return 0;
}

/* Bytes of one character that means nothing here. */
static uint32_t character_length(const loy__lexer *x)
{
	uint32_t n = 1;

	while (n < x->length - x->at && ((unsigned char)look(x, n) & 0xC0u) == 0x80u)
		n++;
	return n;
}

static void read_token(loy__lexer *x)
{
	const char *here = x->text + x->at;
	uint32_t length = (uint32_t)loy__name_span(here, x->length - x->at);
	loy_status status;
	double value;

	if (length != 0) {
		x->token.type = LOY__PATHS_NAME;
	} else if (is_digit(look(x, 0)) || (look(x, 0) == '.' && is_digit(look(x, 1)))) {
		x->token.type = LOY__PATHS_NUMBER;
		length = (uint32_t)loy__real_read(here, x->length - x->at, &value, &status);
	}
	if (length == 0)
		length = operator_length(x, &x->token.type);
	if (length == 0) {
		x->token.type = LOY__PATHS_OTHER;
		length = character_length(x);
	}
	x->token.length = length;
	x->at += length;
	if (x->token.type == LOY__PATHS_NAME && length > LOY_VARIABLE_NAME_MAX)
		loy__lexer_refuse(x, &x->token, LOY_ESYNTAX, "a name has at most 63 bytes",
		                  loy__lexer_word(x, &x->token));
}

void loy__lexer_advance(loy__lexer *x)
{
	int ended;

	if (x->status != LOY_OK)
		return;
	x->before = x->token;
	ended = pass_blanks(x);
	x->token.at = x->at;
	x->token.line = x->line;
	x->token.column = x->at - x->line_at + 1;
	x->token.length = 0;
	if (ended) {
		x->token.type = LOY__PATHS_LINE;
		if (look(x, 0) == ';') /* a line's end is passed over when the next statement is looked for */
			x->at++;
	} else if (x->at == x->length) {
		x->token.type = LOY__PATHS_END;
	} else {
		read_token(x);
	}
}

void loy__lexer_start(loy__lexer *x, const char *text, uint32_t at, uint32_t length, uint32_t line,
                      uint32_t line_at, loy_error *error)
{
	memset(x, 0, sizeof(*x));
	x->text = text;
	x->at = at;
	x->length = length;
	x->line = line;
	x->line_at = line_at;
	x->error = error;
	x->status = LOY_OK;
	x->token.type = LOY__PATHS_LINE;
	loy__lexer_advance(x);
}

int loy__lexer_accept(loy__lexer *x, uint32_t type)
{
	if (x->token.type != type)
		return 0;
	loy__lexer_advance(x);
	return 1;
}

loy__word loy__lexer_word(const loy__lexer *x, const loy__mark *mark)
{
	loy__word word;

	word.text = x->text + mark->at;
	word.length = mark->length;
	return word;
}

double loy__lexer_number(loy__lexer *x)
{
	loy_status status = LOY_OK;
	double value = 0.0;

	(void)loy__real_read(x->text + x->token.at, x->token.length, &value, &status);
	if (status != LOY_OK)
		loy__lexer_refuse(x, &x->token, LOY_ERANGE,
		                  "this number has too many digits, or is too large",
		                  loy__lexer_word(x, &x->token));
	return value;
}
