// SPDX-License-Identifier: MIT
/*
 * sysv_limits.c - receive a System V message that is longer than the buffer
 *
 * Shows:  E2BIG keeps a message that is too long, MSG_NOERROR truncates it
 * Build:  cc sysv_limits.c -o sysv_limits
 * Run:    ./sysv_limits
 * Prints: each call with its error
 * Exit:   0 done; 1 a call failed, or another error; 77 no System V queues
 * See:    msgop(2), msgctl(2); sysv_removed.c, posix_limits.c
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

/* The error of a call that returned this, or 0 */
static int error_of(ssize_t result)
{
	return result == -1 ? errno : 0;
}

static void show(const char *call, int error, int expected)
{
	printf("%s: %s\n", call, error ? strerror(error) : "done");
	if (error != expected)
		errx(EXIT_FAILURE, "expected: %s", strerror(expected));
}

int main(void)
{
	struct {
		long type;
		char text[10];
	} msg = { 1, "012345678" };

	int msqid = msgget(IPC_PRIVATE, 0600);
	if (msqid == -1)
		err(77, "msgget: no System V queue; see sysctl kernel.msgmni");

	int sent = msgsnd(msqid, &msg, sizeof msg.text, IPC_NOWAIT);
	int kept = error_of(msgrcv(msqid, &msg, 4, 0, IPC_NOWAIT));
	int cut = error_of(msgrcv(msqid, &msg, 4, 0, IPC_NOWAIT | MSG_NOERROR));
	int empty = error_of(msgrcv(msqid, &msg, 4, 0, IPC_NOWAIT));
	/* The queue outlives the process: remove it before any exit */
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl IPC_RMID");
	if (sent == -1)
		errx(77, "msgsnd; see sysctl kernel.msgmax, kernel.msgmnb");

	show("msgrcv, 4 bytes of 10", kept, E2BIG);
	show("msgrcv, 4 bytes of 10, MSG_NOERROR", cut, 0);
	/* The other 6 bytes are lost: no message is left to take them from */
	show("msgrcv from the empty queue", empty, ENOMSG);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
