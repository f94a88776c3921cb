/* Changing the directory of a record: inserting, widening and dropping entries, and how long lists may be. */
#include "profile/record_walk.h"

#include <string.h>

unsigned loy__list_shift(uint64_t entry)
{
	uint32_t class = loy__entry_class(entry);

	return class == LOY__CLASS_TAG || class == LOY__CLASS_STATE ? 32 + LOY__SHIFT_TAG : 56;
}

size_t loy__list_limit(uint64_t entry)
{
	switch (loy__entry_class(entry)) {
	case LOY__CLASS_KIND:
		return LOY__KINDS_KEPT;
	case LOY__CLASS_MONEY:
	case LOY__CLASS_ANSWER:
	case LOY__CLASS_TAG:
	case LOY__CLASS_CATEGORY:
	case LOY__CLASS_STATE:
		return LOY_PROFILE_KEYS_MAX;
	default: /* the keys of the others are few by their nature */
		return SIZE_MAX;
	}
}

/* End of the list that `entry` belongs to and in which it would go to `index`, and in *count how many it has. */
static size_t list_end(const uint64_t *words, size_t entries, size_t index, uint64_t entry, size_t *count)
{
	unsigned shift = loy__list_shift(entry);
	size_t from = index, end = index;

	while (from > 0 && (words[from - 1] ^ entry) >> shift == 0)
		from--;
	while (end < entries && (words[end] ^ entry) >> shift == 0)
		end++;
	*count = end - from;
	return end;
}

int loy__walk_admits(const uint64_t *words, size_t entries, size_t index, uint64_t entry)
{
	size_t limit = loy__list_limit(entry), count, end;

	if (limit == SIZE_MAX)
		return 1;
	end = list_end(words, entries, index, entry, &count);
	return count < limit || index < end;
}

static void move_words(loy__walk *walk, size_t to, size_t from, size_t count)
{
	memmove(walk->words + to, walk->words + from, count * sizeof(uint64_t));
}

/* Take the entry at `index` out; the walk stands at or before it. */
static void remove_entry(loy__walk *walk, size_t index)
{
	size_t data = walk->entries + walk->offset, used = walk->record->used, words, i;

	for (i = walk->index; i < index; i++)
		data += loy__entry_words(walk->words[i]);
	words = loy__entry_words(walk->words[index]);
	move_words(walk, index, index + 1, data - index - 1);
	move_words(walk, data - 1, data + words, used - data - words);
	walk->entries--;
	walk->record->entries--;
	walk->record->used = (uint16_t)(used - 1 - words);
}

int loy__walk_insert(loy__walk *walk, uint64_t entry)
{
	size_t limit = loy__list_limit(entry), count, end, data, used, words = loy__entry_words(entry);

	if (limit != SIZE_MAX) {
		end = list_end(walk->words, walk->entries, walk->index, entry, &count);
		if (count >= limit) {
			walk->record->dropped = 1;
			if (walk->index == end)
				return 0;
			remove_entry(walk, end - 1);
		}
	}
	data = walk->entries + walk->offset;
	used = walk->record->used;
	move_words(walk, data + 1 + words, data, used - data);
	move_words(walk, walk->index + 1, walk->index, data - walk->index);
	walk->words[walk->index] = entry;
	walk->entries++;
	walk->record->entries++;
	walk->record->used = (uint16_t)(used + 1 + words);
	return 1;
}

void loy__walk_widen(loy__walk *walk, unsigned words)
{
	uint64_t *entry = &walk->words[walk->index];
	size_t have = loy__entry_words(*entry), more = words - have;
	size_t end = walk->entries + walk->offset + have, used = walk->record->used;

	move_words(walk, end + more, end, used - end);
	walk->record->used = (uint16_t)(used + more);
	*entry += more;
}
