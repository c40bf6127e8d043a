// SPDX-License-Identifier: MIT
/*
 * other.c - bounded by a mutex and two conditions instead of semaphores
 *
 * Build:  cc other.c -o bounded
 * Run:    ./bounded PRODUCERS CONSUMERS SLOTS ITEMS
 * Exit:   0 all items are printed; 1 a call, or a process, failed; 2 usage
 * See:    pthread_cond_init(3); 04-semaphores/lab/solution/bounded.c
 *
 * The ring is in the mapped memory. The parent counts the producers that have
 * ended; the consumers end when this number says that nothing more can come.
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct ring {
	pthread_mutex_t mutex;
	pthread_cond_t not_full, not_empty;
	int size, used, first, producers;
	struct {
		int producer, number;
	} slot[];
};

static void produce(struct ring *r, int me, int items)
{
	for (int i = 1; i <= items; i++) {
		pthread_mutex_lock(&r->mutex);
		while (r->used == r->size)
			pthread_cond_wait(&r->not_full, &r->mutex);
		int place = (r->first + r->used++) % r->size;
		r->slot[place].producer = me;
		r->slot[place].number = i;
		pthread_cond_signal(&r->not_empty);
		pthread_mutex_unlock(&r->mutex);
	}
	pthread_mutex_lock(&r->mutex);
	r->producers--;
	pthread_cond_broadcast(&r->not_empty);
	pthread_mutex_unlock(&r->mutex);
}

static void consume(struct ring *r, int me)
{
	char line[64];
	for (;;) {
		pthread_mutex_lock(&r->mutex);
		while (r->used == 0 && r->producers > 0)
			pthread_cond_wait(&r->not_empty, &r->mutex);
		if (r->used == 0) {
			pthread_mutex_unlock(&r->mutex);
			return;
		}
		int len = snprintf(line, sizeof line, "%d %d %d\n", me,
				   r->slot[r->first].producer,
				   r->slot[r->first].number);
		r->first = (r->first + 1) % r->size;
		r->used--;
		pthread_cond_signal(&r->not_full);
		pthread_mutex_unlock(&r->mutex);
		if (write(STDOUT_FILENO, line, (size_t)len) != len)
			err(EXIT_FAILURE, "write");
	}
}

int main(int argc, char *argv[])
{
	if (argc != 5)
		errx(2, "usage: bounded PRODUCERS CONSUMERS SLOTS ITEMS");
	int producers = atoi(argv[1]), all = producers + atoi(argv[2]);
	struct ring *r =
	    mmap(NULL, sizeof *r + sizeof r->slot[0] * (size_t)atoi(argv[3]),
		 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	r->size = atoi(argv[3]);
	r->producers = producers;
	pthread_mutexattr_t m;
	pthread_condattr_t c;
	pthread_mutexattr_init(&m);
	pthread_mutexattr_setpshared(&m, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&r->mutex, &m);
	pthread_condattr_init(&c);
	pthread_condattr_setpshared(&c, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&r->not_full, &c);
	pthread_cond_init(&r->not_empty, &c);

	/* A group of its own, so that one call ends all children */
	pid_t group = 0;
	int status, bad = 0;
	for (int i = 0; i < all && !bad; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			setpgid(0, group);
			if (i < producers)
				produce(r, i + 1, atoi(argv[4]));
			else
				consume(r, i - producers + 1);
			_exit(0);
		}
		if (pid == -1) {
			warn("fork");
			bad = 1;
		} else {
			setpgid(pid, group);
			group = group ? group : pid;
		}
	}
	do {
		if (bad && group)
			kill(-group, SIGKILL);
		if (wait(&status) == -1)
			return bad;
		bad |= status != 0;
	} while (1);
}
