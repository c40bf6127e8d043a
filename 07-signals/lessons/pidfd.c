// SPDX-License-Identifier: MIT
/*
 * pidfd.c - signal a process and wait for its end by a descriptor
 *
 * Shows:  a pidfd means one process for ever, a process id only for its life
 * Build:  cc pidfd.c -o pidfd
 * Run:    ./pidfd
 * Prints: what poll and a signal say while a child runs, ends, and is reaped
 * Exit:   0 done; 1 a call failed, or it was not so; 2 usage; 77 no pidfd here
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

#ifndef P_PIDFD
#define P_PIDFD 3 /* since Linux 5.4; glibc has it since 2.36 */
#endif

static int usage(FILE *out)
{
	fputs("usage: pidfd\n"
	      "Signal a child and wait for its end by a descriptor.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static pid_t start_child(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		for (;;)
			pause(); /* until it is killed */
	}
	return pid;
}

/* 0, or why not; signal 0 is only checked, not sent */
static int send_signal(int fd, int sig)
{
	if (syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0) == -1)
		return errno;
	return 0;
}

/* Safe without a race only for a child that has not been reaped: until then
 * nobody else can get its number. It is close-on-exec without asking */
static int open_pidfd(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd >= 0 && (errno = send_signal(fd, 0)) == 0)
		return fd;
	int reason = errno;
	if (fd >= 0)
		(void)close(fd);
	(void)kill(pid, SIGKILL); /* best effort: we end anyway */
	(void)waitpid(pid, NULL, 0);
	errno = reason;
	if (errno == ENOSYS || errno == EPERM) {
		warn("pidfd_open and pidfd_send_signal, which need Linux 5.4 "
		     "and no sandbox");
		exit(77);
	}
	err(EXIT_FAILURE, "pidfd_open or pidfd_send_signal %d", pid);
}

/* Readable means: it has ended. Then a signal can still be sent, until the
 * parent has reaped it: a zombie keeps its number */
static void look(const char *when, int fd, int limit, int ended, int reason)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n, sent;

	while ((n = poll(&p, 1, limit)) == -1 && errno == EINTR)
		continue;
	if (n == -1)
		err(EXIT_FAILURE, "poll");
	sent = send_signal(fd, 0);
	printf("%s: ended %s, signal: %s\n", when, n > 0 ? "yes" : "no",
	       sent == 0 ? "possible" : strerror(sent));
	if (n != ended || sent != reason)
		errx(EXIT_FAILURE, "%s: not as expected", when);
}

int main(int argc, char *argv[])
{
	siginfo_t si;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	int fd = open_pidfd(start_child());
	look("running", fd, 0, 0, 0);
	if ((errno = send_signal(fd, SIGKILL)) != 0)
		err(EXIT_FAILURE, "pidfd_send_signal");
	look("killed", fd, -1, 1, 0);
	if (waitid(P_PIDFD, (id_t)fd, &si, WEXITED) == -1)
		err(EXIT_FAILURE, "waitid");
	/* By now its number may be another process's: kill(pid, sig) would hit
	 * that one. The descriptor still means the one that has gone */
	look("reaped", fd, 0, 1, ESRCH);

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
