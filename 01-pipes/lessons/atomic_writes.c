// SPDX-License-Identifier: MIT
/*
 * atomic_writes.c - many writers, one pipe, and records that may be torn
 *
 * Shows:  writes of up to PIPE_BUF bytes are atomic; larger ones may be mixed
 * Build:  cc atomic_writes.c -o atomic_writes
 * Run:    ./atomic_writes
 * Prints: for both sizes: how many records came, how many of them torn
 * Exit:   0 small records were whole; 1 a call failed or not so; 2 usage
 * See:    pipe(7) PIPE_BUF, write(2)
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
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

static int usage(FILE *out)
{
	fputs("usage: atomic_writes\n"
	      "Let 4 processes write records to one pipe.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* write(2) may take less than it is given: go on until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Each writer fills its records with a letter of its own */
static void start_writer(const int pfd[2], int letter, size_t size)
{
	static char record[LARGE];
	pid_t parent = getpid(), pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(1);
	close(pfd[0]); /* best effort: EPIPE, should the reader fail */
	memset(record, letter, size);
	/* One write a record: the kernel holds the pipe's lock while it copies
	 * up to PIPE_BUF bytes. In a larger write it waits for room without
	 * the lock, and another writer's bytes come between */
	for (int i = 0; i < RECORDS; i++)
		if (write_all(pfd[1], record, size) == -1)
			_exit(1);
	_exit(0);
}

/* Read records to EOF. Return how many have more than one letter in them */
static long count_torn(FILE *in, size_t size, long *records)
{
	static char record[LARGE];
	long torn = 0;

	for (*records = 0; fread(record, size, 1, in) == 1; ++*records)
		torn += memcmp(record, record + 1, size - 1) != 0;
	if (ferror(in))
		err(EXIT_FAILURE, "read pipe");
	return torn;
}

static long race(size_t size)
{
	int pfd[2], status;
	long records;

	if (pipe2(pfd, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	for (int i = 0; i < WRITERS; i++)
		start_writer(pfd, 'a' + i, size);
	if (close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
	FILE *in = fdopen(pfd[0], "r");

	if (in == NULL)
		err(EXIT_FAILURE, "fdopen");
	long torn = count_torn(in, size, &records);

	if (fclose(in) == EOF)
		err(EXIT_FAILURE, "close pipe");
	for (int i = 0; i < WRITERS; i++) {
		if (wait(&status) == -1)
			err(EXIT_FAILURE, "wait");
		if (status != 0)
			errx(EXIT_FAILURE, "a writer failed");
	}
	printf("%zu bytes: %ld records, %ld torn\n", size, records, torn);
	if (records != WRITERS * RECORDS)
		errx(EXIT_FAILURE, "records are missing");
	return torn;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);

	if (race(PIPE_BUF) != 0)
		errx(EXIT_FAILURE, "a record of PIPE_BUF bytes was torn");
	race(LARGE); /* torn or not: nothing is promised */
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
