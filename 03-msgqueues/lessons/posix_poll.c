// SPDX-License-Identifier: MIT
/*
 * posix_poll.c - wait for a POSIX queue and something else at a time
 *
 * Shows:  on Linux a mqd_t is a file descriptor: poll says POLLIN while there
 *         is a message, POLLOUT while there is room
 * Build:  cc posix_poll.c -o posix_poll
 * Run:    ./posix_poll
 * Prints: what poll says of an empty, half full and full queue; then what came
 *         from a child by its queue, and that it has ended, by its pipe
 * Exit:   0 done; 1 a call failed, or poll said something else; 2 usage;
 *         77 no POSIX queues in this kernel
 * See:    mq_overview(7), poll(2); posix_notify_signal.c, posix_job_queue.c
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 32 };

static mqd_t queue;

static int usage(FILE *out)
{
	fputs("usage: posix_poll\n"
	      "Wait in poll(2) for a POSIX message queue and a pipe.\n",
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

static void show(const char *state, short expected)
{
	struct pollfd fd = { .fd = queue, .events = POLLIN | POLLOUT };

	if (poll(&fd, 1, 0) == -1)
		err(EXIT_FAILURE, "poll");
	printf("%s:%s%s\n", state, fd.revents & POLLIN ? " POLLIN" : "",
	       fd.revents & POLLOUT ? " POLLOUT" : "");
	if (fd.revents != expected)
		errx(EXIT_FAILURE, "%s: poll said %#x", state,
		     (unsigned int)fd.revents);
}

static void send_text(const char *text)
{
	/* O_NONBLOCK, and there is room: it never waits */
	if (mq_send(queue, text, strlen(text) + 1, 0) == -1)
		err(EXIT_FAILURE, "mq_send");
}

static void receive_all(void)
{
	char text[SIZE];

	while (mq_receive(queue, text, sizeof text, NULL) != -1)
		printf("received: %s\n", text);
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "mq_receive");
}

/* A queue tells nothing of its senders: the end of a pipe says that the last
 * of them has ended. What it sent is in the queue by then: first take that */
static void receive_until_end(int end)
{
	struct pollfd fds[] = { { .fd = queue, .events = POLLIN },
				{ .fd = end } };

	do {
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		receive_all();
	} while (!(fds[1].revents & POLLHUP));
	puts("the pipe: POLLHUP, the sender has ended");
}

int main(int argc, char *argv[])
{
	int alive[2];

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_queue(O_NONBLOCK, 2, SIZE);

	show("empty", POLLOUT);
	send_text("one");
	show("one message", POLLIN | POLLOUT);
	send_text("two");
	show("full", POLLIN);
	receive_all();

	if (pipe2(alive, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	pid_t child = fork();
	if (child == -1)
		err(EXIT_FAILURE, "fork");
	if (child == 0) {
		send_text("three, from the child");
		_exit(EXIT_SUCCESS); /* the kernel closes alive[1] */
	}
	if (close(alive[1]) == -1)
		err(EXIT_FAILURE, "close");
	receive_until_end(alive[0]);
	if (close(alive[0]) == -1 || waitpid(child, NULL, 0) == -1)
		err(EXIT_FAILURE, "waitpid");

	if (mq_close(queue) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
