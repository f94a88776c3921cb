/* What all kinds of files have in common. */
#include "store/files.h"

#include <string.h>

/* Fields are only ever appended: version 1 ends here. */
#define FILES_SIZE_FIRST (offsetof(loy_files, user_data) + sizeof(void *))

loy_status loy__files_adopt(loy_files *out, const loy_files *from)
{
	loy_status status;

	if (from == NULL)
		return LOY_EINVAL;
	status = loy__options_read(out, sizeof(*out), from);
	if (status != LOY_OK)
		return status;
	if (out->struct_size < FILES_SIZE_FIRST || out->reserved != 0)
		return LOY_EINVAL;
	if (out->open == NULL || out->close == NULL || out->read_at == NULL || out->write_at == NULL ||
	    out->size == NULL || out->resize == NULL || out->sync == NULL)
		return LOY_EINVAL;
	if (out->rename == NULL || out->remove == NULL || out->sync_directory == NULL || out->list == NULL ||
	    out->entropy == NULL)
		return LOY_EINVAL;
	return LOY_OK;
}

loy_status loy__files_status(loy_status status)
{
	switch (status) {
	case LOY_OK:
	case LOY_ENOMEM:
	case LOY_ENOTFOUND:
	case LOY_EFULL:
	case LOY_ELOCKED:
	case LOY_EREADONLY:
	case LOY_EDENIED:
		return status;
	default:
		return LOY_EIO;
	}
}

void loy__files_reason(loy_error *error, loy_status status)
{
	const char *reason = loy_status_text(status);
	size_t at, length = strlen(reason);

	if (error == NULL || error->struct_size < sizeof(*error) || status == LOY_EIO ||
	    loy__files_status(status) != status)
		return;
	at = strlen(error->message);
	if (at + 2 + length >= sizeof(error->message))
		return;
	memcpy(error->message + at, ": ", 2);
	memcpy(error->message + at + 2, reason, length + 1);
}

loy_status loy__files_read(const loy_files *files, void *file, uint64_t offset, void *buffer, size_t size)
{
	size_t got = 0;
	loy_status status = files->read_at(files->user_data, file, offset, buffer, size, &got);

	if (status != LOY_OK)
		return loy__files_status(status);
	if (got > size)
		return LOY_EIO;
	return got == size ? LOY_OK : LOY_EDAMAGED;
}

int loy__file_name_valid(const char *name)
{
	size_t length;

	if (name == NULL)
		return 0;
	for (length = 0; name[length] != '\0'; length++) {
		char c = name[length];

		if (length == LOY_FILE_NAME_MAX ||
		    !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return 0;
	}
	return length > 0;
}

loy_status loy__files_room(const loy_files *out)
{
	loy_files kept;

	if (out == NULL || out->struct_size < FILES_SIZE_FIRST)
		return LOY_EINVAL;
	return loy__options_read(&kept, sizeof(kept), out); /* refuses sizes that cannot be */
}

void loy__files_give(loy_files *out, const loy_files *own)
{
	(void)loy__result_write(out, own, sizeof(*own)); /* loy__files_room() has looked at the size */
}

void loy_files_close(loy_files *files)
{
	loy__files_own *own = files != NULL ? files->user_data : NULL;

	if (own == NULL)
		return;
	own->release(own);
	memset(files, 0, FILES_SIZE_FIRST);
}

#if !defined(LOY__FILES_POSIX) && !defined(LOY__FILES_WINDOWS)
loy_status loy_files_open_directory(loy_files *out, const char *path, size_t length, int32_t read_only,
                                    const loy_allocator *memory)
{
	(void)length;
	(void)read_only;
	(void)memory;
	return loy__files_room(out) != LOY_OK || path == NULL ? LOY_EINVAL : LOY_ESTATE;
}
#endif
