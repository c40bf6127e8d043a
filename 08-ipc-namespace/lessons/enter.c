// SPDX-License-Identifier: MIT
/*
 * enter.c - enter the IPC namespace of another process
 *
 * Shows:  setns(2) takes a file in /proc, or a pidfd
 * Build:  cc enter.c -o enter
 * Run:    ./enter
 * Prints: for each way: entered, or the error
 * Exit:   0 as claimed; 1 otherwise; 77 this machine allows no namespace
 * See:    setns(2), pidfd_open(2), namespaces(7), nsenter(1); persist.c
 */
#define _GNU_SOURCE /* unshare, setns */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEY = 0x6e000002 };

/* Exit with 77: this machine forbids the call. Print what it takes */
static void forbidden(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77, "%s: needs root, no chroot, in a container --privileged", call);
}

/* Move to a new namespace, enter the other one by fd, and look for the queue.
 * Expect this error from setns, or 0 for none */
static void enter(const char *name, int fd, int expected)
{
	if (unshare(CLONE_NEWIPC) == -1)
		forbidden("unshare");
	int error = setns(fd, CLONE_NEWIPC) == -1 ? errno : 0;
	printf("%s: %s\n", name, error == 0 ? "entered" : strerror(error));
	if (error != expected)
		errx(EXIT_FAILURE, "expected: %s", strerror(expected));
	if (error == 0 && msgget(KEY, 0) == -1)
		err(EXIT_FAILURE, "its queue");
}

int main(void)
{
	char path[64];

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	/* CAP_SYS_ADMIN is needed: as root, or in a new user namespace */
	if (unshare(CLONE_NEWIPC) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1))
		forbidden("unshare");
	if (msgget(KEY, IPC_CREAT | IPC_EXCL | 0600) == -1)
		err(EXIT_FAILURE, "msgget");

	/* The child stays in this namespace, until it is killed */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
		    getppid() == parent)
			pause();
		_exit(EXIT_FAILURE);
	}
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec */
	if (pidfd == -1)
		err(77, "pidfd_open: needs Linux 5.8, no sandbox, ulimit -n 5");
	snprintf(path, sizeof path, "/proc/%d/ns/ipc", pid);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file == -1)
		err(77, "%s: mount -t proc proc /proc; see ulimit -n", path);
	enter("its file ns/ipc", file, 0);
	enter("its pidfd", pidfd, 0);

	/* A pid may be used again for another process. A pidfd is not */
	if (kill(pid, SIGKILL) == -1 || waitpid(pid, NULL, 0) == -1)
		err(EXIT_FAILURE, "kill, waitpid");
	enter("its pidfd when it has exited", pidfd, ESRCH);

	if (close(file) == -1 || close(pidfd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
