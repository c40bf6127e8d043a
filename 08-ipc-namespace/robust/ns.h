// SPDX-License-Identifier: MIT
/*
 * ns.h - the contract of ns_producer and ns_consumer
 *
 * Name:   /proc/PID/ns/ipc, the IPC namespace that the producer makes for
 *         itself. The key of the queue counts in there alone.
 * Wire:   System V messages, as in chapter 03: one for each read of the
 *         producer, an empty one at the end. Their type is the consumer's pid.
 * Hello:  the producer leaves an empty message of type NS_HELLO, so that the
 *         queue tells by msg_lspid who made it. The consumer sends one of type
 *         NS_HELLO + its own pid: now they know each other.
 * Finish: the consumer removes the queue when it has written everything. The
 *         producer waits for that: with the last process in it a namespace
 *         ends, and all that is in it.
 */
#ifndef NS_H
#define NS_H

#include <stddef.h>

/* 'n' and the effective user id: 0x6e0003e8 for user 1000 */
#define NS_KEY(uid) ((key_t)('n' << 24 | (0xffffff & (uid))))

enum {
	NS_TEXT = 8192,	    /* bytes of a message, at most */
	NS_HELLO = 1 << 22, /* above every pid, pid_max in proc(5) */
};

/* What msgsnd(2) calls msgbuf; the size it is told leaves out the type */
struct ns_message {
	long type;
	char text[NS_TEXT];
};

_Static_assert(offsetof(struct ns_message, text) == sizeof(long),
	       "msgsnd takes the text from right behind the type");

#endif
