// SPDX-License-Identifier: MIT
/*
 * sysv_removed.c - remove a System V queue while a process is blocked on it
 *
 * Shows:  a call that is blocked fails with EIDRM, a later one with EINVAL
 * Build:  cc sysv_removed.c -o sysv_removed
 * Run:    ./sysv_removed
 * Prints: the errors of the call that was blocked and of the later one
 * Exit:   0 done; 1 a call failed, or another error; 77 no System V queues, or
 *         no /proc
 * See:    msgop(2), msgctl(2), proc(5); sysv_limits.c
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A queue does not report which process is blocked on it. But msgrcv is the
 * first call of the child that sleeps: read its state until it is S, sleeping.
 * Returns the last state that was read: 0 without /proc */
static char await_sleep(pid_t pid)
{
	char path[32], state = 'R';

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	while (state != 0 && state != 'S' && state != 'Z') {
		FILE *stat = fopen(path, "r");

		if (stat == NULL)
			return 0;
		if (fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
			state = 0;
		(void)fclose(stat);  /* was only read */
		(void)sched_yield(); /* always succeeds */
	}
	return state;
}

int main(void)
{
	long type;
	int status;
	sigset_t all;

	/* The queue outlives the process. No signal ends the process, and no
	 * error is reported, until the queue is removed */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	int msqid = msgget(IPC_PRIVATE, 0600);
	if (msqid == -1)
		err(77, "msgget: no System V queue; see sysctl kernel.msgmni");

	/* The child waits for a message of no text. Its status is the error */
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(0);
		_exit(msgrcv(msqid, &type, 0, 0, 0) == -1 ? errno : 0);
	}
	char state = child == -1 ? 0 : await_sleep(child);
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl IPC_RMID");
	if (child == -1)
		err(77, "fork; see ulimit -u");
	if (state == 0)
		errx(77, "needs /proc of this namespace");

	if (waitpid(child, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EIDRM)
		errx(EXIT_FAILURE, "expected EIDRM, got status %#x", status);
	printf("msgrcv that was blocked: %s\n", strerror(EIDRM));
	if (msgrcv(msqid, &type, 0, 0, 0) != -1 || errno != EINVAL)
		errx(EXIT_FAILURE, "expected EINVAL");
	printf("msgrcv after that: %s\n", strerror(EINVAL));

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
