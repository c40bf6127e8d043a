// SPDX-License-Identifier: MIT
/*
 * signal_producer.c - send standard input to a process, by signals
 *
 * Shows:  realtime signals queue and carry a value; acknowledged, none is lost
 * Build:  cc signal_producer.c -o signal_producer
 * Run:    ./signal_producer PID <file
 * Prints: on standard error: which process it sends to, and how much it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage; 77 forbidden
 * See:    sigqueue(3), signalfd(2), signal(7); signal_consumer.c, signal_pair.h
 */
#define _GNU_SOURCE /* syscall */

#include "signal_pair.h"
#include <sys/stat.h>

/* Is pid a process of this user that has blocked SIGNAL_DATA? Otherwise the
 * signal would kill it. A shell that starts a child blocks all signals for a
 * moment, SIGTERM too: such a process is no consumer */
static int is_consumer(pid_t pid)
{
	char name[32], line[128], self[16] = "";
	unsigned long long blocked = 0;
	struct stat st;
	int inner = 0;

	if (readlink("/proc/self", self, sizeof self - 1) < 1 ||
	    atoi(self) != getpid()) /* no /proc, or of another namespace */
		errx(77, "/proc: as root: mount -t proc proc /proc");
	snprintf(name, sizeof name, "/proc/%d/status", pid);
	FILE *status = fopen(name, "re");
	if (status == NULL || fstat(fileno(status), &st) == -1)
		fail_at("open /proc/PID/status", pid);
	while (fgets(line, sizeof line, status) != NULL) {
		sscanf(line, "SigBlk: %llx", &blocked);
		sscanf(line, "NSpid: %*d %d", &inner);
	}
	(void)fclose(status); /* best effort: it was only read */
	if (inner != 0)	      /* where this process has no number for a reply */
		errx(EXIT_FAILURE, "%d: is in a PID namespace of its own", pid);
	return st.st_uid == geteuid() && (blocked >> (SIGNAL_DATA - 1) & 1) &&
	       !(blocked >> (SIGTERM - 1) & 1);
}

/* Send a piece with each signal, then wait until the message is written */
static void send_message(const struct peer *consumer, int signal_fd,
			 const unsigned char *buf, size_t len)
{
	struct signal_piece piece = { 0 };
	struct signalfd_siginfo si;
	union sigval value = { .sival_ptr = NULL };
	size_t n;

	do {
		n = len < SIGNAL_BYTES ? len : SIGNAL_BYTES;
		piece.tag = (unsigned char)(SIGNAL_TAG + n);
		memcpy(piece.data, buf, n);
		memcpy(&value.sival_int, &piece, sizeof piece);
		send_signal(consumer, SIGNAL_DATA, value);
		buf += n;
		len -= n;
	} while (n == SIGNAL_BYTES);
	do
		if (read_watching(signal_fd, &si, sizeof si, consumer) == -1)
			err(EXIT_FAILURE, "read signalfd");
	while (si.ssi_code != SI_QUEUE || (pid_t)si.ssi_pid != consumer->pid);
}

int main(int argc, char *argv[])
{
	const char *usage =
	    "usage: signal_producer PID\n"
	    "Copy standard input, by signals, to the process PID:\n"
	    "a signal_consumer, which prints its PID when it starts.\n";

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	unsigned long pid = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (pid == 0 || pid > INT32_MAX ||
	    argv[1][strspn(argv[1], "0123456789")] != '\0')
		return print_usage(stderr, usage);
	check_standard_descriptors();

	/* Signal 0 is never sent: kill only checks that the process exists */
	struct peer consumer = { .role = CONSUMER, .pid = (pid_t)pid };
	if (kill(consumer.pid, 0) == -1 && errno != EPERM)
		err(EXIT_FAILURE, "%lu: start signal_consumer first", pid);
	/* Open the pidfd, then check: both are about the same process */
	consumer.pidfd = open_pidfd(consumer.pid);
	if (!is_consumer(consumer.pid))
		errx(EXIT_FAILURE, "%lu: not a waiting signal_consumer", pid);
	int signal_fd = open_signal(SIGNAL_ACK);
	warnx("waiting on %d", consumer.pid);

	/* At the end of the input n is 0: the last message is empty */
	unsigned char buf[SIGNAL_QUEUE * SIGNAL_BYTES - 1];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;
	do {
		n = read_watching(STDIN_FILENO, buf, sizeof buf, &consumer);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		send_message(&consumer, signal_fd, buf, (size_t)n);
		bytes += (size_t)n;
		messages += n > 0;
	} while (n > 0);

	close_and_report(PRODUCER, signal_fd, consumer.pidfd, bytes, messages);
	return EXIT_SUCCESS;
}
