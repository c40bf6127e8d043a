// SPDX-License-Identifier: MIT
/*
 * eventfd.c - a counter in the kernel that is read like a file
 *
 * Shows:  a read of an eventfd takes all that was added, or 1 as a semaphore
 * Build:  cc eventfd.c -o eventfd
 * Run:    ./eventfd
 * Prints: how many reads take what three writes have added, in both modes
 * Exit:   0 done; 1 a call failed, or a count is wrong; 77 a limit
 * See:    eventfd(2), poll(2); eventfd_permits.c
 */
#define _POSIX_C_SOURCE 200809L

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void count_reads(const char *mode, int flags, int expected)
{
	/* Without EFD_NONBLOCK a read blocks while the counter is 0 */
	int fd = eventfd(0, flags | EFD_NONBLOCK | EFD_CLOEXEC), reads = 0;
	uint64_t n, sum = 0;

	if (fd == -1)
		err(77, "eventfd: see ulimit -n");
	/* Always 8 bytes: a number in the byte order of the machine */
	for (n = 1; n <= 3; n++)
		if (write(fd, &n, sizeof n) != sizeof n)
			err(EXIT_FAILURE, "write eventfd");
	for (; read(fd, &n, sizeof n) == sizeof n; reads++)
		sum += n;
	if (errno != EAGAIN) /* which means: the counter is 0 */
		err(EXIT_FAILURE, "read eventfd");

	printf("%s: added 1, 2, 3; reads: %d, sum: %d\n", mode, reads,
	       (int)sum);
	if (reads != expected || sum != 1 + 2 + 3)
		errx(EXIT_FAILURE, "%s: expected reads: %d", mode, expected);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close eventfd");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);

	count_reads("counter", 0, 1);
	count_reads("semaphore", EFD_SEMAPHORE, 1 + 2 + 3);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
