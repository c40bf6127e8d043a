// SPDX-License-Identifier: MIT
/*
 * limit.c - run a command, and end it when its time is up
 *
 * Build:  cc limit.c -o limit
 * Run:    ./limit SECONDS COMMAND [ARGUMENT...]
 * Exit:   the command's status; 124 its time was up; 1 a call failed; 2 usage;
 *         127 no such command
 * See:    sigwaitinfo(2), setitimer(2), setpgid(2), waitid(2); task limit of
 *         the lab
 */
#define _GNU_SOURCE /* setitimer, sigwaitinfo */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process group of its own, so that all its processes get our signals. Both
 * sides set it: whichever is first, it is done before a signal or exec */
static pid_t start(char *command[], const sigset_t *old)
{
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0) {
		/* Fails if the command runs already, which has set it */
		setpgid(pid, pid);
		return pid;
	}
	/* The command would inherit the blocked signals */
	if (setpgid(0, 0) == 0 && sigprocmask(SIG_SETMASK, old, NULL) == 0)
		execvp(command[0], command);
	warn("exec %s", command[0]);
	_exit(127);
}

static void start_timer(double seconds)
{
	struct timeval t = { .tv_sec = (time_t)seconds };

	t.tv_usec = (suseconds_t)((seconds - (double)t.tv_sec) * 1e6);
	/* Again and again: the second time the group is killed */
	struct itimerval timer = { .it_value = t, .it_interval = t };
	if (setitimer(ITIMER_REAL, &timer, NULL) == -1)
		err(EXIT_FAILURE, "setitimer");
}

int main(int argc, char *argv[])
{
	char *end;
	double seconds = argc < 3 ? 0 : strtod(argv[1], &end);
	if (!(seconds >= 0.001 && seconds <= 1e6) || *end != '\0')
		errx(2, "usage: limit SECONDS COMMAND [ARGUMENT...]");

	/* All stay pending until sigwaitinfo takes them, so none is missed */
	static const int signals[] = { SIGCHLD, SIGALRM, SIGTERM, SIGINT };
	sigset_t set, old;
	sigemptyset(&set);
	for (int i = 0; i < 4; i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, &old) == -1 ||
	    signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		err(EXIT_FAILURE, "sigprocmask, signal");
	pid_t pid = start(argv + 2, &old);
	start_timer(seconds);

	int status, expired = 0;
	for (;;) {
		int sig = sigwaitinfo(&set, NULL);
		if (sig == -1 && errno != EINTR)
			err(EXIT_FAILURE, "sigwaitinfo");
		/* First: has it ended? SIGALRM is taken before SIGCHLD. With
		 * WNOWAIT it stays a zombie, which keeps its number */
		siginfo_t info = { .si_pid = 0 };
		if (waitid(P_PID, (id_t)pid, &info,
			   WEXITED | WNOHANG | WNOWAIT) == -1)
			err(EXIT_FAILURE, "waitid");
		if (info.si_pid == pid)
			break;
		if (sig == SIGALRM)
			kill(-pid, expired++ == 0 ? SIGTERM : SIGKILL);
		else if (sig == SIGTERM || sig == SIGINT)
			kill(-pid, sig);
	}
	if (expired)
		kill(-pid, SIGKILL); /* those that have ignored SIGTERM */
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (expired)
		return 124;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
