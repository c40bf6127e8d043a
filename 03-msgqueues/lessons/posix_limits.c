// SPDX-License-Identifier: MIT
/*
 * posix_limits.c - what a POSIX queue refuses, and with which error
 *
 * Shows:  a buffer must hold the longest possible message, not the one waiting
 * Build:  cc posix_limits.c -o posix_limits
 * Run:    ./posix_limits
 * Prints: each call with its error
 * Exit:   0 done; 1 a call failed, or another error; 77 a limit forbids it here
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

/* Print what a call returned: it must be this error, or 0 for success */
static void show(const char *call, ssize_t result, int expected)
{
	int error = result == -1 ? errno : 0;

	printf("%s: %s\n", call, error ? strerror(error) : "done");
	if (error != expected)
		errx(EXIT_FAILURE, "expected: %s", strerror(expected));
}

int main(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = SIZE };
	char name[32], buf[SIZE + 1] = "";

	/* O_NONBLOCK: a call that would block fails with EAGAIN */
	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd_t mqd =
	    mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	if (mqd == -1 && errno != EEXIST)
		err(77, "mq_open %s: see ulimit -n, -q, fs.mqueue.*_max", name);
	/* Removed at once: the queue lives as long as its descriptor */
	if (mqd == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);

	show("mq_send, a byte too long", mq_send(mqd, buf, SIZE + 1, 0),
	     EMSGSIZE);
	show("mq_send of 1 byte", mq_send(mqd, buf, 1, 0), 0);
	show("mq_send to the full queue", mq_send(mqd, buf, 1, 0), EAGAIN);
	/* Only one byte is waiting */
	show("mq_receive, buffer a byte short",
	     mq_receive(mqd, buf, SIZE - 1, NULL), EMSGSIZE);

	if (mq_close(mqd) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
