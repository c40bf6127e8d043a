// SPDX-License-Identifier: MIT
/*
 * sysv_limits.c - what a System V queue refuses, and with which error
 *
 * Shows:  E2BIG keeps a message that is too long, MSG_NOERROR truncates it;
 *         ENOMSG and EAGAIN mean empty or full, where a call would block
 * Build:  cc sysv_limits.c -o sysv_limits
 * Run:    ./sysv_limits
 * Prints: each call with its error
 * Exit:   0 done; 1 a call failed, or gave another error; 77 this kernel has no
 *         System V queues
 * See:    msgop(2), msgctl(2); sysv_removed.c, posix_limits.c
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

static int msqid = -1;

/* Best effort, on the way out */
static void remove_queue(void)
{
	(void)msgctl(msqid, IPC_RMID, NULL);
}

/* The queue outlives the process, so signals stay blocked until it is removed
 */
static void make_queue(void)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 ||
	    atexit(remove_queue) != 0)
		err(EXIT_FAILURE, "sigprocmask, atexit");
	msqid = msgget(IPC_PRIVATE, 0600);
	if (msqid == -1 && errno == ENOSYS)
		err(77, "msgget: needs a kernel with CONFIG_SYSVIPC");
	if (msqid == -1)
		err(EXIT_FAILURE, "msgget IPC_PRIVATE");
}

/* Print what a call returned: it must be this error, or 0 for success */
static void show(const char *call, ssize_t result, int expected)
{
	int error = result == -1 ? errno : 0;

	printf("%s: %s\n", call, error ? strerror(error) : "done");
	if (error != expected)
		errx(EXIT_FAILURE, "%s: expected: %s", call,
		     strerror(expected));
}

int main(void)
{
	struct {
		long type;
		char text[10];
	} msg = { 1, "012345678" };
	struct msqid_ds ds;

	make_queue();
	if (msgsnd(msqid, &msg, sizeof msg.text, IPC_NOWAIT) == -1)
		err(EXIT_FAILURE, "msgsnd");
	show("msgrcv, 4 bytes of 10", msgrcv(msqid, &msg, 4, 0, IPC_NOWAIT),
	     E2BIG);
	show("msgrcv, 4 bytes of 10, MSG_NOERROR",
	     msgrcv(msqid, &msg, 4, 0, IPC_NOWAIT | MSG_NOERROR), 0);
	/* The other 6 bytes are lost: no message is left to take them from */
	show("msgrcv from the empty queue",
	     msgrcv(msqid, &msg, 4, 0, IPC_NOWAIT), ENOMSG);

	/* Full means msg_qbytes, which the queue's owner may lower */
	if (msgctl(msqid, IPC_STAT, &ds) == -1)
		err(EXIT_FAILURE, "msgctl IPC_STAT");
	ds.msg_qbytes = sizeof msg.text;
	if (msgctl(msqid, IPC_SET, &ds) == -1)
		err(EXIT_FAILURE, "msgctl IPC_SET");
	show("msgsnd of as many bytes as the queue holds",
	     msgsnd(msqid, &msg, sizeof msg.text, IPC_NOWAIT), 0);
	show("msgsnd of a byte more", msgsnd(msqid, &msg, 1, IPC_NOWAIT),
	     EAGAIN);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
