// SPDX-License-Identifier: MIT
/*
 * sysv_mq_producer.c - copy standard input into a System V message queue
 *
 * Shows:  a queue keeps messages: the sender may exit before the receiver
 *         starts; msgsnd(2) waits only while the queue is full
 * Build:  cc sysv_mq_producer.c -o sysv_mq_producer
 * Run:    ./sysv_mq_producer [KEY] <file
 * Prints: on standard error: where it waits, if it has to, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage; 77 forbidden
 * See:    sysvipc(7), msgop(2), semop(2); sysv_mq_consumer.c, sysv_mq_set.h
 */
#define _GNU_SOURCE /* struct msginfo */
#include "sysv_mq_set.h"
#include <sys/param.h>

/* How long a message may be: here, in the system, and in the queue */
static size_t max_size(void)
{
	struct msginfo limits;
	struct msqid_ds ds;

	if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) == -1 ||
	    msgctl(msqid, IPC_STAT, &ds) == -1) {
		expect_removed("msgctl");
		give_up();
	}
	errno = EINVAL; /* as msgsnd would report */
	if (limits.msgmax == 0 || ds.msg_qbytes == 0)
		fail("msgsnd", name);
	return MIN(SYSV_MQ_TEXT, MIN((size_t)limits.msgmax, ds.msg_qbytes));
}

/* read(2), repeated if a signal interrupts it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

/* If the queue is full, say so once, unless a consumer is emptying it */
static void send_message(const struct sysv_mq_message *msg, size_t len)
{
	static int flags = IPC_NOWAIT;

	while (msgsnd(msqid, msg, len, flags) == -1) {
		if (errno == EAGAIN) {
			flags = 0;
			if (semctl(semid, CONSUMER, GETVAL) == 0)
				warnx("waiting on %s", name);
		} else if (errno != EINTR) {
			expect_removed("msgsnd");
			give_up();
		}
	}
}

/* Set and queue are now the consumer's, which may still come, or is attached */
static void hand_over(void)
{
	struct sembuf ops[] = { { OPEN, -1, IPC_NOWAIT },
				{ OPEN, 1, 0 },
				{ PRODUCER, 2, 0 } };

	is_complete = 1; /* a signal that comes later does not take it back */
	int n = operate(ops, 3);
	if (n == -1 && errno == EAGAIN) {
		ops[0].sem_num = ops[1].sem_num = CONSUMER;
		n = operate(ops, 3);
	}
	if (n == -1 && errno != EAGAIN)
		expect_removed("semop");
	if (n == -1) /* the watcher ends this process unless all was read */
		pthread_join(watcher, NULL);
	attached = 0;
}

int main(int argc, char *argv[])
{
	static struct sysv_mq_message msg;
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;
	static const char usage[] =
	    "usage: sysv_mq_producer [KEY]\n"
	    "Copy standard input into the queue KEY, created if missing.\n"
	    "KEY, as ipcs(1) prints it, is " SYSV_MQ_DEFAULT " unless given.\n";

	parse_key(argc, argv, usage);
	attach(PRODUCER);
	size_t size = max_size();
	msg.type = 1;
	while ((n = read_some(STDIN_FILENO, msg.text, size)) > 0) {
		send_message(&msg, (size_t)n);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");
	send_message(&msg, 0); /* the end */
	hand_over();

	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
