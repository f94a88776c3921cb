/*
 * Model text as tokens, and the messages of its failures.
 *
 * A statement ends with its line, unless the line ends in a token that cannot end one (`,` `+` `:` `~` …), as in
 * lavaan. Indentation and empty lines mean nothing. All positions count bytes.
 */
#include "model/syntax.h"

#include <string.h>

/* ---- messages ---- */

static void message_add_token(loy__message *m, const loy__syntax *s, const loy__token *token)
{
	if (token->type == LOY__TOKEN_END)
		loy__message_add_text(m, "the end of the text");
	else if (token->type == LOY__TOKEN_LINE)
		loy__message_add_text(m, "the end of the line");
	else
		loy__message_add_quoted(m, s->text + token->at, token->length);
}

/* Fill in the caller's detail once, and turn what is left of the text into its end. */
static void stop(loy__syntax *s, const loy__token *token, loy_status status, const char *text)
{
	if (s->status != LOY_OK)
		return;
	s->status = loy__fail_text(s->error, status, token->line, token->column, (int64_t)token->at, text);
	s->at = s->length;
	s->token.type = LOY__TOKEN_END;
	s->token.length = 0;
}

void loy__syntax_fail(loy__syntax *s, const loy__token *token, loy_status status, const char *text)
{
	stop(s, token, status, text);
}

void loy__syntax_refuse(loy__syntax *s, const loy__token *token, loy_status status, const char *text)
{
	loy__message m = {{0}, 0};

	loy__message_add_text(&m, text);
	loy__message_add_text(&m, ": ");
	message_add_token(&m, s, token);
	stop(s, token, status, m.text);
}

void loy__syntax_expected(loy__syntax *s, loy_status status, const char *what)
{
	loy__message m = {{0}, 0};

	loy__message_add_text(&m, "expected ");
	loy__message_add_text(&m, what);
	if (s->before.type > LOY__TOKEN_LINE) {
		loy__message_add_text(&m, " after ");
		message_add_token(&m, s, &s->before);
	}
	loy__message_add_text(&m, ", found ");
	message_add_token(&m, s, &s->token);
	stop(s, &s->token, status, m.text);
}

/* ---- reading ---- */

static int is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static int is_number(char c)
{
	return c >= '0' && c <= '9';
}

static int is_word(char c)
{
	return is_letter(c) || is_number(c) || c == '_' || (c >= 'A' && c <= 'Z');
}

/* The character `ahead` bytes on, 0 beyond the end: a zero byte in the text is no token either. */
static char look(const loy__syntax *s, uint32_t ahead)
{
	return ahead < s->length - s->at ? s->text[s->at + ahead] : '\0';
}

/* Whether a statement goes on behind a token of this type whatever the line does. */
static int goes_on(uint32_t type)
{
	return type > LOY__TOKEN_OTHER && type != ')';
}

/*
 * Pass over blanks, comments and the line ends that mean nothing: of empty lines, and where the statement goes
 * on. Returns 1 in front of a line end that ends a statement.
 */
static int pass_blanks(loy__syntax *s)
{
	while (s->at < s->length) {
		char c = look(s, 0);

		if (c == '#') {
			while (s->at < s->length && look(s, 0) != '\n')
				s->at++;
		} else if (c == '\n') {
			if (s->before.type != LOY__TOKEN_LINE && !goes_on(s->before.type))
				return 1;
			s->at++;
			s->line++;
			s->line_at = s->at;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			s->at++;
		} else {
			break;
		}
	}
	return 0;
}

static uint32_t word_length(const loy__syntax *s)
{
	uint32_t n = 0;

	while (is_word(look(s, n)))
		n++;
	return n;
}

/* Digits, optionally a point and digits, optionally a sign before. */
static uint32_t number_length(const loy__syntax *s)
{
	uint32_t n = look(s, 0) == '-' ? 1 : 0;

	while (is_number(look(s, n)))
		n++;
	if (look(s, n) == '.' && is_number(look(s, n + 1))) {
		n++;
		while (is_number(look(s, n)))
			n++;
	}
	return n;
}

/* Whether the word is a name: small letters, digits and underlines, a letter first. */
static int names_well(const loy__syntax *s, uint32_t length)
{
	uint32_t i;

	for (i = 0; i < length; i++) {
		char c = look(s, i);

		if (c >= 'A' && c <= 'Z')
			return 0;
	}
	return is_letter(look(s, 0));
}

static uint32_t string_length(loy__syntax *s)
{
	uint32_t n = 1;

	while (look(s, n) != '"') {
		char c = look(s, n);

		if (n >= s->length - s->at || c == '\n') {
			loy__syntax_fail(s, &s->token, LOY_ESYNTAX,
			                 "expected '\"' before the end of the line");
			return 0;
		}
		if ((unsigned char)c < 0x20u || c == 0x7f) {
			loy__syntax_fail(s, &s->token, LOY_ESYNTAX, "this text holds a control character");
			return 0;
		}
		n++;
	}
	return n + 1;
}

/* Operators of two characters; sets the type and returns the length, 0 when there is none. */
static uint32_t operator_length(const loy__syntax *s, uint32_t *type)
{
	static const char pairs[][3] = {"=~", "<~", "!=", "<=", ">="};
	static const uint8_t types[] = {LOY__TOKEN_MEASURES, LOY__TOKEN_COMPOSES, LOY__TOKEN_NOT_EQUAL,
	                                LOY__TOKEN_LESS_EQUAL, LOY__TOKEN_GREATER_EQUAL};
	size_t i;

	for (i = 0; i < sizeof(types); i++) {
		if (look(s, 0) == pairs[i][0] && look(s, 1) == pairs[i][1]) {
			*type = types[i];
			return 2;
		}
	}
	for (i = 0; i < sizeof("~,+*:;|()=<>") - 1; i++) {
		if (look(s, 0) == "~,+*:;|()=<>"[i]) {
			*type = (unsigned char)look(s, 0);
			return 1;
		}
	}
	return 0;
}

/* Bytes of one character that means nothing here. */
static uint32_t character_length(const loy__syntax *s)
{
	uint32_t n = 1;

	while (n < s->length - s->at && (look(s, n) & 0xC0) == 0x80)
		n++;
	return n;
}

static void read_token(loy__syntax *s)
{
	char c = look(s, 0);
	uint32_t length = 0;

	if (is_word(c) && !is_number(c)) {
		length = word_length(s);
		s->token.type = names_well(s, length) ? LOY__TOKEN_NAME : LOY__TOKEN_OTHER;
	} else if (is_number(c) || (c == '-' && is_number(look(s, 1)))) {
		length = number_length(s);
		s->token.type = LOY__TOKEN_NUMBER;
	} else if (c == '"') {
		length = string_length(s);
		if (length == 0)
			return;
		s->token.type = LOY__TOKEN_STRING;
	} else {
		length = operator_length(s, &s->token.type);
		if (length == 0) {
			length = character_length(s);
			s->token.type = LOY__TOKEN_OTHER;
		}
	}
	s->token.length = length;
	s->at += length;
}

void loy__syntax_advance(loy__syntax *s)
{
	int ended;

	if (s->status != LOY_OK)
		return;
	s->before = s->token;
	ended = pass_blanks(s);
	s->token.at = s->at;
	s->token.line = s->line;
	s->token.column = s->at - s->line_at + 1;
	s->token.length = 0;
	if (ended)
		s->token.type = LOY__TOKEN_LINE;
	else if (s->at == s->length)
		s->token.type = LOY__TOKEN_END;
	else
		read_token(s);
}

void loy__syntax_rewind(loy__syntax *s)
{
	s->at = 0;
	if (s->length >= 3 && memcmp(s->text, "\xEF\xBB\xBF", 3) == 0)
		s->at = 3; /* some editors put a byte order mark there */
	s->line = 1;
	s->line_at = 0;
	s->token.type = LOY__TOKEN_LINE;
	s->token.length = 0;
	loy__syntax_advance(s);
}

int loy__syntax_is(const loy__syntax *s, uint32_t type)
{
	return s->token.type == type;
}

int loy__syntax_accept(loy__syntax *s, uint32_t type)
{
	if (s->token.type != type)
		return 0;
	loy__syntax_advance(s);
	return 1;
}

void loy__syntax_expect(loy__syntax *s, uint32_t type)
{
	char words[] = "' '";

	if (loy__syntax_accept(s, type))
		return;
	words[1] = (char)type;
	loy__syntax_expected(s, LOY_ESYNTAX, type == LOY__TOKEN_LINE ? "the end of the line" : words);
}

int loy__syntax_same(const loy__syntax *s, const loy__token *token, const char *name)
{
	return strlen(name) == token->length && memcmp(s->text + token->at, name, token->length) == 0;
}

int loy__syntax_is_word(const loy__syntax *s, const char *word)
{
	return s->token.type == LOY__TOKEN_NAME && loy__syntax_same(s, &s->token, word);
}

int loy__syntax_accept_word(loy__syntax *s, const char *word)
{
	if (!loy__syntax_is_word(s, word))
		return 0;
	loy__syntax_advance(s);
	return 1;
}

void loy__syntax_expect_word(loy__syntax *s, const char *word)
{
	loy__message m = {{0}, 0};

	if (loy__syntax_accept_word(s, word))
		return;
	loy__message_add_text(&m, "'");
	loy__message_add_text(&m, word);
	loy__message_add_text(&m, "'");
	loy__syntax_expected(s, LOY_ESYNTAX, m.text);
}
