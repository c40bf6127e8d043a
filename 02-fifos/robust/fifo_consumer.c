// SPDX-License-Identifier: MIT
/*
 * fifo_consumer.c - make a FIFO, and copy it to standard output
 *
 * Shows:  one consumer owns the FIFO, and its name until a producer meets it
 * Build:  cc fifo_consumer.c -o fifo_consumer
 * Run:    ./fifo_consumer [PATH] >file
 * Prints: on standard error: where it waits, and how much it received
 * Exit:   0 all received; 1 a call failed; 2 usage; 77 the machine forbids it
 * See:    fifo(7), mkfifo(3), flock(2), poll(2); fifo_producer.c, fifo.h
 */
#define _GNU_SOURCE	     /* flock, ppoll, F_NOTIFY, F_SETPIPE_SZ */
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */
#include "fifo.h"
#include <sys/ioctl.h>

/* Are there bytes, or is it EOF? poll(2) does not take the lock of the pipe: it
 * can report a writer in the middle of open(2) as one that has closed. FIONREAD
 * waits for the lock, and so for that open: then ask poll again */
static int is_ready(struct pollfd *fifo)
{
	int bytes, n = poll(fifo, 1, 0);

	if (n == 1)
		n = ioctl(fifo->fd, FIONREAD, &bytes);
	if (n == 0 && fifo->revents != 0)
		n = poll(fifo, 1, 0);
	if (n == -1)
		fail("poll", path);
	return n;
}

/* Make the FIFO if there is none, and wait for a producer. Returns the FIFO,
 * whose name is removed; or -1 if it has to be done again */
static int wait_for_producer(void)
{
	struct pollfd fifo = { .events = POLLIN };
	sigset_t all, old;
	int marks;

	/* Block signals until is_made and own_fd are set. No call here waits */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	is_made = mkfifo(path, 0600) == 0;
	if (!is_made && errno != EEXIST)
		refuse_path("mkfifo");
	fifo.fd = open_fifo(CONSUMER);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (fifo.fd == -1)
		return -1;

	warnx("waiting on %s", path);
	while (is_named(fifo.fd) && !is_ready(&fifo))
		if (ppoll(&fifo, 1, NULL, &waiting) == -1 && errno != EINTR)
			fail("ppoll", path);
	marks = take(fifo.fd, F_RDLCK, MET | BEGUN);
	if (marks == -1 || fcntl(fifo.fd, F_SETFL, 0) == -1)
		err(EXIT_FAILURE, "unlink %s", path);
	own_fd = -1;
	if (!(marks & MET) && !is_ready(&fifo))
		errx(EXIT_FAILURE, "%s: the name has been removed", path);
	if (!(marks & BEGUN))
		return fifo.fd;
	close(fifo.fd); /* an earlier consumer has read from it */
	return -1;
}

int main(int argc, char *argv[])
{
	static const char usage[] =
	    "usage: fifo_consumer [PATH]\n"
	    "Copy the FIFO at PATH, made if missing, to standard output.\n"
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

	/* Otherwise SIGPIPE ends this program silently when the reader of its
	 * standard output has exited */
	signal(SIGPIPE, SIG_IGN);
	prepare_to_wait();
	umask(077); /* leaves mode 0600 to the FIFO, whatever it was */
	int fd = -1;
	while (fd == -1)
		fd = wait_for_producer();

	/* 0 is EOF: all writers have closed. A FIFO keeps no boundaries: one
	 * read may return what several calls of write have written */
	while ((n = read(fd, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		calls++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read %s", path);

	if (close(fd) == -1 || close(folder_fd) == -1 ||
	    close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close");
	report(CONSUMER, bytes, calls);
	return EXIT_SUCCESS;
}
