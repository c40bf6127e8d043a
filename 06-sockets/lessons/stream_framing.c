// SPDX-License-Identifier: MIT
/*
 * stream_framing.c - decode messages from a stream, wherever it was cut
 *
 * Shows:  a decoder that takes one byte at a time cannot depend on the reads
 * Build:  cc stream_framing.c -o stream_framing
 * Run:    ./stream_framing
 * Prints: in how many ways a stream was cut, and what lengths were refused
 * Exit:   0 all as said here; 1 it was not so, or a write failed
 * See:    recv(2), byteorder(3); stream_record_fixed.c
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 4, LONGEST = 16 }; /* bytes; both sides know the bound */

/* Three messages as they are sent: each length, in network byte order, is
 * followed by so many bytes. The second message is empty */
static const char stream[] = "\0\0\0\3one\0\0\0\0\0\0\0\20"
			     "0123456789abcdef";
static const char messages[] = "one||0123456789abcdef|";
enum { LENGTH = sizeof stream - 1 };

enum result { NEED_MORE, MESSAGE, TOO_LONG };

/* What has arrived of the present message: the whole state */
struct decoder {
	size_t have; /* bytes, those of the header too */
	uint32_t length;
	char text[LONGEST];
};

/* Take one byte. At MESSAGE, d->length bytes of text are complete. The length
 * is the sender's word: it is checked before it is used */
static enum result decode(struct decoder *d, char byte)
{
	if (d->have >= HEADER && d->length > LONGEST)
		return TOO_LONG; /* forever: what follows is no header */
	if (d->have == HEADER + d->length) /* the next message begins */
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

/* As after a read of len bytes: append each complete message and a '|' */
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

/* Cut the stream in three, in every way there is: empty pieces too */
static void try_cuts(void)
{
	unsigned cuts = 0;

	for (size_t a = 0; a <= LENGTH; a++)
		for (size_t b = a; b <= LENGTH; b++, cuts++) {
			struct decoder d = { .have = 0 };
			char seen[64] = "";

			feed(&d, stream, a, seen);
			feed(&d, stream + a, b - a, seen);
			feed(&d, stream + b, LENGTH - b, seen);
			if (strcmp(seen, messages) != 0)
				errx(EXIT_FAILURE, "%zu, %zu: %s", a, b, seen);
		}
	printf("cut in three, in %u ways: always %s\n", cuts, messages);
}

/* Refused with the last byte of the length: nothing is allocated for it */
static void try_length(const char *header, const char *name)
{
	struct decoder d = { .have = 0 };
	char seen[64] = "";

	if (feed(&d, header, HEADER, seen) != TOO_LONG ||
	    feed(&d, "more", 4, seen) != TOO_LONG)
		errx(EXIT_FAILURE, "length %s: not refused", name);
	printf("length %s: refused after %zu bytes\n", name, d.have);
}

int main(void)
{
	try_cuts();
	try_length("\0\0\0\21", "17");
	try_length("\377\377\377\377", "4294967295");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
