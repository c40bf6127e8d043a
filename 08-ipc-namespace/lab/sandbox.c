// SPDX-License-Identifier: MIT
/*
 * sandbox.c - hide all shared objects from a command, but let one of them in
 *
 * Build:  cc sandbox.c -o sandbox
 * Run:    ./sandbox OBJECT COMMAND [ARGUMENT...]
 * Exit:   that of the command; 1 a call failed; 2 usage; 127 no such command
 * See:    ipc_namespaces(7), pid_namespaces(7), mount_namespaces(7), mount(2),
 *         prctl(2), waitpid(2); sandbox in README.md
 */
#define _GNU_SOURCE /* unshare, O_PATH */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc < 3)
		errx(2, "usage: sandbox OBJECT COMMAND [ARGUMENT...]");

	/* TODO: make the namespaces. Mount a new file system on /dev/shm, and
	 * let the one object in. Start process 1, and from it the command. Wait
	 * for it, and see to it that nothing is left, however you end */
	warnx("%s: not started: this is the skeleton", argv[2]);
	return EXIT_SUCCESS;
}
