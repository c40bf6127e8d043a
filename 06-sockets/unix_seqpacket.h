// SPDX-License-Identifier: MIT
/*
 * unix_seqpacket.h - what unix_seqpacket_producer and its consumer agree on
 *
 * Messages of 1 to MESSAGE_MAX bytes, then EOF. The consumer's buffer holds
 * the longest message: the kernel discards what does not fit.
 */
#ifndef UNIX_SEQPACKET_H
#define UNIX_SEQPACKET_H

enum { MESSAGE_MAX = 65536 }; /* bytes */

#endif
