// SPDX-License-Identifier: MIT
/*
 * sysv_mq_producer.c - copy standard input into a System V message queue
 *
 * Shows:  a queue keeps messages: the sender may exit before the receiver
 *         starts; msgsnd(2) waits only while the queue is full
 * Build:  cc sysv_mq_producer.c -o sysv_mq_producer
 * Run:    ./sysv_mq_producer [KEY] <file
 * Prints: on standard error: where it waits, if it has to, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage
 * See:    sysvipc(7), msgop(2), msgctl(2); sysv_mq_consumer.c, sysv_mq.h
 */
#define _GNU_SOURCE /* MSG_EXCEPT, struct msginfo */
#include "sysv_mq.h"

/* Take the consumer's hello, then wait for its end */
static void *watch(void *unused)
{
	long type = 0;

	while (msgrcv(msqid, &type, 0, getpid(), MSG_EXCEPT) == -1 &&
	       errno == EINTR)
		;
	if (has_ended((pid_t)(type - SYSV_MQ_HELLO), -1))
		give_up(PRODUCER);
	return unused;
}

/* read(2), begun again where a signal interrupted it */
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
	struct msqid_ds ds;

	while (msgsnd(msqid, msg, len, flags) == -1) {
		if (errno == EAGAIN) {
			flags = 0;
			if (msgctl(msqid, IPC_STAT, &ds) == 0 &&
			    ds.msg_lrpid == 0)
				warnx("waiting on %s", name);
		} else if (errno == EIDRM || errno == EINVAL) {
			give_up(PRODUCER); /* the queue has been removed */
		} else if (errno != EINTR) {
			err(EXIT_FAILURE, "msgsnd %s", name);
		}
	}
}

/* Mark the queue, which from now on is the consumer's */
static void hand_over(void)
{
	struct msqid_ds ds;

	created = 0;
	if (msgctl(msqid, IPC_STAT, &ds) == 0) {
		ds.msg_perm.mode |= SYSV_MQ_COMPLETE;
		if (msgctl(msqid, IPC_SET, &ds) == 0)
			return;
	}
	if (errno != EIDRM && errno != EINVAL) /* removed: all was read */
		err(EXIT_FAILURE, "msgctl %s", name);
}

int main(int argc, char *argv[])
{
	static struct sysv_mq_message msg;
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	static const char usage[] =
	    "usage: sysv_mq_producer [KEY]\n"
	    "Copy standard input into the queue KEY, created if missing.\n"
	    "KEY, as ipcs(1) prints it, is 0x71000000 + UID unless given.\n";
	key_t key = parse_key(argc, argv, usage);

	size_t size = open_queue(key, PRODUCER);
	if (size == 0)
		errx(EXIT_FAILURE, "%s: the limits allow no message", name);

	msg.type = getpid();
	start_watching(watch, NULL);
	while ((n = read_some(STDIN_FILENO, msg.text, size)) > 0) {
		send_message(&msg, (size_t)n);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The end has no bytes and fits into a full queue, too: from here on
	 * nothing waits for the consumer, and no thread need watch it */
	stop_watching();
	send_message(&msg, 0);
	hand_over();
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
