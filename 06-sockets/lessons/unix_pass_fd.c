// SPDX-License-Identifier: MIT
/*
 * unix_pass_fd.c - hand an open file to another process
 *
 * Shows:  a descriptor travels with a message, and is open when it arrives
 * Build:  cc unix_pass_fd.c -o unix_pass_fd
 * Run:    ./unix_pass_fd
 * Prints: what the receiver reads from a file that it never opened
 * Exit:   0 done; 1 a call failed, or none came; 2 usage
 * See:    unix(7): SCM_RIGHTS, cmsg(3), recvmsg(2), memfd_create(2);
 *         unix_extra_fds.c
 */
#define _GNU_SOURCE /* memfd_create, MSG_CMSG_CLOEXEC */

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

union control { /* aligned as a cmsghdr has to be */
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(int))];
};

static int usage(FILE *out)
{
	fputs("usage: unix_pass_fd\n"
	      "Receive an open file from a child.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* One byte goes with it: without any, a stream would send nothing */
static void send_fd(int sock, int fd)
{
	union control u = { .head = { .cmsg_level = SOL_SOCKET,
				      .cmsg_type = SCM_RIGHTS,
				      .cmsg_len = CMSG_LEN(sizeof fd) } };
	struct iovec iov = { .iov_base = (char[]){ '!' }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &u,
			      .msg_controllen = CMSG_LEN(sizeof fd) };

	memcpy(CMSG_DATA(&u.head), &fd, sizeof fd);
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) != 1)
		err(EXIT_FAILURE, "child: sendmsg");
}

/* MSG_CMSG_CLOEXEC: it comes with close-on-exec, so no other thread's fork and
 * exec can inherit it in between. CMSG_LEN: room for one; CMSG_SPACE is padded,
 * and would let in a second */
static int receive_fd(int sock)
{
	union control u;
	char byte;
	int fd;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &u,
			      .msg_controllen = CMSG_LEN(sizeof fd) };

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1)
		errx(EXIT_FAILURE, "the child sent nothing");
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS || (msg.msg_flags & MSG_CTRUNC) != 0)
		errx(EXIT_FAILURE, "not one descriptor came");
	memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

/* The child's file has no name: nobody could open it, yet it can be given */
static void give(int sock)
{
	int fd = memfd_create("gift", MFD_CLOEXEC);

	if (fd == -1 || write(fd, "opened by the child", 19) != 19)
		err(EXIT_FAILURE, "child: memfd_create");
	send_fd(sock, fd);
	_exit(EXIT_SUCCESS);
}

/* Read what the child wrote; from offset 0, since offset and file are shared */
static void show(int fd)
{
	char buf[64];
	ssize_t n = pread(fd, buf, sizeof buf, 0);
	int flags = fcntl(fd, F_GETFD);

	if (n == -1 || flags == -1)
		err(EXIT_FAILURE, "read what came");
	printf("it reads: %.*s; close-on-exec: %s\n", (int)n, buf,
	       flags & FD_CLOEXEC ? "yes" : "no");
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
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
	if (pid == 0)
		give(sv[1]);
	if (close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");

	show(receive_fd(sv[0]));
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");

	if (close(sv[0]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
