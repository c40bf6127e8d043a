// SPDX-License-Identifier: MIT
/*
 * mutex_robust.c - a mutex whose owner dies tells the next one who locks it
 *
 * Shows:  a robust mutex passes from a dead owner to the next, with EOWNERDEAD
 * Build:  cc mutex_robust.c -o mutex_robust
 * Run:    ./mutex_robust
 * Prints: how the owner ended, what the next lock said, the data, the repair
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    pthread_mutexattr_setrobust(3), pthread_mutex_consistent(3);
 *         diff mutex_robust.c mutex_plain.c
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
#include <time.h>
#include <unistd.h>

#define KIND	 PTHREAD_MUTEX_ROBUST
#define ANSWER	 EOWNERDEAD
#define TOTAL	 100
#define BOUND_NS 200000000L

struct accounts { /* from + to is TOTAL whenever nobody has the lock */
	pthread_mutex_t lock;
	int from, to;
};

static int usage(FILE *out)
{
	fputs("usage: mutex_robust\n"
	      "Kill the owner of a robust mutex, and repair what it left.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The pthread functions return what others leave in errno */
static void must(int error, const char *call)
{
	errno = error;
	if (error != 0)
		err(EXIT_FAILURE, "%s", call);
}

static struct accounts *make_accounts(void)
{
	pthread_mutexattr_t attr;
	struct accounts *a = mmap(NULL, sizeof *a, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (a == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	must(pthread_mutexattr_init(&attr), "pthread_mutexattr_init");
	must(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED),
	     "pthread_mutexattr_setpshared");
	must(pthread_mutexattr_setrobust(&attr, KIND),
	     "pthread_mutexattr_setrobust");
	must(pthread_mutex_init(&a->lock, &attr), "pthread_mutex_init");
	must(pthread_mutexattr_destroy(&attr), "pthread_mutexattr_destroy");
	a->from = TOTAL;
	return a;
}

/* A mutex that can be locked is locked, whatever the bound: only a wait ends */
static int lock_within_bound(pthread_mutex_t *lock)
{
	struct timespec soon;

	if (clock_gettime(CLOCK_REALTIME, &soon) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	soon.tv_nsec += BOUND_NS;
	soon.tv_sec += soon.tv_nsec / 1000000000L;
	soon.tv_nsec %= 1000000000L;
	return pthread_mutex_timedlock(lock, &soon);
}

/* In a child: transfer 30; half of it, if it is to be killed in the middle */
static void transfer(struct accounts *a, int killed)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		must(pthread_mutex_lock(&a->lock), "child: lock");
		a->from -= 30;
		if (killed)
			(void)raise(SIGKILL); /* does not return */
		a->to += 30;
		must(pthread_mutex_unlock(&a->lock), "child: unlock");
		_exit(EXIT_SUCCESS);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "fork, or wait for the child");
	if (WIFSIGNALED(status) != killed || (!killed && status != 0))
		errx(EXIT_FAILURE, "the child failed, status %d", status);
	if (killed)
		printf("owner: killed by signal %d\n", WTERMSIG(status));
	else
		printf("owner: exit status %d\n", WEXITSTATUS(status));
}

/* The lock is ours. Only who knows what the data means can mend it */
static void repair(struct accounts *a)
{
	printf("found: %d + %d\n", a->from, a->to);
	a->to = TOTAL - a->from; /* complete the transfer */
	/* Unlocked without this, it is ENOTRECOVERABLE for everybody */
	must(pthread_mutex_consistent(&a->lock), "pthread_mutex_consistent");
	must(pthread_mutex_unlock(&a->lock), "unlock");
	printf("repaired: %d + %d\n", a->from, a->to);
	transfer(a, 0);
	printf("used again: %d + %d\n", a->from, a->to);
	if (a->from + a->to != TOTAL)
		errx(EXIT_FAILURE, "the sum is wrong");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	struct accounts *a = make_accounts();
	transfer(a, 1);
	int answer = lock_within_bound(&a->lock);
	printf("lock: %s\n", answer == EOWNERDEAD ? "EOWNERDEAD, and it is mine"
			     : answer == ETIMEDOUT ? "ETIMEDOUT, still locked"
						   : strerror(answer));
	if (answer == EOWNERDEAD)
		repair(a);
	if (answer != ANSWER)
		errx(EXIT_FAILURE, "another answer was expected");
	if (munmap(a, sizeof *a) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
