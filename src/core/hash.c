/* SipHash-1-3 for identities and hostile keys. */
#include "core/core.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, unsigned by)
{
	return (x << by) | (x >> (64 - by));
}

static LOY__ALWAYS_INLINE void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static uint64_t load_word(const uint8_t *b, size_t count)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < count; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

/* Everything before finalisation: one round a word (the 1 of 1-3), the length in the last word's top byte. */
static LOY__ALWAYS_INLINE void sip_absorb(struct sip *s, uint64_t k0, uint64_t k1, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	size_t left = size;
	uint64_t word;

	s->v0 = k0 ^ UINT64_C(0x736f6d6570736575);
	s->v1 ^= k1 ^ UINT64_C(0x646f72616e646f6d);
	s->v2 = k0 ^ UINT64_C(0x6c7967656e657261);
	s->v3 = k1 ^ UINT64_C(0x7465646279746573);
	for (; left >= 8; left -= 8, bytes += 8) {
		word = loy__get_u64(bytes);
		s->v3 ^= word;
		sip_round(s);
		s->v0 ^= word;
	}
	word = (uint64_t)(size & 0xFFu) << 56;
	if (left != 0)
		word |= load_word(bytes, left);
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

static LOY__ALWAYS_INLINE uint64_t sip_finish(struct sip *s)
{
	sip_round(s);
	sip_round(s);
	sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t loy__siphash(uint64_t k0, uint64_t k1, const void *data, size_t size)
{
	struct sip s = {0};

	sip_absorb(&s, k0, k1, data, size);
	s.v2 ^= 0xFFu;
	return sip_finish(&s);
}

void loy__siphash128(uint64_t k0, uint64_t k1, const void *data, size_t size, uint64_t out[2])
{
	struct sip s = {0, 0xEEu, 0, 0}; /* sip_absorb mixes the key into v1, so the variant's mark stays */

	sip_absorb(&s, k0, k1, data, size);
	s.v2 ^= 0xEEu;
	out[0] = sip_finish(&s);
	s.v1 ^= 0xDDu;
	out[1] = sip_finish(&s);
}

loy_status loy_code_from_text(const char *text, size_t length, uint32_t *code)
{
	uint32_t found;

	if (code == NULL || (text == NULL && length != 0))
		return LOY_EINVAL;
	if (!loy__utf8_valid(text, length))
		return LOY_EUTF8;
	found = (uint32_t)(loy__siphash(0, 0, text, length) & UINT32_C(0xFFFFFFFF));
	*code = found != 0 ? found : 1;
	return LOY_OK;
}

loy_status loy_identity_from_key(const void *key, size_t length, uint64_t *high, uint64_t *low)
{
	uint64_t words[2];

	if (high == NULL || low == NULL || (key == NULL && length != 0))
		return LOY_EINVAL;
	loy__siphash128(0, 0, key, length, words);
	*low = words[0];
	*high = words[1];
	return LOY_OK;
}
