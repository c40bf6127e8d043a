// SPDX-License-Identifier: MIT
/*
 * slots.c - run a command, at most N of them at once
 *
 * Build:  cc slots.c -o slots
 * Run:    ./slots /NAME N COMMAND [ARGUMENT...]
 *         ./slots remove /NAME
 * Exit:   the command's status, 128 + S for signal S; 1 a call failed; 2 usage;
 *         127 no such command
 * See:    sem_open(3), sem_wait(3), sem_post(3), sem_unlink(3), fork(2),
 *         execvp(3), waitpid(2); task slots of README.md
 */
#include <err.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	int n = argc > 3 ? atoi(argv[2]) : 0;
	if (!removes && n < 1)
		errx(2, "usage: slots /NAME N COMMAND..., slots remove /NAME");

	/* TODO: remove: remove the semaphore. Otherwise open it, or create it
	 * with the value n. Wait for a slot. Run the command in a child, and
	 * wait until it has ended. Give back the slot, in any case. Exit with
	 * the status of the command */
	errx(EXIT_FAILURE, "%s: this is the skeleton", argv[removes ? 2 : 1]);
}
