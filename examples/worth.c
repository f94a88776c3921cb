/*
 * worth: who is still a customer, what will they buy, what are they worth? Customers whose truth is known are
 * simulated, a model of buying and one of spend are fitted to half a year of them, and what was predicted for
 * the next half is compared with what they then did.
 *
 *	worth          prints the comparison
 *	worth --bits   prints estimates and totals as 64-bit words, to compare with programs in other languages
 */
#include <loyalty.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUSTOMERS 5000
#define SEEN      26.0 /* weeks that the fit sees, */
#define AHEAD     26.0 /* and weeks it does not */

static void must(loy_status status, const char *what)
{
	if (status != LOY_OK) {
		fprintf(stderr, "worth: %s: %s\n", what, loy_status_text(status));
		exit(1);
	}
}

struct people {
	double x[CUSTOMERS], t_x[CUSTOMERS], spend[CUSTOMERS]; /* by the end of what is seen */
	double later[CUSTOMERS];                               /* all purchases, those ahead included */
};

/*
 * The same seed and number is the same customer, watched for longer: purchases ahead are the difference. Only
 * the buying matters there, so the second pass needs nothing else.
 */
static void simulate(struct people *people, const loy_lifetime *buying, const loy_lifetime *spend)
{
	double t_x[1];
	uint64_t i;

	for (i = 0; i < CUSTOMERS; i++) {
		must(loy_lifetime_simulate(buying, spend, 7, i, 1, SEEN, NULL, &people->x[i], &people->t_x[i],
		                           NULL, &people->spend[i]),
		     "simulating");
		must(loy_lifetime_simulate(buying, NULL, 7, i, 1, SEEN + AHEAD, NULL, &people->later[i], t_x,
		                           NULL, NULL),
		     "simulating");
	}
}

static uint32_t columns_of(const struct people *people, loy_history_column columns[4])
{
	static const double seen = SEEN;

	memset(columns, 0, 4 * sizeof(*columns));
	columns[0].field = LOY_HISTORY_X;
	columns[0].data = people->x;
	columns[1].field = LOY_HISTORY_T_X;
	columns[1].data = people->t_x;
	columns[2].field = LOY_HISTORY_T;
	columns[2].data = &seen; /* the same for all: stride 0 */
	columns[3].field = LOY_HISTORY_SPEND;
	columns[3].data = people->spend;
	columns[0].type = columns[1].type = columns[2].type = columns[3].type = LOY_COLUMN_F64;
	columns[0].stride = columns[1].stride = columns[3].stride = sizeof(double);
	return 4;
}

static loy_lifetime *fit(const struct people *people, uint32_t family)
{
	loy_history_column columns[4];
	loy_lifetime_options options = {.struct_size = sizeof(options)};
	loy_lifetime_data *data;
	loy_lifetime *model;

	options.family = family;
	must(loy_lifetime_data_create(&data, NULL, NULL), "data");
	must(loy_lifetime_data_add_columns(data, columns, columns_of(people, columns), CUSTOMERS, NULL),
	     "adding");
	must(loy_lifetime_fit(&model, data, &options, NULL, NULL), "fitting");
	loy_lifetime_data_destroy(data);
	return model;
}

static void print_parameters(const loy_lifetime *model, const double *truth)
{
	loy_lifetime_info info = {.struct_size = sizeof(info)};
	uint32_t i;

	must(loy_lifetime_get_info(model, &info), "info");
	printf("%s, %s\n", loy_lifetime_family_name(info.family), loy_lifetime_status_name(info.status));
	for (i = 0; i < info.parameter_count; i++) {
		double value, deviation;

		must(loy_lifetime_parameter(model, i, &value, &deviation), "parameter");
		printf("  %-6s %10.3f +- %7.3f  (truth %.3f)\n", loy_lifetime_parameter_name(model, i), value,
		       deviation, truth[i]);
	}
}

/* A double as its bits, which every language can print. */
static void print_bits(const char *name, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	printf("%s %016" PRIx64 "\n", name, bits);
}

static void print_parameter_bits(const loy_lifetime *model)
{
	double value, deviation;
	uint32_t i;

	for (i = 0; loy_lifetime_parameter(model, i, &value, &deviation) == LOY_OK; i++) {
		print_bits(loy_lifetime_parameter_name(model, i), value);
		print_bits("deviation", deviation);
	}
}

/* What was predicted, and what came; 0 when the truth lies outside a wide interval. */
static int compare(const struct people *people, const loy_lifetime *buying, const loy_lifetime *spend,
                   int as_bits)
{
	loy_history_column columns[4];
	loy_lifetime_ask asks[2];
	double came = 0.0;
	int i;

	memset(asks, 0, sizeof(asks));
	for (i = 0; i < 2; i++) {
		asks[i].struct_size = sizeof(asks[i]);
		asks[i].to = AHEAD;
		asks[i].discount = 0.1;
		asks[i].with_deviation = 1;
	}
	asks[0].quantity = LOY_ASK_PURCHASES;
	asks[1].quantity = LOY_ASK_VALUE;
	must(loy_lifetime_predict(buying, spend, columns, columns_of(people, columns), CUSTOMERS, asks, 2,
	                          NULL, NULL, NULL),
	     "predicting");
	if (as_bits) {
		print_bits("purchases", asks[0].total);
		print_bits("worth", asks[1].total);
		return 1;
	}
	for (i = 0; i < CUSTOMERS; i++)
		came += people->later[i] - people->x[i];
	printf("purchases in the next %.0f weeks: %.0f expected (95 %%: %.0f to %.0f), %.0f came\n", AHEAD,
	       asks[0].total, asks[0].total_low, asks[0].total_high, came);
	printf("worth %.2f (95 %%: %.2f to %.2f)\n", asks[1].total / 100.0, asks[1].total_low / 100.0,
	       asks[1].total_high / 100.0);
	return came > 0.9 * asks[0].total_low && came < 1.1 * asks[0].total_high;
}

int main(int argc, char **argv)
{
	static const double buys[] = {0.8, 6.0, 0.9, 2.5}, spends[] = {6.0, 4.0, 1500.0};
	static struct people people;
	loy_lifetime *true_buying, *true_spend, *buying, *spend;
	int good, as_bits = argc > 1 && strcmp(argv[1], "--bits") == 0;

	must(loy_lifetime_create(&true_buying, LOY_LIFETIME_MBG_NBD, 0, LOY_WEEK, buys, 4, NULL), "model");
	must(loy_lifetime_create(&true_spend, LOY_LIFETIME_GAMMA_GAMMA, 0, LOY_WEEK, spends, 3, NULL),
	     "model");
	simulate(&people, true_buying, true_spend);
	buying = fit(&people, LOY_LIFETIME_MBG_NBD);
	spend = fit(&people, LOY_LIFETIME_GAMMA_GAMMA);
	if (as_bits) {
		print_parameter_bits(buying);
		print_parameter_bits(spend);
	} else {
		print_parameters(buying, buys);
		print_parameters(spend, spends);
	}
	good = compare(&people, buying, spend, as_bits);
	loy_lifetime_destroy(buying);
	loy_lifetime_destroy(spend);
	loy_lifetime_destroy(true_buying);
	loy_lifetime_destroy(true_spend);
	return good ? 0 : 1;
}
