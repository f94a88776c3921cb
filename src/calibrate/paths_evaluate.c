/*
 * Values of defined quantities and their derivatives by all labels: each operation carries, beside its value, the
 * gradient (forward differentiation), so derivatives are exact up to rounding.
 */
#include "calibrate/paths.h"

#include <math.h>
#include <string.h>

/* Numbers that wait, each with its gradient of `width` numbers (0: no gradients). */
struct machine {
	const loy_paths *paths;
	const double *labels, *values, *jacobian;
	double *gradient; /* of number i: gradient + i * width */
	uint32_t width, depth;
	double number[LOY__EXPRESSION_DEPTH + 1];
};

static double *gradient_of(const struct machine *m, uint32_t at)
{
	return m->gradient + (size_t)at * m->width;
}

static void push(struct machine *m, const loy__step *step)
{
	double *gradient = m->width != 0 ? gradient_of(m, m->depth) : NULL;
	double value = step->number;

	if (gradient != NULL)
		memset(gradient, 0, m->width * sizeof(*gradient));
	if (step->what == LOY__PUSH_LABEL) {
		value = m->labels[step->index];
		if (gradient != NULL)
			gradient[step->index] = 1.0;
	} else if (step->what == LOY__PUSH_DEFINED) {
		value = m->values[step->index];
		if (gradient != NULL)
			memcpy(gradient, m->jacobian + (size_t)step->index * m->width,
			       m->width * sizeof(*gradient));
	}
	m->number[m->depth++] = value;
}

/* The top becomes `value`, whose derivative by what it was is `slope`. */
static void change_one(struct machine *m, double value, double slope)
{
	uint32_t at = m->depth - 1, i;

	m->number[at] = value;
	for (i = 0; i < m->width; i++)
		gradient_of(m, at)[i] *= slope;
}

/* The two on top become one; a derivative of 0 leaves out what it would be multiplied with. */
static void join_two(struct machine *m, double value, double slope_left, double slope_right)
{
	uint32_t at = m->depth - 2, i;

	m->number[at] = value;
	for (i = 0; i < m->width; i++) {
		double *left = &gradient_of(m, at)[i], right = gradient_of(m, at + 1)[i];

		*left = (*left != 0.0 ? *left * slope_left : 0.0) +
		        (right != 0.0 ? right * slope_right : 0.0);
	}
	m->depth--;
}

static void raise(struct machine *m, double x, double y)
{
	double value = loy__pow(x, y);

	join_two(m, value, y == 0.0 ? 0.0 : y * loy__pow(x, y - 1.0), value * loy__log(x));
}

static void apply(struct machine *m, uint32_t op)
{
	double y = m->number[m->depth - 1], x = m->depth > 1 ? m->number[m->depth - 2] : 0.0;

	switch (op) {
	case '+':
		join_two(m, x + y, 1.0, 1.0);
		break;
	case '-':
		join_two(m, x - y, 1.0, -1.0);
		break;
	case '*':
		join_two(m, x * y, y, x);
		break;
	case '/':
		join_two(m, x / y, 1.0 / y, -x / (y * y));
		break;
	case '^':
		raise(m, x, y);
		break;
	case 'n':
		change_one(m, -y, -1.0);
		break;
	case 'e':
		change_one(m, loy__exp(y), loy__exp(y));
		break;
	case 'l':
		change_one(m, loy__log(y), 1.0 / y);
		break;
	default: /* 's' */
		change_one(m, sqrt(y), 0.5 / sqrt(y));
		break;
	}
}

static int is_finite(const double *numbers, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!(numbers[i] - numbers[i] == 0.0))
			return 0;
	}
	return 1;
}

loy_status loy__paths_evaluate(const loy_paths *paths, const double *labels, double *values, double *jacobian)
{
	size_t size = (size_t)(LOY__EXPRESSION_DEPTH + 1) * paths->label_count * sizeof(double);
	struct machine m = {0};
	loy_status status = LOY_OK;
	uint32_t i, k;

	m.paths = paths;
	m.labels = labels;
	m.values = values;
	m.jacobian = jacobian;
	m.width = jacobian != NULL ? paths->label_count : 0;
	if (m.width != 0) {
		m.gradient = loy__alloc(&paths->memory, size);
		if (m.gradient == NULL)
			return LOY_ENOMEM;
	}
	for (i = 0; i < paths->definition_count && status == LOY_OK; i++) {
		const loy__definition *d = &paths->definitions[i];

		m.depth = 0;
		for (k = d->step; k < d->step + d->step_count; k++) {
			if (paths->steps[k].what == LOY__APPLY)
				apply(&m, paths->steps[k].index);
			else
				push(&m, &paths->steps[k]);
		}
		values[i] = m.number[0];
		if (m.width != 0)
			memcpy(jacobian + (size_t)i * m.width, m.gradient, m.width * sizeof(double));
		if (!is_finite(&values[i], 1) || !is_finite(m.gradient, m.width))
			status = LOY_ERANGE;
	}
	loy__free(&paths->memory, m.gradient, size);
	return status;
}
