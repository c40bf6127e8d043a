// SPDX-License-Identifier: MIT
/*
 * job_control.c - stop, continue and interrupt a job by the keys of a terminal
 *
 * Shows:  a key that means a signal goes to the foreground process group alone
 * Build:  cc job_control.c -o job_control
 * Run:    ./job_control
 * Prints: what waitid(2) says of the two jobs after Ctrl-Z and after Ctrl-C
 * Exit:   0 done; 1 a call failed, or a signal went elsewhere; 2 usage;
 *         77 there are no pseudo-terminals here
 * See:    credentials(7), tcsetpgrp(3), waitid(2), posix_openpt(3), pty(7)
 */
#define _GNU_SOURCE /* pipe2, posix_openpt */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* A session of our own has no terminal; the first one opened becomes it */
static int become_session(int master)
{
	const char *name = ptsname(master);
	int fd = -1;

	if (setsid() != -1 && name != NULL)
		fd = open(name, O_RDWR | O_CLOEXEC);
	if (fd == -1)
		err(EXIT_FAILURE, "setsid, or open the terminal");
	return fd;
}

/* A job is a process group. The pipe is closed when exec has succeeded */
static pid_t start_job(void)
{
	int running[2];
	char c;

	if (pipe2(running, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	pid_t pid = fork(), shell = getsid(0);
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (setpgid(0, 0) == -1 ||
		    prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != shell)
			err(EXIT_FAILURE, "setpgid, prctl");
		execlp("tail", "tail", "-f", "/dev/null", (char *)NULL);
		err(EXIT_FAILURE, "exec tail"); /* else it waits for ever */
	}
	if (close(running[1]) == -1 || read(running[0], &c, 1) != 0 ||
	    close(running[0]) == -1)
		err(EXIT_FAILURE, "wait for exec");
	return pid;
}

/* Wait for news of pid, and tell; CLD_* 0: there must not be any */
static void report(const char *job, pid_t pid, int expected, int sig)
{
	static const char *const names[] = { "no news",
					     [CLD_EXITED] = "exited with",
					     [CLD_KILLED] = "ended by",
					     [CLD_DUMPED] = "ended by",
					     [CLD_STOPPED] = "stopped by",
					     [CLD_CONTINUED] = "continued by" };
	siginfo_t news = { .si_code = 0 };

	if (waitid(P_PID, (id_t)pid, &news,
		   WEXITED | WSTOPPED | WCONTINUED |
		       (expected == 0 ? WNOHANG : 0)) == -1)
		err(EXIT_FAILURE, "waitid");
	printf("%s: %s", job, names[news.si_code]);
	printf(news.si_status == 0 ? "\n" : " %d\n", news.si_status);
	if (news.si_code != expected || news.si_status != sig)
		errx(EXIT_FAILURE, "expected: %s %d", names[expected], sig);
}

static void be_a_shell(int master)
{
	const char *ctrl_z = "\032", *ctrl_c = "\003"; /* SIGTSTP, SIGINT */
	int terminal = become_session(master);

	/* What a background shell has ignored, its jobs would ignore as well */
	(void)signal(SIGTSTP, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	pid_t fg = start_job(), bg = start_job();
	if (tcsetpgrp(terminal, fg) == -1 || write(master, ctrl_z, 1) != 1)
		err(EXIT_FAILURE, "tcsetpgrp, type Ctrl-Z");
	report("foreground", fg, CLD_STOPPED, SIGTSTP);
	report("background", bg, 0, 0);
	if (kill(-fg, SIGCONT) == -1)
		err(EXIT_FAILURE, "kill");
	report("foreground", fg, CLD_CONTINUED, SIGCONT);
	if (write(master, ctrl_c, 1) != 1)
		err(EXIT_FAILURE, "type Ctrl-C");
	report("foreground", fg, CLD_KILLED, SIGINT);
	report("background", bg, 0, 0);
	if (kill(-bg, SIGTERM) == -1)
		err(EXIT_FAILURE, "kill");
	report("background", bg, CLD_KILLED, SIGTERM);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	int master = open_terminal(), status;
	/* A child: who leads a process group gets no session */
	pid_t parent = getpid(), shell = fork();
	if (shell == -1)
		err(EXIT_FAILURE, "fork");
	if (shell == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		be_a_shell(master);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(shell, &status, 0) == -1 || close(master) == -1)
		err(EXIT_FAILURE, "wait for the shell");
	return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE; /* it has said why */
}
