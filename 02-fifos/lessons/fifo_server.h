// SPDX-License-Identifier: MIT
/*
 * fifo_server.h - the contract of fifo_server and fifo_client
 *
 * Name:   PATH is the server's FIFO, mode 0600: all clients write to it. A
 *         client makes a FIFO of its own, PATH.PID, mode 0600, and opens it
 *         before it sends the request. It reads the answer there, and removes
 *         that FIFO.
 * Wire:   a request is one struct request, in one write of at most PIPE_BUF
 *         bytes: no bytes of another writer are mixed into it. The answer is
 *         the text in capitals, in one write.
 * Errors: a shorter write gets no answer, and a longer one is truncated. Both
 *         can spoil the next request. A client whose server exits gets POLLERR
 *         or EPIPE. If no server is running, its open fails with ENXIO or
 *         ENOENT.
 * Trust:  mode 0600 keeps other users from PATH, not from the names around it:
 *         keep it in a folder of your own, or check what is open: safe_open.c.
 */
#ifndef FIFO_SERVER_H
#define FIFO_SERVER_H

#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

struct request {
	pid_t pid;	/* of the client: the answer's FIFO is PATH.PID */
	char text[252]; /* ends with NUL */
};

/* No other write is mixed into one of at most PIPE_BUF bytes, pipe(7) */
_Static_assert(sizeof(struct request) <= PIPE_BUF, "one whole write");

/* Signals that users send to end a process. Its FIFO must not be left then */
static const int end_signals[] = { SIGHUP,  SIGINT,  SIGQUIT,  SIGALRM,
				   SIGTERM, SIGUSR1, SIGUSR2,  SIGXCPU,
				   SIGXFSZ, SIGPROF, SIGVTALRM };
static const size_t n_end_signals = sizeof end_signals / sizeof end_signals[0];

/* A signal that was ignored at the start, as by nohup(1), stays ignored */
static int is_ignored(int sig)
{
	struct sigaction old;

	return sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

#endif
