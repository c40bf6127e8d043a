// SPDX-License-Identifier: MIT
/*
 * unix_seqpacket.h - the contract of unix_seqpacket_producer and its consumer
 *
 * Name:   a path, or @ and an abstract name, which is no file. The consumer
 *         makes the socket, mode 0600, and removes the path as soon as one
 *         producer has connected. Both halves belong to one user.
 * Wire:   messages of 1 to SEQPACKET_MAX bytes, and an empty one as the
 *         end. EOF without that: the producer died.
 * Errors: a producer whose consumer has gone gets EPIPE, or ECONNRESET if a
 *         message was still unread, unix(7).
 */
#ifndef UNIX_SEQPACKET_H
#define UNIX_SEQPACKET_H

/* The default name, with the effective user id as a uintmax_t */
#define SEQPACKET_DEFAULT "/tmp/linux-ipc-%ju.seqpacket"

/* Bytes of a message: well below what a socket may buffer, socket(7) */
enum { SEQPACKET_MAX = 65536 };

#endif
