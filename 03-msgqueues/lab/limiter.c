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
 *         waitpid(2), signal(2); task limiter of README.md
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

int main(int argc, char *argv[])
{
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	int runs = argc > 4 && strcmp(argv[1], "run") == 0;
	long n = runs ? number(argv[3], 1, MOST) : 1;
	if (!(runs || removes) || n == -1)
		errx(2, "usage: limiter run /NAME N COMMAND..., "
			"limiter remove /NAME");

	/* TODO: remove: remove the queue. run: open it, and wait until fewer
	 * than n commands run. Then run the command, argv + 4, in a child, and
	 * wait for its end. Let another one in, whatever has happened */
	errx(EXIT_FAILURE, "%s: this is the skeleton", argv[2]);
}
