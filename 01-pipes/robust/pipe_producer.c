// SPDX-License-Identifier: MIT
/*
 * pipe_producer.c - copy standard input through a pipe to a command
 *
 * Shows:  a pipe has no name: its reader inherits it, across fork and exec
 * Build:  cc pipe_producer.c -o pipe_producer
 * Run:    ./pipe_producer [COMMAND [ARGUMENT...]] <file
 * Prints: what COMMAND prints; on standard error: how many bytes it sent
 * Exit:   0 all sent and COMMAND succeeded; 1 a call or COMMAND failed;
 *         2 usage; 77 a limit or a sandbox forbids it
 * See:    pipe(7), pipe2(2), fork(2), dup2(2), wait(2); pipe_consumer.c, pipe.h
 */
#define _GNU_SOURCE /* pipe2, F_SETPIPE_SZ */
#include "pipe.h"
#include <signal.h>
#include <sys/wait.h>

static const char usage[] =
    "usage: pipe_producer [COMMAND [ARGUMENT...]]\n"
    "Copy standard input through a pipe to COMMAND, which reads it\n"
    "as its standard input.\n"
    "Without COMMAND, the pipe_consumer beside this program is started.\n";

/* Start command with a new pipe as its standard input */
static pid_t start_reader(char *command[], int *write_end)
{
	int pfd[2];

	if (pipe2(pfd, O_CLOEXEC) == -1)
		fail("pipe2", command[0]);
	/* An ignored SIGCHLD is inherited, and the kernel would then keep no
	 * exit status of the reader for reap() */
	signal(SIGCHLD, SIG_DFL);
	pid_t pid = fork();
	if (pid == -1)
		fail("fork", command[0]);
	if (pid == 0) {
		/* exec closes both ends, and dup2's copy stays open. A reader
		 * that had a write end itself would never get EOF */
		if (dup2(pfd[0], STDIN_FILENO) != -1)
			execvp(command[0], command);
		warn("exec %s", command[0]);
		_exit(127);
	}
	/* With a read end left open here, no write would fail with EPIPE */
	if (close(pfd[0]) == -1)
		err(EXIT_FAILURE, "close");
	/* 64 KiB, the default size, is full after one write: the halves would
	 * wait in turn. 1 MiB spares wake-ups. A user that has many pages in
	 * pipes gets EPERM, and the size stays: pipe(7) */
	if (fcntl(pfd[1], F_SETPIPE_SZ, 1 << 20) == -1 && errno != EPERM)
		fail("fcntl F_SETPIPE_SZ", command[0]);
	*write_end = pfd[1];
	return pid;
}

/* Wait until the reader has exited. Fail if the reader has failed */
static void reap(pid_t reader, const char *command)
{
	int status;

	while (waitpid(reader, &status, 0) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "waitpid %s", command);
	if (WIFSIGNALED(status))
		errx(EXIT_FAILURE, "%s: killed by signal %d, %s", command,
		     WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		errx(EXIT_FAILURE, "%s: exit status %d", command,
		     WEXITSTATUS(status));
}

int main(int argc, char *argv[])
{
	char beside[4096], *slash = strrchr(argv[0], '/');
	char *default_command[] = { beside, NULL };
	struct total total = { 0, 0 };
	int fd;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 1 && (argv[1][0] == '\0' || argv[1][0] == '-'))
		return print_usage(stderr, usage);
	check_standard_descriptors();

	/* The default is found as this program was: in its folder, or PATH */
	snprintf(beside, sizeof beside, "%.*spipe_consumer",
		 slash == NULL ? 0 : (int)(slash - argv[0] + 1), argv[0]);
	char **command = argc > 1 ? argv + 1 : default_command;
	pid_t reader = start_reader(command, &fd);

	/* After the fork, because an ignored signal stays ignored across exec.
	 * By default a write without a reader would kill this program */
	signal(SIGPIPE, SIG_IGN);
	int copied = copy(STDIN_FILENO, fd, &total);
	if (copied == -1 && errno != EPIPE)
		err(EXIT_FAILURE, "write pipe");

	/* The reader gets EOF as soon as the last write end is closed */
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close pipe");
	reap(reader, command[0]);
	if (copied == -1)
		errx(EXIT_FAILURE, "%s: the reader has closed the pipe",
		     command[0]);
	report("sent", "write", &total);
	return EXIT_SUCCESS;
}
