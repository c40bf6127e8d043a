// SPDX-License-Identifier: MIT
/*
 * sysv_mq_producer.c - send standard input to a System V message queue
 *
 * Shows:  a queue stores messages: the sender need not wait for the receiver
 * Build:  cc sysv_mq_producer.c -o sysv_mq_producer
 * Run:    ./sysv_mq_producer KEY <file
 * Exit:   0 everything is in the queue; 1 a call failed; 2 usage
 * See:    sysvipc(7), msgget(2), msgsnd(2); sysv_mq_consumer.c
 *
 * Every read(2) becomes one message; an empty message marks the end. If the
 * consumer is killed, this program waits forever at a full queue: see robust/.
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include "sysv_mq.h"
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	/* A key is a number such as 42 or 0x2a; 0 would be IPC_PRIVATE */
	char *rest = NULL;
	long long key = argc == 2 ? strtoll(argv[1], &rest, 0) : 0;
	if (key < 1 || key > UINT32_MAX || *rest != '\0')
		errx(2, "usage: sysv_mq_producer KEY <file");

	/* Whichever half starts first creates the queue, for this user only */
	int msqid = msgget((key_t)key, IPC_CREAT | 0600);
	if (msqid == -1)
		err(EXIT_FAILURE, "msgget %s", argv[1]);

	static struct message msg = { .type = 1 };
	ssize_t n;
	size_t messages = 0;
	while ((n = read(STDIN_FILENO, msg.text, sizeof msg.text)) > 0) {
		/* Blocks while the queue is full (16384 bytes by default) */
		if (msgsnd(msqid, &msg, (size_t)n, 0) == -1)
			err(EXIT_FAILURE, "msgsnd");
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	if (msgsnd(msqid, &msg, 0, 0) == -1)
		err(EXIT_FAILURE, "msgsnd end");
	fprintf(stderr, "sysv_mq_producer: messages sent: %zu\n", messages);
	return EXIT_SUCCESS;
}
