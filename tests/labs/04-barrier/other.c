// SPDX-License-Identifier: MIT
/*
 * other.c - barrier by one System V set: wait for zero, for two rounds in turn
 *
 * Build:  cc other.c -o barrier
 * Run:    ./barrier N ROUNDS COMMAND [ARGUMENT...]
 * Exit:   0 all commands succeeded; 1 one of them, or a call, failed; 2 usage
 * See:    semop(2); 04-semaphores/lab/solution/barrier.c
 *
 * Three semaphores are used in turn. Each says how many processes have still to
 * come in this round. Each process subtracts 1, and waits for 0. Then all have
 * left the semaphore of the round before, and process 1 makes it ready for the
 * round after the next one.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A process that is stopped and continued gets EINTR here */
static void change(int set, int num, int by)
{
	struct sembuf op = { .sem_num = (unsigned short)num,
			     .sem_op = (short)by };
	while (semop(set, &op, 1) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "semop");
}

static int take_part(int set, int n, int rounds, int me, char *argv[], int argc)
{
	int bad = 0;
	char *words[argc], round[16], process[16];
	memcpy(words, argv + 3, sizeof *argv * (size_t)(argc - 3));
	words[argc - 3] = round;
	words[argc - 2] = process;
	words[argc - 1] = NULL;
	snprintf(process, sizeof process, "%d", me);
	change(set, 3, -1);
	change(set, 3, 0); /* all are there */
	for (int r = 0; r < rounds; r++) {
		snprintf(round, sizeof round, "%d", r + 1);
		pid_t pid;
		int status = 1;
		errno =
		    posix_spawnp(&pid, words[0], NULL, NULL, words, environ);
		if (errno != 0)
			warn("%s", words[0]);
		else if (waitpid(pid, &status, 0) == -1)
			err(EXIT_FAILURE, "waitpid");
		bad |= status != 0;
		change(set, r % 3, -1);
		change(set, r % 3, 0);
		if (me == 1)
			change(set, (r + 2) % 3, n);
	}
	return bad;
}

int main(int argc, char *argv[])
{
	int n = argc > 3 ? atoi(argv[1]) : 0;
	int rounds = argc > 3 ? atoi(argv[2]) : 0;
	if (n < 1 || rounds < 1)
		errx(2, "usage: barrier N ROUNDS COMMAND [ARGUMENT...]");
	int set = semget(IPC_PRIVATE, 4, 0600);
	if (set == -1)
		err(EXIT_FAILURE, "semget");
	change(set, 0, n);
	change(set, 1, n);
	change(set, 3, n);
	int bad = 0;
	for (int i = 1; !bad && i <= n; i++) {
		pid_t pid = fork();
		bad = pid == -1;
		if (bad)
			warn("fork");
		if (pid != 0)
			continue;
		_exit(take_part(set, n, rounds, i, argv, argc));
	}
	/* Removed, it fails in those that wait, and so they end */
	if (bad)
		semctl(set, 0, IPC_RMID);
	int status;
	while (wait(&status) != -1)
		bad |= status != 0;
	if (semctl(set, 0, IPC_RMID) == -1 && !bad)
		err(EXIT_FAILURE, "semctl");
	return bad;
}
