// SPDX-License-Identifier: MIT
/*
 * framed.c - messages over TCP, each with its length in front
 *
 * Build:  cc framed.c -o framed
 * Run:    ./framed serve
 *         ./framed send PORT <file
 * Exit:   0 each line was answered; 1 a call or the peer failed; 2 usage
 * See:    tcp(7), accept(2), recv(2), getsockname(2), byteorder(3), getline(3);
 *         task framed of the lab
 */
#define _GNU_SOURCE /* getline */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = sizeof(uint32_t), LONGEST = 65536 };

/* As it stands on the wire, so that one send sends it */
static struct frame {
	uint32_t length; /* in network byte order */
	char text[LONGEST];
} frame;

/* Returns the length, or -1: there is no frame, or only a part of one */
static ssize_t receive_frame(int fd)
{
	if (recv(fd, &frame.length, HEADER, MSG_WAITALL) != HEADER)
		return -1;
	/* A peer may send any length: check it before it is used. Of an empty
	 * text there is nothing to be received, and recv would wait */
	uint32_t len = ntohl(frame.length);
	if (len > LONGEST ||
	    (len > 0 && recv(fd, frame.text, len, MSG_WAITALL) != len))
		return -1;
	return len;
}

static int send_frame(int fd, ssize_t len)
{
	ssize_t n;
	frame.length = htonl((uint32_t)len);
	for (ssize_t done = 0; done < HEADER + len; done += n) {
		n = send(fd, (char *)&frame + done,
			 (size_t)(HEADER + len - done), MSG_NOSIGNAL);
		if (n == -1)
			return -1;
	}
	return 0;
}

/* In a child of its own: a client that is silent, or that does not read its
 * answers, keeps no other one waiting */
static _Noreturn void answer(int fd)
{
	ssize_t len;
	while ((len = receive_frame(fd)) != -1) {
		for (ssize_t i = 0, j = len - 1; i < j; i++, j--) {
			char c = frame.text[i];
			frame.text[i] = frame.text[j];
			frame.text[j] = c;
		}
		if (send_frame(fd, len) == -1)
			break;
	}
	_exit(EXIT_SUCCESS);
}

static _Noreturn void serve(int listener, struct sockaddr_in *addr)
{
	socklen_t size = sizeof *addr;
	/* SIG_IGN: no child becomes a zombie */
	if (signal(SIGCHLD, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "signal");
	if (bind(listener, (struct sockaddr *)addr, size) == -1 ||
	    listen(listener, SOMAXCONN) == -1 ||
	    getsockname(listener, (struct sockaddr *)addr, &size) == -1)
		err(EXIT_FAILURE, "bind, listen");
	/* Not before listen: until then a client would be refused */
	printf("port %d\n", ntohs(addr->sin_port));
	if (fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write standard output");

	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd == -1)
			err(EXIT_FAILURE, "accept");
		pid_t pid = fork();
		if (pid == 0) {
			/* With it, the port would accept clients after the
			 * server's death, and nobody would answer them */
			close(listener); /* best effort */
			answer(fd);
		}
		if (pid == -1)
			warn("fork");
		close(fd); /* the child has its own */
	}
}

int main(int argc, char *argv[])
{
	int serves = argc == 2 && strcmp(argv[1], "serve") == 0;
	int sends = argc == 3 && strcmp(argv[1], "send") == 0;
	if (!serves && !sends)
		errx(2, "usage: framed serve, framed send PORT <file");

	struct sockaddr_in addr = { .sin_family = AF_INET };
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	if (serves)
		serve(fd, &addr);

	addr.sin_port = htons((uint16_t)atoi(argv[2]));
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == -1)
		err(EXIT_FAILURE, "connect to port %s", argv[2]);
	char *line = NULL;
	size_t size = 0;
	for (ssize_t len; (len = getline(&line, &size, stdin)) > 0;) {
		if (line[len - 1] == '\n')
			len--;
		if (len > LONGEST)
			errx(EXIT_FAILURE, "a line is too long");
		memcpy(frame.text, line, (size_t)len);
		if (send_frame(fd, len) == -1 ||
		    (len = receive_frame(fd)) == -1)
			errx(EXIT_FAILURE, "a line has no whole answer");
		fwrite(frame.text, 1, (size_t)len, stdout);
		/* At once: the next line may depend on this answer */
		if (putchar('\n') == EOF || fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
	}
	if (ferror(stdin))
		err(EXIT_FAILURE, "read standard input");
	free(line);
	return EXIT_SUCCESS;
}
