/*
 * Random models: what is printed is read back as the same model, number for number, whatever the numbers are;
 * damaged texts are refused or are models that print and read back like any other.
 */
#include "model/model.h"
#include "support.h"

#define MODELS  1500
#define DAMAGES 20 /* for each of the models */

struct text {
	char bytes[40000];
	size_t length;
	loy__random random;
	uint32_t channels, constructs, curves, responses;
	uint32_t order[LOY_CONSTRUCTS_MAX]; /* a random order that paths follow */
	int composite[LOY_CONSTRUCTS_MAX];
};

static uint32_t below(struct text *t, uint32_t bound)
{
	return (uint32_t)loy__random_below(&t->random, bound);
}

static int chance(struct text *t, uint32_t in)
{
	return below(t, in) == 0;
}

static void put(struct text *t, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	t->length += (size_t)vsnprintf(t->bytes + t->length, sizeof(t->bytes) - t->length, format, arguments);
	va_end(arguments);
	assert_true(t->length < sizeof(t->bytes));
}

/* A decimal below `bound` (a power of ten or less) with up to 12 decimals, never 0. */
static void put_number(struct text *t, uint32_t bound)
{
	static const uint64_t scale[13] = {1,           10,           100,          1000,      10000,
	                                   100000,      1000000,      10000000,     100000000, 1000000000,
	                                   10000000000, 100000000000, 1000000000000};
	uint32_t places = chance(t, 3) ? 12 : below(t, 4);

	if (places == 0 && bound == 1)
		places = 2;
	put(t, "%u", (unsigned)below(t, bound));
	if (places != 0)
		put(t, ".%0*llu", (int)places,
		    (unsigned long long)(1 + loy__random_below(&t->random, scale[places] - 1)));
	else
		put(t, ".5");
}

static void put_span(struct text *t, uint32_t days_from, uint32_t days)
{
	static const char *const units[] = {"d", "h", "min", "s"};
	static const uint32_t per_day[] = {1, 24, 1440, 86400};
	uint32_t unit = below(t, 4), whole = days_from + below(t, days);

	if (whole * (uint64_t)per_day[unit] > 8000000)
		unit = 0;
	put(t, "%u%s%s", (unsigned)(whole * per_day[unit]),
	    chance(t, 4)   ? ".5"
	    : chance(t, 4) ? ".125"
	                   : "",
	    units[unit]);
}

static void put_curves(struct text *t)
{
	uint32_t i, k;

	for (i = 0; i < t->curves; i++) {
		put(t, "curve curve_%u: ", (unsigned)i);
		if (chance(t, 2)) {
			put(t, "delay neutral ");
			put_number(t, 1);
			put(t, ", gain ");
			put_number(t, 99);
			put(t, ", loss_ratio ");
			put_number(t, 99);
			put(t, ", gain_scale ");
			put_span(t, 1, 99);
			put(t, ", loss_scale ");
			put_span(t, 1, 99);
			put(t, "\n");
			continue;
		}
		put(t, "steps ");
		for (k = 0; k <= below(t, 7); k++) {
			put_span(t, 10 * k + 1, 8);
			put(t, " 0.%u,%s", (unsigned)below(t, 100), chance(t, 3) ? "\n" : " ");
		}
		put(t, "else %u\n", (unsigned)below(t, 2));
	}
}

static void put_condition(struct text *t)
{
	static const char *const comparisons[] = {"<", "<=", "=", "!=", ">=", ">"};
	const char *compared = comparisons[below(t, 6)];

	switch (below(t, 7)) {
	case 0:
		put(t, "severity %s 0.%09u", compared, (unsigned)below(t, 1000000000));
		break;
	case 1:
		put(t, "value %s %s%u.25", compared, chance(t, 2) ? "-" : "", (unsigned)below(t, 999999));
		break;
	case 2:
		put(t, "amount %s %s%llu", compared, chance(t, 2) ? "-" : "",
		    (unsigned long long)loy__random_below(&t->random, UINT64_C(1000000000000000)));
		break;
	case 3:
		put(t, "delay %s -", compared);
		put_span(t, 0, 400);
		break;
	case 4:
		put(t, "instrument %s %u", compared, (unsigned)below(t, 20));
		break;
	case 5:
		put(t, "item %s dimension_%u", compared, (unsigned)below(t, 4));
		break;
	default:
		put(t, "touchpoint %s", chance(t, 2) ? "unset" : "= \"till\"");
		break;
	}
}

static void put_value(struct text *t)
{
	static const char *const values[] = {"severity", "signed(sentiment)", "scale", "reversed",
	                                     "share(discount, amount)"};

	if (t->curves != 0 && chance(t, 4))
		put(t, "%s(curve_%u)", chance(t, 2) ? "delay" : "elapsed", (unsigned)below(t, t->curves));
	else if (chance(t, 2))
		put(t, "%s", values[below(t, 5)]);
	else
		put_number(t, 1);
}

static void put_rules(struct text *t)
{
	static const char *const kinds[] = {"purchase", "visit", "survey_answer", "tap", "beep", "emotion"};
	uint32_t count = below(t, 60), i, k;

	for (i = 0; i < count && t->channels != 0; i++) {
		put(t, "on %s", kinds[below(t, 6)]);
		for (k = 0; k < below(t, 4); k++) {
			put(t, k == 0 ? " if " : " and ");
			put_condition(t);
		}
		put(t, ": channel_%u ", (unsigned)below(t, t->channels));
		put_value(t);
		if (chance(t, 2)) {
			put(t, " weight ");
			put_number(t, 255);
			if (chance(t, 2))
				put(t, " * depth%s", chance(t, 2) ? " * quality" : "");
		}
		put(t, "\n");
	}
}

static void put_indicators(struct text *t, uint32_t construct)
{
	uint32_t i, first = 1;

	for (i = 0; i < t->channels; i++) {
		if (!chance(t, 3))
			continue;
		if (first)
			put(t, "construct_%u =~ ", (unsigned)construct);
		else
			put(t, chance(t, 5) ? " +\n" : " + ");
		first = 0;
		if (chance(t, 2)) {
			put_number(t, 999);
		} else {
			put(t, "(");
			put_number(t, 999);
			put(t, ", 0)");
		}
		put(t, " * channel_%u", (unsigned)i);
	}
	put(t, "\n");
}

/* Paths from those before it in the order: their weights share 1 among them. */
static void put_paths(struct text *t, uint32_t place)
{
	uint32_t construct = t->order[place], i, parents = 0;

	for (i = 0; i < place; i++) {
		if (!chance(t, 2))
			continue;
		if (t->composite[construct]) {
			put(t, parents++ == 0 ? "construct_%u <~ " : " + ", (unsigned)construct);
			put_number(t, 999);
			put(t, "*construct_%u", (unsigned)t->order[i]);
			continue;
		}
		put(t, parents++ == 0 ? "construct_%u ~ " : " + ", (unsigned)construct);
		put(t, "0.0%02u%u*", (unsigned)below(t, 20), (unsigned)(1 + below(t, 1000000000)));
		if (t->responses != 0 && chance(t, 3))
			put(t, "response_%u(construct_%u)", (unsigned)below(t, t->responses),
			    (unsigned)t->order[i]);
		else
			put(t, "construct_%u", (unsigned)t->order[i]);
		if (chance(t, 4))
			put(t, " + 0.%u*construct_%u:construct_%u", (unsigned)below(t, 10),
			    (unsigned)t->order[i], (unsigned)t->order[below(t, place)]);
	}
	put(t, "\n");
}

static void put_constructs(struct text *t)
{
	uint32_t i, k;

	for (i = 0; i < t->constructs; i++) {
		t->order[i] = i;
		k = below(t, i + 1);
		t->order[i] = t->order[k];
		t->order[k] = i;
	}
	for (i = 0; i < t->constructs; i++)
		t->composite[t->order[i]] = i > 4 && chance(t, 5);
	for (i = 0; i < t->constructs; i++) {
		put(t, "construct construct_%u", (unsigned)i);
		if (!t->composite[i]) {
			put(t, ": mean ");
			put_number(t, 1);
			put(t, ", strength ");
			put_number(t, chance(t, 3) ? 999999 : 9);
			put(t, ", spread ");
			put_number(t, chance(t, 3) ? 9999 : 9);
			put(t, ", limit ");
			put_number(t, chance(t, 3) ? 99999 : 99);
		} else {
			if (chance(t, 2)) {
				put(t, ": limit ");
				put_number(t, 99);
			}
			/* at least one component, whatever chance says later */
			put(t, "\nconstruct_%u <~ 1*construct_%u", (unsigned)i, (unsigned)t->order[0]);
			t->composite[i] = -1;
		}
		put(t, "\n");
		if (!t->composite[i])
			put_indicators(t, i);
	}
	for (i = 0; i < t->constructs; i++) {
		if (t->composite[t->order[i]] == 0)
			put_paths(t, i);
	}
}

static void put_readings(struct text *t)
{
	uint32_t i;

	for (i = 0; i < t->responses; i++)
		put(t, "response response_%u: 0 0, 0.%u 0.%u, 0.9 0.9%u, 1 1\n", (unsigned)i,
		    (unsigned)(10 + below(t, 70)), (unsigned)(10 + below(t, 80)), (unsigned)below(t, 1000));
	put(t, "stages rungs: one, two construct_0; cut 0.%u\n", (unsigned)(1 + below(t, 9)));
	put(t, "benefit one ");
	put_number(t, 99);
	put(t, ", two ");
	put_number(t, 99);
	put(t, "\nloyalty_type: attitude ");
	put_number(t, 9);
	put(t, "*construct_0, behaviour construct_0\nheadline construct_0\n");
	if (t->composite[0] == 0)
		put(t, "silence construct_0: purchase weight 1.5, gap 0.5d, strength 2, limit 3\n");
}

static void make_text(struct text *t, uint64_t seed)
{
	uint32_t i;

	t->length = 0;
	loy__random_init(&t->random, seed);
	t->channels = below(t, 33);
	t->constructs = 1 + below(t, 24);
	t->curves = below(t, 6);
	t->responses = below(t, 4);
	put(t, "model model_%u \"A title\"\nkind tap = 1000\nkind beep = 65535\n", (unsigned)seed);
	put(t, "dimensions dimension_0, dimension_1, dimension_2, dimension_3\n");
	for (i = 0; i < t->channels; i++) {
		put(t, "channel channel_%u: half_life ", (unsigned)i);
		put_span(t, 100, 2000);
		put(t, ", fast ");
		put_span(t, 1, 90);
		if (chance(t, 2)) {
			put(t, ", share ");
			put_number(t, 1);
		}
		put(t, "\n");
	}
	put_curves(t);
	put_rules(t);
	put_constructs(t);
	put_readings(t);
}

/* All that was read from numbers, bit for bit. */
static void expect_same(const loy_model *a, const loy_model *b)
{
	uint32_t i;

	assert_memory_equal(a->schema.channel, b->schema.channel, sizeof(a->schema.channel));
	assert_memory_equal(a->fast_share, b->fast_share, sizeof(a->fast_share));
	assert_int_equal(a->schema.rule_count, b->schema.rule_count);
	for (i = 0; i < a->schema.rule_count; i++) {
		assert_bits_equal(a->schema.rule[i].weight, b->schema.rule[i].weight);
		assert_bits_equal(a->schema.rule[i].value, b->schema.rule[i].value);
		assert_memory_equal(a->schema.rule[i].condition, b->schema.rule[i].condition,
		                    sizeof(a->schema.rule[i].condition));
	}
	assert_int_equal(a->construct_count, b->construct_count);
	for (i = 0; i < a->construct_count; i++) {
		const loy__construct *x = &a->construct[i], *y = &b->construct[i];
		uint32_t k;

		assert_string_equal(x->name, y->name);
		assert_bits_equal(x->mean, y->mean);
		assert_bits_equal(x->strength, y->strength);
		assert_bits_equal(x->spread, y->spread);
		assert_bits_equal(x->limit, y->limit);
		assert_bits_equal(x->baseline, y->baseline);
		assert_bits_equal(x->weight_sum, y->weight_sum);
		assert_int_equal(x->path_count, y->path_count);
		for (k = 0; k < x->path_count; k++) {
			assert_bits_equal(x->path[k].weight, y->path[k].weight);
			assert_bits_equal(x->path[k].moderation, y->path[k].moderation);
			assert_int_equal(x->path[k].parent, y->path[k].parent);
		}
		assert_int_equal(x->indicator_count, y->indicator_count);
		for (k = 0; k < x->indicator_count; k++) {
			assert_bits_equal(x->indicator[k].positive, y->indicator[k].positive);
			assert_bits_equal(x->indicator[k].negative, y->indicator[k].negative);
		}
	}
	assert_memory_equal(a->benefit, b->benefit, sizeof(a->benefit));
	assert_memory_equal(a->attitude_weight, b->attitude_weight, sizeof(a->attitude_weight));
	assert_true(a->fingerprint_high == b->fingerprint_high && a->fingerprint_low == b->fingerprint_low);
	assert_true(a->schema.fingerprint_high == b->schema.fingerprint_high &&
	            a->schema.fingerprint_low == b->schema.fingerprint_low);
}

/* The message with the line it speaks of: whole texts are too long to tell. */
static void fail_at(const char *text, const loy_error *error)
{
	uint32_t line;

	for (line = 1; line < error->line; line++)
		text = strchr(text, '\n') + 1;
	fail_msg("%s in line %u, column %u of\n%.*s", error->message, (unsigned)error->line,
	         (unsigned)error->column, (int)strcspn(text, "\n"), text);
}

static void expect_same_text(const char *a, const char *b)
{
	size_t same = 0, from;

	while (a[same] == b[same] && a[same] != '\0')
		same++;
	for (from = same; from > 0 && a[from - 1] != '\n'; from--)
		;
	if (a[same] != b[same])
		fail_msg("%.*s\nis not\n%.*s", (int)strcspn(a + from, "\n"), a + from,
		         (int)strcspn(b + from, "\n"), b + from);
}

/* Read, print, read, print. Returns 0 when the first reading refuses the text. */
static int round_trip(const char *text, size_t length, loy_error *error)
{
	static char printed[2][60000];
	loy_model *model, *again;
	size_t needed[2] = {0, 0};

	if (loy_model_create(&model, text, length, NULL, error) != LOY_OK) {
		assert_null(model);
		return 0;
	}
	assert_int_equal(loy_model_print(model, printed[0], sizeof(printed[0]), &needed[0]), LOY_OK);
	if (loy_model_create(&again, printed[0], needed[0], NULL, error) != LOY_OK)
		fail_at(printed[0], error);
	assert_int_equal(loy_model_print(again, printed[1], sizeof(printed[1]), &needed[1]), LOY_OK);
	expect_same_text(printed[0], printed[1]);
	expect_same(model, again);
	loy_model_destroy(model);
	loy_model_destroy(again);
	return 1;
}

static void printing_is_the_inverse_of_reading(void **state)
{
	static struct text text;
	unsigned read = 0;
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= MODELS; seed++) {
		loy_error error = {.struct_size = sizeof(error)};

		make_text(&text, seed);
		if (round_trip(text.bytes, text.length, &error))
			read++;
		else if (error.code != LOY_ERANGE && error.code != LOY_ENAME)
			fail_at(text.bytes,
			        &error); /* paths that add up to more than 1 or cannot be moderated happen */
	}
	if (read < MODELS / 2)
		fail_msg("only %u of %u random models are models", read, MODELS);
}

static void damage(struct text *t)
{
	static const char pieces[][12] = {"\n",  " ",  ",", "+",           ":", "0",  "-1",
	                                  "1.5", "\"", "#", "construct_1", "~", "99d"};
	size_t at = below(t, (uint32_t)t->length), size;

	switch (below(t, 4)) {
	case 0:
		t->bytes[at] = (char)below(t, 256);
		break;
	case 1:
		size = 1 + below(t, 40);
		if (size > t->length - at)
			size = t->length - at;
		memmove(t->bytes + at, t->bytes + at + size, t->length - at - size);
		t->length -= size;
		break;
	case 2:
		t->length = at + 1;
		break;
	default: {
		const char *piece = pieces[below(t, sizeof(pieces) / sizeof(pieces[0]))];

		size = strlen(piece);
		memmove(t->bytes + at + size, t->bytes + at, t->length - at);
		memcpy(t->bytes + at, piece, size);
		t->length += size;
		break;
	}
	}
}

static void damaged_texts_are_refused_or_good(void **state)
{
	static struct text whole, text;
	unsigned good = 0, bad = 0;
	uint64_t seed;
	int i;

	(void)state;
	for (seed = 1; seed <= MODELS / 10; seed++) {
		make_text(&whole, seed);
		for (i = 0; i < DAMAGES; i++) {
			loy_error error = {.struct_size = sizeof(error)};

			text = whole;
			loy__random_init(&text.random, seed * DAMAGES + (uint64_t)i);
			damage(&text);
			if (round_trip(text.bytes, text.length, &error)) {
				good++;
			} else {
				bad++;
				assert_true(error.code == LOY_ESYNTAX || error.code == LOY_ENAME ||
				            error.code == LOY_ERANGE || error.code == LOY_ECYCLE ||
				            error.code == LOY_ELIMIT || error.code == LOY_EUTF8);
				assert_true(error.line >= 1 && error.column >= 1);
				assert_true(error.byte >= 0 && error.byte <= (int64_t)text.length);
			}
		}
	}
	assert_true(good > 50 && bad > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(printing_is_the_inverse_of_reading),
	        cmocka_unit_test(damaged_texts_are_refused_or_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
