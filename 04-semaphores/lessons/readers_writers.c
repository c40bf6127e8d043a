// SPDX-License-Identifier: MIT
/*
 * readers_writers.c - many processes read at once, or one of them writes
 *
 * Shows:  a turnstile that a waiting writer holds keeps new readers behind it
 * Build:  cc readers_writers.c -o readers_writers
 * Run:    ./readers_writers
 * Prints: who is in the room together, and what a late reader gets to see
 * Exit:   0 done; 1 a call failed, or the late reader overtook the writer
 * See:    sem_init(3), sem_wait(3), sem_overview(7); pthread_rwlock_rdlock(3)
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
#include <time.h>
#include <unistd.h>

enum { READERS = 3 };

struct shared {
	sem_t turnstile;   /* everybody passes it; a writer stays in it */
	sem_t room;	   /* 0: readers are in the room, or a writer */
	sem_t count;	   /* protects readers */
	int readers;	   /* in the room */
	int data, seen;	   /* what is written, and what the last reader saw */
	sem_t arrived, go; /* to the parent, and from it, if announced */
};
static struct shared *s;

/* Mostly in children, so _exit. The parent reports a child that failed */
static void take(sem_t *sem)
{
	if (sem_wait(sem) == -1) {
		warn("sem_wait");
		_exit(EXIT_FAILURE);
	}
}

static void give(sem_t *sem)
{
	if (sem_post(sem) == -1) {
		warn("sem_post");
		_exit(EXIT_FAILURE);
	}
}

/* The first reader takes the room for all, the last one gives it back */
static void read_data(int announced)
{
	take(&s->turnstile);
	give(&s->turnstile);
	take(&s->count);
	if (s->readers++ == 0)
		take(&s->room);
	give(&s->count);

	s->seen = s->data;
	if (announced) {
		give(&s->arrived);
		take(&s->go);
	}

	take(&s->count);
	if (--s->readers == 0)
		give(&s->room);
	give(&s->count);
}

static void write_data(int announced)
{
	take(&s->turnstile); /* from here on no reader comes in */
	if (announced)
		give(&s->arrived);
	take(&s->room); /* the readers in the room leave, one by one */
	s->data++;
	give(&s->turnstile);
	give(&s->room);
}

static void start(void (*role)(int), int announced)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	role(announced);
	_exit(EXIT_SUCCESS);
}

int main(void)
{
	const struct timespec bound = { 0, 100000000 };
	sigset_t child_ended;

	s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (sem_init(&s->turnstile, 1, 1) == -1 ||
	    sem_init(&s->room, 1, 1) == -1 || sem_init(&s->count, 1, 1) == -1 ||
	    sem_init(&s->arrived, 1, 0) == -1 || sem_init(&s->go, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	sigemptyset(&child_ended);
	sigaddset(&child_ended, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &child_ended, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	for (int i = 0; i < READERS; i++)
		start(read_data, 1);
	for (int i = 0; i < READERS; i++)
		take(&s->arrived);
	printf("in the room: %d readers\n", s->readers);
	start(write_data, 1);
	take(&s->arrived);
	start(read_data, 0);
	/* A reader that overtakes the writer has soon read, and exits */
	if (sigtimedwait(&child_ended, NULL, &bound) != -1 || errno != EAGAIN)
		errx(EXIT_FAILURE, "the late reader overtook the writer");
	printf("a writer waits, and a reader behind it: %d are in\n",
	       s->readers);

	for (int i = 0; i < READERS; i++)
		give(&s->go);
	for (int i = 0, status; i < READERS + 2; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a reader or the writer failed");
	printf("the late reader saw version %d\n", s->seen);
	if (s->seen != 1)
		errx(EXIT_FAILURE, "the late reader was before the writer");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
