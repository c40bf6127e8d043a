// SPDX-License-Identifier: MIT
/*
 * seqlock.c - many readers of a snapshot, none of which holds up the writer
 *
 * Shows:  a counter, odd during a write, tells a reader that it must try again
 * Build:  cc seqlock.c -o seqlock
 * Run:    ./seqlock
 * Prints: what each reader took whole, and which attempts were torn
 * Exit:   0 done; 1 a call failed, or a snapshot was torn; 2 usage
 * See:    mmap(2), fork(2), atomic_thread_fence in C17 7.17.4; posix_shm.h
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <err.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 32, WRITES = 100000 };

struct shared {
	atomic_uint seq;	 /* odd: the writer is in the middle */
	atomic_uint word[WORDS]; /* all the same in a whole snapshot */
};
static struct shared *shared;

static int usage(FILE *out)
{
	fputs("usage: seqlock\n"
	      "Two processes read while one writes.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* There may be only one writer: it waits for nobody */
static void write_snapshot(unsigned value)
{
	unsigned seq = atomic_load_explicit(&shared->seq, memory_order_relaxed);

	atomic_store_explicit(&shared->seq, seq + 1, memory_order_relaxed);
	/* Whoever reads one of the words below sees the odd number as well */
	atomic_thread_fence(memory_order_release);
	for (int i = 0; i < WORDS; i++)
		atomic_store_explicit(&shared->word[i], value,
				      memory_order_relaxed);
	/* Whoever sees this number sees all the words */
	atomic_store_explicit(&shared->seq, seq + 2, memory_order_release);
}

/* 1 if what is in copy is whole. Reader 0 stands still in its first attempt */
static int read_snapshot(unsigned copy[WORDS], int stand_still)
{
	unsigned before, after;

	before = atomic_load_explicit(&shared->seq, memory_order_acquire);
	for (int i = 0; i < WORDS; i++) {
		if (i == WORDS / 2 && stand_still)
			raise(SIGSTOP);
		copy[i] = atomic_load_explicit(&shared->word[i],
					       memory_order_relaxed);
	}
	atomic_thread_fence(memory_order_acquire); /* the words first */
	after = atomic_load_explicit(&shared->seq, memory_order_relaxed);
	return before == after && before % 2 == 0;
}

/* A writer that died in the middle would leave the number odd, and readers in
 * this loop for ever: here they die with it. (Such memory needs a robust mutex
 * among writers, as in sysv_shm.h, and a limit here) */
static pid_t start_reader(int me)
{
	unsigned copy[WORDS] = { 0 }, whole = 0, torn = 0;

	pid_t writer = getpid(), pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != writer)
		_exit(EXIT_FAILURE); /* or it died just before */
	while (whole == 0 || copy[0] != WRITES) {
		if (!read_snapshot(copy, me == 0 && whole + torn == 0)) {
			torn++;
			copy[0] = 0; /* not to be believed */
			continue;
		}
		whole++;
		for (int i = 1; i < WORDS; i++)
			if (copy[i] != copy[0])
				errx(EXIT_FAILURE, "reader %d: torn", me);
	}
	printf("reader %d: %u whole, %u torn and tried again\n", me, whole,
	       torn);
	if (ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	if (me == 0 && torn != 1)
		errx(EXIT_FAILURE, "reader 0 was not disturbed");
	_exit(EXIT_SUCCESS);
}

/* WUNTRACED: or until it stands still */
static void wait_for(pid_t pid, int options)
{
	int status;

	if (waitpid(pid, &status, options) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0 && !WIFSTOPPED(status))
		errx(EXIT_FAILURE, "a reader failed");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	pid_t still = start_reader(0), other = start_reader(1);
	wait_for(still, WUNTRACED); /* it is in the middle of its attempt now */
	for (unsigned i = 1; i <= WRITES; i++)
		write_snapshot(i);
	wait_for(other, 0);
	printf("writer: %u snapshots, while reader 0 stood still\n",
	       atomic_load(&shared->seq) / 2);
	if (kill(still, SIGCONT) == -1)
		err(EXIT_FAILURE, "kill SIGCONT");
	wait_for(still, 0);

	if (munmap(shared, sizeof *shared) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
