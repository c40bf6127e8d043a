// SPDX-License-Identifier: MIT
/*
 * posix_poll.c - wait for a message and for the end of the sender, both at once
 *
 * Shows:  poll(2) waits for a queue, and for a pipe that its sender holds open
 * Build:  cc posix_poll.c -o posix_poll
 * Run:    ./posix_poll
 * Prints: what poll reported, and the messages received
 * Exit:   0 done; 1 a call failed; 77 a limit forbids it here
 * See:    mq_overview(7), poll(2), pipe(7); posix_notify_signal.c
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 8 };

int main(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = SIZE };
	char name[32], text[SIZE];
	int alive[2], status;

	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd_t mqd =
	    mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	if (mqd == -1 && errno != EEXIST)
		err(77, "mq_open %s: see ulimit -n, -q, fs.mqueue.*_max", name);
	/* Removed at once: the queue lives as long as its descriptor */
	if (mqd == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);

	if (pipe(alive) == -1)
		err(77, "pipe: raise ulimit -n");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t sender = fork();
	if (sender == -1)
		err(77, "fork: raise ulimit -u");
	if (sender == 0)
		_exit(mq_send(mqd, "one", 4, 0) == -1 ||
		      mq_send(mqd, "two", 4, 0) == -1);
	/* Now only the sender holds the write end. The kernel closes it when
	 * the sender exits, after its last message */
	if (close(alive[1]) == -1)
		err(EXIT_FAILURE, "close");

	/* On Linux poll takes a queue, which reports no end of its senders */
	struct pollfd fds[] = { { .fd = mqd, .events = POLLIN },
				{ .fd = alive[0] } };
	do {
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		/* Also after POLLHUP: messages sent before it come first */
		while (mq_receive(mqd, text, SIZE, NULL) != -1)
			printf("the queue: %s\n", text);
		if (errno != EAGAIN)
			err(EXIT_FAILURE, "mq_receive");
	} while (!(fds[1].revents & POLLHUP));
	printf("the pipe: POLLHUP, the sender has exited\n");

	if (wait(&status) == -1 || status != 0)
		errx(EXIT_FAILURE, "the sender failed");
	if (close(alive[0]) == -1 || mq_close(mqd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
