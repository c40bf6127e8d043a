// SPDX-License-Identifier: MIT
/*
 * readers_writers.c - many readers are in at once, or one writer
 *
 * Shows:  a turnstile that a waiting writer holds keeps new readers out
 * Build:  cc readers_writers.c -o readers_writers
 * Run:    ./readers_writers
 * Prints: how many readers are in, and what a late reader gets
 * Exit:   0 done; 1 a call failed, or the late reader overtook; 77 a limit
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
#include <unistd.h>

struct shared {
	sem_t turnstile; /* all pass it; a waiting writer stays in it */
	sem_t room;	 /* 0 while readers or a writer are in the room */
	sem_t count;	 /* protects readers */
	int readers;	 /* in the room */
	int version;	 /* of the data that the room protects */
	sem_t arrived;	 /* posted by the writer from the turnstile */
};

/* The first reader takes the room for all. A real reader would sem_wait at the
 * turnstile. This one fails with EAGAIN instead, so that it can report */
static int start_reading(struct shared *s)
{
	if (sem_trywait(&s->turnstile) == -1 || sem_post(&s->turnstile) == -1)
		return -1;
	if (sem_wait(&s->count) == -1 ||
	    (s->readers++ == 0 && sem_wait(&s->room) == -1))
		return -1;
	return sem_post(&s->count);
}

/* The last reader gives the room back */
static int stop_reading(struct shared *s)
{
	if (sem_wait(&s->count) == -1 ||
	    (--s->readers == 0 && sem_post(&s->room) == -1))
		return -1;
	return sem_post(&s->count);
}

/* While the turnstile is taken, no new reader comes in. The writer then blocks
 * until the readers in the room have left */
static int write_data(struct shared *s)
{
	if (sem_wait(&s->turnstile) == -1 || sem_post(&s->arrived) == -1 ||
	    sem_wait(&s->room) == -1)
		return -1;
	s->version++;
	return sem_post(&s->turnstile) == -1 ? -1 : sem_post(&s->room);
}

int main(void)
{
	struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	if (sem_init(&s->turnstile, 1, 1) == -1 ||
	    sem_init(&s->room, 1, 1) == -1 || sem_init(&s->count, 1, 1) == -1 ||
	    sem_init(&s->arrived, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");

	/* A semaphore has no owner, so this process can play all readers */
	if (start_reading(s) == -1 || start_reading(s) == -1)
		err(EXIT_FAILURE, "start_reading");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		_exit(write_data(s) == -1 ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	printf("in the room: %d readers\n", s->readers);
	if (sem_wait(&s->arrived) == -1)
		err(EXIT_FAILURE, "sem_wait");
	if (start_reading(s) == 0 || errno != EAGAIN)
		errx(EXIT_FAILURE, "the late reader overtook the writer");
	printf("a writer waits: a late reader gets %s\n", strerror(errno));

	int status;
	if (stop_reading(s) == -1 || stop_reading(s) == -1)
		err(EXIT_FAILURE, "stop_reading");
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the writer failed");
	if (start_reading(s) == -1 || s->version != 1)
		errx(EXIT_FAILURE, "the writer has written nothing");
	printf("the writer has left: the late reader sees version %d\n",
	       s->version);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
