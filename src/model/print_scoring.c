/* The second half of a model's text: constructs, formulas, failures, headlines. */
#include "model/print.h"

#include <string.h>

static const char *construct_name(const loy__printer *p, uint32_t construct)
{
	return p->model->construct[construct].name;
}

static void print_construct(loy__printer *p, const loy__construct *construct)
{
	loy__print_text(p, "construct ");
	loy__print_text(p, construct->name);
	if (!construct->composite) {
		loy__print_text(p, ": mean ");
		loy__print_real(p, construct->mean);
		loy__print_text(p, ", strength ");
		loy__print_real(p, construct->strength);
		loy__print_text(p, ", spread ");
		loy__print_real(p, construct->spread);
	}
	if (construct->limit > 0.0) { /* 0: a composite that is as sure as its parts */
		loy__print_text(p, construct->composite ? ": limit " : ", limit ");
		loy__print_real(p, construct->limit);
	}
	loy__print_end_line(p);
}

static void start_term(loy__printer *p, const loy__construct *construct, const char *operator, uint32_t index)
{
	if (index == 0) {
		loy__print_text(p, construct->name);
		loy__print_text(p, operator);
	} else {
		loy__print_separator(p, " + ");
	}
}

static void print_indicators(loy__printer *p, const loy__construct *construct)
{
	uint32_t i;

	for (i = 0; i < construct->indicator_count; i++) {
		const loy__indicator *indicator = &construct->indicator[i];

		start_term(p, construct, " =~ ", i);
		if (indicator->positive == indicator->negative) {
			loy__print_real(p, indicator->positive);
		} else {
			loy__print_text(p, "(");
			loy__print_real(p, indicator->positive);
			loy__print_text(p, ", ");
			loy__print_real(p, indicator->negative);
			loy__print_text(p, ")");
		}
		loy__print_text(p, "*");
		loy__print_text(p, loy__print_channel_name(p, indicator->channel));
	}
	if (construct->indicator_count != 0)
		loy__print_end_line(p);
}

/* Paths of a construct or components of a composite. */
static void print_paths(loy__printer *p, const loy__construct *construct)
{
	uint32_t i;

	for (i = 0; i < construct->path_count; i++) {
		const loy__path *path = &construct->path[i];

		start_term(p, construct, construct->composite ? " <~ " : " ~ ", i);
		loy__print_real(p, path->written);
		loy__print_text(p, "*");
		if (path->response != LOY__NONE) {
			loy__print_text(p, p->model->response[path->response].name);
			loy__print_text(p, "(");
		}
		loy__print_text(p, construct_name(p, path->parent));
		if (path->response != LOY__NONE)
			loy__print_text(p, ")");
	}
	if (construct->path_count != 0)
		loy__print_end_line(p);
}

static void print_interaction(loy__printer *p, const loy__construct *construct, uint32_t index,
                              double strength, const char *moderated, uint8_t moderator)
{
	start_term(p, construct, " ~ ", index);
	loy__print_real(p, strength);
	loy__print_text(p, "*");
	loy__print_text(p, moderated);
	loy__print_text(p, ":");
	loy__print_text(p, construct_name(p, moderator));
}

static void print_interactions(loy__printer *p, const loy__construct *construct)
{
	uint32_t printed = 0, i;

	for (i = 0; i < construct->indicator_count; i++) {
		const loy__indicator *indicator = &construct->indicator[i];

		if (indicator->moderator != LOY__NONE)
			print_interaction(p, construct, printed++, indicator->moderation,
			                  loy__print_channel_name(p, indicator->channel),
			                  indicator->moderator);
	}
	for (i = 0; i < construct->path_count; i++) {
		const loy__path *path = &construct->path[i];

		if (path->moderator != LOY__NONE)
			print_interaction(p, construct, printed++, path->moderation,
			                  construct_name(p, path->parent), path->moderator);
	}
	if (printed != 0)
		loy__print_end_line(p);
}

static void print_response(loy__printer *p, const loy__response *response)
{
	uint32_t i;

	loy__print_text(p, "response ");
	loy__print_text(p, response->name);
	for (i = 0; i < response->point_count; i++) {
		if (i == 0)
			loy__print_text(p, ": ");
		else
			loy__print_separator(p, ", ");
		loy__print_real(p, response->x[i]);
		loy__print_text(p, " ");
		loy__print_real(p, response->y[i]);
	}
	loy__print_end_line(p);
}

static void print_failures(loy__printer *p)
{
	const loy_model *model = p->model;
	uint32_t i;

	for (i = 0; i < model->schema.channel_count; i++) {
		if (model->damping[i].by == LOY__NONE)
			continue;
		loy__print_text(p, "damping ");
		loy__print_text(p, loy__print_channel_name(p, i));
		loy__print_text(p, ": ");
		loy__print_real(p, model->damping[i].strength);
		loy__print_text(p, " by ");
		loy__print_text(p, loy__print_channel_name(p, model->damping[i].by));
		loy__print_text(p, " at ");
		loy__print_real(p, model->damping[i].at);
		loy__print_end_line(p);
	}
	if (model->recovery == LOY__NONE)
		return;
	loy__print_text(p, loy__print_channel_name(p, model->recovery));
	loy__print_text(p, " repairs ");
	for (i = 0; i < model->failure_count; i++) {
		if (i != 0)
			loy__print_separator(p, " + ");
		loy__print_text(p, loy__print_channel_name(p, model->failure[i]));
	}
	loy__print_end_line(p);
}

static void print_burdens(loy__printer *p, const loy__construct *construct)
{
	if (construct->silence_weight > 0.0) {
		loy__print_text(p, "silence ");
		loy__print_text(p, construct->name);
		loy__print_text(p, ": purchase weight ");
		loy__print_real(p, construct->silence_weight);
		loy__print_text(p, ", gap ");
		loy__print_span(p, construct->silence_gap);
		loy__print_text(p, ", strength ");
		loy__print_real(p, construct->silence_strength);
		loy__print_text(p, ", limit ");
		loy__print_real(p, construct->silence_limit);
		loy__print_end_line(p);
	}
	if (construct->worst_weight > 0.0) {
		loy__print_text(p, "worst ");
		loy__print_text(p, construct->name);
		loy__print_text(p, ": weight ");
		loy__print_real(p, construct->worst_weight);
		loy__print_end_line(p);
	}
}

static void put_setting(loy__printer *p, const char *name, double value)
{
	loy__print_text(p, name);
	loy__print_real(p, value);
}

static void put_counted(loy__printer *p, const char *word, const loy__construct *construct, double weight)
{
	loy__print_text(p, word);
	loy__print_text(p, construct->name);
	put_setting(p, ": weight ", weight);
}

static void print_prospects(loy__printer *p, const loy__construct *construct)
{
	const loy__prospect *prospect = &construct->prospect;

	if (prospect->alive > 0.0) {
		put_counted(p, "alive ", construct, prospect->alive);
		loy__print_end_line(p);
	}
	if (prospect->purchases > 0.0) {
		put_counted(p, "purchases ", construct, prospect->purchases);
		loy__print_text(p, ", horizon ");
		loy__print_span(p, prospect->purchases_horizon);
		put_setting(p, ", half ", prospect->purchases_half);
		loy__print_end_line(p);
	}
	if (prospect->worth > 0.0) {
		put_counted(p, "worth ", construct, prospect->worth);
		loy__print_text(p, ", horizon ");
		loy__print_span(p, prospect->worth_horizon);
		put_setting(p, ", half ", prospect->worth_half);
		if (prospect->worth_discount > 0.0)
			put_setting(p, ", discount ", prospect->worth_discount);
		loy__print_end_line(p);
	}
}

/* The models that prospects go by. */
static void print_lifetime(loy__printer *p)
{
	static const char *const families[] = {"mbg", "bg", "pareto"};
	const loy_model *model = p->model;
	int by_time = model->buying.leave == LOY__LEAVE_TIME;
	char letters[6] = "\"   \"";
	int i;

	if (model->buying_unit != 0) {
		loy__print_text(p, "lifetime ");
		loy__print_text(p, families[model->buying.leave]);
		put_setting(p, ": r ", model->buying.p[0]);
		put_setting(p, ", alpha ", model->buying.p[1]);
		put_setting(p, by_time ? ", s " : ", a ", model->buying.p[2]);
		put_setting(p, by_time ? ", beta " : ", b ", model->buying.p[3]);
		loy__print_text(p, ", unit ");
		loy__print_span(p, model->buying_unit);
		loy__print_end_line(p);
	}
	if (!(model->spend_p > 0.0))
		return;
	put_setting(p, "spend gamma_gamma: p ", model->spend_p);
	put_setting(p, ", q ", model->spend_q);
	put_setting(p, ", gamma ", model->spend_gamma);
	if (model->spend_currency != 0) {
		for (i = 0; i < 3; i++)
			letters[1 + i] = (char)(model->spend_currency >> (16 - 8 * i) & 0xff);
		loy__print_text(p, " in ");
		loy__print_text(p, letters);
	}
	loy__print_end_line(p);
}

static void print_items(loy__printer *p, const char *word, const loy__weighted_item *items, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (i == 0)
			loy__print_text(p, word);
		else
			loy__print_separator(p, ", ");
		loy__print_text(p, items[i].name);
		loy__print_text(p, " ");
		loy__print_real(p, items[i].written);
	}
	if (count != 0)
		loy__print_end_line(p);
}

static void print_staging(loy__printer *p, const loy__staging *staging)
{
	uint32_t i, k;

	loy__print_text(p, "stages ");
	loy__print_text(p, staging->name);
	for (i = 0; i < staging->rung_count; i++) {
		if (i == 0)
			loy__print_text(p, ": ");
		else
			loy__print_separator(p, ", ");
		loy__print_text(p, staging->rung[i].name);
		for (k = 0; k < staging->rung[i].count; k++) {
			loy__print_text(p, k == 0 ? " " : "|");
			loy__print_text(p, construct_name(p, staging->rung[i].construct[k]));
		}
	}
	loy__print_separator(p, "; ");
	loy__print_text(p, "cut ");
	loy__print_real(p, staging->cut);
	loy__print_text(p, ", probability ");
	loy__print_real(p, staging->probability);
	loy__print_end_line(p);
}

static void print_type(loy__printer *p)
{
	const loy_model *model = p->model;
	uint32_t i;

	if (model->attitude_count == 0)
		return;
	loy__print_text(p, "loyalty_type: attitude ");
	for (i = 0; i < model->attitude_count; i++) {
		if (i != 0)
			loy__print_separator(p, " + ");
		loy__print_real(p, model->attitude_written[i]);
		loy__print_text(p, "*");
		loy__print_text(p, construct_name(p, model->attitude[i]));
	}
	loy__print_separator(p, ", ");
	loy__print_text(p, "behaviour ");
	loy__print_text(p, construct_name(p, model->behaviour));
	loy__print_text(p, ", cut ");
	loy__print_real(p, model->type_cut);
	loy__print_end_line(p);
}

static void print_headline(loy__printer *p)
{
	uint32_t i;

	for (i = 0; i < loy_model_headline_count(p->model); i++) {
		loy__print_text(p, i == 0 ? "headline " : ", ");
		loy__print_text(p, construct_name(p, p->model->headline[i]));
	}
	if (i != 0)
		loy__print_end_line(p);
}

void loy__print_scoring(loy__printer *p)
{
	const loy_model *model = p->model;
	uint32_t i;

	for (i = 0; i < model->construct_count; i++)
		print_construct(p, &model->construct[i]);
	for (i = 0; i < model->construct_count; i++) {
		print_indicators(p, &model->construct[i]);
		print_paths(p, &model->construct[i]);
		print_interactions(p, &model->construct[i]);
	}
	for (i = 0; i < model->response_count; i++)
		print_response(p, &model->response[i]);
	print_failures(p);
	for (i = 0; i < model->construct_count; i++)
		print_burdens(p, &model->construct[i]);
	print_lifetime(p);
	for (i = 0; i < model->construct_count; i++)
		print_prospects(p, &model->construct[i]);
	print_items(p, "benefit ", model->benefit, model->benefit_count);
	print_items(p, "cost ", model->cost, model->cost_count);
	for (i = 0; i < model->staging_count; i++)
		print_staging(p, &model->staging[i]);
	print_type(p);
	print_headline(p);
}
