// SPDX-License-Identifier: MIT
/*
 * bounded.c - several producers and consumers share the slots of a file
 *
 * Build:  cc bounded.c -o bounded
 * Run:    ./bounded PRODUCERS CONSUMERS SLOTS ITEMS
 * Exit:   0 all items are printed; 1 a call, or a process, failed; 2 usage
 * See:    sem_init(3), sem_wait(3), pwrite(2), mmap(2), fork(2), wait(2),
 *         setvbuf(3); task bounded of the lab
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct item {
	int producer, number;
};
struct ring {
	int fd, slots, items; /* the file, its slots, items of a producer */
	sem_t free, full; /* how many slots are empty, and how many are not */
	sem_t left;	  /* how many items no consumer has claimed */
	sem_t mutex;	  /* for what follows, and for the file */
	long filled, emptied; /* the places to go on at, modulo slots */
};

static void down(sem_t *sem)
{
	if (sem_wait(sem) == -1)
		err(EXIT_FAILURE, "sem_wait");
}

static void up(sem_t *sem)
{
	if (sem_post(sem) == -1)
		err(EXIT_FAILURE, "sem_post");
}

static void produce(struct ring *r, int me)
{
	for (int i = 1; i <= r->items; i++) {
		struct item item = { me, i };
		/* In this order: with the mutex, nobody could free a slot */
		down(&r->free);
		down(&r->mutex);
		off_t place = r->filled % r->slots * (off_t)sizeof item;
		if (pwrite(r->fd, &item, sizeof item, place) != sizeof item)
			err(EXIT_FAILURE, "pwrite");
		r->filled++;
		up(&r->mutex);
		up(&r->full);
	}
}

static void consume(struct ring *r, int me)
{
	/* Claimed before it waits: so it is sure that the item will come */
	while (sem_trywait(&r->left) == 0) {
		struct item item;
		down(&r->full);
		down(&r->mutex);
		off_t place = r->emptied % r->slots * (off_t)sizeof item;
		if (pread(r->fd, &item, sizeof item, place) != sizeof item)
			err(EXIT_FAILURE, "pread");
		r->emptied++;
		up(&r->mutex);
		up(&r->free);
		if (printf("%d %d %d\n", me, item.producer, item.number) < 0)
			err(EXIT_FAILURE, "write standard output");
	}
}

/* Without the process that has failed, the others would wait forever */
static void end_all(const pid_t pids[], int count)
{
	for (int i = 0; i < count; i++)
		if (pids[i] != 0)
			kill(pids[i], SIGKILL);
}

int main(int argc, char *argv[])
{
	int n[4] = { 0 }; /* the operands */
	for (int i = 0; i < 4; i++)
		if (argc != 5 || (n[i] = atoi(argv[i + 1])) < 1)
			errx(2, "usage: bounded PRODUCERS CONSUMERS SLOTS "
				"ITEMS");
	struct ring *r = mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	FILE *file = tmpfile(); /* has no name, and ends with its processes */
	if (r == MAP_FAILED || file == NULL)
		err(EXIT_FAILURE, "no memory, or no file");
	*r = (struct ring){ .fd = fileno(file), .slots = n[2], .items = n[3] };
	if (sem_init(&r->free, 1, (unsigned)r->slots) == -1 ||
	    sem_init(&r->full, 1, 0) == -1 || sem_init(&r->mutex, 1, 1) == -1 ||
	    sem_init(&r->left, 1, (unsigned)n[0] * (unsigned)n[3]) == -1)
		err(EXIT_FAILURE, "sem_init");
	/* Each line is one write: lines of several processes do not mix */
	if (setvbuf(stdout, NULL, _IOLBF, BUFSIZ) != 0)
		errx(EXIT_FAILURE, "setvbuf");

	int all = n[0] + n[1], started = 0, status;
	bool failed = false;
	pid_t pids[all];
	while (started < all && !failed) {
		pid_t pid = fork();
		if (pid == 0) {
			if (started < n[0])
				produce(r, started + 1);
			else
				consume(r, started - n[0] + 1);
			_exit(EXIT_SUCCESS);
		}
		if (pid == -1) {
			warn("fork");
			failed = true;
			end_all(pids, started);
		} else {
			pids[started++] = pid;
		}
	}
	for (pid_t pid; (pid = wait(&status)) != -1;) {
		for (int i = 0; i < started; i++)
			if (pids[i] == pid)
				pids[i] = 0; /* its number may be used again */
		if (status != 0) {
			failed = true;
			end_all(pids, started);
		}
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
