// SPDX-License-Identifier: MIT
/*
 * signal_pair.h - what signal_producer and signal_consumer agree on
 *
 * SIGNAL_DATA carries a piece of the data to the consumer, in the int that
 * sigqueue(3) sends along. The consumer sends SIGNAL_ACK back when the piece is
 * written. Only then does the next one follow. A piece of no bytes is the end.
 */
#ifndef SIGNAL_PAIR_H
#define SIGNAL_PAIR_H

#include <signal.h>

/* Counted from the last one: the C libraries keep the first ones for
 * themselves, so SIGRTMIN is 34 with glibc and 35 with musl */
#define SIGNAL_DATA (SIGRTMAX - 1)
#define SIGNAL_ACK  (SIGRTMAX - 2)

struct piece {
	unsigned char len; /* how many bytes of data are in use */
	char data[sizeof(int) - 1];
};

_Static_assert(sizeof(struct piece) == sizeof(int), "a piece fills an int");

#endif
