/* Item analysis of twelve sets of answers against the reference, reversed keys and missing answers included. */
#include "regressions.h"

#include <math.h>

/* One block of the reference: its items, separated by blanks. */
struct block {
	char data[40], name[40], items[400];
	uint32_t count;
};

static void add_item(struct block *b, const char *item)
{
	if (b->count > 0)
		strcat(b->items, " ");
	assert_true(strlen(b->items) + strlen(item) + 2 < sizeof(b->items));
	strcat(b->items, item);
	b->count++;
}

static size_t read_blocks(struct block *blocks, size_t most)
{
	struct csv *csv = shared_csv_or_skip("reference/sem/reliability_dev.csv");
	size_t count = 0;

	while (csv_next(csv)) {
		struct block *b = count > 0 ? &blocks[count - 1] : NULL;

		if (b == NULL || strcmp(b->data, csv_text(csv, 0)) != 0 ||
		    strcmp(b->name, csv_text(csv, 1)) != 0) {
			assert_true(count < most);
			b = &blocks[count++];
			memset(b, 0, sizeof(*b));
			snprintf(b->data, sizeof(b->data), "%s", csv_text(csv, 0));
			snprintf(b->name, sizeof(b->name), "%s", csv_text(csv, 1));
		}
		if (strcmp(csv_text(csv, 2), "item_mean") == 0)
			add_item(b, csv_text(csv, 3));
	}
	csv_close(csv);
	return count;
}

static const char *file_of(const char *data)
{
	static const char *const names[][2] = {{"ecsi_mobile", "ecsi_mobile"},
	                                       {"satisfaction_bank", "satisfaction_bank"},
	                                       {"csi_bank", "csi_bank"},
	                                       {"service_quality", "service_quality_sq"},
	                                       {"trust_privacy", "trust_privacy_lancelot2016"},
	                                       {"russett", "russett"},
	                                       {"spainfoot", "spainfoot"},
	                                       {"loyalty_sim", "loyalty_sim_dev"},
	                                       {"bfi_nokey_pairwise", "bfi"},
	                                       {"bfi_keyed_pairwise", "bfi"},
	                                       {"bfi_keyed_listwise", "bfi"}};
	size_t i;

	for (i = 0; i < LOY__COUNT(names); i++) {
		if (strcmp(names[i][0], data) == 0)
			return names[i][1];
	}
	fail_msg("unknown data %s", data);
	return NULL;
}

struct found {
	loy_reliability r;
	loy_item each[32];
	double eigenvalues[32];
};

static void analyse(const struct block *b, struct sheet *s, struct found *found)
{
	loy_items_options o = {.struct_size = sizeof(o)};
	loy_table table = sheet_table(s);
	loy_items *items = NULL;
	int8_t keys[32];
	uint32_t i;

	assert_true(b->count <= 32);
	o.count = b->count;
	o.missing = strstr(b->data, "pairwise") != NULL ? LOY_MISSING_PAIRWISE : LOY_MISSING_LISTWISE;
	if (strncmp(b->data, "bfi_keyed", 9) == 0) {
		static const char *const turned[] = {"A1", "C4", "C5", "E1", "E2", "O2", "O5"};

		memset(keys, 1, sizeof(keys));
		for (i = 0; i < LOY__COUNT(turned); i++) {
			if (turned[i][0] == b->name[0])
				keys[sheet_column(s, turned[i])] = -1;
		}
		o.keys = keys;
		o.low = 1.0;
		o.high = 6.0;
	}
	assert_int_equal(loy_items_create(&items, &o, NULL), LOY_OK);
	assert_int_equal(loy_items_add(items, &table, NULL), LOY_OK);
	memset(found, 0, sizeof(*found));
	found->r.struct_size = sizeof(found->r);
	assert_int_equal(loy_items_analyse(items, &found->r, found->each, found->eigenvalues, NULL, NULL),
	                 LOY_OK);
	loy_items_destroy(items);
}

static double quantity(const struct found *f, const struct sheet *s, const char *name, const char *item)
{
	const loy_item *each = item[0] >= 'A' ? &f->each[sheet_column(s, item)] : NULL;

#define IS(text) (strcmp(name, text) == 0)
	if (IS("eigenvalue"))
		return f->eigenvalues[atoi(item) - 1];
	if (each != NULL)
		return IS("alpha_if_dropped")   ? each->alpha_without
		       : IS("r_raw_item_total") ? each->with_score
		       : IS("r_drop_corrected") ? each->with_rest
		       : IS("item_mean")        ? each->mean
		       : IS("item_sd")          ? each->spread
		       : IS("skew_g1")          ? each->skewness
		       : IS("kurt_excess_g2")   ? each->kurtosis
		       : IS("kmo_item")         ? each->kmo
		                                : (double)NAN;
	return IS("raw_alpha")        ? f->r.alpha
	       : IS("std.alpha")      ? f->r.alpha_standardised
	       : IS("G6(smc)")        ? f->r.lambda6
	       : IS("average_r")      ? f->r.mean_r
	       : IS("median_r")       ? f->r.median_r
	       : IS("S/N")            ? f->r.signal_to_noise
	       : IS("ase")            ? f->r.alpha_deviation
	       : IS("mean")           ? f->r.mean
	       : IS("sd")             ? f->r.spread
	       : IS("feldt_lo")       ? f->r.alpha_low
	       : IS("feldt_hi")       ? f->r.alpha_high
	       : IS("kmo_overall")    ? f->r.kmo
	       : IS("bartlett_chisq") ? f->r.bartlett
	       : IS("bartlett_df")    ? f->r.bartlett_degrees
	       : IS("bartlett_p")     ? f->r.bartlett_p
	       : IS("n_complete")     ? f->r.complete
	                              : (double)NAN;
#undef IS
}

static void check_block(const struct block *b, size_t *checked)
{
	struct csv *csv = shared_csv_or_skip("reference/sem/reliability_dev.csv");
	char path[80];
	struct sheet *s;
	struct found found;

	snprintf(path, sizeof(path), "data/%s.csv", file_of(b->data));
	s = sheet_shared(path, b->items);
	analyse(b, s, &found);
	while (csv_next(csv)) {
		const char *name = csv_text(csv, 2);
		double value, expected;

		if (strcmp(csv_text(csv, 0), b->data) != 0 || strcmp(csv_text(csv, 1), b->name) != 0 ||
		    csv_empty(csv, 4))
			continue;
		value = quantity(&found, s, name, csv_text(csv, 3));
		expected = csv_double(csv, 4);
		if (b->count == 2 && strcmp(name, "alpha_if_dropped") == 0) {
			assert_true(isnan(
			        value)); /* one item has no alpha; the reference has something else there */
			continue;
		}
		/* closed forms: 1e-10; absolute about zero, where squares of shares on a grid of 1e-12 cancel */
		if (!(fabs(value - expected) <= 1e-10 * fabs(expected) + 1e-11))
			fail_msg("%s %s %s %s: %.17g, not %.17g", b->data, b->name, name, csv_text(csv, 3),
			         value, expected);
		(*checked)++;
	}
	csv_close(csv);
	sheet_free(s);
}

static void all_blocks(void **state)
{
	struct block blocks[64];
	size_t count = read_blocks(blocks, LOY__COUNT(blocks)), checked = 0, i;

	(void)state;
	assert_true(count > 40);
	for (i = 0; i < count; i++)
		check_block(&blocks[i], &checked);
	assert_true(checked > 2500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
