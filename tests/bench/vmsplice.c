// SPDX-License-Identifier: MIT
/*
 * vmsplice.c - a pipe into which no byte is copied: it refers to user pages
 *
 * vmsplice puts references to the sender's pages into the pipe. The receiver
 * copies the bytes by read, or moves the references on by splice, here to
 * /dev/null, so that no byte is ever copied. The rule of reuse: a page may be
 * changed only after it has left the pipe. A pipe of SLOTS slots refers to at
 * most SLOTS pages, so a sender that uses twice as many in turn is safe.
 *
 * See:    vmsplice(2), splice(2); 01-pipes/lessons/zero_copy.c
 */
#define _GNU_SOURCE /* vmsplice, pipe2 */
#include "mechanisms.h"
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SLOTS = LARGEST / PAGE }; /* pages that a pipe of 1 MiB can refer to */

/* The memory holds messages, each from the beginning of a page on */
static const char *open_pages(struct channel *c)
{
	int pfd[2];
	size_t pages = (c->size + PAGE - 1) / PAGE;
	if (pipe2(pfd, c->is_spinning ? O_NONBLOCK : 0) == -1)
		return "pipe";
	c->fds[SENDER] = pfd[1];
	c->fds[RECEIVER] = pfd[0];
	if (fcntl(pfd[1], F_SETPIPE_SZ, LARGEST) == -1)
		return "fcntl F_SETPIPE_SZ";
	if (share(c, (2 * SLOTS + pages) * PAGE) == -1)
		return "mmap";
	for (size_t i = 0; i + pages <= c->memory_size / PAGE; i += pages)
		fill_message((char *)c->memory + i * PAGE, c->size);
	return NULL;
}

/* As open_pages; splice also needs a place to move the pages to */
static const char *open_splice(struct channel *c)
{
	c->other_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return c->other_fd == -1 ? "open /dev/null" : open_pages(c);
}

static char *next_pages(struct channel *c)
{
	size_t pages = (c->size + PAGE - 1) / PAGE;
	size_t places = c->memory_size / PAGE / pages;
	return (char *)c->memory + c->sent++ % places * pages * PAGE;
}

static size_t send_pages(struct channel *c, const char *message, size_t size)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)message,
			     .iov_len = size };
	return done("vmsplice",
		    vmsplice(c->fds[SENDER], &iov, 1,
			     c->is_spinning ? SPLICE_F_NONBLOCK : 0));
}

static size_t read_pages(struct channel *c, char *buf, size_t size)
{
	return done("read", read(c->fds[RECEIVER], buf, size));
}

/* What is moved away cannot be compared: only the warm-up reads it */
static size_t splice_pages(struct channel *c, char *buf, size_t size)
{
	if (c->is_warm_up)
		return read_pages(c, buf, size);
	return done("splice",
		    splice(c->fds[RECEIVER], NULL, c->other_fd, NULL, size,
			   c->is_spinning ? SPLICE_F_NONBLOCK : 0));
}

const struct mechanism vmsplice_read = {
	.name = "vmsplice+read",
	.chapter = "01-pipes",
	.open = open_pages,
	.next = next_pages,
	.send = send_pages,
	.receive = read_pages,
	.close = close_fds,
	.is_stream = 1,
};

const struct mechanism vmsplice_splice = {
	.name = "vmsplice+splice",
	.chapter = "01-pipes",
	.open = open_splice,
	.next = next_pages,
	.send = send_pages,
	.receive = splice_pages,
	.close = close_fds,
	.is_stream = 1,
	.is_unseen = 1,
};
