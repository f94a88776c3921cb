/* Drawings of a path model: its diagram, the importance-performance map, the indices. Colours are the page's. */
#include "fit_paths.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS_MAX  256
#define NODE_WIDTH  148.0
#define NODE_HEIGHT 54.0
#define COLUMN_STEP 196.0
#define ROW_STEP    104.0
#define MARGIN      24.0

static void put_text(double x, double y, const char *anchor, const char *class, const char *text)
{
	printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor, class);
	put_escaped(text);
	(void)fputs("</text>\n", stdout);
}

static void open_drawing(double width, double height, const char *title)
{
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
	       "aria-label=\"%s\">\n"
	       "<title>%s</title>\n",
	       width, height, title, title);
}

/* ---- the path diagram ---- */

struct node {
	uint32_t level, row;
	double x, y; /* of its middle */
};

/* Levels from left to right: a construct stands behind all that lead to it. Returns how many levels there are. */
static uint32_t find_levels(const struct fitted_paths *f, struct node *node)
{
	loy_pls_path path;
	uint32_t i, levels = 1, moved = 1, rounds;

	memset(&path, 0, sizeof(path));
	path.struct_size = sizeof(path);
	for (rounds = 0; moved && rounds < LEVELS_MAX; rounds++) {
		moved = 0;
		for (i = 0; loy_pls_get_path(f->pls, i, &path) == LOY_OK; i++) {
			if (node[path.to].level <= node[path.from].level) {
				node[path.to].level = node[path.from].level + 1;
				moved = 1;
			}
			if (node[path.to].level + 1 > levels)
				levels = node[path.to].level + 1;
		}
	}
	return levels;
}

/*
 * Rows of a level about the middle; levels of one node stand high and low by turns, so that lines do not lie
 * on lines.
 */
static void place_nodes(const struct fitted_paths *f, struct node *node, uint32_t levels)
{
	static const double turns[3] = {0.0, 0.8, -0.8};
	uint32_t level, c, n = f->summary.constructs;

	for (level = 0; level < levels; level++) {
		uint32_t count = 0;

		for (c = 0; c < n; c++)
			if (node[c].level == level)
				node[c].row = count++;
		for (c = 0; c < n; c++) {
			if (node[c].level != level)
				continue;
			node[c].x = MARGIN + NODE_WIDTH / 2 + COLUMN_STEP * (double)level;
			node[c].y = ROW_STEP * ((double)node[c].row - 0.5 * ((double)count - 1.0) +
			                        (levels > 3 && count == 1 ? turns[level % 3] : 0.0));
		}
	}
}

/* The curve of a path: its ends and the two points that bend it. */
struct curve {
	double x0, y0, xa, ya, xb, yb, x1, y1;
};

static void point_of(const struct curve *c, double t, double *x, double *y)
{
	double u = 1.0 - t;

	*x = u * u * (u * c->x0 + 3 * t * c->xa) + t * t * (3 * u * c->xb + t * c->x1);
	*y = u * u * (u * c->y0 + 3 * t * c->ya) + t * t * (3 * u * c->yb + t * c->y1);
}

/* Whether no node is within so much of a point, but for two that may be. */
static int is_free(const struct fitted_paths *f, const struct node *node, const loy_pls_path *but, double x,
                   double y, double width, double height)
{
	uint32_t c;

	for (c = 0; c < f->summary.constructs; c++) {
		if (but != NULL && (c == but->from || c == but->to))
			continue;
		if (fabs(x - node[c].x) < NODE_WIDTH / 2 + width &&
		    fabs(y - node[c].y) < NODE_HEIGHT / 2 + height)
			return 0;
	}
	return 1;
}

static int passes(const struct fitted_paths *f, const struct node *node, const loy_pls_path *path,
                  const struct curve *c)
{
	int step;

	for (step = 1; step < 20; step++) {
		double x, y;

		point_of(c, 0.05 * step, &x, &y);
		if (!is_free(f, node, path, x, y, 2.0, 6.0))
			return 0;
	}
	return 1;
}

/* Lines that pass levels between go round their nodes, by turns above and below, as far as it takes. */
static struct curve curve_of(const struct fitted_paths *f, const struct node *node, const loy_pls_path *path,
                             uint32_t number)
{
	const struct node *from = &node[path->from], *to = &node[path->to];
	double bend = ((double)(to->level - from->level) - 1.0) * (number % 2 == 0 ? 40.0 : -40.0);
	struct curve c;
	int turn;

	c.x0 = from->x + NODE_WIDTH / 2;
	c.y0 = from->y;
	c.x1 = to->x - NODE_WIDTH / 2 - 6.0;
	c.y1 = to->y;
	c.xa = c.x0 + 0.15 * (c.x1 - c.x0);
	c.xb = c.x1 - 0.15 * (c.x1 - c.x0);
	for (turn = 0; turn < 20; turn++) {
		double aside = bend * (1.0 + 0.5 * (turn / 2)) * (turn % 2 == 0 ? 1.0 : -1.0);

		c.ya = c.y0 + aside;
		c.yb = c.y1 + aside;
		if (passes(f, node, path, &c))
			break;
	}
	return c;
}

/* Move all down so that nodes and lines fit; the drawing's height. */
static double fit_in(const struct fitted_paths *f, struct node *node)
{
	double least = HUGE_VAL, most = -HUGE_VAL;
	loy_pls_path path;
	uint32_t i;

	memset(&path, 0, sizeof(path));
	path.struct_size = sizeof(path);
	for (i = 0; i < f->summary.constructs; i++) {
		least = fmin(least, node[i].y - NODE_HEIGHT / 2);
		most = fmax(most, node[i].y + NODE_HEIGHT / 2);
	}
	for (i = 0; loy_pls_get_path(f->pls, i, &path) == LOY_OK; i++) {
		struct curve c = curve_of(f, node, &path, i);
		double x, y;
		int step;

		for (step = 1; step < 10; step++) {
			point_of(&c, 0.1 * step, &x, &y);
			least = fmin(least, y - 12.0);
			most = fmax(most, y + 12.0);
		}
	}
	for (i = 0; i < f->summary.constructs; i++)
		node[i].y += MARGIN - least;
	return most - least + 2 * MARGIN;
}

static void draw_line(const struct fitted_paths *f, const struct node *node, const loy_pls_path *path,
                      uint32_t number)
{
	struct curve c = curve_of(f, node, path, number);
	loy_bootstrapped b = resampled(f, LOY_BOOTSTRAP_PATH, path->from, path->to);
	int unsure = f->bootstrap != NULL && b.percentile_low <= 0.0 && b.percentile_high >= 0.0;

	printf("<path class=\"line%s\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\" "
	       "marker-end=\"url(#tip)\"/>\n",
	       unsure ? " unsure" : "", c.x0, c.y0, c.xa, c.ya, c.xb, c.yb, c.x1, c.y1);
}

/* The number of a path, on its curve where no node is; by turns nearer to one end. */
static void draw_number(const struct fitted_paths *f, const struct node *node, const loy_pls_path *path,
                        uint32_t number)
{
	static const double places[] = {0.42, 0.58, 0.3, 0.7, 0.2, 0.8, 0.5}; /* the last whatever is there */
	struct curve c = curve_of(f, node, path, number);
	char text[32];
	double x = 0.0, y = 0.0;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		point_of(&c, number % 2 == 0 ? places[i] : 1.0 - places[i], &x, &y);
		if (is_free(f, node, NULL, x, y, 24.0, 9.0))
			break;
	}
	(void)snprintf(text, sizeof(text), "%.3f", path->value);
	printf("<rect class=\"plate\" x=\"%.1f\" y=\"%.1f\" width=\"48\" height=\"18\" rx=\"4\"/>\n",
	       x - 24.0, y - 9.0);
	put_text(x, y + 4.5, "middle", "number", text);
}

void draw_paths(const struct fitted_paths *f)
{
	struct node *node = calloc(f->summary.constructs + 1u, sizeof(*node));
	loy_pls_construct c;
	loy_pls_path path;
	uint32_t levels, i;
	double height;
	char text[48];

	if (node == NULL)
		return;
	memset(&path, 0, sizeof(path));
	memset(&c, 0, sizeof(c));
	path.struct_size = sizeof(path);
	c.struct_size = sizeof(c);
	levels = find_levels(f, node);
	place_nodes(f, node, levels);
	height = fit_in(f, node);
	open_drawing(2 * MARGIN + NODE_WIDTH + COLUMN_STEP * (double)(levels - 1), height, "Path diagram");
	(void)fputs("<defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"8\" refY=\"5\" markerWidth=\"7\" "
	            "markerHeight=\"7\" "
	            "orient=\"auto\"><path d=\"M0 0L10 5L0 10z\" class=\"tip\"/></marker></defs>\n",
	            stdout);
	for (i = 0; loy_pls_get_path(f->pls, i, &path) == LOY_OK; i++)
		draw_line(f, node, &path, i);
	for (i = 0; loy_pls_get_construct(f->pls, i, &c) == LOY_OK; i++) {
		printf("<rect class=\"node\" x=\"%.1f\" y=\"%.1f\" width=\"%.0f\" height=\"%.0f\" "
		       "rx=\"24\"/>\n",
		       node[i].x - NODE_WIDTH / 2, node[i].y - NODE_HEIGHT / 2, NODE_WIDTH, NODE_HEIGHT);
		put_text(node[i].x, node[i].y + (c.predictors > 0 ? -2.0 : 5.0), "middle", "name", c.name);
		if (c.predictors > 0) {
			(void)snprintf(text, sizeof(text), "R\xc2\xb2 = %.3f", c.r2);
			put_text(node[i].x, node[i].y + 16.0, "middle", "number", text);
		}
	}
	for (i = 0; loy_pls_get_path(f->pls, i, &path) == LOY_OK; i++)
		draw_number(f, node, &path, i); /* above all else */
	(void)fputs("</svg>\n", stdout);
	free(node);
}

/* ---- importance and performance ---- */

static int performance(const struct fitted_paths *f, uint32_t construct, double *out)
{
	loy_pls_index index;

	memset(&index, 0, sizeof(index));
	index.struct_size = sizeof(index);
	if (f->scales == NULL || loy_pls_get_index(f->pls, construct, f->scales, &index, NULL) != LOY_OK)
		return 0;
	*out = index.mean;
	return 1;
}

/* A round number above a value, and the steps to it. */
static double round_up(double value, double *step)
{
	double unit = pow(10.0, floor(log10(value > 0.0 ? value : 1.0)));

	*step = value / unit > 5.0 ? 2.0 * unit : value / unit > 2.0 ? unit : 0.5 * unit;
	return ceil(value / *step) * *step;
}

static void draw_axes(double left, double top, double width, double height, double most, double step)
{
	char text[32];
	double at;

	for (at = 0.0; at <= 100.0; at += 20.0) {
		double y = top + height * (1.0 - at / 100.0);

		printf("<path class=\"grid\" d=\"M%.1f %.1fh%.1f\"/>\n", left, y, width);
		(void)snprintf(text, sizeof(text), "%.0f", at);
		put_text(left - 8.0, y + 4.0, "end", "tick", text);
	}
	for (at = 0.0; at <= most * 1.0001; at += step) {
		double x = left + width * at / most;

		printf("<path class=\"grid\" d=\"M%.1f %.1fv%.1f\"/>\n", x, top, height);
		(void)snprintf(text, sizeof(text), "%.2f", at);
		put_text(x, top + height + 18.0, "middle", "tick", text);
	}
}

void draw_importance(const struct fitted_paths *f, const double *total)
{
	const double left = 60.0, top = 20.0, width = 560.0, height = 320.0;
	uint32_t n = f->summary.constructs, c;
	double most = 0.0, step, value;

	for (c = 0; c < n; c++)
		most = fmax(most, total[(size_t)c * n + f->target]);
	most = round_up(most * 1.05, &step);
	open_drawing(left + width + 120.0, top + height + 50.0, "Importance-performance map");
	draw_axes(left, top, width, height, most, step);
	for (c = 0; c < n; c++) {
		double importance = total[(size_t)c * n + f->target];
		double x = left + width * importance / most;

		if (!(importance > 0.0) || !performance(f, c, &value))
			continue;
		printf("<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"6\"/>\n", x,
		       top + height * (1.0 - value / 100.0));
		put_text(x + 10.0, top + height * (1.0 - value / 100.0) + 4.0, "start", "name",
		         construct_name(f, c));
	}
	put_text(left + width / 2, top + height + 42.0, "middle", "axis", "importance: total effect");
	printf("<text transform=\"translate(16 %.1f) rotate(-90)\" text-anchor=\"middle\" "
	       "class=\"axis\">performance: "
	       "index</text>\n</svg>\n",
	       top + height / 2);
}

/* ---- indices ---- */

void draw_indices(const struct fitted_paths *f)
{
	const double left = 170.0, width = 500.0, step = 34.0;
	uint32_t n = f->summary.constructs, c, rows = 0;
	double value, at;
	char text[48];

	for (c = 0; c < n; c++)
		rows += (uint32_t)performance(f, c, &value);
	open_drawing(left + width + 90.0, 20.0 + step * rows + 30.0, "Indices from 0 to 100");
	for (at = 0.0; at <= 100.0; at += 20.0) {
		printf("<path class=\"grid\" d=\"M%.1f 12v%.1f\"/>\n", left + width * at / 100.0,
		       step * rows);
		(void)snprintf(text, sizeof(text), "%.0f", at);
		put_text(left + width * at / 100.0, 28.0 + step * rows, "middle", "tick", text);
	}
	for (c = 0, rows = 0; c < n; c++) {
		loy_bootstrapped b = resampled(f, LOY_BOOTSTRAP_INDEX, c, 0);
		double y = 16.0 + step * rows;

		if (!performance(f, c, &value))
			continue;
		put_text(left - 10.0, y + 17.0, "end", "name", construct_name(f, c));
		printf("<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"22\" rx=\"3\"/>\n",
		       left, y, width * value / 100.0);
		if (b.percentile_low < b.percentile_high)
			printf("<path class=\"range\" d=\"M%.1f %.1fH%.1f\"/>\n",
			       left + width * b.percentile_low / 100.0, y + 11.0,
			       left + width * b.percentile_high / 100.0);
		(void)snprintf(text, sizeof(text), "%.1f", value);
		put_text(left +
		                 width *
		                         fmax(value, b.percentile_low < b.percentile_high ? b.percentile_high
		                                                                          : value) /
		                         100.0 +
		                 8.0,
		         y + 16.0, "start", "number", text);
		rows++;
	}
	(void)fputs("</svg>\n", stdout);
}
