// SPDX-License-Identifier: MIT
/*
 * fifo.h - the contract of fifo_producer and fifo_consumer
 *
 * Name:   a path. Either half makes the FIFO, mode 0600; the name goes as soon
 *         as open(2) has brought the two together, whoever made it.
 * Wire:   the bytes and nothing else. The end is EOF: the last writer has
 *         closed. Whether it had finished or was killed, EOF does not say.
 * Errors: a writer whose last reader has gone gets EPIPE, pipe(7).
 */
#ifndef FIFO_H
#define FIFO_H

/* The default name, with the effective user id as a uintmax_t */
#define FIFO_DEFAULT "/tmp/linux-ipc-%ju.fifo"

/* Bytes a read or a write moves at most: what a pipe holds, pipe(7) */
enum { FIFO_CHUNK = 65536 };

#endif
