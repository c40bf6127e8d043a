#!/bin/sh
# demo.sh [FILE] - run chapter 03: two queues carry FILE
# shellcheck disable=SC2016 # run and start expand $file and the rest
. "$(dirname "$0")/demo_kit.sh"

say 'A queue keeps messages: the producer exits before the consumer starts'
run 'queue=/mail-$$'
run 'echo hello | ./posix_mq_producer $queue'
run './posix_mq_consumer $queue'

say 'The consumer may start first as well'
start './posix_mq_consumer $queue >copy'
run './posix_mq_producer $queue <$file'
finish
same posix_mq

say 'System V: a key for a name; ipcs(1) shows mode, bytes and messages'
run 'key=$(printf 0x71%06x $$)'
run 'echo hello | ./sysv_mq_producer $key'
run 'ipcs -q | grep $key | tr -s " "'
run './sysv_mq_consumer $key'
start './sysv_mq_consumer $key >copy'
run './sysv_mq_producer $key <$file'
finish
same sysv_mq

say 'The consumer is killed by a closed pipe: the producer never ends by itself'
run 'seq 100000 >numbers'
start './sysv_mq_producer $key <numbers'
run './sysv_mq_consumer $key | head -n 1'
killed
say 'The queue is left behind'
run 'ipcs -q | grep $key | tr -s " "'
run 'ipcrm -Q $key'

say 'Lessons: urgent messages overtake'
run 'lessons/posix_priority | grep received'
say 'A signal reports a message, but only to an empty queue, and once'
run 'lessons/posix_notify_signal'
say 'A worker is killed at work: its job is sent again'
run 'lessons/posix_job_queue'
