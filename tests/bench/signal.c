// SPDX-License-Identifier: MIT
/*
 * signal.c - realtime signals as counters, received in three ways
 *
 * Realtime signals queue, and so they count: to add 1 is to send a signal, to
 * take 1 is to receive it. Each counter has a signal of its own. All are
 * blocked: they wait until they are asked for, by a handler that runs while
 * sigsuspend sleeps, by sigwaitinfo, or by a read of a signalfd. The bytes are
 * in slots: see slots.c.
 *
 * See:    signal(7), sigqueue(3), sigsuspend(2), sigwaitinfo(2), signalfd(2);
 *         07-signals
 */
#define _POSIX_C_SOURCE 200809L /* sigqueue */
#include "mechanisms.h"
#include <signal.h>
#include <stdatomic.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A round trip has two channels, and each process receives from both */
static int number_of(const struct channel *c, enum which which)
{
	return SIGRTMIN + 2 * c->is_way_back + (int)which;
}

static sigset_t set_of(const struct channel *c, enum which which)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number_of(c, which));
	return set;
}

/* Both halves inherit what is blocked. What is free at first needs no signal.
 * As many may be queued later, unless RLIMIT_SIGPENDING forbids it: try it */
static const char *open_signal(struct channel *c, enum which which,
			       unsigned value)
{
	static const struct timespec at_once = { 0, 0 };
	sigset_t set = set_of(c, which);
	union sigval nothing = { .sival_int = 0 };
	c->credit[which] = value;
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return "sigprocmask";
	int result = 0;
	for (; value > 0 && result == 0; value--)
		result = sigqueue(getpid(), number_of(c, which), nothing);
	int error = errno;
	while (sigtimedwait(&set, NULL, &at_once) != -1)
		;
	errno = error;
	return result == -1 ? "sigqueue, see ulimit -i" : NULL;
}

static int has_credit(struct channel *c, enum which which)
{
	if (c->credit[which] == 0)
		return 0;
	c->credit[which]--;
	return 1;
}

/* FULL is the receiver's to wait for, FREE the sender's */
static void up(struct channel *c, enum which which)
{
	pid_t pid = c->pids[which == FULL ? RECEIVER : SENDER];
	union sigval nothing = { .sival_int = 0 };
	if (sigqueue(pid, number_of(c, which), nothing) == -1)
		err(EXIT_FAILURE, "sigqueue");
}

/* One counter for each signal that is used, at its distance from SIGRTMIN */
static _Atomic unsigned caught[4];

static void on_signal(int sig)
{
	caught[sig - SIGRTMIN]++;
}

static void attach_handler(struct channel *c, enum end end)
{
	(void)end;
	struct sigaction action = { .sa_handler = on_signal };
	for (int which = FREE; which <= FULL; which++) {
		int sig = number_of(c, (enum which)which);
		sigset_t set = set_of(c, (enum which)which);
		if (sigaction(sig, &action, NULL) == -1)
			err(EXIT_FAILURE, "sigaction");
		if (c->is_spinning) /* the handler may run at any time */
			sigprocmask(SIG_UNBLOCK, &set, NULL);
	}
}

static size_t down_handler(struct channel *c, enum which which)
{
	int sig = number_of(c, which);
	_Atomic unsigned *count = &caught[sig - SIGRTMIN];
	if (has_credit(c, which))
		return 1;
	if (*count == 0 && !c->is_spinning) {
		/* Unblocks the signal and sleeps, as one step */
		sigset_t mask;
		sigprocmask(SIG_BLOCK, NULL, &mask);
		sigdelset(&mask, sig);
		sigsuspend(&mask);
	}
	if (*count == 0)
		return 0;
	(*count)--;
	return 1;
}

static size_t down_sigwaitinfo(struct channel *c, enum which which)
{
	static const struct timespec at_once = { 0, 0 };
	sigset_t set = set_of(c, which);
	if (has_credit(c, which))
		return 1;
	int sig = c->is_spinning ? sigtimedwait(&set, NULL, &at_once)
				 : sigwaitinfo(&set, NULL);
	return done("sigwaitinfo", sig) != 0;
}

static const char *open_signalfd(struct channel *c, enum which which,
				 unsigned value)
{
	sigset_t set = set_of(c, which);
	const char *failed = open_signal(c, which, value);
	if (failed != NULL)
		return failed;
	c->fds[which] = signalfd(-1, &set, c->is_spinning ? SFD_NONBLOCK : 0);
	return c->fds[which] == -1 ? "signalfd" : NULL;
}

/* A signalfd reads the signals of the process that calls read */
static size_t down_signalfd(struct channel *c, enum which which)
{
	struct signalfd_siginfo info;
	if (has_credit(c, which))
		return 1;
	return done("read", read(c->fds[which], &info, sizeof info)) != 0;
}

const struct mechanism signal_handler = {
	.name = "signal handler",
	.chapter = "07-signals",
	WITH_SLOTS,
	.counter =
	    &(const struct counter){
		.open = open_signal,
		.attach = attach_handler,
		.down = down_handler,
		.up = up,
	    },
};

const struct mechanism signal_wait = {
	.name = "sigwaitinfo",
	.chapter = "07-signals",
	WITH_SLOTS,
	.counter =
	    &(const struct counter){
		.open = open_signal,
		.down = down_sigwaitinfo,
		.up = up,
	    },
};

const struct mechanism signal_fd = {
	.name = "signalfd",
	.chapter = "07-signals",
	WITH_SLOTS,
	.counter =
	    &(const struct counter){
		.open = open_signalfd,
		.down = down_signalfd,
		.up = up,
	    },
};
