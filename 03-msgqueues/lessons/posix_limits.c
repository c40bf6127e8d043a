// SPDX-License-Identifier: MIT
/*
 * posix_limits.c - what a POSIX queue refuses, and by which error
 *
 * Shows:  EMSGSIZE compares with the queue, not with the message; EAGAIN says
 *         full or empty, ETIMEDOUT so until then
 * Build:  cc posix_limits.c -o posix_limits
 * Run:    ./posix_limits
 * Prints: each call with its error
 * Exit:   0 done; 1 a call failed, or gave another error; 2 usage;
 *         77 no POSIX queues in this kernel
 * See:    mq_overview(7), mq_send(3); posix_sysctls.c, sysv_limits.c
 */
#define _GNU_SOURCE /* O_CLOEXEC, and what musl hides without it */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 16 };

static mqd_t queue;

static int usage(FILE *out)
{
	fputs("usage: posix_limits\n"
	      "Run into the limits of a POSIX message queue.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Take the name away at once: the queue lives on by its descriptor. No signal
 * ends us in between, so nothing stays behind */
static void open_queue(int flags, long messages, long size)
{
	struct mq_attr attr = { .mq_maxmsg = messages, .mq_msgsize = size };
	char name[32];
	sigset_t all, old;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	queue = mq_open(name, flags | O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			0600, &attr);
	if (queue == -1 && (errno == ENOSYS || errno == EMFILE))
		err(77, "mq_open %s: needs POSIX queues, and ulimit -q", name);
	if (queue == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
}

/* Print what a call gave: it must be this error */
static void show(const char *call, long result, int expected)
{
	int error = result == -1 ? errno : 0;

	printf("%s: %s\n", call, error ? strerror(error) : "done");
	if (error != expected)
		errx(EXIT_FAILURE, "%s: expected: %s", call,
		     strerror(expected));
}

/* Without O_NONBLOCK the same call waits: until that time, if it is given one.
 * The time is absolute: no sum of waits when a signal makes it begin again.
 * This one is past, so that nobody waits here */
static void wait_in_vain(char *buf)
{
	const struct mq_attr blocking = { 0 };
	const struct timespec until = { 0 }; /* 1970 */

	if (mq_setattr(queue, &blocking, NULL) == -1)
		err(EXIT_FAILURE, "mq_setattr");
	show("mq_timedreceive, empty until then",
	     mq_timedreceive(queue, buf, SIZE, NULL, &until), ETIMEDOUT);
}

int main(int argc, char *argv[])
{
	char buf[SIZE + 1] = "";

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_queue(O_NONBLOCK, 1, SIZE);

	show("mq_send, a byte too long", mq_send(queue, buf, SIZE + 1, 0),
	     EMSGSIZE);
	show("mq_send of 1 byte", mq_send(queue, buf, 1, 0), 0);
	show("mq_send to the full queue", mq_send(queue, buf, 1, 0), EAGAIN);
	/* One byte is there, but the buffer must hold the longest possible */
	show("mq_receive, buffer a byte short",
	     mq_receive(queue, buf, SIZE - 1, NULL), EMSGSIZE);
	if (mq_receive(queue, buf, SIZE, NULL) != 1)
		err(EXIT_FAILURE, "mq_receive");
	show("mq_receive from the empty queue",
	     mq_receive(queue, buf, SIZE, NULL), EAGAIN);
	wait_in_vain(buf);

	if (mq_close(queue) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
