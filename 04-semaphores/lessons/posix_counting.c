// SPDX-License-Identifier: MIT
/*
 * posix_counting.c - a semaphore of 3 permits, and more processes than permits
 *
 * Shows:  a semaphore that starts with N lets N processes in; the next one
 *         blocks until one of them leaves
 * Build:  cc posix_counting.c -o posix_counting
 * Run:    ./posix_counting
 * Prints: how many processes are inside, before and after one has left
 * Exit:   0 done; 1 a call failed, or another number was inside
 * See:    sem_wait(3), sem_trywait(3); posix_unnamed.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PERMITS = 3, VISITORS = 6 };

struct room {
	sem_t permits;
	sem_t entered, leave; /* "I am inside" to the parent, "leave" from it */
	atomic_int inside;    /* counted by other means than the semaphore */
};

/* A child, which ends with its parent. Its exit status is the errno of a call
 * that failed */
static void visit(struct room *room, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	if (sem_wait(&room->permits) == -1)
		_exit(errno);
	room->inside++;
	if (sem_post(&room->entered) == -1 || sem_wait(&room->leave) == -1)
		_exit(errno);
	room->inside--;
	_exit(sem_post(&room->permits) == -1 ? errno : EXIT_SUCCESS);
}

/* Wait until n more are inside; then nobody else may come in */
static void check_full(struct room *room, const char *when, int n)
{
	while (n-- > 0)
		if (sem_wait(&room->entered) == -1)
			err(EXIT_FAILURE, "sem_wait");
	if (sem_trywait(&room->permits) == 0)
		errx(EXIT_FAILURE, "there was one more permit");
	int error = errno;
	printf("%s: %d inside, sem_trywait: %s\n", when, (int)room->inside,
	       strerror(error));
	if (error != EAGAIN || room->inside != PERMITS)
		errx(EXIT_FAILURE, "expected %d inside", PERMITS);
}

int main(void)
{
	struct room *room = mmap(NULL, sizeof *room, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (sem_init(&room->permits, 1, PERMITS) == -1 ||
	    sem_init(&room->entered, 1, 0) == -1 ||
	    sem_init(&room->leave, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	pid_t parent = getpid(), pid;
	for (int i = 0; i < VISITORS; i++) {
		if ((pid = fork()) == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0)
			visit(room, parent);
	}

	check_full(room, "full", PERMITS);
	if (sem_post(&room->leave) == -1)
		err(EXIT_FAILURE, "sem_post");
	check_full(room, "one left, one came", 1);
	for (int i = 1; i < VISITORS; i++)
		if (sem_post(&room->leave) == -1)
			err(EXIT_FAILURE, "sem_post");
	for (int i = 0, status = 0; i < VISITORS; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child failed: %s",
			     strerror(WEXITSTATUS(status)));
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
