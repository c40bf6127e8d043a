// SPDX-License-Identifier: MIT
/*
 * posix_mq_consumer.c - receive a POSIX message queue to standard output
 *
 * Shows:  messages arrive whole and in order, also if the sender has exited
 * Build:  cc posix_mq_consumer.c -o posix_mq_consumer
 * Run:    ./posix_mq_consumer /NAME >copy
 * Exit:   0 received up to the end; 1 a call failed; 2 usage
 * See:    mq_overview(7), mq_receive(3), mq_unlink(3); posix_mq_producer.c
 *
 * If the producer is killed, this program waits forever: see robust/.
 */
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: posix_mq_consumer /NAME >copy");
	const char *name = argv[1];

	/* Whichever half starts first creates the queue, for this user only */
	mqd_t mqd = mq_open(name, O_RDONLY | O_CREAT, 0600, NULL);
	if (mqd == -1)
		err(EXIT_FAILURE, "mq_open %s", name);

	/* The buffer must hold the longest possible message: else EMSGSIZE */
	struct mq_attr attr;
	if (mq_getattr(mqd, &attr) == -1)
		err(EXIT_FAILURE, "mq_getattr");
	size_t size = (size_t)attr.mq_msgsize;
	char *buf = malloc(size);
	if (buf == NULL)
		err(EXIT_FAILURE, "malloc");

	ssize_t n;
	size_t messages = 0;
	while ((n = mq_receive(mqd, buf, size, NULL)) > 0) {
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "mq_receive");

	/* The queue outlives its processes: the last one removes the name */
	if (mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_unlink %s", name);
	if (mq_close(mqd) == -1)
		err(EXIT_FAILURE, "mq_close");
	free(buf);
	fprintf(stderr, "posix_mq_consumer: messages received: %zu\n",
		messages);
	return EXIT_SUCCESS;
}
