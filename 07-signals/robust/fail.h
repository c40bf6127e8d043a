// SPDX-License-Identifier: MIT
/*
 * fail.h - exit after a failed call, with a remedy if the machine is the cause
 *
 * Prints: CALL NAME: ERROR, as err(3) does. If a limit, a sandbox or a missing
 *         file system may be the cause, also: LIMIT is VALUE: REMEDY
 * Exit:   77 if the machine forbids the call; otherwise 1
 * See:    getrlimit(2), sysvipc(7), mq_overview(7), shm_overview(7),
 *         inotify(7), proc(5)
 *
 * The robust/ folder of every chapter has this file.
 */
#ifndef FAIL_H
#define FAIL_H

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Limits of a process, as ulimit(1) shows them: the error of a call ("": of
 * any), the resource and its unit, and what is enough */
static const struct {
	int error;
	const char *call;
	unsigned char resource;
	char option;
	unsigned unit;
	rlim_t enough;
} ulimits[] = {
	{ EMFILE, "mq_open", RLIMIT_MSGQUEUE, 'q', 1, 819200 },
	{ EMFILE, "", RLIMIT_NOFILE, 'n', 1, 1024 },
	{ EINVAL, "poll", RLIMIT_NOFILE, 'n', 1, 1024 },
	{ EAGAIN, "", RLIMIT_NPROC, 'u', 1, 4096 },
	{ EAGAIN, "", RLIMIT_AS, 'v', 1024, RLIM_INFINITY },
	{ EAGAIN, "", RLIMIT_DATA, 'd', 1024, RLIM_INFINITY },
	{ ENOMEM, "", RLIMIT_AS, 'v', 1024, RLIM_INFINITY },
	{ ENOMEM, "", RLIMIT_DATA, 'd', 1024, RLIM_INFINITY },
	{ EFBIG, "", RLIMIT_FSIZE, 'f', 1024, RLIM_INFINITY },
};

/* Limits of the machine, or of a namespace: files below /proc/sys */
static const struct {
	int error;
	const char *call, *limit, *enough;
} sysctls[] = {
	{ ENOSPC, "mq_open", "fs.mqueue.queues_max", "256" },
	{ ENOSPC, "msgget", "kernel.msgmni", "32000" },
	{ EINVAL, "msgsnd", "kernel.msgmax", "8192" },
	{ EINVAL, "msgsnd", "kernel.msgmnb", "16384" },
	{ EINVAL, "semget", "kernel.sem", "32000 1024000000 500 32000" },
	{ ENOSPC, "semget", "kernel.sem", "32000 1024000000 500 32000" },
	{ E2BIG, "semop", "kernel.sem", "32000 1024000000 500 32000" },
	{ EINVAL, "shmget", "kernel.shmmax", "33554432" },
	{ ENOSPC, "shmget", "kernel.shmmni", "4096" },
	{ ENOSPC, "shmget", "kernel.shmall", "2097152" },
	{ EMFILE, "inotify_init1", "fs.inotify.max_user_instances", "128" },
	{ EMFILE, "inotify_init1", "user.max_inotify_instances", "128" },
	{ ENOSPC, "inotify_add_watch", "fs.inotify.max_user_watches", "8192" },
	{ ENOSPC, "inotify_add_watch", "user.max_inotify_watches", "8192" },
	{ EMSGSIZE, "send", "net.core.wmem_default", "212992" },
	{ ENFILE, "pipe2", "fs.pipe-user-pages-hard", "0" },
	{ ENFILE, "", "fs.file-max", "1000000" },
};

/* Other causes: a file system is missing, or refuses the call */
static const struct {
	int error;
	const char *call, *cause;
} causes[] = {
	{ ENOENT, "shm_open",
	  "no /dev/shm: as root: mkdir -p /dev/shm && "
	  "mount -t tmpfs -o mode=1777 tmpfs /dev/shm" },
	{ EACCES, "shm_open",
	  "/dev/shm is not writable: as root: chmod 1777 /dev/shm" },
	{ EROFS, "shm_open",
	  "/dev/shm is not writable: as root: mount -o remount,rw /dev/shm" },
	{ ENOSPC, "shm_open",
	  "/dev/shm is full: as root: mount -o remount,nr_inodes=0 /dev/shm" },
	{ ENOSPC, "posix_fallocate",
	  "/dev/shm is full: as root: mount -o remount,size=90% /dev/shm" },
	{ ENOENT, "inotify_add_watch",
	  "no /proc: as root: mkdir -p /proc && mount -t proc proc /proc" },
	{ EAGAIN, "fork", "pids.max of the cgroup is used up" },
	{ EINVAL, "F_NOTIFY",
	  "fs.dir-notify-enable is 0, or the kernel has no dnotify: "
	  "as root: echo 1 >/proc/sys/fs/dir-notify-enable" },
	{ EPERM, "mkfifo", "a sandbox, or the file system, refuses it" },
	{ EPERM, "", "a sandbox refuses it" },
	{ EAFNOSUPPORT, "socket", "a sandbox refuses it" },
	{ ENOSYS, "pidfd_open", "needs Linux 5.3, and no sandbox" },
	{ ENOSYS, "", "this kernel or a sandbox refuses it" },
};

/* Does a row of a table, with this error and call, fit what has failed? */
static int fits(int error, const char *row_call, const char *call)
{
	return errno == error && (*row_call == '\0' || !strcmp(row_call, call));
}

/* Exit if a ulimit is lower than enough. One that is not may be used up */
static void fail_by_ulimit(const char *call, const char *name, int used_up)
{
	for (size_t i = 0; i < sizeof ulimits / sizeof *ulimits; i++) {
		char enough[24] = "unlimited";
		rlim_t more = ulimits[i].enough, unit = ulimits[i].unit;
		struct rlimit is;

		if (!fits(ulimits[i].error, ulimits[i].call, call) ||
		    getrlimit(ulimits[i].resource, &is) == -1 ||
		    is.rlim_cur == RLIM_INFINITY ||
		    (is.rlim_cur >= more && !used_up))
			continue;
		if (is.rlim_cur >= more)
			more = 2 * is.rlim_cur;
		if (more != RLIM_INFINITY)
			snprintf(enough, sizeof enough, "%ju",
				 (uintmax_t)(more / unit));
		errx(77, "%s %s: %s: ulimit -%c is %ju: %sulimit -%c %s", call,
		     name, strerror(errno), ulimits[i].option,
		     (uintmax_t)(is.rlim_cur / unit),
		     more > is.rlim_max ? "as root: " : "", ulimits[i].option,
		     enough);
	}
}

/* The same for a sysctl. Without /proc its value is not known: "" */
static void fail_by_sysctl(const char *call, const char *name, int used_up)
{
	for (size_t i = 0; i < sizeof sysctls / sizeof *sysctls; i++) {
		char path[64], is[64] = "", enough[64];
		const char *why = strerror(errno);

		if (!fits(sysctls[i].error, sysctls[i].call, call))
			continue;
		snprintf(path, sizeof path, "/proc/sys/%s", sysctls[i].limit);
		for (char *dot; (dot = strchr(path, '.')) != NULL;)
			*dot = '/';
		snprintf(enough, sizeof enough, "%s", sysctls[i].enough);
		int error = errno;
		FILE *file = fopen(path, "re");
		if (file != NULL && fgets(is, sizeof is, file) != NULL)
			is[strcspn(is, "\n")] = '\0';
		errno = error;
		/* In sysctls, enough = "0" means: no limit */
		uintmax_t value = strtoumax(is, NULL, 10);
		uintmax_t want = strtoumax(enough, NULL, 10);
		if (*is && (want == 0 ? value == 0 : value >= want)) {
			if (!used_up || want == 0)
				continue;
			if (strchr(enough, ' ') == NULL)
				snprintf(enough, sizeof enough, "%ju",
					 2 * value);
		}
		errx(77, "%s %s: %s: %s%s%s: as root: echo %s >%s", call, name,
		     why, sysctls[i].limit, *is ? " is " : "", is, enough,
		     path);
	}
}

/* Like err(3), but with status 77 and a remedy if the machine forbids the call.
 * name: what the call was about */
static _Noreturn void fail(const char *call, const char *name)
{
	fail_by_ulimit(call, name, 0);
	fail_by_sysctl(call, name, 0);
	fail_by_sysctl(call, name, 1);
	fail_by_ulimit(call, name, 1);
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (fits(causes[i].error, causes[i].call, call))
			errx(77, "%s %s: %s: %s", call, name, strerror(errno),
			     causes[i].cause);
	err(EXIT_FAILURE, "%s %s", call, name);
}

#endif
