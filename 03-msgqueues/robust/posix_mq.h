// SPDX-License-Identifier: MIT
/*
 * posix_mq.h - the contract of posix_mq_producer and posix_mq_consumer
 *
 * Name:   /name, see mq_overview(7). Either half makes the queue, mode 0600;
 *         the second takes the name away: the two have met, and what has no
 *         name goes with the last of them.
 * Wire:   a message of the payload's bytes for each read of the producer; an
 *         empty one is the end.
 * Locks:  on Linux a queue descriptor is a file descriptor, and fcntl(2) locks
 *         work on it. Each half keeps a byte of the queue locked, so that the
 *         other can ask whether it is there: a lock goes with its process.
 * Finish: the producer may leave before the consumer comes. Its last act is to
 *         set the x bit of the mode, which means nothing else to a queue: the
 *         transfer is complete. A queue with messages but without that bit and
 *         without a producer is what a crash left behind.
 */
#ifndef POSIX_MQ_H
#define POSIX_MQ_H

/* The default name, with the effective user id as a uintmax_t */
#define POSIX_MQ_DEFAULT "/linux-ipc-%ju.mq"

/* Who locks which byte; SETUP is for whoever is joining, one at a time */
enum { POSIX_MQ_SETUP, POSIX_MQ_PRODUCER, POSIX_MQ_CONSUMER };

/* This bit of the mode: all has been sent */
enum { POSIX_MQ_COMPLETE = 0100 };

#endif
