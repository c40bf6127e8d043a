// SPDX-License-Identifier: MIT
/*
 * unix_forged_pid.c - say with a message who you are, and who you are not
 *
 * Shows:  SCM_CREDENTIALS tells who sent a message; a forged pid is refused
 * Build:  cc unix_forged_pid.c -o unix_forged_pid
 * Run:    ./unix_forged_pid
 * Prints: what a child gets that claims to be its parent, and what came then
 * Exit:   0 done; 1 a call failed, or the kernel was mistaken; 2 usage
 * See:    unix(7): SCM_CREDENTIALS, SO_PASSCRED; cmsg(3); unix_peer_identity.c
 */
#define _GNU_SOURCE /* struct ucred */

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

union control { /* aligned as a cmsghdr has to be */
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(struct ucred))];
};

static int usage(FILE *out)
{
	fputs("usage: unix_forged_pid\n"
	      "Send a message as oneself, and as another process.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Send a byte as pid. The kernel checks the claim before it passes it on */
static int send_as(int fd, pid_t pid)
{
	struct ucred cred = { .pid = pid, .uid = getuid(), .gid = getgid() };
	union control u = { .head = { .cmsg_level = SOL_SOCKET,
				      .cmsg_type = SCM_CREDENTIALS,
				      .cmsg_len = CMSG_LEN(sizeof cred) } };
	struct iovec iov = { .iov_base = (char[]){ '!' }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &u,
			      .msg_controllen = CMSG_LEN(sizeof cred) };

	memcpy(CMSG_DATA(&u.head), &cred, sizeof cred);
	return (int)sendmsg(fd, &msg, MSG_NOSIGNAL);
}

/* The child. Who has CAP_SYS_ADMIN may name any process: a child of root puts
 * its capabilities down first, so that it forges as an ordinary user would */
static void forge(int fd)
{
	uint32_t head[2] = { 0x20080522, 0 }, none[6] = { 0 };

	if (syscall(SYS_capset, head, none) == -1)
		err(EXIT_FAILURE, "child: capset");
	if (send_as(fd, getppid()) != -1 || errno != EPERM)
		errx(EXIT_FAILURE, "child: a forged pid, and not EPERM");
	printf("forging the parent's pid: %s\n", strerror(errno));
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	if (send_as(fd, getpid()) != 1)
		err(EXIT_FAILURE, "child: sendmsg");
	_exit(EXIT_SUCCESS);
}

/* Who sent these bytes: with every message, once SO_PASSCRED is on */
static struct ucred receive(int fd)
{
	char byte;
	union control u;
	struct ucred cred;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &u,
			      .msg_controllen = sizeof u };

	if (recvmsg(fd, &msg, 0) != 1)
		errx(EXIT_FAILURE, "the child sent nothing");
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	if (c == NULL || c->cmsg_type != SCM_CREDENTIALS)
		errx(EXIT_FAILURE, "no credentials came");
	memcpy(&cred, CMSG_DATA(c), sizeof cred);
	return cred;
}

int main(int argc, char *argv[])
{
	int sv[2], on = 1, status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1 ||
	    setsockopt(sv[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == -1)
		err(EXIT_FAILURE, "socketpair, setsockopt SO_PASSCRED");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		forge(sv[1]);
	if (close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");

	struct ucred cred = receive(sv[0]);
	printf("SCM_CREDENTIALS: %s, %s\n",
	       cred.pid == pid ? "the child's pid" : "another pid",
	       cred.uid == getuid() ? "our user" : "another user");
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	if (cred.pid != pid || cred.uid != getuid())
		errx(EXIT_FAILURE, "not who sent it");

	if (close(sv[0]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
