/*
 * A directory as one string of bytes, for golden files and fuzzing. For each file: length of its name (u8), name, size
 * (u32), how many bytes follow (u32, little-endian), bytes; the rest of the file is zeros.
 */
#ifndef LOY_TESTS_FILES_IMAGE_H
#define LOY_TESTS_FILES_IMAGE_H

#include <loyalty/files.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_FILE_MAX (1u << 20)

static inline uint32_t image_u32(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Make the files of an image; 0 when it is not one, or a file cannot be made. What was made stays. */
static inline int image_unpack(const loy_files *files, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		char name[LOY_FILE_NAME_MAX + 1];
		uint32_t length = bytes[0], whole, stored;
		loy_status status;
		void *file;

		if (length == 0 || length > LOY_FILE_NAME_MAX || size < 1 + length + 8)
			return 0;
		memcpy(name, bytes + 1, length);
		name[length] = '\0';
		whole = image_u32(bytes + 1 + length);
		stored = image_u32(bytes + 1 + length + 4);
		bytes += 1 + length + 8;
		size -= 1 + length + 8;
		if (stored > size || stored > whole || whole > IMAGE_FILE_MAX ||
		    files->open(files->user_data, name, LOY_OPEN_CREATE, &file) != LOY_OK)
			return 0;
		status = files->resize(files->user_data, file, whole);
		if (status == LOY_OK && stored != 0)
			status = files->write_at(files->user_data, file, 0, bytes, stored);
		files->close(files->user_data, file);
		if (status != LOY_OK)
			return 0;
		bytes += stored;
		size -= stored;
	}
	return 1;
}

/* Add a file to an image of *size bytes, for which there is room. Returns 0 when it cannot be read. */
static inline int image_pack(const loy_files *files, const char *name, uint8_t *image, size_t *size)
{
	uint8_t *at = image + *size;
	size_t length = strlen(name), got = 0, i;
	uint64_t whole;
	void *file;

	if (files->open(files->user_data, name, LOY_OPEN_READ, &file) != LOY_OK)
		return 0;
	at[0] = (uint8_t)length;
	memcpy(at + 1, name, length);
	at += 1 + length;
	if (files->size(files->user_data, file, &whole) != LOY_OK || whole > IMAGE_FILE_MAX ||
	    files->read_at(files->user_data, file, 0, at + 8, (size_t)whole, &got) != LOY_OK)
		got = 0;
	files->close(files->user_data, file);
	while (got > 0 && at[8 + got - 1] == 0)
		got--;
	for (i = 0; i < 4; i++) {
		at[i] = (uint8_t)(whole >> 8 * i);
		at[4 + i] = (uint8_t)(got >> 8 * i);
	}
	*size += 1 + length + 8 + got;
	return 1;
}

#endif
