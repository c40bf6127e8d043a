// SPDX-License-Identifier: MIT
/*
 * fifo_consumer.c - copy a FIFO to standard output, whatever happens to it
 *
 * Shows:  opening is the rendezvous: a reader in open(2) waits for a writer
 * Build:  cc fifo_consumer.c -o fifo_consumer
 * Run:    ./fifo_consumer [PATH] >file
 * Prints: on standard error: where it waits, and how much arrived
 * Exit:   0 all received; 1 a call failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), pipe(7); fifo_producer.c, fifo.h
 */
#define _POSIX_C_SOURCE	  200809L
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */

#include "fifo.h"
#include <string.h>

/* read(2), started again where a signal interrupted it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

int main(int argc, char *argv[])
{
	static const char usage[] =
	    "usage: fifo_consumer [PATH]\n"
	    "Copy the FIFO at PATH, made if missing, to standard output.\n"
	    "PATH is /tmp/linux-ipc-UID.fifo unless given.\n";
	static char buf[FIFO_CHUNK];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 2 || (argc == 2 && (!*argv[1] || *argv[1] == '-')))
		return print_usage(stderr, usage);
	check_standard_descriptors();
	path = argc == 2 ? argv[1] : default_path();

	/* Otherwise SIGPIPE ends this program silently when the reader of its
	 * standard output has exited */
	signal(SIGPIPE, SIG_IGN);
	int fd = open_fifo(CONSUMER);

	/* 0 is EOF: all writers have closed. A FIFO keeps the bytes, not where
	 * one write ended and the next began */
	while ((n = read_some(fd, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read %s", path);

	if (close(fd) == -1 || close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close");
	report(CONSUMER, bytes, messages);
	return EXIT_SUCCESS;
}
