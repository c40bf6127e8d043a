// SPDX-License-Identifier: MIT
/*
 * barrier.c - a parent waits until all children have closed their write end
 *
 * Shows:  EOF as an event: all children have closed, so all have arrived
 * Build:  cc barrier.c -o barrier
 * Run:    ./barrier
 * Prints: how many children had arrived at EOF, and how many went on
 * Exit:   0 all of them; 1 a call failed, or not all of them; 77 a limit
 * See:    pipe(7), pipe2(2), fork(2), wait(2)
 */
#define _GNU_SOURCE /* pipe2 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 4 };

static int arrival[2]; /* write ends: one in each child that is on its way */
static int gate[2];    /* one write end, the parent's */
static int count[2];   /* a byte of each child, only to check the barrier */

static _Noreturn void child(pid_t parent)
{
	char c;

	/* A child that waits at the gate must not outlive a killed parent */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(1);
	/* With this copy of the parent's end, the gate would never open */
	if (close(gate[1]) == -1)
		_exit(1);
	if (write(count[1], "x", 1) != 1)
		_exit(1);
	/* Means "I have arrived". If a child dies, the kernel closes for it */
	if (close(arrival[1]) == -1)
		_exit(1);
	/* read blocks until the parent closes: then every reader gets EOF */
	_exit(read(gate[0], &c, 1) == 0 ? 0 : 1);
}

int main(void)
{
	char buf[CHILDREN + 1];
	int status, went_on = 0;
	pid_t parent = getpid(), pid;

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	if (pipe2(arrival, O_CLOEXEC) == -1 || pipe2(gate, O_CLOEXEC) == -1 ||
	    pipe2(count, O_CLOEXEC) == -1)
		err(77, "pipe2: see ulimit -n");
	for (int i = 0; i < CHILDREN; i++) {
		if ((pid = fork()) == -1)
			err(77, "fork: see ulimit -u");
		if (pid == 0)
			child(parent);
	}

	/* The parent's write end counts like any other */
	if (close(arrival[1]) == -1 || close(count[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (read(arrival[0], buf, 1) != 0)
		errx(EXIT_FAILURE, "no EOF");
	ssize_t arrived = read(count[0], buf, sizeof buf);
	printf("parent: EOF; children that have arrived: %zd\n", arrived);

	if (close(gate[1]) == -1)
		err(EXIT_FAILURE, "close");
	for (int i = 0; i < CHILDREN; i++) {
		if (wait(&status) == -1)
			err(EXIT_FAILURE, "wait");
		went_on += status == 0;
	}
	printf("parent: gate closed; children that went on: %d\n", went_on);
	if (arrived != CHILDREN || went_on != CHILDREN)
		errx(EXIT_FAILURE, "not all of %d", CHILDREN);

	if (close(arrival[0]) == -1 || close(gate[0]) == -1 ||
	    close(count[0]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
