// SPDX-License-Identifier: MIT
/*
 * posix_notify_signal.c - a signal says that an empty queue has mail
 *
 * Shows:  mq_notify tells of a message that finds the queue empty, once, one
 *         process; who registers again before draining misses nothing
 * Build:  cc posix_notify_signal.c -o posix_notify_signal
 * Run:    ./posix_notify_signal
 * Prints: what was done, and whether the signal came
 * Exit:   0 done; 1 a call failed, or a signal too many or too few; 2 usage;
 *         77 no POSIX queues in this kernel
 * See:    mq_notify(3), sigtimedwait(2); posix_notify_thread.c, posix_poll.c
 */
#define _GNU_SOURCE /* O_CLOEXEC, and what musl hides without it */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static mqd_t queue;
static sigset_t mail; /* SIGUSR1, that tells of it */

static int usage(FILE *out)
{
	fputs("usage: posix_notify_signal\n"
	      "Be told by a signal that a message has come.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Take the name away at once: the queue lives on by its descriptor. No signal
 * ends us in between, so nothing stays behind */
static void open_queue(int flags, long messages, long size)
{
	struct mq_attr attr = { .mq_maxmsg = messages, .mq_msgsize = size };
	char name[32];
	sigset_t all, old;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	queue = mq_open(name, flags | O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			0600, &attr);
	if (queue == -1 && (errno == ENOSYS || errno == EMFILE))
		err(77, "mq_open %s: needs POSIX queues, and ulimit -q", name);
	if (queue == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
}

/* 0, or the error: EBUSY while somebody is registered */
static int notify(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };

	return mq_notify(queue, &event) == -1 ? errno : 0;
}

static void drain(void)
{
	char c;

	while (mq_receive(queue, &c, 1, NULL) != -1)
		;
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "mq_receive");
}

/* Send a message. mq_send has sent the signal, if any, before it returns: no
 * need to wait. It is blocked, and taken like a message: no handler, no race */
static void send_one(const char *what, int expected)
{
	const struct timespec now = { 0 };
	siginfo_t info;

	if (mq_send(queue, "", 1, 0) == -1)
		err(EXIT_FAILURE, "mq_send");
	int told = sigtimedwait(&mail, &info, &now) == SIGUSR1;
	if (!told && errno != EAGAIN)
		err(EXIT_FAILURE, "sigtimedwait");
	printf("%s: %s\n", what, told ? "signal, SI_MESGQ" : "no signal");
	if (told != expected || (told && info.si_code != SI_MESGQ))
		errx(EXIT_FAILURE, "%s: not as expected", what);
}

/* What a second process gets, while we are registered */
static void second_registrant(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(notify());
	if (child == -1 || waitpid(child, &status, 0) == -1)
		err(EXIT_FAILURE, "fork, waitpid");
	printf("a second process registers: %s\n",
	       strerror(WEXITSTATUS(status)));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EBUSY)
		errx(EXIT_FAILURE, "the second: not as expected");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&mail);
	sigaddset(&mail, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &mail, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	open_queue(O_NONBLOCK, 4, 1);

	if (notify() != 0)
		err(EXIT_FAILURE, "mq_notify");
	second_registrant();
	send_one("registered, a message comes", 1);

	/* Drained, then registered: what comes in between goes unnoticed, and
	 * all after it, for the queue is not empty any more */
	drain();
	send_one("drained, but not registered again, the next comes", 0);
	if (notify() != 0)
		err(EXIT_FAILURE, "mq_notify");
	send_one("registered too late, one more comes", 0);

	/* Registered, then drained: what comes from now on finds it empty */
	drain();
	send_one("drained while registered, a message comes", 1);

	if (mq_close(queue) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
