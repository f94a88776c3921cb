#include "support.h"

#include "core/core.h"

static const uint64_t KEY0 = UINT64_C(0x0706050403020100), KEY1 = UINT64_C(0x0f0e0d0c0b0a0908);

static void crc_matches_rfc3720(void **state)
{
	uint8_t bytes[32];
	size_t i;

	(void)state;
	assert_int_equal(loy__crc32c(0, NULL, 0), 0);
	assert_int_equal(loy__crc32c(0, "123456789", 9), 0xE3069283u);
	memset(bytes, 0, sizeof(bytes)); /* RFC 3720, B.4 */
	assert_int_equal(loy__crc32c(0, bytes, 32), 0x8A9136AAu);
	memset(bytes, 0xFF, sizeof(bytes));
	assert_int_equal(loy__crc32c(0, bytes, 32), 0x62A8AB43u);
	for (i = 0; i < 32; i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(loy__crc32c(0, bytes, 32), 0x46DD794Eu);
	assert_int_equal(loy__crc32c(loy__crc32c(0, bytes, 11), bytes + 11, 21), 0x46DD794Eu);
}

/* Whatever the processor offers, from every offset, in every length around what is taken at a time, in pieces. */
static void crc_is_the_same_by_tables_and_by_instruction(void **state)
{
	static const size_t around[] = {0, 8, 1024, 2048, 3072, 6144, 9216};
	uint8_t bytes[9216 + 64];
	size_t i, k;
	uint32_t offset;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(loy__mix64(i) & 0xFF);
	for (i = 0; i < LOY__COUNT(around); i++) {
		for (k = 0; k < 40; k++) {
			size_t size = around[i] + k < 16 ? 0 : around[i] + k - 16;

			for (offset = 0; offset < 9; offset++)
				assert_int_equal(loy__crc32c(offset, bytes + offset, size),
				                 loy__crc32c_tables(offset, bytes + offset, size));
			assert_int_equal(loy__crc32c(loy__crc32c(7, bytes, k), bytes + k, size),
			                 loy__crc32c_tables(7, bytes, size + k));
		}
	}
}

/*
 * Expected values: an independent implementation that gives the SipHash paper's a129ca6149be45e5 and the
 * reference 128-bit vector a3817f04ba25a8e6… with 2-4 rounds, run with 1-3 rounds; the first equals the
 * vector of the Rust library's SipHasher13 tests.
 */
static void siphash_matches_reference(void **state)
{
	static const struct {
		size_t size;
		uint64_t narrow, low, high;
	} expected[] = {
	        {0, UINT64_C(0xabac0158050fc4dc), UINT64_C(0xbea58827b2bc7ee7), UINT64_C(0x13030dd6adb62fd)},
	        {1, UINT64_C(0xc9f49bf37d57ca93), UINT64_C(0xa8edd36004376ffc), UINT64_C(0x63f02f2bcc73055e)},
	        {7, UINT64_C(0xd3927d989bb11140), UINT64_C(0xc3e0aaf223b98410), UINT64_C(0x77ab4808c82e2fa6)},
	        {8, UINT64_C(0x369095118d299a8e), UINT64_C(0xb4dae3d5e1fe12aa), UINT64_C(0x99c7f935ab164f72)},
	        {15, UINT64_C(0xd320d86d2a519956), UINT64_C(0x6c52bdb205557ec1), UINT64_C(0x9017e1eeccd2129)},
	        {63, UINT64_C(0x9d199062b7bbb3a8), UINT64_C(0x6f42fe4ee300584c),
	         UINT64_C(0xad6052a70a6b9f07)},
	};
	uint8_t bytes[63];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (i = 0; i < LOY__COUNT(expected); i++) {
		uint64_t wide[2];

		assert_true(loy__siphash(KEY0, KEY1, bytes, expected[i].size) == expected[i].narrow);
		loy__siphash128(KEY0, KEY1, bytes, expected[i].size, wide);
		assert_true(wide[0] == expected[i].low);
		assert_true(wide[1] == expected[i].high);
	}
}

static void assert_blake2s(const void *data, size_t size, size_t step, const char *hexadecimal)
{
	uint8_t sum[LOY__BLAKE2S_SIZE];
	char text[2 * LOY__BLAKE2S_SIZE + 1];
	loy__blake2s hash;
	size_t at, i;

	loy__blake2s_init(&hash);
	for (at = 0; at < size; at += step)
		loy__blake2s_add(&hash, (const uint8_t *)data + at, size - at < step ? size - at : step);
	loy__blake2s_end(&hash, sum);
	for (i = 0; i < sizeof(sum); i++)
		snprintf(text + 2 * i, 3, "%02x", sum[i]);
	assert_string_equal(text, hexadecimal);
}

/* RFC 7693, appendix B ("abc"); the others are those of Python's hashlib, whichever way the bytes come. */
static void blake2s_matches_rfc7693(void **state)
{
	static const struct {
		size_t size;
		const char *sum;
	} expected[] = {
	        {0, "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"},
	        {1, "e34d74dbaf4ff4c6abd871cc220451d2ea2648846c7757fbaac82fe51ad64bea"},
	        {63, "e57cb79487dd57902432b250733813bd96a84efce59f650fac26e6696aefafc3"},
	        {64, "56f34e8b96557e90c1f24b52d0c89d51086acf1b00f634cf1dde9233b8eaaa3e"},
	        {65, "1b53ee94aaf34e4b159d48de352c7f0661d0a40edff95a0b1639b4090e974472"},
	        {127, "f18417b39d617ab1c18fdf91ebd0fc6d5516bb34cf39364037bce81fa04cecb1"},
	        {128, "1fa877de67259d19863a2a34bcc6962a2b25fcbf5cbecd7ede8f1fa36688a796"},
	        {129, "5bd169e67c82c2c2e98ef7008bdf261f2ddf30b1c00f9e7f275bb3e8a28dc9a2"},
	        {255, "f03f5789d3336b80d002d59fdf918bdb775b00956ed5528e86aa994acb38fe2d"},
	};
	static const size_t steps[] = {1, 7, 64, 1000};
	uint8_t bytes[255];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	assert_blake2s("abc", 3, 3, "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
	for (i = 0; i < LOY__COUNT(expected); i++) {
		for (k = 0; k < LOY__COUNT(steps); k++)
			assert_blake2s(bytes, expected[i].size, steps[k], expected[i].sum);
	}
}

static const uint8_t GENERATED[LOY__BLAKE2S_SIZE] = {
        0x7c, 0x23, 0xdc, 0x21, 0xfe, 0x15, 0x32, 0x29, 0xb4, 0xb6, 0xeb, 0x32, 0x54, 0x99, 0xe6, 0x0f,
        0xbc, 0x1b, 0x48, 0x89, 0x89, 0x38, 0x82, 0xf3, 0x85, 0x2b, 0x5b, 0x06, 0xd2, 0x04, 0x8a, 0x4e,
};

/*
 * RFC 7693, appendix E: the sum of the sums of messages of several lengths made by its generator; here without a key
 * and with 32 bytes only, whose expected value is hashlib's for the same messages.
 */
static void blake2s_matches_generated_messages(void **state)
{
	static const size_t sizes[] = {0, 3, 64, 65, 255, 1024};
	uint8_t bytes[1024], sum[LOY__BLAKE2S_SIZE];
	loy__blake2s all, one;
	size_t i, k;

	(void)state;
	loy__blake2s_init(&all);
	for (i = 0; i < LOY__COUNT(sizes); i++) {
		uint32_t a = 0xDEAD4BADu * (uint32_t)sizes[i], b = 1;

		for (k = 0; k < sizes[i]; k++) {
			uint32_t t = a + b;

			a = b;
			b = t;
			bytes[k] = (uint8_t)(t >> 24);
		}
		loy__blake2s_init(&one);
		loy__blake2s_add(&one, bytes, sizes[i]);
		loy__blake2s_end(&one, sum);
		loy__blake2s_add(&all, sum, sizeof(sum));
	}
	loy__blake2s_end(&all, sum);
	assert_memory_equal(sum, GENERATED, sizeof(sum));
}

/* splitmix64 of state 0 is mix64 of 1 and 2 times its increment (Vigna's reference outputs). */
static void mix_is_the_splitmix_finaliser(void **state)
{
	const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t i;

	(void)state;
	assert_true(loy__mix64(step) == UINT64_C(0xe220a8397b1dcdaf));
	assert_true(loy__mix64(2 * step) == UINT64_C(0x6e789e6aa1b965f4));
	for (i = 0; i < 64; i++) {
		assert_true(loy__unmix64(loy__mix64(UINT64_C(1) << i)) == UINT64_C(1) << i);
		assert_true(loy__unmix64(loy__mix64(i * step)) == i * step);
	}
}

static void codes_and_identities_are_pinned(void **state)
{
	uint32_t code = 5;
	uint64_t high = 1, low = 2;

	(void)state;
	assert_int_equal(loy_code_from_text("coffee", 6, &code), LOY_OK);
	assert_int_equal(code, 0x57224ef2u);
	assert_int_equal(loy_code_from_text(NULL, 0, &code), LOY_OK);
	assert_int_equal(code, 0x150c532cu);
	assert_int_equal(loy_code_from_text("\xC3", 1, &code), LOY_EUTF8);
	assert_int_equal(loy_code_from_text(NULL, 1, &code), LOY_EINVAL);
	assert_int_equal(loy_code_from_text("a", 1, NULL), LOY_EINVAL);
	assert_int_equal(code, 0x150c532cu);
	assert_int_equal(loy_identity_from_key("receipt 4711", 12, &high, &low), LOY_OK);
	assert_true(low == UINT64_C(0xed00f3cb3c223c22));
	assert_true(high == UINT64_C(0xace0916c9479cb13));
	assert_int_equal(loy_identity_from_key(NULL, 3, &high, &low), LOY_EINVAL);
	assert_int_equal(loy_identity_from_key("a", 1, NULL, &low), LOY_EINVAL);
	assert_int_equal(loy_identity_from_key("a", 1, &high, NULL), LOY_EINVAL);
	assert_true(low == UINT64_C(0xed00f3cb3c223c22));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(crc_matches_rfc3720),
	        cmocka_unit_test(crc_is_the_same_by_tables_and_by_instruction),
	        cmocka_unit_test(siphash_matches_reference),
	        cmocka_unit_test(blake2s_matches_rfc7693),
	        cmocka_unit_test(blake2s_matches_generated_messages),
	        cmocka_unit_test(mix_is_the_splitmix_finaliser),
	        cmocka_unit_test(codes_and_identities_are_pinned),
	};

	return cmocka_run_group_tests_name("core/hash", tests, NULL, NULL);
}
