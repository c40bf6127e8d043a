// SPDX-License-Identifier: MIT
/*
 * open_waits.c - open a FIFO, and wait for the other end
 *
 * Shows:  open(2) of one end waits until somebody opens the other
 * Build:  cc open_waits.c -o open_waits
 * Run:    ./open_waits
 * Prints: a line for each end
 * Exit:   0 all as said here; 1 a call failed, or it was not so; 2 usage;
 *         77 TMPDIR is too long
 * See:    fifo(7), open(2), pipe(7); open_modes.c
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char dir[4088], path[sizeof dir + 8];

static int usage(FILE *out)
{
	fputs("usage: open_waits\n"
	      "Open each end of a FIFO where nobody is at the other.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_fifo(void)
{
	unlink(path);
	rmdir(dir);
}

/* A FIFO in a folder that nobody else can enter. Signals that would end us wait
 * until we end, a moment later: nothing stays behind */
static void make_fifo(void)
{
	const char *tmp = getenv("TMPDIR");
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 ||
	    signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		err(EXIT_FAILURE, "sigprocmask, signal");
	if (snprintf(dir, sizeof dir, "%s/fifo-XXXXXX", tmp ? tmp : "/tmp") >=
	    (int)sizeof dir)
		errx(77, "TMPDIR is too long: set a shorter one, such as /tmp");
	if (mkdtemp(dir) == NULL)
		err(EXIT_FAILURE, "mkdtemp %s", dir);
	snprintf(path, sizeof path, "%s/fifo", dir);
	if (atexit(remove_fifo) != 0 || mkfifo(path, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", path);
}

static int open_or_die(int mode)
{
	int fd = open(path, mode | O_CLOEXEC);

	if (fd == -1)
		err(EXIT_FAILURE, "open %s", path);
	return fd;
}

static void close_or_die(int fd)
{
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
}

/* A child opens as mode says. The bound shows that it hangs: it would for ever.
 * Only our own open, of the other end, lets it go on */
static void shows_waiting(const char *name, int mode, int other)
{
	const struct timespec bound = { .tv_nsec = 100 * 1000 * 1000 };
	sigset_t ends;
	int status;
	pid_t parent = getpid(), child = fork();

	if (child == -1)
		err(EXIT_FAILURE, "fork");
	if (child == 0)
		_exit(prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent ||
		      open(path, mode | O_CLOEXEC) == -1);
	sigemptyset(&ends);
	sigaddset(&ends, SIGCHLD);
	if (sigtimedwait(&ends, NULL, &bound) != -1 || errno != EAGAIN)
		errx(EXIT_FAILURE, "%s: did not wait", name);
	int fd = open_or_die(other);
	if (waitpid(child, &status, 0) != child || status != 0)
		errx(EXIT_FAILURE, "%s: the child failed", name);
	if (sigwaitinfo(&ends, NULL) == -1) /* it has come by now: of no use */
		err(EXIT_FAILURE, "sigwaitinfo");
	printf("%s, nobody there: waits until the other end is opened\n", name);
	close_or_die(fd);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_fifo();

	shows_waiting("O_RDONLY", O_RDONLY, O_WRONLY);
	shows_waiting("O_WRONLY", O_WRONLY, O_RDONLY);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
