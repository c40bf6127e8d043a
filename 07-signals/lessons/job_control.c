// SPDX-License-Identifier: MIT
/*
 * job_control.c - type Ctrl-C into a terminal that has two jobs
 *
 * Shows:  a key such as Ctrl-C signals the foreground process group alone
 * Build:  cc job_control.c -o job_control
 * Run:    ./job_control
 * Prints: what Ctrl-C did to the foreground job, and to the background job
 * Exit:   0 done; 1 a call failed, or another job got the signal;
 *         77 a limit, or there are no pseudo-terminals here
 * See:    credentials(7), tcsetpgrp(3), posix_openpt(3), pty(7)
 */
#define _GNU_SOURCE /* posix_openpt, strsignal */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The shell is a child: it exits without the exit handlers of its parent */
static _Noreturn void fail(const char *what)
{
	int status = errno == EMFILE || errno == EAGAIN ? 77 : EXIT_FAILURE;

	warn("%s", what);
	_exit(status);
}

/* A job is a process group of its own */
static pid_t start_job(void)
{
	pid_t shell = getpid(), pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != shell)
			fail("prctl");
		for (;;)
			pause();
	}
	if (pid == -1 || setpgid(pid, pid) == -1)
		fail("fork, setpgid: see ulimit -u");
	return pid;
}

static _Noreturn void be_a_shell(int keyboard)
{
	/* A new session has no terminal. The first one it opens is its own */
	const char *name = ptsname(keyboard);
	if (name == NULL || setsid() == -1)
		fail("ptsname, setsid");
	int terminal = open(name, O_RDWR | O_CLOEXEC);
	if (terminal == -1)
		fail("open the terminal: see ulimit -n");

	/* A background shell may have inherited SIGINT ignored, or blocked */
	sigset_t none;
	sigemptyset(&none);
	(void)signal(SIGINT, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	pid_t fg = start_job(), bg = start_job();
	if (tcsetpgrp(terminal, fg) == -1)
		fail("tcsetpgrp");
	/* Ctrl-C is the byte 3. The terminal turns it into a signal */
	if (write(keyboard, "\003", 1) != 1)
		fail("type Ctrl-C");

	int status;
	if (waitpid(fg, &status, 0) == -1)
		fail("waitpid");
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	pid_t ended = waitpid(bg, &status, WNOHANG);
	if (ended == 0 &&
	    (kill(-bg, SIGKILL) == -1 || waitpid(bg, NULL, 0) == -1))
		fail("kill, waitpid");
	printf("foreground job: killed by signal %d, %s\n", sig,
	       strsignal(sig));
	printf("background job: %s\n", ended == 0 ? "runs" : "has ended");
	if (fflush(stdout) == EOF || ferror(stdout))
		fail("write standard output");
	_exit(sig == SIGINT && ended == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

int main(void)
{
	int status;

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	/* The keyboard: bytes written here are typed into the terminal */
	int keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (keyboard == -1 || grantpt(keyboard) == -1 ||
	    unlockpt(keyboard) == -1)
		err(77, errno == EMFILE
			    ? "/dev/ptmx: see ulimit -n"
			    : "/dev/ptmx: mount -t devpts devpts /dev/pts");
	/* A process group leader cannot start a session, a child can */
	pid_t parent = getpid(), shell = fork();
	if (shell == -1)
		err(77, "fork: see ulimit -u");
	if (shell == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			fail("prctl");
		be_a_shell(keyboard);
	}
	if (waitpid(shell, &status, 0) == -1 || close(keyboard) == -1)
		err(EXIT_FAILURE, "wait for the shell");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return 77;
	if (status != 0)
		errx(EXIT_FAILURE, "expected: only the foreground job ends");
	return EXIT_SUCCESS;
}
