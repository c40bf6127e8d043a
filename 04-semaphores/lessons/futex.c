// SPDX-License-Identifier: MIT
/*
 * futex.c - a lock between processes, made of one integer and futex(2)
 *
 * Shows:  a lock is an atomic word; the kernel is asked only to wait and wake
 * Build:  cc futex.c -o futex
 * Run:    ./futex
 * Prints: the futex calls without contention, and a total with contention
 * Exit:   0 done; 1 a call failed, or the total is wrong; 77 a limit
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
enum { FREE, HELD, CONTENDED };	 /* contended: held, others may wait */

struct shared {
	_Atomic uint32_t lock;
	long total; /* not atomic: the lock protects it */
};
static struct shared *shared;
static long calls; /* of futex(2), by this process */

/* FUTEX_WAIT blocks only if the word is still value. Otherwise the call fails
 * with EAGAIN, so no wake-up is missed. FUTEX_PRIVATE_FLAG would be for threads
 * of one process */
static void futex(int op, uint32_t value)
{
	calls++;
	if (syscall(SYS_futex, &shared->lock, op, value, NULL, NULL, 0) == -1 &&
	    errno != EAGAIN) {
		warn("futex");
		_exit(EXIT_FAILURE);
	}
}

static void lock(void)
{
	uint32_t seen = FREE;

	if (atomic_compare_exchange_strong(&shared->lock, &seen, HELD))
		return; /* the lock was free: no system call */
	while (atomic_exchange(&shared->lock, CONTENDED) != FREE)
		futex(FUTEX_WAIT, CONTENDED);
	/* The lock stays CONTENDED: others may wait */
}

static void unlock(void)
{
	if (atomic_exchange(&shared->lock, FREE) == CONTENDED)
		futex(FUTEX_WAKE, 1);
}

static void add(void)
{
	for (int i = 0; i < COUNT; i++) {
		lock();
		shared->total++;
		unlock();
	}
}

int main(void)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	add();
	printf("alone: %ld times, %ld calls of futex\n", shared->total, calls);
	if (calls != 0)
		errx(EXIT_FAILURE, "the lock was free, and futex was called");
	if (fflush(stdout) == EOF) /* otherwise the child has a copy */
		err(EXIT_FAILURE, "write standard output");

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		add();
		_exit(EXIT_SUCCESS);
	}
	add();
	int status;
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	printf("together: %ld times more\n", shared->total - COUNT);
	if (shared->total != 3 * COUNT)
		errx(EXIT_FAILURE, "expected %d in all", 3 * COUNT);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
