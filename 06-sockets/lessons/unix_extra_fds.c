// SPDX-License-Identifier: MIT
/*
 * unix_extra_fds.c - more open files than were asked for
 *
 * Shows:  the sender decides how many descriptors arrive, and all are open
 * Build:  cc unix_extra_fds.c -o unix_extra_fds
 * Run:    ./unix_extra_fds
 * Prints: how many descriptors arrived, and how many are open
 * Exit:   0 all of them are open; 1 a call failed, or they are not
 * See:    unix(7): SCM_RIGHTS; cmsg(3), recvmsg(2); unix_extra_fds_fixed.c
 */
#define _GNU_SOURCE /* MSG_CMSG_CLOEXEC */

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SENT = 3 };

static union {
	struct cmsghdr header; /* for the alignment */
	char space[CMSG_SPACE(SENT * sizeof(int))];
} control;
static struct iovec iov = { .iov_base = (char[]){ '!' }, .iov_len = 1 };
static struct msghdr msg = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof control };

/* Three copies of standard error, with one byte of data */
static void send_fds(int sock)
{
	const int fds[SENT] = { STDERR_FILENO, STDERR_FILENO, STDERR_FILENO };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(&control.header), fds, sizeof fds);
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) != 1)
		err(EXIT_FAILURE, "sendmsg");
}

/* How many descriptors this process has open */
static int open_now(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* The child: receive one descriptor. Returns how many are open; -1 on error */
static int receive(int sock)
{
	int fds[SENT], before = open_now();

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1 ||
	    CMSG_FIRSTHDR(&msg) == NULL) {
		warn("child: recvmsg");
		return -1;
	}
	size_t arrived = (control.header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
	/* This program wants fds[0], and has no use for others */
	memcpy(fds, CMSG_DATA(&control.header), arrived * sizeof(int));

	int opened = open_now() - before;
	printf("asked for: 1, arrived: %zu, now open: %d\n", arrived, opened);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		warn("child: write standard output");
		return -1;
	}
	return opened;
}

int main(void)
{
	int sv[2], status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		err(EXIT_FAILURE, "socketpair");
	send_fds(sv[0]);
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		_exit(receive(sv[1]) != SENT);

	if (waitpid(pid, &status, 0) == -1 || close(sv[0]) == -1 ||
	    close(sv[1]) == -1)
		err(EXIT_FAILURE, "waitpid, close");
	if (status != 0)
		errx(EXIT_FAILURE, "the child failed, or saw something else");
	return EXIT_SUCCESS;
}
