// SPDX-License-Identifier: MIT
/*
 * pipe.h - the contract of pipe_producer and pipe_consumer
 *
 * Name:   none. The producer makes the pipe and starts the reader, which
 *         inherits the read end as its standard input; nothing to remove.
 * Wire:   the bytes and nothing else. The end is EOF: every descriptor of the
 *         write end is closed. Whether the writer had finished or was killed,
 *         EOF does not say.
 * Errors: a writer whose last reader has gone gets EPIPE, pipe(7).
 */
#ifndef PIPE_H
#define PIPE_H

/* Bytes a read or a write moves at most: what a pipe holds, pipe(7) */
enum { PIPE_CHUNK = 65536 };

#endif
