// SPDX-License-Identifier: MIT
/*
 * pair.c - fork two processes, pin them, wait for both, whatever happens
 *
 * See:    fork(2), sched_setaffinity(2), waitpid(2), prctl(2), alarm(2)
 */
#define _GNU_SOURCE /* sched_setaffinity */
#include "pair.h"
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared *shared;
int cpus[2], interrupted_by;

void meet(void)
{
	int error = pthread_barrier_wait(&shared->barrier);
	if (error != 0 && error != PTHREAD_BARRIER_SERIAL_THREAD)
		errx(EXIT_FAILURE, "pthread_barrier_wait");
}

void measure_ruler(int which, enum end end)
{
	enum { PARTS = 10, TRIPS = 100 };
	uint32_t first = shared->ball[0][0], last = first + PARTS * TRIPS;
	uint64_t shortest = UINT64_MAX;
	meet();
	uint64_t start = now();
	for (uint32_t i = first + 1; i <= last; i++) {
		if (end == SENDER)
			shared->ball[0][0] = i;
		while (shared->ball[end == SENDER][0] != i)
			relax();
		if (end == RECEIVER)
			shared->ball[1][0] = i;
		if ((i - first) % TRIPS == 0) {
			uint64_t time = now();
			if (time - start < shortest)
				shortest = time - start;
			start = time;
		}
	}
	if (end == SENDER)
		shared->ruler[which] = (double)shortest / TRIPS;
	meet();
}

static int compare_floats(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

void sort_samples(float *samples, size_t n)
{
	qsort(samples, n, sizeof *samples, compare_floats);
}

double percentile(const float *samples, size_t n, double share)
{
	size_t rank = (size_t)(share * (double)n);
	if ((double)rank < share * (double)n)
		rank++;
	return (double)samples[rank > 0 ? rank - 1 : 0];
}

/* In a new process. Its end must not depend on the peer's */
static _Noreturn void start_process(work_fn work, void *arg, enum end end,
				    int cpu, pid_t parent, unsigned limit)
{
	/* SIGALRM and SIGKILL end it, also if it spins */
	alarm(limit);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);

	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof set, &set) == -1)
		err(EXIT_FAILURE, "sched_setaffinity");
	shared->pids[end] = getpid();
	meet();
	work(shared, end, arg);
	_exit(EXIT_SUCCESS);
}

enum outcome run_pair(work_fn work, void *arg, enum placement placement,
		      unsigned limit)
{
	/* All are blocked, by main */
	sigset_t awaited;
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGCHLD);
	sigaddset(&awaited, SIGINT);
	sigaddset(&awaited, SIGTERM);
	sigaddset(&awaited, SIGHUP);
	pthread_barrierattr_t attr;
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->barrier, &attr, 2);

	enum outcome outcome = COMPLETE;
	pid_t parent = getpid(), running[2] = { 0, 0 };
	int left = 0;
	for (int end = SENDER; end <= RECEIVER; end++, left++) {
		int cpu = cpus[placement != SAME_CORE && end == RECEIVER];
		running[end] = fork();
		if (running[end] == -1) { /* the other would wait for it */
			warn("fork");
			running[end] = 0;
			outcome = FAILED;
			if (left > 0)
				kill(running[SENDER], SIGKILL);
			break;
		}
		if (running[end] == 0)
			start_process(work, arg, (enum end)end, cpu, parent,
				      limit);
	}
	while (left > 0) {
		int sig = sigwaitinfo(&awaited, NULL), status;
		if (sig != SIGCHLD && sig != -1) {
			outcome = INTERRUPTED;
			interrupted_by = sig;
		}
		for (int i = 0; i < 2; i++) {
			if (running[i] == 0)
				continue;
			if (outcome != COMPLETE)
				kill(running[i], SIGKILL);
			if (waitpid(running[i], &status, WNOHANG) <= 0)
				continue;
			running[i] = 0;
			left--;
			if (status != 0 && outcome == COMPLETE) {
				outcome = WIFSIGNALED(status) &&
						  WTERMSIG(status) == SIGALRM
					      ? TIMED_OUT
					      : FAILED;
				i = -1; /* now kill the other, too */
			}
		}
	}
	return outcome;
}
