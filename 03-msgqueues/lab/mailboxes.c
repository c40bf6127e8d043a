// SPDX-License-Identifier: MIT
/*
 * mailboxes.c - a thousand mailboxes in one System V message queue
 *
 * Build:  cc mailboxes.c -o mailboxes
 * Run:    ./mailboxes send FILE BOX <lines
 *         ./mailboxes recv FILE BOX COUNT
 *         ./mailboxes remove FILE
 * Exit:   0 done; 1 a call failed, or a line is too long; 2 usage
 * See:    msgget(2), msgop(2), msgctl(2), ftok(3); task mailboxes of README.md
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

enum { LONGEST = 1000, BOXES = 1000 };

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
	int sends = argc == 4 && strcmp(argv[1], "send") == 0;
	int receives = argc == 5 && strcmp(argv[1], "recv") == 0;
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	long box = sends || receives ? number(argv[3], 0, BOXES - 1) : 0;
	long count = receives ? number(argv[4], 1, 1000000) : 1;
	if (!(sends || receives || removes) || box == -1 || count == -1)
		errx(2, "usage: mailboxes send FILE BOX <lines, "
			"mailboxes recv FILE BOX COUNT, mailboxes remove FILE");

	/* TODO: open the queue that belongs to FILE. send: each line of
	 * standard input, of at most LONGEST bytes, becomes a message for this
	 * box. recv: print COUNT messages of this box, each in a line of its
	 * own. remove: remove the queue */
	errx(EXIT_FAILURE, "%s: this is the skeleton", argv[2]);
}
