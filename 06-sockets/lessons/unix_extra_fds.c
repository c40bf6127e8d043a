// SPDX-License-Identifier: MIT
/*
 * unix_extra_fds.c - more open files than were asked for
 *
 * Shows:  what comes with a message is open, wanted or not: the receiver closes
 *         it, and believes no message that was cut
 * Build:  cc unix_extra_fds.c -o unix_extra_fds
 * Run:    ./unix_extra_fds
 * Prints: what came with each of two messages, and what it left open
 * Exit:   0 done; 1 a call failed, or a descriptor leaked; 2 usage
 * See:    unix(7): SCM_RIGHTS, cmsg(3), recvmsg(2); unix_pass_fd.c
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

/* The CMSG_NXTHDR of musl, another C library, has one */
#pragma GCC diagnostic ignored "-Wsign-conversion"

enum { ROOM = 4 }; /* descriptors that the receiver's buffer has room for */

static int usage(FILE *out)
{
	fputs("usage: unix_extra_fds\n"
	      "Receive more open files than asked for, and too many.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Send count copies of fd. One byte goes with them: without any, a stream would
 * send nothing, and here it would look like EOF */
static void send_fds(int sock, int fd, size_t count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(8 * sizeof fd)] = "";
	struct iovec iov = { .iov_base = (char[]){ '!' }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen =
				  (socklen_t)CMSG_SPACE(count * sizeof fd) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = (socklen_t)CMSG_LEN(count * sizeof fd);
	for (size_t i = 0; i < count; i++)
		memcpy(CMSG_DATA(c) + i * sizeof fd, &fd, sizeof fd);
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) != 1)
		err(EXIT_FAILURE, "child: sendmsg");
}

/* Go through all that came: keep the first descriptor, close the others. They
 * are in our table already, asked for or not; forgotten ones stay for ever */
static int keep_first(struct msghdr *msg)
{
	int kept = -1, count = 0, fd;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	     c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof fd;
		for (size_t i = 0; i < n; i++, count++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (kept == -1)
				kept = fd;
			else if (close(fd) == -1)
				err(EXIT_FAILURE, "close an extra descriptor");
		}
	}
	printf("%d came%s\n", count, count > 1 ? ", all but one closed" : "");
	return kept;
}

/* One message: is it to be believed? MSG_CMSG_CLOEXEC: it comes with
 * close-on-exec: no other thread's fork and exec inherits it in between */
static int receive(int sock)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(ROOM * sizeof(int))];
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof control };

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1)
		errx(EXIT_FAILURE, "the child sent nothing");
	int fd = keep_first(&msg);
	/* The sender said more than we heard: believe none of it */
	int cut = (msg.msg_flags & MSG_CTRUNC) != 0;
	if (cut)
		puts("MSG_CTRUNC: some did not fit: refused");
	/* Else a program would use it now, as in unix_pass_fd.c */
	if (fd == -1 || close(fd) == -1)
		errx(EXIT_FAILURE, "no descriptor came");
	return !cut;
}

/* How many descriptors this process has open */
static int open_now(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

int main(int argc, char *argv[])
{
	int sv[2], status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		err(EXIT_FAILURE, "socketpair");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) { /* gives its standard error, far too often */
		send_fds(sv[1], STDERR_FILENO, 3);
		send_fds(sv[1], STDERR_FILENO, ROOM + 1);
		_exit(EXIT_SUCCESS);
	}
	if (close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");

	int before = open_now();
	int believed = receive(sv[0]), refused = !receive(sv[0]);
	int leaked = open_now() - before;
	printf("left open: %d\n", leaked);
	if (waitpid(pid, &status, 0) == -1 || close(sv[0]) == -1)
		err(EXIT_FAILURE, "waitpid, close");
	if (status != 0 || !believed || !refused || leaked != 0)
		errx(EXIT_FAILURE, "not as it should be");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
