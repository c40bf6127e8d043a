// SPDX-License-Identifier: MIT
/*
 * barrier.c - N processes that begin each round together
 *
 * Build:  cc barrier.c -o barrier
 * Run:    ./barrier N ROUNDS COMMAND [ARGUMENT...]
 * Exit:   0 all commands succeeded; 1 one of them, or a call, failed; 2 usage
 * See:    sem_init(3), sem_wait(3), mmap(2), fork(2), execvp(3), waitpid(2);
 *         task barrier of the lab
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct barrier {
	sem_t mutex;   /* for inside */
	sem_t in, out; /* the two turnstiles: how many may pass */
	int inside;    /* how many have come, and have not left again */
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

/* Add step to the count of those inside. The process that makes it goal, which
 * is the last one to come here, opens the turnstile for all n */
static void pass(struct barrier *b, int step, int goal, sem_t *turnstile, int n)
{
	down(&b->mutex);
	b->inside += step;
	for (int i = 0; b->inside == goal && i < n; i++)
		up(turnstile);
	up(&b->mutex);
	down(turnstile);
}

static bool run(char *argv[])
{
	int status;
	pid_t pid = fork();
	if (pid == -1) {
		warn("fork"); /* no exit: the others wait at the barrier */
		return false;
	}
	if (pid == 0) {
		execvp(argv[0], argv);
		warn("exec %s", argv[0]);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	return status == 0;
}

int main(int argc, char *argv[])
{
	int n = argc > 3 ? atoi(argv[1]) : 0;
	int rounds = argc > 3 ? atoi(argv[2]) : 0;
	if (n < 1 || rounds < 1)
		errx(2, "usage: barrier N ROUNDS COMMAND [ARGUMENT...]");
	struct barrier *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	/* Before there is a child: each semaphore is initialised once */
	if (sem_init(&b->mutex, 1, 1) == -1 || sem_init(&b->in, 1, 0) == -1 ||
	    sem_init(&b->out, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");

	/* The words of the command, two numbers and NULL: as many as argv */
	char *command[argc], round[16], process[16];
	memcpy(command, argv + 3, sizeof *argv * (size_t)(argc - 3));
	command[argc - 3] = round;
	command[argc - 2] = process;
	command[argc - 1] = NULL;

	pid_t pids[n];
	for (int i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] == -1) {
			warn("fork");
			/* Too few: the others would wait forever */
			while (i-- > 0)
				kill(pids[i], SIGKILL);
			return EXIT_FAILURE;
		}
		if (pids[i] > 0)
			continue;
		bool good = true;
		snprintf(process, sizeof process, "%d", i + 1);
		/* Round 0 has no command: after it, all are there */
		for (int r = 0; r <= rounds; r++) {
			snprintf(round, sizeof round, "%d", r);
			good = (r == 0 || run(command)) && good;
			pass(b, 1, n, &b->in, n);
			/* Nobody comes in again until all have passed in */
			pass(b, -1, 0, &b->out, n);
		}
		_exit(good ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	bool good = true;
	int status;
	while (wait(&status) != -1)
		good = good && status == 0;
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
