// SPDX-License-Identifier: MIT
/*
 * ns_consumer.c - receive the queue of another namespace to standard output
 *
 * Shows:  setns(2) enters the IPC namespace of another process. The key that
 *         meant nothing outside finds the queue there
 * Build:  cc ns_consumer.c -o ns_consumer
 * Run:    ./ns_consumer PID >copy
 * Exit:   0 received up to the end; 1 a call failed; 2 usage
 * See:    ipc_namespaces(7), user_namespaces(7), setns(2), msgrcv(2);
 *         ns_producer.c
 *
 * If the producer is killed before it has sent the end, this program waits
 * forever: see robust/.
 */
#define _GNU_SOURCE /* setns */
#include "ns.h"
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <unistd.h>

/* Each namespace of a process is a file. An open descriptor keeps it */
static int open_namespace(const char *pid, const char *kind)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kind);
	int fd = open(path, O_RDONLY);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", path);
	return fd;
}

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: ns_consumer PID >copy");

	/* setns takes CAP_SYS_ADMIN. Without it, enter the producer's user
	 * namespace first: that gives this process all privileges in it */
	int ipc_fd = open_namespace(argv[1], "ipc");
	int user_fd = open_namespace(argv[1], "user");
	if (setns(ipc_fd, CLONE_NEWIPC) == -1 &&
	    (setns(user_fd, CLONE_NEWUSER) == -1 ||
	     setns(ipc_fd, CLONE_NEWIPC) == -1))
		err(EXIT_FAILURE, "setns /proc/%s/ns/ipc", argv[1]);
	if (close(ipc_fd) == -1 || close(user_fd) == -1)
		err(EXIT_FAILURE, "close");

	int msqid = msgget(NS_KEY, 0);
	if (msqid == -1)
		err(EXIT_FAILURE, "msgget in /proc/%s/ns/ipc", argv[1]);

	static struct ns_message msg;
	ssize_t n;
	size_t messages = 0;
	while ((n = msgrcv(msqid, &msg, sizeof msg.text, NS_DATA, 0)) > 0) {
		if (fwrite(msg.text, 1, (size_t)n, stdout) != (size_t)n ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "msgrcv");

	/* The queue is not removed: it is destroyed with the namespace */
	msg.type = NS_DONE;
	if (msgsnd(msqid, &msg, 0, 0) == -1)
		err(EXIT_FAILURE, "msgsnd done");
	fprintf(stderr, "ns_consumer: messages received: %zu\n", messages);
	return EXIT_SUCCESS;
}
