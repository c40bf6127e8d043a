// SPDX-License-Identifier: MIT
/*
 * other.c - limiter with a token in the queue for each free place
 *
 * Build:  cc other.c -o limiter
 * Run:    ./limiter run /NAME N COMMAND [ARGUMENT...]; ./limiter remove /NAME
 * Exit:   the command's status, 128 + S for signal S; 1 a call failed; 2 usage;
 *         127 no such command
 * See:    mq_overview(7), posix_spawn(3); 03-msgqueues/lab/solution/limiter.c
 *
 * The process that creates the queue, and no other one, puts the tokens in. The
 * others sleep until there are some.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static void ignore(int number)
{
	(void)number; /* unlike SIG_IGN, a handler is reset by exec */
}

int main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "remove") == 0)
		return mq_unlink(argv[2]) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	if (argc < 5)
		errx(2, "usage: limiter run /NAME N COMMAND..., "
			"limiter remove /NAME");
	struct mq_attr attr = { .mq_maxmsg = atol(argv[3]), .mq_msgsize = 1 };
	mqd_t mqd = mq_open(argv[2], O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (mqd != -1) {
		for (long i = 0; i < attr.mq_maxmsg; i++)
			if (mq_send(mqd, "t", 1, 0) == -1)
				err(EXIT_FAILURE, "mq_send");
	} else if (errno == EEXIST) {
		mqd = mq_open(argv[2], O_RDWR);
	}
	if (mqd == -1)
		err(EXIT_FAILURE, "mq_open %s", argv[2]);

	char token;
	if (mq_receive(mqd, &token, 1, NULL) == -1)
		err(EXIT_FAILURE, "mq_receive");
	struct sigaction action = { .sa_handler = ignore,
				    .sa_flags = SA_RESTART };
	sigaction(SIGINT, &action, NULL);
	pid_t pid;
	int status = 0;
	int error = posix_spawnp(&pid, argv[4], NULL, NULL, argv + 4, environ);
	if (error == 0)
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			continue;
	if (mq_send(mqd, &token, 1, 0) == -1)
		err(EXIT_FAILURE, "mq_send");
	if (error != 0) {
		errno = error;
		err(error == EAGAIN ? EXIT_FAILURE : 127, "%s", argv[4]);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
