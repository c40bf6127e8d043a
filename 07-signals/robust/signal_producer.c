// SPDX-License-Identifier: MIT
/*
 * signal_producer.c - copy standard input to a process, by signals
 *
 * Shows:  realtime signals queue and carry a value; acknowledged, none is lost
 * Build:  cc signal_producer.c -o signal_producer
 * Run:    ./signal_producer PID <file
 * Prints: on standard error: whom it waits for, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage
 * See:    sigqueue(3), signalfd(2), signal(7); signal_consumer.c, signal_pair.h
 */
#define _GNU_SOURCE /* syscall */

#include "signal_pair.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pid_t peer;
static int sfd, pidfd;

static int usage(FILE *out)
{
	fputs("usage: signal_producer PID\n"
	      "Copy standard input, by signals, to the process PID:\n"
	      "a signal_consumer, which prints its PID when it starts.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Block sig, which else kills; blocked it queues, to be read like a file */
static int open_signal(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	int fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd == -1 || sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "block and open signal %d", sig);
	return fd;
}

/* Readable once pid has ended; -1, which poll(2) passes over, on old kernels */
static int open_pidfd(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd == -1 && errno != ENOSYS)
		err(EXIT_FAILURE, "pidfd_open %d", pid);
	return fd;
}

/* Has pid, a process of this user, blocked sig, which else kills it? A shell
 * that starts a child blocks all for a moment, SIGTERM too: it does not count
 */
static int waits_for(pid_t pid, int sig)
{
	unsigned long long blocked = 0;
	char name[32], line[128];
	struct stat st;

	snprintf(name, sizeof name, "/proc/%d/status", pid);
	FILE *status = fopen(name, "re");
	if (status == NULL || fstat(fileno(status), &st) == -1)
		err(EXIT_FAILURE, "open %s", name);
	while (fgets(line, sizeof line, status) != NULL)
		sscanf(line, "SigBlk: %llx", &blocked);
	fclose(status);
	return st.st_uid == geteuid() && (blocked >> (sig - 1) & 1) &&
	       !(blocked >> (SIGTERM - 1) & 1);
}

/* read(2), while the peer is there; what it did before its end still counts */
static ssize_t read_watching(int fd, void *buf, size_t size)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = pidfd, .events = POLLIN } };
	ssize_t n;

	do {
		n = poll(fds, 2, -1);
		if (n > 0 && fds[1].revents != 0 && poll(fds, 1, 0) == 0)
			errx(EXIT_FAILURE, "%d: the consumer has gone", peer);
		if (n > 0)
			n = read(fd, buf, size);
	} while (n == -1 && errno == EINTR);
	return n;
}

/* A piece a signal, the last piece not full; then wait until it is written */
static void send_message(const unsigned char *buf, size_t len)
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
		if (sigqueue(peer, SIGNAL_DATA, value) == -1)
			err(EXIT_FAILURE, "sigqueue %d", peer);
		buf += n;
		len -= n;
	} while (n == SIGNAL_BYTES);
	do
		if (read_watching(sfd, &si, sizeof si) == -1)
			err(EXIT_FAILURE, "read signalfd");
	while (si.ssi_code != SI_QUEUE || (pid_t)si.ssi_pid != peer);
}

int main(int argc, char *argv[])
{
	unsigned char buf[SIGNAL_QUEUE * SIGNAL_BYTES - 1];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	unsigned long pid = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (pid == 0 || pid > INT32_MAX ||
	    argv[1][strspn(argv[1], "0123456789")] != '\0')
		return usage(stderr);

	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);
	/* Signal 0 is never sent: is there such a process, may we signal it? */
	peer = (pid_t)pid;
	if (kill(peer, 0) == -1)
		err(EXIT_FAILURE, "%d: start signal_consumer first", peer);
	/* First the pidfd, then the look: what we saw is what we watch */
	pidfd = open_pidfd(peer);
	if (!waits_for(peer, SIGNAL_DATA))
		errx(EXIT_FAILURE, "%d: is no waiting signal_consumer", peer);
	sfd = open_signal(SIGNAL_ACK);
	warnx("waiting on %d", peer);

	/* No bytes, the end of the input, make the last message: empty */
	do {
		n = read_watching(STDIN_FILENO, buf, sizeof buf);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		send_message(buf, (size_t)n);
		bytes += (size_t)n;
		messages += n > 0;
	} while (n > 0);

	if (close(sfd) == -1 || (pidfd != -1 && close(pidfd) == -1))
		err(EXIT_FAILURE, "close");
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
