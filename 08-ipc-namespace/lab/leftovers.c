// SPDX-License-Identifier: MIT
/*
 * leftovers.c - run a command, and list the System V objects that it leaves
 *
 * Build:  cc leftovers.c -o leftovers
 * Run:    ./leftovers COMMAND [ARGUMENT...]
 * Exit:   that of the command; 1 a call failed; 2 usage; 127 no such command
 * See:    ipc_namespaces(7), user_namespaces(7), unshare(2), sysvipc(7),
 *         proc_sysvipc(5), qsort(3); leftovers in README.md
 */
#define _GNU_SOURCE /* unshare */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc < 2)
		errx(2, "usage: leftovers COMMAND [ARGUMENT...]");

	/* TODO: move to an IPC namespace of your own, in which the ids are
	 * those outside. Run the command in it, and wait for its end. Then list
	 * the objects, as README.md says: queues, sets, segments */
	warnx("%s: not started: this is the skeleton", argv[1]);
	return EXIT_SUCCESS;
}
