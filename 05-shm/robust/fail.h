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
#include <stdio.h>
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
		rlim_t enough;
		const char *limit;
	} limits[] = {
		{ EMFILE, RLIMIT_NOFILE, 1, 1024, "ulimit -n" },
		{ EFBIG, RLIMIT_FSIZE, 1024, RLIM_INFINITY, "ulimit -f" },
		{ ENOMEM, RLIMIT_AS, 1024, RLIM_INFINITY, "ulimit -v" },
		/* A thread has a stack, and counts as a process */
		{ EAGAIN, RLIMIT_AS, 1024, RLIM_INFINITY, "ulimit -v" },
		{ EAGAIN, RLIMIT_DATA, 1024, RLIM_INFINITY, "ulimit -d" },
		{ EAGAIN, RLIMIT_NPROC, 1, 4096, "ulimit -u" },
	};
	const char *reason = strerror(errno);
	char enough[32] = "unlimited";
	struct rlimit now;

	if (cause == NULL && (errno == ENOSYS || errno == EPERM))
		cause = "a sandbox refuses it: run outside of it";
	if (cause != NULL)
		errx(77, "%s %s: %s: %s", call, name, reason, cause);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		if (limits[i].error != errno ||
		    getrlimit(limits[i].resource, &now) == -1 ||
		    now.rlim_cur >= limits[i].enough)
			continue;
		if (limits[i].enough != RLIM_INFINITY)
			snprintf(enough, sizeof enough, "%ju",
				 (uintmax_t)limits[i].enough);
		errx(77, "%s %s: %s: %s is %ju%s: %s%s %s", call, name, reason,
		     limits[i].limit, (uintmax_t)now.rlim_cur / limits[i].unit,
		     limits[i].unit == 1 ? "" : " KiB",
		     now.rlim_max < limits[i].enough ? "as root: " : "",
		     limits[i].limit, enough);
	}
	err(EXIT_FAILURE, "%s %s", call, name);
}

#endif
