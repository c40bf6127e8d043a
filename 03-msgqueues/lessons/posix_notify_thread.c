// SPDX-License-Identifier: MIT
/*
 * posix_notify_thread.c - a thread is begun when an empty queue has mail
 *
 * Shows:  with SIGEV_THREAD the C library calls a function in a new thread;
 *         it registers again, then drains
 * Build:  cc posix_notify_thread.c -o posix_notify_thread
 * Run:    ./posix_notify_thread
 * Prints: each message, and by which notification it was found
 * Exit:   0 done; 1 a call failed; 2 usage; 77 no POSIX queues in this kernel
 * See:    mq_notify(3), sigevent(7); posix_notify_signal.c
 */
#define _GNU_SOURCE /* O_CLOEXEC, and what musl hides without it */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 3, SIZE = 16 };

static mqd_t queue;
static pthread_t initial;
static sem_t drained;
static int notifications; /* of one thread at a time: the sender waits */

static int usage(FILE *out)
{
	fputs("usage: posix_notify_thread\n"
	      "Have a thread begun by each message to an empty queue.\n",
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

static void on_message(union sigval unused);

static void register_again(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = on_message };

	if (mq_notify(queue, &event) == -1)
		err(EXIT_FAILURE, "mq_notify");
}

/* In a new thread. Registration is used up by now. First registered, then
 * drained: a message that comes meanwhile is drained, or begins a thread */
static void on_message(union sigval unused)
{
	char text[SIZE];
	int n = ++notifications;

	(void)unused;
	register_again();
	while (mq_receive(queue, text, sizeof text, NULL) != -1)
		printf("notification %d, %s thread: %s\n", n,
		       pthread_equal(pthread_self(), initial) ? "the same"
							      : "another",
		       text);
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "mq_receive");
	if (sem_post(&drained) == -1)
		err(EXIT_FAILURE, "sem_post");
}

int main(int argc, char *argv[])
{
	char text[SIZE] = "";

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_queue(O_NONBLOCK, 4, SIZE);
	initial = pthread_self();
	if (sem_init(&drained, 0, 0) == -1)
		err(EXIT_FAILURE, "sem_init");

	register_again();
	for (int i = 1; i <= ROUNDS; i++) {
		snprintf(text, sizeof text, "message %d", i);
		if (mq_send(queue, text, sizeof text, 0) == -1)
			err(EXIT_FAILURE, "mq_send");
		/* Only to an empty queue: of others nobody would be told */
		while (sem_wait(&drained) == -1)
			if (errno != EINTR)
				err(EXIT_FAILURE, "sem_wait");
	}
	printf("%d messages, %d notifications\n", ROUNDS, notifications);
	if (notifications != ROUNDS)
		errx(EXIT_FAILURE, "a notification is missing");

	if (mq_close(queue) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
