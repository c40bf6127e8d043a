// SPDX-License-Identifier: MIT
/*
 * job_queue.c - one producer, three workers, and one that is killed at work
 *
 * Shows:  a job that was taken from a queue is lost with its worker; so the
 *         producer keeps each until its result is here, and sends it again
 * Build:  cc job_queue.c -o job_queue
 * Run:    ./job_queue [JOBS]
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

enum { WORKERS = 3, VICTIM = 2, MAX = 1000 };

/* To a worker: the job, 0 for the end. From it: also who, and the result */
struct message {
	int job, attempt, worker;
	long result;
};

/* A queue for each: so the producer knows who has what, also of the dead */
static struct worker {
	mqd_t mail;
	pid_t pid; /* 0 if it is not there any more */
	int job;   /* what it has to do; 0 if nothing */
} workers[WORKERS];
static mqd_t results;
static int jobs = 8;

static enum { WAITING, TAKEN, DONE } state[MAX + 1]; /* by job, from 1 */
static int attempts[MAX + 1];
static int deliveries, done;
static long sum;

static int usage(FILE *out)
{
	fputs("usage: job_queue [JOBS]\n"
	      "Have 3 workers do 2 to 1000 jobs, 8 unless given; one is "
	      "killed.\n",
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
static int work(mqd_t mail, int self, pid_t parent)
{
	struct message m;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		return EXIT_FAILURE;
	for (;;) {
		if (mq_receive(mail, (char *)&m, sizeof m, NULL) == -1)
			err(EXIT_FAILURE, "mq_receive");
		if (m.job == 0)
			return EXIT_SUCCESS;
		if (m.job == VICTIM && m.attempt == 1) /* in the middle */
			(void)raise(SIGKILL);
		m.worker = self;
		m.result = (long)m.job * m.job;
		/* There is room for one of each: it never waits */
		if (mq_send(results, (char *)&m, sizeof m, 0) == -1)
			err(EXIT_FAILURE, "mq_send");
	}
}

static void send_job(struct worker *w, int job)
{
	struct message m;

	memset(&m, 0, sizeof m); /* its padding too goes into the queue */
	m.job = job;
	if (job > 0) {
		state[job] = TAKEN;
		m.attempt = ++attempts[job];
		deliveries++;
	}
	w->job = job;
	if (mq_send(w->mail, (char *)&m, sizeof m, 0) == -1)
		err(EXIT_FAILURE, "mq_send");
}

/* Whoever has nothing to do gets the first job that waits */
static void hand_out(void)
{
	int job = 1;

	for (int i = 0; i < WORKERS; i++) {
		while (job <= jobs && state[job] != WAITING)
			job++;
		if (job <= jobs && workers[i].pid && !workers[i].job)
			send_job(&workers[i], job);
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
	take_results();
	if (w->job == 0)
		return;
	printf("job %d: attempt %d died of signal %d, it waits again\n", w->job,
	       attempts[w->job], WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	state[w->job] = WAITING;
}

static int count_workers(void)
{
	int n = 0;

	for (int i = 0; i < WORKERS; i++)
		n += workers[i].pid != 0;
	return n;
}

/* Until all results are here: wait for one, or for the end of a worker */
static void produce(int deaths)
{
	struct pollfd fds[] = { { .fd = results, .events = POLLIN },
				{ .fd = deaths, .events = POLLIN } };
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (done < jobs) {
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
		if (count_workers() == 0)
			errx(EXIT_FAILURE, "no worker is left");
	}
}

/* Signals wait while a queue has a name; SIGCHLD comes by the descriptor */
static int start_workers(void)
{
	pid_t self = getpid();
	sigset_t set, old;

	(void)signal(SIGCHLD, SIG_DFL); /* if ignored, no child waits for us */
	sigfillset(&set);
	if (sigprocmask(SIG_BLOCK, &set, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	results = open_queue(O_NONBLOCK, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		workers[i].mail = open_queue(0, 1);
	sigaddset(&old, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	int deaths = signalfd(-1, &set, SFD_CLOEXEC);
	if (deaths == -1)
		err(EXIT_FAILURE, "signalfd");
	for (int i = 0; i < WORKERS; i++) {
		workers[i].pid = fork();
		if (workers[i].pid == -1)
			err(EXIT_FAILURE, "fork");
		if (workers[i].pid == 0)
			_exit(work(workers[i].mail, i, self));
	}
	return deaths;
}

/* The end for those who are left; the queues go with their last descriptor */
static void stop_workers(int deaths)
{
	for (int i = 0; i < WORKERS; i++) {
		if (workers[i].pid != 0) {
			send_job(&workers[i], 0);
			if (waitpid(workers[i].pid, NULL, 0) == -1)
				err(EXIT_FAILURE, "waitpid");
		}
		if (mq_close(workers[i].mail) == -1)
			err(EXIT_FAILURE, "mq_close");
	}
	if (mq_close(results) == -1 || close(deaths) == -1)
		err(EXIT_FAILURE, "close");
}

int main(int argc, char *argv[])
{
	char *end;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc == 2) {
		long n = strtol(argv[1], &end, 10);

		if (end == argv[1] || *end || n < 2 || n > MAX)
			return usage(stderr);
		jobs = (int)n;
	}
	if (argc > 2)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	int deaths = start_workers();
	produce(deaths);
	printf("%d jobs, %d deliveries, %d results, sum %ld\n", jobs,
	       deliveries, done, sum);
	printf("%d of %d workers are left\n", count_workers(), WORKERS);
	stop_workers(deaths);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
