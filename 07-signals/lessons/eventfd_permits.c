// SPDX-License-Identifier: MIT
/*
 * eventfd_permits.c - two permits for three processes, from a descriptor
 *
 * Shows:  an eventfd is a semaphore between processes, and poll can wait for it
 * Build:  cc eventfd_permits.c -o eventfd_permits
 * Run:    ./eventfd_permits
 * Prints: how many children have a permit, before and after one more is given
 * Exit:   0 done; 1 a call failed, or a count is wrong; 2 usage
 * See:    eventfd(2), poll(2), sem_overview(7); eventfd.c
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PERMITS = 2, CHILDREN = 3, BOUND_MS = 100 };

static int usage(FILE *out)
{
	fputs("usage: eventfd_permits\n"
	      "Hand out permits to children by an eventfd.\n",
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

/* It waits for a permit, and says that it has one */
static void child(int fd, int report, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	(void)take(fd); /* is 1: it reports its own errors */
	if (write(report, "", 1) != 1)
		err(EXIT_FAILURE, "write pipe");
	_exit(EXIT_SUCCESS);
}

static void await_report(int report)
{
	char c;

	if (read(report, &c, 1) != 1)
		errx(EXIT_FAILURE, "a child has ended without a permit");
}

int main(int argc, char *argv[])
{
	int report[2], status, with;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	int fd = eventfd(PERMITS, EFD_SEMAPHORE | EFD_CLOEXEC);
	if (fd == -1 || pipe2(report, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "eventfd, pipe2");
	for (int i = 0; i < CHILDREN; i++) {
		pid_t parent = getpid(), pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0)
			child(fd, report[1], parent);
	}
	if (close(report[1]) == -1) /* so that the children's end can be seen */
		err(EXIT_FAILURE, "close pipe");

	for (with = 0; with < PERMITS; with++)
		await_report(report[0]);
	if (readable(report[0], BOUND_MS))
		errx(EXIT_FAILURE, "one more has a permit");
	printf("%d permits: %d of %d children have one\n", PERMITS, with,
	       CHILDREN);
	add(fd, 1);
	await_report(report[0]);
	printf("one more permit: %d of %d\n", ++with, CHILDREN);

	for (int i = 0; i < CHILDREN; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child failed");
	if (close(fd) == -1 || close(report[0]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
