// SPDX-License-Identifier: MIT
/*
 * futex_interrupted.c - a wait for a lock that a signal ends
 *
 * Shows:  FUTEX_WAIT ends with EINTR, so a lock may let its caller give up
 * Build:  cc futex_interrupted.c -o futex_interrupted
 * Run:    ./futex_interrupted
 * Prints: what the waiter gets, and the state of the lock
 * Exit:   0 done; 1 a call failed, or the waiter went on; 2 usage
 * See:    futex(2), futex(7), signal(7); futex.c, posix_timed.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS, syscall */

#include <err.h>
#include <errno.h>
#include <sched.h>
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

#ifndef FUTEX_WAIT /* of <linux/futex.h>, which not every system has */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#endif

enum { FREE, HELD, CONTENDED }; /* contended: held, and somebody may wait */

static _Atomic uint32_t *word;

static int usage(FILE *out)
{
	fputs("usage: futex_interrupted\n"
	      "Interrupt a process that waits for a lock.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* No FUTEX_PRIVATE_FLAG: that is for the threads of one process */
static int futex(int op, uint32_t value)
{
	return (int)syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

/*
 * 0 when the lock is ours, -1 with EINTR after a signal. The kernel sleeps only
 * if the word still is CONTENDED (else EAGAIN), so no wake-up is missed.
 */
static int lock(void)
{
	uint32_t seen = FREE;

	if (atomic_compare_exchange_strong(word, &seen, HELD))
		return 0; /* nobody had it: no system call */
	while (atomic_exchange(word, CONTENDED) != FREE)
		if (futex(FUTEX_WAIT, CONTENDED) == -1 && errno != EAGAIN)
			return -1;
	return 0; /* CONTENDED stays: there may be others who wait */
}

static void unlock(void)
{
	if (atomic_exchange(word, FREE) == CONTENDED &&
	    futex(FUTEX_WAKE, 1) == -1)
		err(EXIT_FAILURE, "futex wake");
}

static void on_usr1(int sig)
{
	(void)sig; /* to be called is all: then the wait fails with EINTR */
}

/* A child waits for a lock that stays held, until a signal interrupts it */
static void interrupt_wait(void)
{
	struct sigaction sa = { .sa_handler = on_usr1 }; /* no SA_RESTART */
	int status = 0;
	pid_t parent = getpid(), pid, ended;

	if (sigaction(SIGUSR1, &sa, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");
	pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		_exit(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
			      getppid() == parent && lock() == -1
			  ? errno
			  : 0);
	/* One signal may come before the wait begins, and be lost: go on */
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		if (kill(pid, SIGUSR1) == -1)
			err(EXIT_FAILURE, "kill");
		(void)sched_yield(); /* never fails on Linux */
	}
	if (ended == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != EINTR)
		errx(EXIT_FAILURE, "the waiter was not interrupted");
	printf("waiter: %s, lock state %d\n", strerror(WEXITSTATUS(status)),
	       (int)*word);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	word = mmap(NULL, sizeof *word, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (word == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (lock() == -1)
		err(EXIT_FAILURE, "lock");
	interrupt_wait();
	unlock();
	printf("given back: lock state %d\n", (int)*word);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
