// SPDX-License-Identifier: MIT
/*
 * race.c - two processes count in shared memory, without a semaphore
 *
 * Shows:  an increment is a load, an addition and a store; another process can
 *         come between them, and then one of two increments is lost
 * Build:  cc race.c -o race
 * Run:    ./race [N]
 * Prints: what 2 * N increments should give, what they gave, and what is lost
 * Exit:   0 done, however many were lost; 1 a call failed; 2 usage
 * See:    mmap(2), fork(2); race_fixed.c, its twin: diff race.c race_fixed.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	/* volatile: load and store each time. It makes nothing atomic */
	volatile long counter;
};

/* A child, which ends with its parent: add 1 to the counter n times.
 * Its exit status is the errno of a call that failed */
static void count(struct shared *shared, long n, const int gate[2],
		  pid_t parent)
{
	char none;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	/* Blocks until the parent and both children have closed gate[1] */
	if (close(gate[1]) == -1 || read(gate[0], &none, 1) == -1)
		_exit(errno);
	for (long i = 0; i < n; i++) {
		long seen = shared->counter;

		/* Best effort: let the other one in, at the worst moment */
		(void)sched_yield();
		shared->counter = seen + 1;
	}
	_exit(EXIT_SUCCESS);
}

int main(int argc, char *argv[])
{
	char *end = "";
	long n = argc == 2 ? strtol(argv[1], &end, 10) : 10000;

	if (argc > 2 || *end != '\0' || n < 1 || n > 100000000)
		errx(2, "usage: race [N], at most 100000000");
	struct shared *shared =
	    mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");

	int gate[2];
	pid_t parent = getpid(), pid;
	if (pipe(gate) == -1)
		err(EXIT_FAILURE, "pipe");
	for (int i = 0; i < 2; i++) {
		if ((pid = fork()) == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0)
			count(shared, n, gate, parent);
	}
	if (close(gate[0]) == -1 || close(gate[1]) == -1)
		err(EXIT_FAILURE, "close");
	for (int i = 0, status = 0; i < 2; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child failed: %s",
			     strerror(WEXITSTATUS(status)));

	long lost = 2 * n - shared->counter;
	printf("expected %ld\ncounted %ld\nlost %ld\n", 2 * n, shared->counter,
	       lost);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
