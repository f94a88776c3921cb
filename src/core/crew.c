/* Threads that stay for many pieces of work: POSIX, Windows, or none. */
#include "core/parallel.h"

/* One part after the other on the calling thread. */
static void work_alone(uint32_t parts, void (*work)(uint32_t part, uint32_t parts, void *user), void *user)
{
	uint32_t part;

	for (part = 0; part < parts; part++)
		work(part, parts, user);
}

#if defined(LOY_NO_THREADS)
struct loy__crew {
	int nobody;
};

void loy__crew_work(loy__crew *crew, uint32_t parts, void (*work)(uint32_t part, uint32_t parts, void *user),
                    void *user)
{
	(void)crew;
	work_alone(parts, work, user);
}

loy_status loy__crew_call(uint32_t threads, void (*body)(loy__crew *crew, void *user), void *user)
{
	loy__crew crew = {0};

	if (body == NULL)
		return LOY_EINVAL;
	if (threads > LOY__THREADS_MAX)
		return LOY_ELIMIT;
	body(&crew, user);
	return LOY_OK;
}
#else

/* What one may hold at a time, and what wakes those who wait. */
#if defined(_WIN32)
#if !defined(WIN32_LEAN_AND_MEAN)
#define WIN32_LEAN_AND_MEAN 1 /* as in parallel.c */
#endif
#include <windows.h>
#undef near
#undef far
typedef SRWLOCK lock_type;
typedef CONDITION_VARIABLE signal_type;
#else
#include <pthread.h>
typedef pthread_mutex_t lock_type;
typedef pthread_cond_t signal_type;
#endif

struct loy__crew {
	void (*body)(loy__crew *crew, void *body_user);
	void *body_user;
	int alone;               /* no lock, and nobody to share work with */
	lock_type lock;          /* for all that follows */
	signal_type begin, done; /* there is work, or the end; the last part is done */
	void (*work)(uint32_t part, uint32_t parts, void *user);
	void *user;
	uint32_t parts, next, left; /* `next` is for whoever comes; so many are not done yet */
	int over;
};

#if defined(_WIN32)
static int lock_init(loy__crew *crew)
{
	InitializeSRWLock(&crew->lock);
	InitializeConditionVariable(&crew->begin);
	InitializeConditionVariable(&crew->done);
	return 1;
}

static void lock_end(loy__crew *crew)
{
	(void)crew;
}

static void lock(loy__crew *crew)
{
	AcquireSRWLockExclusive(&crew->lock);
}

static void unlock(loy__crew *crew)
{
	ReleaseSRWLockExclusive(&crew->lock);
}

static void wait_for(loy__crew *crew, signal_type *signal)
{
	(void)SleepConditionVariableSRW(signal, &crew->lock, INFINITE, 0);
}

static void wake(signal_type *signal)
{
	WakeAllConditionVariable(signal);
}
#else
static int lock_init(loy__crew *crew)
{
	if (pthread_mutex_init(&crew->lock, NULL) != 0)
		return 0;
	if (pthread_cond_init(&crew->begin, NULL) == 0) {
		if (pthread_cond_init(&crew->done, NULL) == 0)
			return 1;
		(void)pthread_cond_destroy(&crew->begin);
	}
	(void)pthread_mutex_destroy(&crew->lock);
	return 0;
}

static void lock_end(loy__crew *crew)
{
	(void)pthread_cond_destroy(&crew->done);
	(void)pthread_cond_destroy(&crew->begin);
	(void)pthread_mutex_destroy(&crew->lock);
}

static void lock(loy__crew *crew)
{
	(void)pthread_mutex_lock(&crew->lock); /* fails only for what is no mutex, or of another kind */
}

static void unlock(loy__crew *crew)
{
	(void)pthread_mutex_unlock(&crew->lock);
}

static void wait_for(loy__crew *crew, signal_type *signal)
{
	(void)pthread_cond_wait(signal, &crew->lock);
}

static void wake(signal_type *signal)
{
	(void)pthread_cond_broadcast(signal);
}
#endif

/* Do parts as long as there are some. The lock is held before and after. */
static void do_parts(loy__crew *crew)
{
	while (crew->next < crew->parts) {
		uint32_t part = crew->next++;

		unlock(crew);
		crew->work(part, crew->parts, crew->user);
		lock(crew);
		if (--crew->left == 0)
			wake(&crew->done);
	}
}

void loy__crew_work(loy__crew *crew, uint32_t parts, void (*work)(uint32_t part, uint32_t parts, void *user),
                    void *user)
{
	if (crew->alone) {
		work_alone(parts, work, user);
		return;
	}
	lock(crew);
	crew->work = work;
	crew->user = user;
	crew->parts = crew->left = parts;
	crew->next = 0;
	wake(&crew->begin);
	do_parts(crew); /* nobody else comes before the lock is given up, with part 0 taken */
	while (crew->left != 0)
		wait_for(crew, &crew->done);
	unlock(crew);
}

static void serve(loy__crew *crew)
{
	lock(crew);
	while (!crew->over) {
		do_parts(crew);
		if (!crew->over)
			wait_for(crew, &crew->begin);
	}
	unlock(crew);
}

/* Part 0 has the body; a thread that comes when that is over finds nothing to do. */
static void take_place(uint32_t part, uint32_t parts, void *user)
{
	loy__crew *crew = user;

	(void)parts;
	if (part > 0) {
		serve(crew);
		return;
	}
	crew->body(crew, crew->body_user);
	lock(crew);
	crew->over = 1;
	wake(&crew->begin);
	unlock(crew);
}

loy_status loy__crew_call(uint32_t threads, void (*body)(loy__crew *crew, void *user), void *user)
{
	loy__crew crew = {.body = body, .body_user = user};
	loy_status status;

	if (body == NULL)
		return LOY_EINVAL;
	if (threads > LOY__THREADS_MAX)
		return LOY_ELIMIT;
	crew.alone = threads < 2 || !lock_init(&crew);
	if (crew.alone) {
		body(&crew, user);
		return LOY_OK;
	}
	status = loy__parallel(threads, take_place, &crew);
	lock_end(&crew);
	return status;
}
#endif
