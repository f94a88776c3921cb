/* Inside item analysis: what a block keeps. */
#ifndef LOY_INSIGHT_ITEMS_H
#define LOY_INSIGHT_ITEMS_H

#include "insight.h"

struct loy_items {
	loy_allocator memory;
	loy_moments *moments;              /* items and, last, the score */
	loy_moments *shape[LOY_ITEMS_MAX]; /* of each item, itself and its square */
	uint32_t count, missing, weighting;
	int bounded;
	double low, high, middle;
	int8_t keys[LOY_ITEMS_MAX];
};

#endif
