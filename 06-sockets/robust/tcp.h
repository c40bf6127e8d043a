// SPDX-License-Identifier: MIT
/*
 * tcp.h - the contract of tcp_producer and tcp_consumer
 *
 * Name:   HOST:PORT, or [HOST]:PORT for an IPv6 address. The consumer listens
 *         until one producer has connected. Nothing says whose process that
 *         is: any user of the machine reaches localhost.
 * Wire:   the bytes and nothing else. The end is EOF: the producer has shut
 *         down its sending side. One that dies before resets the connection.
 * Errors: a half whose peer has gone gets ECONNRESET, tcp(7); a standard tool
 *         that dies may close as if it had finished.
 */
#ifndef TCP_H
#define TCP_H

/* The default name, and the port in it: each user's own, as good as it gets */
#define TCP_DEFAULT   "127.0.0.1:%ju"
#define TCP_PORT(uid) ((uintmax_t)20000 + (uid) % 10000)

/* Bytes a read or a write moves at most */
enum { TCP_CHUNK = 65536 };

#endif
