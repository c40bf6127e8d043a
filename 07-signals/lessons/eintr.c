// SPDX-License-Identifier: MIT
/*
 * eintr.c - signals come while read and poll wait
 *
 * Shows:  a handler ends a waiting call with EINTR, or restarts it: SA_RESTART
 * Build:  cc eintr.c -o eintr
 * Run:    ./eintr
 * Prints: what the call returned, without and with SA_RESTART
 * Exit:   0 done; 1 a call failed, or returned what was not expected; 2 usage
 * See:    signal(7), Interruption of system calls; sigaction(2), read(2)
 */
#define _GNU_SOURCE /* pipe2, setitimer */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static int fds[2];
static volatile sig_atomic_t calls, feed; /* feed: in this call; 0: never */

static int usage(FILE *out)
{
	fputs("usage: eintr\n"
	      "Let signals come while read and poll wait.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The timer's. In call number feed it gives read the byte that it waits for.
 * An empty pipe takes a byte at once: write can neither block nor fail */
static void on_tick(int sig)
{
	int saved = errno; /* of the code that we interrupt */
	char c = (char)('0' + ++calls);

	(void)sig;
	if (calls == feed)
		(void)!write(fds[1], &c, 1);
	errno = saved;
}

/* From now on every signal is handled so */
static void install(int flags, int feed_in_call)
{
	struct sigaction sa = { .sa_handler = on_tick, .sa_flags = flags };

	calls = 0;
	feed = feed_in_call;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGALRM, &sa, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");
}

/* Again and again: one that comes before the wait is followed by others */
static void start_timer(void)
{
	const struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	if (sigprocmask(SIG_UNBLOCK, &set, NULL) == -1 ||
	    setitimer(ITIMER_REAL, &often, NULL) == -1)
		err(EXIT_FAILURE, "setitimer");
}

static void expect(const char *call, ssize_t got, ssize_t want)
{
	const char *reason = got == -1 ? strerror(errno) : "success";

	if (got != want || (got == -1 && errno != EINTR))
		errx(EXIT_FAILURE, "%s: %zd, %s", call, got, reason);
	printf("%s: %zd, %s\n", call, got, reason);
}

int main(int argc, char *argv[])
{
	char c = '?';

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	if (pipe2(fds, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	install(0, 0);
	start_timer();
	expect("read", read(fds[0], &c, 1), -1);

	/* The same read waits on after two signals, and ends with a byte */
	install(SA_RESTART, 3);
	expect("read, SA_RESTART", read(fds[0], &c, 1), 1);
	printf("the byte was written by handler call %c\n", c);

	/* What has a time limit is never restarted, whatever the flags */
	install(SA_RESTART, 0);
	struct pollfd p = { .fd = fds[0], .events = POLLIN };
	expect("poll, SA_RESTART", poll(&p, 1, -1), -1);

	if (close(fds[0]) == -1 || close(fds[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
