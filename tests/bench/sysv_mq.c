// SPDX-License-Identifier: MIT
/*
 * sysv_mq.c - a System V message queue
 *
 * See:    sysvipc(7), msgget(2), msgop(2); 03-msgqueues
 */
#define _XOPEN_SOURCE 700 /* msgget */
#include "mechanisms.h"
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

/* A message has its type before its text, so it is made in a buffer of ours */
struct message {
	long type;
	char text[LARGEST];
};

/* msgsnd refuses a message above /proc/sys/kernel/msgmax only when it is sent:
 * try one */
static const char *open_queue(struct channel *c)
{
	static struct message probe = { .type = 1 };
	c->id = msgget(IPC_PRIVATE, 0600);
	if (c->id == -1)
		return "msgget";
	if (msgsnd(c->id, &probe, c->size, IPC_NOWAIT) == -1)
		return "msgsnd, above /proc/sys/kernel/msgmax or msgmnb";
	if (msgrcv(c->id, &probe, c->size, 0, IPC_NOWAIT) == -1)
		return "msgrcv";
	/* This process's own memory: the other half has another copy */
	struct message *message = malloc(sizeof *message);
	if (message == NULL)
		return "malloc";
	message->type = 1;
	fill_message(message->text, c->size);
	c->private_memory = message;
	return NULL;
}

static char *next_message(struct channel *c)
{
	struct message *message = c->private_memory;
	return message->text;
}

static size_t send_queue(struct channel *c, const char *text, size_t size)
{
	(void)text; /* which is that of next_message */
	int result = msgsnd(c->id, c->private_memory, size,
			    c->is_spinning ? IPC_NOWAIT : 0);
	return succeeded("msgsnd", result) ? size : 0;
}

static size_t receive_queue(struct channel *c, char *buf, size_t size)
{
	struct message *message = c->private_memory;
	ssize_t n =
	    msgrcv(c->id, message, size, 0, c->is_spinning ? IPC_NOWAIT : 0);
	if (n == -1 && errno == ENOMSG)
		return 0;
	memcpy(buf, message->text, done("msgrcv", n));
	return (size_t)n;
}

static void close_queue(struct channel *c)
{
	if (c->id != -1)
		msgctl(c->id, IPC_RMID, NULL);
	free(c->private_memory);
}

const struct mechanism sysv_mq = {
	.name = "SysV queue",
	.chapter = "03-msgqueues",
	.open = open_queue,
	.next = next_message,
	.send = send_queue,
	.receive = receive_queue,
	.close = close_queue,
};
