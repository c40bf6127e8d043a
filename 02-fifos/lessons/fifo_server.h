// SPDX-License-Identifier: MIT
/*
 * fifo_server.h - the contract of fifo_server and fifo_client
 *
 * Name:   PATH is the server's FIFO, mode 0600: all clients write to it. Each
 *         client reads its answer from a FIFO of its own, PATH.PID, mode 0600,
 *         which it opens before it sends the request, and removes.
 * Wire:   a request is a newline, the client's PID in digits, a space, a text
 *         and a newline, in one write of at most REQUEST_MAX bytes: no other
 *         writer's bytes come between. The newline in front ends a line that
 *         another writer has left unfinished; empty lines mean nothing. The
 *         answer is the text in capitals and a newline, in one write.
 * Errors: a line of another form is refused: no answer. A client whose server
 *         has exited sees POLLERR or EPIPE; ENXIO if no server is running.
 */
#ifndef FIFO_SERVER_H
#define FIFO_SERVER_H

#include <limits.h>

/* The longest write that no other write interrupts, pipe(7) */
enum { REQUEST_MAX = PIPE_BUF };

/* Digits of a process id at most */
enum { PID_DIGITS = 10 };

#endif
