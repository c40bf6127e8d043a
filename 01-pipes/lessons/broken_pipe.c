// SPDX-License-Identifier: MIT
/*
 * broken_pipe.c - write to a pipe that nobody reads any more
 *
 * Shows:  the default SIGPIPE kills the writer; ignored, write fails with EPIPE
 * Build:  cc broken_pipe.c -o broken_pipe
 * Run:    ./broken_pipe
 * Prints: how a writer ended, once with each disposition
 * Exit:   0 both as described; 1 a call failed or it was not so; 2 usage
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

static int usage(FILE *out)
{
	fputs("usage: broken_pipe\n"
	      "Write to a pipe without reader, with SIGPIPE default and "
	      "ignored.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Fork a writer with that disposition of SIGPIPE; return its wait status */
static int writer(int fd, void (*disposition)(int))
{
	pid_t pid = fork();
	int status;

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (signal(SIGPIPE, disposition) == SIG_ERR)
			_exit(0);
		/* The signal comes before write returns. The exit status
		 * tells the parent which error write had, 0 if none */
		_exit(write(fd, "lost", 4) == -1 ? errno : 0);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "waitpid");
	return status;
}

static void report(const char *disposition, int status)
{
	if (WIFSIGNALED(status))
		printf("SIGPIPE %s: the writer was killed by signal %d, %s\n",
		       disposition, WTERMSIG(status),
		       strsignal(WTERMSIG(status)));
	else
		printf("SIGPIPE %s: the writer went on; write: %s\n",
		       disposition, strerror(WEXITSTATUS(status)));
}

int main(int argc, char *argv[])
{
	int pfd[2];
	sigset_t set;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* A blocked SIGPIPE, inherited, would stay pending instead */
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (sigprocmask(SIG_UNBLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	if (pipe2(pfd, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	/* Before the fork, so that no process at all has the read end */
	if (close(pfd[0]) == -1)
		err(EXIT_FAILURE, "close");
	int killed = writer(pfd[1], SIG_DFL), told = writer(pfd[1], SIG_IGN);

	report("default", killed);
	report("ignored", told);
	if (!WIFSIGNALED(killed) || WTERMSIG(killed) != SIGPIPE)
		errx(EXIT_FAILURE, "the default did not kill the writer");
	if (!WIFEXITED(told) || WEXITSTATUS(told) != EPIPE)
		errx(EXIT_FAILURE, "ignored: no EPIPE");
	if (close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
