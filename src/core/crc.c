/*
 * CRC-32C against damage: the reflected CRC of the Castagnoli polynomial (Castagnoli, Brauer & Herrmann 1993;
 * RFC 3720). Everywhere by tables; on x86-64 by its instruction where the processor at hand has it, on ARM where
 * every processor of the target has. All give the same sums.
 */
#include "core/core.h"
#include "core/crc_table.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define BY_X86 1
#elif defined(__ARM_FEATURE_CRC32) && defined(__ARM_64BIT_STATE) && !defined(__ARM_BIG_ENDIAN)
#include <arm_acle.h>
#define BY_ARM 1
#endif

/* Eight bytes at a time (Kounavis & Berry 2008), which is several times as fast as one. */
uint32_t loy__crc32c_tables(uint32_t seed, const void *data, size_t size)
{
	const uint8_t *b = data;
	uint32_t crc = ~seed;

	for (; size >= 8; size -= 8, b += 8) {
		crc ^= (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
		crc = crc_table[7][crc & 0xFFu] ^ crc_table[6][crc >> 8 & 0xFFu] ^
		      crc_table[5][crc >> 16 & 0xFFu] ^ crc_table[4][crc >> 24] ^ crc_table[3][b[4]] ^
		      crc_table[2][b[5]] ^ crc_table[1][b[6]] ^ crc_table[0][b[7]];
	}
	for (; size > 0; size--, b++)
		crc = crc_table[0][(crc ^ *b) & 0xFFu] ^ (crc >> 8);
	return ~crc;
}

#if defined(BY_X86)

static inline uint64_t load(const uint8_t *b)
{
	uint64_t word;

	memcpy(&word, b, sizeof(word));
	return word;
}

static inline uint32_t load_half(const uint8_t *b)
{
	uint32_t word;

	memcpy(&word, b, sizeof(word));
	return word;
}

/*
 * The instruction takes three cycles, but one can be begun in each: three lanes are summed side by side and then put
 * one behind the other, by carry-less multiplications with powers of x (Gopal et al. 2011).
 */
__attribute__((target("sse4.2,pclmul"))) static uint32_t by_instruction(uint32_t seed, const uint8_t *b,
                                                                        size_t size)
{
	const __m128i shifts = _mm_set_epi64x((int64_t)CRC_SHIFT_LANES, (int64_t)CRC_SHIFT_LANE);
	uint64_t crc = (uint32_t)~seed;

	for (; size >= (size_t)3 * CRC_LANE; size -= (size_t)3 * CRC_LANE, b += (size_t)3 * CRC_LANE) {
		uint64_t second = 0, third = 0;
		__m128i joined;
		size_t i;

		for (i = 0; i < CRC_LANE; i += 8) {
			crc = _mm_crc32_u64(crc, load(b + i));
			second = _mm_crc32_u64(second, load(b + CRC_LANE + i));
			third = _mm_crc32_u64(third, load(b + (size_t)2 * CRC_LANE + i));
		}
		joined =
		        _mm_xor_si128(_mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)crc), shifts, 0x10),
		                      _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)second), shifts, 0x00));
		crc = _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(joined)) ^ third;
	}
	for (; size >= 8; size -= 8, b += 8)
		crc = _mm_crc32_u64(crc, load(b));
	if (size >= 4) { /* as at the end of every frame */
		crc = _mm_crc32_u32((uint32_t)crc, load_half(b));
		size -= 4;
		b += 4;
	}
	for (; size > 0; size--, b++)
		crc = _mm_crc32_u8((uint32_t)crc, *b);
	return ~(uint32_t)crc;
}

uint32_t loy__crc32c(uint32_t seed, const void *data, size_t size)
{
	if (LOY__LIKELY(__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")))
		return by_instruction(seed, data, size);
	return loy__crc32c_tables(seed, data, size);
}

#elif defined(BY_ARM)

uint32_t loy__crc32c(uint32_t seed, const void *data, size_t size)
{
	const uint8_t *b = data;
	uint32_t crc = ~seed;
	uint64_t word;

	for (; size >= 8; size -= 8, b += 8) {
		memcpy(&word, b, sizeof(word));
		crc = __crc32cd(crc, word);
	}
	for (; size > 0; size--, b++)
		crc = __crc32cb(crc, *b);
	return ~crc;
}

#else

uint32_t loy__crc32c(uint32_t seed, const void *data, size_t size)
{
	return loy__crc32c_tables(seed, data, size);
}

#endif
