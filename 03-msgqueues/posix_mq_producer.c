// SPDX-License-Identifier: MIT
/*
 * posix_mq_producer.c - send standard input to a POSIX message queue
 *
 * Shows:  a queue stores messages: the sender need not wait for the receiver
 * Build:  cc posix_mq_producer.c -o posix_mq_producer
 * Run:    ./posix_mq_producer /NAME <file
 * Exit:   0 everything is in the queue; 1 a call failed; 2 usage
 * See:    mq_overview(7), mq_open(3), mq_send(3); posix_mq_consumer.c
 *
 * Every read(2) becomes one message; an empty message marks the end. If the
 * consumer is killed, this program waits forever at a full queue: see robust/.
 */
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: posix_mq_producer /NAME <file");
	const char *name = argv[1];

	/* Whichever half starts first creates the queue, for this user only */
	mqd_t mqd = mq_open(name, O_WRONLY | O_CREAT, 0600, NULL);
	if (mqd == -1)
		err(EXIT_FAILURE, "mq_open %s", name);

	/* No message may be longer than this (8192 bytes by default) */
	struct mq_attr attr;
	if (mq_getattr(mqd, &attr) == -1)
		err(EXIT_FAILURE, "mq_getattr");
	size_t size = (size_t)attr.mq_msgsize;
	char *buf = malloc(size);
	if (buf == NULL)
		err(EXIT_FAILURE, "malloc");

	ssize_t n;
	size_t messages = 0;
	while ((n = read(STDIN_FILENO, buf, size)) > 0) {
		/* Blocks while the queue is full (10 messages by default) */
		if (mq_send(mqd, buf, (size_t)n, 0) == -1)
			err(EXIT_FAILURE, "mq_send");
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	if (mq_send(mqd, "", 0, 0) == -1)
		err(EXIT_FAILURE, "mq_send end");
	if (mq_close(mqd) == -1)
		err(EXIT_FAILURE, "mq_close");
	free(buf);
	fprintf(stderr, "posix_mq_producer: messages sent: %zu\n", messages);
	return EXIT_SUCCESS;
}
