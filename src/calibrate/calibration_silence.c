/*
 * The usual gap between purchases and how sure it is: what silence is measured by. They act on the rows themselves, so
 * they are searched for from outside, by steps up and down that become shorter (Hooke & Jeeves 1961): at each place all
 * weights are found anew. A ridge pulls their logarithms like those of the weights.
 */
#include "calibrate/calibration.h"

#include <math.h>

#define HALVINGS  5
#define MOVES_MAX 40
#define GAP_MIN   0.01 /* days */
#define GAP_MAX   3650.0
#define SURE_MIN  0.05
#define SURE_MAX  1000.0

struct seeking {
	loy__tuning *tuning;
	loy_model *scratch;
	uint32_t construct;
	loy__lever *extra; /* `after`: where the search stands */
	const loy_allocator *memory;
	double best;
	uint32_t moves;
};

/* Penalised loss with the levers in `trial`. */
static loy_status value_at(struct seeking *s, const loy__lever trial[2], double *value)
{
	const loy__selection *selection = s->tuning->selection;
	double off, weight = 0.0;
	loy_status status;
	size_t i;

	loy__lever_set(s->scratch, s->construct, &trial[0]);
	loy__lever_set(s->scratch, s->construct, &trial[1]);
	loy__evidence_close(s->tuning->rows);
	status = loy__evidence_open(s->tuning->rows, s->scratch, s->construct, s->tuning->levers,
	                            s->tuning->lever_count, selection, s->memory);
	if (status == LOY_OK)
		status = loy__tune(s->tuning, s->memory);
	if (status != LOY_OK)
		return status;
	for (i = 0; i < selection->count; i++)
		weight += selection->list[i]->weight;
	*value = s->tuning->penalised;
	for (i = 0; i < 2; i++) {
		off = loy__log(trial[i].after / trial[i].before);
		*value += s->tuning->options->pull * off * off / weight;
	}
	return LOY_OK;
}

/* Try one of the two `factor` times as large; 1 in *moved when that is better. */
static loy_status try_step(struct seeking *s, int which, double factor, int *moved)
{
	loy__lever trial[2];
	double value, at;
	loy_status status;

	trial[0] = s->extra[0];
	trial[1] = s->extra[1];
	at = trial[which].after * factor;
	if (at < (which == 0 ? GAP_MIN : SURE_MIN) || at > (which == 0 ? GAP_MAX : SURE_MAX))
		return LOY_OK;
	trial[which].after = at;
	status = value_at(s, trial, &value);
	if (status != LOY_OK || !(value < s->best))
		return status;
	s->best = value;
	s->extra[which].after = at;
	s->moves++;
	*moved = 1;
	return LOY_OK;
}

static loy_status descend(struct seeking *s)
{
	double factor = 2.0;
	loy_status status = LOY_OK;
	int level, which, moved;

	for (level = 0; level < HALVINGS; level++) {
		do {
			moved = 0;
			for (which = 0; which < 2 && status == LOY_OK; which++) {
				int before = moved;

				status = try_step(s, which, factor, &moved);
				if (status == LOY_OK && moved == before)
					status = try_step(s, which, 1.0 / factor, &moved);
			}
		} while (status == LOY_OK && moved && s->moves < MOVES_MAX);
		factor = sqrt(factor);
	}
	return status;
}

static void begin(loy__lever *lever, uint32_t what, double value)
{
	lever->what = what;
	lever->index = 0;
	lever->before = lever->after = value;
	lever->deviation = (double)NAN;
}

loy_status loy__tune_silence(loy__tuning *tuning, loy_model *scratch, uint32_t construct, loy__lever extra[2],
                             const loy_allocator *memory)
{
	const loy__construct *c = &scratch->construct[construct];
	struct seeking s = {0};
	loy_status status;
	double value;

	s.tuning = tuning;
	s.scratch = scratch;
	s.construct = construct;
	s.extra = extra;
	s.memory = memory;
	begin(&extra[0], LOY_TUNED_GAP, (double)c->silence_gap / (double)LOY_DAY);
	begin(&extra[1], LOY_TUNED_SURENESS, c->silence_strength);
	status = value_at(&s, extra, &s.best);
	if (status == LOY_OK)
		status = descend(&s);
	if (status != LOY_OK)
		return status;
	return value_at(&s, extra, &value); /* the last try may have been elsewhere */
}
