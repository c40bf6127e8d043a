// SPDX-License-Identifier: MIT
/*
 * race.c - two processes count in shared memory, without a semaphore
 *
 * Shows:  an increment is lost if the other process runs between load and store
 * Build:  cc race.c -o race
 * Run:    ./race
 * Prints: the expected count, the actual count, and the difference
 * Exit:   0 done, with any number lost; 1 a call failed; 77 a limit
 * See:    mmap(2), fork(2); race_fixed.c, its twin: diff race.c race_fixed.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 1000 /* increments of each process */ };

struct shared {
	/* volatile: a load and a store each time, but nothing atomic */
	volatile long counter;
};

/* Children exit without running the exit handlers of their parent */
static _Noreturn void fail(const char *what)
{
	warn("%s", what);
	_exit(EXIT_FAILURE);
}

static void count(struct shared *shared)
{
	for (int i = 0; i < N; i++) {
		long seen = shared->counter;

		/* Best effort: the other process runs at the worst moment */
		(void)sched_yield();
		shared->counter = seen + 1;
	}
}

int main(void)
{
	struct shared *shared =
	    mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(77, "mmap: see ulimit -v");

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			fail("prctl");
		count(shared);
		_exit(EXIT_SUCCESS);
	}
	count(shared);
	int status;
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");

	long lost = 2 * N - shared->counter;
	printf("expected %d\ncounted %ld\nlost %ld\n", 2 * N, shared->counter,
	       lost);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
