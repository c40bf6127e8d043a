// SPDX-License-Identifier: MIT
/*
 * signal_pair.h - the contract of signal_producer and signal_consumer
 *
 * Name:   the consumer's process id, which it prints when it begins to wait.
 * Wire:   SIGNAL_DATA to the consumer: a few bytes of a message travel in the
 *         pointer that sigqueue(3) sends along. A signal that is not full ends
 *         the message; an empty message ends the transfer.
 *         SIGNAL_ACK to the producer: the message is written, or the output
 *         closed at the end. Only then comes the next.
 * Errors: ESRCH: the peer has gone, as its pidfd tells whoever waits for it.
 *         EAGAIN: the user has RLIMIT_SIGPENDING signals queued. Of ours they
 *         are SIGNAL_QUEUE at most, so that waiting would not help.
 */
#ifndef SIGNAL_PAIR_H
#define SIGNAL_PAIR_H

/* Realtime signals queue; of any other at most one is pending. These are no
 * constants: the C library keeps the first ones, glibc two and musl three */
#define SIGNAL_DATA (SIGRTMIN)
#define SIGNAL_ACK  (SIGRTMIN + 1)

enum {
	SIGNAL_BYTES = sizeof(void *) - 1, /* in one signal */
	SIGNAL_QUEUE = 64,		   /* signals for the longest message */
	SIGNAL_TAG = 0x40 /* tells our signals from strays' values */
};

struct signal_piece {
	unsigned char tag; /* SIGNAL_TAG + how many of the bytes count */
	unsigned char data[SIGNAL_BYTES];
};

_Static_assert(sizeof(struct signal_piece) == sizeof(void *),
	       "a piece fills the pointer of union sigval");

#endif
