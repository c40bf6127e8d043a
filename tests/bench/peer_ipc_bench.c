// SPDX-License-Identifier: MIT
/*
 * peer_ipc_bench.c - the loop of the message queue in goldsborough/ipc-bench
 *
 * One System V queue serves both directions. Its two types of message tell them
 * apart, so each receive looks for a type. Each message is filled anew.
 */
#define _XOPEN_SOURCE 700 /* msgget */
#include "mechanisms.h"
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

enum { SIZE = 64, THERE = 1, BACK };
static int id;

static const char *open_queue(void)
{
	id = msgget(IPC_PRIVATE, 0600);
	return id == -1 ? "msgget" : NULL;
}

static void send(long type)
{
	struct {
		long type;
		char text[SIZE];
	} message = { .type = type };
	memset(message.text, '2', SIZE);
	if (msgsnd(id, &message, SIZE, type == THERE ? IPC_NOWAIT : 0) == -1)
		err(EXIT_FAILURE, "msgsnd");
}

static void receive(long type)
{
	struct {
		long type;
		char text[SIZE];
	} message;
	if (msgrcv(id, &message, SIZE, type, 0) != SIZE)
		err(EXIT_FAILURE, "msgrcv");
}

static void trips(enum end me, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (me == SENDER)
			send(THERE);
		receive(me == SENDER ? BACK : THERE);
		if (me == RECEIVER)
			send(BACK);
	}
}

static void close_queue(void)
{
	if (id != -1)
		msgctl(id, IPC_RMID, NULL);
}

const struct peer peer_ipc_bench_mq = {
	.name = "ipc-bench mq",
	.source = "goldsborough/ipc-bench source/mq",
	.is_round_trip = 1,
	.placements = 1 << SAME_CORE | 1 << TWO_CORES,
	.size = SIZE,
	.open = open_queue,
	.loop = trips,
	.close = close_queue,
};
