// SPDX-License-Identifier: MIT
/*
 * eventfd.c - a counter in the kernel, that processes wait for as for a file
 *
 * Shows:  a read of an eventfd takes all that was added, or 1 as a semaphore
 * Build:  cc eventfd.c -o eventfd
 * Run:    ./eventfd
 * Prints: how many reads the same three writes are, in both modes
 * Exit:   0 done; 1 a call failed, or a count is wrong; 2 usage
 * See:    eventfd(2), poll(2); eventfd_permits.c
 */
#define _POSIX_C_SOURCE 200809L

#include <err.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: eventfd\n"
	      "Count the events of a child, in both modes of an eventfd.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Always 8 bytes, a number in the byte order of the machine */
static void add(int fd, uint64_t n)
{
	if (write(fd, &n, sizeof n) != sizeof n)
		err(EXIT_FAILURE, "write eventfd");
}

/* Blocks while the counter is 0 */
static uint64_t take(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof n) != sizeof n)
		err(EXIT_FAILURE, "read eventfd");
	return n;
}

static int readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = poll(&p, 1, ms);

	if (n == -1)
		err(EXIT_FAILURE, "poll");
	return n;
}

/* A child adds 1, 2 and 3; what reads does it take to see all of it? */
static void count_events(const char *mode, int flags, int expected)
{
	int status, reads = 0, fd = eventfd(0, flags | EFD_CLOEXEC);
	uint64_t sum = 0;
	pid_t pid = fork();

	if (fd == -1 || pid == -1)
		err(EXIT_FAILURE, "eventfd or fork");
	if (pid == 0) {
		for (uint64_t n = 1; n <= 3; n++)
			add(fd, n);
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	for (; readable(fd, 0); reads++)
		sum += take(fd);
	printf("%s: 3 writes, %d read%s, sum %d\n", mode, reads,
	       reads == 1 ? "" : "s", (int)sum);
	if (reads != expected || sum != 1 + 2 + 3)
		errx(EXIT_FAILURE, "the reads are not as expected");
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close eventfd");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	count_events("counter", 0, 1);
	count_events("semaphore", EFD_SEMAPHORE, 1 + 2 + 3);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
