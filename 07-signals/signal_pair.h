// SPDX-License-Identifier: MIT
/*
 * signal_pair.h - the contract of signal_producer and signal_consumer
 *
 * Name:   the consumer's process id, which it prints when it begins to wait.
 * Wire:   SIGNAL_DATA to the consumer, one message a signal: its bytes travel
 *         in the pointer that sigqueue(3) sends along. An empty one is the end.
 *         SIGNAL_ACK to the producer when the message has been written, or for
 *         the last one, when the output is closed. Only then comes the next.
 * Errors: ESRCH: the peer has gone, as its pidfd tells whoever waits for it.
 *         EAGAIN: the user has RLIMIT_SIGPENDING signals queued. As we have one
 *         at most, these are others': waiting would not help.
 */
#ifndef SIGNAL_PAIR_H
#define SIGNAL_PAIR_H

/* Realtime signals queue; of any other at most one is pending. These are no
 * constants: the C library keeps the first ones, glibc two and musl three */
#define SIGNAL_DATA (SIGRTMIN)
#define SIGNAL_ACK  (SIGRTMIN + 1)

enum {
	SIGNAL_BYTES = sizeof(void *) - 1, /* in one message */
	SIGNAL_TAG = 0x40 /* tells a message from a stray signal's value */
};

struct signal_message {
	unsigned char tag; /* SIGNAL_TAG + how many of the bytes count */
	unsigned char data[SIGNAL_BYTES];
};

_Static_assert(sizeof(struct signal_message) == sizeof(void *),
	       "a message fills the pointer of union sigval");

#endif
