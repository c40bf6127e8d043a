// SPDX-License-Identifier: MIT
/*
 * fifo_producer.c - copy standard input into a FIFO that a consumer makes
 *
 * Shows:  open(2) to write waits for a reader, and a signal ends that wait
 * Build:  cc fifo_producer.c -o fifo_producer
 * Run:    ./fifo_producer [PATH] <file
 * Prints: on standard error: where it waits, and how much it sent
 * Exit:   0 all sent; 1 a call or the reader failed; 2 usage;
 *         77 the machine forbids it
 * See:    fifo(7), fcntl(2): F_NOTIFY, open(2), pipe(7); fifo_consumer.c,
 *         fifo.h
 */
#define _GNU_SOURCE	     /* flock, F_NOTIFY, F_SETPIPE_SZ */
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */
#include "fifo.h"

/* Returns the FIFO when this producer has met a consumer. open(2) waits for a
 * reader. SIGIO interrupts it when a name in the folder changes: if the FIFO
 * has no name any more, no reader can find it */
static int wait_for_consumer(void)
{
	struct stat st;
	sigset_t blocked;

	prepare_to_wait();
	for (int is_reported = 0;; is_reported = 1) {
		int exists = lstat(path, &st) == 0;
		if (!exists && errno != ENOENT)
			refuse_path("lstat");
		if (exists)
			check_owner(&st); /* before the wait */
		if (!is_reported)
			warnx("waiting on %s", path);
		if (!exists) {
			sigsuspend(&waiting);
			continue;
		}

		sigprocmask(SIG_SETMASK, &waiting, &blocked);
		int fd = open_fifo(PRODUCER);
		sigprocmask(SIG_SETMASK, &blocked, NULL);
		if (fd == -1)
			continue;
		int marks = take(fd, F_WRLCK, MET);
		if (marks == -1)
			err(EXIT_FAILURE, "unlink %s", path);
		if (!(marks & MET))
			return fd;
		close(fd); /* this consumer has met another one */
	}
}

/* Read standard input. When the last reader has closed the FIFO, poll(2)
 * reports POLLERR for it, also while no input arrives */
static ssize_t read_input(void *buf, size_t size, int fifo_fd)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = fifo_fd } };
	ssize_t n;

	do {
		n = poll(fds, 2, -1);
		if (n > 0 && fds[1].revents != 0)
			errx(EXIT_FAILURE, "%s: the consumer has exited", path);
		if (n > 0)
			n = read(STDIN_FILENO, buf, size);
	} while (n == -1 && errno == EINTR);
	return n;
}

int main(int argc, char *argv[])
{
	static const char usage[] =
	    "usage: fifo_producer [PATH]\n"
	    "Copy standard input into the FIFO at PATH, which a consumer "
	    "makes.\n"
	    "PATH is " FIFO_DEFAULT("UID") " unless given.\n";
	static char buf[FIFO_CHUNK];
	uintmax_t bytes = 0, calls = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 2 || (argc == 2 && (!*argv[1] || *argv[1] == '-')))
		return print_usage(stderr, usage);
	check_standard_descriptors();
	path = argc == 2 ? argv[1] : default_path();

	/* Otherwise SIGPIPE ends this program silently if it has no reader */
	signal(SIGPIPE, SIG_IGN);
	int fd = wait_for_consumer();

	while ((n = read_input(buf, sizeof buf, fd)) > 0) {
		if (write_all(fd, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write %s", path);
		bytes += (size_t)n;
		calls++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The reader gets EOF as soon as the last writer has closed */
	if (close(fd) == -1 || close(folder_fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	report(PRODUCER, bytes, calls);
	return EXIT_SUCCESS;
}
