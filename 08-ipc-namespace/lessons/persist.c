// SPDX-License-Identifier: MIT
/*
 * persist.c - a namespace without a process, kept by a bind mount
 *
 * Shows:  a mount of its file in /proc keeps a namespace, and what is in it
 * Build:  cc persist.c -o persist
 * Run:    ./persist
 * Prints: whether a queue is found outside, and back in the namespace
 * Exit:   0 as claimed; 1 otherwise; 77 this machine allows no such mount
 * See:    namespaces(7) ("Namespace lifetime"), mount(2), unshare(1) (--ipc=)
 */
#define _GNU_SOURCE /* unshare, setns */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <unistd.h>

enum { KEY = 0x6e000001 };

/* Exit with 77: this machine forbids the call. Print what it takes */
static void forbidden(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77, "%s: needs root, no chroot, in a container --privileged", call);
}

int main(void)
{
	/* Any file can be the mount point. Only this process sees the mount,
	 * which ends with the mount namespace of the process */
	const char *place = "/proc/version";
	int kinds = CLONE_NEWIPC | CLONE_NEWNS;

	/* CAP_SYS_ADMIN is needed: as root, or in a new user namespace */
	if (unshare(kinds) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | kinds) == -1))
		forbidden("unshare");
	if (mount("none", "/proc", "", MS_PRIVATE, NULL) == -1)
		forbidden("mount /proc private");

	if (msgget(KEY, IPC_CREAT | IPC_EXCL | 0600) == -1)
		err(EXIT_FAILURE, "msgget");
	if (mount("/proc/self/ns/ipc", place, "", MS_BIND, NULL) == -1)
		err(77, "mount %s: mount -t proc proc /proc first", place);

	/* The only process in the namespace leaves it, for another new one */
	if (unshare(CLONE_NEWIPC) == -1)
		forbidden("unshare CLONE_NEWIPC");
	int outside = msgget(KEY, 0) == -1 ? errno : 0;
	printf("outside: %s\n", outside == 0 ? "found" : strerror(outside));

	int fd = open(place, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || setns(fd, CLONE_NEWIPC) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "enter %s", place);
	if (msgget(KEY, 0) == -1)
		err(EXIT_FAILURE, "msgget in the namespace");
	puts("back in the namespace: found");
	if (outside != ENOENT)
		errx(EXIT_FAILURE, "outside: expected ENOENT");

	/* From here on only this process keeps the namespace */
	if (umount(place) == -1)
		err(EXIT_FAILURE, "umount %s", place);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
