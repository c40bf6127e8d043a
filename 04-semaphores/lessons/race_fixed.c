// SPDX-License-Identifier: MIT
/*
 * race_fixed.c - two processes count in shared memory, with a semaphore
 *
 * Shows:  a semaphore that starts with 1 lets one process in at a time
 * Build:  cc race_fixed.c -o race_fixed
 * Run:    ./race_fixed
 * Prints: the expected count, the actual count, and the difference
 * Exit:   0 nothing was lost; 1 something was, or a call failed; 77 a limit
 * See:    sem_init(3), sem_wait(3), sem_post(3); race.c, its twin
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <sched.h>
#include <semaphore.h>
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
	sem_t lock;
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
		if (sem_wait(&shared->lock) == -1)
			fail("sem_wait");
		long seen = shared->counter;

		/* Best effort: the other process runs at the worst moment */
		(void)sched_yield();
		shared->counter = seen + 1;
		if (sem_post(&shared->lock) == -1)
			fail("sem_post");
	}
}

int main(void)
{
	struct shared *shared =
	    mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	if (sem_init(&shared->lock, 1, 1) == -1)
		err(EXIT_FAILURE, "sem_init");

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
	if (lost != 0)
		errx(EXIT_FAILURE, "increments were lost");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
