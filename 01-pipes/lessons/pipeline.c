// SPDX-License-Identifier: MIT
/*
 * pipeline.c - run A | B as a shell does
 *
 * Shows:  a pipeline is one pipe, two forks, two dup2, two exec and two waits
 * Build:  cc pipeline.c -o pipeline
 * Run:    ./pipeline [A [ARGUMENT...] '|' B [ARGUMENT...]]
 * Prints: what B prints; then how each command ended
 * Exit:   that of B, 128 + signal if one killed it; 1 a call failed; 2 usage;
 *         77 a limit forbids it
 * See:    pipe2(2), dup2(2), execvp(3), waitpid(2)
 */
#define _GNU_SOURCE /* pipe2, strsignal */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Start command with one end of the pipe as its descriptor target */
static pid_t start(char *command[], int end, int target)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid > 0)
		return pid;
	/* A signal that kills the parent also ends the commands */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	/* The copy that dup2 makes stays open across exec. Both ends are
	 * close-on-exec: no command has one end too many */
	if (dup2(end, target) != -1)
		execvp(command[0], command);
	warn("exec %s", command[0]);
	_exit(127);
}

/* Wait for one command, print how it ended, return its status as shells do */
static int reap(const char *name, pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid %s", name);
	if (WIFEXITED(status)) {
		printf("%s: exit status %d\n", name, WEXITSTATUS(status));
		return WEXITSTATUS(status);
	}
	printf("%s: killed by signal %d, %s\n", name, WTERMSIG(status),
	       strsignal(WTERMSIG(status)));
	return 128 + WTERMSIG(status);
}

int main(int argc, char *argv[])
{
	char *yes[] = { "yes", NULL }, *head[] = { "head", "-n", "2", NULL };
	char **a = argc > 1 ? argv + 1 : yes, **b = argc > 1 ? a : head;
	int pfd[2];

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	if (argc > 1) {
		while (*b != NULL && strcmp(*b, "|") != 0)
			b++;
		if (a == b || b[0] == NULL || b[1] == NULL)
			errx(2, "usage: pipeline [A... '|' B...]");
		*b++ = NULL;
	}
	/* If the parent ignored SIGPIPE, A would inherit that */
	signal(SIGPIPE, SIG_DFL);

	if (pipe2(pfd, O_CLOEXEC) == -1)
		err(77, "pipe2: see ulimit -n");
	/* The commands run at once. If B were started only after A has exited,
	 * A could block forever in a full pipe */
	pid_t writer = start(a, pfd[1], STDOUT_FILENO);
	pid_t reader = start(b, pfd[0], STDIN_FILENO);
	/* With these ends open, B would get no EOF and A no SIGPIPE */
	if (close(pfd[0]) == -1 || close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");

	int last = reap(b[0], reader);
	reap(a[0], writer);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return last;
}
