// SPDX-License-Identifier: MIT
/*
 * posix_poll.c - wait for a message and for the end of the sender, both at once
 *
 * Shows:  on Linux a queue works in poll(2); it never reports that its senders
 *         have exited, but a pipe that they hold open does
 * Build:  cc posix_poll.c -o posix_poll
 * Run:    ./posix_poll
 * Prints: what poll reported, and the messages received
 * Exit:   0 done; 1 a call failed; 77 this kernel has no POSIX queues
 * See:    mq_overview(7), poll(2), pipe(7); posix_notify_signal.c
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 8 };

/* The name is removed at once: the queue lives as long as its descriptor */
static mqd_t open_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = SIZE };
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

/* The kernel closes the pipe of a process that exits, after its last message */
static void start_sender(mqd_t mqd, const int alive[2])
{
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		_exit(mq_send(mqd, "one", 4, 0) == -1 ||
		      mq_send(mqd, "two", 4, 0) == -1);
	if (close(alive[1]) == -1)
		err(EXIT_FAILURE, "close");
}

int main(void)
{
	char text[SIZE];
	int alive[2], status;

	mqd_t mqd = open_queue();
	if (pipe(alive) == -1)
		err(EXIT_FAILURE, "pipe");
	start_sender(mqd, alive);

	struct pollfd fds[] = { { .fd = mqd, .events = POLLIN },
				{ .fd = alive[0] } };
	do {
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		/* Also after POLLHUP: what was sent before it comes first */
		while (mq_receive(mqd, text, SIZE, NULL) != -1)
			printf("the queue: %s\n", text);
		if (errno != EAGAIN)
			err(EXIT_FAILURE, "mq_receive");
	} while (!(fds[1].revents & POLLHUP));
	puts("the pipe: POLLHUP, the sender has exited");

	if (wait(&status) == -1 || status != 0)
		errx(EXIT_FAILURE, "the sender failed");
	if (close(alive[0]) == -1 || mq_close(mqd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
