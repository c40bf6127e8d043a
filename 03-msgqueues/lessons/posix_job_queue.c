// SPDX-License-Identifier: MIT
/*
 * posix_job_queue.c - one producer, three workers, one of them killed at work
 *
 * Shows:  a job that was taken from a queue is lost with its worker; so the
 *         producer keeps each until its result is here, and sends it again
 * Build:  cc posix_job_queue.c -o posix_job_queue
 * Run:    ./posix_job_queue
 * Prints: of each round: jobs sent, workers killed, results; then the sum
 * Exit:   0 each job has one result; 1 a call failed, or a job has none after
 *         three rounds; 2 usage; 77 no POSIX queues in this kernel
 * See:    mq_overview(7), mq_receive(3), wait(2); posix_poll.c
 *
 * Guarantee: each job has exactly one result, for the result is all that a job
 * does: it comes in one message, or not at all. A job with effects elsewhere
 * may be begun more than once, and has to bear it.
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
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3, JOBS = 8, VICTIM = 2, ROUNDS = 3 };
struct message {
	int job, result;
};
static mqd_t jobs, results;
static int have[JOBS], done, sum; /* have: a result of each job */

static int usage(FILE *out)
{
	fputs("usage: posix_job_queue\n"
	      "Have 3 workers do 8 jobs; one is killed at work.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Take the name away at once: the queue lives on by its descriptor. No signal
 * ends us in between, so nothing stays behind */
static mqd_t open_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = JOBS,
				.mq_msgsize = sizeof(struct message) };
	char name[32];
	sigset_t all, old;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd_t queue =
	    mq_open(name, O_NONBLOCK | O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600, &attr);
	if (queue == -1 && (errno == ENOSYS || errno == EMFILE))
		err(77, "mq_open %s: needs POSIX queues, and ulimit -q", name);
	if (queue == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	return queue;
}

/* There is room in either queue for a message of each job: nobody waits */
static void put(mqd_t queue, struct message m)
{
	if (mq_send(queue, (char *)&m, sizeof m, 0) == -1)
		err(EXIT_FAILURE, "mq_send");
}

/* False: there is none */
static int get(mqd_t queue, struct message *m)
{
	ssize_t n = mq_receive(queue, (char *)m, sizeof *m, NULL);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "mq_receive");
	return n != -1;
}

/* Take jobs until none is left; the square of its number is all of a job */
static void start_worker(int round)
{
	pid_t producer = getpid(), pid = fork();
	struct message m;

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != producer)
		_exit(EXIT_FAILURE);
	while (get(jobs, &m)) {
		if (m.job == VICTIM && round == 1)
			(void)raise(SIGKILL); /* in the middle of it */
		m.result = m.job * m.job;
		put(results, m);
	}
	_exit(EXIT_SUCCESS);
}

/* Send what has no result yet, have it worked on, and take the results. Nobody
 * knows what a dead worker had taken; but when all workers have ended, it can
 * only be what is missing */
static void work_round(int round)
{
	int sent = 0, killed = 0, before = done, status;
	struct message m;

	while (get(jobs, &m)) /* left if all workers of a round have died */
		;
	for (int i = 0; i < JOBS; i++)
		if (!have[i]) {
			put(jobs, (struct message){ .job = i });
			sent++;
		}
	for (int i = 0; i < WORKERS; i++)
		start_worker(round);
	for (int i = 0; i < WORKERS; i++) {
		if (wait(&status) == -1)
			err(EXIT_FAILURE, "wait");
		killed += WIFSIGNALED(status);
	}
	for (; get(results, &m); done++) {
		if (have[m.job]++)
			errx(EXIT_FAILURE, "job %d: a second result", m.job);
		sum += m.result;
	}
	printf("round %d: sent %d, workers killed %d, results %d\n", round,
	       sent, killed, done - before);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	jobs = open_queue();
	results = open_queue();
	for (int round = 1; done < JOBS && round <= ROUNDS; round++)
		work_round(round);
	printf("%d of %d jobs have a result, their sum is %d\n", done, JOBS,
	       sum);
	if (done < JOBS) /* is there a job that kills whoever takes it? */
		errx(EXIT_FAILURE, "not done in %d rounds", ROUNDS);

	if (mq_close(jobs) == -1 || mq_close(results) == -1)
		err(EXIT_FAILURE, "mq_close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
