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
#define _GNU_SOURCE /* pipe2 */

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
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 3, SIZE = 16 };

static mqd_t queue;
static pthread_t initial;
static int drained; /* the pipe by which the receiver says so */
static sem_t rounds;
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
	if (write(drained, "", 1) != 1 || sem_post(&rounds) == -1)
		err(EXIT_FAILURE, "tell that it is empty");
}

/* The initial thread of the receiver has nothing to do but count */
static int receiver(pid_t parent)
{
	initial = pthread_self();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		return EXIT_FAILURE;
	if (sem_init(&rounds, 0, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	register_again();
	if (write(drained, "", 1) != 1) /* as it is now */
		err(EXIT_FAILURE, "write");
	for (int i = 0; i < ROUNDS; i++)
		while (sem_wait(&rounds) == -1)
			if (errno != EINTR)
				err(EXIT_FAILURE, "sem_wait");
	printf("%d messages, %d notifications\n", ROUNDS, notifications);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return notifications == ROUNDS ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Only to an empty queue: to others a message comes without notification */
static void send_rounds(int empty)
{
	char text[SIZE] = "", byte;

	for (int i = 1; i <= ROUNDS; i++) {
		if (read(empty, &byte, 1) != 1)
			errx(EXIT_FAILURE, "the receiver has gone");
		snprintf(text, sizeof text, "message %d", i);
		if (mq_send(queue, text, sizeof text, 0) == -1)
			err(EXIT_FAILURE, "mq_send");
	}
}

int main(int argc, char *argv[])
{
	int ends[2], status;
	pid_t self = getpid();

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_queue(O_NONBLOCK, 4, SIZE);
	if (pipe2(ends, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	drained = ends[1];

	pid_t child = fork();
	if (child == -1)
		err(EXIT_FAILURE, "fork");
	if (child == 0)
		_exit(receiver(self));
	if (close(ends[1]) == -1)
		err(EXIT_FAILURE, "close");
	send_rounds(ends[0]);
	if (waitpid(child, &status, 0) == -1 || close(ends[0]) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the receiver: status %#x", status);

	if (mq_close(queue) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
