// SPDX-License-Identifier: MIT
/*
 * posix_priority.c - urgent messages overtake in a POSIX queue
 *
 * Shows:  the highest priority is received first, among equals the oldest
 * Build:  cc posix_priority.c -o posix_priority
 * Run:    ./posix_priority
 * Prints: what was sent, and what was received, each in its order
 * Exit:   0 done; 1 a call failed, or another order; 77 a limit forbids it here
 * See:    mq_overview(7), mq_send(3); sysv_types.c, posix_limits.c
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 4, SIZE = 8 };

static const struct {
	unsigned int priority;
	char text[SIZE];
} sent[COUNT] = {
	{ 1, "letter" }, { 5, "alarm" }, { 5, "fire" }, { 9, "flood" }
};

static const char *const expected[COUNT] = { "flood", "alarm", "fire",
					     "letter" };

int main(void)
{
	struct mq_attr attr = { .mq_maxmsg = COUNT, .mq_msgsize = SIZE };
	char name[32], text[SIZE];
	unsigned int priority;

	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd_t mqd = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (mqd == -1 && errno != EEXIST)
		err(77, "mq_open %s: see ulimit -n, -q, fs.mqueue.*_max", name);
	/* Removed at once: the queue lives as long as its descriptor */
	if (mqd == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);

	for (int i = 0; i < COUNT; i++) {
		if (mq_send(mqd, sent[i].text, SIZE, sent[i].priority) == -1)
			err(EXIT_FAILURE, "mq_send");
		printf("sent: priority %u, %s\n", sent[i].priority,
		       sent[i].text);
	}
	for (int i = 0; i < COUNT; i++) {
		if (mq_receive(mqd, text, SIZE, &priority) == -1)
			err(EXIT_FAILURE, "mq_receive");
		printf("received: priority %u, %s\n", priority, text);
		if (strcmp(text, expected[i]) != 0)
			errx(EXIT_FAILURE, "expected %s", expected[i]);
	}

	if (mq_close(mqd) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
