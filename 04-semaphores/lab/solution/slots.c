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
 *         execvp(3), waitpid(2); task slots of the lab
 */
#include <err.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Run a command to its end, and return its status */
static int run(char *argv[])
{
	/* Ctrl-C and Ctrl-\ are for the command. This process has to outlive
	 * it: no other one gives back its slot. A SIGINT just before the first
	 * call still ends it: chapter 07 shows how to close such a gap */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	pid_t pid = fork();
	if (pid == -1) {
		warn("fork");
		return EXIT_FAILURE;
	}
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		execvp(argv[0], argv);
		warn("exec %s", argv[0]);
		_exit(127);
	}
	int status;
	if (waitpid(pid, &status, 0) == -1) {
		warn("waitpid");
		return EXIT_FAILURE;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

int main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "remove") == 0) {
		if (sem_unlink(argv[2]) == -1)
			err(EXIT_FAILURE, "sem_unlink %s", argv[2]);
		return EXIT_SUCCESS;
	}
	int n = argc > 3 ? atoi(argv[2]) : 0;
	if (n < 1)
		errx(2, "usage: slots /NAME N COMMAND..., slots remove /NAME");

	/* In one call: the semaphore is there only with its value. Whichever
	 * process is first creates it, and the value of the others is unused */
	sem_t *slots = sem_open(argv[1], O_CREAT, 0600, (unsigned)n);
	if (slots == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s", argv[1]);
	if (sem_wait(slots) == -1)
		err(EXIT_FAILURE, "sem_wait %s", argv[1]);
	int status = run(argv + 3);
	/* However the command has ended, and also if there was none */
	if (sem_post(slots) == -1)
		err(EXIT_FAILURE, "sem_post %s", argv[1]);
	return status;
}
