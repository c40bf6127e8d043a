// SPDX-License-Identifier: MIT
/*
 * eventfd.c - a counter in the kernel, that processes wait for as for a file
 *
 * Shows:  a read of an eventfd takes all that was added, or 1 as a semaphore
 * Build:  cc eventfd.c -o eventfd
 * Run:    ./eventfd
 * Prints: the same three writes read in both modes, and two permits for three
 * Exit:   0 done; 1 a call failed, or a count is wrong; 2 usage
 * See:    eventfd(2), poll(2), sem_overview(7)
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

#define PERMITS	 2
#define CHILDREN 3
#define BOUND_MS 100

static int usage(FILE *out)
{
	fputs("usage: eventfd\n"
	      "Count events of a child, and hand out permits to children.\n",
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

static int open_eventfd(unsigned initial, int flags)
{
	int fd = eventfd(initial, flags | EFD_CLOEXEC);

	if (fd == -1)
		err(EXIT_FAILURE, "eventfd");
	return fd;
}

static void start(void (*role)(int, int), int fd, int report)
{
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		err(EXIT_FAILURE, "prctl");
	role(fd, report);
	_exit(EXIT_SUCCESS);
}

static void finish(int n)
{
	int status;

	while (n-- > 0)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child failed");
}

static void tell_thrice(int fd, int report)
{
	(void)report; /* needs none */
	for (uint64_t n = 1; n <= 3; n++)
		add(fd, n);
}

/* A child adds 1, 2 and 3; what reads does it take to see all of it? */
static void count_events(const char *mode, int flags, int expected)
{
	uint64_t sum = 0;
	int reads = 0, fd = open_eventfd(0, flags);

	start(tell_thrice, fd, -1);
	finish(1);
	for (; readable(fd, 0); reads++)
		sum += take(fd);
	printf("%s: 3 writes, %d read%s, sum %d\n", mode, reads,
	       reads == 1 ? "" : "s", (int)sum);
	if (reads != expected || sum != 1 + 2 + 3)
		errx(EXIT_FAILURE, "the reads are not as expected");
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close eventfd");
}

static void take_permit(int fd, int report)
{
	(void)take(fd); /* is 1 */
	if (write(report, "", 1) != 1)
		err(EXIT_FAILURE, "write pipe");
}

static void await_report(int report)
{
	char c;

	if (read(report, &c, 1) != 1)
		errx(EXIT_FAILURE, "a child has ended without a permit");
}

static void hand_out_permits(void)
{
	int report[2], fd = open_eventfd(PERMITS, EFD_SEMAPHORE);

	if (pipe2(report, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	for (int i = 0; i < CHILDREN; i++)
		start(take_permit, fd, report[1]);
	if (close(report[1]) == -1) /* so that their end can be seen */
		err(EXIT_FAILURE, "close pipe");
	int with = 0;

	for (; with < PERMITS; with++)
		await_report(report[0]);
	if (readable(report[0], BOUND_MS))
		errx(EXIT_FAILURE, "one more has a permit");
	printf("%d permits: %d of %d children have one\n", PERMITS, with,
	       CHILDREN);
	add(fd, 1);
	await_report(report[0]);
	finish(CHILDREN);
	printf("one more permit: %d of %d\n", ++with, CHILDREN);
	if (close(fd) == -1 || close(report[0]) == -1)
		err(EXIT_FAILURE, "close");
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
	hand_out_permits();
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
