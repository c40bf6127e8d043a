// SPDX-License-Identifier: MIT
/*
 * spooler.c - print the jobs of a queue, the most urgent one first
 *
 * Build:  cc spooler.c -o spooler
 * Run:    ./spooler serve /NAME
 *         ./spooler submit /NAME PRIORITY TEXT...
 *         ./spooler stop /NAME
 * Exit:   0 done; 1 a call failed, or a text is too long; 2 usage
 * See:    mq_overview(7), mq_open(3), mq_send(3), mq_receive(3), mq_unlink(3);
 *         task spooler of the lab
 */
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS = 10, LONGEST = 1000, URGENT = 32767 };

/* A message is a text with its 0, so that no job is empty: this is the stop */
enum { SIZE = LONGEST + 1 };

/* A number from least to most, or -1 */
static long number(const char *text, long least, long most)
{
	char *rest;
	long n = strtol(text, &rest, 10);
	int is_number = rest != text && *rest == '\0';
	return is_number && n >= least && n <= most ? n : -1;
}

static void submit(mqd_t mqd, const char *text, unsigned int priority)
{
	if (strlen(text) > LONGEST)
		errx(EXIT_FAILURE, "a text has %zu bytes", strlen(text));
	if (mq_send(mqd, text, strlen(text) + 1, priority) == -1)
		err(EXIT_FAILURE, "mq_send");
}

static void serve(mqd_t mqd, const char *name)
{
	char text[SIZE];
	ssize_t n;

	while ((n = mq_receive(mqd, text, sizeof text, NULL)) > 0) {
		/* The queue has it no more, so it is printed at once */
		puts(text);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
	}
	if (n == -1)
		err(EXIT_FAILURE, "mq_receive");
	if (mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_unlink %s", name);
}

int main(int argc, char *argv[])
{
	int serves = argc == 3 && strcmp(argv[1], "serve") == 0;
	int submits = argc > 4 && strcmp(argv[1], "submit") == 0;
	int stops = argc == 3 && strcmp(argv[1], "stop") == 0;
	long priority = submits ? number(argv[3], 0, URGENT) : 0;
	if (!(serves || submits || stops) || priority == -1)
		errx(2, "usage: spooler submit /NAME PRIORITY TEXT..., "
			"spooler serve|stop /NAME");

	/* Whichever process is the first one creates the queue. A queue that
	 * is there already has the jobs of a server that was killed */
	struct mq_attr attr = { .mq_maxmsg = JOBS, .mq_msgsize = SIZE };
	mqd_t mqd = mq_open(argv[2], O_RDWR | O_CREAT, 0600, &attr);
	if (mqd == -1)
		err(EXIT_FAILURE, "mq_open %s", argv[2]);

	if (serves)
		serve(mqd, argv[2]);
	for (int i = 4; i < argc; i++)
		submit(mqd, argv[i], (unsigned int)priority);
	/* The lowest priority, and behind the jobs that have it as well */
	if (stops && mq_send(mqd, "", 0, 0) == -1)
		err(EXIT_FAILURE, "mq_send stop");
	return EXIT_SUCCESS;
}
