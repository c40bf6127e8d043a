// SPDX-License-Identifier: MIT
/*
 * unprivileged.c - an IPC namespace for every user, step by step
 *
 * Shows:  in a user namespace of its own every process may make an IPC
 *         namespace; in which order ids are mapped, and what is refused
 * Build:  cc unprivileged.c -o unprivileged
 * Run:    ./unprivileged
 * Prints: each step, and what came of it; root first becomes user and group 1
 * Exit:   0 as claimed; 1 a call failed, or it was otherwise; 77 this machine
 *         allows this user no namespace
 * See:    user_namespaces(7), unshare(2), setgroups(2), capabilities(7)
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Not the text of the other lessons: here root has no more privilege */
static void refused(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77,
	    "%s: needs no chroot, no sysctl against it (kernel.*userns*), "
	    "in a container --privileged",
	    call);
}

/* Root becomes another user, and with that loses its capabilities. The files of
 * such a process in /proc are root's, unless it may be traced again */
static void become_ordinary(void)
{
	if (geteuid() == 0 &&
	    (setgroups(0, NULL) == -1 || setresgid(1, 1, 1) == -1 ||
	     setresuid(1, 1, 1) == -1 || prctl(PR_SET_DUMPABLE, 1) == -1))
		err(77, "to become user 1: run it as an ordinary user");
}

/* The error of writing text to a file of /proc/self, or 0 */
static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd == -1)
		return errno;
	int error = write(fd, text, strlen(text)) == -1 ? errno : 0;
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	return error;
}

/* If it is denied in the namespace outside, it also is in a new one */
static int setgroups_is_denied(void)
{
	char c = '\0';
	int fd = open("/proc/self/setgroups", O_RDONLY);

	if (fd == -1 || read(fd, &c, 1) != 1 || close(fd) == -1)
		err(EXIT_FAILURE, "read /proc/self/setgroups");
	return c == 'd';
}

static void step(const char *name, int error, int expected)
{
	printf("%s: %s\n", name, error == 0 ? "done" : strerror(error));
	if (error != expected)
		errx(EXIT_FAILURE, "expected: %s", strerror(expected));
}

int main(void)
{
	char own_uid[32], other_uid[32], own_gid[32];

	become_ordinary();
	/* A line of a map: an id in the namespace, the same outside, how many
	 */
	snprintf(own_uid, sizeof own_uid, "%u %u 1", geteuid(), geteuid());
	snprintf(own_gid, sizeof own_gid, "%u %u 1", getegid(), getegid());
	snprintf(other_uid, sizeof other_uid, "%u %u 1", geteuid(),
		 geteuid() + 1);

	step("new IPC namespace", unshare(CLONE_NEWIPC) == -1 ? errno : 0,
	     EPERM);
	if (unshare(CLONE_NEWUSER) == -1)
		refused("unshare CLONE_NEWUSER");
	printf("new user namespace: uid %u, gid %u\n", geteuid(), getegid());
	/* setgroups(2) could drop a group, and a group may be there to deny
	 * access. So it is denied itself before the gid is mapped */
	if (!setgroups_is_denied())
		step("map gid", put("/proc/self/gid_map", own_gid), EPERM);
	if ((errno = put("/proc/self/setgroups", "deny")) != 0)
		refused("/proc/self/setgroups");
	puts("deny setgroups: done");
	step("map gid", put("/proc/self/gid_map", own_gid), 0);
	step("map uid of another", put("/proc/self/uid_map", other_uid), EPERM);
	step("map uid", put("/proc/self/uid_map", own_uid), 0);
	step("map uid again", put("/proc/self/uid_map", own_uid), EPERM);
	step("new IPC namespace", unshare(CLONE_NEWIPC) == -1 ? errno : 0, 0);
	step("queue", msgget(IPC_PRIVATE, 0600) == -1 ? errno : 0, 0);
	printf("uid %u, gid %u\n", geteuid(), getegid());

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
