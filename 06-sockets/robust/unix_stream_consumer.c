// SPDX-License-Identifier: MIT
/*
 * unix_stream_consumer.c - copy a Unix stream socket to standard output
 *
 * Shows:  the listener owns the name; the kernel knows which user has connected
 * Build:  cc unix_stream_consumer.c -o unix_stream_consumer
 * Run:    ./unix_stream_consumer [PATH|@NAME] >file
 * Prints: on standard error: where it waits, and what it received
 * Exit:   0 all received; 1 a call failed; 2 usage; 77 this machine forbids it
 * See:    unix(7), bind(2), accept(2); unix_stream_producer.c
 */
#define _GNU_SOURCE	     /* accept4, struct ucred */
#define _FILE_OFFSET_BITS 64 /* lstat, in a 32-bit program, of any file */

#include "unix_stream.h"
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* read(2), repeated if a signal interrupts it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

/* write(2) may write less than asked: repeat until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int main(int argc, char *argv[])
{
	const char usage[] =
	    "usage: unix_stream_consumer [PATH|@NAME]\n"
	    "Listen at PATH, or at the abstract NAME, and copy what one\n"
	    "producer sends to standard output.\n"
	    "PATH is " STREAM_DEFAULT("UID") " unless given.\n";
	static char buf[STREAM_CHUNK];
	uintmax_t bytes = 0, reads = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 2 || !set_name(argv[1]))
		return print_usage(stderr, usage);
	check_standard_descriptors();

	int fd = meet_peer(CONSUMER);
	/* 0 is EOF: no process can send any more. A stream keeps no
	 * boundaries: one read may return what several writes sent */
	while ((n = read_some(fd, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		reads++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read %s", path);

	/* Closing reports to the producer that everything was written */
	if (close(STDOUT_FILENO) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "close");
	report(CONSUMER, bytes, reads);
	return EXIT_SUCCESS;
}
