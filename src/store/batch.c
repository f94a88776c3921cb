/* Many rows at once: slabs, threads, progress. */
#include "store/store.h"
#include "core/parallel.h"

#define BATCH_THREADS_MAX 256u

loy_status loy__batch_options(loy_batch_options *out, const loy_batch_options *options)
{
	if (loy__options_read(out, sizeof(*out), options) != LOY_OK || out->threads > BATCH_THREADS_MAX ||
	    out->purpose > LOY__PURPOSE_MAX || out->reserved != 0)
		return LOY_EINVAL;
	if (out->threads == 0)
		out->threads = 1;
	return LOY_OK;
}

struct slab {
	uint64_t first, count;
	loy__rows_work work;
	void *user;
};

static void do_part(uint32_t part, uint32_t parts, void *user)
{
	const struct slab *slab = user;
	uint64_t begin = slab->count / parts * part + slab->count % parts * part / parts;
	uint64_t end = slab->count / parts * (part + 1) + slab->count % parts * (part + 1) / parts;

	if (begin < end)
		slab->work(slab->first + begin, slab->first + end, slab->user);
}

loy_status loy__rows_run(uint64_t count, uint64_t slab, const loy_batch_options *options, loy__rows_work work,
                         loy__rows_done done, void *user)
{
	struct slab part = {0, 0, work, user};
	loy_status status = LOY_OK;

	while (part.first < count && status == LOY_OK) {
		part.count = count - part.first < slab * options->threads ? count - part.first
		                                                          : slab * options->threads;
		status = loy__parallel(options->threads, do_part, &part);
		if (status != LOY_OK)
			return status;
		if (done != NULL)
			done(part.first, part.first + part.count, user);
		part.first += part.count;
		if (options->progress != NULL &&
		    options->progress(part.first, count, options->user_data) != 0 && part.first < count)
			status = LOY_ECANCELLED;
	}
	return status;
}
