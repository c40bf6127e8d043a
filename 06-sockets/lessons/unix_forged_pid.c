// SPDX-License-Identifier: MIT
/*
 * unix_forged_pid.c - send a message with a true pid, and with a forged one
 *
 * Shows:  SCM_CREDENTIALS names the sender of a message, and cannot be forged
 * Build:  cc unix_forged_pid.c -o unix_forged_pid
 * Run:    ./unix_forged_pid
 * Prints: the error for a false pid, and the sender of a true message
 * Exit:   0 done; 1 a call failed, or other results;
 *         77 this machine forbids it
 * See:    unix(7): SCM_CREDENTIALS, SO_PASSCRED; cmsg(3); unix_peer_identity.c
 */
#define _GNU_SOURCE /* struct ucred */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A byte of data and one set of credentials, for parent and child */
static union {
	struct cmsghdr header; /* for the alignment */
	char space[CMSG_SPACE(sizeof(struct ucred))];
} control;
static struct iovec iov = { .iov_base = (char[]){ '!' }, .iov_len = 1 };
static struct msghdr msg = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof control };

/* Send a byte as pid. The kernel checks that before it sends the message */
static ssize_t send_as(int fd, pid_t pid)
{
	struct ucred cred = { .pid = pid, .uid = getuid(), .gid = getgid() };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_CREDENTIALS;
	control.header.cmsg_len = CMSG_LEN(sizeof cred);
	memcpy(CMSG_DATA(&control.header), &cred, sizeof cred);
	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}

int main(void)
{
	int sv[2], on = 1, status;

	/* With SO_PASSCRED each message comes with its sender's credentials */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1 ||
	    setsockopt(sv[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == -1)
		err(77, "socketpair, SO_PASSCRED: see ulimit -n");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0)
		_exit(prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent || send_as(sv[1], getpid()) != 1);
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");

	struct ucred cred;
	if (recvmsg(sv[0], &msg, 0) != 1 || CMSG_FIRSTHDR(&msg) == NULL)
		err(EXIT_FAILURE, "recvmsg");
	memcpy(&cred, CMSG_DATA(&control.header), sizeof cred);
	if (cred.pid != pid || cred.uid != getuid())
		errx(EXIT_FAILURE, "pid %d, uid %u", cred.pid, cred.uid);
	printf("SCM_CREDENTIALS: the child's pid, this user\n");

	/* This process claims to be its parent. CAP_SYS_ADMIN, which root has,
	 * would allow that: drop all capabilities first */
	uint32_t head[2] = { 0x20080522, 0 }, none[6] = { 0 };
	if (syscall(SYS_capset, head, none) == -1)
		err(EXIT_FAILURE, "capset");
	if (send_as(sv[0], getppid()) != -1 || errno != EPERM)
		errx(EXIT_FAILURE, "expected EPERM for a forged pid");
	printf("a forged pid: %s\n", strerror(errno));

	if (close(sv[0]) == -1 || close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
