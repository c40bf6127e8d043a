// SPDX-License-Identifier: MIT
/*
 * balancer.c - N workers run the commands of standard input, and may be killed
 *
 * Build:  cc balancer.c -o balancer
 * Run:    ./balancer N <commands
 * Exit:   0 each command has its status; 1 a call failed, or a line is too
 *         long; 2 usage
 * See:    mq_overview(7), sysvipc(7), system(3), waitpid(2); task balancer of
 *         README.md
 */
#define _XOPEN_SOURCE 700 /* sys/msg.h is an X/Open extension */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 8, LONGEST = 1000 };

static char **lines;

/* Reads all lines into lines[], and returns how many there are */
static int read_lines(void)
{
	char text[LONGEST + 2]; /* with newline and 0 */
	int count = 0;
	for (; fgets(text, sizeof text, stdin) != NULL; count++) {
		text[strcspn(text, "\n")] = '\0';
		if (strlen(text) > LONGEST)
			errx(EXIT_FAILURE, "line %d is too long", count + 1);
		lines = realloc(lines, sizeof *lines * ((size_t)count + 1));
		if (lines == NULL || (lines[count] = strdup(text)) == NULL)
			err(EXIT_FAILURE, "realloc");
	}
	if (ferror(stdin))
		err(EXIT_FAILURE, "read standard input");
	return count;
}

int main(int argc, char *argv[])
{
	char *rest = NULL;
	long n = argc == 2 ? strtol(argv[1], &rest, 10) : 0;
	if (n < 1 || n > MOST || *rest != '\0')
		errx(2, "usage: balancer N <commands");
	int count = read_lines();

	/* TODO: start n workers. Give each line to a worker that is free. It
	 * runs the line by system(3), and sends back the status. Print the
	 * statuses in the order of the lines. Start another worker for one that
	 * has been killed, and let its line run again */
	errx(EXIT_FAILURE, "%d lines: this is the skeleton", count);
}
