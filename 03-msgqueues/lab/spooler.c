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
 *         task spooler of README.md
 */
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS = 10, LONGEST = 1000, URGENT = 32767 };

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
	int serves = argc == 3 && strcmp(argv[1], "serve") == 0;
	int submits = argc > 4 && strcmp(argv[1], "submit") == 0;
	int stops = argc == 3 && strcmp(argv[1], "stop") == 0;
	long priority = submits ? number(argv[3], 0, URGENT) : 0;
	if (!(serves || submits || stops) || priority == -1)
		errx(2, "usage: spooler submit /NAME PRIORITY TEXT..., "
			"spooler serve|stop /NAME");

	/* TODO: open the queue, which holds up to JOBS messages. submit: send
	 * each TEXT, argv[4] and those behind it, with this priority. serve:
	 * print each text in a line of its own, until the stop comes. Then
	 * remove the queue. stop: tell the server that nothing more comes */
	errx(EXIT_FAILURE, "%s: this is the skeleton", argv[2]);
}
