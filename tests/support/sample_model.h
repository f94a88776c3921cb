/* The model that all tests of a file share: made before them, freed behind them. For files that want just that. */
#ifndef LOY_TESTS_SAMPLE_MODEL_H
#define LOY_TESTS_SAMPLE_MODEL_H

#include "stores.h"

#include "model/model.h"

static loy_model *model;

static int make_model(void **state)
{
	(void)state;
	model = stores_model();
	return 0;
}

static int free_model(void **state)
{
	(void)state;
	free(model);
	return 0;
}

#endif
