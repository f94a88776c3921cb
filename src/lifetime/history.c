/* Histories as profiles hold them. */
#include "lifetime/lifetime.h"

#include <string.h>

loy_status loy_history_from_profile(loy_history *out, const loy_profile *profile, uint32_t currency,
                                    int64_t time, int64_t unit)
{
	loy_purchase_summary summary = {.struct_size = sizeof(summary)};
	double days = (double)LOY_DAY / (double)unit;
	loy_history history;
	loy_status status;

	if (out == NULL || out->struct_size < sizeof(uint32_t) || unit <= 0)
		return LOY_EINVAL;
	status = loy_profile_purchase_summary(profile, currency, time, &summary);
	if (status != LOY_OK)
		return status;
	memset(&history, 0, sizeof(history));
	memcpy(&history, out, out->struct_size < sizeof(history) ? out->struct_size : sizeof(history));
	history.x = summary.x;
	history.t_x = summary.t_x * days;
	history.T = summary.T * days;
	history.spend = summary.mean_spend > 0.0 ? summary.mean_spend : 0.0;
	return loy__result_write(out, &history, sizeof(history));
}
