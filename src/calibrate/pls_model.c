/*
 * The model of one stage: constructs with their blocks, paths grouped by outcome, and the order of causes.
 */
#include "calibrate/pls.h"

#include <string.h>

static int is_measurement(const loy__term *term)
{
	return term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED;
}

static int is_part(const loy__pls_maker *b, uint32_t part, uint32_t whole)
{
	const loy_paths *paths = b->paths;
	uint32_t i;

	if (!b->role[part].part || b->role[whole].level < 2)
		return 0;
	for (i = 0; i < paths->term_count; i++) {
		if (is_measurement(&paths->terms[i]) && paths->terms[i].left == whole &&
		    paths->terms[i].right == part)
			return 1;
	}
	return 0;
}

/* Walks down what a construct is made of, with a stack for the levels. */
loy_status loy__pls_block(const loy__pls_maker *b, uint32_t variable, uint32_t *columns, uint32_t room,
                          uint32_t *count)
{
	const loy_paths *paths = b->paths;
	uint32_t on[LOY__PLS_LEVELS + 1], next[LOY__PLS_LEVELS + 1], depth = 0, found = 0, i;

	on[0] = variable;
	next[0] = 0;
	for (;;) {
		for (i = next[depth]; i < paths->term_count; i++) {
			if (is_measurement(&paths->terms[i]) && paths->terms[i].left == on[depth])
				break;
		}
		if (i == paths->term_count) {
			if (depth == 0)
				break;
			depth--;
			continue;
		}
		next[depth] = i + 1;
		i = paths->terms[i].right;
		if (paths->variables[i].kind == LOY_VARIABLE_CONSTRUCT && (b->flags & LOY__PLS_SCORED) == 0) {
			depth++;
			on[depth] = i;
			next[depth] = 0;
			continue;
		}
		if (found == LOY_PLS_INDICATORS_MAX)
			return loy__pls_refuse(b, LOY_ELIMIT, "more than 2048 indicators", variable);
		if (found < room)
			columns[found] = paths->variables[i].kind == LOY_VARIABLE_CONSTRUCT
			                         ? b->role[i].score
			                         : b->role[i].column;
		found++;
	}
	*count = found;
	return LOY_OK;
}

/* Whether a variable is a construct of this stage. */
static int is_in(const loy__pls_maker *b, uint32_t i)
{
	const loy__pls_role *role = &b->role[i];

	switch (b->paths->variables[i].kind) {
	case LOY_VARIABLE_CONSTRUCT:
		if ((b->flags & LOY__PLS_PARTS) != 0)
			return role->level == 1;
		return (b->flags & LOY__PLS_SCORED) == 0 || !role->part || role->regressed;
	case LOY_VARIABLE_PRODUCT:
		return (b->flags & LOY__PLS_MULTIPLIED) != 0 && role->regressed;
	default:
		return 0;
	}
}

static loy_status add_indicators(const loy__pls_maker *b, loy__pls_model *m, loy__pls_rooms *rooms,
                                 uint32_t variable, uint32_t *count)
{
	const loy__pls_role *role = &b->role[variable];
	void *columns = m->column;
	loy_status status = LOY_OK;
	uint32_t i;

	*count = role->product_count;
	if (b->paths->variables[variable].kind == LOY_VARIABLE_CONSTRUCT)
		status = loy__pls_block(b, variable, NULL, 0, count);
	if (status == LOY_OK)
		status =
		        loy__grow(&b->shared->memory, &columns, &rooms->column,
		                  (size_t)m->indicators + *count, sizeof(*m->column), LOY_PLS_INDICATORS_MAX);
	m->column = columns;
	if (status != LOY_OK)
		return status == LOY_ELIMIT
		               ? loy__pls_refuse(b, status, "more than 2048 indicators", variable)
		               : status;
	if (b->paths->variables[variable].kind == LOY_VARIABLE_CONSTRUCT)
		return loy__pls_block(b, variable, m->column + m->indicators, *count, count);
	for (i = 0; i < *count; i++)
		m->column[m->indicators + i] = role->product + i;
	return LOY_OK;
}

static loy_status add_construct(const loy__pls_maker *b, loy__pls_model *m, loy__pls_rooms *rooms,
                                uint32_t variable)
{
	loy__pls_role *role = &b->role[variable];
	loy__pls_construct construct = {0};
	void *all = m->construct;
	loy_status status = loy__grow(&b->shared->memory, &all, &rooms->construct, (size_t)m->constructs + 1,
	                              sizeof(*m->construct), LOY_PLS_CONSTRUCTS_MAX);

	m->construct = all;
	if (status != LOY_OK)
		return status == LOY_ELIMIT ? loy__pls_refuse(b, status, "more than 256 constructs", variable)
		                            : status;
	construct.variable = variable;
	construct.mode = role->mode;
	construct.reflective = role->reflective;
	construct.product = b->paths->variables[variable].kind == LOY_VARIABLE_PRODUCT;
	construct.order = construct.product ? 1 : role->level;
	construct.name = b->shared->names[variable];
	construct.first = m->indicators;
	status = add_indicators(b, m, rooms, variable, &construct.count);
	if (status != LOY_OK)
		return status;
	m->indicators += construct.count;
	/* repeated indicators carry the error of what they were taken from: nothing to correct by themselves */
	construct.corrected = b->options->consistent && role->reflective && construct.count > 1 &&
	                      role->mode != LOY_PLS_MODE_B &&
	                      (role->level == 1 || (b->flags & LOY__PLS_SCORED) != 0);
	construct.factor = m->factors;
	if (role->mode == LOY_PLS_MODE_B && construct.count > 1)
		m->factors += (size_t)construct.count * construct.count;
	role->place = m->constructs;
	m->construct[m->constructs++] = construct;
	return LOY_OK;
}

static loy_status add_path(const loy__pls_maker *b, loy__pls_model *m, loy__pls_rooms *rooms, uint32_t from,
                           uint32_t to, uint32_t hierarchy, uint32_t label)
{
	loy__pls_construct *outcome = &m->construct[b->role[to].place];
	loy__pls_path path = {b->role[from].place, b->role[to].place, hierarchy, label};
	void *all = m->path;
	loy_status status;
	uint32_t i;

	if (from == to)
		return loy__pls_refuse(b, LOY_ECYCLE, "a path leads from a construct to itself", from);
	for (i = outcome->path; i < m->paths; i++) {
		if (m->path[i].from == path.from)
			return LOY_OK;
	}
	if (outcome->path_count == LOY_PLS_PREDICTORS_MAX)
		return loy__pls_refuse(b, LOY_ELIMIT, "more than 64 predictors", to);
	status = loy__grow(&b->shared->memory, &all, &rooms->path, (size_t)m->paths + 1, sizeof(path),
	                   (size_t)LOY_PLS_CONSTRUCTS_MAX * LOY_PLS_PREDICTORS_MAX);
	m->path = all;
	if (status != LOY_OK)
		return status;
	m->path[m->paths++] = path;
	outcome->path_count++;
	if (outcome->path_count > m->predictors)
		m->predictors = outcome->path_count;
	return LOY_OK;
}

/* Paths from what a regression names: in the stage of parts these stand in for what they make up. */
static loy_status add_regression(const loy__pls_maker *b, loy__pls_model *m, loy__pls_rooms *rooms,
                                 const loy__term *term, uint32_t to)
{
	uint32_t label = term->left == to ? term->label : LOY__NO_LABEL, i;
	loy_status status = LOY_OK;

	if (is_in(b, term->right))
		return add_path(b, m, rooms, term->right, to, 0, label);
	for (i = 0; (b->flags & LOY__PLS_PARTS) != 0 && status == LOY_OK && i < b->paths->variable_count;
	     i++) {
		if (is_part(b, i, term->right))
			status = add_path(b, m, rooms, i, to, 0, LOY__NO_LABEL);
	}
	return status;
}

/* All paths to one construct. */
static loy_status add_paths(const loy__pls_maker *b, loy__pls_model *m, loy__pls_rooms *rooms, uint32_t c)
{
	const loy_paths *paths = b->paths;
	uint32_t to = m->construct[c].variable, i;
	int repeated = (b->flags & (LOY__PLS_PARTS | LOY__PLS_SCORED)) == 0;
	loy_status status = LOY_OK;

	m->construct[c].path = m->paths;
	for (i = 0; status == LOY_OK && i < paths->term_count; i++) {
		const loy__term *term = &paths->terms[i];
		int higher = is_measurement(term) && b->role[term->right].level != 0;

		if (term->relation == LOY_TERM_REGRESSED &&
		    (term->left == to || ((b->flags & LOY__PLS_PARTS) != 0 && is_part(b, to, term->left))))
			status = add_regression(b, m, rooms, term, to);
		else if (repeated && higher && term->relation == LOY_TERM_COMPOSED && term->left == to)
			status = add_path(b, m, rooms, term->right, to, 1, LOY__NO_LABEL);
		else if (repeated && higher && term->relation == LOY_TERM_MEASURED && term->right == to)
			status = add_path(b, m, rooms, term->left, to, 1, LOY__NO_LABEL);
	}
	return status;
}

/* " ~ " between names, as long as they fit; returns the length so far. */
static size_t append_name(char *text, size_t room, size_t used, const char *name)
{
	size_t length = strlen(name), between = used != 0 ? 3 : 0;

	if (used + between + length > room)
		return used;
	memcpy(text + used, " ~ ", between);
	memcpy(text + used + between, name, length);
	return used + between + length;
}

/* Names on a cycle, from one construct back to it, as far as a message holds them. */
static loy_status refuse_cycle(const loy__pls_maker *b, const loy__pls_model *m, const uint8_t *placed)
{
	char text[128];
	size_t used = 0;
	uint32_t c = 0, start, steps, k;

	while (placed[c])
		c++;
	/* each construct that is left has a predecessor that is left: so many steps back lead onto a cycle */
	for (steps = 0; steps <= m->constructs; steps++) {
		for (k = m->construct[c].path; placed[m->path[k].from];)
			k++;
		c = m->path[k].from;
	}
	start = m->constructs;
	while (c != start) {
		if (start == m->constructs)
			start = c;
		used = append_name(text, sizeof(text), used, m->construct[c].name);
		for (k = m->construct[c].path; placed[m->path[k].from];)
			k++;
		c = m->path[k].from;
	}
	used = append_name(text, sizeof(text), used, m->construct[start].name);
	return loy__fail_name(b->error, LOY_ECYCLE, "paths form a cycle", text, used);
}

static loy_status order_constructs(const loy__pls_maker *b, loy__pls_model *m, uint8_t *placed)
{
	uint32_t count = 0, before, c, k;

	memset(placed, 0, m->constructs);
	do {
		before = count;
		for (c = 0; c < m->constructs; c++) {
			const loy__pls_construct *construct = &m->construct[c];

			for (k = 0; k < construct->path_count; k++) {
				if (!placed[m->path[construct->path + k].from])
					break;
			}
			/* in the first round those nothing leads to, and no others */
			if (placed[c] || k < construct->path_count || (before == 0 && k != 0))
				continue;
			m->order[count++] = c;
		}
		for (c = before; c < count; c++)
			placed[m->order[c]] = 1;
	} while (count != before);
	return count == m->constructs ? LOY_OK : refuse_cycle(b, m, placed);
}

/* Who is whose neighbour; a construct that must be weighed by neighbours has some. */
static loy_status link_constructs(const loy__pls_maker *b, loy__pls_model *m)
{
	size_t q = m->constructs;
	uint32_t c, d, k;

	memset(m->link, LOY__PLS_APART, q * q);
	for (k = 0; k < m->paths; k++) {
		m->link[m->path[k].to * q + m->path[k].from] = LOY__PLS_BEFORE;
		m->link[m->path[k].from * q + m->path[k].to] = LOY__PLS_AFTER;
	}
	for (c = 0; c < m->constructs; c++) {
		const loy__pls_construct *construct = &m->construct[c];

		for (d = 0; d < m->constructs && m->link[c * q + d] == LOY__PLS_APART;)
			d++;
		if (d == m->constructs && construct->count > 1 && construct->mode != LOY_PLS_MODE_UNIT)
			return loy__pls_refuse(
			        b, LOY_EINVAL,
			        b->shared->plan.stages > 1 || (b->flags & LOY__PLS_PARTS) != 0
			                ? "nothing weighs this construct in one of the stages: no path"
			                : "no path leads to this construct or from it",
			        construct->variable);
	}
	return LOY_OK;
}

loy_status loy__pls_model_make(loy__pls_maker *b, loy__pls_model *m, loy__pls_rooms *rooms)
{
	const loy_paths *paths = b->paths;
	loy_status status = LOY_OK;
	uint8_t placed[LOY_PLS_CONSTRUCTS_MAX];
	uint32_t i;

	m->scheme = b->options->scheme;
	m->sign = b->options->sign;
	m->consistent = b->options->consistent;
	m->iterations = b->options->iterations;
	m->tolerance = b->options->tolerance;
	for (i = 0; status == LOY_OK && i < paths->variable_count; i++) {
		b->role[i].place = LOY_PLS_NONE;
		if (is_in(b, i))
			status = add_construct(b, m, rooms, i);
	}
	if (status == LOY_OK && m->constructs == 0)
		status = loy__fail(b->error, LOY_EINVAL, "there is no construct");
	for (i = 0; status == LOY_OK && i < m->constructs; i++)
		status = add_paths(b, m, rooms, i);
	if (status != LOY_OK)
		return status;
	for (i = 0; i < m->constructs; i++) {
		loy__pls_construct *construct = &m->construct[i];

		construct->left = construct->right = LOY_PLS_NONE;
		if (construct->product) {
			construct->left = b->role[paths->variables[construct->variable].first].place;
			construct->right = b->role[paths->variables[construct->variable].second].place;
		}
	}
	m->order = loy__alloc(&b->shared->memory, m->constructs * sizeof(*m->order));
	rooms->order = m->order != NULL ? m->constructs : 0;
	m->link = loy__alloc(&b->shared->memory, (size_t)m->constructs * m->constructs);
	rooms->link = m->link != NULL ? (size_t)m->constructs * m->constructs : 0;
	if (m->order == NULL || m->link == NULL)
		return LOY_ENOMEM;
	status = order_constructs(b, m, placed);
	return status == LOY_OK ? link_constructs(b, m) : status;
}
