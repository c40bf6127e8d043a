// SPDX-License-Identifier: MIT
/*
 * signal_pair.h - the contract of signal_producer and signal_consumer
 *
 * Name:   the consumer's process id, which it prints when it starts to wait.
 * Wire:   SIGNAL_DATA to the consumer: a few bytes of a message travel in the
 *         int that sigqueue(3) sends along. (A pointer has more room, but a
 *         size of its own in 32-bit programs.) A signal that is not full ends
 *         the message; an empty message ends the transfer.
 *         SIGNAL_ACK to the producer: the message is written, or the output is
 *         closed at the end. Only then does the next message follow.
 * Errors: ESRCH: the peer has exited, and its parent knows. Its pidfd reports
 *         the exit to a process that is blocked in poll(2). Signals are sent
 *         through the pidfd, too: the number may belong to another process by
 *         then, which the signal would kill. Without pidfds (before Linux 5.3,
 *         or in a sandbox) the pair does not start.
 *         EAGAIN: the user has as many signals queued as RLIMIT_SIGPENDING of
 *         the receiver allows. At most SIGNAL_QUEUE of them are from this pair,
 *         so waiting would not help.
 * Trust:  a process that may signal this one can forge all that a signal says.
 *         The checks find accidents.
 */
#ifndef SIGNAL_PAIR_H
#define SIGNAL_PAIR_H

#include "fail.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Realtime signals queue; of any other at most one is pending. Counted from the
 * last one, since C libraries differ in the first: glibc keeps two for itself,
 * musl three. valgrind uses the last one */
#define SIGNAL_DATA (SIGRTMAX - 1)
#define SIGNAL_ACK  (SIGRTMAX - 2)

enum {
	SIGNAL_BYTES = sizeof(int) - 1, /* in one signal */
	SIGNAL_QUEUE = 64,		/* signals for the longest message */
	SIGNAL_TAG = 0x40 /* distinguishes our signals from stray ones */
};

struct signal_piece {
	unsigned char tag; /* SIGNAL_TAG + how many of the bytes count */
	unsigned char data[SIGNAL_BYTES];
};

_Static_assert(sizeof(struct signal_piece) == sizeof(int),
	       "a piece fills the int of union sigval");

enum role { PRODUCER, CONSUMER };

/* The other half of the pair */
struct peer {
	enum role role;
	pid_t pid; /* 0: not known yet */
	int pidfd; /* -1: not known yet, which poll(2) ignores */
};

/* If descriptor 0, 1 or 2 is closed, the next open() gets its number, and
 * messages end up in the data */
static void check_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", fd);
}

static int print_usage(FILE *out, const char *usage)
{
	fputs(usage, out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* A signal counts against a limit of its receiver; fail.h has the rest */
static _Noreturn void fail_at(const char *call, pid_t pid)
{
	char text[24];
	struct rlimit queue;

	snprintf(text, sizeof text, "%d", pid);
	if (errno != EAGAIN)
		fail(call, text);
	if (prlimit(pid, RLIMIT_SIGPENDING, NULL, &queue) == -1)
		errx(77, "%s %d: %s: see its ulimit -i", call, pid,
		     strerror(EAGAIN));
	uintmax_t more = queue.rlim_cur + 2 * SIGNAL_QUEUE;
	errx(77,
	     "%s %d: %s: ulimit -i of process %d is %ju: "
	     "%sprlimit --pid %d --sigpending=%ju:",
	     call, pid, strerror(EAGAIN), pid, (uintmax_t)queue.rlim_cur,
	     more > queue.rlim_max ? "as root: " : "", pid, more);
}

/* A signal that is not blocked kills. A blocked one queues, and the descriptor
 * returned lets it be read like bytes of a file. No other signal stays blocked:
 * the mask is inherited */
static int open_signal(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	int fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd == -1)
		fail_at("signalfd", getpid());
	if (sigprocmask(SIG_SETMASK, &set, NULL) == -1)
		err(EXIT_FAILURE, "block signal %d", sig);
	return fd;
}

/* Returns a descriptor that becomes readable when pid exits */
static int open_pidfd(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd == -1)
		fail_at("pidfd_open", pid);
	return fd;
}

static _Noreturn void fail_exited(const struct peer *peer)
{
	errx(EXIT_FAILURE, "%d: the %s has exited", peer->pid,
	     peer->role == PRODUCER ? "producer" : "consumer");
}

/* Like sigqueue(3), but to the process that the pidfd means */
static void send_signal(const struct peer *peer, int sig, union sigval value)
{
	siginfo_t info = { .si_signo = sig, .si_code = SI_QUEUE };

	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value = value;
	if (syscall(SYS_pidfd_send_signal, peer->pidfd, sig, &info, 0) == -1) {
		if (errno == ESRCH)
			fail_exited(peer);
		fail_at("sigqueue", peer->pid);
	}
}

/* Like read(2), but ends this process if the peer has exited. Data that the
 * peer sent before still counts, so fd is polled once more */
static ssize_t read_watching(int fd, void *buf, size_t size,
			     const struct peer *peer)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = peer->pidfd, .events = POLLIN } };
	ssize_t n;

	do {
		n = poll(fds, 2, -1);
		if (n > 0 && fds[1].revents != 0 && poll(fds, 1, 0) == 0)
			fail_exited(peer);
		if (n > 0)
			n = read(fd, buf, size);
	} while (n == -1 && errno == EINTR);
	return n;
}

static void close_and_report(enum role me, int signal_fd, int pidfd,
			     uintmax_t bytes, uintmax_t messages)
{
	if (close(signal_fd) == -1 || close(pidfd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("%s %ju byte%s in %ju message%s",
	      me == PRODUCER ? "sent" : "received", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
}

#endif
