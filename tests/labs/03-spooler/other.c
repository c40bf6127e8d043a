// SPDX-License-Identifier: MIT
/*
 * other.c - spooler with mq_notify, and a first byte that says what a message
 * is
 *
 * Build:  cc other.c -o spooler
 * Run:    ./spooler serve|stop /NAME; ./spooler submit /NAME PRIORITY TEXT...
 * Exit:   0 done; 1 a call failed, or a text is too long; 2 usage
 * See:    mq_notify(3), sigwait(3); 03-msgqueues/lab/solution/spooler.c
 *
 * It registers, then empties the queue, then sleeps. In another order a job
 * that comes between two of these steps would not be reported.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1000, SIZE = 1 + LONGEST };

static void post(mqd_t mqd, char what, const char *text, unsigned int priority)
{
	char msg[SIZE];
	size_t length = strlen(text);
	if (length > LONGEST)
		errx(EXIT_FAILURE, "a text has %zu bytes", length);
	msg[0] = what;
	memcpy(msg + 1, text, length);
	if (mq_send(mqd, msg, 1 + length, priority) == -1)
		err(EXIT_FAILURE, "mq_send");
}

/* Print all jobs that are there. Was the stop among them? */
static int empty(mqd_t mqd)
{
	char msg[SIZE];
	ssize_t n;
	while ((n = mq_receive(mqd, msg, sizeof msg, NULL)) != -1) {
		if (msg[0] == 's')
			return 1;
		printf("%.*s\n", (int)n - 1, msg + 1);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
	}
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "mq_receive");
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc < 3)
		errx(2, "usage: spooler submit /NAME PRIORITY TEXT..., "
			"spooler serve|stop /NAME");
	int serves = strcmp(argv[1], "serve") == 0;
	struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = SIZE };
	mqd_t mqd = mq_open(argv[2], O_RDWR | O_CREAT, 0600, &attr);
	if (mqd == -1)
		err(EXIT_FAILURE, "mq_open %s", argv[2]);
	for (int i = 4; i < argc; i++)
		post(mqd, 'j', argv[i], (unsigned int)atoi(argv[3]));
	if (strcmp(argv[1], "stop") == 0)
		post(mqd, 's', "", 0);
	if (!serves)
		return EXIT_SUCCESS;

	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };
	struct mq_attr no_wait = { .mq_flags = O_NONBLOCK };
	sigset_t usr1;
	int got, done = 0;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	if (mq_setattr(mqd, &no_wait, NULL) == -1)
		err(EXIT_FAILURE, "mq_setattr");
	while (!done) {
		/* EBUSY: the registration is still the last one */
		if (mq_notify(mqd, &event) == -1 && errno != EBUSY)
			err(EXIT_FAILURE, "mq_notify");
		done = empty(mqd);
		if (!done)
			sigwait(&usr1, &got);
	}
	if (mq_unlink(argv[2]) == -1)
		err(EXIT_FAILURE, "mq_unlink %s", argv[2]);
	return EXIT_SUCCESS;
}
