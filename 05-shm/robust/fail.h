// SPDX-License-Identifier: MIT
/*
 * fail.h - how posix_shm.h and sysv_shm.h report a limit of the process
 *
 * What the machine forbids is exit status 77, with the limit, its value, and a
 * command that raises it. Each pair adds the limits of its own memory.
 */
#ifndef FAIL_H
#define FAIL_H

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Exit because of errno, which call has set; name is the object. What the
 * caller knows of the cause, with its remedy, comes first, unless it is NULL */
static _Noreturn void fail_by_limit(const char *call, const char *name,
				    const char *cause)
{
	static const struct {
		int error;
		unsigned char resource; /* int, or an enum in glibc */
		unsigned unit;
		const char *limit, *enough;
	} limits[] = {
		{ EMFILE, RLIMIT_NOFILE, 1, "ulimit -n", "1024" },
		{ EFBIG, RLIMIT_FSIZE, 1024, "ulimit -f", "unlimited" },
		{ ENOMEM, RLIMIT_AS, 1024, "ulimit -v", "unlimited" },
		/* A thread needs memory for its stack, and counts as process */
		{ EAGAIN, RLIMIT_AS, 1024, "ulimit -v", "unlimited" },
		{ EAGAIN, RLIMIT_DATA, 1024, "ulimit -d", "unlimited" },
		{ EAGAIN, RLIMIT_NPROC, 1, "ulimit -u", "4096" },
	};
	const char *reason = strerror(errno);

	if (cause == NULL && (errno == ENOSYS || errno == EPERM))
		cause = "a sandbox refuses it: run outside of it";
	if (cause != NULL)
		errx(77, "%s %s: %s: %s", call, name, reason, cause);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct rlimit limit;

		if (limits[i].error == errno &&
		    getrlimit(limits[i].resource, &limit) == 0 &&
		    limit.rlim_cur != RLIM_INFINITY)
			errx(77, "%s %s: %s: %s is %ju%s: %s %s", call, name,
			     reason, limits[i].limit,
			     (uintmax_t)limit.rlim_cur / limits[i].unit,
			     limits[i].unit == 1 ? "" : " KiB", limits[i].limit,
			     limits[i].enough);
	}
	err(EXIT_FAILURE, "%s %s", call, name);
}

#endif
