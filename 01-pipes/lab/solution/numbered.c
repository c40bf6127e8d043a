// SPDX-License-Identifier: MIT
/*
 * numbered.c - pass standard input through a command, and number what returns
 *
 * Build:  cc numbered.c -o numbered
 * Run:    ./numbered COMMAND [ARGUMENT...] <file
 * Exit:   that of the command; 1 a call failed; 2 usage; 127 no such command
 * See:    pipe(2), fork(2), signal(7), getline(3); numbered in README.md
 */
#define _GNU_SOURCE /* pipe2 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a child of its own: nobody else has to write while there is to be read.
 * If the command reads no more, SIGPIPE ends this process */
static _Noreturn void feed(int out)
{
	static char buf[65536];
	ssize_t n, sent;

	signal(SIGPIPE, SIG_DFL);
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0)
		for (ssize_t done = 0; done < n; done += sent)
			if ((sent = write(out, buf + done,
					  (size_t)(n - done))) == -1)
				_exit(EXIT_FAILURE);
	_exit(n == -1);
}

/* In a child: become the command, between the two pipes */
static _Noreturn void become(char *command[], int in, int out)
{
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		warn("dup2");
	else if (execvp(command[0], command) == -1)
		warn("exec %s", command[0]);
	_exit(127);
}

int main(int argc, char *argv[])
{
	if (argc < 2)
		errx(2, "usage: numbered COMMAND [ARGUMENT...] <file");

	/* O_CLOEXEC: the command gets only what dup2 makes */
	int to[2], from[2];
	if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe");
	pid_t command = fork();
	if (command == 0)
		become(argv + 1, to[0], from[1]);
	if (command == -1)
		err(EXIT_FAILURE, "fork");
	/* Only the command has these ends now. When it has ended, the feeder's
	 * write fails, and getline returns the end of the answers */
	if (close(to[0]) == -1 || close(from[1]) == -1)
		err(EXIT_FAILURE, "close");
	pid_t feeder = fork();
	if (feeder == 0)
		feed(to[1]);
	if (feeder == -1) {
		warn("fork");
		kill(command, SIGKILL); /* no process is left running */
		return EXIT_FAILURE;
	}
	if (close(to[1]) == -1)
		err(EXIT_FAILURE, "close");

	FILE *answers = fdopen(from[0], "r");
	if (answers == NULL)
		err(EXIT_FAILURE, "fdopen");
	char *line = NULL;
	size_t size = 0, number = 0;
	for (ssize_t n; (n = getline(&line, &size, answers)) > 0;) {
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		printf("%zu: %s\n", ++number, line);
	}
	int is_bad = ferror(answers) || fflush(stdout) == EOF || ferror(stdout);
	if (is_bad)
		warn("write standard output");
	free(line);

	int status;
	if (waitpid(command, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	/* It may wait for input that the command does not want any more */
	if (kill(feeder, SIGTERM) == -1 || waitpid(feeder, NULL, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (is_bad)
		return EXIT_FAILURE;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
