/*
 * Work in parts, on threads where there are any. A door of its own, because only what works on many
 * customers at once needs it.
 */
#ifndef LOY_CORE_PARALLEL_H
#define LOY_CORE_PARALLEL_H

#include "core/core.h"

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

#endif
