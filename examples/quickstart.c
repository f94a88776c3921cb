#include <loyalty.h>
#include <stdio.h>
int main(void)
{
	loy_model *model; loy_profile *customer = NULL; loy_event *event = NULL; loy_scorecard *card = NULL;
	loy_score score = {.struct_size = sizeof(score)};
	int64_t noon = 20454 * LOY_DAY + 12 * LOY_HOUR; /* 2026-01-01: time is always passed in */
	uint32_t which;
	if (loy_model_create_builtin(&model, "retail", NULL) || loy_event_create(&event, NULL) ||
	    loy_profile_create(&customer, loy_model_schema(model), NULL) || loy_scorecard_create(&card, model, NULL) ||
	    loy_event_begin(event, LOY_KIND_PURCHASE, noon) || loy_event_set(event, LOY_FIELD_AMOUNT, 450) ||
	    loy_profile_record(customer, event, NULL) || loy_event_begin(event, LOY_KIND_COMPLAINT, noon + LOY_DAY) ||
	    loy_event_set_ratio(event, LOY_FIELD_SEVERITY, 0.5) || loy_profile_record(customer, event, NULL) ||
	    loy_scorecard_evaluate(card, customer, noon + 2 * LOY_DAY) ||
	    loy_model_construct_find(model, "satisfaction", 12, &which) || loy_scorecard_score(card, which, &score))
		return 1;
	printf("satisfaction %.1f, 90 %% between %.1f and %.1f\n", score.value, score.low, score.high);
	loy_scorecard_destroy(card); loy_profile_destroy(customer); loy_event_destroy(event); loy_model_destroy(model);
}
