// SPDX-License-Identifier: MIT
/*
 * fifo_server.h - the contract of server and client
 *
 * Name:   PATH is the server's FIFO, mode 0600: all clients write to it. Each
 *         client reads its answer from a FIFO of its own, PATH.PID, mode 0600,
 *         which it opens before it asks, and removes.
 * Wire:   a request is a newline, the client's PID in digits, a space, a text
 *         and a newline, in one write of at most REQUEST_MAX bytes: no other
 *         writer's bytes come between. The newline in front ends what somebody
 *         else may have left unfinished; empty lines mean nothing. The answer
 *         is the text in capitals and a newline, in one write.
 * Errors: a line of another form is refused: no answer. A client whose server
 *         has gone sees POLLERR or EPIPE; none there at all is ENXIO.
 */
#ifndef SERVER_H
#define SERVER_H

#include <limits.h>

/* What a pipe takes at once, without mixing it with others, pipe(7) */
enum { REQUEST_MAX = PIPE_BUF };

/* Digits of a process id at most */
enum { PID_DIGITS = 10 };

/* How long PATH may be, and what follows its last slash: .PID must fit, too */
enum { SERVER_PATH_MAX = PATH_MAX - 1 - 1 - PID_DIGITS };
enum { SERVER_NAME_MAX = NAME_MAX - 1 - PID_DIGITS };

#endif
