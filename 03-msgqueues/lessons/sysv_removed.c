// SPDX-License-Identifier: MIT
/*
 * sysv_removed.c - remove a System V queue while a process is blocked on it
 *
 * Shows:  a process that is blocked on a queue when the queue is removed gets
 *         EIDRM; a later call fails with EINVAL
 * Build:  cc sysv_removed.c -o sysv_removed
 * Run:    ./sysv_removed
 * Prints: the errors of the call that was blocked and of the later one
 * Exit:   0 done; 1 a call failed, or gave another error; 77 this kernel has no
 *         System V queues
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

static int msqid = -1;

/* Best effort, on the way out */
static void remove_queue(void)
{
	(void)msgctl(msqid, IPC_RMID, NULL);
}

/* The queue outlives the process, so signals stay blocked until it is removed
 */
static void make_queue(void)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 ||
	    atexit(remove_queue) != 0)
		err(EXIT_FAILURE, "sigprocmask, atexit");
	msqid = msgget(IPC_PRIVATE, 0600);
	if (msqid == -1 && errno == ENOSYS)
		err(77, "msgget: needs a kernel with CONFIG_SYSVIPC");
	if (msqid == -1)
		err(EXIT_FAILURE, "msgget IPC_PRIVATE");
}

/* The error of a msgrcv that waits for a message of no text */
static int receive(void)
{
	long type;

	return msgrcv(msqid, &type, 0, 0, 0) == -1 ? errno : 0;
}

/* A queue does not count who is blocked on it. But msgrcv is the first call of
 * the child that sleeps: ask until the kernel reports S, sleeping */
static void await_sleep(pid_t pid)
{
	char path[32], state = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	while (state != 'S') {
		FILE *stat = fopen(path, "r");

		if (stat == NULL)
			err(77, "%s: needs /proc of this namespace", path);
		if (fscanf(stat, "%*d (%*[^)]) %c", &state) != 1 ||
		    state == 'Z')
			errx(EXIT_FAILURE, "%s: the child has exited", path);
		(void)fclose(stat); /* was only read */
		if (sched_yield() == -1)
			err(EXIT_FAILURE, "sched_yield");
	}
}

int main(void)
{
	pid_t parent = getpid();
	int status;

	make_queue();
	pid_t child = fork();
	if (child == -1)
		err(EXIT_FAILURE, "fork");
	if (child == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(0);
		_exit(receive());
	}
	await_sleep(child);
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl IPC_RMID");

	if (waitpid(child, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EIDRM)
		errx(EXIT_FAILURE, "expected EIDRM, got status %#x", status);
	printf("msgrcv that was blocked: %s\n", strerror(EIDRM));
	if (receive() != EINVAL)
		errx(EXIT_FAILURE, "expected EINVAL");
	printf("msgrcv after that: %s\n", strerror(EINVAL));

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
