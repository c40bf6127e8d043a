// SPDX-License-Identifier: MIT
/*
 * pidfd.c - signal a process, and wait for its exit, with a descriptor
 *
 * Shows:  a pidfd always means the same process, a process id only for its life
 * Build:  cc pidfd.c -o pidfd
 * Run:    ./pidfd
 * Prints: what poll and a signal report while a child runs, exits, is reaped
 * Exit:   0 done; 1 a call failed, or a result is wrong; 77 no pidfd; a limit
 * See:    pidfd_open(2), pidfd_send_signal(2), waitid(2)
 */
#define _GNU_SOURCE /* syscall */

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The C libraries have functions for these calls only since 2022 */
static int send_signal(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

/* No other process can get the number of a child that has not been reaped, so
 * this is no race. The descriptor is always close-on-exec */
static int open_pidfd(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	/* Signal 0 is not sent, only checked */
	if (fd != -1 && send_signal(fd, 0) == 0)
		return fd;
	if (errno == EMFILE)
		err(77, "pidfd_open: see ulimit -n");
	if (errno != ENOSYS && errno != EPERM)
		err(EXIT_FAILURE, "pidfd_open or pidfd_send_signal");
	warn("pidfd_open and pidfd_send_signal, which need Linux 5.4 and no "
	     "sandbox");
	exit(77);
}

static pid_t start_child(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid > 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	for (;;)
		pause(); /* until it is killed */
}

/* A pidfd is readable when the process has exited. A signal can be sent until
 * the parent has reaped the process: a zombie keeps its number */
static void report(const char *when, int fd, int exited, int error)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = poll(&p, 1, exited ? -1 : 0);
	int sent = send_signal(fd, 0) == -1 ? errno : 0;

	printf("%s: exited: %s, signal: %s\n", when, n == 1 ? "yes" : "no",
	       sent == 0 ? "possible" : strerror(sent));
	if (n != exited || sent != error)
		errx(EXIT_FAILURE, "%s: expected exited %d, errno %d", when,
		     exited, error);
}

int main(void)
{
	siginfo_t info;

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Are pidfds possible here? */
	if (close(open_pidfd(getpid())) == -1)
		err(EXIT_FAILURE, "close");

	pid_t child = start_child();
	int fd = open_pidfd(child);
	report("running", fd, 0, 0);
	if (send_signal(fd, SIGKILL) == -1)
		err(EXIT_FAILURE, "pidfd_send_signal");
	report("killed", fd, 1, 0);
	if (waitid(P_PID, (id_t)child, &info, WEXITED) == -1)
		err(EXIT_FAILURE, "waitid");
	/* Now kill(2) may hit another process that has got the same number.
	 * The descriptor still means the process that has exited */
	report("reaped", fd, 1, ESRCH);

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
