// SPDX-License-Identifier: MIT
/*
 * ns.h - the messages that ns_producer and ns_consumer exchange
 *
 * System V messages, as in chapter 03. The producer sends type NS_DATA. An
 * empty one is the end. The consumer replies with an empty one of type NS_DONE.
 */
#ifndef NS_H
#define NS_H

enum {
	NS_KEY = 0x6e730001, /* valid only in the pair's namespace */
	NS_DATA = 1,
	NS_DONE = 2,
	NS_TEXT = 8192, /* bytes of a message, at most: the kernel's default */
};

/* The msgbuf of msgsnd(2). The size argument of msgsnd excludes the type */
struct ns_message {
	long type;
	char text[NS_TEXT];
};

#endif
