// SPDX-License-Identifier: MIT
/*
 * barrier.c - N processes that begin each round together
 *
 * Build:  cc barrier.c -o barrier
 * Run:    ./barrier N ROUNDS COMMAND [ARGUMENT...]
 * Exit:   0 all commands succeeded; 1 one of them, or a call, failed; 2 usage
 * See:    sem_init(3), sem_wait(3), mmap(2), fork(2), execvp(3), waitpid(2);
 *         task barrier of README.md
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int n = argc > 3 ? atoi(argv[1]) : 0;
	int rounds = argc > 3 ? atoi(argv[2]) : 0;
	if (n < 1 || rounds < 1)
		errx(2, "usage: barrier N ROUNDS COMMAND [ARGUMENT...]");

	/* The words of the command, two numbers and NULL: as many as argv */
	char *command[argc], round[16] = "1", process[16] = "1";
	memcpy(command, argv + 3, sizeof *argv * (size_t)(argc - 3));
	command[argc - 3] = round;
	command[argc - 2] = process;
	command[argc - 1] = NULL;

	/* TODO: map memory that the processes share, and initialise semaphores
	 * in it. Start n processes. In each round, each of them writes the two
	 * numbers, runs the command in a child, waits for its end, and then for
	 * all others. Wait for all processes */
	errx(EXIT_FAILURE, "%s %s %s: this is the skeleton", command[0], round,
	     process);
}
