// SPDX-License-Identifier: MIT
/*
 * balancer.c - N workers run the commands of standard input, and may be killed
 *
 * Build:  cc balancer.c -o balancer
 * Run:    ./balancer N <commands
 * Exit:   0 each command has its status; 1 a call failed, or a line is too
 *         long; 2 usage
 * See:    msgget(2), msgop(2), msgctl(2), system(3), waitpid(2), sigaction(2),
 *         atexit(3); task balancer of the lab
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 8, LONGEST = 1000, NONE = -1, RESULT = MOST + 1 };

/* A line of the input. It goes to a worker, whose result has no text */
struct message {
	long type; /* 1 + worker, or RESULT */
	int worker, line, status;
	char text[LONGEST + 2]; /* as fgets reads it, with its newline */
};
enum { TEXT = offsetof(struct message, text) - sizeof(long) };

static struct {
	pid_t pid;
	int line; /* at which it works, or NONE */
} workers[MOST];
static struct message *lines;
static int queue;

/* Without a queue a worker ends, too, when its command has ended */
static void finish(void)
{
	msgctl(queue, IPC_RMID, NULL);
	while (wait(NULL) > 0)
		continue;
}

/* A worker has ended: this stands behind its results. On Linux msgsnd is no
 * more than a system call, so that a handler may call it */
static void report(int signal_number)
{
	struct message msg = { .type = RESULT, .line = NONE };
	int saved = errno;
	(void)signal_number;
	msgsnd(queue, &msg, TEXT, IPC_NOWAIT);
	errno = saved;
}

static void start(int worker)
{
	struct message msg;
	size_t size = sizeof msg - sizeof msg.type;

	/* A worker that was killed may have left its line in the queue */
	while (msgrcv(queue, &msg, size, 1 + worker, IPC_NOWAIT) != -1)
		continue;
	workers[worker].pid = fork();
	if (workers[worker].pid == -1)
		err(EXIT_FAILURE, "fork");
	if (workers[worker].pid > 0)
		return;
	struct sigaction action = { .sa_handler = SIG_DFL };
	if (sigaction(SIGCHLD, &action, NULL) == -1)
		_exit(EXIT_FAILURE);
	while (msgrcv(queue, &msg, size, 1 + worker, 0) != -1) {
		int status = system(msg.text);
		msg.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						 : WEXITSTATUS(status);
		msg.type = RESULT;
		if (msgsnd(queue, &msg, TEXT, 0) == -1)
			break;
	}
	_exit(EXIT_SUCCESS);
}

static void give(int worker, int line)
{
	struct message *msg = &lines[line];
	workers[worker].line = line;
	msg->type = 1 + worker;
	msg->worker = worker;
	if (msgsnd(queue, msg, TEXT + strlen(msg->text) + 1, 0) == -1)
		err(EXIT_FAILURE, "msgsnd");
}

static int read_lines(void)
{
	struct message msg = { .status = NONE };
	int count = 0;
	for (; fgets(msg.text, sizeof msg.text, stdin) != NULL; count++) {
		msg.text[strcspn(msg.text, "\n")] = '\0';
		if (strlen(msg.text) > LONGEST)
			errx(EXIT_FAILURE, "line %d is too long", count + 1);
		lines = realloc(lines, sizeof *lines * ((size_t)count + 1));
		if (lines == NULL)
			err(EXIT_FAILURE, "realloc");
		msg.line = count;
		lines[count] = msg;
	}
	if (ferror(stdin))
		err(EXIT_FAILURE, "read standard input");
	return count;
}

int main(int argc, char *argv[])
{
	char *rest = NULL;
	long n = argc == 2 ? strtol(argv[1], &rest, 10) : 0;
	if (n < 1 || n > MOST || *rest != '\0')
		errx(2, "usage: balancer N <commands");

	int count = read_lines(), next = 0, printed = 0;
	queue = msgget(IPC_PRIVATE, 0600);
	if (queue == -1 || atexit(finish) != 0)
		err(EXIT_FAILURE, "msgget");
	struct sigaction action = { .sa_handler = report,
				    .sa_flags = SA_RESTART };
	if (sigaction(SIGCHLD, &action, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");
	for (int w = 0; w < n; w++) {
		workers[w].line = NONE;
		start(w);
	}

	while (printed < count) {
		for (int w = 0; w < n; w++)
			if (workers[w].line == NONE && next < count)
				give(w, next++);
		struct message msg;
		if (msgrcv(queue, &msg, TEXT, RESULT, 0) == -1) {
			if (errno == EINTR) /* msgrcv is never restarted */
				continue;
			err(EXIT_FAILURE, "msgrcv");
		}
		if (msg.line != NONE) {
			lines[msg.line].status = msg.status;
			workers[msg.worker].line = NONE;
		}
		/* One report may stand for several workers */
		for (int w = 0; msg.line == NONE && w < n; w++) {
			if (waitpid(workers[w].pid, NULL, WNOHANG) <= 0)
				continue;
			start(w);
			if (workers[w].line != NONE)
				give(w, workers[w].line);
		}
		while (printed < count && lines[printed].status != NONE) {
			struct message *line = &lines[printed++];
			printf("%d %s\n", line->status, line->text);
			if (fflush(stdout) == EOF || ferror(stdout))
				err(EXIT_FAILURE, "write standard output");
		}
	}
	return EXIT_SUCCESS;
}
