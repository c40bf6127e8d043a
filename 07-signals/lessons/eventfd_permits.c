// SPDX-License-Identifier: MIT
/*
 * eventfd_permits.c - two permits for three processes, from a descriptor
 *
 * Shows:  an eventfd is a semaphore between processes, and poll can wait for it
 * Build:  cc eventfd_permits.c -o eventfd_permits
 * Run:    ./eventfd_permits
 * Prints: how many children wait for a permit, until one more is added
 * Exit:   0 done; 1 a call failed, or a count is wrong; 77 a limit
 * See:    eventfd(2), poll(2), sem_overview(7); eventfd.c
 */
#define _POSIX_C_SOURCE 200809L

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PERMITS = 2, CHILDREN = 3 };

/* The child takes a permit and exits: the permit is never given back */
static void start_child(int permits)
{
	pid_t parent = getpid(), pid = fork();
	uint64_t n;

	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid > 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	/* Blocks while the counter is 0: no permit is left */
	_exit(read(permits, &n, sizeof n) != sizeof n);
}

static void await_child(void)
{
	int status;

	if (wait(&status) == -1 || status != 0)
		errx(EXIT_FAILURE, "a child has exited without a permit");
}

int main(void)
{
	const uint64_t one = 1;

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	int permits = eventfd(PERMITS, EFD_SEMAPHORE | EFD_CLOEXEC);
	if (permits == -1)
		err(77, "eventfd: see ulimit -n");
	for (int i = 0; i < CHILDREN; i++)
		start_child(permits);
	for (int i = 0; i < PERMITS; i++)
		await_child();

	/* The last child finds no permit. poll could wait for one as well */
	struct pollfd p = { .fd = permits, .events = POLLIN };
	if (poll(&p, 1, 0) != 0 || waitpid(-1, NULL, WNOHANG) != 0)
		errx(EXIT_FAILURE, "expected a child that waits");
	printf("children: %d, permits: %d, waiting: %d\n", CHILDREN, PERMITS,
	       CHILDREN - PERMITS);

	if (write(permits, &one, sizeof one) != sizeof one)
		err(EXIT_FAILURE, "write eventfd");
	await_child();
	printf("one more permit: no child is waiting\n");

	if (close(permits) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
