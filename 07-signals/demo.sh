#!/bin/sh
# demo.sh [FILE] - run chapter 07: signals carry FILE
# shellcheck disable=SC2016 # run and start expand $file, $$ and $!
. "$(dirname "$0")/demo_kit.sh"

say 'A signal is sent to a process: the consumer prints its number, here $!'
start_listener './signal_consumer >copy'
run './signal_producer $! <$file'
finish
same signal

say 'A process that was killed takes all that is pending with it'
start_listener './signal_consumer >copy'
killed
run './signal_producer $! <$file || echo exit status $?'

say 'A shell does not block the signal and would die of it. robust/ looks first'
run 'robust/signal_producer $$ <$file || echo exit status $?'

say 'Blocked, five standard signals become one; five realtime ones stay five'
run lessons/merge_and_queue
say 'A signal arrives after the test of a flag, and before the wait for it'
run lessons/lost_wakeup
run lessons/lost_wakeup_fixed
say 'Five children exit, one SIGCHLD arrives: the handler reaps in a loop'
run lessons/child_reaper
