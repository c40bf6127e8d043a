// SPDX-License-Identifier: MIT
/*
 * posix_unnamed.c - a semaphore without a name, between parent and child
 *
 * Shows:  only memory that is mapped MAP_SHARED shares a semaphore
 * Build:  cc posix_unnamed.c -o posix_unnamed
 * Run:    ./posix_unnamed
 * Prints: for shared and for private memory, whether the child's post arrived
 * Exit:   0 done; 1 a call failed, or a post had the wrong effect; 77 a limit
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
#include <sys/wait.h>
#include <unistd.h>

struct memory {
	sem_t sem;
	int seen; /* a value, for the parent to print */
};

static struct memory *make(int flag)
{
	struct memory *memory =
	    mmap(NULL, sizeof *memory, PROT_READ | PROT_WRITE,
		 flag | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	/* 1: for several processes. The call cannot check the memory */
	if (sem_init(&memory->sem, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	return memory;
}

int main(void)
{
	struct memory *shared = make(MAP_SHARED), *private = make(MAP_PRIVATE);
	int status;

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		if (sem_post(&private->sem) == -1 ||
		    sem_getvalue(&private->sem, &shared->seen) == -1 ||
		    sem_post(&shared->sem) == -1)
			_exit(EXIT_FAILURE);
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	printf("child: posted the private one, it is %d\n", shared->seen);

	/* The child has ended: a sem_wait for a lost post would never return */
	if (sem_trywait(&shared->sem) == -1)
		err(EXIT_FAILURE, "the post of the shared one did not arrive");
	printf("parent: took what the child posted to the shared one\n");
	/* The child's first write to a private page made a copy of the page */
	if (sem_trywait(&private->sem) == 0)
		errx(EXIT_FAILURE, "the post of the private one arrived");
	printf("parent: the private one: %s\n", strerror(errno));

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
