// SPDX-License-Identifier: MIT
/*
 * forbidden.h - why a call failed that the machine forbids, and what helps
 *
 * What a limit, a missing file system or a sandbox forbids is no fault of a
 * program: it exits with 77, and prints the limit, its value and a remedy.
 * Everything else is 1, as with err(3).
 */
#ifndef FORBIDDEN_H
#define FORBIDDEN_H

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/shm.h>

static int get_ulimit(char option, struct rlimit *is)
{
	switch (option) {
	case 'n':
		return getrlimit(RLIMIT_NOFILE, is);
	case 'f':
		return getrlimit(RLIMIT_FSIZE, is);
	case 'v':
		return getrlimit(RLIMIT_AS, is);
	case 'd':
		return getrlimit(RLIMIT_DATA, is);
	default:
		return getrlimit(RLIMIT_NPROC, is);
	}
}

/* What the shell's ulimit shows, in its unit. The next shell has it as well */
static void check_ulimits(const char *call, const char *name)
{
	static const struct {
		int error;
		unsigned unit;
		const char *remedy; /* the option is its [8] */
	} ulimits[] = {
		{ EMFILE, 1, "ulimit -n 1024" },
		{ EFBIG, 1024, "ulimit -f unlimited" },
		{ ENOMEM, 1024, "ulimit -v unlimited" },
		/* of pthread_create(3): a thread needs memory for its stack */
		{ EAGAIN, 1024, "ulimit -v unlimited" },
		{ EAGAIN, 1024, "ulimit -d unlimited" },
		{ EAGAIN, 1, "ulimit -u 4096" },
	};
	struct rlimit is;

	for (size_t i = 0; i < sizeof ulimits / sizeof *ulimits; i++)
		if (errno == ulimits[i].error &&
		    get_ulimit(ulimits[i].remedy[8], &is) == 0 &&
		    is.rlim_cur != RLIM_INFINITY)
			errx(77, "%s %s: %s: %.9s is %ju: %s", call, name,
			     strerror(errno), ulimits[i].remedy,
			     (uintmax_t)is.rlim_cur / ulimits[i].unit,
			     ulimits[i].remedy);
}

/* shmget(2) fails with ENOSPC for two reasons. This is one of them */
static int has_free_segments(int shmmni)
{
	struct shm_info used;

	return shmctl(0, SHM_INFO, (struct shmid_ds *)&used) != -1 &&
	       used.used_ids < shmmni;
}

/* Limits of /proc/sys/kernel. Each IPC namespace has its own */
static void check_sysctls(const char *call, const char *name)
{
	static const struct {
		const char *call;
		int error;
		const char *file, *enough;
	} sysctls[] = {
		{ "semget", ENOSPC, "sem", "32000 1024000000 500 32000" },
		{ "semget", EINVAL, "sem", "32000 1024000000 500 32000" },
		{ "semop", E2BIG, "sem", "32000 1024000000 500 32000" },
		{ "shmget", EINVAL, "shmmax", "1073741824" },
		{ "shmget", ENOSPC, "shmmni", "4096" },
		{ "shmget", ENOSPC, "shmall", "1000000000" },
		{ "pthread_create", EAGAIN, "threads-max", "100000" },
	};
	int error = errno;

	for (size_t i = 0; i < sizeof sysctls / sizeof *sysctls; i++) {
		const char *file = sysctls[i].file;
		char path[40], value[80] = "too small";

		if (strcmp(call, sysctls[i].call) || error != sysctls[i].error)
			continue;
		snprintf(path, sizeof path, "/proc/sys/kernel/%s", file);
		FILE *f = fopen(path, "r");
		if (f != NULL && fgets(value, sizeof value, f) != NULL)
			value[strcspn(value, "\n")] = '\0';
		if (!strcmp(file, "shmmni") && has_free_segments(atoi(value)))
			continue;
		errx(77, "%s %s: %s: kernel.%s is %s: as root: echo %s >%s",
		     call, name, strerror(error), file, value,
		     sysctls[i].enough, path);
	}
}

/* As err(3): report errno of this call, for the object of this name */
static _Noreturn void fail(const char *call, const char *name)
{
	static const struct {
		const char *call;
		int error;
		const char *cause;
	} others[] = {
		{ "shm_open", ENOENT,
		  "no /dev/shm: as root: mkdir -p /dev/shm && "
		  "mount -t tmpfs -o mode=1777 tmpfs /dev/shm" },
		{ "shm_open", EACCES,
		  "/dev/shm is closed: as root: chmod 1777 /dev/shm" },
		{ "shm_open", EROFS, "as root: mount -o remount,rw /dev/shm" },
		{ "shm_open", ENOSPC,
		  "/dev/shm has no inode left: as root: "
		  "mount -o remount,nr_inodes=1000000 /dev/shm" },
		{ "posix_fallocate", ENOSPC,
		  "/dev/shm is full: as root: "
		  "mount -o remount,size=80% /dev/shm" },
	};
	int error = errno;

	if (error == ENOSYS || error == EPERM)
		errx(77, "%s %s: %s: this kernel or a sandbox refuses it", call,
		     name, strerror(error));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcmp(call, others[i].call) && error == others[i].error)
			errx(77, "%s %s: %s: %s", call, name, strerror(error),
			     others[i].cause);
	check_ulimits(call, name);
	check_sysctls(call, name);
	errno = error;
	err(EXIT_FAILURE, "%s %s", call, name);
}

#endif
