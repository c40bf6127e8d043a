// SPDX-License-Identifier: MIT
/*
 * sysv_mq_consumer.c - receive a System V message queue to standard output
 *
 * Shows:  messages arrive whole and in order, also if the sender has exited
 * Build:  cc sysv_mq_consumer.c -o sysv_mq_consumer
 * Run:    ./sysv_mq_consumer KEY >copy
 * Exit:   0 received up to the end; 1 a call failed; 2 usage
 * See:    sysvipc(7), msgrcv(2), msgctl(2); sysv_mq_producer.c
 *
 * If the producer is killed, this program waits forever: see robust/.
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include "sysv_mq.h"
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>

int main(int argc, char *argv[])
{
	/* A key is a number such as 42 or 0x2a; 0 would be IPC_PRIVATE */
	char *rest = NULL;
	long long key = argc == 2 ? strtoll(argv[1], &rest, 0) : 0;
	if (key < 1 || key > UINT32_MAX || *rest != '\0')
		errx(2, "usage: sysv_mq_consumer KEY >copy");

	/* Whichever half starts first creates the queue, for this user only */
	int msqid = msgget((key_t)key, IPC_CREAT | 0600);
	if (msqid == -1)
		err(EXIT_FAILURE, "msgget %s", argv[1]);

	static struct message msg;
	ssize_t n;
	size_t messages = 0;
	/* Type 0: the oldest message, whatever its type */
	while ((n = msgrcv(msqid, &msg, sizeof msg.text, 0, 0)) > 0) {
		if (fwrite(msg.text, 1, (size_t)n, stdout) != (size_t)n ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "msgrcv");

	/* The queue outlives its processes: the last one removes it */
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl IPC_RMID");
	fprintf(stderr, "sysv_mq_consumer: messages received: %zu\n", messages);
	return EXIT_SUCCESS;
}
