// SPDX-License-Identifier: MIT
/*
 * sysv_mq_consumer.c - copy a System V message queue to standard output
 *
 * Shows:  messages stay apart and in order in the queue, whether or not their
 *         sender still runs; the type of each is the sender's pid
 * Build:  cc sysv_mq_consumer.c -o sysv_mq_consumer
 * Run:    ./sysv_mq_consumer [KEY] >file
 * Prints: on standard error: where it waits, if it has to, and what it received
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    sysvipc(7), msgop(2), msgctl(2); sysv_mq_producer.c, sysv_mq.h
 */
#define _GNU_SOURCE /* syscall */
#include "sysv_mq.h"

/* Wait for the producer's end, which is no loss if the transfer is complete */
static void *watch(void *producer)
{
	struct msqid_ds ds;

	if (has_ended(*(pid_t *)producer, -1) &&
	    msgctl(msqid, IPC_STAT, &ds) == 0 &&
	    !(ds.msg_perm.mode & SYSV_MQ_COMPLETE))
		give_up(CONSUMER);
	return NULL;
}

/* The next message that is no hello; its length is 0 at the end */
static size_t receive_message(struct sysv_mq_message *msg)
{
	static int flags = IPC_NOWAIT;
	static pid_t producer;
	ssize_t n;

	/* Below 0: all types up to this one. A hello has a higher type */
	while ((n = msgrcv(msqid, msg, sizeof msg->text, -SYSV_MQ_HELLO,
			   flags)) == -1) {
		if (errno == ENOMSG) {
			flags = 0;
			if (producer == 0)
				warnx("waiting on %s", name);
		} else if (errno == EIDRM || errno == EINVAL) {
			give_up(CONSUMER); /* the queue has been removed */
		} else if (errno != EINTR) {
			err(EXIT_FAILURE, "msgrcv %s", name);
		}
	}
	if (producer == 0) {
		producer = (pid_t)msg->type;
		start_watching(watch, &producer);
	}
	if (msg->type != producer)
		errx(EXIT_FAILURE, "%s: two producers are at work", name);
	return (size_t)n;
}

/* write(2) may take less than it is given: go on until all is written */
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
	    "KEY, as ipcs(1) prints it, is 0x71000000 + UID unless given.\n";
	key_t key = parse_key(argc, argv, usage);

	/* If standard output is a pipe without a reader, write(2) reports it */
	signal(SIGPIPE, SIG_IGN);

	open_queue(key, CONSUMER);
	while ((n = receive_message(&msg)) > 0) {
		if (write_all(STDOUT_FILENO, msg.text, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += n;
		messages++;
	}

	/* All is here: the producer may exit, and the queue is removed */
	stop_watching();
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl %s", name);
	created = 0;
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
