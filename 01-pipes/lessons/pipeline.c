// SPDX-License-Identifier: MIT
/*
 * pipeline.c - run A | B as a shell does
 *
 * Shows:  a pipeline is one pipe, two forks, two dup2, two exec and two waits
 * Build:  cc pipeline.c -o pipeline
 * Run:    ./pipeline [A [ARGUMENT...] '|' B [ARGUMENT...]]
 * Prints: what B prints; then how each command ended
 * Exit:   that of B, 128 + signal if one killed it; 1 a call failed; 2 usage
 * See:    pipe2(2), dup2(2), execvp(3), waitpid(2)
 */
#define _GNU_SOURCE /* pipe2, strsignal */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: pipeline [A [ARGUMENT...] '|' B [ARGUMENT...]]\n"
	      "Run A | B; without operands: yes | head -n 2.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Start argv with descriptor end of the pipe in the place of target */
static pid_t start(char *argv[], int end, int target)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return pid;
	/* Who ends us ends the commands too; exec keeps this setting */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	/* The copy that dup2 makes outlives exec; both ends, which are
	 * close-on-exec, do not: no command holds an end too many */
	if (dup2(end, target) != -1)
		execvp(argv[0], argv);
	warn("exec %s", argv[0]);
	_exit(127);
}

/* Reap one command, say how it ended, return its status as a shell has it */
static int reap(const char *name, pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "waitpid %s", name);
	if (WIFSIGNALED(status)) {
		printf("%s: killed by signal %d, %s\n", name, WTERMSIG(status),
		       strsignal(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	printf("%s: exit status %d\n", name, WEXITSTATUS(status));
	return WEXITSTATUS(status);
}

int main(int argc, char *argv[])
{
	char *yes[] = { "yes", NULL }, *head[] = { "head", "-n", "2", NULL };
	char **a = yes, **b = head;
	int pfd[2];

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1) {
		for (a = b = argv + 1; *b != NULL && strcmp(*b, "|") != 0;)
			b++;
		if (a == b || b[0] == NULL || b[1] == NULL)
			return usage(stderr);
		*b++ = NULL;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Were it ignored when we were started, A would inherit that */
	signal(SIGPIPE, SIG_DFL);

	if (pipe2(pfd, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	/* Both run at once: A would wait for ever in a full pipe if B were
	 * started only after it */
	pid_t writer = start(a, pfd[1], STDOUT_FILENO);
	pid_t reader = start(b, pfd[0], STDIN_FILENO);

	/* Ours too, or B gets no EOF and A no SIGPIPE */
	if (close(pfd[0]) == -1 || close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
	/* B first, so that its output stands before our lines */
	int last = reap(b[0], reader);

	reap(a[0], writer);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return last;
}
