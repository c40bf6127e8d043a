// SPDX-License-Identifier: MIT
/*
 * posix_notify_signal.c - a signal reports a message to an empty queue
 *
 * Shows:  mq_notify reports one message, and only one that finds a queue empty
 * Build:  cc posix_notify_signal.c -o posix_notify_signal
 * Run:    ./posix_notify_signal
 * Prints: what was done, and whether the signal arrived
 * Exit:   0 done; 1 a call failed, or a signal too many or too few; 77 a limit
 *         forbids it here
 * See:    mq_notify(3), sigtimedwait(2); posix_notify_thread.c, posix_poll.c
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static mqd_t mqd;
static sigset_t sigusr1;

static void register_once(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };

	if (mq_notify(mqd, &event) == -1)
		err(errno == ENOSYS ? 77 : EXIT_FAILURE, "mq_notify");
}

static void drain(void)
{
	char c;

	while (mq_receive(mqd, &c, 1, NULL) != -1)
		;
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "mq_receive");
}

/* The signal, if any, is pending when mq_send returns: no need to wait for it.
 * It is blocked, and taken like a message: no handler, no race */
static void send_one(const char *what, int expected)
{
	const struct timespec now = { 0 };

	if (mq_send(mqd, "", 1, 0) == -1)
		err(EXIT_FAILURE, "mq_send");
	int arrived = sigtimedwait(&sigusr1, NULL, &now) == SIGUSR1;
	if (!arrived && errno != EAGAIN) /* which means: none is pending */
		err(EXIT_FAILURE, "sigtimedwait");
	printf("%s: %s\n", what, arrived ? "a signal" : "no signal");
	if (arrived != expected)
		errx(EXIT_FAILURE, "not as expected");
}

int main(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 1 };
	char name[32];

	sigemptyset(&sigusr1);
	sigaddset(&sigusr1, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &sigusr1, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd =
	    mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	if (mqd == -1 && errno != EEXIST)
		err(77, "mq_open %s: see ulimit -n, -q, fs.mqueue.*_max", name);
	/* Removed at once: the queue lives as long as its descriptor */
	if (mqd == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);

	register_once();
	send_one("registered, a message", 1);
	/* Drain, then register: a message in between is not reported, nor is
	 * any later one, as the queue is no longer empty */
	drain();
	send_one("drained, a message before the next registration", 0);
	register_once();
	send_one("registered too late, one more message", 0);
	/* Register, then drain: the next message finds the queue empty */
	drain();
	send_one("registered before it was drained, a message", 1);

	if (mq_close(mqd) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
