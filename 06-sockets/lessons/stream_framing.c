// SPDX-License-Identifier: MIT
/*
 * stream_framing.c - decode messages from a stream, wherever it was cut
 *
 * Shows:  a decoder that takes one byte at a time cannot depend on the reads
 * Build:  cc stream_framing.c -o stream_framing
 * Run:    ./stream_framing
 * Prints: in how many ways a stream was cut, and a length that was refused
 * Exit:   0 as described; 1 other results, or a write failed
 * See:    recv(2), byteorder(3); stream_record_fixed.c
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 4, LONGEST = 16 }; /* bytes; both sides know the bound */

/* Two messages: each length, in network byte order, is followed by the text */
static const char stream[] = "\0\0\0\3one\0\0\0\5three";
enum { LENGTH = sizeof stream - 1 };

/* The part of the present message that has arrived: the whole state */
struct decoder {
	size_t have; /* bytes, those of the header too */
	uint32_t length;
	char text[LONGEST];
};

/* After a read of len bytes: append each message that is complete, and a '|'.
 * -1: a length is not allowed, and nothing after it can be decoded */
static int decode(struct decoder *d, const char *in, size_t len, char *seen)
{
	for (; len > 0; in++, len--) {
		if (d->have < HEADER)
			d->length = d->length << 8 | (unsigned char)*in;
		else
			d->text[d->have - HEADER] = *in;
		d->have++;
		/* The sender may claim any length: check it before its use */
		if (d->have == HEADER && d->length > LONGEST)
			return -1;
		if (d->have == HEADER + d->length) {
			strncat(seen, d->text, d->length);
			strcat(seen, "|");
			*d = (struct decoder){ .have = 0 };
		}
	}
	return 0;
}

int main(void)
{
	char seen[64];

	for (size_t cut = 0; cut <= LENGTH; cut++) {
		struct decoder d = { .have = 0 };

		seen[0] = '\0';
		if (decode(&d, stream, cut, seen) == -1 ||
		    decode(&d, stream + cut, LENGTH - cut, seen) == -1 ||
		    strcmp(seen, "one|three|") != 0)
			errx(EXIT_FAILURE, "cut at %zu: %s", cut, seen);
	}
	printf("cut in two, in %d ways: always one|three|\n", LENGTH + 1);

	/* Refuse the length when its last byte arrives: nothing is allocated */
	struct decoder d = { .have = 0 };
	if (decode(&d, "\377\377\377\377", HEADER, seen) != -1)
		errx(EXIT_FAILURE, "expected the length to be refused");
	printf("length 4294967295: refused after %zu bytes\n", d.have);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
