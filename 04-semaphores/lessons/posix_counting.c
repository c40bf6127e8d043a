// SPDX-License-Identifier: MIT
/*
 * posix_counting.c - a semaphore of 3 permits, and 4 processes
 *
 * Shows:  N permits let N processes in; the next one waits until one has left
 * Build:  cc posix_counting.c -o posix_counting
 * Run:    ./posix_counting
 * Prints: what the fourth process gets, before and after one has left
 * Exit:   0 done; 1 a call failed, or the fourth came in too early; 77 a limit
 * See:    sem_wait(3), sem_post(3); posix_unnamed.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PERMITS = 3 };

struct room {
	sem_t permits;
	sem_t entered, leave; /* posted by the children; by the parent */
};

static int visit(struct room *room)
{
	if (sem_wait(&room->permits) == -1 || sem_post(&room->entered) == -1)
		return -1;
	/* The child is inside. It blocks until the parent lets one leave */
	return sem_wait(&room->leave) == -1 ? -1 : sem_post(&room->permits);
}

int main(void)
{
	struct room *room = mmap(NULL, sizeof *room, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	if (sem_init(&room->permits, 1, PERMITS) == -1 ||
	    sem_init(&room->entered, 1, 0) == -1 ||
	    sem_init(&room->leave, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	pid_t parent = getpid(), pid;
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	for (int i = 0; i < PERMITS; i++) {
		if ((pid = fork()) == -1)
			err(77, "fork: see ulimit -u");
		if (pid == 0) {
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
			    getppid() != parent)
				_exit(EXIT_FAILURE);
			_exit(visit(room) == -1 ? EXIT_FAILURE : EXIT_SUCCESS);
		}
	}

	/* The parent is the fourth. With sem_wait it would block here */
	for (int i = 0; i < PERMITS; i++)
		if (sem_wait(&room->entered) == -1)
			err(EXIT_FAILURE, "sem_wait");
	if (sem_trywait(&room->permits) == 0 || errno != EAGAIN)
		errx(EXIT_FAILURE, "the fourth came in");
	printf("%d are inside, the fourth gets: %s\n", PERMITS,
	       strerror(errno));
	if (sem_post(&room->leave) == -1 || sem_wait(&room->permits) == -1)
		err(EXIT_FAILURE, "sem_post, sem_wait");
	printf("one has left, and the fourth is inside\n");

	for (int i = 1; i < PERMITS; i++)
		if (sem_post(&room->leave) == -1)
			err(EXIT_FAILURE, "sem_post");
	for (int i = 0, status; i < PERMITS; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child failed");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
