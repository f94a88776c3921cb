/*
 * Forecasts of things that happened or did not, against what did. Everything is computed from groups of equal
 * forecasts in ascending order, rows of a group by outcome and weight, so that the order they came in does
 * not matter. The error of the area under the curve takes one pass over groups (Sun & Xu 2014): what DeLong's
 * components need of the other outcomes is how many lie below and how many are tied.
 */
#include "regression.h"

#include <math.h>

struct forecasts {
	const loy_forecasts *f;
	loy__sorter sorter;
	size_t rows;
	double weight, events;
};

/* Rows that have one forecast. */
struct group {
	size_t next; /* where the group after it starts */
	double p, events, others;
};

static double weight_of(const loy_forecasts *f, size_t row)
{
	return f->weight != NULL ? f->weight[row] : 1.0;
}

/* Lighter ones first. */
static int by_weight(uint32_t a, uint32_t b, const void *user)
{
	const loy_forecasts *f = user;

	return f->weight == NULL ? 0 : (f->weight[a] > f->weight[b]) - (f->weight[a] < f->weight[b]);
}

static loy_status check(const loy_forecasts *f, loy_error *error)
{
	size_t i;

	if (f->rows == 0)
		return loy__fail(error, LOY_EUNKNOWN, "there are no forecasts");
	if (f->rows > UINT32_MAX || f->probability == NULL || f->happened == NULL)
		return loy__fail(error, LOY_EINVAL,
		                 "forecasts and what happened are needed, of at most 2^32 - 1 rows");
	for (i = 0; i < f->rows; i++) {
		double w = weight_of(f, i);

		if (!(f->probability[i] >= 0.0 && f->probability[i] <= 1.0))
			return loy__fail_row(error, LOY_ERANGE, (int64_t)i, 0,
			                     "a probability lies in [0, 1]");
		if (f->happened[i] > 1)
			return loy__fail_row(error, LOY_ERANGE, (int64_t)i, 0, "what happened is 0 or 1");
		if (!(w > 0.0 && w < 0x1p40))
			return loy__fail_row(error, LOY_ERANGE, (int64_t)i, 0, "a weight lies in (0, 2^40)");
	}
	return LOY_OK;
}

static struct group read_group(const struct forecasts *s, size_t first)
{
	const loy__sort_entry *entry = s->sorter.entries;
	struct group g = {first, 0.0, 0.0, 0.0};

	g.p = s->f->probability[entry[first].index];
	for (; g.next < s->rows && entry[g.next].key == entry[first].key; g.next++) {
		if (entry[g.next].minor != 0)
			g.events += weight_of(s->f, entry[g.next].index);
		else
			g.others += weight_of(s->f, entry[g.next].index);
	}
	return g;
}

/* Read, check and order; loy__sorter_close when it was LOY_OK. `known` is where the copy of the struct goes. */
static loy_status gather(struct forecasts *s, loy_forecasts *known, const loy_forecasts *given,
                         const loy_allocator *memory, loy_error *error)
{
	loy_allocator adopted;
	loy_status status;
	size_t i;

	if (given == NULL || loy__options_read(known, sizeof(*known), given) != LOY_OK ||
	    known->reserved != 0 || loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "these are no forecasts");
	status = check(known, error);
	if (status != LOY_OK)
		return status;
	s->f = known;
	s->rows = (size_t)known->rows;
	if (loy__sorter_open(&s->sorter, &adopted, s->rows) != LOY_OK)
		return loy__fail(error, LOY_ENOMEM, "no memory to sort forecasts");
	for (i = 0; i < s->rows; i++) {
		s->sorter.entries[i].key = loy__to_word(known->probability[i]);
		s->sorter.entries[i].minor = known->happened[i];
		s->sorter.entries[i].index = (uint32_t)i;
	}
	loy__sorter_run(&s->sorter, s->rows, known->weight != NULL ? by_weight : NULL, known);
	s->weight = s->events = 0.0;
	for (i = 0; i < s->rows;) {
		struct group g = read_group(s, i);

		s->weight += g.events + g.others;
		s->events += g.events;
		i = g.next;
	}
	return LOY_OK;
}

/* ---- ranks ---- */

static void rank(const struct forecasts *s, double confidence, loy_forecast_quality *q)
{
	double events = s->events, others = s->weight - s->events, below = 0.0, sum = 0.0, worst = 0.0;
	double seen = 0.0, squares = 0.0, squares_other = 0.0, z;
	size_t i;

	q->auc = q->auc_deviation = q->auc_low = q->auc_high = q->ks = (double)NAN;
	if (!(events > 0.0 && others > 0.0))
		return;
	for (i = 0; i < s->rows;) {
		struct group g = read_group(s, i);

		sum += g.events * (below + 0.5 * g.others);
		below += g.others;
		seen += g.events;
		worst = fabs(below / others - seen / events) > worst ? fabs(below / others - seen / events)
		                                                     : worst;
		i = g.next;
	}
	q->auc = sum / (events * others);
	q->auc = q->auc < 1.0 ? q->auc : 1.0; /* sums of weights are rounded */
	q->ks = worst < 1.0 ? worst : 1.0;
	below = seen = 0.0;
	for (i = 0; i < s->rows;) {
		struct group g = read_group(s, i);
		double won = (below + 0.5 * g.others) / others - q->auc;
		double lost = (events - seen - 0.5 * g.events) / events - q->auc;

		squares += g.events * (won * won);
		squares_other += g.others * (lost * lost);
		below += g.others;
		seen += g.events;
		i = g.next;
	}
	if (!(events > 1.0 && others > 1.0))
		return;
	q->auc_deviation =
	        sqrt(squares / ((events - 1.0) * events) + squares_other / ((others - 1.0) * others));
	z = -loy__normal_quantile(0.5 * (1.0 - confidence));
	q->auc_low = q->auc - z * q->auc_deviation;
	q->auc_high = q->auc + z * q->auc_deviation;
	q->auc_low = q->auc_low > 0.0 ? q->auc_low : 0.0;
	q->auc_high = q->auc_high < 1.0 ? q->auc_high : 1.0;
}

/* From the highest forecast down: precision at each step of recall. */
static double average_precision(const struct forecasts *s)
{
	double events = 0.0, others = 0.0, total = s->weight - s->events, sum = 0.0;
	size_t i;

	if (!(s->events > 0.0))
		return (double)NAN;
	for (i = 0; i < s->rows;) { /* upwards: what lies at or above a group is the rest */
		struct group g = read_group(s, i);
		double hits = s->events - events, misses = total - others;

		if (g.events > 0.0)
			sum += g.events / s->events * (hits / (hits + misses));
		events += g.events;
		others += g.others;
		i = g.next;
	}
	return sum;
}

/* ---- sums ---- */

static void judge(const struct forecasts *s, loy_forecast_quality *q)
{
	double share = s->events / s->weight, brier = 0.0, reliability = 0.0, resolution = 0.0, loss = 0.0;
	double excess = 0.0, variance = 0.0;
	size_t i;

	for (i = 0; i < s->rows;) {
		struct group g = read_group(s, i);
		double n = g.events + g.others, p = g.p, observed = g.events / n, lean = 1.0 - 2.0 * p;
		double cut = p < 1e-15 ? 1e-15 : p > 1.0 - 1e-15 ? 1.0 - 1e-15 : p;

		brier += g.events * ((1.0 - p) * (1.0 - p)) + g.others * (p * p);
		reliability += n * ((p - observed) * (p - observed));
		resolution += n * ((observed - share) * (observed - share));
		if (g.events > 0.0)
			loss -= g.events * loy__log(cut);
		if (g.others > 0.0)
			loss -= g.others * loy__log1p(-cut);
		excess += (g.events - n * p) * lean;
		variance += n * (lean * lean) * (p * (1.0 - p));
		q->distinct++;
		i = g.next;
	}
	q->brier = brier / s->weight;
	q->reliability = reliability / s->weight;
	q->resolution = resolution / s->weight;
	q->uncertainty = share * (1.0 - share);
	q->log_loss = loss / s->weight;
	q->spiegelhalter_z = variance > 0.0 ? excess / sqrt(variance) : (double)NAN;
	q->spiegelhalter_p = variance > 0.0 ? 2.0 * loy__normal_sf(fabs(q->spiegelhalter_z)) : (double)NAN;
}

/* Edges are quotients, each rounded once: the same wherever they are compared. */
static uint32_t bin_of(double p, uint32_t count)
{
	uint32_t bin = p >= 1.0 ? count - 1 : (uint32_t)(p * (double)count);

	/* below 1 the product lies below count, which rounding respects */
	while (bin > 0 && p < (double)bin / (double)count)
		bin--;
	while (bin + 1 < count && p >= (double)(bin + 1) / (double)count)
		bin++;
	return bin;
}

/* Sums of a bin whose first group starts at *at, which moves to the next bin's. */
static void fill_bin(const struct forecasts *s, uint32_t bin, uint32_t count, size_t *at,
                     loy_forecast_bin *out)
{
	double events = 0.0, forecast = 0.0;

	memset(out, 0, sizeof(*out));
	out->low = (double)bin / (double)count;
	out->high = (double)(bin + 1) / (double)count;
	while (*at < s->rows) {
		struct group g = read_group(s, *at);

		if (bin_of(g.p, count) != bin)
			break;
		out->n += g.events + g.others;
		events += g.events;
		forecast += (g.events + g.others) * g.p;
		*at = g.next;
	}
	out->forecast = out->observed = out->observed_low = out->observed_high = (double)NAN;
	if (out->n > 0.0) {
		out->forecast = forecast / out->n;
		out->observed = events / out->n;
		loy__wilson_limits(out->observed, out->n, 1.959963984540054, &out->observed_low,
		                   &out->observed_high);
	}
}

static void calibrate(const struct forecasts *s, loy_forecast_quality *q)
{
	uint32_t bin;
	size_t at = 0;

	for (bin = 0; bin < 10; bin++) {
		loy_forecast_bin b;
		double error;

		fill_bin(s, bin, 10, &at, &b);
		if (!(b.n > 0.0))
			continue;
		error = fabs(b.forecast - b.observed);
		q->calibration_error += b.n / s->weight * error;
		q->calibration_worst = error > q->calibration_worst ? error : q->calibration_worst;
	}
}

loy_status loy_forecast_assess(const loy_forecasts *forecasts, double confidence, loy_forecast_quality *out,
                               const loy_allocator *memory, loy_error *error)
{
	loy_forecast_quality q;
	loy_forecasts known;
	struct forecasts s;
	loy_status status;

	if (out == NULL || !(confidence >= 0.0 && confidence < 1.0))
		return loy__fail(error, LOY_EINVAL,
		                 "a place for the result and a confidence below 1 are needed");
	status = gather(&s, &known, forecasts, memory, error);
	if (status != LOY_OK)
		return status;
	memset(&q, 0, sizeof(q));
	q.n = s.weight;
	q.events = s.events;
	rank(&s, confidence > 0.0 ? confidence : 0.95, &q);
	q.average_precision = average_precision(&s);
	judge(&s, &q);
	calibrate(&s, &q);
	loy__sorter_close(&s.sorter);
	return loy__result_write(out, &q, sizeof(q));
}

loy_status loy_forecast_bins(const loy_forecasts *forecasts, uint32_t count, loy_forecast_bin *out,
                             const loy_allocator *memory, loy_error *error)
{
	loy_forecasts known;
	struct forecasts s;
	uint32_t bin;
	size_t at = 0;
	loy_status status;

	if (out == NULL || count == 0 || count > 1000)
		return loy__fail(error, LOY_EINVAL, "1 to 1000 bins and a place for them are needed");
	status = gather(&s, &known, forecasts, memory, error);
	if (status != LOY_OK)
		return status;
	for (bin = 0; bin < count; bin++)
		fill_bin(&s, bin, count, &at, &out[bin]);
	loy__sorter_close(&s.sorter);
	return LOY_OK;
}

loy_status loy_forecast_gain(const loy_forecasts *forecasts, double share, double *gain,
                             const loy_allocator *memory, loy_error *error)
{
	loy_forecasts known;
	struct forecasts s;
	double left, lost = 0.0;
	size_t i;
	loy_status status;

	if (gain == NULL || !(share > 0.0 && share <= 1.0))
		return loy__fail(error, LOY_EINVAL, "a share in (0, 1] and a place for the gain are needed");
	status = gather(&s, &known, forecasts, memory, error);
	if (status != LOY_OK)
		return status;
	left = (1.0 - share) * s.weight; /* those not reached, from the lowest forecast up */
	for (i = 0; i < s.rows && left > 0.0;) {
		struct group g = read_group(&s, i);
		double n = g.events + g.others;

		lost += n <= left ? g.events : g.events * (left / n);
		left -= n;
		i = g.next;
	}
	loy__sorter_close(&s.sorter);
	if (!(s.events > 0.0))
		return loy__fail(error, LOY_EUNKNOWN, "nothing happened");
	*gain = (s.events - lost) / s.events;
	return LOY_OK;
}
