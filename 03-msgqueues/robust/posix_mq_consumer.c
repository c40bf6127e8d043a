// SPDX-License-Identifier: MIT
/*
 * posix_mq_consumer.c - copy a POSIX message queue to standard output
 *
 * Shows:  messages stay apart and in order in the queue, whether or not their
 *         sender still runs; the queue's descriptor works in poll(2)
 * Build:  cc posix_mq_consumer.c -o posix_mq_consumer
 * Run:    ./posix_mq_consumer [/NAME] >file
 * Prints: on standard error: where it waits, if it has to, and what it received
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage;
 *         77 a limit or a sandbox of this machine forbids it
 * See:    mq_overview(7), fcntl(2), inotify(7), poll(2);
 *         posix_mq_producer.c, posix_mq.h
 */
#define _XOPEN_SOURCE 700 /* sigaction */
#include "posix_mq.h"

/* The next message; its length is 0 at the end */
static size_t receive_message(char *buf, size_t size)
{
	int is_orphaned = 0;
	ssize_t n;

	while ((n = mq_receive(mqd, buf, size, NULL)) == -1) {
		if (errno != EAGAIN && errno != EINTR)
			fail("mq_receive", name);
		if (is_orphaned)
			exit_alone(CONSUMER);
		/* Even then, what it sent comes first: look once more */
		is_orphaned = peer_has_exited(CONSUMER);
		if (!is_orphaned)
			wait_for(mqd, POLLIN);
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
	uintmax_t bytes = 0, messages = 0;
	size_t n;

	static const char usage[] =
	    "usage: posix_mq_consumer [/NAME]\n"
	    "Copy the queue /NAME, created if missing, to standard output.\n"
	    "/NAME is " POSIX_MQ_DEFAULT("UID") " unless given.\n";
	name = parse_name(argc, argv, usage);
	check_standard_descriptors();
	/* If standard output is a pipe without a reader, write(2) reports it */
	signal(SIGPIPE, SIG_IGN);

	size_t size = open_queue(CONSUMER);
	if (!have_met())
		warnx("waiting on %s", name);
	while ((n = receive_message(message, size)) > 0) {
		if (write_all(STDOUT_FILENO, message, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += n;
		messages++;
	}

	close_queue();
	free(message);
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
