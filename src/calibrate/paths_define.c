/*
 * Defined quantities: expressions of labels, as steps in postfix and as canonical text.
 *
 * Method: two stacks (Dijkstra's shunting yard), the one of operators at most DEPTH high, so that no input makes the
 * library recurse. `-` before an operand binds less than `^` and more than `*`, as in R: -a^2 is -(a^2).
 */
#include "calibrate/paths.h"

#include <string.h>

#define STEPS_MAX 65536u /* of all definitions */

/* Operators by what loy__step has them as. '(' is one too, on the stack. */
struct yard {
	loy_paths *paths;
	loy__lexer *x;
	loy__writer text;
	uint32_t depth;
	char stack[LOY__EXPRESSION_DEPTH];
	loy_status status; /* of memory and limits */
};

static int precedence(char op)
{
	switch (op) {
	case '+':
	case '-':
		return 1;
	case '*':
	case '/':
		return 2;
	case 'n':
		return 3;
	case '^':
		return 4;
	default: /* '(' and functions: taken off by ')' alone */
		return 0;
	}
}

static void add_step(struct yard *y, uint32_t what, uint32_t index, double number)
{
	loy_paths *p = y->paths;
	loy__step *step;

	if (y->status != LOY_OK)
		return;
	y->status = loy__paths_reserve(p, (void **)&p->steps, &p->step_room, p->step_count, 1,
	                               sizeof(*p->steps), STEPS_MAX);
	if (y->status != LOY_OK)
		return;
	step = &p->steps[p->step_count++];
	memset(step, 0, sizeof(*step));
	step->what = what;
	step->index = index;
	step->number = number;
}

static void push(struct yard *y, char op)
{
	if (y->depth == LOY__EXPRESSION_DEPTH)
		y->status = LOY_ELIMIT;
	else
		y->stack[y->depth++] = op;
}

static void pop(struct yard *y)
{
	add_step(y, LOY__APPLY, (unsigned char)y->stack[--y->depth], 0.0);
}

static void write_text(struct yard *y, const char *text)
{
	loy__write_bytes(&y->text, text, strlen(text));
}

static int says(loy__word word, const char *name)
{
	return strlen(name) == word.length && memcmp(word.text, name, word.length) == 0;
}

/* A function's letter, 0 when there is none of this name. */
static char function_of(loy__word word)
{
	if (says(word, "exp"))
		return 'e';
	if (says(word, "log"))
		return 'l';
	return says(word, "sqrt") ? 's' : 0;
}

static uint32_t find_definition(const loy_paths *paths, loy__word name)
{
	uint32_t i = 0;

	while (i < paths->definition_count && !says(name, paths->definitions[i].name))
		i++;
	return i;
}

/* A label or an earlier definition. */
static void push_named(struct yard *y, loy__word name)
{
	loy_paths *p = y->paths;
	uint32_t at = find_definition(p, name);

	if (at < p->definition_count) {
		add_step(y, LOY__PUSH_DEFINED, at, 0.0);
		return;
	}
	if (y->status == LOY_OK)
		y->status = loy__paths_reserve(p, (void **)&p->labels, &p->label_room, p->label_count, 1,
		                               sizeof(p->labels[0]), LOY__LABELS_MAX);
	if (y->status == LOY_OK)
		add_step(y, LOY__PUSH_LABEL, loy__paths_label(p, name), 0.0);
}

/* What an operand may begin with; 1 when the operand is complete. */
static int read_operand(struct yard *y)
{
	loy__lexer *x = y->x;
	loy__word word = loy__lexer_word(x, &x->token);
	loy__mark mark = x->token;
	char number[32];
	double value;

	if (x->token.type == LOY__PATHS_NUMBER) {
		value = loy__lexer_number(x);
		add_step(y, LOY__PUSH_NUMBER, 0, value);
		loy__write_bytes(&y->text, number, loy__real_write(value, number));
		loy__lexer_advance(x);
		return 1;
	}
	if (loy__lexer_accept(x, LOY__PATHS_NAME)) {
		loy__write_bytes(&y->text, word.text, word.length);
		if (x->token.type != '(') {
			push_named(y, word);
			return 1;
		}
		if (function_of(word) == 0)
			loy__lexer_refuse(x, &mark, LOY_ESYNTAX, "expected exp, log or sqrt before '('",
			                  word);
		else
			push(y, function_of(word));
		return 0;
	}
	if (loy__lexer_accept(x, '(')) {
		write_text(y, "(");
		push(y, '(');
	} else if (loy__lexer_accept(x, '-')) {
		write_text(y, "-");
		push(y, 'n');
	} else if (!loy__lexer_accept(x, '+')) { /* a sign that changes nothing */
		loy__lexer_expected(x, "a label, a number, a function or '('");
	}
	return 0;
}

static void close(struct yard *y)
{
	while (y->depth > 0 && precedence(y->stack[y->depth - 1]) > 0)
		pop(y);
	if (y->depth == 0 || y->stack[y->depth - 1] != '(') {
		loy__lexer_expected(y->x, "an operator or the end of the definition");
		return;
	}
	y->depth--;
	write_text(y, ")");
	loy__lexer_advance(y->x);
	if (y->depth > 0 && precedence(y->stack[y->depth - 1]) == 0 && y->stack[y->depth - 1] != '(')
		pop(y);
}

/* What may stand behind an operand; 1 when another operand must follow. */
static int read_operator(struct yard *y)
{
	static const char *const written[] = {" + ", " - ", " * ", " / ", "^"};
	static const char operators[] = "+-*/^";
	uint32_t i;

	if (y->x->token.type == ')') {
		close(y);
		return 0;
	}
	for (i = 0; i < LOY__COUNT(written); i++) {
		char op = operators[i];

		if (!loy__lexer_accept(y->x, (unsigned char)op))
			continue;
		while (y->depth > 0 && (precedence(y->stack[y->depth - 1]) > precedence(op) ||
		                        (precedence(y->stack[y->depth - 1]) == precedence(op) && op != '^')))
			pop(y);
		push(y, op);
		write_text(y, written[i]);
		return 1;
	}
	loy__lexer_expected(y->x, "an operator or the end of the definition");
	return 0;
}

static void read_expression(struct yard *y)
{
	int whole = 0;

	while (y->status == LOY_OK && y->x->status == LOY_OK) {
		if (!whole)
			whole = read_operand(y);
		else if (y->x->token.type == LOY__PATHS_END)
			break;
		else
			whole = !read_operator(y);
	}
	while (y->status == LOY_OK && y->x->status == LOY_OK && y->depth > 0) {
		if (precedence(y->stack[y->depth - 1]) == 0)
			loy__lexer_expected(y->x, "')'");
		else
			pop(y);
	}
}

/* The name may not be taken; room for one more. */
static loy_status prepare(loy_paths *paths, loy__word name, const loy__mark *mark, loy__lexer *x)
{
	loy_status status;

	if (!loy__word_is_name(name)) {
		loy__lexer_refuse(x, mark, LOY_ESYNTAX, "this is no name for a definition", name);
		return x->status;
	}
	if (find_definition(paths, name) < paths->definition_count ||
	    loy__paths_find_label(paths, name) != LOY__NO_LABEL) {
		loy__lexer_refuse(x, mark, LOY_ENAME, "a definition or label has this name already", name);
		return x->status;
	}
	status = loy__paths_reserve(paths, (void **)&paths->definitions, &paths->definition_room,
	                            paths->definition_count, 1, sizeof(*paths->definitions),
	                            LOY_DEFINITIONS_MAX);
	if (status != LOY_OK)
		loy__lexer_refuse(
		        x, mark, status,
		        status == LOY_ELIMIT ? "too many definitions" : "no memory for a definition", name);
	return status;
}

static loy_status keep(struct yard *y, loy__word name, const loy__mark *mark, uint32_t first_step)
{
	loy_paths *p = y->paths;
	loy__definition *d = &p->definitions[p->definition_count];
	char *text = loy__alloc(&p->memory, y->text.size + 1);

	if (text == NULL)
		return LOY_ENOMEM;
	memcpy(text, y->text.data, y->text.size);
	text[y->text.size] = '\0';
	memset(d, 0, sizeof(*d));
	memcpy(d->name, name.text, name.length);
	d->expression = text;
	d->step = first_step;
	d->step_count = p->step_count - first_step;
	d->line = mark->line;
	d->column = mark->column;
	p->definition_count++;
	return LOY_OK;
}

loy_status loy__paths_define(loy_paths *paths, loy__word name, const loy__mark *mark, loy__lexer *x)
{
	uint32_t steps = paths->step_count, labels = paths->label_count;
	loy_status status = prepare(paths, name, mark, x);
	struct yard y;

	if (status != LOY_OK)
		return status;
	memset(&y, 0, sizeof(y));
	y.paths = paths;
	y.x = x;
	loy__writer_init(&y.text, &paths->memory, SIZE_MAX / 2);
	read_expression(&y);
	status = y.status != LOY_OK ? y.status : y.text.status;
	if (status == LOY_OK && x->status == LOY_OK)
		status = keep(&y, name, mark, steps);
	if (status != LOY_OK)
		loy__lexer_refuse(x, &x->token, status,
		                  status == LOY_ELIMIT ? "this definition is too long, or nested too deeply"
		                                       : "no memory for a definition",
		                  name);
	if (x->status != LOY_OK) {
		paths->step_count = steps;
		paths->label_count = labels;
	}
	loy__writer_free(&y.text);
	return x->status;
}

loy_status loy_paths_define(loy_paths *paths, const char *name, const char *expression, loy_error *error)
{
	loy__mark start = {0};
	loy__word word;
	loy__lexer x;
	size_t length;

	if (paths == NULL || name == NULL || expression == NULL)
		return loy__fail(error, LOY_EINVAL, "paths, a name and an expression are needed");
	length = strlen(expression);
	if (length > LOY_MODEL_TEXT_MAX)
		return loy__fail(error, LOY_ELIMIT, "an expression has at most 262144 bytes");
	if (!loy__utf8_valid(expression, length))
		return loy__fail(error, LOY_EUTF8, "the expression is not valid UTF-8");
	word.text = name;
	word.length = strlen(name);
	loy__lexer_start(&x, expression, 0, (uint32_t)length, 1, 0, error);
	if (x.status != LOY_OK)
		return x.status;
	return loy__paths_define(paths, word, &start, &x);
}
