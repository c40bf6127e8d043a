#!/bin/sh
# demo.sh [FILE] - chapter 07 as one would type it: signals carry FILE
# shellcheck disable=SC2016 # run and start expand $file, $$ and $!
. "$(dirname "$0")/../tests/lib/demo.sh"

say 'A signal goes to a process: the consumer says its number, here also $!'
start 'signal_consumer >copy'
run 'awk "/^SigBlk/ { print \$2 }" /proc/$!/status'
say 'Blocked, signal 63 queues instead of killing; a stray one is ignored'
run 'kill -63 $!'
run 'signal_producer $! <$file'
finish
same signal

say 'A process that waits for no signal would die of one: it is spared'
run 'signal_producer $$ <$file || echo exit status $?'

say 'Blocked, five standard signals become one; five realtime ones stay five'
run merge_and_queue
say 'A signal comes after the test of a flag, and before the wait for it'
run lost_wakeup_fixed
run lost_wakeup
say 'Five children end, and one SIGCHLD comes: the handler reaps in a loop'
run child_reaper
