// SPDX-License-Identifier: MIT
/*
 * job_control.c - stop, continue and interrupt a job by the keys of a terminal
 *
 * Shows:  a key that means a signal goes to the foreground process group alone
 * Build:  cc job_control.c -o job_control
 * Run:    ./job_control
 * Prints: what waitid(2) reports of two jobs after Ctrl-Z and after Ctrl-C
 * Exit:   0 done; 1 a call failed, or a signal went elsewhere;
 *         77 there are no pseudo-terminals here
 * See:    credentials(7), tcsetpgrp(3), waitid(2), posix_openpt(3), pty(7)
 */
#define _GNU_SOURCE /* posix_openpt, waitid */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The side of the keyboard: what is written here, somebody has typed */
static int open_keyboard(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd != -1 && grantpt(fd) == 0 && unlockpt(fd) == 0)
		return fd;
	int e = errno;
	warn("open /dev/ptmx");
	if (e != ENOENT && e != ENODEV && e != ENOSPC && e != EACCES)
		exit(EXIT_FAILURE);
	warnx("is devpts mounted? mount -t devpts devpts /dev/pts");
	exit(77);
}

/* The shell is a child, and leaves without the exit handlers of its parent */
static _Noreturn void fail(const char *what)
{
	warn("%s", what);
	_exit(EXIT_FAILURE);
}

/* A job is a process group of its own. When exec has succeeded, the kernel
 * closes the write end of the pipe, and the shell reads EOF */
static pid_t start_job(void)
{
	int running[2];
	char c;

	if (pipe2(running, O_CLOEXEC) == -1)
		fail("pipe2");
	pid_t shell = getpid(), pid = fork();
	if (pid == 0) {
		if (setpgid(0, 0) == -1 ||
		    prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != shell)
			fail("setpgid, prctl");
		execlp("tail", "tail", "-f", "/dev/null", (char *)NULL);
		fail("exec tail");
	}
	if (pid == -1 || close(running[1]) == -1 ||
	    read(running[0], &c, 1) != 0 || close(running[0]) == -1)
		fail("start a job");
	return pid;
}

/* Wait until the state of pid changes. Code 0: it must not have changed */
static void expect(const char *change, pid_t pid, int code, int sig)
{
	siginfo_t info = { .si_code = 0 };
	int flags = WEXITED | WSTOPPED | WCONTINUED;

	if (code == 0)
		flags |= WNOHANG;
	if (waitid(P_PID, (id_t)pid, &info, flags) == -1)
		fail("waitid");
	if (info.si_code != code || info.si_status != sig) {
		warnx("expected: %s", change);
		_exit(EXIT_FAILURE);
	}
	printf("%s\n", change);
}

static void be_a_shell(int keyboard)
{
	/* A new session has no terminal: the first one opened becomes it */
	int terminal = -1;
	const char *name = ptsname(keyboard), *ctrl_z = "\032",
		   *ctrl_c = "\003";
	if (name != NULL && setsid() != -1)
		terminal = open(name, O_RDWR | O_CLOEXEC);
	if (terminal == -1)
		fail("setsid, or open the terminal");

	/* Ignored signals, such as a background shell's, are inherited */
	(void)signal(SIGTSTP, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	pid_t fg = start_job(), bg = start_job();
	if (tcsetpgrp(terminal, fg) == -1 || write(keyboard, ctrl_z, 1) != 1)
		fail("tcsetpgrp, type Ctrl-Z");
	expect("Ctrl-Z: the foreground job stops", fg, CLD_STOPPED, SIGTSTP);
	expect("Ctrl-Z: the background job runs", bg, 0, 0);
	if (kill(-fg, SIGCONT) == -1)
		fail("kill");
	expect("SIGCONT: the foreground job continues", fg, CLD_CONTINUED,
	       SIGCONT);
	if (write(keyboard, ctrl_c, 1) != 1)
		fail("type Ctrl-C");
	expect("Ctrl-C: the foreground job is killed", fg, CLD_KILLED, SIGINT);
	expect("Ctrl-C: the background job runs", bg, 0, 0);

	if (kill(-bg, SIGKILL) == -1 || waitpid(bg, NULL, 0) == -1)
		fail("kill, waitpid");
	if (fflush(stdout) == EOF || ferror(stdout))
		fail("write standard output");
}

int main(void)
{
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	int keyboard = open_keyboard();
	/* A process group leader, as this may be, cannot start a session */
	pid_t parent = getpid(), shell = fork();
	if (shell == -1)
		err(EXIT_FAILURE, "fork");
	if (shell == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			fail("prctl");
		be_a_shell(keyboard);
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(shell, &status, 0) == -1 || close(keyboard) == -1)
		err(EXIT_FAILURE, "wait for the shell");
	return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
