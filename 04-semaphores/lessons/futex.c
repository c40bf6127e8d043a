// SPDX-License-Identifier: MIT
/*
 * futex.c - a lock between processes, made of one integer and futex(2)
 *
 * Shows:  a lock is an atomic word; the kernel is asked only to wait and wake
 * Build:  cc futex.c -o futex
 * Run:    ./futex
 * Prints: calls of futex without contention, and a total with it
 * Exit:   0 done; 1 a call failed, or the total is wrong
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
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 10000 /* of each process */ };
enum { FUTEX_WAIT, FUTEX_WAKE }; /* as in <linux/futex.h> */
enum { FREE, HELD, CONTENDED };	 /* contended: held, and somebody may wait */

struct shared {
	_Atomic uint32_t lock;
	long total; /* not atomic: the lock protects it */
};
static struct shared *shared;
static long calls; /* of futex(2), by this process */

/* No FUTEX_PRIVATE_FLAG: that is for the threads of one process */
static long futex(int op, uint32_t value)
{
	calls++;
	return syscall(SYS_futex, &shared->lock, op, value, NULL, NULL, 0);
}

/* The kernel compares the word again: if it is no longer CONTENDED, the call
 * fails with EAGAIN instead of blocking, so no wake-up is missed */
static int lock(void)
{
	uint32_t seen = FREE;

	if (atomic_compare_exchange_strong(&shared->lock, &seen, HELD))
		return 0; /* nobody had it: no system call */
	while (atomic_exchange(&shared->lock, CONTENDED) != FREE)
		if (futex(FUTEX_WAIT, CONTENDED) == -1 && errno != EAGAIN)
			return -1;
	return 0; /* CONTENDED stays: others may wait */
}

static int unlock(void)
{
	if (atomic_exchange(&shared->lock, FREE) == CONTENDED)
		return futex(FUTEX_WAKE, 1) == -1 ? -1 : 0;
	return 0; /* nobody waits: no system call */
}

static int add(void)
{
	for (int i = 0; i < COUNT; i++) {
		if (lock() == -1)
			return -1;
		shared->total++;
		if (unlock() == -1)
			return -1;
	}
	return 0;
}

int main(void)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (add() == -1)
		err(EXIT_FAILURE, "futex");
	printf("alone: %ld times, %ld calls of futex\n", shared->total, calls);

	shared->total = 0;
	long calls_alone = calls;
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		_exit(add() == -1 ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	if (add() == -1)
		err(EXIT_FAILURE, "futex");
	int status;
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	printf("together: %ld times\n", shared->total);
	if (calls_alone != 0 || shared->total != 2 * COUNT)
		errx(EXIT_FAILURE, "futex was called for nothing, or failed");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
