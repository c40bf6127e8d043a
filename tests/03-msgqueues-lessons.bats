# 03-msgqueues-lessons.bats - chapter 03, the lessons
load lib/helper
load lib/lessons

MAN='mq_overview(7), mq_notify(3), sysvipc(7), msgop(2)'

# bats test_tags=memcheck
@test "sysv_types: a receiver gets the first, one type, the lowest, or not one" {
  lesson sysv_types
  prints_only 'sent: type 5, first' 'sent: type 2, second' \
    'sent: type 7, third' 'sent: type 2, fourth' 'sent: type 1, fifth' \
    '0, any type: type 5, first' '2, that type: type 2, second' \
    '-7, the lowest .*: type 1, fifth' '2 with MSG_EXCEPT.*: type 7, third' \
    '-7, the lowest .*: type 2, fourth' '0, any type: No message of .*'
}
@test "sysv_types: operands and a full standard output are errors" {
  misuse sysv_types 1
  full sysv_types
}
# bats test_tags=memcheck
@test "sysv_limits: each limit has its own error, and E2BIG loses nothing" {
  lesson sysv_limits
  prints_only 'msgrcv of 4 bytes: Argument list too long; 1 left' \
    'msgrcv of 4 bytes, MSG_NOERROR: 4 bytes; 0 left' \
    'msgrcv of 4 bytes: No message of .*; 0 left' \
    'msg_qbytes is 35: 3 messages of 10 bytes fit' \
    'msgsnd to the full queue: Resource temporarily unavailable; 3 left'
}
@test "sysv_limits: operands and a full standard output are errors" {
  misuse sysv_limits 1
  full sysv_limits
}
# bats test_tags=memcheck
@test "sysv_removed: who waits in a queue hears of its end, who comes later too" {
  lesson sysv_removed
  prints_only 'msgrcv that waits, queue removed: Identifier removed' \
    'msgrcv after that: Invalid argument'
  misuse sysv_removed 1
  full sysv_removed
}
# bats test_tags=memcheck
@test "posix_priority: the highest priority comes first, and in it the oldest" {
  lesson posix_priority
  prints 'sent: priority 1, letter' 'sent: priority 9, flood' \
    'received: priority 9, flood' 'received: priority 5, alarm' \
    'received: priority 5, fire' 'received: priority 1, letter' \
    'received: priority 1, card' 'received: priority 0, advert'
}
@test "posix_priority: operands and a full standard output are errors" {
  misuse posix_priority 1
  full posix_priority
}
# bats test_tags=memcheck
@test "posix_limits: each limit has its own error" {
  lesson posix_limits
  prints_only "mq_send, a byte too long: $EMSGSIZE" \
    'mq_send of 1 byte: done' \
    'mq_send to the full queue: Resource temporarily unavailable' \
    "mq_receive, buffer a byte short: $EMSGSIZE" \
    'mq_receive from the empty .*: Resource temporarily unavailable' \
    "mq_timedreceive, empty until then: $ETIMEDOUT"
}
# bats test_tags=memcheck
@test "posix_sysctls: a queue beyond the limits is refused, to root too" {
  lesson posix_sysctls
  prints_only "msg_max is $(</proc/sys/fs/mqueue/msg_max), .*: Invalid argument" \
    "msgsize_max is $(</proc/sys/fs/mqueue/msgsize_max), .*: Invalid argument"
}
@test "posix_sysctls: operands and a full standard output are errors" {
  misuse posix_sysctls 1
  full posix_sysctls
}
@test "posix_limits: operands and a full standard output are errors" {
  misuse posix_limits 1
  full posix_limits
}
# bats test_tags=memcheck
@test "posix_poll: poll waits for a queue and a pipe, and tells room from mail" {
  lesson posix_poll
  prints_only 'empty: POLLOUT' 'one message: POLLIN POLLOUT' 'full: POLLIN' \
    'received: one' 'received: two' 'received: three, from the child' \
    'the pipe: POLLHUP, the sender has ended'
}
@test "posix_poll: operands and a full standard output are errors" {
  misuse posix_poll 1
  full posix_poll
}
# bats test_tags=memcheck
@test "posix_notify_signal: told once, of mail to an empty queue, one process" {
  lesson posix_notify_signal
  prints_only "a second process registers: $EBUSY" \
    'registered, a message comes: signal, SI_MESGQ' \
    'drained, but not registered again, the next comes: no signal' \
    'registered too late, one more comes: no signal' \
    'drained while registered, a message comes: signal, SI_MESGQ'
}
@test "posix_notify_signal: operands and a full standard output are errors" {
  misuse posix_notify_signal 1
  full posix_notify_signal
}
# bats test_tags=memcheck
@test "posix_notify_thread: each message to an empty queue begins a thread" {
  # What valgrind says of the library's own thread is not about the lesson
  cat >known <<'END'
{
  padding of what glibc passes
  Memcheck:Param
  mq_notify(notification)
  fun:*mq_notify*
}
{
  a thread that glibc begins and never ends
  Memcheck:Leak
  match-leak-kinds: possible
  fun:calloc
  ...
  fun:pthread_create*
}
END
  VALGRIND_OPTS="--suppressions=$PWD/known" lesson posix_notify_thread
  prints_only 'notification 1, another thread: message 1' \
    'notification 2, another thread: message 2' \
    'notification 3, another thread: message 3' '3 messages, 3 notifications'
}
@test "posix_notify_thread: operands and a full standard output are errors" {
  misuse posix_notify_thread 1
  full posix_notify_thread
}
# bats test_tags=memcheck
@test "posix_job_queue: the job of a killed worker comes back, each has one result" {
  lesson posix_job_queue
  prints_only 'round 1: sent 8, workers killed 1, results 7' \
    'round 2: sent 1, workers killed 0, results 1' \
    '8 of 8 jobs have a result, their sum is 140'
}
@test "posix_job_queue: refuses an operand, and a full output" {
  misuse posix_job_queue 8
  full posix_job_queue
}
