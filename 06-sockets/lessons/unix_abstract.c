// SPDX-License-Identifier: MIT
/*
 * unix_abstract.c - a Unix socket whose name is no file
 *
 * Shows:  an abstract name is no file, and vanishes with its owner
 * Build:  cc unix_abstract.c -o unix_abstract
 * Run:    ./unix_abstract
 * Prints: what a client finds at the name, while its owner lives and after
 * Exit:   0 done; 1 a call failed, or the name behaved otherwise
 * See:    unix(7): "abstract"; ../robust/unix_stream.h removes a stale file
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a client meets at the name: 0 or errno */
static int try_connect(const char *when, const struct sockaddr *addr,
		       socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), e = 0;

	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	if (connect(fd, addr, len) == -1)
		e = errno;
	printf("%s: connect: %s\n", when, e ? strerror(e) : "accepted");
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	return e;
}

int main(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const struct sockaddr *addr = (struct sockaddr *)&un;
	/* The NUL byte in front makes the name abstract. No NUL byte ends it:
	 * the length of the address does, and each byte counts */
	int n = snprintf(un.sun_path + 1, sizeof un.sun_path - 1,
			 "linux-ipc-abstract-%ld", (long)getpid());
	socklen_t len = (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1 +
			(socklen_t)n;

	/* The child inherits the listener, and is its only owner */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, addr, len) == -1 || listen(fd, 8) == -1)
		err(EXIT_FAILURE, "bind");
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		for (;;)
			pause();
	}
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");

	int is_file = access(un.sun_path + 1, F_OK) == 0;
	printf("a file of that name: %s\n", is_file ? "yes" : "no");
	int alive = try_connect("the owner lives", addr, len);
	/* SIGKILL: the owner cannot remove anything */
	if (kill(pid, SIGKILL) == -1 || waitpid(pid, NULL, 0) == -1)
		err(EXIT_FAILURE, "kill the owner");
	int dead = try_connect("the owner was killed", addr, len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, addr, len) == -1)
		err(EXIT_FAILURE, "bind the name again");
	printf("the next owner: bind: nothing to remove first\n");

	if (is_file || alive != 0 || dead != ECONNREFUSED)
		errx(EXIT_FAILURE, "the name did not vanish with its owner");
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
