// SPDX-License-Identifier: MIT
/*
 * sysv_mq_consumer.c - copy a System V message queue to standard output
 *
 * Shows:  messages stay apart and in order in the queue, whether or not their
 *         sender still runs
 * Build:  cc sysv_mq_consumer.c -o sysv_mq_consumer
 * Run:    ./sysv_mq_consumer [KEY] >file
 * Prints: on standard error: where it waits, if it has to, and what it received
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage; 77 this
 *         machine forbids it
 * See:    sysvipc(7), msgop(2), semop(2); sysv_mq_producer.c, sysv_mq_set.h
 */
#define _GNU_SOURCE /* struct msginfo */
#include "sysv_mq_set.h"

/* The next message; its length is 0 at the end */
static size_t receive_message(struct sysv_mq_message *msg)
{
	ssize_t n;

	while ((n = msgrcv(msqid, msg, sizeof msg->text, 0, 0)) == -1) {
		if (errno == EINTR)
			continue;
		expect_removed("msgrcv");
		give_up();
	}
	return (size_t)n;
}

/* write(2) may write less than asked: repeat until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int main(int argc, char *argv[])
{
	static struct sysv_mq_message msg;
	uintmax_t bytes = 0, messages = 0;
	size_t n;

	static const char usage[] =
	    "usage: sysv_mq_consumer [KEY]\n"
	    "Copy the queue KEY, created if missing, to standard output.\n"
	    "KEY, as ipcs(1) prints it, is " SYSV_MQ_DEFAULT " unless given.\n";
	parse_key(argc, argv, usage);

	/* If standard output is a pipe without a reader, write(2) reports it */
	signal(SIGPIPE, SIG_IGN);

	attach(CONSUMER);
	if (semctl(semid, PRODUCER, GETVAL) < 1)
		warnx("waiting on %s", name);
	while ((n = receive_message(&msg)) > 0) {
		if (write_all(STDOUT_FILENO, msg.text, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += n;
		messages++;
	}

	/* All is here. The producer may have exited, or does not care any more;
	 * the queue is removed first, as a set without one is stale */
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	if (msgctl(msqid, IPC_RMID, NULL) == -1 ||
	    semctl(semid, 0, IPC_RMID) == -1)
		expect_removed("msgctl");
	attached = 0;
	pthread_join(watcher, NULL);
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
