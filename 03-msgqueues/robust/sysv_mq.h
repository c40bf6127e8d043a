// SPDX-License-Identifier: MIT
/*
 * sysv_mq.h - the contract of sysv_mq_producer and sysv_mq_consumer
 *
 * Name:   a key, written as ipcs(1) prints it. Either half makes the queue,
 *         mode 0600; the consumer removes it when it has received the end.
 * Wire:   a message of the payload's bytes for each read of the producer; an
 *         empty one is the end. Its type is the producer's pid, so that one
 *         transfer cannot be taken for another's.
 * Hello:  the consumer opens with an empty message of type SYSV_MQ_HELLO + its
 *         pid, which the producer takes: now it knows whom it sends to. Having
 *         no bytes, a hello fits into a queue that is full.
 * Finish: the producer may leave before the consumer comes. Its last act is to
 *         set the x bit of the mode, which means nothing else to a queue: the
 *         transfer is complete. Without it, and without a living process among
 *         the last sender and receiver, a queue is what a crash left behind.
 */
#ifndef SYSV_MQ_H
#define SYSV_MQ_H

#include <stddef.h>

/* The default key: 'q' and the effective user id; 0x710003e8 for user 1000 */
#define SYSV_MQ_DEFAULT(uid) ((key_t)('q' << 24 | (0xffffff & (uid))))

enum {
	SYSV_MQ_TEXT = 8192, /* bytes of a message; the system may allow less */
	SYSV_MQ_HELLO = 1 << 22, /* above every pid, see pid_max in proc(5) */
	SYSV_MQ_COMPLETE = 0100, /* this bit of the mode: all has been sent */
};

/* What msgsnd(2) calls msgbuf; the size it is told leaves out the type */
struct sysv_mq_message {
	long type;
	char text[SYSV_MQ_TEXT];
};

_Static_assert(offsetof(struct sysv_mq_message, text) == sizeof(long),
	       "msgsnd takes the text from right behind the type");

#endif
