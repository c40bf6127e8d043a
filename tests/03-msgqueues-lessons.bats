# 03-msgqueues-lessons.bats - chapter 03, the lessons
load helper
load lessons

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
    'msgsnd to the full queue: Resource temporarily unavailable; 3 left' \
    'msgrcv that waits, queue removed: Identifier removed'
}
@test "sysv_limits: operands and a full standard output are errors" {
  misuse sysv_limits 1
  full sysv_limits
}
