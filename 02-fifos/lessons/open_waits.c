// SPDX-License-Identifier: MIT
/*
 * open_waits.c - open a FIFO, and wait for the other end
 *
 * Shows:  open(2) of one end blocks until a process opens the other end
 * Build:  cc open_waits.c -o open_waits
 * Run:    ./open_waits
 * Prints: a line for each end
 * Exit:   0 both waited; 1 a call failed, or one did not wait
 * See:    fifo(7), open(2), poll(2); open_modes.c
 */
#define _GNU_SOURCE /* O_PATH, pipe2 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A FIFO whose name is removed at once, so that none can be left behind. O_PATH
 * gives a descriptor that is neither of its ends */
static int make_fifo(const char *name)
{
	if (mkfifo(name, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", name);
	int fifo = open(name, O_PATH | O_CLOEXEC);
	if (unlink(name) == -1 || fifo == -1)
		err(EXIT_FAILURE, "open, unlink %s", name);
	return fifo;
}

/* Open the FIFO as an open(2) of its name would */
static int open_fifo(int fifo, int flags)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fifo);
	return open(path, flags | O_CLOEXEC);
}

/* A child opens one end: it would be blocked forever, and is for 100 ms. It
 * goes on when this process opens the other end */
static void show_waiting(int fifo, const char *name, int mode, int other)
{
	int alive[2], status;

	if (pipe2(alive, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	pid_t parent = getpid(), child = fork();
	if (child == -1)
		err(EXIT_FAILURE, "fork");
	if (child == 0)
		_exit(prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent || open_fifo(fifo, mode) == -1);

	/* The child holds the other end of this pipe: POLLHUP when it exits */
	struct pollfd exited = { .fd = alive[0] };
	if (close(alive[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (poll(&exited, 1, 100) != 0)
		errx(EXIT_FAILURE, "%s: expected to wait", name);
	int fd = open_fifo(fifo, other);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", name);
	if (waitpid(child, &status, 0) != child || status != 0)
		errx(EXIT_FAILURE, "%s: the child failed", name);
	printf("%s, nobody there: waits until the other end is opened\n", name);
	if (close(fd) == -1 || close(alive[0]) == -1)
		err(EXIT_FAILURE, "close");
}

int main(void)
{
	int fifo = make_fifo("open_waits.fifo");

	show_waiting(fifo, "O_RDONLY", O_RDONLY, O_WRONLY);
	show_waiting(fifo, "O_WRONLY", O_WRONLY, O_RDONLY);

	if (close(fifo) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
