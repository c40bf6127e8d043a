// SPDX-License-Identifier: MIT
/*
 * other.c - limit, another way: one poll of a pidfd, a signalfd and the time
 *
 * Build:  cc other.c -o other
 * Run:    ./other SECONDS COMMAND [ARGUMENT...]
 * Exit:   the command's status; 124 its time was up; 1 a call failed; 127 no
 *         such command
 * See:    pidfd_open(2), signalfd(2), poll(2); 07-signals/lab/solution/limit.c
 */
#define _GNU_SOURCE /* syscall */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	double seconds = argc < 3 ? 1 : strtod(argv[1], NULL);
	struct signalfd_siginfo info;
	struct itimerspec t = { .it_value.tv_sec = (time_t)seconds };
	t.it_value.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9);
	t.it_interval = t.it_value;
	unsigned long long periods;
	int go[2], status, expired = 0;
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, &old) == -1 || pipe(go) == -1)
		err(EXIT_FAILURE, "sigprocmask, pipe");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		/* The parent makes the group, and closes the pipe then */
		char byte;
		close(go[1]);
		if (read(go[0], &byte, 1) == -1)
			_exit(EXIT_FAILURE);
		close(go[0]);
		sigprocmask(SIG_SETMASK, &old, NULL);
		execvp(argv[2], argv + 2);
		warn("exec %s", argv[2]);
		_exit(127);
	}
	struct pollfd fds[] = {
		{ .fd = (int)syscall(SYS_pidfd_open, pid, 0),
		  .events = POLLIN },
		{ .fd = signalfd(-1, &set, 0), .events = POLLIN },
		{ .fd = timerfd_create(CLOCK_MONOTONIC, 0), .events = POLLIN },
	};
	if (fds[0].fd == -1 || fds[1].fd == -1 || fds[2].fd == -1 ||
	    timerfd_settime(fds[2].fd, 0, &t, NULL) == -1 ||
	    setpgid(pid, pid) == -1)
		err(EXIT_FAILURE, "pidfd_open, signalfd, timerfd, setpgid");
	close(go[0]);
	close(go[1]);
	for (;;) {
		if (poll(fds, 3, -1) == -1) {
			if (errno == EINTR)
				continue;
			err(EXIT_FAILURE, "poll");
		}
		if (fds[0].revents)
			break;
		if (fds[1].revents) {
			if (read(fds[1].fd, &info, sizeof info) == -1)
				err(EXIT_FAILURE, "read signalfd");
			kill(-pid, (int)info.ssi_signo);
		} else if (fds[2].revents) {
			if (read(fds[2].fd, &periods, sizeof periods) == -1)
				err(EXIT_FAILURE, "read timerfd");
			kill(-pid, expired++ == 0 ? SIGTERM : SIGKILL);
		}
	}
	if (expired)
		kill(-pid, SIGKILL);
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (expired)
		return 124;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
