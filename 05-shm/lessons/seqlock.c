// SPDX-License-Identifier: MIT
/*
 * seqlock.c - many readers of a snapshot, none of which blocks the writer
 *
 * Shows:  a counter, odd during a write, makes a reader try again
 * Build:  cc seqlock.c -o seqlock
 * Run:    ./seqlock
 * Prints: what each reader took whole, and which attempts were torn
 * Exit:   0 done; 1 a call failed, or a snapshot was torn
 * See:    mmap(2), fork(2), atomic_thread_fence in C17 7.17.4
 *
 * A writer that dies in the middle leaves the number odd. Here its readers die
 * with it; otherwise writers need a robust mutex, and readers a limit.
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

enum { WORDS = 32, WRITES = 100000 };

struct shared {
	atomic_uint seq;	 /* odd: the writer is in the middle */
	atomic_uint word[WORDS]; /* all the same in a whole snapshot */
};

/* For one writer, which never waits */
static void write_snapshot(struct shared *s, unsigned value)
{
	unsigned seq = atomic_load_explicit(&s->seq, memory_order_relaxed);

	atomic_store_explicit(&s->seq, seq + 1, memory_order_relaxed);
	/* A reader that sees a word from below sees the odd number as well */
	atomic_thread_fence(memory_order_release);
	for (int i = 0; i < WORDS; i++)
		atomic_store_explicit(&s->word[i], value, memory_order_relaxed);
	/* A reader that sees this number sees all the words */
	atomic_store_explicit(&s->seq, seq + 2, memory_order_release);
}

/* 1 if copy is whole. The reader can stop in the middle of its attempt */
static int read_snapshot(struct shared *s, unsigned copy[WORDS], int stop)
{
	unsigned before = atomic_load_explicit(&s->seq, memory_order_acquire);

	for (int i = 0; i < WORDS; i++) {
		if (i == WORDS / 2 && stop)
			raise(SIGSTOP);
		copy[i] =
		    atomic_load_explicit(&s->word[i], memory_order_relaxed);
	}
	atomic_thread_fence(memory_order_acquire); /* the words first */
	unsigned after = atomic_load_explicit(&s->seq, memory_order_relaxed);
	return before == after && before % 2 == 0;
}

static pid_t start_reader(struct shared *s, int me)
{
	unsigned copy[WORDS] = { 0 }, whole = 0, torn = 0;
	pid_t writer = getpid(), pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != writer)
		_exit(EXIT_FAILURE);
	for (unsigned last = 0; last != WRITES;) {
		if (!read_snapshot(s, copy, me == 0 && torn == 0)) {
			torn++;
			continue;
		}
		whole++;
		last = copy[0];
		for (int i = 1; i < WORDS; i++)
			if (copy[i] != last)
				_exit(EXIT_FAILURE);
	}
	printf("reader %d: %u whole, %u torn\n", me, whole, torn);
	/* Reader 0 stopped in its first attempt, and so must try again */
	_exit(me == 0 && torn != 1 ? EXIT_FAILURE : EXIT_SUCCESS);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* three processes print */
	struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	int status;
	pid_t stopped = start_reader(s, 0), other = start_reader(s, 1);
	if (waitpid(stopped, &status, WUNTRACED) == -1 || !WIFSTOPPED(status))
		errx(EXIT_FAILURE, "reader 0 failed");

	for (unsigned i = 1; i <= WRITES; i++)
		write_snapshot(s, i);
	if (waitpid(other, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "reader 1 failed: a torn snapshot");
	printf("writer:   %u snapshots, while reader 0 was stopped\n",
	       atomic_load(&s->seq) / 2);
	if (kill(stopped, SIGCONT) == -1)
		err(EXIT_FAILURE, "kill SIGCONT");
	if (waitpid(stopped, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "reader 0 failed: a torn snapshot");

	if (munmap(s, sizeof *s) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
