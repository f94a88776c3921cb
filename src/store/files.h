/*
 * Files: what the three kinds the library brings have in common, and how the store uses those of a host.
 *
 * files.c           this
 * files_memory.c    a directory in memory
 * files_posix.c     a directory of a POSIX system
 * files_windows.c   a directory of Windows
 */
#ifndef LOY_STORE_FILES_H
#define LOY_STORE_FILES_H

#include <loyalty/files.h>
#include "core/core.h"

/* Copy a host's struct. LOY_EINVAL for NULL, one too short to hold all functions, and a missing function. */
loy_status loy__files_adopt(loy_files *out, const loy_files *from);
/*
 * A status that a host's function may return, or LOY_EIO in place of any other: nobody may take a host's
 * LOY_EDUPLICATE for ours.
 */
loy_status loy__files_status(loy_status status);
/* Add what a status of files means to the message of a failure, unless it is LOY_EIO, which means nothing more. */
void loy__files_reason(loy_error *error, loy_status status);
/* Read exactly `size` bytes; LOY_EDAMAGED when the file ends before. */
loy_status loy__files_read(const loy_files *files, void *file, uint64_t offset, void *buffer, size_t size);
/* 1 for 1 to LOY_FILE_NAME_MAX bytes of a-z, 0-9 and '-'. */
int loy__file_name_valid(const char *name);

/* Which directory of the operating system is compiled. wasm has calls that look like POSIX, but no medium. */
#if defined(_WIN32)
#define LOY__FILES_WINDOWS 1
#elif (defined(__unix__) || defined(__unix) || defined(__APPLE__) || defined(__HAIKU__)) &&                  \
        !defined(__EMSCRIPTEN__) && !defined(__wasm__)
#define LOY__FILES_POSIX 1
#endif

/* Names of a store's files (segment.c). */
typedef struct loy__journal_name {
	char text[24];
} loy__journal_name;
void loy__segment_name(uint64_t number, loy__journal_name *out);
void loy__snapshot_name(uint64_t number, loy__journal_name *out);
/* With the file's name and the reason in the message and a byte of the file (-1: none). */
loy_status loy__fail_file(loy_error *error, loy_status status, const char *message, const char *name,
                          int64_t byte);

/* What the user_data of the library's own kinds begins with. */
typedef struct loy__files_own {
	void (*release)(struct loy__files_own *self);
} loy__files_own;

/* Give a struct of our own to the caller; LOY_EINVAL (before anything is made) when it has no room for it. */
loy_status loy__files_room(const loy_files *out);
void loy__files_give(loy_files *out, const loy_files *own);

#endif
