// SPDX-License-Identifier: MIT
/*
 * peer_identity.c - ask the kernel who is at the other end
 *
 * Shows:  the kernel vouches for a peer's pid and user; a forged pid is refused
 * Build:  cc peer_identity.c -o peer_identity
 * Run:    ./peer_identity
 * Prints: what three sources say of the client, and what a forger gets
 * Exit:   0 done; 1 a call failed, or the client was mistaken; 2 usage
 * See:    unix(7): SO_PEERCRED, SCM_CREDENTIALS; pidfd_open(2); credentials(7)
 */
#define _GNU_SOURCE /* struct ucred, accept4 */

#include <err.h>
#include <errno.h>
#include <poll.h>
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

#ifndef SO_PEERPIDFD /* Linux 6.5 */
#define SO_PEERPIDFD 77
#endif

union control { /* aligned as a cmsghdr has to be */
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(struct ucred))];
};

static int usage(FILE *out)
{
	fputs("usage: peer_identity\n"
	      "Ask who a client is, and let it pretend to be another.\n",
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
			      .msg_controllen = sizeof u };

	memcpy(CMSG_DATA(&u.head), &cred, sizeof cred);
	return (int)sendmsg(fd, &msg, MSG_NOSIGNAL);
}

/* The child. Who has CAP_SYS_ADMIN may name any process: a child of root puts
 * its capabilities down first, so that it forges as an ordinary user would */
static void be_client(struct sockaddr *addr, socklen_t len)
{
	uint32_t head[2] = { 0x20080522, 0 }, none[6] = { 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd == -1 || connect(fd, addr, len) == -1 || read(fd, &c, 1) != 1)
		err(EXIT_FAILURE, "client: connect");
	if (syscall(SYS_capset, head, none) == -1)
		err(EXIT_FAILURE, "client: capset");
	if (send_as(fd, getppid()) != -1 || errno != EPERM)
		errx(EXIT_FAILURE, "client: a forged pid, and not EPERM");
	printf("client: forging its parent's pid: %s\n", strerror(errno));
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "client: write standard output");
	if (send_as(fd, getpid()) != 1)
		err(EXIT_FAILURE, "client: sendmsg");
	while (read(fd, &c, 1) == 1)
		; /* until the server has looked, and closes */
	_exit(EXIT_SUCCESS);
}

static void check(const char *source, struct ucred cred, pid_t client)
{
	printf("%s: %s, %s\n", source,
	       cred.pid == client ? "the client's pid" : "another pid",
	       cred.uid == getuid() ? "our user" : "another user");
	if (cred.pid != client || cred.uid != getuid())
		errx(EXIT_FAILURE, "%s: pid %ld, uid %lu", source,
		     (long)cred.pid, (unsigned long)cred.uid);
}

/* Who connected: noted by the kernel at connect(2), and the same for ever, even
 * if the socket is handed on */
static void ask_peercred(int fd, pid_t client)
{
	struct ucred cred;
	socklen_t len = sizeof cred;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		err(EXIT_FAILURE, "getsockopt SO_PEERCRED");
	check("SO_PEERCRED", cred, client);
}

/* Who sent these bytes: with every message, once SO_PASSCRED is on */
static void ask_message(int fd, pid_t client)
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
		errx(EXIT_FAILURE, "the client sent nothing");
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	if (c == NULL || c->cmsg_type != SCM_CREDENTIALS)
		errx(EXIT_FAILURE, "no credentials came");
	memcpy(&cred, CMSG_DATA(c), sizeof cred);
	check("SCM_CREDENTIALS", cred, client);
}

/* A pid can be another process tomorrow. A pidfd cannot. -1: not here */
static int ask_pidfd(int fd)
{
	int pidfd = -1;
	socklen_t len = sizeof pidfd;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) == 0)
		return pidfd;
	if (errno != ENOPROTOOPT)
		err(EXIT_FAILURE, "getsockopt SO_PEERPIDFD");
	printf("SO_PEERPIDFD: not here (Linux 6.5): %s\n", strerror(errno));
	return -1;
}

/* Before the client is reaped: its pidfd tells that it has ended */
static void watch_end(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int n;

	if (pidfd == -1)
		return;
	do
		n = poll(&p, 1, -1);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		err(EXIT_FAILURE, "poll");
	puts("SO_PEERPIDFD: the client has ended");
	if (close(pidfd) == -1)
		err(EXIT_FAILURE, "close");
}

int main(int argc, char *argv[])
{
	struct sockaddr_storage addr = { .ss_family = AF_UNIX };
	struct sockaddr *sa = (struct sockaddr *)&addr;
	socklen_t len = sizeof addr;
	int on = 1, status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A name of no length: the kernel makes an abstract one */
	if (listener == -1 || bind(listener, sa, sizeof addr.ss_family) == -1 ||
	    listen(listener, 1) == -1 || getsockname(listener, sa, &len) == -1)
		err(EXIT_FAILURE, "make a listener");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		be_client(sa, len);

	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd == -1)
		err(EXIT_FAILURE, "accept");
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == -1)
		err(EXIT_FAILURE, "setsockopt SO_PASSCRED");
	ask_peercred(fd, pid);
	if (send(fd, "", 1, MSG_NOSIGNAL) != 1)
		err(EXIT_FAILURE, "send");
	ask_message(fd, pid);
	int pidfd = ask_pidfd(fd);
	if (close(fd) == -1 || close(listener) == -1)
		err(EXIT_FAILURE, "close");
	watch_end(pidfd);
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the client failed");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
