#include "stores.h"

#include "model/model.h"

static void indicate(loy__construct *construct, uint8_t channel, double positive, double negative)
{
	loy__indicator *indicator = &construct->indicator[construct->indicator_count++];

	indicator->channel = channel;
	indicator->moderator = LOY__NONE;
	indicator->positive = positive;
	indicator->negative = negative;
}

static void lead(loy__construct *construct, uint8_t parent, double weight)
{
	loy__path *path = &construct->path[construct->path_count++];

	path->parent = parent;
	path->response = LOY__NONE;
	path->moderator = LOY__NONE;
	path->weight = weight;
}

static loy__construct *construct(loy_model *model, const char *name, double mean)
{
	loy__construct *fresh = &model->construct[model->construct_count++];

	strcpy(fresh->name, name);
	fresh->composite = mean == 0.0;
	fresh->mean = mean;
	fresh->strength = 4.0;
	fresh->spread = 1.0;
	fresh->limit = 60.0;
	return fresh;
}

loy_model *stores_model(void)
{
	loy_model *model = calloc(1, sizeof(*model));
	loy_schema *schema = sample_schema();
	loy__construct *trust, *loyalty;
	uint32_t i;

	assert_non_null(model);
	model->schema = *schema;
	free(schema);
	for (i = 0; i < LOY_CHANNELS_MAX; i++) {
		model->fast_share[i] = 0.3;
		model->damping[i].by = LOY__NONE;
	}
	model->recovery = LOY__NONE;
	trust = construct(model, "trust", 0.6);
	indicate(trust, 1, 1.0, 1.5);
	indicate(trust, 2, 0.5, 2.0);
	loyalty = construct(model, "loyalty", 0.5);
	indicate(loyalty, 0, 0.25, 0.0);
	indicate(loyalty, 4, 1.0, 1.0);
	lead(loyalty, 0, 0.4);
	loyalty = construct(model, "both", 0.0);
	lead(loyalty, 0, 0.5);
	lead(loyalty, 1, 0.5);
	for (i = 0; i < LOY__HEADLINES; i++)
		model->headline[i] = i < 3 ? (uint8_t)i : LOY__NONE;
	loy__score_prepare(model);
	return model;
}

void stores_event(loy_event *event, loy__random *r, uint64_t customers, uint64_t identity)
{
	uint64_t customer = 1 + loy__random_below(r, customers);

	sample_event(event, r, SAMPLE_TAME);
	if (customer % 3 == 0) {
		char key[32];
		int length = snprintf(key, sizeof(key), "%s%u", customer % 2 ? "customer-" : "\xc3\xa9",
		                      (unsigned)customer);

		assert_int_equal(loy_event_set_customer_key(event, key, (size_t)length), LOY_OK);
	} else {
		assert_int_equal(loy_event_set_customer(event, customer), LOY_OK);
	}
	assert_int_equal(loy_event_set_identity(event, identity >> 4, identity), LOY_OK);
}

loy_store *stores_create(const loy_model *model, uint32_t flags)
{
	loy_store_options options = {.struct_size = sizeof(options), .flags = flags};
	loy_store *store;

	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_OK);
	return store;
}

loy_store_stats stores_stats(const loy_store *store)
{
	loy_store_stats stats = {.struct_size = sizeof(stats)};

	assert_int_equal(loy_store_get_stats(store, &stats), LOY_OK);
	return stats;
}

void stores_hash(loy_store *store, uint64_t hash[2])
{
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_store_hash(store, &hash[0], &hash[1]), LOY_OK);
}

void stores_assert_equal(loy_store *a, loy_store *b)
{
	uint64_t one[2], other[2];

	assert_int_equal(loy_store_count(a), loy_store_count(b));
	stores_hash(a, one);
	stores_hash(b, other);
	assert_memory_equal(one, other, sizeof(one));
}
