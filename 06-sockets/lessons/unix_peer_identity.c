// SPDX-License-Identifier: MIT
/*
 * unix_peer_identity.c - ask the kernel who is at the other end
 *
 * Shows:  the kernel vouches for the pid and the user of who connected
 * Build:  cc unix_peer_identity.c -o unix_peer_identity
 * Run:    ./unix_peer_identity
 * Prints: what SO_PEERCRED says of a client, and SO_PEERPIDFD of its end
 * Exit:   0 done; 1 a call failed, or the client was mistaken; 2 usage
 * See:    unix(7): SO_PEERCRED; pidfd_open(2), credentials(7);
 *         unix_forged_pid.c
 */
#define _GNU_SOURCE /* struct ucred, accept4 */

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD /* Linux 6.5 */
#define SO_PEERPIDFD 77
#endif

static int usage(FILE *out)
{
	fputs("usage: unix_peer_identity\n"
	      "Let a client connect, and ask who it is.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Stay connected until the server closes */
static void be_client(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd == -1 || connect(fd, address, len) == -1)
		err(EXIT_FAILURE, "client: connect");
	_exit(read(fd, &c, 1) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* Noted by the kernel at connect(2), and the same for ever, even if the socket
 * is handed on to another process */
static void ask_credentials(int fd, pid_t client)
{
	struct ucred cred;
	socklen_t len = sizeof cred;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		err(EXIT_FAILURE, "getsockopt SO_PEERCRED");
	printf("SO_PEERCRED: %s, %s\n",
	       cred.pid == client ? "the client's pid" : "another pid",
	       cred.uid == getuid() ? "our user" : "another user");
	if (cred.pid != client || cred.uid != getuid())
		errx(EXIT_FAILURE, "pid %d, uid %u", cred.pid, cred.uid);
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

int main(int argc, char *argv[])
{
	struct sockaddr_storage name = { .ss_family = AF_UNIX };
	struct sockaddr *address = (struct sockaddr *)&name;
	socklen_t len = sizeof name;
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A name of no length: the kernel makes an abstract one */
	if (listener == -1 || bind(listener, address, sizeof name.ss_family) ||
	    listen(listener, 1) || getsockname(listener, address, &len))
		err(EXIT_FAILURE, "make a listener");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		be_client(address, len);

	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd == -1)
		err(EXIT_FAILURE, "accept");
	ask_credentials(fd, pid);
	struct pollfd end = { .fd = ask_pidfd(fd), .events = POLLIN };
	if (close(fd) == -1 || close(listener) == -1)
		err(EXIT_FAILURE, "close");
	if (end.fd != -1) {
		/* The client is not reaped yet, but has ended */
		if (poll(&end, 1, -1) != 1 || close(end.fd) == -1)
			err(EXIT_FAILURE, "poll");
		puts("SO_PEERPIDFD: the client has ended");
	}
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the client failed");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
