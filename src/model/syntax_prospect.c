/* Statements about prospects: `lifetime`, `spend`, and what constructs count of them. */
#include "model/syntax.h"

static const loy__range range_parameter = {1, 9000000 * LOY__DECIMAL_ONE,
                                           "a number above 0, at most 9000000"};
static const loy__range range_unit = {LOY_DAY / 100, 3660 * LOY_DAY, "a duration from 0.01d to 3660d"};
static const loy__range range_rate = {0, 100 * LOY__DECIMAL_ONE, "a number from 0 to 100"};

void loy__syntax_read_lifetime(loy__syntax *s)
{
	static const struct {
		const char *name;
		uint32_t leave;
		const char *third, *fourth;
	} families[] = {{"mbg", LOY__LEAVE_MBG, "a", "b"},
	                {"bg", LOY__LEAVE_BG, "a", "b"},
	                {"pareto", LOY__LEAVE_TIME, "s", "beta"}};
	loy_model *model = s->model;
	uint32_t i;

	if (model->buying_unit != 0)
		loy__syntax_refuse(s, &s->before, LOY_ENAME, "this is said twice");
	for (i = 0; i < LOY__COUNT(families) && !loy__syntax_is_word(s, families[i].name); i++)
		;
	if (i == LOY__COUNT(families)) {
		loy__syntax_expected(s, LOY_ESYNTAX, "mbg, bg or pareto");
		return;
	}
	loy__syntax_advance(s);
	loy__syntax_expect(s, ':');
	model->buying.leave = families[i].leave;
	model->buying.k = 1;
	{
		loy__setting settings[5] = {
		        {"r", &range_parameter, &model->buying.p[0], NULL, 1},
		        {"alpha", &range_parameter, &model->buying.p[1], NULL, 1},
		        {families[i].third, &range_parameter, &model->buying.p[2], NULL, 1},
		        {families[i].fourth, &range_parameter, &model->buying.p[3], NULL, 1},
		        {"unit", &range_unit, NULL, &model->buying_unit, 1}};

		loy__syntax_settings(s, settings, LOY__COUNT(settings));
	}
}

/* The letters of a currency after `in`, or none: events without a currency. */
static void read_currency(loy__syntax *s)
{
	char letters[8];

	if (!loy__syntax_accept_word(s, "in"))
		return;
	loy__syntax_string(s, letters, sizeof(letters));
	if (s->status == LOY_OK && letters[0] != '\0' && letters[1] != '\0' && letters[2] != '\0' &&
	    letters[3] == '\0')
		s->model->spend_currency = loy_currency_code(letters);
	if (s->status == LOY_OK && s->model->spend_currency == 0)
		loy__syntax_refuse(s, &s->before, LOY_ESYNTAX, "a currency has three letters A to Z");
}

void loy__syntax_read_spend(loy__syntax *s)
{
	static const loy__range above_one = {LOY__DECIMAL_ONE + 1, 9000000 * LOY__DECIMAL_ONE,
	                                     "a number above 1, at most 9000000"};
	loy_model *model = s->model;

	if (model->spend_p > 0.0)
		loy__syntax_refuse(s, &s->before, LOY_ENAME, "this is said twice");
	loy__syntax_expect_word(s, "gamma_gamma");
	loy__syntax_expect(s, ':');
	{
		loy__setting settings[3] = {{"p", &range_parameter, &model->spend_p, NULL, 1},
		                            {"q", &above_one, &model->spend_q, NULL, 1},
		                            {"gamma", &range_parameter, &model->spend_gamma, NULL, 1}};

		loy__syntax_settings(s, settings, LOY__COUNT(settings));
	}
	read_currency(s);
}

/* `NAME:` of what a construct counts; NULL when it cannot count it. */
static loy__prospect *read_counting(loy__syntax *s)
{
	loy__construct *construct = loy__syntax_read_burdened(s);

	if (construct == NULL)
		return NULL;
	s->prospect_at = s->before;
	s->reads_prospects = 1;
	return &construct->prospect;
}

static void said_once(loy__syntax *s, double weight)
{
	if (weight > 0.0)
		loy__syntax_refuse(s, &s->before, LOY_ENAME, "this is said twice");
}

void loy__syntax_read_alive(loy__syntax *s)
{
	loy__prospect *prospect = read_counting(s);
	loy__setting setting = {"weight", &loy__range_positive, NULL, NULL, 1};

	if (prospect == NULL)
		return;
	said_once(s, prospect->alive);
	setting.real = &prospect->alive;
	loy__syntax_settings(s, &setting, 1);
}

void loy__syntax_read_purchases(loy__syntax *s)
{
	loy__prospect *prospect = read_counting(s);

	if (prospect == NULL)
		return;
	said_once(s, prospect->purchases);
	{
		loy__setting settings[3] = {
		        {"weight", &loy__range_positive, &prospect->purchases, NULL, 1},
		        {"horizon", &loy__range_duration, NULL, &prospect->purchases_horizon, 1},
		        {"half", &loy__range_positive, &prospect->purchases_half, NULL, 1}};

		loy__syntax_settings(s, settings, LOY__COUNT(settings));
	}
}

void loy__syntax_read_worth(loy__syntax *s)
{
	loy__prospect *prospect = read_counting(s);

	if (prospect == NULL)
		return;
	said_once(s, prospect->worth);
	{
		loy__setting settings[4] = {
		        {"weight", &loy__range_positive, &prospect->worth, NULL, 1},
		        {"horizon", &loy__range_duration, NULL, &prospect->worth_horizon, 1},
		        {"half", &range_parameter, &prospect->worth_half, NULL, 1},
		        {"discount", &range_rate, &prospect->worth_discount, NULL, 0}};

		loy__syntax_settings(s, settings, LOY__COUNT(settings));
	}
	s->reads_worth = 1;
}

void loy__syntax_check_prospects(loy__syntax *s)
{
	if (s->reads_prospects && s->model->buying_unit == 0)
		loy__syntax_fail(s, &s->prospect_at, LOY_ENAME, "prospects are known only after 'lifetime'");
	if (s->reads_worth && !(s->model->spend_p > 0.0))
		loy__syntax_fail(s, &s->prospect_at, LOY_ENAME, "worth is known only after 'spend'");
}
