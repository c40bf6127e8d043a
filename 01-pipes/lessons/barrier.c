// SPDX-License-Identifier: MIT
/*
 * barrier.c - N children release their parent by closing, and it them
 *
 * Shows:  closing is a message too: EOF says that all have come
 * Build:  cc barrier.c -o barrier
 * Run:    ./barrier [CHILDREN]
 * Prints: how many had come when the parent's read returned
 * Exit:   0 all had come; 1 a call failed or one had not; 2 usage
 * See:    pipe(7), pipe2(2), fork(2), wait(2)
 */
#define _GNU_SOURCE /* pipe2, MAP_ANONYMOUS */

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 100 };

static int all_here[2];	 /* write ends: one in each child that is on its way */
static int gate[2];	 /* one write end, the parent's */
static atomic_int *come; /* counts only to check the barrier */

static int usage(FILE *out)
{
	fputs("usage: barrier [CHILDREN]\n"
	      "Wait by a pipe until CHILDREN children (1 to 100, else 4) have "
	      "come.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static _Noreturn void child(pid_t parent)
{
	char c;

	/* A child that waits at the gate shall not outlive a killed parent */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(1);
	/* The copy of the parent's end: with it the gate would never open */
	if (close(gate[1]) == -1)
		_exit(1);
	atomic_fetch_add(come, 1);
	/* "I am here". A child that dies says so too: the kernel closes */
	if (close(all_here[1]) == -1)
		_exit(1);
	/* Waits until the parent closes. EOF goes to every reader */
	_exit(read(gate[0], &c, 1) == 0 ? 0 : 1);
}

static void start_children(long children)
{
	pid_t parent = getpid();

	for (long i = 0; i < children; i++) {
		pid_t pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0)
			child(parent);
	}
}

static int reap(int children)
{
	int status, good = 0;

	for (int i = 0; i < children; i++) {
		if (wait(&status) == -1)
			err(EXIT_FAILURE, "wait");
		good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	return good;
}

int main(int argc, char *argv[])
{
	long children = 4;
	char *end, c;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		children = strtol(argv[1], &end, 10);
	if (argc > 2 || (argc == 2 && (end == argv[1] || *end || children < 1 ||
				       children > MOST)))
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	come = mmap(NULL, sizeof *come, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (come == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (pipe2(all_here, O_CLOEXEC) == -1 || pipe2(gate, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	start_children(children);
	/* Ours is a write end like any other */
	if (close(all_here[1]) == -1)
		err(EXIT_FAILURE, "close");
	ssize_t n = read(all_here[0], &c, 1);
	int here = atomic_load(come);

	printf("parent: read returns %zd; %d of %ld have come\n", n, here,
	       children);
	if (n != 0 || here != children)
		errx(EXIT_FAILURE, "the barrier let the parent through");
	if (close(gate[1]) == -1)
		err(EXIT_FAILURE, "close");
	int released = reap((int)children);

	printf("parent: has closed; %d of %ld went on\n", released, children);
	if (released != children)
		errx(EXIT_FAILURE, "a child failed");
	if (close(all_here[0]) == -1 || close(gate[0]) == -1)
		err(EXIT_FAILURE, "close");
	if (munmap(come, sizeof *come) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
