// SPDX-License-Identifier: MIT
/*
 * limiter.c - run a command while at most N - 1 others run
 *
 * Build:  cc limiter.c -o limiter
 * Run:    ./limiter run /NAME N COMMAND [ARGUMENT...]
 *         ./limiter remove /NAME
 * Exit:   the command's status, 128 + S for signal S; 1 a call failed; 2 usage;
 *         127 no such command
 * See:    mq_overview(7), mq_open(3), mq_send(3), mq_receive(3), mq_unlink(3),
 *         waitpid(2), signal(2); task limiter of the lab
 */
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 10 };

/* A number from least to most, or -1 */
static long number(const char *text, long least, long most)
{
	char *rest;
	long n = strtol(text, &rest, 10);
	int is_number = rest != text && *rest == '\0';
	return is_number && n >= least && n <= most ? n : -1;
}

/* Ctrl-C ends the command. This process stays: it has to give back its place. A
 * SIGINT just before the first call still ends it, and its place is lost:
 * chapter 07 shows how to close such a gap */
static int run(char *command[])
{
	int status;

	signal(SIGINT, SIG_IGN);
	pid_t pid = fork();
	if (pid == -1) {
		warn("fork");
		return EXIT_FAILURE;
	}
	if (pid == 0) {
		signal(SIGINT, SIG_DFL); /* exec would keep SIG_IGN */
		execvp(command[0], command);
		warn("exec %s", command[0]);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) == -1) {
		warn("waitpid");
		return EXIT_FAILURE;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

int main(int argc, char *argv[])
{
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	int runs = argc > 4 && strcmp(argv[1], "run") == 0;
	long n = runs ? number(argv[3], 1, MOST) : 1;
	if (!(runs || removes) || n == -1)
		errx(2, "usage: limiter run /NAME N COMMAND..., "
			"limiter remove /NAME");
	if (removes) {
		if (mq_unlink(argv[2]) == -1)
			err(EXIT_FAILURE, "mq_unlink %s", argv[2]);
		return EXIT_SUCCESS;
	}

	/* Each message is a taken place, so a new queue needs no preparation.
	 * Whichever process is the first one creates it */
	struct mq_attr attr = { .mq_maxmsg = n, .mq_msgsize = 1 };
	mqd_t mqd = mq_open(argv[2], O_RDWR | O_CREAT, 0600, &attr);
	if (mqd == -1)
		err(EXIT_FAILURE, "mq_open %s", argv[2]);

	/* Blocks while N places are taken */
	if (mq_send(mqd, "", 0, 0) == -1)
		err(EXIT_FAILURE, "mq_send");
	int code = run(argv + 4);
	char any;
	if (mq_receive(mqd, &any, sizeof any, NULL) == -1)
		err(EXIT_FAILURE, "mq_receive");
	return code;
}
