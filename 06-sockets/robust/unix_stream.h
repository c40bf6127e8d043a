// SPDX-License-Identifier: MIT
/*
 * unix_stream.h - the contract of unix_stream_producer and unix_stream_consumer
 *
 * Name:   a path, or @ and an abstract name, which is no file. The consumer
 *         makes the socket, mode 0600, and removes the path as soon as one
 *         producer has connected. Both halves belong to one user.
 * Wire:   the bytes and nothing else. The end is EOF: the producer has shut
 *         down its sending side, or was killed; EOF does not say which.
 * Errors: a producer whose consumer has gone gets EPIPE, or ECONNRESET if some
 *         bytes were still unread, unix(7).
 */
#ifndef UNIX_STREAM_H
#define UNIX_STREAM_H

/* The default name, with the effective user id as a uintmax_t */
#define STREAM_DEFAULT "/tmp/linux-ipc-%ju.stream"

/* Bytes a read or a write moves at most */
enum { STREAM_CHUNK = 65536 };

#endif
