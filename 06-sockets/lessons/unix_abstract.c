// SPDX-License-Identifier: MIT
/*
 * unix_abstract.c - a Unix socket whose name is no file
 *
 * Shows:  an abstract name is no file, and vanishes with its socket
 * Build:  cc unix_abstract.c -o unix_abstract
 * Run:    ./unix_abstract
 * Prints: what a client finds at the name, while the socket is open and after
 * Exit:   0 done; 1 a call failed, or other results;
 *         77 this machine forbids it
 * See:    unix(7): "abstract"; ../robust/unix_stream.h removes a stale file
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un un = { .sun_family = AF_UNIX };
static const struct sockaddr *addr = (struct sockaddr *)&un;
static socklen_t len;

static int listen_at_name(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, addr, len) == -1 || listen(fd, 8) == -1)
		err(77, "socket, bind, listen: see ulimit -n");
	return fd;
}

static void try_connect(const char *when, int expected)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(77, "socket: see ulimit -n");
	int reason = connect(fd, addr, len) == -1 ? errno : 0;
	printf("%s: connect: %s\n", when,
	       reason == 0 ? "accepted" : strerror(reason));
	if (reason != expected)
		errx(EXIT_FAILURE, "expected: %s", strerror(expected));
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
}

int main(void)
{
	/* The NUL byte in front makes the name abstract. No NUL byte ends the
	 * name: the length of the address does, and each byte counts */
	int n = snprintf(un.sun_path + 1, sizeof un.sun_path - 1,
			 "linux-ipc-abstract-%ld", (long)getpid());
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) +
	      (socklen_t)n;

	int listener = listen_at_name();
	try_connect("the socket is open", 0);
	/* If a process is killed, the kernel closes its sockets, as here */
	if (close(listener) == -1)
		err(EXIT_FAILURE, "close");
	try_connect("the socket was closed", ECONNREFUSED);

	/* With a path, this bind would fail: the file would still exist */
	listener = listen_at_name();
	printf("the next one: bind: nothing to remove first\n");
	if (close(listener) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
