// SPDX-License-Identifier: MIT
/*
 * fifo_server.h - the contract of fifo_server and fifo_client
 *
 * Name:   PATH is the server's FIFO, mode 0600: all clients write to it. Each
 *         client reads its answer from a FIFO of its own, PATH.PID, mode 0600,
 *         which it opens before it sends the request, and removes.
 * Wire:   a request is one struct request, in one write of at most PIPE_BUF
 *         bytes: no other writer's bytes come between. The answer is the text
 *         in capitals, in one write.
 * Errors: a shorter write gets no answer, a longer one is cut; both can spoil
 *         the request after it. A client whose server has exited sees POLLERR
 *         or EPIPE; if no server is running, ENXIO or ENOENT.
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
	char text[252]; /* with NUL at its end */
};

/* The longest write that no other write interrupts, pipe(7) */
_Static_assert(sizeof(struct request) <= PIPE_BUF, "one write, not cut");

/* Signals that others send, and that end a process: without its FIFO */
static const int ending[] = { SIGHUP,  SIGINT,	SIGQUIT,  SIGALRM,
			      SIGTERM, SIGUSR1, SIGUSR2,  SIGXCPU,
			      SIGXFSZ, SIGPROF, SIGVTALRM };
static const size_t n_ending = sizeof ending / sizeof *ending;

/* By nohup(1), or by a shell for its background jobs: it stays ignored */
static int is_ignored(int sig)
{
	struct sigaction old;

	return sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

#endif
