// SPDX-License-Identifier: MIT
/*
 * sysv_types.c - a System V receiver selects messages by their type
 *
 * Shows:  the msgtyp of msgrcv selects one type, the lowest, or the oldest
 * Build:  cc sysv_types.c -o sysv_types
 * Run:    ./sysv_types
 * Prints: what was sent, in order, and what each msgtyp received
 * Exit:   0 done; 1 a call failed, or another message; 77 no System V queues
 * See:    msgop(2), sysvipc(7); sysv_limits.c, posix_priority.c
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

enum { COUNT = 3, SIZE = 8 };

struct message {
	long type; /* above 0 */
	char text[SIZE];
};

static const struct message sent[COUNT] = { { 5, "first" },
					    { 2, "second" },
					    { 1, "third" } };

/* Above 0: that type. Below 0, -N: the lowest type up to N. 0: the oldest */
static const long msgtyp[COUNT] = { 2, -5, 0 };
static const char *const expected[COUNT] = { "second", "third", "first" };

int main(void)
{
	struct message got[COUNT];
	int failed = 0, refused = 0;

	int msqid = msgget(IPC_PRIVATE, 0600);
	if (msqid == -1)
		err(77, "msgget: no System V queue; see sysctl kernel.msgmni");
	for (int i = 0; i < COUNT; i++)
		if (msgsnd(msqid, &sent[i], SIZE, IPC_NOWAIT) == -1)
			refused = 1;
	for (int i = 0; i < COUNT; i++)
		if (msgrcv(msqid, &got[i], SIZE, msgtyp[i], IPC_NOWAIT) == -1)
			failed = 1;
	/* The queue outlives the process: remove it before any exit */
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl IPC_RMID");
	if (refused)
		errx(77, "msgsnd; see sysctl kernel.msgmax, kernel.msgmnb");
	if (failed)
		errx(EXIT_FAILURE, "msgrcv");

	for (int i = 0; i < COUNT; i++)
		printf("sent: type %ld, %s\n", sent[i].type, sent[i].text);
	for (int i = 0; i < COUNT; i++) {
		printf("msgtyp %ld receives: type %ld, %s\n", msgtyp[i],
		       got[i].type, got[i].text);
		if (strcmp(got[i].text, expected[i]) != 0)
			errx(EXIT_FAILURE, "expected %s", expected[i]);
	}

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
