// SPDX-License-Identifier: MIT
/*
 * atomic_writes.c - many writers, one pipe, and records that may be torn
 *
 * Shows:  writes of up to PIPE_BUF bytes are atomic; larger ones may be mixed
 * Build:  cc atomic_writes.c -o atomic_writes
 * Run:    ./atomic_writes
 * Prints: for both sizes: how many records arrived, how many of them were torn
 * Exit:   0 the small records were whole; 1 a call failed, or one was torn;
 *         77 a limit forbids it
 * See:    pipe(7) PIPE_BUF, write(2)
 */
#define _GNU_SOURCE /* pipe2 */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 4, RECORDS = 200, LARGE = 2 * PIPE_BUF + 1 };

static char record[LARGE];

/* In the child: write records that are filled with this child's letter */
static _Noreturn void writer(const int pfd[2], int letter, size_t size,
			     pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(1);
	if (close(pfd[0]) == -1)
		_exit(1);
	memset(record, letter, size);
	/* Each record is one write. The kernel holds the pipe's lock while it
	 * copies up to PIPE_BUF bytes. A larger write waits for room without
	 * the lock, and another writer's bytes get in between */
	for (int i = 0; i < RECORDS; i++)
		if (write(pfd[1], record, size) != (ssize_t)size)
			_exit(1);
	_exit(0);
}

/* Return how many records of that size hold more than one letter */
static int count_torn(size_t size)
{
	int pfd[2], status, records = 0, torn = 0;
	pid_t parent = getpid(), pid;

	if (pipe2(pfd, O_CLOEXEC) == -1)
		err(77, "pipe2: see ulimit -n");
	for (int i = 0; i < WRITERS; i++) {
		if ((pid = fork()) == -1)
			err(77, "fork: see ulimit -u");
		if (pid == 0)
			writer(pfd, 'a' + i, size, parent);
	}
	if (close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");

	FILE *in = fdopen(pfd[0], "r");
	if (in == NULL)
		err(EXIT_FAILURE, "fdopen");
	for (; fread(record, size, 1, in) == 1; records++)
		torn += memcmp(record, record + 1, size - 1) != 0;
	if (ferror(in) || fclose(in) == EOF)
		err(EXIT_FAILURE, "read pipe");

	for (int i = 0; i < WRITERS; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a writer failed");
	if (records != WRITERS * RECORDS)
		errx(EXIT_FAILURE, "records are missing");
	printf("%zu bytes: %d records, %d torn\n", size, records, torn);
	/* Flushed now, so that no later child inherits the text in a buffer */
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return torn;
}

int main(void)
{
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	if (count_torn(PIPE_BUF) != 0)
		errx(EXIT_FAILURE, "a record of PIPE_BUF bytes was torn");
	count_torn(LARGE); /* any result: the kernel promises nothing */
	return EXIT_SUCCESS;
}
