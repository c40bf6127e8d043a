// SPDX-License-Identifier: MIT
/*
 * race.c - two processes count in shared memory, without a semaphore
 *
 * Shows:  an increment is a load, an addition and a store; another process can
 *         come between them, and then one of two increments is lost
 * Build:  cc race.c -o race
 * Run:    ./race [N]
 * Prints: what 2 * N increments should give, what they gave, and what is lost
 * Exit:   0 done, whatever was lost; 1 a call failed; 2 usage
 * See:    mmap(2), fork(2); race_fixed.c, its twin: diff race.c race_fixed.c
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
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

static int usage(FILE *out)
{
	fputs("usage: race [N]\n"
	      "Two processes add 1 to a shared counter N times each.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The first read blocks until the starter has closed its end of the pipe */
static void count(struct shared *shared, long n, const int gate[2])
{
	char none;

	if (close(gate[1]) == -1 || read(gate[0], &none, 1) == -1)
		err(EXIT_FAILURE, "wait for the start");
	for (long i = 0; i < n; i++) {
		long seen;

		seen = shared->counter;
		/* Best effort: let the other one in, at the worst moment */
		(void)sched_yield();
		shared->counter = seen + 1;
	}
}

static void run_two(struct shared *shared, long n)
{
	int gate[2], status;

	if (pipe2(gate, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	for (int i = 0; i < 2; i++) {
		pid_t parent = getpid(), pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0) {
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
			    getppid() != parent)
				_exit(EXIT_FAILURE);
			count(shared, n, gate);
			_exit(EXIT_SUCCESS);
		}
	}
	if (close(gate[0]) == -1 || close(gate[1]) == -1)
		err(EXIT_FAILURE, "close gate");
	for (int i = 0; i < 2; i++) {
		if (wait(&status) == -1)
			err(EXIT_FAILURE, "wait");
		if (status != 0)
			errx(EXIT_FAILURE, "a child failed: status %d", status);
	}
}

int main(int argc, char *argv[])
{
	struct shared *shared;
	char *end = "";
	long n = 10000;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2)
		return usage(stderr);
	if (argc == 2) {
		errno = 0;
		n = strtol(argv[1], &end, 10);
		if (errno || end == argv[1] || *end || n < 1 || n > 100000000)
			return usage(stderr);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	run_two(shared, n);
	printf("expected %ld\n", 2 * n);
	printf("counted %ld\n", shared->counter);
	printf("lost %ld\n", 2 * n - shared->counter);
	if (munmap(shared, sizeof(*shared)) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
