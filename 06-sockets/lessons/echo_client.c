// SPDX-License-Identifier: MIT
/*
 * echo_client.c - send standard input to an echo server, print the echo
 *
 * Shows:  one process for each direction: writing everything first deadlocks
 * Build:  cc echo_client.c -o echo_client
 * Run:    ./echo_client CONNECTIONS PATH <file
 * Prints: the echo, from the last of the connections: the others are idle; on
 *         standard error: how many bytes that was
 * Exit:   0 everything was echoed; 1 a call or the server failed; 2 usage
 * See:    shutdown(2), unix(7), socket(7); echo_server.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct progress { /* of the child, in memory shared with the parent */
	size_t sent;
	int is_complete;
};
static struct progress *progress;
static char buf[65536];

/* The child. If one process sent everything first, the echo would fill both
 * sockets, the server would stop reading, and each would wait for the other.
 * send blocks until all is sent; if it sends less, the server has exited */
static void send_input(int fd)
{
	ssize_t n;

	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0) {
		progress->sent += (size_t)n;
		if (send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
			return;
	}
	if (n == -1)
		warn("read standard input");
	progress->is_complete = n == 0;
	/* EOF for the server. Best effort: it may have exited */
	(void)shutdown(fd, SHUT_WR);
}

int main(int argc, char *argv[])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t echoed = 0;
	ssize_t n;
	int fd = -1;
	char *end = "";
	long count = argc == 3 ? strtol(argv[1], &end, 10) : 0;

	if (count < 1 || *end != '\0' ||
	    strlen(argv[2]) >= sizeof addr.sun_path)
		errx(2, "usage: echo_client CONNECTIONS PATH <file "
			"(PATH: at most 107 bytes)");
	strcpy(addr.sun_path, argv[2]);
	signal(SIGPIPE, SIG_IGN); /* a closed output is an error */
	/* The idle connections stay open until this process exits */
	for (long i = 0; i < count; i++) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd == -1 ||
		    connect(fd, (struct sockaddr *)&addr, sizeof addr) == -1)
			err(EXIT_FAILURE, "connect %s", argv[2]);
	}

	progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
		    getppid() == parent)
			send_input(fd);
		_exit(EXIT_SUCCESS);
	}

	/* Up to EOF: the server closes the connection */
	while ((n = read(fd, buf, sizeof buf)) > 0) {
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
		echoed += (size_t)n;
	}
	if (n == -1)
		warn("read");
	if (!progress->is_complete || echoed != progress->sent)
		errx(EXIT_FAILURE, "the server ended: %zu of %zu bytes", echoed,
		     progress->sent);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("bytes echoed: %zu", echoed);
	return EXIT_SUCCESS;
}
