// SPDX-License-Identifier: MIT
/*
 * other.c - chat, with a thread for each member, and streams of lines
 *
 * Build:  cc other.c -pthread -o chat
 * Run:    ./chat serve PATH
 *         ./chat join PATH NAME
 * Exit:   0 the member has left; 1 a call or the peer failed; 2 usage
 * See:    pthreads(7), unix(7), ioctl_tty(2)
 *
 * A stream may take a part of a line. So a line is sent only if the buffer of
 * the socket has room for all of it: see send_whole.
 */
#define _GNU_SOURCE
#include <err.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MEMBERS = 100, ROOM = 100000 };
static int members[MEMBERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int has_left;

static void send_whole(int fd, const char *line, size_t len)
{
	int queued;
	if (ioctl(fd, SIOCOUTQ, &queued) == 0 && queued < ROOM)
		(void)send(fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void *member(void *place)
{
	int *me = place, fd = *me;
	FILE *in = fdopen(dup(fd), "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, in)) > 0) {
		pthread_mutex_lock(&lock);
		for (int *to = members; to < members + MEMBERS; to++)
			if (to != me && *to != 0)
				send_whole(*to, line, (size_t)n);
		pthread_mutex_unlock(&lock);
	}
	pthread_mutex_lock(&lock);
	*me = 0;
	pthread_mutex_unlock(&lock);
	shutdown(fd, SHUT_WR);
	close(fd);
	fclose(in);
	free(line);
	return NULL;
}

static _Noreturn void serve(int listener)
{
	pthread_t thread;
	for (;;) {
		int fd = accept(listener, NULL, NULL), *place = members;
		if (fd == -1)
			err(EXIT_FAILURE, "accept");
		pthread_mutex_lock(&lock);
		while (*place != 0)
			place++;
		send_whole(fd, "joined\n", 7);
		*place = fd;
		pthread_mutex_unlock(&lock);
		if (pthread_create(&thread, NULL, member, place) != 0)
			errx(EXIT_FAILURE, "pthread_create");
		pthread_detach(thread);
	}
}

static void *receiver(void *arg)
{
	char *line = NULL;
	size_t size = 0;
	FILE *in = fdopen(*(int *)arg, "r");

	while (getline(&line, &size, in) > 0)
		if (fputs(line, stdout) == EOF || fflush(stdout) == EOF) {
			warn("write standard output");
			_exit(EXIT_FAILURE);
		}
	if (!has_left) {
		warnx("the server has ended");
		_exit(EXIT_FAILURE);
	}
	fclose(in);
	free(line);
	return NULL;
}

int main(int argc, char *argv[])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	if (argc < 3)
		errx(2, "usage: chat serve PATH, chat join PATH NAME");
	strncpy(addr.sun_path, argv[2], sizeof addr.sun_path - 1);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (argc == 3) {
		if (bind(fd, (struct sockaddr *)&addr, sizeof addr) == -1 ||
		    listen(fd, 10) == -1)
			err(EXIT_FAILURE, "bind");
		puts("ready");
		fflush(stdout);
		serve(fd);
	}
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == -1)
		err(EXIT_FAILURE, "connect");
	pthread_t thread;
	if (pthread_create(&thread, NULL, receiver, &fd) != 0)
		errx(EXIT_FAILURE, "pthread_create");
	char *line = NULL;
	size_t size = 0;
	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		char *text;
		int n = asprintf(&text, "%s: %s\n", argv[3], line);
		if (n == -1 || send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
			err(EXIT_FAILURE, "send");
		free(text);
	}
	has_left = 1;
	shutdown(fd, SHUT_WR);
	pthread_join(thread, NULL);
	free(line);
	return EXIT_SUCCESS;
}
