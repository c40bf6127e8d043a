// SPDX-License-Identifier: MIT
/*
 * mmap_anonymous.c - count in memory that has no name, shared over fork
 *
 * Shows:  a MAP_ANONYMOUS mapping made before fork is one memory for all
 * Build:  cc mmap_anonymous.c -o mmap_anonymous
 * Run:    ./mmap_anonymous [CHILDREN]
 * Prints: what the parent finds in a shared and in a private counter
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    mmap(2), fork(2); mmap_private.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMES = 1000, MAX = 100 };

static int usage(FILE *out)
{
	fputs("usage: mmap_anonymous [CHILDREN]\n"
	      "CHILDREN (1 to 100, 4 unless given) count in one memory.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static atomic_long *counter(int kind)
{
	void *p = mmap(NULL, sizeof(atomic_long), PROT_READ | PROT_WRITE,
		       kind | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	return p; /* zero: the kernel gives nobody another's bytes */
}

static void start_child(atomic_long *shared, atomic_long *private)
{
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* best effort */
	for (int i = 0; i < TIMES; i++) {
		/* Memory does not order anything: without an atomic addition
		 * two children would overwrite each other's */
		atomic_fetch_add(shared, 1);
		atomic_fetch_add(private, 1);
	}
	_exit(atomic_load(private) == TIMES ? 0 : EXIT_FAILURE);
}

int main(int argc, char *argv[])
{
	atomic_long *shared, *private;
	char *end = "";
	long children = 4, sum, own;
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc == 2)
		children = strtol(argv[1], &end, 10);
	if (argc > 2 || *end != '\0' || children < 1 || children > MAX)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Before fork: a child has what is mapped now, at the same address */
	shared = counter(MAP_SHARED);
	private = counter(MAP_PRIVATE);
	for (long i = 0; i < children; i++)
		start_child(shared, private);
	for (long i = 0; i < children; i++) {
		while (wait(&status) == -1)
			if (errno != EINTR)
				err(EXIT_FAILURE, "wait");
		if (status != 0)
			errx(EXIT_FAILURE, "a child did not count to the end");
	}
	sum = atomic_load(shared);
	own = atomic_load(private);
	printf("%ld children added %d each\n", children, TIMES);
	printf("MAP_SHARED:  the parent reads %ld\n", sum);
	printf("MAP_PRIVATE: the parent reads %ld\n", own);
	if (sum != children * TIMES || own != 0)
		errx(EXIT_FAILURE, "expected %ld and 0", children * TIMES);

	if (munmap(shared, sizeof *shared) == -1 ||
	    munmap(private, sizeof *private) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
