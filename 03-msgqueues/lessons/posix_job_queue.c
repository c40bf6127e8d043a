// SPDX-License-Identifier: MIT
/*
 * posix_job_queue.c - three workers share a queue, and one is killed at work
 *
 * Shows:  a job that is taken from a queue is lost if its worker is killed
 * Build:  cc posix_job_queue.c -o posix_job_queue
 * Run:    ./posix_job_queue
 * Prints: of each round: jobs sent, workers killed, results
 * Exit:   0 each job has one result; 1 a call failed, or a job has none; 77 a
 *         limit forbids it here
 * See:    mq_overview(7), mq_receive(3), wait(2); posix_poll.c
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3, JOBS = 8, VICTIM = 2 };

static mqd_t jobs, results; /* each holds all the jobs: no call ever blocks */

/* The name is removed at once: the queue lives as long as its descriptor */
static mqd_t open_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = JOBS, .mq_msgsize = sizeof(int) };
	char name[32];

	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd_t mqd =
	    mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	if (mqd == -1 && errno != EEXIST)
		err(77, "mq_open %s: see ulimit -n, -q, fs.mqueue.*_max", name);
	if (mqd == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);
	return mqd;
}

/* Take jobs until none is left. All the work is to send the number back */
static void start_worker(int round)
{
	pid_t parent = getpid(), pid = fork();
	int job;

	if (pid == -1)
		err(77, "fork: raise ulimit -u");
	if (pid > 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	while (mq_receive(jobs, (char *)&job, sizeof job, NULL) != -1) {
		if (job == VICTIM && round == 1)
			(void)raise(SIGKILL); /* in the middle of the work */
		if (mq_send(results, (char *)&job, sizeof job, 0) == -1)
			_exit(EXIT_FAILURE);
	}
	_exit(errno == EAGAIN ? EXIT_SUCCESS : EXIT_FAILURE);
}

int main(void)
{
	int done[JOBS] = { 0 }, missing = JOBS, job, status;

	jobs = open_queue();
	results = open_queue();
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	for (int round = 1; round <= 2; round++) {
		/* The producer keeps each job until its result is there */
		for (job = 0; job < JOBS; job++)
			if (!done[job] &&
			    mq_send(jobs, (char *)&job, sizeof job, 0) == -1)
				err(EXIT_FAILURE, "mq_send");
		for (int i = 0; i < WORKERS; i++)
			start_worker(round);

		/* When all workers have ended, a job without a result was taken
		 * by one that was killed: the next round sends it again */
		int killed = 0, count = 0;
		for (int i = 0; i < WORKERS; i++) {
			if (wait(&status) == -1)
				err(EXIT_FAILURE, "wait");
			killed += WIFSIGNALED(status);
		}
		while (mq_receive(results, (char *)&job, sizeof job, NULL) !=
		       -1) {
			if (done[job]++)
				errx(EXIT_FAILURE, "job %d: a second result",
				     job);
			count++;
		}
		if (errno != EAGAIN)
			err(EXIT_FAILURE, "mq_receive");
		printf("round %d: sent %d, workers killed %d, results %d\n",
		       round, missing, killed, count);
		/* Children would inherit what is still in the buffer */
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
		missing -= count;
	}
	if (missing > 0)
		errx(EXIT_FAILURE, "jobs without a result: %d", missing);

	if (mq_close(jobs) == -1 || mq_close(results) == -1)
		err(EXIT_FAILURE, "mq_close");
	return EXIT_SUCCESS;
}
