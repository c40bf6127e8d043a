// SPDX-License-Identifier: MIT
/*
 * false_sharing.c - two counters in one cache line, and in two
 *
 * Shows:  processors exchange memory in lines: two writers in one line are slow
 * Build:  cc false_sharing.c -o false_sharing
 * Run:    ./false_sharing
 * Prints: how much longer two processes take in one line than in two
 * Exit:   0 done; 1 a call failed; 77 this machine forbids it
 * See:    mmap(2), clock_gettime(2), _Alignas in C17 6.7.5; mmap_anonymous.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* 128 bytes: some processors fetch lines of 64 bytes in pairs */
enum { APART = 128 / sizeof(atomic_long), TIMES = 2000000 };

static void add(atomic_long *counter)
{
	for (long i = 0; i < TIMES; i++)
		atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* Seconds until a child has counted in a, and this process in b */
static double count(atomic_long *a, atomic_long *b)
{
	struct timespec from, to;
	int status;

	if (clock_gettime(CLOCK_MONOTONIC, &from) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		add(a);
		_exit(EXIT_SUCCESS);
	}
	add(b);
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	if (clock_gettime(CLOCK_MONOTONIC, &to) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	if (atomic_exchange(a, 0) != TIMES || atomic_exchange(b, 0) != TIMES)
		errx(EXIT_FAILURE, "a count is wrong");
	return (double)(to.tv_sec - from.tv_sec) +
	       (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

int main(void)
{
	size_t size = 2 * APART * sizeof(atomic_long);
	atomic_long *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		err(77, "mmap: see ulimit -v");

	/* In both cases each process has a counter of its own */
	double far = count(p, p + APART);
	double near = count(p, p + 1);
	printf("in one line it takes %.1f times as long as in two\n",
	       near / far);

	if (munmap(p, size) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
