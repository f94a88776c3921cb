/*
 * Comparisons of groups: what the file that divides and resamples shares with the one that judges.
 */
#ifndef LOY_CALIBRATE_GROUPS_H
#define LOY_CALIBRATE_GROUPS_H

#include "calibrate/bootstrap.h"

#include <loyalty/groups.h>

struct loy_groups {
	loy_allocator memory;
	loy_groups_summary summary;
	loy_invariance *invariance;
	loy_path_difference *path;
	size_t invariance_size, path_size;
};

/* What one division, or one draw of both groups, says: by construct, by construct, by construct, by path. */
typedef struct loy__said {
	double *correlation, *mean, *ratio, *first, *second;
} loy__said;

typedef struct loy__comparing {
	const loy_pls *pls;
	const loy__pls_model *model;
	loy_groups_options options;
	loy__pls_rows rows;
	loy__pls_trial trial;
	loy_groups *out;
	uint8_t *group, *shuffled; /* of each row: 1, 2 or 0 */
	double *pooled;            /* indicators x indicators: correlations of all */
	double *weight;            /* indicators: of all; then of the first group */
	double *score;             /* rows x constructs: of all, by weights of all */
	double *sorted;            /* permutations or resamples */
	double *series;            /* quantities x permutations or resamples */
	void *block;
	size_t block_size;
} loy__comparing;

/* What divisions say from one on: each quantity's values are `stride` apart from the next quantity's. */
loy__said loy__groups_series(const loy__comparing *c, size_t place, size_t stride);

/* ---- what it comes to (groups_judge.c) ---- */

/* Invariance and paths of the groups beside those of all divisions in c->series. */
void loy__groups_judge_permutations(loy__comparing *c);
/* Paths of the groups by those of all resamples in c->series, which are sorted. */
void loy__groups_judge_draws(loy__comparing *c);

#endif
