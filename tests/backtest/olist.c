/*
 * Back-test: does delivery evidence explain reviews? Olist, the 3,916 reviews whose order has a delivery
 * delay against the promised date. One customer a review with one delivery event; the satisfaction the
 * model reads at the time of the review against the stars given. The curve is the one the built-in models
 * ship (asymmetric disconfirmation); nothing is fitted here.
 */
#include "backtest.h"
#include <math.h>

static const char model_text[] = "model olist \"Reviews from delivery\"\n"
                                 "channel fulfilment: half_life 365d, fast 60d, share 0\n"
                                 "curve delivery: delay neutral 0.757, gain 0.429, loss_ratio 7.53, "
                                 "gain_scale 3.82d, loss_scale 5.71d\n"
                                 "on delivery: fulfilment delay(delivery)\n"
                                 "construct satisfaction: mean 0.757, strength 0.001, spread 1, limit 60\n"
                                 "satisfaction =~ 1*fulfilment\n"
                                 "headline satisfaction\n";

#define ROWS_MAX 8000

/* Classes of delay in days, as the description of the data set has them. */
static const double upper[] = {-7.0, 0.0, 3.0, 7.0, 1e9};
#define CLASSES (sizeof(upper) / sizeof(upper[0]))

static size_t class_of(double days)
{
	size_t c = 0;

	while (days > upper[c])
		c++;
	return c;
}

void backtest_olist(void **state)
{
	struct csv *csv = shared_csv_or_skip("data/olist_events.csv");
	size_t type = csv_column(csv, "type"), delay = csv_column(csv, "delay_days"),
	       score = csv_column(csv, "score");
	double *stars = malloc(ROWS_MAX * sizeof(double)), *days = malloc(ROWS_MAX * sizeof(double));
	double *forecast = malloc(ROWS_MAX * sizeof(double)), r2;
	double sum[CLASSES] = {0}, predicted[CLASSES] = {0}, number[CLASSES] = {0};
	loy_store_options options = {.struct_size = sizeof(options), .flags = LOY_STORE_TRUSTED};
	loy_store *store = NULL;
	loy_model *model = NULL;
	loy_event *event = NULL;
	int64_t time = 20000 * LOY_DAY;
	size_t i, count = 0;

	(void)state;
	model = fit_model(model_text);
	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	while (csv_next(csv)) {
		if (strcmp(csv_text(csv, type), "review") != 0 || csv_empty(csv, delay))
			continue;
		assert_true(count < ROWS_MAX);
		days[count] = csv_double(csv, delay);
		stars[count++] = (csv_double(csv, score) - 1.0) / 4.0;
		assert_int_equal(loy_event_begin(event, LOY_KIND_DELIVERY, time), LOY_OK);
		assert_int_equal(loy_event_set_customer(event, count), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_DELAY,
		                               (int64_t)floor(days[count - 1] * (double)LOY_DAY + 0.5)),
		                 LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	csv_close(csv);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	fit_score(store, model_text, time, forecast);
	r2 = measure_r2(forecast, stars, count);
	printf("olist: %zu reviews from delivery evidence: R2 %.4f (a straight line in days has 0.098)\n",
	       count, r2);
	for (i = 0; i < count; i++) {
		size_t c = class_of(days[i]);

		number[c] += 1.0;
		sum[c] += stars[i];
		predicted[c] += forecast[i];
	}
	for (i = 0; i < CLASSES; i++) {
		printf("olist: delay up to %5.0f days: %4.0f reviews, mean stars %.2f, predicted %.2f\n",
		       fmin(upper[i], 999.0), number[i], 1.0 + 4.0 * sum[i] / number[i],
		       1.0 + 4.0 * predicted[i] / number[i]);
		if (i > 0)
			assert_true(predicted[i] / number[i] < predicted[i - 1] / number[i - 1]);
	}
	assert_int_equal(count, 3916);
	assert_true(r2 >= 0.184);
	loy_event_destroy(event);
	loy_store_destroy(store);
	loy_model_destroy(model);
	free(stars);
	free(days);
	free(forecast);
}
