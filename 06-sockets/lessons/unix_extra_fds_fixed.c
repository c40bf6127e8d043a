// SPDX-License-Identifier: MIT
/*
 * unix_extra_fds_fixed.c - close the open files that were not asked for
 *
 * Shows:  the receiver closes each descriptor that it did not ask for
 * Build:  cc unix_extra_fds_fixed.c -o unix_extra_fds_fixed
 * Run:    ./unix_extra_fds_fixed
 * Prints: how many descriptors were sent, and how many are open then
 * Exit:   0 only the wanted one is open; 1 a call failed, or others are;
 *         77 this machine forbids it
 * See:    unix(7): SCM_RIGHTS; cmsg(3), recvmsg(2); unix_extra_fds.c, the fault
 */
#define _GNU_SOURCE /* MSG_CMSG_CLOEXEC */

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SENT = 3 };

/* A byte of data, which a message needs, and room for the descriptors */
static union {
	struct cmsghdr header; /* for the alignment */
	char space[CMSG_SPACE(SENT * sizeof(int))];
} control;
static struct iovec iov = { .iov_base = (char[]){ '!' }, .iov_len = 1 };
static struct msghdr msg = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof control };

/* How many descriptors this process has open */
static int count_open(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* The child: receive a descriptor. Returns how many this has opened */
static int receive(int sock)
{
	int fds[SENT], before = count_open();

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1 ||
	    CMSG_FIRSTHDR(&msg) == NULL)
		return 0;
	size_t arrived = (control.header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
	/* This program wants fds[0], and has no use for others */
	memcpy(fds, CMSG_DATA(&control.header), arrived * sizeof(int));
	for (size_t i = 1; i < arrived; i++)
		close(fds[i]); /* best effort: count_open sees a failure */
	return count_open() - before;
}

int main(void)
{
	const int fds[SENT] = { STDERR_FILENO, STDERR_FILENO, STDERR_FILENO };
	int sv[2], status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		err(77, "socketpair: see ulimit -n");
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(&control.header), fds, sizeof fds);
	if (sendmsg(sv[0], &msg, MSG_NOSIGNAL) != 1)
		err(EXIT_FAILURE, "sendmsg");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0 &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent))
		_exit(0);
	if (pid == 0)
		_exit(receive(sv[1]));

	if (waitpid(pid, &status, 0) == -1 || close(sv[0]) == -1 ||
	    close(sv[1]) == -1)
		err(EXIT_FAILURE, "waitpid, close");
	int opened = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	printf("sent: %d, wanted: 1, open: %d\n", SENT, opened);
	if (opened != 1)
		errx(EXIT_FAILURE, "expected 1 open");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
