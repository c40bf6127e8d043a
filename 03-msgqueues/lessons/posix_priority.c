// SPDX-License-Identifier: MIT
/*
 * posix_priority.c - urgent messages overtake in a POSIX queue
 *
 * Shows:  mq_receive takes the highest priority first, and of one priority the
 *         oldest message
 * Build:  cc posix_priority.c -o posix_priority
 * Run:    ./posix_priority
 * Prints: what was sent, and what was received, each in its order
 * Exit:   0 done; 1 a call failed, or the order was another; 2 usage;
 *         77 no POSIX queues in this kernel
 * See:    mq_overview(7), mq_send(3); sysv_types.c, posix_limits.c
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
#include <unistd.h>

enum { COUNT = 6 };

/* What is sent, and the place in which it will come */
static const struct {
	unsigned int priority;
	char text[8];
	int place;
} sent[COUNT] = {
	{ 1, "letter", 3 }, { 5, "alarm", 1 }, { 0, "advert", 5 },
	{ 5, "fire", 2 },   { 1, "card", 4 },  { 9, "flood", 0 },
};
static mqd_t queue;

static int usage(FILE *out)
{
	fputs("usage: posix_priority\n"
	      "Send messages of several priorities, and see in which order "
	      "they come.\n",
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

/* The first message that is there: its number in the table above */
static int receive(void)
{
	char text[sizeof sent[0].text];
	unsigned int priority;

	if (mq_receive(queue, text, sizeof text, &priority) == -1)
		err(EXIT_FAILURE, "mq_receive");
	printf("received: priority %u, %s\n", priority, text);
	for (int i = 0; i < COUNT; i++)
		if (sent[i].priority == priority &&
		    strcmp(sent[i].text, text) == 0)
			return i;
	errx(EXIT_FAILURE, "%s, %u: was never sent", text, priority);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_queue(O_NONBLOCK, COUNT, sizeof sent[0].text);

	for (int i = 0; i < COUNT; i++) {
		if (mq_send(queue, sent[i].text, sizeof sent[i].text,
			    sent[i].priority) == -1)
			err(EXIT_FAILURE, "mq_send %s", sent[i].text);
		printf("sent: priority %u, %s\n", sent[i].priority,
		       sent[i].text);
	}
	for (int place = 0; place < COUNT; place++)
		if (sent[receive()].place != place)
			errx(EXIT_FAILURE, "out of order: place %d", place);

	if (mq_close(queue) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
