// SPDX-License-Identifier: MIT
/*
 * open_waits.c - open a FIFO, and wait for the other end
 *
 * Shows:  open(2) of one end blocks until a process opens the other end
 * Build:  cc open_waits.c -o open_waits
 * Run:    ./open_waits
 * Prints: a line for each end
 * Exit:   0 both waited; 1 a call failed, or one did not wait; 77 a limit
 * See:    fifo(7), open(2), poll(2); open_modes.c
 */
#define _GNU_SOURCE /* O_PATH, pipe2 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child opens one end, and is blocked until this process opens the other */
static void show_waiting(const char *path, int mode, int other)
{
	int alive[2], status;

	if (pipe2(alive, O_CLOEXEC) == -1)
		err(77, "pipe2: see ulimit -n");
	pid_t parent = getpid(), child = fork();
	if (child == -1)
		err(77, "fork: see ulimit -u");
	if (child == 0)
		_exit(prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent || open(path, mode) == -1);

	/* The child holds the write end of this pipe, so that poll reports
	 * POLLHUP when the child exits. 100 ms do not prove that open waits
	 * forever, but an open that does not wait is much faster */
	struct pollfd exited = { .fd = alive[0] };
	if (close(alive[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (poll(&exited, 1, 100) != 0)
		errx(EXIT_FAILURE, "the child did not wait");

	int fd = open(path, other | O_CLOEXEC);
	if (fd == -1)
		err(errno == EMFILE ? 77 : EXIT_FAILURE, "open the other end");
	if (waitpid(child, &status, 0) != child || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	if (close(fd) == -1 || close(alive[0]) == -1)
		err(EXIT_FAILURE, "close");
}

int main(void)
{
	char name[32], path[32];

	snprintf(name, sizeof name, "%d.fifo", (int)getpid());
	/* O_PATH opens neither end. Remove the name at once, so that it cannot
	 * be left behind: path opens the FIFO without it */
	if (mkfifo(name, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", name);
	int fifo = open(name, O_PATH | O_CLOEXEC);
	if (unlink(name) == -1 || fifo == -1)
		err(errno == EMFILE ? 77 : EXIT_FAILURE,
		    "open, unlink %s: see ulimit -n", name);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fifo);

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	show_waiting(path, O_RDONLY, O_WRONLY);
	show_waiting(path, O_WRONLY, O_RDONLY);
	printf("O_RDONLY, no writer: waits until a writer opens\n");
	printf("O_WRONLY, no reader: waits until a reader opens\n");

	if (close(fifo) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
