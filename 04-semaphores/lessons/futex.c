// SPDX-License-Identifier: MIT
/*
 * futex.c - a lock between processes, made of one integer and futex(2)
 *
 * Shows:  a lock is an atomic word; the kernel is asked only to wait and wake
 * Build:  cc futex.c -o futex
 * Run:    ./futex
 * Prints: calls of futex without contention, and a total with it
 * Exit:   0 done; 1 a call failed, or the total is wrong; 2 usage
 * See:    futex(2), futex(7); futex_interrupted.c, mutex_robust.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS, syscall */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 4, COUNT = 10000 /* of each */ };
#ifndef FUTEX_WAIT /* of <linux/futex.h>, which not every system has */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#endif

enum { FREE, HELD, CONTENDED }; /* contended: held, and somebody may wait */

struct shared {
	_Atomic uint32_t lock;
	long total; /* not atomic: the lock protects it */
};
static struct shared *shared;
static long calls; /* of futex(2), by this process */

static int usage(FILE *out)
{
	fputs("usage: futex\n"
	      "Let four processes add to a number, with a lock.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* No FUTEX_PRIVATE_FLAG: that is for the threads of one process */
static int futex(int op, uint32_t value)
{
	calls++;
	return (int)syscall(SYS_futex, &shared->lock, op, value, NULL, NULL, 0);
}

/*
 * 0 when the lock is ours, -1 with EINTR after a signal. The kernel sleeps only
 * if the word still is CONTENDED (else EAGAIN), so no wake-up is missed.
 */
static int lock(void)
{
	uint32_t seen = FREE;

	if (atomic_compare_exchange_strong(&shared->lock, &seen, HELD))
		return 0; /* nobody had it: no system call */
	while (atomic_exchange(&shared->lock, CONTENDED) != FREE)
		if (futex(FUTEX_WAIT, CONTENDED) == -1 && errno != EAGAIN)
			return -1;
	return 0; /* CONTENDED stays: there may be others who wait */
}

static void unlock(void)
{
	if (atomic_exchange(&shared->lock, FREE) == CONTENDED &&
	    futex(FUTEX_WAKE, 1) == -1)
		err(EXIT_FAILURE, "futex wake");
}

static pid_t start(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0 &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent))
		_exit(EXIT_FAILURE);
	return pid;
}

static void add(void)
{
	for (long i = 0; i < COUNT; i++) {
		if (lock() == -1)
			err(EXIT_FAILURE, "lock");
		shared->total++;
		unlock();
	}
}

static void add_together(void)
{
	int status;

	for (int i = 0; i < CHILDREN; i++)
		if (start() == 0) {
			add();
			_exit(EXIT_SUCCESS);
		}
	for (int i = 0; i < CHILDREN; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child failed");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	add();
	printf("alone: %ld times, %ld calls of futex\n", shared->total, calls);
	shared->total = 0;
	add_together();
	printf("together: %ld of %d\n", shared->total, COUNT * CHILDREN);
	if (calls != 0 || shared->total != COUNT * CHILDREN)
		errx(EXIT_FAILURE, "it called for nothing, or does not hold");
	if (munmap(shared, sizeof *shared) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
