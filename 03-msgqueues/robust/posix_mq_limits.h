// SPDX-License-Identifier: MIT
/*
 * posix_mq_limits.h - what a machine may forbid the two halves of posix_mq
 *
 * A call that fails because of a limit, a sandbox or a missing /proc ends the
 * program with 77, and with one line: the call, the limit, its value, and the
 * command that raises it.
 */
#ifndef POSIX_MQ_LIMITS_H
#define POSIX_MQ_LIMITS_H

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Only root may exceed the hard limit. What a user's other queues need is not
 * known: as much as is possible */
static const char *of_ulimit(char option, int resource, rlim_t enough)
{
	static char text[96];
	char number[24] = "unlimited";
	const char *as_root = "as root: ";
	struct rlimit limit;

	if (getrlimit(resource, &limit) == -1)
		err(EXIT_FAILURE, "getrlimit");
	if (limit.rlim_cur < limit.rlim_max) {
		enough = limit.rlim_max;
		as_root = "";
	}
	if (enough != RLIM_INFINITY)
		snprintf(number, sizeof number, "%ju", (uintmax_t)enough);
	snprintf(text, sizeof text, "ulimit -%c is %ju: %sulimit -%c %s",
		 option, (uintmax_t)limit.rlim_cur, as_root, option, number);
	return text;
}

/* Of two limits below /proc/sys, or one and NULL, the lower one */
static const char *of_sysctl(const char *limit, const char *other)
{
	long value, lowest = LONG_MAX;
	static char text[192];

	snprintf(text, sizeof text, "see %s", limit);
	for (; limit != NULL; limit = other, other = NULL) {
		char path[64];
		snprintf(path, sizeof path, "/proc/sys/%s", limit);
		for (char *dot; (dot = strchr(path, '.')) != NULL;)
			*dot = '/';
		/* Closed by the exit */
		FILE *f = fopen(path, "r");
		if (f == NULL || fscanf(f, "%ld", &value) != 1 ||
		    value >= lowest)
			continue;
		lowest = value;
		snprintf(text, sizeof text, "%s is %ld: as root: echo %ld >%s",
			 limit, value, 2 * value + 256, path);
	}
	return text;
}

/* Exit because of errno: with 77 if this machine forbids the call, else with 1.
 * A user namespace has limits of its own for inotify, beside the machine's */
static _Noreturn void fail(const char *call, const char *name)
{
	int error = errno, is_mq_open = strcmp(call, "mq_open") == 0;
	const char *cause = NULL;

	if (error == ENOSYS || error == EPERM)
		cause = "a sandbox refuses it: run outside of the sandbox";
	else if (error == EMFILE && dup(STDERR_FILENO) == -1)
		cause = of_ulimit('n', RLIMIT_NOFILE, 1024);
	else if (error == EMFILE && is_mq_open)
		cause = of_ulimit('q', RLIMIT_MSGQUEUE, RLIM_INFINITY);
	else if (error == ENOSPC && is_mq_open)
		cause = of_sysctl("fs.mqueue.queues_max", NULL);
	else if (error == EMFILE)
		cause = of_sysctl("fs.inotify.max_user_instances",
				  "user.max_inotify_instances");
	else if (error == ENOSPC)
		cause = of_sysctl("fs.inotify.max_user_watches",
				  "user.max_inotify_watches");
	else if (error == ENOENT && !is_mq_open)
		cause = "no /proc: as root: "
			"mkdir -p /proc && mount -t proc proc /proc";
	else if (error == EACCES && is_mq_open)
		errx(EXIT_FAILURE, "%s: a queue of another user or program: %s",
		     name, strerror(error));
	if (cause != NULL)
		errx(77, "%s %s: %s: %s", call, name, strerror(error), cause);
	err(EXIT_FAILURE, "%s %s", call, name);
}

#endif
