// SPDX-License-Identifier: MIT
/*
 * enter.c - go to the IPC namespace of another process
 *
 * Shows:  setns(2) takes a file in /proc or a pidfd. It refuses a namespace of
 *         another kind than was asked for, and a process that has exited
 * Build:  cc enter.c -o enter
 * Run:    ./enter
 * Prints: each way, and whether it leads there, or the reason
 * Exit:   0 as claimed; 1 otherwise; 77 this machine allows no namespace
 * See:    setns(2), pidfd_open(2), namespaces(7), nsenter(1); persist.c
 */
#define _GNU_SOURCE

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

/* CAP_SYS_ADMIN is needed. Root has it, and every process in a user namespace
 * of its own. No id has to be mapped in there for what follows */
static void begin_namespaces(int kinds)
{
	if (unshare(kinds) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | kinds) == -1))
		forbidden("unshare");
}

/* Make a namespace with a queue in it, and leave a child there */
static pid_t populate(int home)
{
	pid_t me = getpid();

	if (unshare(CLONE_NEWIPC) == -1 ||
	    msgget(KEY, IPC_CREAT | IPC_EXCL | 0600) == -1)
		err(EXIT_FAILURE, "unshare, msgget");
	pid_t pid = fork();
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == me)
			pause();
		_exit(EXIT_FAILURE);
	}
	if (pid == -1 || setns(home, CLONE_NEWIPC) == -1)
		err(EXIT_FAILURE, "fork, setns");
	return pid;
}

/* Enter by fd, look for the queue, return. Expect this error, or 0 for none */
static void enter(int home, const char *name, int fd, int expected)
{
	if (fd == -1)
		err(EXIT_FAILURE, "%s", name);
	int error = setns(fd, CLONE_NEWIPC) == -1 ? errno : 0;
	printf("%s: %s\n", name, error == 0 ? "entered" : strerror(error));
	if (error != expected)
		errx(EXIT_FAILURE, "expected: %s", strerror(expected));
	if (error == 0 && msgget(KEY, 0) == -1)
		err(EXIT_FAILURE, "its queue");
	if (setns(home, CLONE_NEWIPC) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "setns, close");
}

int main(void)
{
	char path[64];

	begin_namespaces(CLONE_NEWIPC);
	int home = open("/proc/self/ns/ipc", O_RDONLY);
	if (home == -1)
		err(EXIT_FAILURE, "open /proc/self/ns/ipc");
	pid_t pid = populate(home);

	snprintf(path, sizeof path, "/proc/%d/ns/ipc", pid);
	enter(home, "its file ns/ipc", open(path, O_RDONLY), 0);
	snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
	enter(home, "its file ns/net", open(path, O_RDONLY), EINVAL);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd == -1 && errno == ENOSYS)
		errx(77, "pidfd_open: not here: it takes Linux 5.8");
	enter(home, "its pidfd", dup(pidfd), 0);

	/* A pid is used again for another process some day. A pidfd is not */
	if (kill(pid, SIGKILL) == -1 || waitpid(pid, NULL, 0) == -1)
		err(EXIT_FAILURE, "end the process");
	enter(home, "its pidfd when it has exited", pidfd, ESRCH);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
