// SPDX-License-Identifier: MIT
/*
 * sysv_removed.c - remove a System V queue while somebody waits in it
 *
 * Shows:  IPC_RMID wakes who waits, with EIDRM; who comes later gets EINVAL
 * Build:  cc sysv_removed.c -o sysv_removed
 * Run:    ./sysv_removed
 * Prints: what the one who waits is told, and one who comes later
 * Exit:   0 done; 1 a call failed, or gave another error; 2 usage;
 *         77 no System V queues in this kernel
 * See:    msgop(2), msgctl(2), proc(5); sysv_limits.c
 */
#define _GNU_SOURCE /* pipe2, and what is XSI in sys/msg.h */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	long type;
	char text[10];
} msg;
static int queue;

static int usage(FILE *out)
{
	fputs("usage: sysv_removed\n"
	      "Remove a message queue under a process that waits in it.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_queue(void)
{
	(void)msgctl(queue, IPC_RMID, NULL);
}

/* It has no key, but would stay for ever: no signal may end us before that */
static void make_queue(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	queue = msgget(IPC_PRIVATE, 0600);
	if (queue == -1 && errno == ENOSYS)
		err(77, "msgget: needs a kernel with CONFIG_SYSVIPC");
	if (queue == -1)
		err(EXIT_FAILURE, "msgget IPC_PRIVATE");
	if (atexit(remove_queue) != 0)
		errx(EXIT_FAILURE, "atexit: no memory");
}

/* Wait in vain for what nobody sends; the status is the error */
static int wait_in_child(int ready, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		return 0;
	if (write(ready, "", 1) != 1)
		return 0;
	return msgrcv(queue, &msg, sizeof msg.text, 0, 0) == -1 ? errno : 0;
}

/* A queue does not count its waiters. But the child's next call after its byte
 * is msgrcv, and the first that waits: look until the kernel says S, sleeping
 */
static void await_sleep(pid_t pid)
{
	char path[32], name[32], mode = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	while (mode != 'S') {
		FILE *stat = fopen(path, "re");

		if (stat == NULL)
			err(77, "%s: needs /proc of this namespace", path);
		if (fscanf(stat, "%*d (%31[^)]) %c", name, &mode) != 2 ||
		    mode == 'Z')
			errx(EXIT_FAILURE, "%s: the child has ended", path);
		fclose(stat); /* was only read */
		if (mode != 'S' && poll(NULL, 0, 1) == -1)
			err(EXIT_FAILURE, "poll");
	}
}

int main(int argc, char *argv[])
{
	int ready[2], status;
	pid_t parent = getpid();
	char byte;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_queue();

	if (pipe2(ready, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	pid_t child = fork();
	if (child == -1)
		err(EXIT_FAILURE, "fork");
	if (child == 0)
		_exit(wait_in_child(ready[1], parent));
	if (close(ready[1]) == -1 || read(ready[0], &byte, 1) != 1 ||
	    close(ready[0]) == -1)
		errx(EXIT_FAILURE, "the child has ended before it waits");
	await_sleep(child);
	if (msgctl(queue, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl IPC_RMID");

	if (waitpid(child, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EIDRM)
		errx(EXIT_FAILURE, "the waiter: status %#x, not EIDRM", status);
	printf("msgrcv that waits, queue removed: %s\n",
	       strerror(WEXITSTATUS(status)));
	if (msgrcv(queue, &msg, sizeof msg.text, 0, 0) != -1 || errno != EINVAL)
		err(EXIT_FAILURE, "msgrcv of a queue that is no longer");
	printf("msgrcv after that: %s\n", strerror(errno));

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
