// SPDX-License-Identifier: MIT
/*
 * futex_interrupted.c - a wait for a lock that a signal ends
 *
 * Shows:  FUTEX_WAIT ends with EINTR, so a lock may let its caller give up
 * Build:  cc futex_interrupted.c -o futex_interrupted
 * Run:    ./futex_interrupted
 * Prints: what the waiter gets, and the state of the lock
 * Exit:   0 done; 1 a call failed, or the wait did not end; 77 a limit
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

enum { FUTEX_WAIT };	/* as in <linux/futex.h> */
enum { CONTENDED = 2 }; /* as in futex.c */

static void on_usr1(int sig)
{
	(void)sig; /* a handler that runs is enough to end the wait */
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_usr1 }; /* no SA_RESTART */
	int status = 0;
	pid_t parent = getpid(), pid, ended;

	_Atomic uint32_t *lock =
	    mmap(NULL, sizeof *lock, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (lock == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	*lock = CONTENDED; /* this process holds it, and the child waits */
	if (sigaction(SIGUSR1, &sa, NULL) == -1 ||
	    sigprocmask(SIG_SETMASK, &sa.sa_mask, NULL) == -1) /* to none */
		err(EXIT_FAILURE, "sigaction, sigprocmask");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	if ((pid = fork()) == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		long result = syscall(SYS_futex, lock, FUTEX_WAIT, CONTENDED,
				      NULL, NULL, 0);
		_exit(result == -1 ? errno : EXIT_SUCCESS);
	}

	/* A signal that comes before the wait is lost: send another */
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		if (kill(pid, SIGUSR1) == -1)
			err(EXIT_FAILURE, "kill");
		(void)sched_yield(); /* never fails on Linux */
	}
	if (ended == -1)
		err(EXIT_FAILURE, "waitpid");
	printf("waiter: %s, lock state %d\n", strerror(WEXITSTATUS(status)),
	       (int)*lock);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EINTR)
		errx(EXIT_FAILURE, "the waiter was not interrupted");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
