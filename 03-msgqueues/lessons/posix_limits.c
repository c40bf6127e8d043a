// SPDX-License-Identifier: MIT
/*
 * posix_limits.c - what a POSIX queue refuses, and with which error
 *
 * Shows:  EMSGSIZE compares with the queue's message size, not with the message
 *         that waits; EAGAIN means full or empty, where a call would block
 * Build:  cc posix_limits.c -o posix_limits
 * Run:    ./posix_limits
 * Prints: each call with its error
 * Exit:   0 done; 1 a call failed, or gave another error; 77 this kernel has no
 *         POSIX queues
 * See:    mq_overview(7), mq_send(3); posix_sysctls.c, sysv_limits.c
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 16 };

/* A queue for one message, that never blocks. The name is removed at once: the
 * queue lives as long as its descriptor */
static mqd_t open_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = SIZE };
	char name[32];

	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd_t mqd =
	    mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	if (mqd == -1 && (errno == ENOSYS || errno == EMFILE))
		err(77, "mq_open %s: needs POSIX queues, and ulimit -q", name);
	if (mqd == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);
	return mqd;
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
	char buf[SIZE + 1] = "";

	mqd_t mqd = open_queue();
	show("mq_send, a byte too long", mq_send(mqd, buf, SIZE + 1, 0),
	     EMSGSIZE);
	show("mq_send of 1 byte", mq_send(mqd, buf, 1, 0), 0);
	show("mq_send to the full queue", mq_send(mqd, buf, 1, 0), EAGAIN);
	/* One byte waits, but the buffer must hold the longest possible message
	 */
	show("mq_receive, buffer a byte short",
	     mq_receive(mqd, buf, SIZE - 1, NULL), EMSGSIZE);
	show("mq_receive of 1 byte", mq_receive(mqd, buf, SIZE, NULL), 0);
	show("mq_receive from the empty queue",
	     mq_receive(mqd, buf, SIZE, NULL), EAGAIN);

	if (mq_close(mqd) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
