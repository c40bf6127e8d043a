// SPDX-License-Identifier: MIT
/*
 * mechanisms.h - every mechanism that is measured, in the order of the table
 *
 * To add one: write a file for it, and add its name to both lists here.
 */
#ifndef MECHANISMS_H
#define MECHANISMS_H

#include "bench.h"

extern const struct mechanism pipe_default, pipe_large, fifo, vmsplice_read,
    vmsplice_splice, posix_mq, sysv_mq, posix_sem, sysv_sem, futex, event_fd,
    shm_ring, vm_readv, unix_stream, unix_dgram, unix_seqpacket, tcp, udp,
    signal_handler, signal_wait, signal_fd;

#define MECHANISMS                                                             \
	&pipe_default, &pipe_large, &fifo, &vmsplice_read, &vmsplice_splice,   \
	    &posix_mq, &sysv_mq, &posix_sem, &sysv_sem, &futex, &event_fd,     \
	    &shm_ring, &vm_readv, &unix_stream, &unix_dgram, &unix_seqpacket,  \
	    &tcp, &udp, &signal_handler, &signal_wait, &signal_fd

/* peer_*.c */
extern const struct peer peer_lmbench_pipe, peer_lmbench_unix, peer_lmbench_tcp,
    peer_ipc_bench_mq, peer_spsc_trip, peer_spsc;

#define PEERS                                                                  \
	&peer_lmbench_pipe, &peer_lmbench_unix, &peer_lmbench_tcp,             \
	    &peer_ipc_bench_mq, &peer_spsc_trip, &peer_spsc

#endif
