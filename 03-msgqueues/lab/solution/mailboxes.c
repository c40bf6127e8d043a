// SPDX-License-Identifier: MIT
/*
 * mailboxes.c - a thousand mailboxes in one System V message queue
 *
 * Build:  cc mailboxes.c -o mailboxes
 * Run:    ./mailboxes send FILE BOX <lines
 *         ./mailboxes recv FILE BOX COUNT
 *         ./mailboxes remove FILE
 * Exit:   0 done; 1 a call failed, or a line is too long; 2 usage
 * See:    msgget(2), msgop(2), msgctl(2), ftok(3); task mailboxes of the lab
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

enum { LONGEST = 1000, BOXES = 1000 };

struct message {
	long type; /* above 0 */
	char text[LONGEST];
};

/* A number from least to most, or -1 */
static long number(const char *text, long least, long most)
{
	char *rest;
	long n = strtol(text, &rest, 10);
	int is_number = rest != text && *rest == '\0';
	return is_number && n >= least && n <= most ? n : -1;
}

static void send_lines(int msqid, long type)
{
	struct message msg = { .type = type };
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) != -1) {
		if (n > 0 && line[n - 1] == '\n')
			n--;
		if (n > LONGEST)
			errx(EXIT_FAILURE, "a line has %zd bytes", n);
		memcpy(msg.text, line, (size_t)n);
		/* The size of the text. Blocks while there is no room */
		if (msgsnd(msqid, &msg, (size_t)n, 0) == -1)
			err(EXIT_FAILURE, "msgsnd");
	}
	if (ferror(stdin))
		err(EXIT_FAILURE, "read standard input");
	free(line);
}

static void receive(int msqid, long type, long count)
{
	static struct message msg;

	for (; count > 0; count--) {
		ssize_t n = msgrcv(msqid, &msg, sizeof msg.text, type, 0);
		if (n == -1)
			err(EXIT_FAILURE, "msgrcv");
		/* The queue has it no more, so it is printed at once */
		fwrite(msg.text, 1, (size_t)n, stdout);
		putchar('\n');
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
	}
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

	key_t key = ftok(argv[2], 'm');
	if (key == -1)
		err(EXIT_FAILURE, "ftok %s", argv[2]);
	int msqid = msgget(key, IPC_CREAT | 0600);
	if (msqid == -1)
		err(EXIT_FAILURE, "msgget %s", argv[2]);

	/* The boxes begin at 0, the types at 1 */
	if (sends)
		send_lines(msqid, box + 1);
	if (receives)
		receive(msqid, box + 1, count);
	if (removes && msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl %s, IPC_RMID", argv[2]);
	return EXIT_SUCCESS;
}
