/*
 * The noncentral chi-square distribution: values computed with 110 digits as mixtures of central ones, its
 * derivative, its inverse by noncentrality, and what it refuses.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	double x, degrees, shift, lower, upper;
} table[] = {
        {1.0, 1, 0.5, 0.57129701038674585, 0.42870298961325409},
        {3.5, 2, 1.0, 0.68021139550460252, 0.31978860449539753},
        {10.0, 5, 4.25, 0.62177953426641208, 0.37822046573358792},
        {24.0, 24, 60.0, 1.2428676334228308e-06, 0.99999875713236652},
        {85.305, 24, 18.06, 0.99933869118537932, 0.00066130881462064827},
        {85.305, 24, 36.8466, 0.94999788549151065, 0.0500021145084893},
        {575.5, 241, 150.0, 0.99999969059955562, 3.0940044442724318e-07},
        {575.5, 241, 260.0, 0.96817468084447822, 0.031825319155521767},
        {0.125, 3, 40.0, 3.7185766021065442e-11, 0.99999999996281419},
};

static void values_are_right_in_both_tails(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(table); i++) {
		double lower = 0.0, upper = 0.0;

		assert_int_equal(loy__noncentral_chi_square(table[i].x, table[i].degrees, table[i].shift,
		                                            &lower, &upper, NULL),
		                 LOY_OK);
		/* what the file states */
		assert_close(lower, table[i].lower, 1e-11, 0.0);
		assert_close(upper, table[i].upper, 1e-11, 0.0);
	}
}

static void far_tails_keep_their_size(void **state)
{
	double upper = 0.0;

	(void)state;
	assert_int_equal(loy__noncentral_chi_square(2936.5, 687, 1500, NULL, &upper, NULL), LOY_OK);
	assert_close(upper, 4.7947934340829038e-16, 1e-9, 0.0);
	/* the mixture is cut 12 deviations from its mode, where most of this tail does not lie yet */
	assert_int_equal(loy__noncentral_chi_square(4165.5, 265, 1614, NULL, &upper, NULL), LOY_OK);
	assert_true(upper > 0.0 && upper < 1e-100);
}

static void without_noncentrality_it_is_the_central_one(void **state)
{
	double x, lower, upper, central_lower, central_upper;

	(void)state;
	for (x = 0.5; x < 60.0; x += 3.7) {
		assert_int_equal(loy__noncentral_chi_square(x, 7.5, 0.0, &lower, &upper, NULL), LOY_OK);
		assert_int_equal(loy__chi_square(x, 7.5, &central_lower, &central_upper), LOY_OK);
		assert_close(lower, central_lower, 1e-14, 0.0);
		assert_close(upper, central_upper, 1e-14, 0.0);
	}
	assert_int_equal(loy__noncentral_chi_square(0.0, 3.0, 5.0, &lower, &upper, NULL), LOY_OK);
	assert_bits_equal(lower, 0.0);
	assert_bits_equal(upper, 1.0);
}

static void the_slope_is_the_derivative(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(table); i++) {
		double step = 1e-4 * table[i].shift, low, high, slope;

		assert_int_equal(loy__noncentral_chi_square(table[i].x, table[i].degrees,
		                                            table[i].shift - step, &low, NULL, NULL),
		                 LOY_OK);
		assert_int_equal(loy__noncentral_chi_square(table[i].x, table[i].degrees,
		                                            table[i].shift + step, &high, NULL, NULL),
		                 LOY_OK);
		assert_int_equal(loy__noncentral_chi_square(table[i].x, table[i].degrees, table[i].shift,
		                                            NULL, NULL, &slope),
		                 LOY_OK);
		/* central differences: the third derivative times step² / 6, and rounding of values near 1 */
		assert_close((high - low) / (2 * step), slope, 1e-5, 1e-12 / step);
	}
}

static void the_noncentrality_is_found(void **state)
{
	static const double probabilities[] = {0.95, 0.5, 0.05, 0.001};
	double shift, lower, x;
	size_t i;

	(void)state;
	for (x = 3.0; x < 1e5; x *= 3.1) {
		for (i = 0; i < COUNT(probabilities); i++) {
			assert_int_equal(loy__noncentral_chi_square_shift(x, 12.0, probabilities[i], &shift),
			                 LOY_OK);
			assert_int_equal(loy__noncentral_chi_square(x, 12.0, shift, &lower, NULL, NULL),
			                 LOY_OK);
			if (shift >
			    0.0) /* the inverse steps until P no longer tells: 1e-14 of the noncentrality */
				assert_close(lower, probabilities[i], 1e-10, 0.0);
			else
				assert_true(lower <= probabilities[i]);
		}
	}
	/* P of 5 with 12 degrees is 0.04 even without noncentrality */
	assert_int_equal(loy__noncentral_chi_square_shift(5.0, 12.0, 0.95, &shift), LOY_OK);
	assert_bits_equal(shift, 0.0);
}

static void arguments_outside_are_refused(void **state)
{
	static const double bad[][3] = {
	        {-1.0, 3.0, 1.0}, {1.0, 0.0, 1.0}, {1.0, 3.0, -1.0}, {1.0, 3.0, 1e9}, {1.0, 1e9, 1.0}};
	double out = 7.0;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		assert_int_equal(
		        loy__noncentral_chi_square(bad[i][0], bad[i][1], bad[i][2], &out, &out, &out),
		        LOY_ERANGE);
	}
	/* Half of the least number is 0, which is no number of degrees. */
	assert_int_equal(loy__noncentral_chi_square(1.0, 0x1p-1074, 0.0, &out, &out, &out), LOY_ERANGE);
	assert_int_equal(loy__noncentral_chi_square(1.0, 0x1p-1074, 1.0, &out, &out, &out), LOY_ERANGE);
	assert_int_equal(loy__noncentral_chi_square_shift(1.0, 0x1p-1074, 0.5, &out), LOY_ERANGE);
	assert_int_equal(loy__noncentral_chi_square((double)NAN, 3.0, 1.0, &out, NULL, NULL), LOY_ERANGE);
	assert_int_equal(loy__noncentral_chi_square((double)INFINITY, 3.0, 1.0, &out, NULL, NULL),
	                 LOY_ERANGE);
	assert_int_equal(loy__noncentral_chi_square_shift(5.0, 3.0, 0.0, &out), LOY_ERANGE);
	assert_int_equal(loy__noncentral_chi_square_shift(5.0, 3.0, 1.0, &out), LOY_ERANGE);
	assert_int_equal(loy__noncentral_chi_square_shift(-5.0, 3.0, 0.5, &out), LOY_ERANGE);
	assert_bits_equal(out, 7.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values_are_right_in_both_tails),
	        cmocka_unit_test(far_tails_keep_their_size),
	        cmocka_unit_test(without_noncentrality_it_is_the_central_one),
	        cmocka_unit_test(the_slope_is_the_derivative),
	        cmocka_unit_test(the_noncentrality_is_found),
	        cmocka_unit_test(arguments_outside_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
