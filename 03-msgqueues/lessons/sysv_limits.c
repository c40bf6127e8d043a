// SPDX-License-Identifier: MIT
/*
 * sysv_limits.c - what a System V queue refuses, and by which error
 *
 * Shows:  E2BIG keeps a message that is too long, MSG_NOERROR cuts it; ENOMSG
 *         and EAGAIN answer who does not wait
 * Build:  cc sysv_limits.c -o sysv_limits
 * Run:    ./sysv_limits
 * Prints: each call with its error, and the messages then in the queue
 * Exit:   0 done; 1 a call failed, or gave another error; 2 usage;
 *         77 no System V queues in this kernel
 * See:    msgop(2), msgctl(2); sysv_removed.c, posix_limits.c
 */
#define _GNU_SOURCE /* what is XSI in sys/msg.h */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

static struct {
	long type;
	char text[10];
} msg = { 1, "012345678" };
static int queue;

static int usage(FILE *out)
{
	fputs("usage: sysv_limits\n"
	      "Run into the limits of a System V message queue.\n",
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

static struct msqid_ds state(void)
{
	struct msqid_ds ds;

	if (msgctl(queue, IPC_STAT, &ds) == -1)
		err(EXIT_FAILURE, "msgctl IPC_STAT");
	return ds;
}

/* Print what a call gave, and how many messages there are now */
static void show(const char *call, ssize_t n, int expected)
{
	int error = n == -1 ? errno : 0;
	unsigned long left = (unsigned long)state().msg_qnum;

	if (error != expected)
		errx(EXIT_FAILURE, "%s: %s, but expected: %s", call,
		     strerror(error), strerror(expected));
	if (n == -1)
		printf("%s: %s; %lu left\n", call, strerror(error), left);
	else
		printf("%s: %zd bytes; %lu left\n", call, n, left);
}

/* Anybody may lower the limit of his queue, and only root raise it */
static void fill(void)
{
	struct msqid_ds ds = state();
	int n = 0;

	ds.msg_qbytes = 35;
	if (msgctl(queue, IPC_SET, &ds) == -1)
		err(EXIT_FAILURE, "msgctl IPC_SET");
	while (msgsnd(queue, &msg, sizeof msg.text, IPC_NOWAIT) == 0)
		n++;
	printf("msg_qbytes is %lu: %d messages of %zu bytes fit\n",
	       (unsigned long)state().msg_qbytes, n, sizeof msg.text);
	show("msgsnd to the full queue", -1, EAGAIN);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_queue();

	if (msgsnd(queue, &msg, sizeof msg.text, IPC_NOWAIT) == -1)
		err(EXIT_FAILURE, "msgsnd");
	show("msgrcv of 4 bytes", msgrcv(queue, &msg, 4, 0, IPC_NOWAIT), E2BIG);
	show("msgrcv of 4 bytes, MSG_NOERROR",
	     msgrcv(queue, &msg, 4, 0, IPC_NOWAIT | MSG_NOERROR), 0);
	/* The other 6 bytes are lost: there is no message to take them from */
	show("msgrcv of 4 bytes", msgrcv(queue, &msg, 4, 0, IPC_NOWAIT),
	     ENOMSG);
	fill();

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
