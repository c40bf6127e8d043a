// SPDX-License-Identifier: MIT
/*
 * sysv_types.c - a System V receiver chooses by the type of the messages
 *
 * Shows:  msgrcv takes the first message, the first of one type, the lowest of
 *         a class (below 0), or the first that is not of a type (MSG_EXCEPT)
 * Build:  cc sysv_types.c -o sysv_types
 * Run:    ./sysv_types
 * Prints: what was sent, in order, and what each way to ask received
 * Exit:   0 done; 1 a call failed, or took another message; 2 usage;
 *         77 no System V queues in this kernel
 * See:    msgop(2), sysvipc(7); sysv_limits.c, posix_priority.c
 */
#define _GNU_SOURCE /* MSG_EXCEPT */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

struct message {
	long type; /* above 0; the kernel knows it from the text */
	char text[16];
};

static int queue;

static int usage(FILE *out)
{
	fputs("usage: sysv_types\n"
	      "Receive from a System V queue by the type of the messages.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_queue(void)
{
	(void)msgctl(queue, IPC_RMID, NULL);
}

/* It has no key, but would stay for ever: no signal may end us before that */
static void make_queue(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	queue = msgget(IPC_PRIVATE, 0600);
	if (queue == -1 && errno == ENOSYS)
		err(77, "msgget: needs a kernel with CONFIG_SYSVIPC");
	if (queue == -1)
		err(EXIT_FAILURE, "msgget IPC_PRIVATE");
	if (atexit(remove_queue) != 0)
		errx(EXIT_FAILURE, "atexit: no memory");
}

static void send_text(long type, const char *text)
{
	struct message msg = { .type = type };

	strcpy(msg.text, text);
	/* The length is that of the text, without the type */
	if (msgsnd(queue, &msg, strlen(text) + 1, IPC_NOWAIT) == -1)
		err(EXIT_FAILURE, "msgsnd %s", text);
	printf("sent: type %ld, %s\n", type, text);
}

/* Ask for one message; it is an error if that is not the expected one */
static void ask(const char *how, long type, int flags, const char *expected)
{
	struct message msg;

	if (msgrcv(queue, &msg, sizeof msg.text, type, flags | IPC_NOWAIT) ==
	    -1)
		err(EXIT_FAILURE, "msgrcv %s", how);
	printf("%s: type %ld, %s\n", how, msg.type, msg.text);
	if (strcmp(msg.text, expected) != 0)
		errx(EXIT_FAILURE, "%s: expected %s", how, expected);
}

int main(int argc, char *argv[])
{
	struct message msg;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_queue();

	send_text(5, "first");
	send_text(2, "second");
	send_text(7, "third");
	send_text(2, "fourth");
	send_text(1, "fifth");

	ask("0, any type", 0, 0, "first");
	ask("2, that type", 2, 0, "second");
	/* Not the oldest: the lowest type that is there, so 1 before 7 and 2 */
	ask("-7, the lowest up to 7", -7, 0, "fifth");
	ask("2 with MSG_EXCEPT, not 2", 2, MSG_EXCEPT, "third");
	ask("-7, the lowest up to 7", -7, 0, "fourth");
	if (msgrcv(queue, &msg, sizeof msg.text, 0, IPC_NOWAIT) != -1 ||
	    errno != ENOMSG)
		err(EXIT_FAILURE, "msgrcv, not without a message");
	printf("0, any type: %s\n", strerror(errno));

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
