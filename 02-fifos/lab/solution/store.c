// SPDX-License-Identifier: MIT
/*
 * store.c - a server that keeps values, and its clients
 *
 * Build:  cc store.c -o store
 * Run:    ./store serve NAME
 *         ./store set NAME KEY VALUE
 *         ./store get NAME KEY
 * Exit:   0 done; 1 no such key, or a call or the server failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), poll(2), fcntl(2), signal-safety(7);
 *         task store of the lab
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct request { /* one write of at most PIPE_BUF bytes: no other is mixed in */
	pid_t pid; /* of the client: it reads the answer from NAME.PID */
	int is_set;
	char key[64], value[3001];
};
struct answer { /* one write, too: end-of-file instead is no answer */
	int is_found;
	char value[3001];
};
_Static_assert(sizeof(struct request) <= PIPE_BUF, "one whole write");

static const char *name;
static char reply[PATH_MAX]; /* NAME.PID */

static void end_server(int sig)
{
	(void)sig;
	unlink(name); /* best effort */
	_exit(EXIT_SUCCESS);
}

/* Get or set, in an array that grows */
static void look_up(const struct request *request, struct answer *answer)
{
	static struct request *kept;
	static size_t count;
	size_t i = 0;

	while (i < count && strcmp(kept[i].key, request->key) != 0)
		i++;
	if (request->is_set && i == count) {
		kept = realloc(kept, ++count * sizeof *kept);
		if (kept == NULL)
			err(EXIT_FAILURE, "realloc");
	}
	if (request->is_set)
		kept[i] = *request;
	answer->is_found = i < count;
	if (answer->is_found)
		strcpy(answer->value, kept[i].value);
}

static void serve(void)
{
	struct request request;
	struct answer answer = { 0 };

	/* A killed server has left its FIFO, but nobody reads it: ENXIO */
	if (open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC) != -1)
		errx(EXIT_FAILURE, "%s: another server is running", name);
	/* Before mkfifo: a signal may arrive right after it */
	if (signal(SIGINT, end_server) == SIG_ERR ||
	    signal(SIGTERM, end_server) == SIG_ERR ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "signal");
	if (mkfifo(name, 0600) == -1 && errno != EEXIST)
		err(EXIT_FAILURE, "mkfifo %s", name);
	/* This process is a writer, too: there is no end-of-file when the last
	 * client has closed */
	int in = open(name, O_RDWR | O_CLOEXEC);
	if (in == -1)
		err(EXIT_FAILURE, "open %s", name);
	printf("ready\n");
	if (fflush(stdout) == EOF)
		warn("write standard output");

	while (read(in, &request, sizeof request) == sizeof request) {
		look_up(&request, &answer);
		snprintf(reply, sizeof reply, "%s.%d", name, (int)request.pid);
		/* O_NONBLOCK: a client that was killed does not read. Nobody
		 * else removes what it has left */
		int out = open(reply, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		unlink(reply);
		if (out == -1 || write(out, &answer, sizeof answer) == -1)
			warn("client %d: no answer", (int)request.pid);
		close(out); /* best effort */
	}
	err(EXIT_FAILURE, "read %s", name);
}

static void ask(int is_set, const char *key, const char *value)
{
	struct request request = { .pid = getpid(), .is_set = is_set };
	struct answer answer;

	if (strlen(key) >= sizeof request.key ||
	    strlen(value) >= sizeof request.value)
		errx(EXIT_FAILURE, "KEY or VALUE is too long");
	strcpy(request.key, key);
	strcpy(request.value, value);
	snprintf(reply, sizeof reply, "%s.%d", name, (int)request.pid);

	/* Without a server, open fails. Later, write waits while NAME is full;
	 * if the server ends then, write fails, without SIGPIPE */
	int server = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (server == -1 || fcntl(server, F_SETFL, 0) == -1 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "open %s", name);
	/* The server does not wait for a client: open before you ask */
	unlink(reply); /* a killed client had the same PID */
	if (mkfifo(reply, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", reply);
	int in = open(reply, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct pollfd fds[] = { { .fd = in, .events = POLLIN },
				{ .fd = server } }; /* POLLERR: has ended */
	int is_asked =
	    in != -1 &&
	    write(server, &request, sizeof request) == sizeof request &&
	    poll(fds, 2, -1) != -1;
	unlink(reply); /* the server may have done so */
	if (!is_asked || read(in, &answer, sizeof answer) != sizeof answer)
		errx(EXIT_FAILURE, "%s: the server has ended", name);

	if (!answer.is_found)
		errx(EXIT_FAILURE, "%s: no such key", key);
	if (!is_set)
		printf("%s\n", answer.value);
	if (fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write standard output");
}

int main(int argc, char *argv[])
{
	int serves = argc == 3 && strcmp(argv[1], "serve") == 0;
	int gets = argc == 4 && strcmp(argv[1], "get") == 0;
	int sets = argc == 5 && strcmp(argv[1], "set") == 0;

	if (!serves && !gets && !sets)
		errx(2, "usage: store serve NAME, store get NAME KEY, "
			"store set NAME KEY VALUE");
	name = argv[2];
	if (serves)
		serve();
	ask(sets, argv[3], sets ? argv[4] : "");
	return EXIT_SUCCESS;
}
