// SPDX-License-Identifier: MIT
/*
 * posix_notify_thread.c - a thread starts when an empty queue gets a message
 *
 * Shows:  with SIGEV_THREAD the C library calls a function in a new thread; it
 *         registers again, then drains
 * Build:  cc posix_notify_thread.c -o posix_notify_thread
 * Run:    ./posix_notify_thread
 * Prints: each message, and which notification reported it
 * Exit:   0 done; 1 a call failed; 77 this kernel has no POSIX queues
 * See:    mq_notify(3), sigevent(7); posix_notify_signal.c
 */
#define _XOPEN_SOURCE 700 /* SIGEV_THREAD */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROUNDS = 3, SIZE = 16 };

static mqd_t mqd;
static pthread_t main_thread;
static sem_t drained;
static int notifications; /* written by one thread at a time: main waits */

/* The name is removed at once: the queue lives as long as its descriptor */
static void open_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = SIZE };
	char name[32];

	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd =
	    mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	if (mqd == -1 && (errno == ENOSYS || errno == EMFILE))
		err(77, "mq_open %s: needs POSIX queues, and ulimit -q", name);
	if (mqd == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);
}

static void on_message(union sigval unused);

static void register_once(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = on_message };

	if (mq_notify(mqd, &event) == -1)
		err(EXIT_FAILURE, "mq_notify");
}

/* In a new thread. First register, then drain: a message that arrives in
 * between is either drained here or starts the next thread */
static void on_message(union sigval unused)
{
	char text[SIZE];

	(void)unused;
	notifications++;
	register_once();
	while (mq_receive(mqd, text, SIZE, NULL) != -1)
		printf("notification %d, in %s thread: %s\n", notifications,
		       pthread_equal(pthread_self(), main_thread) ? "the main"
								  : "another",
		       text);
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "mq_receive");
	if (sem_post(&drained) == -1)
		err(EXIT_FAILURE, "sem_post");
}

int main(void)
{
	char text[SIZE] = "";

	main_thread = pthread_self();
	open_queue();
	if (sem_init(&drained, 0, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	register_once();
	for (int i = 1; i <= ROUNDS; i++) {
		snprintf(text, SIZE, "message %d", i);
		if (mq_send(mqd, text, SIZE, 0) == -1)
			err(EXIT_FAILURE, "mq_send");
		/* The next one must find the queue empty, or is not reported */
		if (sem_wait(&drained) == -1)
			err(EXIT_FAILURE, "sem_wait");
	}
	if (notifications != ROUNDS)
		errx(EXIT_FAILURE, "notifications: %d", notifications);

	if (mq_close(mqd) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
