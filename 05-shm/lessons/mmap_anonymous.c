// SPDX-License-Identifier: MIT
/*
 * mmap_anonymous.c - count in memory that has no name, shared over fork
 *
 * Shows:  an anonymous mapping made before fork is shared by all children
 * Build:  cc mmap_anonymous.c -o mmap_anonymous
 * Run:    ./mmap_anonymous
 * Prints: what the parent finds in a shared and in a private counter
 * Exit:   0 done; 1 a call failed; 77 this machine forbids it
 * See:    mmap(2), fork(2); mmap_private.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 4, TIMES = 1000 };

static atomic_long *counter(int kind)
{
	void *p = mmap(NULL, sizeof(atomic_long), PROT_READ | PROT_WRITE,
		       kind | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	return p; /* all zeros: the kernel clears new pages */
}

static void start_child(atomic_long *shared, atomic_long *private)
{
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t pid = fork();

	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid != 0)
		return;
	for (int i = 0; i < TIMES; i++) {
		/* Without an atomic addition two children could read the same
		 * number, and one of their additions would be lost */
		atomic_fetch_add(shared, 1);
		atomic_fetch_add(private, 1);
	}
	_exit(atomic_load(private) == TIMES ? 0 : EXIT_FAILURE);
}

int main(void)
{
	/* Mapped before fork: at the same address in every child */
	atomic_long *shared = counter(MAP_SHARED);
	atomic_long *private = counter(MAP_PRIVATE);
	int status;

	for (int i = 0; i < CHILDREN; i++)
		start_child(shared, private);
	for (int i = 0; i < CHILDREN; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child did not count to the end");

	long sum = atomic_load(shared), own = atomic_load(private);
	printf("%d children added %d each\n", CHILDREN, TIMES);
	printf("MAP_SHARED:  the parent reads %ld\n", sum);
	printf("MAP_PRIVATE: the parent reads %ld\n", own);
	if (sum != CHILDREN * TIMES || own != 0)
		errx(EXIT_FAILURE, "expected %d and 0", CHILDREN * TIMES);

	if (munmap(shared, sizeof *shared) == -1 ||
	    munmap(private, sizeof *private) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
