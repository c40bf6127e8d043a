// SPDX-License-Identifier: MIT
/*
 * sysv_mq.h - what sysv_mq_producer and sysv_mq_consumer pass to the kernel
 *
 * Every message has type 1. A message without text is the end.
 */
#ifndef SYSV_MQ_H
#define SYSV_MQ_H

enum { TEXT_MAX = 8192 }; /* no message may be longer by default: msgmax */

struct message {
	long type; /* above 0; only the text behind it counts as the size */
	char text[TEXT_MAX];
};

#endif
