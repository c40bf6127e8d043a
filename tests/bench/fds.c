// SPDX-License-Identifier: MIT
/*
 * fds.c - what mechanisms that are descriptors have in common
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "bench.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void close_fds(struct channel *c)
{
	for (int i = 0; i < 2; i++)
		if (c->fds[i] != -1)
			close(c->fds[i]);
	if (c->other_fd != -1)
		close(c->other_fd);
	if (c->memory != NULL)
		munmap(c->memory, c->memory_size);
}

void set_nonblocking(struct channel *c, int is_nonblocking)
{
	for (int i = 0; i < 2; i++) {
		int flags = fcntl(c->fds[i], F_GETFL) & ~O_NONBLOCK;
		if (is_nonblocking)
			flags |= O_NONBLOCK;
		if (fcntl(c->fds[i], F_SETFL, flags) == -1)
			err(EXIT_FAILURE, "fcntl F_SETFL");
	}
}

int share(struct channel *c, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -1;
	c->memory = memory;
	c->memory_size = size;
	return 0;
}
