/*
 * BLAKE2s-256 (Aumasson, Neves, Wilcox-O'Hearn & Winnerlein 2013; RFC 7693), without a key: for links that
 * nobody can make match another content.
 */
#include "core/core.h"

#include <string.h>

static const uint32_t start[8] = {
        0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
        0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
};

static const uint8_t order[10][16] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
        {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
        {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
        {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
        {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
        {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
        {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
        {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
        {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static inline uint32_t turn(uint32_t x, unsigned by)
{
	return x >> by | x << (32 - by);
}

#define MIX(a, b, c, d, x, y)                                                                                \
	do {                                                                                                 \
		v[a] += v[b] + (x);                                                                          \
		v[d] = turn(v[d] ^ v[a], 16);                                                                \
		v[c] += v[d];                                                                                \
		v[b] = turn(v[b] ^ v[c], 12);                                                                \
		v[a] += v[b] + (y);                                                                          \
		v[d] = turn(v[d] ^ v[a], 8);                                                                 \
		v[c] += v[d];                                                                                \
		v[b] = turn(v[b] ^ v[c], 7);                                                                 \
	} while (0)

/* Take in one block; `counted` bytes of the message lie before its end. */
static void compress(loy__blake2s *hash, const uint8_t *block, uint64_t counted, int last)
{
	uint32_t v[16], m[16];
	size_t i;

	for (i = 0; i < 16; i++) {
		m[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
		       (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
	}
	for (i = 0; i < 8; i++) {
		v[i] = hash->state[i];
		v[i + 8] = start[i];
	}
	v[12] ^= (uint32_t)counted;
	v[13] ^= (uint32_t)(counted >> 32);
	if (last)
		v[14] = ~v[14];
	for (i = 0; i < 10; i++) {
		const uint8_t *s = order[i];

		MIX(0, 4, 8, 12, m[s[0]], m[s[1]]);
		MIX(1, 5, 9, 13, m[s[2]], m[s[3]]);
		MIX(2, 6, 10, 14, m[s[4]], m[s[5]]);
		MIX(3, 7, 11, 15, m[s[6]], m[s[7]]);
		MIX(0, 5, 10, 15, m[s[8]], m[s[9]]);
		MIX(1, 6, 11, 12, m[s[10]], m[s[11]]);
		MIX(2, 7, 8, 13, m[s[12]], m[s[13]]);
		MIX(3, 4, 9, 14, m[s[14]], m[s[15]]);
	}
	for (i = 0; i < 8; i++)
		hash->state[i] ^= v[i] ^ v[i + 8];
}

void loy__blake2s_init(loy__blake2s *hash)
{
	memcpy(hash->state, start, sizeof(start));
	hash->state[0] ^= 0x01010000u ^ LOY__BLAKE2S_SIZE; /* no key, one leaf, 32 bytes of output */
	hash->counted = 0;
	hash->held = 0;
}

void loy__blake2s_add(loy__blake2s *hash, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	while (size > 0) {
		size_t part = sizeof(hash->block) - hash->held;

		if (part == 0) { /* only now: the last block of a message is marked, so a full one waits */
			hash->counted += sizeof(hash->block);
			compress(hash, hash->block, hash->counted, 0);
			hash->held = 0;
			part = sizeof(hash->block);
		}
		if (part > size)
			part = size;
		memcpy(hash->block + hash->held, bytes, part);
		hash->held += (uint32_t)part;
		bytes += part;
		size -= part;
	}
}

void loy__blake2s_end(loy__blake2s *hash, uint8_t out[LOY__BLAKE2S_SIZE])
{
	int i;

	memset(hash->block + hash->held, 0, sizeof(hash->block) - hash->held);
	compress(hash, hash->block, hash->counted + hash->held, 1);
	for (i = 0; i < 32; i++)
		out[i] = (uint8_t)(hash->state[i / 4] >> 8 * (i % 4));
}
