/*
 * Work in parts, on threads where there are any. A door of its own, because only what works on many
 * customers at once needs it.
 */
#ifndef LOY_CORE_PARALLEL_H
#define LOY_CORE_PARALLEL_H

#include "core/core.h"

#if !defined(LOY_NO_THREADS) && defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__)
#define LOY_NO_THREADS
#endif

/* More threads than this are refused: it is a mistake, not a machine. */
#define LOY__THREADS_MAX 1024u

/*
 * Call work(part, parts, user) once for each part 0 … parts − 1, parts being max(threads, 1); part 0 runs on
 * the calling thread. A part whose thread cannot be started runs on another part's thread after it, so
 * parts must not wait for each other, and the result is the same. Returns when all parts are done: LOY_OK,
 * LOY_EINVAL (no work) or LOY_ELIMIT (more than LOY__THREADS_MAX threads), the last two before any work.
 * Built with LOY_NO_THREADS, or for a target without threads, all parts run in order on the caller's thread.
 */
loy_status loy__parallel(uint32_t threads, void (*work)(uint32_t part, uint32_t parts, void *user),
                         void *user);

/*
 * Call body(crew, user) on the calling thread while up to `threads` threads, the caller's included, stay for as many
 * pieces of work as it has: one that is started may wait for a processor as long as such a piece takes, one that is
 * woken does not. Returns what loy__parallel() does, when the body has. (crew.c)
 */
typedef struct loy__crew loy__crew;
loy_status loy__crew_call(uint32_t threads, void (*body)(loy__crew *crew, void *user), void *user);
/*
 * Call work(part, parts, user) once for each part, and return when all are done. Part 0 is done on the calling thread,
 * the others by whoever is free: they must not wait for each other.
 */
void loy__crew_work(loy__crew *crew, uint32_t parts, void (*work)(uint32_t part, uint32_t parts, void *user),
                    void *user);

#endif
