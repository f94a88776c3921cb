/* Pseudonyms: what is put in the place of numbers and keys of customers before anything else sees them. */
#include "store/store.h"

static void write_hex(uint8_t *out, uint64_t word)
{
	static const char digits[] = "0123456789abcdef";
	unsigned i;

	for (i = 0; i < 16; i++)
		out[i] = (uint8_t)digits[word >> (60 - 4 * i) & 15];
}

uint64_t loy__pseudonym_number(const uint64_t key[2], uint64_t number)
{
	uint8_t bytes[8];
	uint64_t hash;
	loy__writer w;

	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, number);
	hash = loy__siphash(key[0], key[1], bytes, sizeof(bytes));
	return hash + (hash == 0); /* 0 is no number */
}

void loy__pseudonym_key(const uint64_t key[2], const void *text, size_t length,
                        uint8_t out[LOY__PSEUDONYM_SIZE])
{
	uint64_t hash[2];

	loy__siphash128(key[0], key[1], text, length, hash);
	write_hex(out, hash[1]);
	write_hex(out + 16, hash[0]);
}

uint64_t loy__pseudonym_check(const uint64_t key[2])
{
	static const char text[] = "loyalty pseudonyms";
	uint64_t hash = loy__siphash(key[1], key[0], text, sizeof(text) - 1);

	return hash + (hash == 0); /* 0 is no check */
}

void loy__pseudonym_event(const uint64_t key[2], loy_event *event)
{
	uint8_t text[LOY__PSEUDONYM_SIZE];
	uint32_t i;

	if (event->key_length == 0) {
		event->customer = event->customer != 0 ? loy__pseudonym_number(key, event->customer) : 0;
		return;
	}
	loy__pseudonym_key(key, event->key, event->key_length, text);
	for (i = 0; i < LOY__PSEUDONYM_SIZE; i++)
		event->key[i] = (char)text[i];
	event->key[i] = '\0';
	event->key_length = LOY__PSEUDONYM_SIZE;
}
