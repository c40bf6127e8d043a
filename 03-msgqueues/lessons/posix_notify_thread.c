// SPDX-License-Identifier: MIT
/*
 * posix_notify_thread.c - a thread starts when an empty queue gets a message
 *
 * Shows:  with SIGEV_THREAD the C library calls a function in a new thread
 * Build:  cc posix_notify_thread.c -o posix_notify_thread
 * Run:    ./posix_notify_thread
 * Prints: the message that another thread has received
 * Exit:   0 done; 1 a call failed; 77 a limit forbids it here
 * See:    mq_notify(3), sigevent(7); posix_notify_signal.c
 */
#define _POSIX_C_SOURCE 200809L
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

enum { SIZE = 8 };

static mqd_t mqd;
static pthread_t main_thread;
static char text[SIZE]; /* written before sem_post, read after sem_wait */
static sem_t received;	/* main waits for the other thread: sem_overview(7) */

static void on_message(union sigval unused)
{
	(void)unused;
	if (mq_receive(mqd, text, SIZE, NULL) == -1)
		err(EXIT_FAILURE, "mq_receive");
	if (pthread_equal(pthread_self(), main_thread))
		errx(EXIT_FAILURE, "expected another thread");
	if (sem_post(&received) == -1)
		err(EXIT_FAILURE, "sem_post");
}

int main(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = SIZE };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = on_message };
	char name[32];

	main_thread = pthread_self();
	if (sem_init(&received, 0, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (mqd == -1 && errno != EEXIST)
		err(77, "mq_open %s: see ulimit -n, -q, fs.mqueue.*_max", name);
	/* Removed at once: the queue lives as long as its descriptor */
	if (mqd == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);

	/* As with a signal, the registration is for one message. For the next
	 * one the function would register again, before it receives */
	if (mq_notify(mqd, &event) == -1)
		err(77, "mq_notify: needs netlink; see ulimit -n, -u");
	if (mq_send(mqd, "hello", 6, 0) == -1)
		err(EXIT_FAILURE, "mq_send");
	if (sem_wait(&received) == -1)
		err(EXIT_FAILURE, "sem_wait");
	printf("another thread has received: %s\n", text);

	if (mq_close(mqd) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
