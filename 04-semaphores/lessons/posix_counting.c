// SPDX-License-Identifier: MIT
/*
 * posix_counting.c - a semaphore of 3 permits, and more processes than permits
 *
 * Shows:  with N permits N processes are inside; the next one blocks
 * Build:  cc posix_counting.c -o posix_counting
 * Run:    ./posix_counting
 * Prints: how many processes are inside, before and after one has left
 * Exit:   0 done; 1 a call failed, or another number was inside
 * See:    sem_wait(3), sem_getvalue(3); posix_unnamed.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PERMITS = 3, VISITORS = 4 };

struct room {
	sem_t permits;
	sem_t entered, leave; /* to the parent, and from it */
	atomic_int inside;    /* counted by other means than the semaphore */
};

static void visit_in_child(struct room *room, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	if (sem_wait(&room->permits) == -1)
		_exit(EXIT_FAILURE);
	room->inside++;
	if (sem_post(&room->entered) == -1 || sem_wait(&room->leave) == -1)
		_exit(EXIT_FAILURE);
	room->inside--;
	_exit(sem_post(&room->permits) == -1 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* Wait until n more have entered: then the room is full */
static void show_full(struct room *room, const char *when, int n)
{
	int permits;

	while (n-- > 0)
		if (sem_wait(&room->entered) == -1)
			err(EXIT_FAILURE, "sem_wait");
	if (sem_getvalue(&room->permits, &permits) == -1)
		err(EXIT_FAILURE, "sem_getvalue");
	printf("%s: %d inside, permits left: %d\n", when, (int)room->inside,
	       permits);
	if (room->inside != PERMITS || permits != 0)
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
	pid_t parent = getpid();
	for (int i = 0; i < VISITORS; i++) {
		pid_t pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0)
			visit_in_child(room, parent);
	}

	show_full(room, "at first", PERMITS);
	for (int i = 0; i < VISITORS; i++) {
		if (sem_post(&room->leave) == -1)
			err(EXIT_FAILURE, "sem_post");
		if (i == 0)
			show_full(room, "one left, one came", 1);
	}
	for (int i = 0, status; i < VISITORS; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child failed");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
