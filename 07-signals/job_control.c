// SPDX-License-Identifier: MIT
/*
 * job_control.c - stop, continue and interrupt a job by the keys of a terminal
 *
 * Shows:  a key that means a signal goes to the foreground process group alone
 * Build:  cc job_control.c -o job_control
 * Run:    ./job_control
 * Prints: what waitpid(2) says of the two jobs after Ctrl-Z and after Ctrl-C
 * Exit:   0 done; 1 a call failed, or a signal went elsewhere; 2 usage;
 *         77 there are no pseudo-terminals here
 * See:    credentials(7), tcsetpgrp(3), waitpid(2), posix_openpt(3), pty(7)
 */
#define _GNU_SOURCE /* pipe2, posix_openpt */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: job_control\n"
	      "Be a shell with two jobs, and the keys of its terminal.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The side of the keyboard: what is written here, somebody has typed */
static int open_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1) {
		int e = errno;
		warn("open /dev/ptmx");
		if (e != ENOENT && e != ENODEV && e != ENOSPC && e != EACCES)
			exit(EXIT_FAILURE);
		warnx("is devpts mounted? mount -t devpts devpts /dev/pts");
		exit(77);
	}
	return master;
}

/* A session of our own has no terminal yet; this one becomes its terminal */
static int become_session(int master)
{
	const char *name = ptsname(master);
	int fd;

	if (setsid() == -1)
		err(EXIT_FAILURE, "setsid");
	if (name == NULL ||
	    (fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) == -1)
		err(EXIT_FAILURE, "open %s", name != NULL ? name : "ptsname");
	if (ioctl(fd, TIOCSCTTY, 0) == -1)
		err(EXIT_FAILURE, "ioctl TIOCSCTTY");
	return fd;
}

/* What a background shell has ignored, its children would ignore as well */
static void run_job(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };

	if (setpgid(0, 0) == -1 || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    sigaction(SIGTSTP, &dfl, NULL) == -1 ||
	    sigaction(SIGINT, &dfl, NULL) == -1 ||
	    sigaction(SIGTERM, &dfl, NULL) == -1)
		err(EXIT_FAILURE, "prepare a job");
	execlp("tail", "tail", "-f", "/dev/null", (char *)NULL);
	err(EXIT_FAILURE, "exec tail"); /* else it waits for ever */
}

/* A job is a process group. The pipe is closed when exec has succeeded */
static pid_t start_job(void)
{
	int running[2];
	char c;

	if (pipe2(running, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		run_job();
	if (close(running[1]) == -1 || read(running[0], &c, 1) != 0 ||
	    close(running[0]) == -1)
		err(EXIT_FAILURE, "wait for exec");
	return pid;
}

static void type(int master, char key)
{
	if (write(master, &key, 1) != 1)
		err(EXIT_FAILURE, "write terminal");
}

/* Wait for news of pid, and tell; it must be what is expected */
static void report(const char *job, pid_t pid, const char *news, int sig)
{
	const char *actual = "exited with";
	int status, number;

	if (waitpid(pid, &status, WUNTRACED | WCONTINUED) == -1)
		err(EXIT_FAILURE, "waitpid");
	number = WEXITSTATUS(status);
	if (WIFSTOPPED(status)) {
		actual = "stopped by";
		number = WSTOPSIG(status);
	} else if (WIFCONTINUED(status)) {
		actual = "continued by";
		number = SIGCONT; /* nothing else can */
	} else if (WIFSIGNALED(status)) {
		actual = "ended by";
		number = WTERMSIG(status);
	}
	printf("%s: %s %d\n", job, actual, number);
	if (strcmp(actual, news) != 0 || number != sig)
		errx(EXIT_FAILURE, "expected: %s %d", news, sig);
}

/* Neither stopped nor ended: there is no news of it */
static void report_none(const char *job, pid_t pid)
{
	pid_t news = waitpid(pid, NULL, WNOHANG | WUNTRACED);

	if (news == -1)
		err(EXIT_FAILURE, "waitpid");
	if (news != 0)
		errx(EXIT_FAILURE, "%s: the key reached it", job);
	printf("%s: no news\n", job);
}

static void be_a_shell(int master)
{
	int terminal = become_session(master);
	pid_t fg = start_job(), bg = start_job();

	if (tcsetpgrp(terminal, fg) == -1)
		err(EXIT_FAILURE, "tcsetpgrp");
	type(master, '\032'); /* Ctrl-Z: SIGTSTP */
	report("foreground", fg, "stopped by", SIGTSTP);
	report_none("background", bg);
	if (kill(-fg, SIGCONT) == -1)
		err(EXIT_FAILURE, "kill");
	report("foreground", fg, "continued by", SIGCONT);
	type(master, '\003'); /* Ctrl-C: SIGINT */
	report("foreground", fg, "ended by", SIGINT);
	report_none("background", bg);
	if (kill(-bg, SIGTERM) == -1)
		err(EXIT_FAILURE, "kill");
	report("background", bg, "ended by", SIGTERM);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	int master = open_terminal(), status;
	pid_t shell = fork(); /* who leads a process group gets no session */
	if (shell == -1)
		err(EXIT_FAILURE, "fork");
	if (shell == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
			err(EXIT_FAILURE, "prctl");
		be_a_shell(master);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(shell, &status, 0) == -1 || close(master) == -1)
		err(EXIT_FAILURE, "wait for the shell");
	if (status != 0)
		return EXIT_FAILURE; /* it has said why */
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
