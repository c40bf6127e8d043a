// SPDX-License-Identifier: MIT
/*
 * framing.c - messages over a stream: a length in front of each
 *
 * Shows:  a stream forgets where a message ends; a decoder must not care
 * Build:  cc framing.c -o framing
 * Run:    ./framing
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

enum result { NEED_MORE, MESSAGE, TOO_LONG };
/* What has come of the message that is under way: the whole state */
struct decoder {
	unsigned char bytes[HEADER + LONGEST];
	size_t have;
};

static int usage(FILE *out)
{
	fputs("usage: framing\n"
	      "Send messages through a stream, cut at every place.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The length is the sender's word: it is looked at before it is used */
static uint32_t length(const struct decoder *d)
{
	uint32_t n;

	memcpy(&n, d->bytes, sizeof n); /* bytes need not be aligned */
	return ntohl(n);
}

/* Take bytes from *in until a message is whole: d->bytes + HEADER, length(d).
 * No descriptor, no waiting, nothing but bytes and state: so it can be tested
 */
static enum result decode(struct decoder *d, const char **in, const char *end)
{
	if (d->have >= HEADER && d->have == HEADER + length(d))
		d->have = 0; /* the last call gave this one out */
	while (*in < end) {
		d->bytes[d->have++] = (unsigned char)*(*in)++;
		if (d->have < HEADER)
			continue;
		if (length(d) > LONGEST)
			return TOO_LONG;
		if (d->have == HEADER + length(d))
			return MESSAGE;
	}
	return NEED_MORE;
}

static size_t encode(char *out, const char *text)
{
	uint32_t n = htonl((uint32_t)strlen(text));

	memcpy(out, &n, HEADER);
	memcpy(out + HEADER, text, strlen(text));
	return HEADER + strlen(text);
}

/* Append to seen each message in these bytes, and a '|' */
static enum result feed(struct decoder *d, const char *in, size_t len,
			char *seen)
{
	const char *end = in + len;
	enum result r;

	while ((r = decode(d, &in, end)) == MESSAGE) {
		strncat(seen, (char *)d->bytes + HEADER, length(d));
		strcat(seen, "|");
	}
	return r;
}

/* Cut the stream in three, in every way there is: empty pieces too */
static void try_splits(const char *stream, size_t len, const char *expected)
{
	unsigned tried = 0;

	for (size_t a = 0; a <= len; a++)
		for (size_t b = a; b <= len; b++, tried++) {
			struct decoder d = { .have = 0 };
			char seen[64] = "";

			feed(&d, stream, a, seen);
			feed(&d, stream + a, b - a, seen);
			feed(&d, stream + b, len - b, seen);
			if (strcmp(seen, expected) != 0)
				errx(EXIT_FAILURE, "cut at %zu, %zu: %s", a, b,
				     seen);
		}
	printf("%zu bytes cut in three, %u ways: always %s\n", len, tried,
	       expected);
}

/* Three messages in one send; reads of a size that fits none of them */
static void through_socket(const char *stream, size_t len, char *seen)
{
	struct decoder d = { .have = 0 };
	int fd[2], reads = 0;
	char buf[7];
	ssize_t n;

	/* It fits the socket's buffer, so that this does not wait */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == -1 ||
	    send(fd[0], stream, len, MSG_NOSIGNAL) != (ssize_t)len ||
	    close(fd[0]) == -1)
		err(EXIT_FAILURE, "socketpair, send");
	for (; (n = read(fd[1], buf, sizeof buf)) > 0; reads++)
		feed(&d, buf, (size_t)n, seen);
	if (n == -1 || close(fd[1]) == -1)
		err(EXIT_FAILURE, "read");
	printf("1 send, %d reads: %s\n", reads, seen);
}

/* A length that nobody can mean is refused when its last byte has come: not a
 * byte is allocated, read or copied for it */
static void try_hostile(uint32_t claimed)
{
	struct decoder d = { .have = 0 };
	uint32_t n = htonl(claimed);
	char seen[64] = "";

	if (feed(&d, (char *)&n, sizeof n, seen) != TOO_LONG)
		errx(EXIT_FAILURE, "length %u: not refused", claimed);
	printf("length %u: refused after %zu bytes\n", claimed, d.have);
}

int main(int argc, char *argv[])
{
	char stream[64], seen[64] = "";
	size_t len = 0;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);

	len += encode(stream + len, "one");
	len += encode(stream + len, ""); /* an empty message is one too */
	len += encode(stream + len, "0123456789abcdef");
	through_socket(stream, len, seen);
	try_splits(stream, len, seen);
	if (strcmp(seen, "one||0123456789abcdef|") != 0)
		errx(EXIT_FAILURE, "not what was sent: %s", seen);
	try_hostile(LONGEST + 1);
	try_hostile(UINT32_MAX);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
