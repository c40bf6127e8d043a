// SPDX-License-Identifier: MIT
/*
 * stream_framing.c - messages over a stream: a length in front of each
 *
 * Shows:  a stream forgets where a message ends; a decoder must not care
 * Build:  cc stream_framing.c -o stream_framing
 * Run:    ./stream_framing
 * Prints: messages through a socket, and how many ways to split were tried
 * Exit:   0 all as said here; 1 a call failed, or it was not so; 2 usage
 * See:    socketpair(2), recv(2), byteorder(3); unix_stream_consumer.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <arpa/inet.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 4, LONGEST = 16 }; /* bytes; the bound both sides know */

/* Three messages as they are sent: each length, in network byte order, is
 * followed by so many bytes. An empty message is one too */
static const char stream[] = "\0\0\0\3one\0\0\0\0\0\0\0\20"
			     "0123456789abcdef";
static const char sent[] = "one||0123456789abcdef|";
enum { LENGTH = sizeof stream - 1 };

enum result { NEED_MORE, MESSAGE, TOO_LONG };
/* What has come of the message that is under way: the whole state */
struct decoder {
	size_t have; /* bytes, those of the header too */
	uint32_t length;
	char text[LONGEST];
};

static int usage(FILE *out)
{
	fputs("usage: stream_framing\n"
	      "Send messages through a stream, cut at every place.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Take one byte; at MESSAGE, there are d->length bytes of text. Nothing but
 * bytes and state: so it can be tested. The length is the sender's word: it is
 * looked at before it is used */
static enum result decode(struct decoder *d, char byte)
{
	if (d->have >= HEADER && d->length > LONGEST)
		return TOO_LONG; /* for ever: what follows is no header */
	if (d->have == HEADER + d->length) /* the last call gave this one out */
		*d = (struct decoder){ .have = 0 };
	if (d->have < HEADER)
		d->length = d->length << 8 | (unsigned char)byte;
	else
		d->text[d->have - HEADER] = byte;
	d->have++;
	if (d->have == HEADER && d->length > LONGEST)
		return TOO_LONG;
	return d->have == HEADER + d->length ? MESSAGE : NEED_MORE;
}

/* Append to seen each message in these bytes, and a '|' */
static enum result feed(struct decoder *d, const char *in, size_t len,
			char *seen)
{
	enum result r = NEED_MORE;

	for (; len > 0 && r != TOO_LONG; in++, len--)
		if ((r = decode(d, *in)) == MESSAGE) {
			strncat(seen, d->text, d->length);
			strcat(seen, "|");
		}
	return r;
}

/* One send; reads of a size that fits none of the messages */
static void through_socket(void)
{
	struct decoder d = { .have = 0 };
	char buf[7], seen[64] = "";
	int fd[2], reads = 0;
	ssize_t n;

	/* It fits the socket's buffer, so that this does not wait */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == -1 ||
	    send(fd[0], stream, LENGTH, MSG_NOSIGNAL) != LENGTH ||
	    close(fd[0]) == -1)
		err(EXIT_FAILURE, "socketpair, send");
	for (; (n = read(fd[1], buf, sizeof buf)) > 0; reads++)
		feed(&d, buf, (size_t)n, seen);
	if (n == -1 || close(fd[1]) == -1)
		err(EXIT_FAILURE, "read");
	printf("1 send, %d reads: %s\n", reads, seen);
	if (strcmp(seen, sent) != 0)
		errx(EXIT_FAILURE, "not what was sent");
}

/* Cut the stream in three, in every way there is: empty pieces too */
static void try_splits(void)
{
	unsigned tried = 0;

	for (size_t a = 0; a <= LENGTH; a++)
		for (size_t b = a; b <= LENGTH; b++, tried++) {
			struct decoder d = { .have = 0 };
			char seen[64] = "";

			feed(&d, stream, a, seen);
			feed(&d, stream + a, b - a, seen);
			feed(&d, stream + b, LENGTH - b, seen);
			if (strcmp(seen, sent) != 0)
				errx(EXIT_FAILURE, "%zu, %zu: %s", a, b, seen);
		}
	printf("%d bytes cut in three, %u ways: always %s\n", LENGTH, tried,
	       sent);
}

/* Refused when its last byte has come: nothing is allocated or read for it */
static void try_hostile(uint32_t claimed)
{
	struct decoder d = { .have = 0 };
	uint32_t n = htonl(claimed);
	char seen[64] = "";

	if (feed(&d, (char *)&n, sizeof n, seen) != TOO_LONG ||
	    feed(&d, "more", 4, seen) != TOO_LONG)
		errx(EXIT_FAILURE, "length %u: not refused", claimed);
	printf("length %u: refused after %zu bytes\n", claimed, d.have);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);

	through_socket();
	try_splits();
	try_hostile(LONGEST + 1);
	try_hostile(UINT32_MAX);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
