/* A fit from start to end: selection, rows, search, and the model that comes of it. */
#include "calibrate/calibration.h"

#include <math.h>
#include <string.h>

#define WEIGHT_MOST 1000.0 /* of evidence in model text */
#define WIDTH_MOST  1e4
#define HOLD        1e9 /* a ridge that lets nothing move */

/* What a fit works with until it is done. */
struct fitting {
	const loy_calibration *calibration;
	const loy_model *model;
	loy_calibration_options options;
	loy__selection selection;
	loy__evidence_rows rows;
	loy_calibrated *out;
	loy_error *error;
	int odds; /* outcomes of a composite */
};

static loy_status no_construct(loy_error *error)
{
	return loy__fail(error, LOY_ENOTFOUND,
	                 "the model has no such construct, or another one under its index");
}

/* The construct asked about is the same in both models. */
static int same_construct(const loy_calibration *calibration, const loy_model *model, uint32_t construct)
{
	return construct < model->construct_count && construct < calibration->model->construct_count &&
	       strcmp(model->construct[construct].name, calibration->model->construct[construct].name) == 0;
}

loy_status loy__calibration_model_check(const loy_calibration *calibration, const loy_model *model,
                                        uint32_t construct, loy_error *error)
{
	if (!loy__schema_equal(loy_model_schema(calibration->model), loy_model_schema(model)))
		return loy__fail(error, LOY_ESCHEMA, "the model has another schema than what was collected");
	if (!same_construct(calibration, model, construct))
		return no_construct(error);
	return LOY_OK;
}

/* ---- losses ---- */

static double mean_answer(const loy__selection *selection)
{
	double sum = 0.0, weight = 0.0;
	size_t i;

	for (i = 0; i < selection->count; i++) {
		sum += selection->list[i]->weight * selection->list[i]->answer;
		weight += selection->list[i]->weight;
	}
	return sum / weight;
}

/* Mean loss of forecasts; NULL: of `same` for everybody. */
static double mean_loss(const loy__selection *selection, const double *mean, double same)
{
	double sum = 0.0, weight = 0.0;
	size_t i;

	for (i = 0; i < selection->count; i++) {
		sum += selection->list[i]->weight *
		       loy__answer_loss(selection->list[i]->answer, mean == NULL ? same : mean[i]);
		weight += selection->list[i]->weight;
	}
	return sum / weight;
}

/* ---- the model ---- */

/* To what text can hold, within `most`. */
static double writable(double value, double most, uint32_t *flags)
{
	double least = 1.0 / (double)LOY__DECIMAL_ONE;

	if (!(value >= least && value <= most)) {
		*flags |= LOY_CALIBRATED_CLIPPED;
		value = value < least ? least : most;
	}
	return loy__real_from_decimal(loy__decimal_from_real(value));
}

static void add_text(char *text, size_t room, size_t *at, const char *more)
{
	size_t length = strlen(more);

	if (length > room - 1 - *at)
		length = room - 1 - *at;
	memcpy(text + *at, more, length);
	*at += length;
	text[*at] = '\0';
}

static void add_number(char *text, size_t room, size_t *at, int64_t number)
{
	char digits[24];

	digits[loy__integer_write(number, digits)] = '\0';
	add_text(text, room, at, digits);
}

/* Say in front of the origin what was fitted on what; what no longer fits in goes. */
static void say_origin(loy_model *model, const char *construct, const loy_calibrated_summary *summary)
{
	char text[sizeof(model->origin)] = "";
	size_t at = 0, room = sizeof(text);

	add_text(text, room, &at, construct);
	add_text(text, room, &at, " calibrated on ");
	add_number(text, room, &at, (int64_t)summary->observations);
	add_text(text, room, &at, " answers of ");
	add_number(text, room, &at, (int64_t)summary->customers);
	add_text(text, room, &at, " customers, loss in 1e-6 ");
	add_number(text, room, &at, (int64_t)(1e6 * summary->loss + 0.5));
	add_text(text, room, &at, " was ");
	add_number(text, room, &at, (int64_t)(1e6 * summary->loss_before + 0.5));
	if (model->origin[0] != '\0')
		add_text(text, room, &at, "; ");
	add_text(text, room, &at, model->origin);
	while (at > 0 && !loy__utf8_valid(text, at))
		text[--at] = '\0';
	memcpy(model->origin, text, sizeof(text));
}

/* Prepare the model, and say of the lever of recovery what it became. */
static loy_status prepare(struct fitting *f)
{
	loy_calibrated *out = f->out;
	loy__construct *construct = &out->model->construct[f->options.construct];
	int lowered;
	loy_status status = loy__model_prepare_lowered(out->model, &lowered, f->error);
	uint32_t i, k;

	if (!lowered)
		return status;
	out->summary.flags |= LOY_CALIBRATED_RECOVERY;
	for (i = 0; i < out->lever_count; i++)
		for (k = 0; k < construct->indicator_count; k++)
			if (out->levers[i].what == LOY_TUNED_POSITIVE &&
			    out->levers[i].index == out->model->recovery &&
			    construct->indicator[k].channel == out->model->recovery)
				out->levers[i].after = construct->indicator[k].positive;
	return status;
}

static loy_status make_model(struct fitting *f)
{
	loy_calibrated *out = f->out;
	loy_status status = loy__model_copy(&out->model, f->model, &out->memory, f->error);
	uint32_t i;

	if (status != LOY_OK)
		return status;
	for (i = 0; i < out->lever_count; i++) {
		loy__lever *lever = &out->levers[i];
		int share = lever->what == LOY_TUNED_PRIOR || lever->what == LOY_TUNED_PART;

		lever->after = writable(lever->after, share ? 1.0 - 1e-9 : WEIGHT_MOST, &out->summary.flags);
		loy__lever_set(out->model, f->options.construct, lever);
	}
	return prepare(f);
}

/* ---- intervals ---- */

/* Loss of the fitted model, and its spread and limit when the error of answers is known. `levers`, `mean`: room. */
static loy_status widen(struct fitting *f, loy__lever *levers, double *mean)
{
	loy_calibrated_summary *summary = &f->out->summary;
	loy__construct *construct = &f->out->model->construct[f->options.construct];
	double *evidence = mean + f->selection.count;
	uint32_t count = loy__levers_of(f->out->model, f->options.construct, levers);
	loy_status status;

	loy__evidence_close(&f->rows);
	status = loy__evidence_open(&f->rows, f->out->model, f->options.construct, levers, count,
	                            &f->selection, &f->out->memory);
	if (status != LOY_OK)
		return status;
	loy__evidence_means(&f->rows, levers, count, mean, evidence);
	summary->loss = mean_loss(&f->selection, mean, 0.0);
	if (!(summary->error_variance > 0.0))
		return LOY_OK;
	if (construct->composite) {
		construct->limit = loy__fit_limit(&f->rows, &f->selection, mean, summary->error_variance);
	} else {
		loy__fit_width(&f->rows, &f->selection, mean, evidence, summary->error_variance,
		               &construct->spread, &construct->limit);
		construct->spread = writable(construct->spread, WIDTH_MOST, &summary->flags);
	}
	if (construct->limit > 0.0) /* 0: a composite as sure as its parts */
		construct->limit = writable(construct->limit, WIDTH_MOST, &summary->flags);
	summary->flags |= LOY_CALIBRATED_WIDTH;
	return LOY_OK;
}

/* What the models before and after say of the answers; of outcomes of a mix the search has it. */
static loy_status compare(struct fitting *f, int after)
{
	const loy_allocator *memory = &f->out->memory;
	size_t levers = LOY__LEVERS_MAX * sizeof(loy__lever),
	       size = levers + 2 * f->selection.count * sizeof(double);
	void *block = loy__alloc(memory, size);
	loy_status status = LOY_OK;
	double *mean;

	if (block == NULL)
		return LOY_ENOMEM;
	mean = (double *)(void *)((char *)block + levers);
	if (after) {
		status = widen(f, block, mean);
	} else {
		loy__evidence_means(&f->rows, f->out->levers, f->out->lever_count, mean,
		                    mean + f->selection.count);
		f->out->summary.loss_before = mean_loss(&f->selection, mean, 0.0);
	}
	loy__free(memory, block, size);
	return status;
}

/* ---- the whole ---- */

static int counts_silence(const struct fitting *f)
{
	const loy__construct *construct = &f->model->construct[f->options.construct];

	return !construct->composite && construct->silence_weight > 0.0 && construct->silence_gap > 0 &&
	       construct->silence_strength > 0.0;
}

static loy_status search_silence(struct fitting *f, loy__tuning *tuning)
{
	loy_calibrated *out = f->out;
	loy_model *scratch = NULL;
	loy_status status = loy__model_copy(&scratch, f->model, &out->memory, f->error);

	if (status == LOY_OK)
		status = loy__tune_silence(tuning, scratch, f->options.construct,
		                           &out->levers[out->lever_count], &out->memory);
	if (status == LOY_OK)
		out->lever_count += 2;
	loy_model_destroy(scratch);
	return status;
}

/* Outcomes have no level in common with the parts of a mix, answers do. */
static int are_outcomes(const loy__selection *selection)
{
	size_t i = 0;

	while (i < selection->count &&
	       (selection->list[i]->answer == 0.0 || selection->list[i]->answer == 1.0))
		i++;
	return i == selection->count;
}

/* Make the weights of a mix shares. */
static void share_out(loy_calibrated *out)
{
	double sum = 0.0;
	uint32_t i;

	for (i = 0; i < out->lever_count; i++)
		sum += out->levers[i].after;
	for (i = 0; i < out->lever_count; i++)
		out->levers[i].after /= sum;
}

static loy_status search(struct fitting *f)
{
	loy_calibrated *out = f->out;
	loy__tuning tuning = {0};
	loy_status status;

	tuning.selection = &f->selection;
	tuning.rows = &f->rows;
	tuning.options = &f->options;
	tuning.levers = out->levers;
	tuning.lever_count = out->lever_count;
	tuning.odds = f->odds;
	if (f->odds) { /* as the mix was, before it is let go */
		double pull = f->options.pull;

		f->options.pull = HOLD;
		status = loy__tune(&tuning, &out->memory);
		f->options.pull = pull;
		out->summary.loss_before = tuning.loss;
	} else {
		status = compare(f, 0);
	}
	if (status == LOY_OK)
		status = counts_silence(f) ? search_silence(f, &tuning) : loy__tune(&tuning, &out->memory);
	if (status != LOY_OK)
		return status;
	if (f->model->construct[f->options.construct].composite)
		share_out(out);
	out->summary.state = tuning.state;
	out->summary.iterations = tuning.iterations;
	out->summary.gradient = tuning.gradient;
	out->summary.loss = tuning.loss;
	return make_model(f);
}

static loy_status fit(struct fitting *f)
{
	loy_calibrated_summary *summary = &f->out->summary;
	const loy__construct *construct = &f->model->construct[f->options.construct];
	double answer = mean_answer(&f->selection);
	loy_status status;

	f->out->lever_count = loy__levers_of(f->model, f->options.construct, f->out->levers);
	if (f->out->lever_count == 0)
		return loy__fail(f->error, LOY_EUNKNOWN, "the construct has no weight to estimate");
	if (!(answer > 0.0 && answer < 1.0))
		return loy__fail(f->error, LOY_EUNKNOWN, "all answers are at one end of the scale");
	summary->observations = f->selection.count;
	summary->customers = f->selection.customers;
	summary->loss_mean = mean_loss(&f->selection, NULL, answer);
	summary->error_variance = loy__answer_error(&f->selection, &f->options, &summary->retests);
	f->odds = construct->composite && are_outcomes(&f->selection);
	status = loy__evidence_open(&f->rows, f->model, f->options.construct, f->out->levers,
	                            f->out->lever_count, &f->selection, &f->out->memory);
	if (status == LOY_OK)
		status = search(f);
	if (status == LOY_OK && !f->odds)
		status = compare(f, 1);
	if (status != LOY_OK)
		return status;
	construct = &f->out->model->construct[f->options.construct];
	summary->weights = f->out->lever_count;
	summary->spread = construct->composite ? 0.0 : construct->spread;
	summary->limit = construct->limit;
	say_origin(f->out->model, construct->name, summary);
	return loy__model_prepare(f->out->model, f->error);
}

loy_status loy_calibration_fit(const loy_calibration *calibration, const loy_model *model,
                               const loy_calibration_options *options, loy_calibrated **out,
                               const loy_allocator *memory, loy_error *error)
{
	struct fitting f = {0};
	loy_allocator own;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "no place for the fit");
	*out = NULL;
	if (calibration == NULL || model == NULL || loy__memory_adopt(&own, memory) != LOY_OK ||
	    loy__calibration_options_read(&f.options, options) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an argument is missing or an option is not valid");
	status = loy__calibration_model_check(calibration, model, f.options.construct, error);
	if (status != LOY_OK)
		return status;
	f.calibration = calibration;
	f.model = model;
	f.error = error;
	f.rows.memory = &own;
	f.out = loy__alloc_zero(&own, sizeof(*f.out));
	if (f.out == NULL)
		return loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	f.out->memory = own;
	status = loy__selection_open(&f.selection, calibration, &f.options, 0, &own);
	if (status == LOY_OK) {
		status = fit(&f);
		loy__evidence_close(&f.rows);
		loy__selection_close(&f.selection);
	} else {
		(void)loy__fail(error, status,
		                status == LOY_EUNKNOWN ? "no observation of the construct"
		                                       : loy_status_text(status));
	}
	if (status != LOY_OK) {
		loy_calibrated_destroy(f.out);
		return status == LOY_ENOMEM ? loy__fail(error, status, loy_status_text(status)) : status;
	}
	*out = f.out;
	return LOY_OK;
}

void loy_calibrated_destroy(loy_calibrated *fit)
{
	loy_allocator memory;

	if (fit == NULL)
		return;
	memory = fit->memory;
	loy_model_destroy(fit->model);
	loy__free(&memory, fit, sizeof(*fit));
}

const loy_model *loy_calibrated_model(const loy_calibrated *fit)
{
	return fit == NULL ? NULL : fit->model;
}

loy_status loy_calibrated_get_summary(const loy_calibrated *fit, loy_calibrated_summary *out)
{
	return fit == NULL ? LOY_EINVAL : loy__result_write(out, &fit->summary, sizeof(fit->summary));
}

loy_status loy_calibrated_get_weight(const loy_calibrated *fit, uint32_t index, loy_calibrated_weight *out)
{
	loy_calibrated_weight weight = {0};

	if (fit == NULL)
		return LOY_EINVAL;
	if (index >= fit->lever_count)
		return LOY_ENOTFOUND;
	weight.what = fit->levers[index].what;
	weight.index = fit->levers[index].index;
	weight.before = fit->levers[index].before;
	weight.after = fit->levers[index].after;
	weight.deviation = fit->levers[index].deviation;
	return loy__result_write(out, &weight, sizeof(weight));
}
