// SPDX-License-Identifier: MIT
/*
 * race_fixed.c - two processes count in shared memory, with a semaphore
 *
 * Shows:  a semaphore that begins with 1 lets one process at a time load, add
 *         and store: then no increment is lost
 * Build:  cc race_fixed.c -o race_fixed
 * Run:    ./race_fixed [N]
 * Prints: what 2 * N increments should give, what they gave, and what is lost
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    sem_init(3), sem_wait(3), sem_post(3); race.c, its twin
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
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
	sem_t lock;
};

static int usage(FILE *out)
{
	fputs("usage: race_fixed [N]\n"
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

		if (sem_wait(&shared->lock) == -1)
			err(EXIT_FAILURE, "sem_wait");
		seen = shared->counter;
		/* Best effort: let the other one in, at the worst moment */
		(void)sched_yield();
		shared->counter = seen + 1;
		if (sem_post(&shared->lock) == -1)
			err(EXIT_FAILURE, "sem_post");
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
	if (sem_init(&shared->lock, 1, 1) == -1)
		err(EXIT_FAILURE, "sem_init");
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
