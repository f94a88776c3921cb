/* Two models of different schemas that all tests of a file share: made before them, freed behind them. */
#ifndef LOY_TESTS_SAMPLE_MODELS_H
#define LOY_TESTS_SAMPLE_MODELS_H

#include "stores.h"

#include "model/model.h"

static loy_model *model, *other;

static int make_models(void **state)
{
	loy_schema *schema = plain_schema();

	(void)state;
	model = stores_model();
	other = stores_model();
	other->schema = *schema;
	free(schema);
	return 0;
}

static int free_models(void **state)
{
	(void)state;
	free(model);
	free(other);
	return 0;
}

#endif
