/*
 * From a specification to a plan: what each variable is, which stages there are, which columns they need.
 */
#include "calibrate/pls.h"

#include <string.h>

loy_status loy__pls_refuse(const loy__pls_maker *b, loy_status status, const char *why, uint32_t variable)
{
	const char *name = b->paths->variables[variable].name;

	return loy__fail_name(b->error, status, why, name, strlen(name));
}

static uint32_t kind_of(const loy__pls_maker *b, uint32_t variable)
{
	return b->paths->variables[variable].kind;
}

static loy_status take_indicator(const loy__pls_maker *b, const loy__term *term)
{
	if (kind_of(b, term->right) == LOY_VARIABLE_PRODUCT)
		return loy__pls_refuse(b, LOY_EINVAL, "a product is no indicator", term->right);
	b->role[term->left].level = 1;
	b->role[term->left].reflective = term->relation == LOY_TERM_MEASURED;
	if (kind_of(b, term->right) == LOY_VARIABLE_CONSTRUCT)
		b->role[term->right].part = 1;
	return LOY_OK;
}

static loy_status take_regression(const loy__pls_maker *b, const loy__term *term)
{
	const loy__variable *right = &b->paths->variables[term->right];

	if (kind_of(b, term->left) != LOY_VARIABLE_CONSTRUCT)
		return loy__pls_refuse(b, LOY_EINVAL, "only a construct has predictors: make it one (=~)",
		                       term->left);
	if (right->kind == LOY_VARIABLE_ITEM)
		return loy__pls_refuse(b, LOY_EINVAL, "only a construct is a predictor: make it one (=~)",
		                       term->right);
	if (right->kind == LOY_VARIABLE_PRODUCT && (kind_of(b, right->first) != LOY_VARIABLE_CONSTRUCT ||
	                                            kind_of(b, right->second) != LOY_VARIABLE_CONSTRUCT))
		return loy__pls_refuse(b, LOY_EINVAL, "a product is of two constructs", term->right);
	b->role[term->left].regressed = b->role[term->right].regressed = 1;
	if (right->kind == LOY_VARIABLE_PRODUCT) /* what is multiplied stays in all stages */
		b->role[right->first].regressed = b->role[right->second].regressed = 1;
	return LOY_OK;
}

/* Equal labels make coefficients equal, which this method cannot: `seen` has a place for each label. */
static loy_status take_labels(const loy__pls_maker *b, uint8_t *seen)
{
	const loy_paths *paths = b->paths;
	uint32_t i;

	for (i = 0; i < paths->term_count; i++) {
		uint32_t label = paths->terms[i].label;

		if (label == LOY__NO_LABEL)
			continue;
		if (seen[label])
			return loy__fail_name(b->error, LOY_EINVAL,
			                      "partial least squares has no equal coefficients",
			                      paths->labels[label], strlen(paths->labels[label]));
		seen[label] = 1;
	}
	return LOY_OK;
}

static loy_status take_terms(const loy__pls_maker *b)
{
	const loy_paths *paths = b->paths;
	size_t labels = paths->label_count;
	uint8_t *seen = loy__alloc_zero(&b->shared->memory, labels);
	loy_status status;
	uint32_t i;

	if (seen == NULL)
		return LOY_ENOMEM;
	status = take_labels(b, seen);
	loy__free(&b->shared->memory, seen, labels);

	for (i = 0; status == LOY_OK && i < paths->term_count; i++) {
		const loy__term *term = &paths->terms[i];

		if (term->treatment == LOY_TERM_FIXED)
			status = loy__pls_refuse(b, LOY_EINVAL,
			                         "partial least squares has no fixed coefficients",
			                         term->right);
		else if (term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED)
			status = take_indicator(b, term);
		else if (term->relation == LOY_TERM_REGRESSED)
			status = take_regression(b, term);
		else
			status = loy__pls_refuse(
			        b, LOY_EINVAL,
			        "partial least squares has no covariances and intercepts to state",
			        term->left);
	}
	return status;
}

/* One round of raising constructs above what they are made of: the last that was raised, or LOY_PLS_NONE. */
static uint32_t lift(const loy__pls_maker *b)
{
	const loy_paths *paths = b->paths;
	uint32_t raised = LOY_PLS_NONE, i;

	for (i = 0; i < paths->term_count; i++) {
		const loy__term *term = &paths->terms[i];
		loy__pls_role *role = &b->role[term->left];

		if ((term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED) &&
		    kind_of(b, term->right) == LOY_VARIABLE_CONSTRUCT &&
		    role->level <= b->role[term->right].level) {
			role->level = b->role[term->right].level + 1;
			raised = term->left;
		}
	}
	return raised;
}

/* Levels: a construct made of constructs lies one above the highest of these. */
static loy_status take_levels(const loy__pls_maker *b)
{
	uint32_t highest = b->options->higher == LOY_PLS_HIGHER_STAGES ? 2 : LOY__PLS_LEVELS, raised, i;

	do {
		raised = lift(b);
		if (raised != LOY_PLS_NONE && b->role[raised].level > b->paths->variable_count)
			return loy__pls_refuse(b, LOY_ECYCLE, "a construct is made of itself", raised);
	} while (raised != LOY_PLS_NONE);
	for (i = 0; i < b->paths->variable_count; i++) {
		if (b->role[i].level > highest)
			return loy__pls_refuse(b, LOY_ELIMIT,
			                       "more than 8 levels of constructs, or more than 2 by stages",
			                       i);
	}
	return LOY_OK;
}

static loy_status take_modes(const loy__pls_maker *b)
{
	const loy_pls_options *o = b->options;
	uint32_t i, k;

	for (i = 0; i < b->paths->variable_count; i++) {
		loy__pls_role *role = &b->role[i];

		if (o->mode != LOY_PLS_MODE_OF_TERM)
			role->mode = o->mode;
		else if (kind_of(b, i) == LOY_VARIABLE_PRODUCT || role->reflective)
			role->mode = LOY_PLS_MODE_A;
		else
			role->mode = LOY_PLS_MODE_B;
	}
	for (k = 0; k < o->override_count; k++) {
		const loy_pls_override *override = &o->overrides[k];
		size_t length = override->construct != NULL ? strlen(override->construct) : 0;

		if (override->mode < LOY_PLS_MODE_A || override->mode > LOY_PLS_MODE_UNIT ||
		    override->reserved != 0)
			return loy__fail_name(b->error, LOY_EINVAL, "there is no such mode",
			                      override->construct != NULL ? override->construct : "", length);
		for (i = 0; i < b->paths->variable_count; i++) {
			if (length != 0 && kind_of(b, i) != LOY_VARIABLE_ITEM &&
			    strcmp(b->paths->variables[i].name, override->construct) == 0)
				break;
		}
		if (i == b->paths->variable_count)
			return loy__fail_name(b->error, LOY_ENAME, "a mode for what is no construct",
			                      length != 0 ? override->construct : "", length);
		b->role[i].mode = override->mode;
	}
	return LOY_OK;
}

/* Append a column; *at (may be NULL) is its place. */
static loy_status add_column(const loy__pls_maker *b, const loy__pls_column *column, uint32_t *at)
{
	loy__pls_shared *s = b->shared;
	void *columns = s->plan.column;
	loy_status status = loy__grow(&s->memory, &columns, &s->columns_room, (size_t)s->plan.extent + 1,
	                              sizeof(*column), LOY_PLS_INDICATORS_MAX);

	s->plan.column = columns;
	if (status == LOY_ELIMIT)
		return loy__fail(b->error, status, "more than 2048 items, products and scores");
	if (status != LOY_OK)
		return status;
	if (at != NULL)
		*at = s->plan.extent;
	s->plan.column[s->plan.extent++] = *column;
	return LOY_OK;
}

static loy_status add_items(const loy__pls_maker *b)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; status == LOY_OK && i < b->paths->variable_count; i++) {
		loy__pls_column column = {0};

		if (kind_of(b, i) != LOY_VARIABLE_ITEM)
			continue;
		column.kind = LOY__PLS_ITEM;
		column.left = b->shared->plan.extent;
		column.name = b->shared->names[i];
		status = add_column(b, &column, &b->role[i].column);
	}
	b->shared->plan.items = b->shared->plan.extent;
	if (status == LOY_OK && b->shared->plan.items > LOY_TABLE_COLUMNS_MAX)
		return loy__fail(b->error, LOY_ELIMIT, "more than 512 items");
	return status;
}

/* Scores of one construct of the stage made last; *at becomes their column. */
static loy_status add_score(const loy__pls_maker *b, uint32_t variable, uint32_t *at)
{
	loy__pls_column column = {0};

	column.kind = LOY__PLS_SCORE;
	column.left = b->shared->plan.stages - 1;
	column.right = b->role[variable].place;
	column.name = b->shared->names[variable];
	return add_column(b, &column, at);
}

static loy_status add_scores_of_parts(const loy__pls_maker *b)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; status == LOY_OK && i < b->paths->variable_count; i++) {
		if (b->role[i].part)
			status = add_score(b, i, &b->role[i].score);
	}
	return status;
}

/* A product that is estimated: of what stands in a regression. */
static const loy__variable *product_at(const loy__pls_maker *b, uint32_t i)
{
	const loy__variable *v = &b->paths->variables[i];

	return v->kind == LOY_VARIABLE_PRODUCT && b->role[i].regressed ? v : NULL;
}

static loy_status add_scores_of_factors(const loy__pls_maker *b)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < b->paths->variable_count; i++)
		b->role[i].factor = LOY_PLS_NONE;
	for (i = 0; status == LOY_OK && i < b->paths->variable_count; i++) {
		const loy__variable *v = product_at(b, i);

		if (v != NULL && b->role[v->first].factor == LOY_PLS_NONE)
			status = add_score(b, v->first, &b->role[v->first].factor);
		if (v != NULL && status == LOY_OK && b->role[v->second].factor == LOY_PLS_NONE)
			status = add_score(b, v->second, &b->role[v->second].factor);
	}
	return status;
}

/* The columns a product of indicators is cleaned of: all indicators of both constructs. */
static loy_status add_cleaning(const loy__pls_maker *b, const uint32_t *columns, uint32_t count)
{
	loy__pls_plan *plan = &b->shared->plan;
	void *cleaning = plan->cleaning;
	loy_status status = loy__grow(&b->shared->memory, &cleaning, &b->shared->cleaning_room,
	                              (size_t)plan->cleaning_count + count, sizeof(*columns),
	                              (size_t)LOY_VARIABLES_MAX * LOY_PLS_INDICATORS_MAX);

	plan->cleaning = cleaning;
	if (status == LOY_OK) {
		memcpy(plan->cleaning + plan->cleaning_count, columns, count * sizeof(*columns));
		plan->cleaning_count += count;
	}
	return status;
}

/* "a:b" in a name of its own. */
static const char *name_product(const loy__pls_maker *b, const char *first, const char *second)
{
	char *name = b->shared->names[b->shared->name_count++];
	size_t length = strlen(first), rest = strlen(second);

	memset(name, 0, LOY__PLS_NAME);
	memcpy(name, first, length);
	name[length] = ':';
	memcpy(name + length + 1, second, rest);
	return name;
}

/* All pairs of the indicators of two constructs; of one construct with itself each pair once. */
static loy_status add_pairs(const loy__pls_maker *b, const loy__variable *v, uint32_t *columns)
{
	const loy__pls_column *all;
	loy__pls_column column = {0};
	uint32_t left = 0, right = 0, i, j;
	loy_status status = loy__pls_block(b, v->first, columns, LOY_PLS_INDICATORS_MAX, &left);

	if (status == LOY_OK && v->second != v->first)
		status = loy__pls_block(b, v->second, columns + left, LOY_PLS_INDICATORS_MAX, &right);
	column.kind = LOY__PLS_PRODUCT;
	column.cleaned = b->options->product == LOY_PLS_PRODUCT_ORTHOGONAL;
	column.clean = b->shared->plan.cleaning_count;
	column.clean_count = column.cleaned ? left + right : 0;
	if (status == LOY_OK && column.cleaned)
		status = add_cleaning(b, columns, left + right);
	for (i = 0; i < left; i++) {
		for (j = right == 0 ? i : left; status == LOY_OK && j < left + right; j++) {
			all = b->shared->plan.column;
			column.left = columns[i];
			column.right = columns[j];
			column.name = name_product(b, all[column.left].name, all[column.right].name);
			status = add_column(b, &column, NULL);
		}
	}
	return status;
}

static loy_status add_products(const loy__pls_maker *b, uint32_t *columns)
{
	loy__pls_plan *plan = &b->shared->plan;
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; status == LOY_OK && i < b->paths->variable_count; i++) {
		const loy__variable *v = product_at(b, i);
		loy__pls_column column = {0};

		if (v == NULL)
			continue;
		b->role[i].product = plan->extent;
		if (b->options->product == LOY_PLS_PRODUCT_STAGES) {
			column.kind = LOY__PLS_PRODUCT;
			column.left = b->role[v->first].factor;
			column.right = b->role[v->second].factor;
			column.name = b->shared->names[i];
			status = add_column(b, &column, NULL);
		} else {
			status = add_pairs(b, v, columns);
		}
		b->role[i].product_count = plan->extent - b->role[i].product;
		plan->products += b->role[i].product_count;
	}
	return status;
}

/* Names of all variables, and room for those of all pairs: pointers to them are kept. */
static loy_status add_names(const loy__pls_maker *b)
{
	loy__pls_shared *s = b->shared;
	size_t count = b->paths->variable_count, size;
	loy_status status = LOY_OK;
	uint32_t i, left, right;

	for (i = 0; status == LOY_OK && i < b->paths->variable_count; i++) {
		const loy__variable *v = product_at(b, i);

		if (v == NULL || b->options->product == LOY_PLS_PRODUCT_STAGES)
			continue;
		status = loy__pls_block(b, v->first, NULL, 0, &left);
		if (status == LOY_OK)
			status = loy__pls_block(b, v->second, NULL, 0, &right);
		count += (size_t)left * right;
		if (count > LOY_VARIABLES_MAX + (size_t)LOY_PLS_INDICATORS_MAX)
			return loy__fail(b->error, LOY_ELIMIT, "more than 2048 items, products and scores");
	}
	if (status != LOY_OK || !loy__mul_size(count, sizeof(*s->names), &size))
		return status != LOY_OK ? status : LOY_ENOMEM;
	s->names = loy__alloc_zero(&s->memory, size);
	if (s->names == NULL)
		return LOY_ENOMEM;
	s->name_room = count;
	s->name_count = b->paths->variable_count;
	for (i = 0; i < s->name_count; i++)
		memcpy(s->names[i], b->paths->variables[i].name, sizeof(s->names[i]));
	return LOY_OK;
}

static loy_status make_stage(loy__pls_maker *b, uint32_t flags)
{
	loy__pls_shared *s = b->shared;
	uint32_t stage = s->plan.stages++;

	b->flags = flags;
	return loy__pls_model_make(b, &s->plan.model[stage], &s->rooms[stage]);
}

static loy_status make_stages(loy__pls_maker *b, uint32_t *columns)
{
	uint32_t higher = 0, multiplied = 0, scored = 0, i;
	loy_status status = LOY_OK;

	for (i = 0; i < b->paths->variable_count; i++) {
		higher |= b->role[i].level > 1;
		multiplied |= product_at(b, i) != NULL;
	}
	if (higher && b->options->higher == LOY_PLS_HIGHER_STAGES) {
		scored = LOY__PLS_SCORED;
		status = make_stage(b, LOY__PLS_PARTS);
		if (status == LOY_OK)
			status = add_scores_of_parts(b);
	}
	if (status == LOY_OK && multiplied && b->options->product == LOY_PLS_PRODUCT_STAGES) {
		status = make_stage(b, scored);
		if (status == LOY_OK)
			status = add_scores_of_factors(b);
	}
	b->flags = scored | LOY__PLS_MULTIPLIED;
	if (status == LOY_OK)
		status = add_products(b, columns);
	return status == LOY_OK ? make_stage(b, b->flags) : status;
}

static loy_status make(loy__pls_maker *b, uint32_t *columns)
{
	loy_status status = take_terms(b);

	if (status == LOY_OK)
		status = take_levels(b);
	if (status == LOY_OK)
		status = take_modes(b);
	b->flags = b->options->higher == LOY_PLS_HIGHER_STAGES ? LOY__PLS_SCORED : 0;
	if (status == LOY_OK)
		status = add_names(b);
	if (status == LOY_OK)
		status = add_items(b);
	return status == LOY_OK ? make_stages(b, columns) : status;
}

loy_status loy__pls_plan_make(loy__pls_shared *shared, const loy_paths *paths, const loy_pls_options *options,
                              loy_error *error)
{
	size_t roles = paths->variable_count * sizeof(loy__pls_role);
	size_t columns_size = 2 * (size_t)LOY_PLS_INDICATORS_MAX * sizeof(uint32_t);
	loy__pls_maker b = {paths, options, shared, NULL, error, 0};
	uint32_t *columns = loy__alloc(&shared->memory, columns_size);
	loy_status status = LOY_ENOMEM;

	if (columns != NULL)
		b.role = loy__alloc_zero(&shared->memory, roles);
	if (b.role != NULL)
		status = make(&b, columns);
	loy__free(&shared->memory, b.role, roles);
	loy__free(&shared->memory, columns, columns_size);
	return status;
}

void loy__pls_plan_free(loy__pls_shared *s)
{
	loy__pls_plan *plan = &s->plan;
	uint32_t i;

	for (i = 0; i < LOY__PLS_STAGES; i++) {
		loy__pls_model *m = &plan->model[i];
		const loy__pls_rooms *rooms = &s->rooms[i];

		loy__free(&s->memory, m->construct, rooms->construct * sizeof(*m->construct));
		loy__free(&s->memory, m->path, rooms->path * sizeof(*m->path));
		loy__free(&s->memory, m->column, rooms->column * sizeof(*m->column));
		loy__free(&s->memory, m->order, rooms->order * sizeof(*m->order));
		loy__free(&s->memory, m->link, rooms->link);
	}
	loy__free(&s->memory, plan->column, s->columns_room * sizeof(*plan->column));
	loy__free(&s->memory, plan->cleaning, s->cleaning_room * sizeof(*plan->cleaning));
	loy__free(&s->memory, s->names, s->name_room * sizeof(*s->names));
}
