// SPDX-License-Identifier: MIT
/*
 * fifo_client.c - send a request to fifo_server, and print its answer
 *
 * Shows:  open the FIFO for the answer before you ask, and watch the server
 * Build:  cc fifo_client.c -o fifo_client
 * Run:    ./fifo_client PATH TEXT
 * Prints: the answer: TEXT in capitals
 * Exit:   0 answered; 1 a call or the server failed; 2 usage; 77 see ulimit -n
 * See:    fifo(7), mkfifo(3), poll(2), signal-safety(7); fifo_server.c
 */
#define _POSIX_C_SOURCE	  200809L
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */
#include "fifo_server.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char reply[PATH_MAX];

/* unlink and _exit are among the few calls that a handler may make */
static void remove_reply(int sig)
{
	unlink(reply); /* best effort */
	_exit(128 + sig);
}

int main(int argc, char *argv[])
{
	struct request request = { .pid = getpid() };
	struct stat st;

	if (argc != 3)
		errx(2, "usage: fifo_client PATH TEXT");
	if (strlen(argv[2]) >= sizeof request.text)
		errx(2, "TEXT is too long: the limit is %zu bytes",
		     sizeof request.text - 1);
	if (snprintf(reply, sizeof reply, "%s.%d", argv[1], (int)request.pid) >=
	    PATH_MAX)
		errx(2, "PATH is too long");
	strcpy(request.text, argv[2]);

	/* O_NONBLOCK: without a server, open fails and does not wait */
	int server = open(argv[1], O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (server == -1 || fstat(server, &st) == -1)
		err(EXIT_FAILURE, "open %s (start fifo_server first)", argv[1]);
	if (!S_ISFIFO(st.st_mode)) /* write would overwrite a file */
		errx(EXIT_FAILURE, "%s: not a FIFO", argv[1]);

	/* If a signal ends this program while it waits, the FIFO is removed */
	for (size_t i = 0; i < n_end_signals; i++)
		if (!is_ignored(end_signals[i]) &&
		    signal(end_signals[i], remove_reply) == SIG_ERR)
			err(EXIT_FAILURE, "signal");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) /* write fails instead */
		err(EXIT_FAILURE, "signal");
	unlink(reply); /* best effort: a killed client had the same PID */
	if (mkfifo(reply, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", reply);
	/* The server does not wait for a client: open before you ask */
	int in = open(reply, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct pollfd fds[] = { { .fd = in, .events = POLLIN },
				{ .fd = server } }; /* POLLERR: has exited */
	int is_asked =
	    in != -1 &&
	    write(server, &request, sizeof request) == sizeof request &&
	    poll(fds, 2, -1) != -1;
	if (unlink(reply) == -1 || !is_asked)
		err(errno == EMFILE ? 77 : EXIT_FAILURE, "ask for %s", reply);

	/* The server may have answered before it exited: read in any case */
	ssize_t n = read(in, request.text, sizeof request.text);
	if (n <= 0)
		errx(EXIT_FAILURE, "no answer: the server has exited");
	printf("%.*s\n", (int)n, request.text);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	if (close(in) == -1 || close(server) == -1)
		err(EXIT_FAILURE, "close");
	return EXIT_SUCCESS;
}
