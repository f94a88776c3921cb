/* Importance-performance maps: quadrants and ranks of drivers. */
#include "insight.h"

#include <math.h>

loy_status loy_index_from_mean(double mean, double low, double high, double *index)
{
	if (index == NULL)
		return LOY_EINVAL;
	if (!(low < high) || !(mean >= low && mean <= high) || !(high - low <= DBL_MAX))
		return LOY_ERANGE;
	*index = 100.0 * ((mean - low) / (high - low));
	return LOY_OK;
}

static loy_status check(const loy_priority *drivers, uint32_t count, loy_error *error)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (!(fabs(drivers[i].importance) <= 1e100))
			return loy__fail_row(error, LOY_ERANGE, i, 0, "an importance is a finite number");
		if (!(drivers[i].performance >= 0.0 && drivers[i].performance <= 100.0))
			return loy__fail_row(error, LOY_ERANGE, i, 1,
			                     "a performance is an index from 0 to 100");
	}
	return LOY_OK;
}

/* What is to be gained in all: from its performance to 100. */
static double room_of(const loy_priority *d)
{
	return d->gain * (100.0 - d->performance);
}

static void place(loy_priority *drivers, uint32_t count, const loy_priority_lines *lines)
{
	uint32_t i, j;

	for (i = 0; i < count; i++) {
		loy_priority *d = &drivers[i];
		int important = d->importance >= lines->importance,
		    good = d->performance >= lines->performance;

		d->quadrant = important ? (good ? LOY_PRIORITY_KEEP : LOY_PRIORITY_FIX)
		                        : (good ? LOY_PRIORITY_EXCESS : LOY_PRIORITY_LOW);
		d->gain = d->importance > 0.0 ? d->importance : 0.0;
	}
	for (i = 0; i < count; i++) {
		drivers[i].rank = 1;
		for (j = 0; j < count; j++)
			drivers[i].rank += room_of(&drivers[j]) > room_of(&drivers[i]);
	}
}

loy_status loy_priority_map(loy_priority *drivers, uint32_t count, loy_priority_lines *lines,
                            loy_error *error)
{
	loy_priority_lines known;
	uint32_t i;
	loy_status status;

	if (drivers == NULL || count == 0 || count > 10000 || lines == NULL ||
	    loy__options_read(&known, sizeof(known), lines) != LOY_OK || known.given > 1 ||
	    (known.given && !(fabs(known.importance) <= 1e100 && fabs(known.performance) <= 1e100)))
		return loy__fail(error, LOY_EINVAL, "1 to 10000 drivers and the lines of a map are needed");
	status = check(drivers, count, error);
	if (status != LOY_OK)
		return status;
	if (!known.given) {
		known.importance = known.performance = 0.0;
		for (i = 0; i < count; i++) {
			known.importance += drivers[i].importance / count;
			known.performance += drivers[i].performance / count;
		}
	}
	place(drivers, count, &known);
	return loy__result_write(lines, &known, sizeof(known));
}
