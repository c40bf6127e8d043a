// SPDX-License-Identifier: MIT
/*
 * ns_producer.c - copy standard input into a queue in a namespace of its own
 *
 * Shows:  unshare(2) makes an empty IPC namespace. Objects created in it do
 *         not exist outside, whatever their key
 * Build:  cc ns_producer.c -o ns_producer
 * Run:    ./ns_producer <file
 * Prints: on standard error: the namespace, when it waits, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage; 77 this machine
 *         allows no namespace
 * See:    ipc_namespaces(7), user_namespaces(7), unshare(2), sysvipc(7);
 *         ns_consumer.c, ns.h
 */
#define _GNU_SOURCE

#include "ns.h"
#include <sys/param.h>

/* read(2), called again if a signal interrupts it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

static void send_message(const struct ns_message *msg, size_t len)
{
	while (msgsnd(msqid, msg, len, 0) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "msgsnd %s", name);
}

/* Stay until the consumer has removed queue and set. If it exits before that,
 * the watcher reports it, and ends this process */
static void wait_for_removal(void)
{
	void *queue;

	errno = pthread_join(watcher, &queue);
	if (errno != 0 || queue != NULL) /* the set alone is removed */
		errx(EXIT_FAILURE, "%s: the queue has been removed", name);
}

int main(int argc, char *argv[])
{
	const char *usage =
	    "usage: ns_producer\n"
	    "Copy standard input into a message queue in an IPC namespace "
	    "of its own.\n";
	char pid[12];
	static struct ns_message msg;
	uintmax_t bytes = 0, messages = 0;
	struct msginfo limits;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 1)
		return print_usage(stderr, usage);
	check_standard_descriptors();

	enter_namespace(PRODUCER);
	snprintf(pid, sizeof pid, "%d", getpid());
	name = namespace_file(pid);
	open_queue(PRODUCER);
	start_watching(PRODUCER);
	msg.type = 1;
	warnx("waiting on %s", name);

	/* A new namespace has the kernel's default limits, not the host's */
	if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) == -1)
		err(EXIT_FAILURE, "msgctl IPC_INFO");
	size_t size = MIN(sizeof msg.text, (size_t)limits.msgmax);
	size = MIN(size, (size_t)limits.msgmnb);
	while ((n = read_some(STDIN_FILENO, msg.text, size)) > 0) {
		send_message(&msg, (size_t)n);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");
	send_message(&msg, 0);
	wait_for_removal();
	report("sent", bytes, messages);
	return EXIT_SUCCESS;
}
