// SPDX-License-Identifier: MIT
/*
 * sysv_types.c - a System V receiver selects messages by their type
 *
 * Shows:  a positive msgtyp selects messages of that type; a negative one, -N,
 *         the message with the lowest type that is at most N; 0 the oldest
 * Build:  cc sysv_types.c -o sysv_types
 * Run:    ./sysv_types
 * Prints: what was sent, in order, and what each msgtyp received
 * Exit:   0 done; 1 a call failed, or received another message; 77 this kernel
 *         has no System V queues
 * See:    msgop(2), sysvipc(7); sysv_limits.c, posix_priority.c
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

struct message {
	long type; /* above 0 */
	char text[8];
};

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

/* Receive one message: it must be the expected one */
static void receive(const char *how, long msgtyp, const char *expected)
{
	struct message msg;

	if (msgrcv(msqid, &msg, sizeof msg.text, msgtyp, IPC_NOWAIT) == -1)
		err(EXIT_FAILURE, "msgrcv %ld", msgtyp);
	printf("msgtyp %ld, %s: type %ld, %s\n", msgtyp, how, msg.type,
	       msg.text);
	if (strcmp(msg.text, expected) != 0)
		errx(EXIT_FAILURE, "expected %s", expected);
}

int main(void)
{
	static const struct message sent[] = {
		{ 5, "first" },	 { 2, "second" }, { 7, "third" },
		{ 2, "fourth" }, { 1, "fifth" },
	};

	make_queue();
	for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
		if (msgsnd(msqid, &sent[i], sizeof sent[i].text, 0) == -1)
			err(EXIT_FAILURE, "msgsnd");
		printf("sent: type %ld, %s\n", sent[i].type, sent[i].text);
	}

	receive("the oldest", 0, "first");
	receive("of type 2", 2, "second");
	receive("the lowest up to 7", -7, "fifth");
	receive("the lowest up to 7", -7, "fourth");
	receive("the lowest up to 7", -7, "third");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
