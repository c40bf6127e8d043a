// SPDX-License-Identifier: MIT
/*
 * ns_producer.c - send standard input to a queue in an IPC namespace of its own
 *
 * Shows:  unshare(2) makes an empty IPC namespace. Objects created in it do
 *         not exist outside, whatever their key
 * Build:  cc ns_producer.c -o ns_producer
 * Run:    ./ns_producer <file
 * Prints: on standard error, the pid that the consumer needs
 * Exit:   0 the consumer has everything; 1 a call failed; 2 usage; 77 this
 *         machine allows no new namespace
 * See:    ipc_namespaces(7), user_namespaces(7), unshare(2), msgsnd(2);
 *         ns_consumer.c
 *
 * If the consumer is killed, this program waits forever: see robust/.
 */
#define _GNU_SOURCE /* unshare */
#include "ns.h"
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	(void)argv;
	if (argc != 1)
		errx(2, "usage: ns_producer <file");

	/* An IPC namespace takes a privilege, CAP_SYS_ADMIN. Without it, make a
	 * user namespace too: its creator has all privileges in it */
	if (unshare(CLONE_NEWIPC) == -1 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1)
		err(77, "unshare: needs root, in a container --privileged");

	/* The namespace is empty: there is no queue of this key yet */
	int msqid = msgget(NS_KEY, IPC_CREAT | IPC_EXCL | 0600);
	if (msqid == -1)
		err(EXIT_FAILURE, "msgget");
	fprintf(stderr, "ns_producer: ready: pid %d\n", getpid());

	static struct ns_message msg = { .type = NS_DATA };
	ssize_t n;
	size_t messages = 0;
	while ((n = read(STDIN_FILENO, msg.text, sizeof msg.text)) > 0) {
		/* Blocks while the queue is full (16384 bytes by default) */
		if (msgsnd(msqid, &msg, (size_t)n, 0) == -1)
			err(EXIT_FAILURE, "msgsnd");
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");
	if (msgsnd(msqid, &msg, 0, 0) == -1)
		err(EXIT_FAILURE, "msgsnd end");

	/* The namespace may end when this process exits, and the queue with it.
	 * Stay until the consumer has received everything */
	if (msgrcv(msqid, &msg, 0, NS_DONE, 0) == -1)
		err(EXIT_FAILURE, "msgrcv");
	fprintf(stderr, "ns_producer: messages sent: %zu\n", messages);
	return EXIT_SUCCESS;
}
