// SPDX-License-Identifier: MIT
/*
 * eintr.c - signals arrive while read and poll wait
 *
 * Shows:  a handler ends a blocked call with EINTR; SA_RESTART repeats the call
 * Build:  cc eintr.c -o eintr
 * Run:    ./eintr
 * Prints: what the call returned, without and with SA_RESTART
 * Exit:   0 done; 1 a call failed, or returned another value; 77 a limit
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
static volatile sig_atomic_t calls, last_call;

/* Call number last_call of the handler writes a byte, which ends the read that
 * it interrupts. The pipe is empty then, so write neither blocks nor fails */
static void on_tick(int sig)
{
	int saved = errno; /* of the code that this handler interrupts */

	(void)sig;
	if (++calls == last_call)
		(void)!write(fds[1], "x", 1);
	errno = saved;
}

static void handle_ticks(int flags, int write_in_call)
{
	struct sigaction sa = { .sa_handler = on_tick, .sa_flags = flags };

	calls = 0;
	last_call = write_in_call;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGALRM, &sa, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");
}

static void expect(const char *call, ssize_t got, ssize_t expected)
{
	int reason = got == -1 ? errno : 0;

	printf("%s: %zd, %s\n", call, got,
	       reason == 0 ? "success" : strerror(reason));
	if (got != expected || (got == -1 && reason != EINTR))
		errx(EXIT_FAILURE, "%s: expected %zd", call, expected);
}

int main(void)
{
	/* A timer that repeats: a tick before the wait is not the last one */
	const struct itimerval tick = { { 0, 20000 }, { 0, 20000 } };
	sigset_t none;
	char c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (pipe2(fds, O_CLOEXEC) == -1)
		err(77, "pipe2: see ulimit -n");
	handle_ticks(0, 0);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) == -1 ||
	    setitimer(ITIMER_REAL, &tick, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask, setitimer");
	expect("read", read(fds[0], &c, 1), -1);

	/* The same read continues after two signals, and ends with a byte */
	handle_ticks(SA_RESTART, 3);
	expect("read, SA_RESTART", read(fds[0], &c, 1), 1);
	printf("the byte was written by handler call %d\n", (int)last_call);

	/* poll is never restarted, whatever the flags */
	handle_ticks(SA_RESTART, 0);
	struct pollfd p = { .fd = fds[0], .events = POLLIN };
	expect("poll, SA_RESTART", poll(&p, 1, -1), -1);

	if (close(fds[0]) == -1 || close(fds[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
