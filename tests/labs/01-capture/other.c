// SPDX-License-Identifier: MIT
/*
 * other.c - capture, with posix_spawn, poll and waitid
 *
 * Build:  cc other.c -o capture
 * Run:    ./capture COMMAND [ARGUMENT...]
 * Exit:   0 counted; 1 a call failed; 2 usage
 * See:    posix_spawn(3), poll(2), waitid(2)
 */
#define _GNU_SOURCE /* pipe2 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char *argv[])
{
	int pfd[2];
	pid_t pid;
	posix_spawn_file_actions_t actions;
	siginfo_t info = { .si_status = 127, .si_code = CLD_EXITED };

	if (argc < 2)
		errx(2, "usage: capture COMMAND [ARGUMENT...]");
	if (pipe2(pfd, O_CLOEXEC | O_NONBLOCK) == -1)
		err(EXIT_FAILURE, "pipe2");
	/* The command gets a write end that blocks */
	if (fcntl(pfd[1], F_SETFL, 0) == -1 ||
	    posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, pfd[1], 1) != 0)
		err(EXIT_FAILURE, "prepare");
	int error =
	    posix_spawnp(&pid, argv[1], &actions, NULL, argv + 1, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error == EAGAIN || error == ENOMEM)
		errx(EXIT_FAILURE, "posix_spawnp: %s", strerror(error));
	if (error != 0)
		warnx("exec %s: %s", argv[1], strerror(error));
	close(pfd[1]);

	struct pollfd end = { .fd = pfd[0], .events = POLLIN };
	static char buf[1 << 18];
	unsigned long long bytes = 0;
	ssize_t n = 1;
	while (n > 0) {
		if (poll(&end, 1, -1) == -1 ||
		    (n = read(pfd[0], buf, sizeof buf)) == -1)
			err(EXIT_FAILURE, "read");
		bytes += (unsigned long long)n;
	}
	if (error == 0 && waitid(P_PID, (id_t)pid, &info, WEXITED) == -1)
		err(EXIT_FAILURE, "waitid");
	dprintf(2, "%s has ended\n", argv[1]);
	if (dprintf(1, "%llu bytes, status %d\n", bytes,
		    info.si_status + (info.si_code == CLD_EXITED ? 0 : 128)) <
	    0)
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
