// SPDX-License-Identifier: MIT
/*
 * mutex_plain.c - a mutex whose owner dies stays locked forever
 *
 * Shows:  a plain mutex of a dead owner stays locked, and no call reports it
 * Build:  cc mutex_plain.c -o mutex_plain
 * Run:    ./mutex_plain
 * Prints: what the owner left, and that the mutex is still locked
 * Exit:   0 done; 1 a call failed, or trylock had another result; 77 a limit
 * See:    pthread_mutex_trylock(3); diff mutex_plain.c mutex_robust.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct accounts { /* from + to is 100 while nobody has the lock */
	pthread_mutex_t lock;
	int from, to;
};

int main(void)
{
	pthread_mutexattr_t attr;
	struct accounts *a = mmap(NULL, sizeof *a, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (a == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	/* Pthread functions return the error, and do not set errno */
	if (pthread_mutexattr_init(&attr) != 0 ||
	    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) != 0 ||
	    pthread_mutex_init(&a->lock, &attr) != 0)
		errx(EXIT_FAILURE, "pthread_mutex_init");
	a->from = 100;

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) { /* the owner: killed in the middle of a transfer */
		if (pthread_mutex_lock(&a->lock) != 0)
			_exit(EXIT_FAILURE);
		a->from -= 30;
		_exit(raise(SIGKILL)); /* raise does not return */
	}
	int status;
	if (waitpid(pid, &status, 0) == -1 || !WIFSIGNALED(status))
		errx(EXIT_FAILURE, "the owner was not killed");
	printf("owner: killed by signal %d, left %d + %d\n", WTERMSIG(status),
	       a->from, a->to);

	/* The owner is dead. Where this call fails with EBUSY,
	 * pthread_mutex_lock would wait forever */
	int error = pthread_mutex_trylock(&a->lock);
	if (error != EBUSY)
		errx(EXIT_FAILURE, "trylock: %s", strerror(error));
	printf("trylock: EBUSY, it is still locked\n");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
