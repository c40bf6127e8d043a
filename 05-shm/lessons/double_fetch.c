// SPDX-License-Identifier: MIT
/*
 * double_fetch.c - check a length in shared memory, then read it again
 *
 * Shows:  two reads of one place in shared memory can return two values
 * Build:  cc double_fetch.c -o double_fetch
 * Run:    ./double_fetch
 * Prints: which length was checked, and how many bytes were copied
 * Exit:   0 done; 1 a call failed, or the length did not change;
 *         77 this machine forbids it
 * See:    mmap(2), fork(2); double_fetch_fixed.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 16, ROOM = 64 }; /* a message may have LIMIT bytes */

struct message {
	size_t len; /* written by the other process, at any time */
	char data[ROOM];
};

/* A real attacker changes the length in a loop, until it hits the moment
 * between check and use. This attacker starts in that moment */
static void attack(volatile struct message *m)
{
	int status;
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t pid = fork();

	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		m->len = ROOM - LIMIT;
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the attacker failed");
}

/* volatile: each m->len in the text is one read of memory, in this order.
 * Without volatile the compiler may read once or twice: no protection */
static size_t take(volatile struct message *m, char *to)
{
	size_t len = m->len;

	if (len > LIMIT)
		errx(EXIT_FAILURE, "the message is too long: %zu", len);
	attack(m);
	printf("checked: %zu, at most %d\n", len, LIMIT);
	len = m->len; /* the second fetch: this value is not checked */
	for (size_t i = 0; i < len; i++)
		to[i] = m->data[i];
	return len;
}

int main(void)
{
	char to[ROOM]; /* longer than LIMIT: the attack does no harm */
	struct message *m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (m == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	m->len = LIMIT / 2;

	size_t len = take(m, to);
	printf("copied:  %zu\n", len);
	printf("now:     %zu\n", m->len);
	if (len != m->len || len <= LIMIT)
		errx(EXIT_FAILURE, "expected the changed length");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
