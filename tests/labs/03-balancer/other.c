// SPDX-License-Identifier: MIT
/*
 * other.c - balancer with two POSIX queues, and a pipe of each worker
 *
 * Build:  cc other.c -o balancer
 * Run:    ./balancer N <commands
 * Exit:   0 each command has its status; 1 a call failed; 2 usage
 * See:    poll(2), mq_overview(7); 03-msgqueues/lab/solution/balancer.c
 *
 * Nobody knows which worker has which line. If one is killed, all lines without
 * a status are sent again, and of two results of a line the last one counts.
 */
#define _GNU_SOURCE /* pipe2 */
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 8, LONGEST = 1000, NONE = -1 };

struct job {
	int number, status;
	char line[LONGEST + 2];
};
static mqd_t todo, done;

static mqd_t open_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 10,
				.mq_msgsize = sizeof(struct job) };
	char name[32];
	snprintf(name, sizeof name, "/balancer-%d", (int)getpid());
	mqd_t mqd = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (mqd == -1 || mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_open %s", name);
	return mqd;
}

/* The read end of a pipe whose only writer is the worker */
static int start_worker(void)
{
	int life[2];
	if (pipe2(life, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe");
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	close(life[pid == 0 ? 0 : 1]);
	if (pid > 0)
		return life[0];
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	struct job job;
	while (mq_receive(todo, (char *)&job, sizeof job, NULL) > 0) {
		int status = system(job.line);
		job.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						 : WEXITSTATUS(status);
		if (mq_send(done, (char *)&job, sizeof job, 0) == -1)
			_exit(EXIT_FAILURE);
	}
	_exit(EXIT_SUCCESS);
}

int main(int argc, char *argv[])
{
	int n = argc == 2 ? atoi(argv[1]) : 0;
	if (n < 1 || n > MOST)
		errx(2, "usage: balancer N <commands");
	int count = 0, next = 0, printed = 0, stops = 0, living = n, failed = 0;
	struct job *jobs = NULL, job = { .status = NONE };
	for (; fgets(job.line, sizeof job.line, stdin) != NULL; count++) {
		job.line[strcspn(job.line, "\n")] = '\0';
		if (strlen(job.line) > LONGEST)
			errx(EXIT_FAILURE, "line %d is too long", count + 1);
		jobs = realloc(jobs, sizeof job * ((size_t)count + 1));
		if (jobs == NULL)
			err(EXIT_FAILURE, "realloc");
		job.number = count;
		jobs[count] = job;
	}
	if (ferror(stdin))
		err(EXIT_FAILURE, "read standard input");

	todo = open_queue();
	done = open_queue();
	struct pollfd fds[2 + MOST] = { { .fd = todo },
					{ .fd = done, .events = POLLIN } };
	for (int i = 0; i < n; i++)
		fds[2 + i].fd = start_worker();
	while (living > 0) {
		while (next < count && jobs[next].status != NONE)
			next++;
		int ending = printed == count;
		fds[0].events =
		    (ending ? stops < n : next < count) ? POLLOUT : 0;
		if (poll(fds, 2 + (nfds_t)n, -1) == -1)
			err(EXIT_FAILURE, "poll");
		/* The stop overtakes what has been sent a second time */
		if (fds[0].revents && ending) {
			if (mq_send(todo, "", 0, 1) == -1)
				err(EXIT_FAILURE, "mq_send");
			stops++;
		} else if (fds[0].revents) {
			if (mq_send(todo, (char *)&jobs[next++], sizeof job,
				    0) == -1)
				err(EXIT_FAILURE, "mq_send");
		}
		if (fds[1].revents) {
			if (mq_receive(done, (char *)&job, sizeof job, NULL) ==
			    -1)
				err(EXIT_FAILURE, "mq_receive");
			jobs[job.number].status = job.status;
		}
		for (int i = 0; i < n; i++)
			if (fds[2 + i].revents) {
				close(fds[2 + i].fd);
				wait(NULL);
				fds[2 + i].fd = ending ? -1 : start_worker();
				living -= ending;
				next = printed;
			}
		for (; printed < count && jobs[printed].status != NONE;
		     printed++) {
			printf("%d %s\n", jobs[printed].status,
			       jobs[printed].line);
			if (fflush(stdout) == EOF || ferror(stdout)) {
				warn("write standard output");
				failed = 1;
				count = printed + 1;
			}
		}
	}
	return failed;
}
