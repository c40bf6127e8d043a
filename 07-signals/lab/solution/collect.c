// SPDX-License-Identifier: MIT
/*
 * collect.c - print the values that other processes send with signals
 *
 * Build:  cc collect.c -o collect
 * Run:    ./collect
 *         /bin/kill -63 -q VALUE PID
 * Prints: ready; VALUE for signal 63, urgent VALUE for 62; N values
 * Exit:   0 ended by SIGTERM; 1 a call failed; 2 usage
 * See:    sigwaitinfo(2), sigqueue(3), signal(7); task collect of the lab
 */
#define _POSIX_C_SOURCE 200809L /* sigwaitinfo */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define VALUE  (SIGRTMAX - 1)
#define URGENT (SIGRTMAX - 2)

static void flush(void)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
}

int main(int argc, char *argv[])
{
	if (argc > 1)
		errx(2, "usage: collect, without %s", argv[1]);

	/* From here on these signals queue until they are taken: the others
	 * may send */
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, VALUE);
	sigaddset(&set, URGENT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	printf("ready\n");
	flush();

	const struct timespec at_once = { 0, 0 };
	uintmax_t values = 0;
	int stopping = 0;
	for (;;) {
		/* The pending signal with the lowest number is taken: SIGTERM
		 * before URGENT, and URGENT before VALUE */
		siginfo_t info;
		int sig = stopping ? sigtimedwait(&set, &info, &at_once)
				   : sigwaitinfo(&set, &info);
		if (sig == -1 && errno == EAGAIN)
			break; /* nothing is pending any more */
		if (sig == -1 && errno == EINTR)
			continue; /* this process was stopped and continued */
		if (sig == -1)
			err(EXIT_FAILURE, "sigwaitinfo");
		if (sig == SIGTERM)
			stopping = 1;
		if (sig == SIGTERM || info.si_code != SI_QUEUE)
			continue; /* it carries no value */
		values++;
		printf("%s%d\n", sig == URGENT ? "urgent " : "",
		       info.si_value.sival_int);
		flush();
	}
	printf("%ju values\n", values);
	flush();
	return EXIT_SUCCESS;
}
