// SPDX-License-Identifier: MIT
/*
 * unix_abstract.c - a Unix socket whose name is no file
 *
 * Shows:  an abstract name is no file, and is gone the moment its owner is
 * Build:  cc unix_abstract.c -o unix_abstract
 * Run:    ./unix_abstract
 * Prints: what a client finds at the name, while its owner lives and after
 * Exit:   0 done; 1 a call failed, or the name behaved otherwise; 2 usage
 * See:    unix(7): "abstract"; unix_stream_consumer.c removes a stale file
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC, pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
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

static struct sockaddr_un addr = { .sun_family = AF_UNIX };
static socklen_t addr_len;

static int usage(FILE *out)
{
	fputs("usage: unix_abstract\n"
	      "Let a child listen at an abstract name, and kill it.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The NUL byte in front makes the name abstract. No NUL ends it: the length of
 * the address does, and each byte counts. "sizeof addr" would be another name
 */
static void make_name(void)
{
	int n = snprintf(addr.sun_path + 1, sizeof addr.sun_path - 1,
			 "linux-ipc-abstract-%ld", (long)getpid());

	addr_len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

static int make_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	return fd;
}

/* What a client meets at an address of this length; 0 or errno */
static int try_connect(const char *when, socklen_t len)
{
	int fd = make_socket(), e = 0;

	if (connect(fd, (struct sockaddr *)&addr, len) == -1)
		e = errno;
	printf("%s: connect: %s\n", when, e ? strerror(e) : "accepted");
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	return e;
}

/* The child owns the name, and tidies nothing up: it waits to be killed */
static void own(int ready, pid_t parent)
{
	int fd = make_socket();

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	if (bind(fd, (struct sockaddr *)&addr, addr_len) == -1 ||
	    listen(fd, 8) == -1 || write(ready, "", 1) != 1)
		err(EXIT_FAILURE, "child: bind");
	for (;;)
		pause();
}

static pid_t start_owner(void)
{
	int fds[2];
	char c;

	if (pipe2(fds, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe");
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		own(fds[1], parent);
	if (close(fds[1]) == -1 || read(fds[0], &c, 1) != 1 ||
	    close(fds[0]) == -1)
		errx(EXIT_FAILURE, "the owner did not start");
	return pid;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_name();
	pid_t pid = start_owner();

	int file = access(addr.sun_path + 1, F_OK) == 0;
	printf("the owner lives: a file of that name: %s\n",
	       file ? "yes" : "no");
	int alive = try_connect("the owner lives", addr_len);
	int longer = try_connect("one byte more", addr_len + 1);

	if (kill(pid, SIGKILL) == -1 || waitpid(pid, NULL, 0) == -1)
		err(EXIT_FAILURE, "kill the owner");
	int dead = try_connect("the owner was killed", addr_len);
	int fd = make_socket();
	if (bind(fd, (struct sockaddr *)&addr, addr_len) == -1)
		err(EXIT_FAILURE, "bind the name again");
	printf("the next owner: bind: nothing to remove first\n");

	if (file || alive || longer != ECONNREFUSED || dead != ECONNREFUSED)
		errx(EXIT_FAILURE, "the name did not go with its owner");
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
