// SPDX-License-Identifier: MIT
/*
 * signal_pair.h - the contract of signal_producer and signal_consumer
 *
 * Name:   the consumer's process id, which it prints when it begins to wait.
 * Wire:   SIGNAL_DATA to the consumer: a few bytes of a message travel in the
 *         int that sigqueue(3) sends along. (A pointer has more room, but a
 *         size of its own in 32-bit programs.) A signal that is not full ends
 *         the message; an empty message ends the transfer.
 *         SIGNAL_ACK to the producer: the message is written, or the output
 *         closed at the end. Only then comes the next.
 * Errors: ESRCH: the peer has gone, as its pidfd tells whoever waits for it.
 *         EAGAIN: the user has RLIMIT_SIGPENDING signals queued. Of ours they
 *         are SIGNAL_QUEUE at most, so that waiting would not help.
 */
#ifndef SIGNAL_PAIR_H
#define SIGNAL_PAIR_H

/* Realtime signals queue; of any other at most one is pending. Counted from the
 * last one, since C libraries differ in the first: glibc keeps two for itself,
 * musl three. The last is left to valgrind */
#define SIGNAL_DATA (SIGRTMAX - 1)
#define SIGNAL_ACK  (SIGRTMAX - 2)

enum {
	SIGNAL_BYTES = sizeof(int) - 1, /* in one signal */
	SIGNAL_QUEUE = 64,		/* signals for the longest message */
	SIGNAL_TAG = 0x40 /* tells our signals from strays' values */
};

struct signal_piece {
	unsigned char tag; /* SIGNAL_TAG + how many of the bytes count */
	unsigned char data[SIGNAL_BYTES];
};

_Static_assert(sizeof(struct signal_piece) == sizeof(int),
	       "a piece fills the int of union sigval");

#endif
