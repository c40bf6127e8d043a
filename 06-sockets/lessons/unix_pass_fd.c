// SPDX-License-Identifier: MIT
/*
 * unix_pass_fd.c - hand an open file to another process
 *
 * Shows:  a descriptor travels with a message, and is open when it arrives
 * Build:  cc unix_pass_fd.c -o unix_pass_fd
 * Run:    ./unix_pass_fd
 * Prints: what the receiver reads from a file that it never opened
 * Exit:   0 done; 1 a call failed, or no descriptor arrived;
 *         77 this machine forbids it
 * See:    unix(7): SCM_RIGHTS; cmsg(3), memfd_create(2); unix_extra_fds.c
 */
#define _GNU_SOURCE /* memfd_create, MSG_CMSG_CLOEXEC */

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A byte of data, which a message needs, and room for one descriptor. Parent
 * and child use a copy each. CMSG_SPACE is padded: a second one would fit */
static union {
	struct cmsghdr header; /* for the alignment */
	char space[CMSG_SPACE(sizeof(int))];
} control;
static struct iovec iov = { .iov_base = (char[]){ '!' }, .iov_len = 1 };
static struct msghdr msg = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = CMSG_LEN(sizeof(int)) };

/* The child: its file has no name, so that no other process can open it */
static int give(int sock)
{
	int fd = memfd_create("gift", MFD_CLOEXEC);

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	if (fd != -1 && write(fd, "opened by the child", 19) == 19 &&
	    sendmsg(sock, &msg, MSG_NOSIGNAL) == 1)
		return EXIT_SUCCESS;
	warn("child: memfd_create, write, sendmsg");
	return EXIT_FAILURE;
}

int main(void)
{
	char text[64];
	int sv[2], fd, status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		err(77, "socketpair: see ulimit -n");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0)
		_exit(prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent || give(sv[1]));
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");

	/* The message holds the file open, though the child has exited.
	 * MSG_CMSG_CLOEXEC: the new descriptor is close-on-exec at once */
	if (recvmsg(sv[0], &msg, MSG_CMSG_CLOEXEC) != 1 ||
	    CMSG_FIRSTHDR(&msg) == NULL || (msg.msg_flags & MSG_CTRUNC) != 0)
		errx(EXIT_FAILURE, "expected one descriptor");
	memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);

	/* From offset 0: the two descriptors share one offset, as after dup */
	ssize_t n = pread(fd, text, sizeof text, 0);
	if (n == -1)
		err(EXIT_FAILURE, "pread");
	printf("the child has exited, its file reads: %.*s\n", (int)n, text);

	if (close(fd) == -1 || close(sv[0]) == -1 || close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
