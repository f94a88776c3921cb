/**
 * @file loyalty/files.h
 * @brief The small file system a durable store lives on: a directory of files, by the host or by the library.
 *
 * A store does all its input and output through a `loy_files`: encryption, flash layers and tests plug in
 * here. The library brings two: a directory of the operating system (POSIX and Windows) and a directory in
 * memory.
 *
 * Names are 1 to 63 bytes of a-z, 0-9 and '-', without a path. What an implementation promises:
 * - write_at() may be torn by a crash and may reach the medium in any order until sync() of that file returns
 *   LOY_OK; then its bytes and its size are on the medium. After sync() has failed nothing about unsynced
 *   bytes is known, and the store that saw it refuses everything until it is opened again.
 * - create, rename and remove are durable once sync_directory() has returned LOY_OK. rename() is atomic:
 *   after a crash the name means the old file or the new one.
 * - Statuses: LOY_OK, LOY_ENOTFOUND (no such file), LOY_EFULL (no room; nothing is lost), LOY_ELOCKED,
 *   LOY_ENOMEM, LOY_EREADONLY (opened so, or a medium that is), LOY_EDENIED (the rights of the process do not
 *   suffice), LOY_EINVAL (a name or mode that is none), LOY_EIO (anything else).
 *
 * Threads: a store calls from one thread at a time; two stores never share one `loy_files`.
 */
#ifndef LOYALTY_FILES_H
#define LOYALTY_FILES_H

#include <loyalty/base.h>

LOY_BEGIN_DECLS

/** How open() opens a file. */
enum {
	LOY_OPEN_READ = 1,   /**< For reading; it must exist. */
	LOY_OPEN_WRITE = 2,  /**< For reading and writing; it must exist. */
	LOY_OPEN_CREATE = 3, /**< For reading and writing; made, or emptied when it exists. */
	/**
	 * For reading and writing; made when missing and locked for this handle until close() or the end of
	 * the process; LOY_ELOCKED at once when anybody else, in this process or another, holds it. A file
	 * that is opened so is opened in no other way.
	 */
	LOY_OPEN_LOCK = 4
};

/** Longest name of a file, without terminator. */
#define LOY_FILE_NAME_MAX 63

/**
 * A directory of files. The host fills the struct; all functions are needed. `name` is terminated. The store
 * gives every file back before it renames, replaces or removes it; another process may have it open meanwhile
 * and then goes on with the old content (on Windows the operation may fail instead).
 */
typedef struct loy_files {
	uint32_t struct_size; /**< sizeof(loy_files) in the caller's build. */
	uint32_t reserved;    /**< 0. */
	loy_status (*open)(void *user_data, const char *name, uint32_t mode, void **file);
	/** Give the handle (and its lock) back; never fails: what must be on the medium was synced before. */
	void (*close)(void *user_data, void *file);
	/** Read up to @p size bytes; *got is less only at the end of the file. */
	loy_status (*read_at)(void *user_data, void *file, uint64_t offset, void *buffer, size_t size, size_t *got);
	/** Write all @p size bytes; writing beyond the end lengthens the file, with zeros between. */
	loy_status (*write_at)(void *user_data, void *file, uint64_t offset, const void *buffer, size_t size);
	loy_status (*size)(void *user_data, void *file, uint64_t *size);
	loy_status (*resize)(void *user_data, void *file, uint64_t size); /**< Lengthens with zeros. */
	loy_status (*sync)(void *user_data, void *file);
	loy_status (*rename)(void *user_data, const char *from, const char *to); /**< Replaces @p to. */
	loy_status (*remove)(void *user_data, const char *name);
	loy_status (*sync_directory)(void *user_data);
	/** Call @p each for every file, in any order, until it returns not 0. It must not change the directory. */
	loy_status (*list)(void *user_data, int32_t (*each)(const char *name, void *context), void *context);
	/** Fill @p buffer with bytes nobody can foresee: stores tell their lives apart by them. */
	loy_status (*entropy)(void *user_data, void *buffer, size_t size);
	void *user_data;
} loy_files;

/**
 * A directory of the operating system, made with its last part when missing (unless @p read_only). @p path is
 * UTF-8. Zero @p out and set its struct_size. Release it with loy_files_close() after the store. Files in it
 * whose names are no names of ours are left alone. Not for network file systems: their locks and syncs do not
 * keep the promises above. Not there on targets without files (wasm): LOY_ESTATE.
 * @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND (also for a path whose other parts are missing), LOY_EDENIED,
 * LOY_EREADONLY, LOY_EFULL, LOY_EIO (also for a path that is no directory), LOY_ENOMEM or LOY_ESTATE.
 */
LOY_API loy_status loy_files_open_directory(loy_files *out, const char *path, size_t length, int32_t read_only,
                                            const loy_allocator *memory);
/**
 * A directory in memory: it lives until loy_files_close(), across any number of stores opened on it one after
 * the other. Zero @p out and set its struct_size. @p seed makes its entropy, so that runs can be repeated.
 * @return LOY_OK, LOY_EINVAL or LOY_ENOMEM.
 */
LOY_API loy_status loy_files_open_memory(loy_files *out, uint64_t seed, const loy_allocator *memory);
/** Release what the two functions above made, and zero the struct. NULL and a zeroed struct are allowed. */
LOY_API void loy_files_close(loy_files *files);

LOY_END_DECLS
#endif
