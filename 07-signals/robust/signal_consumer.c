// SPDX-License-Identifier: MIT
/*
 * signal_consumer.c - copy what comes by signals to standard output
 *
 * Shows:  realtime signals queue and carry a value; acknowledged, none is lost
 * Build:  cc signal_consumer.c -o signal_consumer
 * Run:    ./signal_consumer >file
 * Prints: on standard error: where it waits, its own process id, and what came
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    sigqueue(3), signalfd(2), signal(7); signal_producer.c, signal_pair.h
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
#include <sys/syscall.h>
#include <unistd.h>

static pid_t peer, stranger = -1; /* senders; 0 and -1: nobody yet */
static int sfd, pidfd = -1;

static int usage(FILE *out)
{
	fputs("usage: signal_consumer\n"
	      "Copy what a signal_producer sends to standard output.\n"
	      "Its PID, which signal_producer needs, is printed first.\n",
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

/* read(2), while the peer is there; what it did before its end still counts */
static ssize_t read_watching(int fd, void *buf, size_t size)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = pidfd, .events = POLLIN } };
	ssize_t n;

	do {
		n = poll(fds, 2, -1);
		if (n > 0 && fds[1].revents != 0 && poll(fds, 1, 0) == 0)
			errx(EXIT_FAILURE, "%d: the producer has gone", peer);
		if (n > 0)
			n = read(fd, buf, size);
	} while (n == -1 && errno == EINTR);
	return n;
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

/* Put the bytes of the producer's next signal into buf; returns how many.
 * Whoever may signal us, kill(2), can forge si_pid: this finds accidents */
static size_t receive_piece(unsigned char *buf)
{
	struct signalfd_siginfo si;
	struct signal_piece piece;

	for (;;) {
		if (read_watching(sfd, &si, sizeof si) == -1)
			err(EXIT_FAILURE, "read signalfd");
		memcpy(&piece, &si.ssi_int, sizeof piece);
		size_t n = (size_t)piece.tag - SIGNAL_TAG;
		pid_t sender = (pid_t)si.ssi_pid;
		if (si.ssi_code == SI_QUEUE && si.ssi_uid == getuid() &&
		    n <= SIGNAL_BYTES && sender != 0 &&
		    (peer == 0 || sender == peer)) {
			if (peer == 0)
				pidfd = open_pidfd(sender);
			peer = sender;
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
	uintmax_t bytes = 0, messages = 0;
	unsigned char buf[SIGNAL_QUEUE * SIGNAL_BYTES];
	size_t n, len;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);

	/* Else a closed standard output would kill us without a word */
	signal(SIGPIPE, SIG_IGN);
	/* Block first, then tell: now no signal can come too early */
	sfd = open_signal(SIGNAL_DATA);
	warnx("waiting on %d", getpid());

	do {
		len = 0;
		do
			len += n = receive_piece(buf + len);
		while (n == SIGNAL_BYTES && len < sizeof buf);
		if (write_all(STDOUT_FILENO, buf, len) == -1)
			err(EXIT_FAILURE, "write standard output");
		if (len == 0 && close(STDOUT_FILENO) == -1)
			err(EXIT_FAILURE, "close standard output");
		/* Written, or at the end closed: acknowledged */
		if (sigqueue(peer, SIGNAL_ACK, (union sigval){ 0 }) == -1)
			err(EXIT_FAILURE, "sigqueue %d", peer);
		bytes += len;
		messages += len > 0;
	} while (len > 0);

	if (close(sfd) == -1 || (pidfd != -1 && close(pidfd) == -1))
		err(EXIT_FAILURE, "close");
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
