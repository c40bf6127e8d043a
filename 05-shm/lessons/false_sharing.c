// SPDX-License-Identifier: MIT
/*
 * false_sharing.c - two counters in one cache line, and in two
 *
 * Shows:  processors share memory by the line: neighbours slow each other down
 * Build:  cc false_sharing.c -o false_sharing
 * Run:    ./false_sharing [TIMES]
 * Prints: how much longer two processes take in one line than in two
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    mmap(2), sched_setaffinity(2), _Alignas in C17 6.7.5;
 *         mmap_anonymous.c
 */
#define _GNU_SOURCE /* CPU_SET, MAP_ANONYMOUS */

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* 128: some processors fetch lines of 64 bytes by twos */
enum { APART = 128 / sizeof(atomic_long), MAX = 100000000 };

static int usage(FILE *out)
{
	fputs(
	    "usage: false_sharing [TIMES]\n"
	    "Two processes count to TIMES, 2000000 unless given, each alone.\n",
	    out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The two processors that we may use first; tells how many there are at all */
static int two_cpus(size_t cpu[2])
{
	cpu_set_t set;
	int n = 0;

	if (sched_getaffinity(0, sizeof set, &set) == -1)
		err(EXIT_FAILURE, "sched_getaffinity");
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set) && n++ < 2)
			cpu[n - 1] = i;
	return n;
}

static void count(atomic_long *counter, long times, size_t cpu, int go)
{
	cpu_set_t one;
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* best effort */
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	(void)sched_setaffinity(0, sizeof one, &one); /* only for the ratio */
	if (read(go, &byte, 1) != 0) /* both begin at the end of file */
		_exit(EXIT_FAILURE);
	for (long i = 0; i < times; i++)
		atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
	_exit(EXIT_SUCCESS);
}

static void start(atomic_long *counter, long times, size_t cpu, int pfd[2])
{
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		(void)close(pfd[1]); /* else the end never comes */
		count(counter, times, cpu, pfd[0]);
	}
}

/* Seconds until both are done */
static double run(atomic_long *c[2], long times, const size_t cpu[2])
{
	struct timespec from, to;
	int pfd[2], status;

	if (pipe2(pfd, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	for (int i = 0; i < 2; i++)
		start(c[i], times, cpu[i], pfd);
	if (clock_gettime(CLOCK_MONOTONIC, &from) == -1 ||
	    close(pfd[1]) == -1 || close(pfd[0]) == -1)
		err(EXIT_FAILURE, "clock_gettime, close");
	for (int i = 0; i < 2; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child did not count to the end");
	if (clock_gettime(CLOCK_MONOTONIC, &to) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	if (atomic_exchange(c[0], 0) != times ||
	    atomic_exchange(c[1], 0) != times)
		errx(EXIT_FAILURE, "a count is wrong");
	return (double)(to.tv_sec - from.tv_sec) +
	       (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

int main(int argc, char *argv[])
{
	size_t cpu[2] = { 0, 0 };
	int cpus;
	char *end = "";
	long times = 2000000;
	size_t size = 2 * APART * sizeof(atomic_long);
	atomic_long *p;
	double near, far;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc == 2)
		times = strtol(argv[1], &end, 10);
	if (argc > 2 || *end != '\0' || times < 1 || times > MAX)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		 -1, 0);
	if (p == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	cpus = two_cpus(cpu);
	if (cpus < 2) {
		cpu[1] = cpu[0];
		puts("only one processor: nobody to share a line with");
	}

	/* No byte is shared in either case, and no result differs */
	far = run((atomic_long *[]){ p, p + APART }, times, cpu);
	near = run((atomic_long *[]){ p, p + 1 }, times, cpu);
	printf("both counted to %ld, twice\n", times);
	printf("in one line it takes %.1f times as long as in two\n",
	       near / far);

	if (munmap(p, size) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
