// SPDX-License-Identifier: MIT
/*
 * job_queue.c - one producer, three workers, and one that is killed at work
 *
 * Shows:  a job that was taken from a queue is lost with its worker; so the
 *         producer keeps each until its result is here, and sends it again
 * Build:  cc job_queue.c -o job_queue
 * Run:    ./job_queue
 * Prints: which job came back when its worker was killed, and the sum
 * Exit:   0 each job has one result; 1 a call failed, or no worker is left;
 *         2 usage; 77 no POSIX queues in this kernel
 * See:    mq_overview(7), signalfd(2), wait(2); posix_poll.c
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
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3, JOBS = 8, VICTIM = 2 };
/* To a worker: the job. From it: also who, and the result */
struct message {
	int job, attempt, worker, result;
};
/* A queue for each: so the producer knows who has what, also of the dead */
static struct worker {
	mqd_t mail;
	pid_t pid; /* 0 if it is not there any more */
	int job;   /* what it has to do; 0 if nothing */
} workers[WORKERS];
static enum { WAITING, TAKEN, DONE } state[JOBS + 1]; /* by job, from 1 */
static int attempts[JOBS + 1], alive, deliveries, done, sum;
static mqd_t results;

static int usage(FILE *out)
{
	fputs("usage: job_queue\n"
	      "Have 3 workers do 8 jobs; one is killed at work.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Take the name away at once: signals are blocked, so nothing stays behind */
static mqd_t open_queue(int flags, long messages)
{
	struct mq_attr attr = { .mq_maxmsg = messages,
				.mq_msgsize = sizeof(struct message) };
	char name[32];

	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd_t queue = mq_open(
	    name, flags | O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
	if (queue == -1 && (errno == ENOSYS || errno == EMFILE))
		err(77, "mq_open %s: needs POSIX queues, and ulimit -q", name);
	if (queue == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);
	return queue;
}

/* The square of its number is all there is to do in a job */
static void work(int self, pid_t parent)
{
	struct message m;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	for (;;) {
		if (mq_receive(workers[self].mail, (char *)&m, sizeof m,
			       NULL) == -1)
			err(EXIT_FAILURE, "mq_receive");
		if (m.job == VICTIM && m.attempt == 1) /* in the middle */
			(void)raise(SIGKILL);
		m.worker = self;
		m.result = m.job * m.job;
		/* There is room for one of each: it never waits */
		if (mq_send(results, (char *)&m, sizeof m, 0) == -1)
			err(EXIT_FAILURE, "mq_send");
	}
}

/* Whoever has nothing to do gets the first job that waits */
static void hand_out(void)
{
	for (int i = 0, job = 1; i < WORKERS; i++) {
		while (job <= JOBS && state[job] != WAITING)
			job++;
		if (job > JOBS || workers[i].pid == 0 || workers[i].job != 0)
			continue;
		struct message m = { .job = job, .attempt = ++attempts[job] };
		if (mq_send(workers[i].mail, (char *)&m, sizeof m, 0) == -1)
			err(EXIT_FAILURE, "mq_send");
		state[job] = TAKEN;
		workers[i].job = job;
		deliveries++;
	}
}

/* Take all the results that are here */
static void take_results(void)
{
	struct message m;

	while (mq_receive(results, (char *)&m, sizeof m, NULL) != -1) {
		if (state[m.job] != TAKEN)
			errx(EXIT_FAILURE, "job %d: a second result", m.job);
		if (m.attempt > 1)
			printf("job %d: attempt %d gave a result\n", m.job,
			       m.attempt);
		state[m.job] = DONE;
		workers[m.worker].job = 0;
		sum += m.result;
		done++;
	}
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "mq_receive");
}

/* The dead worker's job waits again, unless its last act was the result */
static void bury(pid_t pid, int status)
{
	struct worker *w = workers;

	while (w->pid != pid)
		w++;
	w->pid = 0;
	alive--;
	take_results();
	if (w->job == 0)
		return;
	printf("job %d: attempt %d died of signal %d, it waits again\n", w->job,
	       attempts[w->job], WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	state[w->job] = WAITING;
}

/* Until all results are here: wait for one, or for the end of a worker */
static void produce(int deaths)
{
	struct pollfd fds[] = { { .fd = results, .events = POLLIN },
				{ .fd = deaths, .events = POLLIN } };
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (done < JOBS) {
		hand_out();
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		take_results();
		if (fds[1].revents == 0)
			continue;
		/* One SIGCHLD may stand for several: ask until there is none */
		if (read(deaths, &info, sizeof info) == -1)
			err(EXIT_FAILURE, "read signalfd");
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			bury(pid, status);
		if (alive == 0)
			errx(EXIT_FAILURE, "no worker is left");
	}
}

/* No signal comes while a queue has a name; SIGCHLD by the descriptor only */
static int open_queues(void)
{
	sigset_t set, old;

	(void)signal(SIGCHLD, SIG_DFL); /* if ignored, no child waits for us */
	sigfillset(&set);
	if (sigprocmask(SIG_BLOCK, &set, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	results = open_queue(O_NONBLOCK, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		workers[i].mail = open_queue(0, 1);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&old, SIGCHLD);
	int deaths = signalfd(-1, &set, SFD_CLOEXEC);
	if (deaths == -1 || sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "signalfd, sigprocmask");
	return deaths;
}

int main(int argc, char *argv[])
{
	pid_t self = getpid();

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	int deaths = open_queues();
	for (; alive < WORKERS; alive++) {
		workers[alive].pid = fork();
		if (workers[alive].pid == -1)
			err(EXIT_FAILURE, "fork");
		if (workers[alive].pid == 0)
			work(alive, self);
	}
	produce(deaths);
	printf("%d jobs, %d deliveries, %d results, sum %d\n", JOBS, deliveries,
	       done, sum);
	printf("%d of %d workers are left\n", alive, WORKERS);

	/* The queues go with their last descriptor */
	for (struct worker *w = workers; w < workers + WORKERS; w++)
		if (mq_close(w->mail) == -1 ||
		    (w->pid != 0 && (kill(w->pid, SIGKILL) == -1 ||
				     waitpid(w->pid, NULL, 0) == -1)))
			err(EXIT_FAILURE, "end a worker");
	if (mq_close(results) == -1 || close(deaths) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
