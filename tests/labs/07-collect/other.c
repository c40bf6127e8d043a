// SPDX-License-Identifier: MIT
/*
 * other.c - collect, another way: a signalfd, from which many signals are read
 *
 * Build:  cc other.c -o other
 * Run:    ./other
 * Exit:   0 ended by SIGTERM; 1 a call failed
 * See:    signalfd(2); 07-signals/lab/solution/collect.c
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

int main(void)
{
	struct signalfd_siginfo infos[16];
	unsigned long values = 0;
	int stopping = 0;
	sigset_t set;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGRTMAX - 1);
	sigaddset(&set, SIGRTMAX - 2);
	int fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd == -1 || sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "signalfd, sigprocmask");
	if (puts("ready") == EOF)
		err(EXIT_FAILURE, "write standard output");
	for (;;) {
		ssize_t n = read(fd, infos, sizeof infos);
		if (n == -1 && errno == EAGAIN)
			break;
		if (n == -1)
			err(EXIT_FAILURE, "read signalfd");
		for (size_t i = 0; i < (size_t)n / sizeof infos[0]; i++) {
			if (infos[i].ssi_signo == SIGTERM)
				stopping = 1;
			else if (infos[i].ssi_code == SI_QUEUE) {
				values++;
				printf("%s%d\n",
				       (int)infos[i].ssi_signo == SIGRTMAX - 1
					   ? ""
					   : "urgent ",
				       infos[i].ssi_int);
			}
		}
		/* From now on read only what is there */
		if (stopping && fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
			err(EXIT_FAILURE, "fcntl");
	}
	printf("%lu values\n", values);
	if (ferror(stdout) || fflush(stdout) == EOF)
		errx(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
