// SPDX-License-Identifier: MIT
/*
 * other.c - store, with requests of any length, a lock that keeps a second
 * server out, and a signalfd
 *
 * Build:  cc other.c -o store
 * Run:    ./store serve NAME, ./store set NAME KEY VALUE, ./store get NAME KEY
 * Exit:   0 done; 1 no such key, or a call or the server failed; 2 usage
 * See:    fifo(7), flock(2), signalfd(2), poll(2)
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* The head of a request; then the key, and the value, if there is one */
struct head {
	pid_t client;
	uint16_t key, value; /* with their NULs; 0: there is none */
};

struct entry {
	struct entry *next;
	char *key, *value;
};

static void try(int ok, const char *what)
{
	if (!ok)
		err(EXIT_FAILURE, "%s", what);
}

static struct entry **find(struct entry **list, const char *key)
{
	while (*list != NULL && strcmp((*list)->key, key) != 0)
		list = &(*list)->next;
	return list;
}

static void reply(const char *name, const struct head *head,
		  const struct entry *entry)
{
	char *path;

	try(asprintf(&path, "%s-%d", name, (int)head->client) > 0, "asprintf");
	int fd = open(path, O_WRONLY | O_NONBLOCK);
	remove(path);
	free(path);
	if (fd == -1)
		return;
	char text[PIPE_BUF];
	int n = snprintf(text, sizeof text, "%c%s", entry == NULL ? '-' : '+',
			 entry == NULL || head->value ? "" : entry->value);
	if (write(fd, text, (size_t)n) == -1) /* one write, not dprintf */
		warn("client %d", (int)head->client);
	close(fd);
}

static int serve(const char *name)
{
	struct entry *list = NULL, **at;
	struct head head;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	try(sigprocmask(SIG_BLOCK, &set, NULL) == 0, "sigprocmask");
	signal(SIGPIPE, SIG_IGN);
	int signals = signalfd(-1, &set, 0);

	try(mkfifo(name, 0600) == 0 || errno == EEXIST, "mkfifo");
	int in = open(name, O_RDONLY | O_NONBLOCK);
	try(in != -1 && signals != -1 && flock(in, LOCK_EX | LOCK_NB) == 0,
	    "open and lock");
	int dummy = open(name, O_WRONLY);
	try(dummy != -1 && fcntl(in, F_SETFL, 0) == 0, "open to write");
	dprintf(STDOUT_FILENO, "ready\n");

	struct pollfd fds[] = { { .fd = in, .events = POLLIN },
				{ .fd = signals, .events = POLLIN } };
	while (poll(fds, 2, -1) > 0 && fds[1].revents == 0) {
		char key[PIPE_BUF], value[PIPE_BUF] = "";
		if (read(in, &head, sizeof head) != sizeof head ||
		    head.key > sizeof key || head.value > sizeof value ||
		    read(in, key, head.key) != head.key ||
		    (head.value && read(in, value, head.value) != head.value))
			break;
		at = find(&list, key);
		if (head.value != 0 && *at == NULL) {
			*at = calloc(1, sizeof **at);
			try(*at != NULL && ((*at)->key = strdup(key)), "key");
		}
		if (head.value != 0) {
			free((*at)->value);
			(*at)->value = strdup(value);
			try((*at)->value != NULL, "value");
		}
		reply(name, &head, *at);
	}
	unlink(name);
	return fds[1].revents == 0;
}

static int ask(const char *name, const char *key, const char *value)
{
	struct head head = { getpid(), strlen(key) + 1,
			     value == NULL ? 0 : strlen(value) + 1 };
	char request[PIPE_BUF], answer[PIPE_BUF], *path;
	int server = open(name, O_WRONLY | O_NONBLOCK);
	ssize_t n = -1;

	try(server != -1 && fcntl(server, F_SETFL, 0) == 0, name);
	if (head.key > 64 || head.value > 3001)
		errx(EXIT_FAILURE, "too long");
	memcpy(mempcpy(mempcpy(request, &head, sizeof head), key, head.key),
	       value == NULL ? "" : value, head.value);
	try(asprintf(&path, "%s-%d", name, (int)getpid()) > 0, "asprintf");
	signal(SIGPIPE, SIG_IGN);
	try(mkfifo(path, 0600) == 0, "mkfifo");
	/* To read and write: there is never an end-of-file */
	int in = open(path, O_RDWR | O_NONBLOCK);
	struct pollfd fds[] = { { .fd = in, .events = POLLIN },
				{ .fd = server } };
	if (in != -1 &&
	    write(server, request, sizeof head + head.key + head.value) > 0 &&
	    poll(fds, 2, -1) > 0)
		n = read(in, answer, sizeof answer);
	remove(path);
	if (n < 1)
		errx(EXIT_FAILURE, "no answer");
	if (answer[0] != '+')
		errx(EXIT_FAILURE, "no %s", key);
	if (value == NULL)
		try(dprintf(STDOUT_FILENO, "%.*s\n", (int)n - 1, answer + 1) >
			0,
		    "print");
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2]);
	if ((argc == 4 && strcmp(argv[1], "get") == 0) ||
	    (argc == 5 && strcmp(argv[1], "set") == 0))
		return ask(argv[2], argv[3], argv[4]);
	errx(2, "usage: store serve NAME, set NAME KEY VALUE, get NAME KEY");
}
