#!/bin/sh
# demo.sh [FILE] - chapter 03 as one would type it: two queues carry FILE
# shellcheck disable=SC2016 # run and start expand $file and the rest
. "$(dirname "$0")/../tests/lib/demo.sh"

say 'A queue keeps messages: the producer has left when the consumer comes'
run 'queue=/queue-$$'
run 'echo hello | posix_mq_producer $queue'
run 'echo again | posix_mq_producer $queue || echo refused, hello is kept'
run 'posix_mq_consumer $queue'

say 'The consumer may come first as well'
start 'posix_mq_consumer $queue >copy'
run 'posix_mq_producer $queue <$file'
finish
same posix_mq

say 'System V: a key for a name; ipcs(1) shows mode, bytes and messages'
run 'key=$(printf 0x71%06x $$)'
run 'echo hello | sysv_mq_producer $key'
run 'ipcs -q | grep $key | tr -s " "'
run 'sysv_mq_consumer $key'
start 'sysv_mq_consumer $key >copy'
run 'sysv_mq_producer $key <$file'
finish
same sysv_mq

say 'Lessons: urgent messages overtake'
run 'posix_priority | grep received'
say 'A signal tells of mail, but only to an empty queue, and once'
run 'posix_notify_signal'
say 'A worker is killed at work: its job is not lost'
run 'posix_job_queue'
