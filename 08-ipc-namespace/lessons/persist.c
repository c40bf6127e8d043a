// SPDX-License-Identifier: MIT
/*
 * persist.c - a namespace without a process, kept by a bind mount
 *
 * Shows:  a namespace lives as long as something refers to it: a process in it,
 *         a descriptor, or a mount of its file in /proc
 * Build:  cc persist.c -o persist
 * Run:    ./persist
 * Prints: what is found there when its only process has exited
 * Exit:   0 as claimed; 1 a call failed, or it was otherwise; 77 this machine
 *         allows no namespaces or mounts
 * See:    namespaces(7) ("Namespace lifetime"), mount(2) (MS_BIND), setns(2);
 *         enter.c; unshare(1), whose --ipc=FILE does this
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <unistd.h>

/* A mount on any file will do. Nobody else sees what this program mounts */
static const char place[] = "/proc/version";
enum { KEY = 0x6e000001 };

/* Exit with 77: this machine forbids the call. Print what it takes */
static void forbidden(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77, "%s: needs root, no chroot, in a container --privileged", call);
}

/* CAP_SYS_ADMIN is needed. Root has it, and every process in a user namespace
 * of its own. No id has to be mapped in there for what follows */
static void begin_namespaces(int kinds)
{
	if (unshare(kinds) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | kinds) == -1))
		forbidden("unshare");
}

/* The child: make a namespace with a queue in it, mount its file, exit */
static void make_namespace(void)
{
	if (unshare(CLONE_NEWIPC) == -1 ||
	    msgget(KEY, IPC_CREAT | IPC_EXCL | 0600) == -1 ||
	    mount("/proc/self/ns/ipc", place, "", MS_BIND, NULL) == -1) {
		warn("make and mount a namespace");
		_exit(EXIT_FAILURE);
	}
	_exit(EXIT_SUCCESS);
}

/* 0, or the error of setns(2) */
static int enter(void)
{
	int fd = open(place, O_RDONLY);

	if (fd == -1)
		err(EXIT_FAILURE, "open %s", place);
	int error = setns(fd, CLONE_NEWIPC) == -1 ? errno : 0;
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", place);
	return error;
}

int main(void)
{
	int status;

	begin_namespaces(CLONE_NEWNS);
	if (mount("none", "/proc", "", MS_PRIVATE, NULL) == -1)
		forbidden("mount /proc private");

	pid_t pid = fork();
	if (pid == 0)
		make_namespace();
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "fork, waitpid");
	if (status != 0)
		return EXIT_FAILURE; /* the child has printed why */
	puts("the only process in it has exited");

	if ((errno = enter()) != 0)
		err(EXIT_FAILURE, "setns %s", place);
	if (msgget(KEY, 0) == -1)
		err(EXIT_FAILURE, "msgget");
	puts("the next one has entered it, and found the queue");

	if (umount(place) == -1)
		err(EXIT_FAILURE, "umount %s", place);
	int error = enter();
	printf("unmounted, setns: %s\n", strerror(error));
	if (error != EINVAL)
		errx(EXIT_FAILURE, "expected EINVAL");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
