// SPDX-License-Identifier: MIT
/*
 * broken_pipe.c - write to a pipe that has no reader any more
 *
 * Shows:  the default SIGPIPE kills the writer; ignored, write fails with EPIPE
 * Build:  cc broken_pipe.c -o broken_pipe
 * Run:    ./broken_pipe
 * Prints: how a writer ended, once with each disposition
 * Exit:   0 both as described; 1 a call failed, or another end; 77 a limit
 * See:    pipe(7), signal(7), write(2)
 */
#define _GNU_SOURCE /* pipe2, strsignal */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Fork a writer with that disposition of SIGPIPE. Return its wait status */
static int run_writer(int fd, void (*disposition)(int))
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		/* The signal arrives before write returns. The exit status
		 * reports which error write had, 0 if none */
		if (signal(SIGPIPE, disposition) == SIG_ERR)
			_exit(0);
		_exit(write(fd, "lost", 4) == -1 ? errno : 0);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	return status;
}

int main(void)
{
	int pfd[2];
	sigset_t set;

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	/* If the parent of this program blocked SIGPIPE, so would the writers,
	 * and the signal would stay pending */
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (sigprocmask(SIG_UNBLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	if (pipe2(pfd, O_CLOEXEC) == -1)
		err(77, "pipe2: see ulimit -n");
	/* Closed before the fork, so that no process at all has a read end */
	if (close(pfd[0]) == -1)
		err(EXIT_FAILURE, "close");

	int status = run_writer(pfd[1], SIG_DFL);
	int ignored = run_writer(pfd[1], SIG_IGN);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGPIPE)
		errx(EXIT_FAILURE, "the default did not kill the writer");
	printf("SIGPIPE default: the writer was killed by signal %d, %s\n",
	       WTERMSIG(status), strsignal(WTERMSIG(status)));

	if (!WIFEXITED(ignored) || WEXITSTATUS(ignored) != EPIPE)
		errx(EXIT_FAILURE, "ignored: no EPIPE");
	printf("SIGPIPE ignored: the writer went on; write: %s\n",
	       strerror(WEXITSTATUS(ignored)));

	if (close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
