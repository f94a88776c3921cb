/* Path models as text: what is read, what is refused where, canonical text, definitions and their derivatives. */
#include "support.h"

#include "calibrate/calibrate.h"

#include <math.h>

static loy_paths *parse(const char *text)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = NULL;

	if (loy_paths_parse(&paths, text, strlen(text), NULL, &error) != LOY_OK)
		fail_msg("%u:%u: %s", error.line, error.column, error.message);
	return paths;
}

static void assert_text(const loy_paths *paths, const char *expected)
{
	char text[2048];

	assert_int_equal(loy_paths_print(paths, text, sizeof(text), NULL), LOY_OK);
	assert_string_equal(text, expected);
}

/* Text, and what it is printed as; that is read as the same. */
static void texts_are_read(void **state)
{
	static const char *const list[][2] = {
	        {"Satisfaction =~ sat1 + sat2 + sat3       # measured by\n"
	         "Image <~ img1 + img2 ! composed\n"
	         "Loyalty ~ b*Satisfaction + c*Image; Loyalty ~ Satisfaction:Image\n"
	         "sat1 ~~ sat2\n\n\n  Image ~ a*Quality\nindirect := a*c",
	         "Satisfaction =~ sat1 + sat2 + sat3\nImage <~ img1 + img2\n"
	         "Loyalty ~ b*Satisfaction + c*Image + Satisfaction:Image\nsat1 ~~ sat2\nImage ~ a*Quality\n"
	         "indirect := a * c\n"},
	        {"\xEF\xBB\xBF"
	         "F =~ NA*x1 +\n  l2 *x2 + 1*x3 + -0.5*x4 + - 2e-3*x5\r\nF ~~ 1*F; x1 + x2 ~~ v*x3;;x1 ~ 1; "
	         "x2 ~ 0 * 1",
	         "F =~ NA*x1 + l2*x2 + 1*x3 + -0.5*x4 + -0.002*x5\nF ~~ 1*F\nx1 ~~ v*x3\nx2 ~~ v*x3\nx1 ~ "
	         "1\nx2 ~ 0*1\n"},
	        {"F =~ NA*x1 + x2 + a*x1 + b*x2 + 2*x2", "F =~ NA*a*x1 + 2*b*x2\n"},
	        {"y ~ NA*a*x + 3*b*z + c*.5*w", "y ~ NA*a*x + 3*b*z + 0.5*c*w\n"},
	        {"Y ~ X.Z + W.1\nX =~ x.1 + x.2\nZ <~ z", "Y ~ X:Z + W.1\nX =~ x.1 + x.2\nZ <~ z\n"},
	        {"y ~ x:x", "y ~ x:x\n"},
	        {"A =~ a1\nA.B =~ c\nB =~ b\nY ~ A.B", "A =~ a1\nA.B =~ c\nB =~ b\nY ~ A.B\n"},
	        {"A =~ A.B\nB =~ b\nY ~ A.B", "A =~ A.B\nB =~ b\nY ~ A.B\n"},
	        {"y1 + y2 ~ a*x1 + x2", "y1 ~ a*x1 + x2\ny2 ~ a*x1 + x2\n"},
	        {"d := (a+b)/-2^2*exp( log(a) - +sqrt( b))\ny ~ a*x + b*z",
	         "y ~ a*x + b*z\nd := (a + b) / -2^2 * exp(log(a) - sqrt(b))\n"},
	        {"e := d - a\nd := a*\n  2 # twice\ny ~ a*x", "y ~ a*x\nd := a * 2\ne := d - a\n"},
	        {"exp := exp(a)\ny ~ a*x", "y ~ a*x\nexp := exp(a)\n"},
	        {"X:Z ~~ W", "X:Z ~~ W\n"},
	        {"Y ~ W:Z.Z\nZ =~ z", "Y ~ W:Z.Z\nZ =~ z\n"}, /* in a product a name with a dot is a name */
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(list); i++) {
		loy_paths *paths = parse(list[i][0]), *again;

		assert_text(paths, list[i][1]);
		again = parse(list[i][1]);
		assert_text(again, list[i][1]);
		loy_paths_destroy(paths);
		loy_paths_destroy(again);
	}
}

struct refusal {
	const char *text, *message;
	loy_status status;
	uint32_t line, column;
};

static void assert_refused(const struct refusal *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		loy_error error = {.struct_size = sizeof(error)};
		loy_paths *paths = NULL;

		assert_int_equal(loy_paths_parse(&paths, list[i].text, strlen(list[i].text), NULL, &error),
		                 list[i].status);
		assert_null(paths);
		assert_string_equal(error.message, list[i].message);
		assert_int_equal(error.line, list[i].line);
		assert_int_equal(error.column, list[i].column);
	}
}

static void syntax_is_refused_where_it_breaks(void **state)
{
	static const struct refusal list[] = {
	        {"", "paths need at least one term", LOY_ESYNTAX, 0, 0},
	        {"y", "expected '=~', '<~', '~', '~~' or ':=' after 'y', found the end of the text",
	         LOY_ESYNTAX, 1, 2},
	        {"y ~ x\n= z", "expected a name, found '='", LOY_ESYNTAX, 2, 1},
	        {"y ~ x z", "expected '+' or the end of the statement after 'x', found 'z'", LOY_ESYNTAX, 1,
	         7},
	        {"y ~ x +", "expected a name, a label or a number after '+', found the end of the text",
	         LOY_ESYNTAX, 1, 8},
	        {"y ~ \n\n;",
	         "expected a name, a label or a number after '~', found the end of the statement",
	         LOY_ESYNTAX, 3, 1},
	        {"y ~ 2", "expected '*' after '2', found the end of the text", LOY_ESYNTAX, 1, 6},
	        {"y =~ 1", "an intercept stands behind '~'", LOY_ESYNTAX, 1, 6},
	        {"y ~ -x", "expected a number after '-', found 'x'", LOY_ESYNTAX, 1, 6},
	        {"y ~ 1e999*x", "this number has too many digits, or is too large: '1e999'", LOY_ERANGE, 1,
	         5},
	        {"y ~ 0.12345678901234567891*x",
	         "this number has too many digits, or is too large: '0.12345678901234567891'", LOY_ERANGE, 1,
	         5},
	        {"y ~ 1*2*x", "a coefficient has one value", LOY_ESYNTAX, 1, 8},
	        {"y ~ a*b*x", "a coefficient has one label: 'b'", LOY_ESYNTAX, 1, 7},
	        {"y ~ start(2)*x", "expected '+' or the end of the statement after 'start', found '('",
	         LOY_ESYNTAX, 1, 10},
	        {"y ~ \"a\"*x", "expected a name, a label or a number after '~', found '\"'", LOY_ESYNTAX, 1,
	         5},
	        {"y ~ x:", "expected a name after ':', found the end of the text", LOY_ESYNTAX, 1, 7},
	        {"y ~ x:z:w", "expected '+' or the end of the statement after 'z', found ':'", LOY_ESYNTAX, 1,
	         8},
	        {"x:z ~ y", "a product cannot stand here: 'x:z'", LOY_ESYNTAX, 1, 1},
	        {"y == x", "expected '=~', '<~', '~', '~~' or ':=' after 'y', found '='", LOY_ESYNTAX, 1, 3},
	        {"a := ", "expected an expression after ':=', found the end of the text", LOY_ESYNTAX, 1, 6},
	        {"a:b := c", "one name is defined at a time", LOY_ESYNTAX, 1, 5},
	        {"a + b := c", "one name is defined at a time", LOY_ESYNTAX, 1, 7},
	        {"y ~ \xe2\x82\xac", "expected a name, a label or a number after '~', found '€'", LOY_ESYNTAX,
	         1, 5},
	        {"y ~ x\ny \xff", "this byte is not valid UTF-8", LOY_EUTF8, 2, 3},
	        {"y ~ abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl",
	         "a name has at most 63 bytes: 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn…'", LOY_ESYNTAX, 1,
	         5},
	};

	(void)state;
	assert_refused(list, LOY__COUNT(list));
}

static void meaning_is_refused_by_name(void **state)
{
	static const struct refusal list[] = {
	        {"F =~ x\nF =~ x", "this term is there already: 'x'", LOY_ENAME, 2, 6},
	        {"y ~ X.Z + Z:X\nX =~ x\nZ =~ z", "this term is there already: 'Z:X'", LOY_ENAME, 1, 11},
	        {"F =~ F", "a construct is no indicator of itself: 'F'", LOY_ENAME, 1, 6},
	        {"F =~ x\nF <~ z", "a construct is either measured or composed: 'F'", LOY_ENAME, 2, 1},
	        {"a ~~ b; b ~~ a", "this term is there already: 'a'", LOY_ENAME, 1, 14},
	        {"a ~ b\nb ~ c + 2*a", "paths form a cycle: a ~ b ~ a", LOY_ECYCLE, 2, 11},
	        {"H =~ A + B; A =~ a; B =~ b\nA ~ H", "paths form a cycle: H =~ A ~ H", LOY_ECYCLE, 2, 5},
	        {"y ~ a*x\nd := a*b", "a definition names what no term has: 'b'", LOY_ENAME, 2, 1},
	        {"y ~ a*x\na := 2", "a definition or label has this name already: 'a'", LOY_ENAME, 2, 1},
	        {"y ~ a*x\nd := 2; d := 3", "a definition or label has this name already: 'd'", LOY_ENAME, 2,
	         9},
	        {"y ~ x\na := b; b := 1 + c;\nc := a", "definitions form a cycle: a := b := c := a",
	         LOY_ECYCLE, 2, 1},
	        {"y ~ x\nd := d", "definitions form a cycle: d := d", LOY_ECYCLE, 2, 1},
	};

	(void)state;
	assert_refused(list, LOY__COUNT(list));
}

static void expressions_are_refused_where_they_break(void **state)
{
	static const struct refusal list[] = {
	        {"2 +", "expected a label, a number, a function or '(' after '+', found the end of the text",
	         LOY_ESYNTAX, 1, 4},
	        {"(2", "expected ')' after '2', found the end of the text", LOY_ESYNTAX, 1, 3},
	        {"2)", "expected an operator or the end of the definition after '2', found ')'", LOY_ESYNTAX,
	         1, 2},
	        {"a b", "expected an operator or the end of the definition after 'a', found 'b'", LOY_ESYNTAX,
	         1, 3},
	        {"2\n+ 3",
	         "expected an operator or the end of the definition after '2', found the end of the "
	         "statement",
	         LOY_ESYNTAX, 1, 2},
	        {"sin(2)", "expected exp, log or sqrt before '(': 'sin'", LOY_ESYNTAX, 1, 1},
	        {"exp()", "expected a label, a number, a function or '(' after '(', found ')'", LOY_ESYNTAX,
	         1, 5},
	        {"", "expected a label, a number, a function or '(', found the end of the text", LOY_ESYNTAX,
	         1, 1},
	        {"x\xff", "the expression is not valid UTF-8", LOY_EUTF8, 0, 0},
	};
	loy_paths *paths = parse("y ~ a*x");
	char deep[256];
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(list); i++) {
		loy_error error = {.struct_size = sizeof(error)};

		assert_int_equal(loy_paths_define(paths, "d", list[i].text, &error), list[i].status);
		assert_string_equal(error.message, list[i].message);
		assert_int_equal(error.line, list[i].line);
		assert_int_equal(error.column, list[i].column);
		assert_int_equal(loy_paths_definition_count(paths), 0);
		assert_int_equal(paths->step_count, 0);
		assert_int_equal(paths->label_count, 1);
	}
	memset(deep, '(', 64);
	strcpy(deep + 64, "a");
	memset(deep + 65, ')', 64);
	deep[129] = '\0';
	assert_int_equal(loy_paths_define(paths, "deepest", deep, NULL), LOY_OK);
	memset(deep, '-', 65);
	strcpy(deep + 65, "a");
	assert_int_equal(loy_paths_define(paths, "deeper", deep, NULL), LOY_ELIMIT);
	assert_int_equal(loy_paths_define(paths, "1d", "2", NULL), LOY_ESYNTAX);
	assert_int_equal(loy_paths_define(paths, "deepest", "2", NULL), LOY_ENAME);
	assert_int_equal(loy_paths_define(paths, "later", "b + 1", NULL), LOY_OK);
	assert_int_equal(loy_paths_check(paths, NULL), LOY_ENAME); /* there is no b yet */
	assert_int_equal(loy_paths_add(paths, LOY_TERM_REGRESSED, "y", "z", 0, 0, "b", NULL), LOY_OK);
	assert_int_equal(loy_paths_check(paths, NULL), LOY_OK);
	assert_int_equal(loy_paths_define(paths, "b", "1", NULL), LOY_ENAME);
	assert_int_equal(loy_paths_add(paths, LOY_TERM_REGRESSED, "y", "w", 0, 0, "later", NULL), LOY_ENAME);
	loy_paths_destroy(paths);
}

/* Values and derivatives against closed forms. */
static void definitions_are_evaluated(void **state)
{
	loy_paths *paths = parse("y ~ a*x + b*z + c*w\n"
	                         "ind := a*b; total := ind + c\n"
	                         "share := ind/total\n"
	                         "power := -a^2 + b^c; tower := 2^a^b\n"
	                         "more := exp(log(a) * 2) - sqrt(b) / -(c - 1)\n"
	                         "cube := (-a)^3; minus := a - b - c; over := a / b / c");
	const double a = 0.42, b = 0.31, c = 1.7, labels[] = {a, b, c};
	double values[9], jacobian[27], t;
	const char *name = NULL, *expression = NULL;

	(void)state;
	assert_int_equal(loy_paths_definition_count(paths), 9);
	assert_int_equal(loy__paths_evaluate(paths, labels, values, jacobian), LOY_OK);
	assert_bits_equal(values[0], a * b);
	assert_bits_equal(jacobian[0], b);
	assert_bits_equal(jacobian[1], a);
	assert_bits_equal(jacobian[2], 0.0);
	assert_bits_equal(values[1], a * b + c);
	assert_bits_equal(jacobian[3 + 2], 1.0);
	t = a * b + c;
	assert_close(values[2], a * b / t, 1e-15, 0.0);
	assert_close(jacobian[6], b * c / (t * t), 1e-14, 0.0);
	assert_close(jacobian[8], -a * b / (t * t), 1e-14, 0.0);
	assert_close(values[3], -a * a + loy__pow(b, c), 1e-14, 0.0);
	assert_close(jacobian[9], -2.0 * a, 1e-14, 0.0);
	assert_close(jacobian[10], c * loy__pow(b, c - 1.0), 1e-14, 0.0);
	assert_close(jacobian[11], loy__log(b) * loy__pow(b, c), 1e-14, 0.0);
	assert_close(values[4], loy__exp2(loy__pow(a, b)), 1e-14, 0.0);
	assert_close(jacobian[12], values[4] * loy__log(2.0) * b * loy__pow(a, b - 1.0), 1e-13, 0.0);
	assert_close(values[5], a * a + loy__pow(b, 0.5) / (c - 1.0), 1e-14, 0.0);
	assert_close(jacobian[15], 2.0 * a, 1e-14, 0.0);
	assert_close(jacobian[16], 0.5 / loy__pow(b, 0.5) / (c - 1.0), 1e-14, 0.0);
	assert_close(jacobian[17], -loy__pow(b, 0.5) / ((c - 1.0) * (c - 1.0)), 1e-14, 0.0);
	assert_close(values[6], -a * a * a, 1e-15, 0.0);
	assert_close(jacobian[18], -3.0 * a * a, 1e-14, 0.0);
	assert_bits_equal(values[7], a - b - c);
	assert_bits_equal(jacobian[22], -1.0);
	assert_close(values[8], a / (b * c), 1e-15, 0.0);
	assert_close(jacobian[25], -a / (b * b * c), 1e-14, 0.0);
	assert_int_equal(loy_paths_get_definition(paths, 1, &name, &expression), LOY_OK);
	assert_string_equal(name, "total");
	assert_string_equal(expression, "ind + c");
	assert_int_equal(loy_paths_get_definition(paths, 9, &name, &expression), LOY_ENOTFOUND);
	loy_paths_destroy(paths);
}

static void what_is_not_finite_is_refused(void **state)
{
	static const char *const list[] = {"log(a)",      "1/a",           "sqrt(a - 1)",
	                                   "(a - 1)^0.5", "exp(a + 1000)", "sqrt(a)"};
	const double zero[] = {0.0};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(list); i++) {
		loy_paths *paths = parse("y ~ a*x");
		double value, slope;

		assert_int_equal(loy_paths_define(paths, "d", list[i], NULL), LOY_OK);
		assert_int_equal(loy__paths_evaluate(paths, zero, &value, &slope), LOY_ERANGE);
		/* the last one has a value, but no slope */
		assert_int_equal(loy__paths_evaluate(paths, zero, &value, NULL),
		                 i + 1 < LOY__COUNT(list) ? LOY_ERANGE : LOY_OK);
		loy_paths_destroy(paths);
	}
}

/* The syntaxes of paths and of scoring models overlap in bare path models: both read the same text. */
static void bare_models_are_read_by_both(void **state)
{
	static const char text[] = "satisfaction ~ 0.35*innovation   # a comment\n"
	                           "brand ~ 0.28*innovation\n\n"
	                           "loyalty ~ 0.42*satisfaction +\n\t0.31*brand\n";
	static const char composite[] = "loyalty <~ 0.6*a + 0.4*b\na ~ 0.5*b\n";
	const char *const both[] = {text, composite};
	loy_variable v = {.struct_size = sizeof(v)};
	loy_term term = {.struct_size = sizeof(term)};
	loy_paths *paths;
	double direct, total;
	loy_model *model = NULL;
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		paths = parse(both[i]);
		assert_int_equal(loy_model_create(&model, both[i], strlen(both[i]), NULL, NULL), LOY_OK);
		assert_true(loy_paths_variable_count(paths) >= 3);
		loy_paths_destroy(paths);
		loy_model_destroy(model);
	}
	paths = parse(text);
	assert_int_equal(loy_model_create(&model, text, strlen(text), NULL, NULL), LOY_OK);
	for (i = 0; i < loy_paths_term_count(paths); i++) {
		uint32_t from = 0, to = 0;

		assert_int_equal(loy_paths_get_term(paths, i, &term), LOY_OK);
		assert_int_equal(loy_paths_get_variable(paths, term.left, &v), LOY_OK);
		assert_int_equal(loy_model_construct_find(model, v.name, strlen(v.name), &to), LOY_OK);
		assert_int_equal(loy_paths_get_variable(paths, term.right, &v), LOY_OK);
		assert_int_equal(loy_model_construct_find(model, v.name, strlen(v.name), &from), LOY_OK);
		assert_int_equal(loy_model_effects(model, from, to, &direct, NULL, &total), LOY_OK);
		assert_bits_equal(direct, term.value);
	}
	loy_model_destroy(model);
	loy_paths_destroy(paths);
}

static void every_failed_allocation_is_survived(void **state)
{
	static const char text[] = "F =~ a*x1 + NA*x2 + b*x3\nG <~ z1 + z2; G ~ c*F + F:H; H =~ h1 + h2\n"
	                           "d := a*b^2; e := exp(d) + c; f := e/d";
	const double labels[] = {1.0, 2.0, 3.0};
	double values[3], jacobian[9];
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_error error = {.struct_size = sizeof(error)};
		loy_paths *paths = NULL;

		status = loy_paths_parse(&paths, text, sizeof(text) - 1, &memory, &error);
		assert_int_equal(error.code, status);
		if (status == LOY_OK)
			status = loy__paths_evaluate(paths, labels, values, jacobian);
		loy_paths_destroy(paths);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 15);
}

static void arguments_are_checked(void **state)
{
	loy_paths *paths = NULL;

	(void)state;
	assert_int_equal(loy_paths_parse(NULL, "", 0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_parse(&paths, NULL, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_parse(&paths, NULL, 0, NULL, NULL), LOY_ESYNTAX);
	assert_int_equal(loy_paths_parse(&paths, "", (size_t)LOY_MODEL_TEXT_MAX + 1, NULL, NULL), LOY_ELIMIT);
	assert_int_equal(loy_paths_print(NULL, NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_check(NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_define(NULL, "a", "1", NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_create(NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_definition_count(NULL), 0);
	loy_paths_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(texts_are_read),
	        cmocka_unit_test(syntax_is_refused_where_it_breaks),
	        cmocka_unit_test(meaning_is_refused_by_name),
	        cmocka_unit_test(expressions_are_refused_where_they_break),
	        cmocka_unit_test(definitions_are_evaluated),
	        cmocka_unit_test(what_is_not_finite_is_refused),
	        cmocka_unit_test(bare_models_are_read_by_both),
	        cmocka_unit_test(every_failed_allocation_is_survived),
	        cmocka_unit_test(arguments_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
