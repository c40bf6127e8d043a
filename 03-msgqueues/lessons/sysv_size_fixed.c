// SPDX-License-Identifier: MIT
/*
 * sysv_size_fixed.c - send a System V message with the size of its text
 *
 * Shows:  msgsnd takes the size of the text, without the type
 * Build:  cc sysv_size_fixed.c -o sysv_size_fixed
 * Run:    ./sysv_size_fixed
 * Prints: the bytes received; a dot for each that is no letter
 * Exit:   0 done; 1 a call failed, or more than the text; 77 no System V queues
 * See:    msgop(2); sysv_size.c
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>

/* A message, and what happens to stand behind it in memory */
static const struct {
	struct message {
		long type;
		char text[8];
	} msg;
	char behind[8];
} memory = { { 1, "hello" }, "SECRET" };

int main(void)
{
	struct {
		long type;
		char text[64];
	} received;

	int msqid = msgget(IPC_PRIVATE, 0600);
	if (msqid == -1)
		err(77, "msgget: no System V queue; see sysctl kernel.msgmni");

	/* The size is that of the text: the kernel knows how long a type is */
	int sent =
	    msgsnd(msqid, &memory.msg, sizeof memory.msg.text, IPC_NOWAIT);
	ssize_t n =
	    msgrcv(msqid, &received, sizeof received.text, 0, IPC_NOWAIT);
	/* The queue outlives the process: remove it before any exit */
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl IPC_RMID");
	if (sent == -1)
		errx(77, "msgsnd; see sysctl kernel.msgmax, kernel.msgmnb");
	if (n == -1)
		err(EXIT_FAILURE, "msgrcv");

	printf("sent: hello, received: ");
	for (ssize_t i = 0; i < n; i++) {
		char c = received.text[i];

		putchar(isalpha((unsigned char)c) ? c : '.');
	}
	printf(", bytes: %zd\n", n);
	if ((size_t)n != sizeof memory.msg.text)
		errx(EXIT_FAILURE, "expected the text alone");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
