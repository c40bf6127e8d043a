// SPDX-License-Identifier: MIT
/*
 * fifo_client.c - send a request to fifo_server, and print its answer
 *
 * Shows:  open the FIFO for the answer before you ask, and watch the server
 * Build:  cc fifo_client.c -o fifo_client
 * Run:    ./fifo_client PATH TEXT
 * Prints: the answer: TEXT in capitals
 * Exit:   0 answered; 1 a call or the server failed; 2 usage
 * See:    fifo(7), mkfifo(3), poll(2), signalfd(2); fifo_server.c
 */
#define _GNU_SOURCE	     /* O_NOFOLLOW */
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */

#include "fifo_server.h"
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* O_NONBLOCK: without a server this is ENXIO, not a wait */
static int open_server(const char *path)
{
	struct stat st;
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1)
		err(EXIT_FAILURE, "open %s (start fifo_server first)", path);
	if (!S_ISFIFO(st.st_mode) || st.st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a FIFO of this user", path);
	return fd;
}

/* Send the request. Wait for the answer, the exit of the server, or a signal,
 * which ends this program as soon as reply is removed again */
static int ask(int server, const char *request, size_t len, const char *reply)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	int signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals == -1)
		err(EXIT_FAILURE, "signalfd");

	unlink(reply); /* of a killed client that had the same PID, if any */
	if (mkfifo(reply, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", reply);
	/* The server does not wait for this client: open before you ask */
	int in = open(reply, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct pollfd fds[] = { { .fd = in, .events = POLLIN },
				{ .fd = server }, /* POLLERR: it has exited */
				{ .fd = signals, .events = POLLIN } };
	/* At most PIPE_BUF bytes: all of them at once, or none */
	if (in == -1 || write(server, request, len) != (ssize_t)len ||
	    poll(fds, 3, -1) == -1)
		warn("ask for %s", reply);
	if (unlink(reply) == -1)
		err(EXIT_FAILURE, "unlink %s", reply);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1 || close(signals) == -1)
		err(EXIT_FAILURE, "sigprocmask, close");
	return in;
}

int main(int argc, char *argv[])
{
	char request[REQUEST_MAX + 1], buf[REQUEST_MAX], reply[PATH_MAX];
	intmax_t pid = getpid();

	if (argc != 3 || strchr(argv[2], '\n') != NULL)
		errx(2, "usage: fifo_client PATH TEXT (TEXT is one line)");
	int len = snprintf(request, sizeof request, "\n%jd %s\n", pid, argv[2]);
	if (len > REQUEST_MAX)
		errx(2, "TEXT is too long: the request is limited to %d bytes",
		     REQUEST_MAX);
	if (snprintf(reply, sizeof reply, "%s.%jd", argv[1], pid) >= PATH_MAX)
		errx(2, "PATH is too long");

	signal(SIGPIPE, SIG_IGN); /* write reports EPIPE instead */
	int server = open_server(argv[1]);
	int in = ask(server, request, (size_t)len, reply);

	/* The server may have exited after it sent the answer: read first */
	ssize_t n = read(in, buf, sizeof buf);
	if (n <= 0)
		errx(EXIT_FAILURE, "no answer: the server has exited");
	if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n ||
	    fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write standard output");
	if (close(in) == -1 || close(server) == -1)
		err(EXIT_FAILURE, "close");
	return EXIT_SUCCESS;
}
