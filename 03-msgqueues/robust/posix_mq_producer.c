// SPDX-License-Identifier: MIT
/*
 * posix_mq_producer.c - copy standard input into a POSIX message queue
 *
 * Shows:  a queue keeps messages: the sender may exit before the receiver
 *         starts; it waits, in poll(2), only while the queue is full
 * Build:  cc posix_mq_producer.c -o posix_mq_producer
 * Run:    ./posix_mq_producer [/NAME] <file
 * Prints: on standard error: where it waits, if it has to, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage;
 *         77 a limit or a sandbox of this machine forbids it
 * See:    mq_overview(7), fcntl(2), inotify(7), poll(2);
 *         posix_mq_consumer.c, posix_mq.h
 */
#define _XOPEN_SOURCE 700 /* sigaction, fchmod */
#include "posix_mq.h"

/* Read standard input; wait for it only as long as the consumer is attached */
static ssize_t read_input(void *buf, size_t size)
{
	ssize_t n;

	do {
		if (peer_has_exited(PRODUCER))
			exit_alone(PRODUCER);
	} while (!wait_for(STDIN_FILENO, POLLIN));
	do
		n = read(STDIN_FILENO, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

/* If the queue is full, say so once, unless a consumer is emptying it */
static void send_message(const char *buf, size_t len)
{
	static int is_said;

	while (mq_send(mqd, buf, len, 0) == -1) {
		if (errno != EAGAIN && errno != EINTR)
			fail("mq_send", name);
		if (peer_has_exited(PRODUCER))
			exit_alone(PRODUCER);
		if (!have_met() && !is_said++)
			warnx("waiting on %s", name);
		wait_for(mqd, POLLOUT);
	}
}

int main(int argc, char *argv[])
{
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	static const char usage[] =
	    "usage: posix_mq_producer [/NAME]\n"
	    "Copy standard input into the queue /NAME, created if missing.\n"
	    "/NAME is " POSIX_MQ_DEFAULT("UID") " unless given.\n";
	name = parse_name(argc, argv, usage);
	check_standard_descriptors();

	size_t size = open_queue(PRODUCER);
	while ((n = read_input(message, size)) > 0) {
		send_message(message, (size_t)n);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The end. From now on the queue is the consumer's. A process that is
	 * about to remove the queue, since it is not complete, comes first */
	send_message(message, 0);
	if (set_lock(F_SETLKW, F_WRLCK, JOINING) == -1)
		fail("fcntl", name);
	is_complete = 1; /* a signal that comes later does not take it back */
	if (fchmod(mqd, POSIX_MQ_MODE | POSIX_MQ_COMPLETE) == -1)
		err(EXIT_FAILURE, "fchmod %s", name);
	close_queue();
	free(message);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
