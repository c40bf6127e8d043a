// SPDX-License-Identifier: MIT
/*
 * signal_consumer.c - receive signals, and write what they carry
 *
 * Shows:  realtime signals queue and carry a value; acknowledged, none is lost
 * Build:  cc signal_consumer.c -o signal_consumer
 * Run:    ./signal_consumer >file
 * Prints: on standard error: its process id when it waits, and how much arrived
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage; 77 a limit
 *         or a sandbox forbids it
 * See:    sigqueue(3), signalfd(2), signal(7); signal_producer.c, signal_pair.h
 */
#define _GNU_SOURCE /* syscall */

#include "signal_pair.h"

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

/* A sender outside this PID namespace has number 0: no reply can reach it */
static int is_from_producer(const struct signalfd_siginfo *si, pid_t producer)
{
	return si->ssi_code == SI_QUEUE && si->ssi_uid == getuid() &&
	       si->ssi_pid != 0 &&
	       (producer == 0 || (pid_t)si->ssi_pid == producer);
}

/* Put the bytes of the next signal into buf; returns how many. The first
 * process that sends a piece becomes the producer */
static size_t receive_piece(int fd, struct peer *producer, unsigned char *buf)
{
	static pid_t stranger = -1; /* the one reported last */
	struct signalfd_siginfo si;
	struct signal_piece piece;

	for (;;) {
		if (read_watching(fd, &si, sizeof si, producer) == -1)
			err(EXIT_FAILURE, "read signalfd");
		memcpy(&piece, &si.ssi_int, sizeof piece);
		/* If the tag is smaller, n is huge: a stray signal */
		size_t n = (size_t)piece.tag - SIGNAL_TAG;
		pid_t sender = (pid_t)si.ssi_pid;
		if (is_from_producer(&si, producer->pid) && n <= SIGNAL_BYTES) {
			if (producer->pid == 0)
				producer->pidfd = open_pidfd(sender);
			producer->pid = sender;
			memcpy(buf, piece.data, n);
			return n;
		}
		if (sender != stranger)
			warnx("ignored signals of process %d", sender);
		stranger = sender;
	}
}

int main(int argc, char *argv[])
{
	const char *usage =
	    "usage: signal_consumer\n"
	    "Copy what a signal_producer sends to standard output.\n"
	    "Its PID, which signal_producer needs, is printed first.\n";

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 1)
		return print_usage(stderr, usage);
	check_standard_descriptors();
	/* Otherwise SIGPIPE would end this process without a message */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* above ulimit -f write(2) fails */
	/* Block first, then report: no signal can arrive too early */
	int signal_fd = open_signal(SIGNAL_DATA);
	warnx("waiting on %d", getpid());

	struct peer producer = { .role = PRODUCER, .pidfd = -1 };
	unsigned char buf[SIGNAL_QUEUE * SIGNAL_BYTES];
	uintmax_t bytes = 0, messages = 0;
	size_t n, len;
	do {
		len = 0;
		do {
			n = receive_piece(signal_fd, &producer, buf + len);
			len += n;
		} while (n == SIGNAL_BYTES && len < sizeof buf);
		if (write_all(STDOUT_FILENO, buf, len) == -1)
			err(EXIT_FAILURE, "write standard output");
		if (len == 0 && close(STDOUT_FILENO) == -1)
			err(EXIT_FAILURE, "close standard output");
		send_signal(&producer, SIGNAL_ACK, (union sigval){ 0 });
		bytes += len;
		messages += len > 0;
	} while (len > 0);

	close_and_report(CONSUMER, signal_fd, producer.pidfd, bytes, messages);
	return EXIT_SUCCESS;
}
