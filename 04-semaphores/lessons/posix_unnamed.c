// SPDX-License-Identifier: MIT
/*
 * posix_unnamed.c - a semaphore without a name, between parent and child
 *
 * Shows:  sem_init with pshared 1 promises to share; what shares is the
 *         memory, and it has to be mapped MAP_SHARED before the fork
 * Build:  cc posix_unnamed.c -o posix_unnamed
 * Run:    ./posix_unnamed
 * Prints: for shared and for private memory, whether the child's post arrived
 * Exit:   0 done; 1 a call failed, or a post did what it should not; 2 usage
 * See:    sem_init(3), mmap(2), fork(2); sem_overview(7)
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <err.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs(
	    "usage: posix_unnamed\n"
	    "A child posts a semaphore in shared, and one in private memory.\n",
	    out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static sem_t *make(int flag)
{
	sem_t *sem = mmap(NULL, sizeof(*sem), PROT_READ | PROT_WRITE,
			  flag | MAP_ANONYMOUS, -1, 0);

	if (sem == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	/* 1: for several processes. It succeeds in private memory too */
	if (sem_init(sem, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	return sem;
}

static void destroy(sem_t *sem)
{
	if (sem_destroy(sem) == -1 || munmap(sem, sizeof(*sem)) == -1)
		err(EXIT_FAILURE, "destroy semaphore");
}

static void child(sem_t *shared, sem_t *private)
{
	int value;

	if (sem_post(private) == -1 || sem_getvalue(private, &value) == -1)
		err(EXIT_FAILURE, "post private");
	printf("child: posted the private one, it is %d\n", value);
	if (sem_post(shared) == -1)
		err(EXIT_FAILURE, "post shared");
}

int main(int argc, char *argv[])
{
	sem_t *shared, *private;
	int status;
	pid_t pid;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = make(MAP_SHARED);
	private = make(MAP_PRIVATE);
	pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
			err(EXIT_FAILURE, "prctl");
		child(shared, private);
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the child failed: status %d", status);
	/* The child is gone: a sem_wait for its lost post would never end */
	if (sem_trywait(shared) == -1)
		err(EXIT_FAILURE, "the post of the shared one did not arrive");
	printf("parent: took what the child posted to the shared one\n");
	/* The first write to a private page after fork makes it a copy */
	if (sem_trywait(private) == 0)
		errx(EXIT_FAILURE, "the post of the private one arrived");
	printf("parent: the private one: %s\n", strerror(errno));
	destroy(shared);
	destroy(private);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
