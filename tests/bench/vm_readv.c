// SPDX-License-Identifier: MIT
/*
 * vm_readv.c - the receiver copies straight out of the sender's memory
 *
 * No memory is shared but two counters, which tell that a message is there. The
 * slots lie in the sender's private memory: process_vm_readv copies from there,
 * once. The address is the same in both halves, which are made by fork.
 *
 * See:    process_vm_readv(2); 05-shm/lessons/vm_readv.c
 */
#define _GNU_SOURCE /* process_vm_readv */
#include "futex.h"
#include "mechanisms.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 2 };

/* Containers and Yama may forbid it. Try it with a child, which is what a
 * process may read if it may read any other. Returns 0, or -1 and errno */
static int try_child(void)
{
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = sizeof byte };
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent)
			pause();
		_exit(EXIT_FAILURE);
	}
	if (pid == -1)
		return -1;
	ssize_t n = process_vm_readv(pid, &iov, 1, &iov, 1, 0);
	int error = errno;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	errno = error;
	return n == sizeof byte ? 0 : -1;
}

static const char *open_memory(struct channel *c)
{
	if (try_child() == -1)
		return "process_vm_readv";
	c->private_memory = aligned_alloc(PAGE, SLOTS * LARGEST);
	if (c->private_memory == NULL)
		return "aligned_alloc";
	for (size_t i = 0; i < SLOTS; i++)
		fill_message((char *)c->private_memory + i * LARGEST, c->size);
	if (share(c, PAGE) == -1)
		return "mmap";
	open_futex(c, FREE, SLOTS);
	open_futex(c, FULL, 0);
	return NULL;
}

/* Yama lets a process read only its descendants, and processes that allow it */
static void attach_memory(struct channel *c, enum end end)
{
	if (end == SENDER)
		prctl(PR_SET_PTRACER, c->pids[RECEIVER], 0, 0, 0);
}

/* A slot may be written again once its message has been copied */
static char *next_slot(struct channel *c)
{
	while (!c->is_round_trip && down_futex(c, FREE) == 0)
		relax();
	return (char *)c->private_memory + c->sent++ % SLOTS * LARGEST;
}

static size_t send_memory(struct channel *c, const char *message, size_t size)
{
	(void)message; /* where next_slot said */
	up_futex(c, FULL);
	return size;
}

static size_t receive_memory(struct channel *c, char *buf, size_t size)
{
	if (down_futex(c, FULL) == 0)
		return 0;
	char *from = c->private_memory;
	from += c->received++ % SLOTS * LARGEST;
	struct iovec local = { .iov_base = buf, .iov_len = size };
	struct iovec remote = { .iov_base = from, .iov_len = size };
	ssize_t n = process_vm_readv(c->pids[SENDER], &local, 1, &remote, 1, 0);
	if (n != (ssize_t)size)
		err(EXIT_FAILURE, "process_vm_readv");
	if (!c->is_round_trip)
		up_futex(c, FREE);
	return size;
}

static void close_memory(struct channel *c)
{
	free(c->private_memory);
	close_fds(c);
}

const struct mechanism vm_readv = {
	.name = "process_vm_readv",
	.chapter = "05-shm",
	.open = open_memory,
	.attach = attach_memory,
	.next = next_slot,
	.send = send_memory,
	.receive = receive_memory,
	.close = close_memory,
};
