// SPDX-License-Identifier: MIT
/*
 * unprivileged.c - an IPC namespace without privileges, step by step
 *
 * Shows:  a process that makes a user namespace may make an IPC namespace, too
 * Build:  cc unprivileged.c -o unprivileged
 * Run:    ./unprivileged
 * Prints: each step, and the ids; root first becomes user and group 1
 * Exit:   0 as claimed; 1 otherwise; 77 this machine allows no namespace
 * See:    user_namespaces(7), unshare(2), setgroups(2), capabilities(7)
 */
#define _GNU_SOURCE /* unshare, setresuid, setgroups */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The other lessons work as root. This one has given up that privilege */
static void refused(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77,
	    "%s: forbidden in a chroot, by a sysctl kernel.*userns*, "
	    "or in a container without --privileged",
	    call);
}

/* On Ubuntu 24.04 unshare(2) succeeds, and this write is refused */
static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		refused(path);
}

int main(void)
{
	char uid_map[32], gid_map[32];

	/* When root becomes another user, it loses its capabilities. Its files
	 * in /proc still belong to root, until it is dumpable again */
	if (geteuid() == 0 &&
	    (setgroups(0, NULL) == -1 || setresgid(1, 1, 1) == -1 ||
	     setresuid(1, 1, 1) == -1 || prctl(PR_SET_DUMPABLE, 1) == -1))
		err(77, "to become user 1: run it as an ordinary user");
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWIPC) == 0 || errno != EPERM)
		errx(EXIT_FAILURE, "expected EPERM of unshare CLONE_NEWIPC");
	printf("new IPC namespace: %s\n", strerror(EPERM));

	/* No id is mapped yet: all are shown as 65534 */
	if (unshare(CLONE_NEWUSER) == -1)
		refused("unshare CLONE_NEWUSER");
	printf("new user namespace: uid %u, gid %u\n", geteuid(), getegid());

	/* A group may be there to deny access, and setgroups(2) could drop it.
	 * So gid_map is refused until setgroups is denied */
	put("/proc/self/setgroups", "deny");
	/* A line of a map: an id in the namespace, the same outside, how many.
	 * Without privilege outside, a process may map its own ids only */
	snprintf(gid_map, sizeof gid_map, "%u %u 1", gid, gid);
	put("/proc/self/gid_map", gid_map);
	snprintf(uid_map, sizeof uid_map, "%u %u 1", uid, uid);
	put("/proc/self/uid_map", uid_map);
	printf("ids mapped: uid %u, gid %u\n", geteuid(), getegid());
	if (geteuid() != uid || getegid() != gid)
		errx(EXIT_FAILURE, "expected uid %u, gid %u", uid, gid);

	if (unshare(CLONE_NEWIPC) == -1)
		refused("unshare CLONE_NEWIPC");
	puts("new IPC namespace: done");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
