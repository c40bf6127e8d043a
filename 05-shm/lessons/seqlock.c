// SPDX-License-Identifier: MIT
/*
 * seqlock.c - read two numbers that belong together, and never block the writer
 *
 * Shows:  a counter that is odd during a write makes a reader try again
 * Build:  cc seqlock.c -o seqlock
 * Run:    ./seqlock
 * Prints: that the writer did not wait, and how often the reader tried
 * Exit:   0 done; 1 a call failed, or the reader took a torn pair;
 *         77 this machine forbids it
 * See:    mmap(2), fork(2), atomic_thread_fence in C17 7.17.4
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	atomic_uint seq;  /* odd while the writer writes */
	atomic_uint x, y; /* equal, unless the pair is torn */
};

/* For a single writer. The writer never waits */
static void write_pair(struct shared *s, unsigned value)
{
	unsigned seq = atomic_load_explicit(&s->seq, memory_order_relaxed);

	atomic_store_explicit(&s->seq, seq + 1, memory_order_relaxed);
	/* A reader that sees the new x or y sees the odd number as well */
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&s->x, value, memory_order_relaxed);
	atomic_store_explicit(&s->y, value, memory_order_relaxed);
	/* A reader that sees this number sees x and y */
	atomic_store_explicit(&s->seq, seq + 2, memory_order_release);
}

/* 1 if the pair is whole. The reader can stop in the middle of its attempt */
static int read_pair(struct shared *s, unsigned *x, unsigned *y, int stop)
{
	unsigned before = atomic_load_explicit(&s->seq, memory_order_acquire);

	*x = atomic_load_explicit(&s->x, memory_order_relaxed);
	if (stop)
		raise(SIGSTOP); /* the writer writes now */
	*y = atomic_load_explicit(&s->y, memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire); /* x and y are read first */
	unsigned after = atomic_load_explicit(&s->seq, memory_order_relaxed);
	return before == after && before % 2 == 0;
}

int main(void)
{
	struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	int status;
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t writer = getpid(), reader = fork();
	if (reader == -1)
		err(77, "fork: see ulimit -u");
	if (reader == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != writer)
			_exit(0);
		unsigned x, y;
		int attempts = 1;
		while (!read_pair(s, &x, &y, attempts == 1))
			attempts++;
		_exit(x == y ? attempts : 0);
	}
	if (waitpid(reader, &status, WUNTRACED) == -1 || !WIFSTOPPED(status))
		errx(EXIT_FAILURE, "the reader failed");

	write_pair(s, 1);
	printf("writer: done, while the reader is stopped\n");
	if (kill(reader, SIGCONT) == -1 || waitpid(reader, &status, 0) == -1)
		err(EXIT_FAILURE, "kill SIGCONT, waitpid");
	if (WEXITSTATUS(status) == 0)
		errx(EXIT_FAILURE, "the reader took a torn pair");
	printf("reader: a whole pair, at attempt %d\n", WEXITSTATUS(status));
	if (WEXITSTATUS(status) != 2)
		errx(EXIT_FAILURE, "expected attempt 2");

	if (munmap(s, sizeof *s) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
