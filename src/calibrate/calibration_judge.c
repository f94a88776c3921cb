/* How scores do on answers that are known: errors, calibration by bins, coverage of intervals. */
#include "calibrate/calibration.h"

#include <math.h>
#include <string.h>

#define QUANTILE 1.6448536269514722 /* of the normal distribution at 0.95 */

/* What a model says of one observation. */
struct said {
	double mean, variance, evidence;
};

static loy_status listen(const loy_model *model, uint32_t construct, const loy__observation *o,
                         loy__sighted *seen, struct said *out)
{
	loy__spread spread;
	loy_status status = loy__sight(model, construct, o, seen);

	if (status != LOY_OK)
		return status;
	loy__spread_init(model, seen->wanted, &seen->scores, &spread);
	out->mean = seen->scores.mean[construct];
	out->variance = loy__construct_variance(model, &seen->scores, &spread, construct);
	out->evidence = seen->scores.evidence[construct];
	return LOY_OK;
}

static loy_status listen_to_all(const loy_model *model, uint32_t construct, const loy__selection *selection,
                                struct said *said)
{
	loy__sighted *seen = loy__alloc(selection->memory, sizeof(*seen));
	loy_status status = LOY_OK;
	size_t i;

	if (seen == NULL)
		return LOY_ENOMEM;
	for (i = 0; i < selection->count && status == LOY_OK; i++)
		status = listen(model, construct, selection->list[i], seen, &said[i]);
	loy__free(selection->memory, seen, sizeof(*seen));
	return status;
}

/* ---- coverage ---- */

/* Evidence up to which a third, and two thirds, of the weight lies. */
static loy_status find_thirds(const loy__selection *selection, const struct said *said, double all,
                              double *edge)
{
	loy__sorter sorter;
	double below = 0.0;
	size_t i;
	int third = 0;

	edge[0] = edge[1] = 0.0;
	if (loy__sorter_open(&sorter, selection->memory, selection->count) != LOY_OK)
		return LOY_ENOMEM;
	for (i = 0; i < selection->count; i++) {
		sorter.entries[i].key = loy__to_word(said[i].evidence); /* not negative: in order */
		sorter.entries[i].minor = 0;
		sorter.entries[i].index = (uint32_t)i;
	}
	loy__sorter_run(&sorter, selection->count, NULL, NULL);
	for (i = 0; i < selection->count && third < 2; i++) {
		uint32_t at = sorter.entries[i].index;

		below += selection->list[at]->weight;
		while (third < 2 && below >= (third + 1.0) / 3.0 * all)
			edge[third++] = said[at].evidence;
	}
	loy__sorter_close(&sorter);
	return LOY_OK;
}

static loy_status judge_coverage(const loy__selection *selection, const struct said *said, double error,
                                 loy_judgement *out)
{
	double inside[3] = {0.0, 0.0, 0.0}, all[3] = {0.0, 0.0, 0.0}, edge[2];
	size_t i;

	if (find_thirds(selection, said, out->weight, edge) != LOY_OK)
		return LOY_ENOMEM;
	for (i = 0; i < selection->count; i++) {
		const loy__observation *o = selection->list[i];
		int third = (said[i].evidence > edge[0]) + (said[i].evidence > edge[1]);
		double reach = QUANTILE * sqrt(said[i].variance + error);

		all[third] += o->weight;
		inside[third] += fabs(o->answer - said[i].mean) <= reach ? o->weight : 0.0;
	}
	out->coverage = (inside[0] + inside[1] + inside[2]) / out->weight;
	for (i = 0; i < 3; i++)
		out->coverage_third[i] = all[i] > 0.0 ? inside[i] / all[i] : (double)NAN;
	return LOY_OK;
}

/* ---- the rest ---- */

static void add_to_bin(loy_judgement *out, double mean, const loy__observation *o)
{
	int at = (int)(mean * LOY_JUDGEMENT_BINS);
	loy_judgement_bin *bin = &out->bin[at < LOY_JUDGEMENT_BINS ? at : LOY_JUDGEMENT_BINS - 1];

	bin->weight += o->weight;
	bin->predicted += o->weight * mean;
	bin->observed += o->weight * o->answer;
}

static void end_bins(loy_judgement *out)
{
	int i;

	for (i = 0; i < LOY_JUDGEMENT_BINS; i++) {
		loy_judgement_bin *bin = &out->bin[i];

		bin->low = (double)i / LOY_JUDGEMENT_BINS;
		bin->high = (double)(i + 1) / LOY_JUDGEMENT_BINS;
		bin->predicted = bin->weight > 0.0 ? bin->predicted / bin->weight : (double)NAN;
		bin->observed = bin->weight > 0.0 ? bin->observed / bin->weight : (double)NAN;
	}
}

static void judge_errors(const loy__selection *selection, const struct said *said, loy_judgement *out)
{
	double answers = 0.0, scores = 0.0, squares = 0.0, spread = 0.0;
	size_t i;

	for (i = 0; i < selection->count; i++) {
		const loy__observation *o = selection->list[i];
		double off = o->answer - said[i].mean;

		out->weight += o->weight;
		answers += o->weight * o->answer;
		scores += o->weight * said[i].mean;
		squares += o->weight * off * off;
		out->log_loss += o->weight * loy__answer_loss(o->answer, said[i].mean);
		add_to_bin(out, said[i].mean, o);
	}
	out->mean = answers / out->weight;
	out->bias = scores / out->weight - out->mean;
	out->rmse = sqrt(squares / out->weight);
	out->log_loss /= out->weight;
	for (i = 0; i < selection->count; i++) {
		const loy__observation *o = selection->list[i];

		spread += o->weight * (o->answer - out->mean) * (o->answer - out->mean);
		out->log_loss_mean += o->weight * loy__answer_loss(o->answer, out->mean) / out->weight;
	}
	out->quasi_r2 = spread > 0.0 ? 1.0 - squares / spread : (double)NAN;
	end_bins(out);
}

static LOY__NOINLINE loy_status judge(const loy_model *model, const loy_calibration_options *options,
                                      const loy__selection *selection, loy_judgement *out)
{
	size_t size = selection->count * sizeof(struct said);
	struct said *said = loy__alloc(selection->memory, size);
	loy_status status;
	uint64_t pairs;
	double error;

	if (said == NULL)
		return LOY_ENOMEM;
	status = listen_to_all(model, options->construct, selection, said);
	if (status == LOY_OK) {
		out->observations = selection->count;
		out->customers = selection->customers;
		judge_errors(selection, said, out);
		error = loy__answer_error(selection, options, &pairs);
		out->coverage = out->coverage_third[0] = out->coverage_third[1] = out->coverage_third[2] =
		        (double)NAN;
		if (error >= 0.0)
			status = judge_coverage(selection, said, error, out);
	}
	loy__free(selection->memory, said, size);
	return status;
}

loy_status loy_calibration_judge(const loy_calibration *calibration, const loy_model *model,
                                 const loy_calibration_options *options, loy_judgement *out, loy_error *error)
{
	loy_calibration_options own;
	loy_judgement result = {0};
	loy__selection selection;
	loy_status status;

	if (calibration == NULL || model == NULL || out == NULL ||
	    loy__calibration_options_read(&own, options) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an argument is missing or an option is not valid");
	status = loy__calibration_model_check(calibration, model, own.construct, error);
	if (status != LOY_OK)
		return status;
	status = loy__selection_open(&selection, calibration, &own, 1, &calibration->memory);
	if (status == LOY_OK) {
		status = judge(model, &own, &selection, &result);
		loy__selection_close(&selection);
	}
	if (status != LOY_OK)
		return loy__fail(error, status,
		                 status == LOY_EUNKNOWN ? "no observation of the construct"
		                                        : loy_status_text(status));
	result.struct_size = (uint32_t)sizeof(result);
	return loy__result_write(out, &result, sizeof(result));
}
