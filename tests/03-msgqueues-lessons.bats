# 03-msgqueues-lessons.bats - chapter 03, the lessons
load lib/helper
load lib/lessons

MAN='mq_overview(7), mq_notify(3), sysvipc(7), msgop(2)'
EMSGSIZE='Message too (long|large)' # glibc, musl

# bats test_tags=memcheck
@test "sysv_types: a msgtyp selects one type, the lowest type, or the oldest" {
  lesson sysv_types
  prints_only 'sent: type 5, first' 'sent: type 2, second' \
    'sent: type 1, third' 'msgtyp 2 receives: type 2, second' \
    'msgtyp -5 receives: type 1, third' 'msgtyp 0 receives: type 5, first'
}
# bats test_tags=memcheck
@test "sysv_size: with the type in the size, memory behind the message is sent" {
  lesson sysv_size
  prints_only 'sent: hello, received: hello\.\.\.SECR(, bytes: 12|ET\.\., bytes: 16)'
}
# bats test_tags=memcheck
@test "sysv_size_fixed: with the size of the text, the text alone is sent" {
  lesson sysv_size_fixed
  prints_only 'sent: hello, received: hello\.\.\., bytes: 8'
}
# bats test_tags=memcheck
@test "sysv_limits: E2BIG keeps a long message, MSG_NOERROR truncates it" {
  lesson sysv_limits
  prints_only 'msgrcv, 4 bytes of 10: Argument list too long' \
    'msgrcv, 4 bytes of 10, MSG_NOERROR: done' \
    'msgrcv from the empty queue: No message of .*'
}
# bats test_tags=memcheck
@test "sysv_removed: a blocked call gets EIDRM, a later one EINVAL" {
  lesson sysv_removed
  prints_only 'msgrcv that was blocked: Identifier removed' \
    'msgrcv after that: Invalid argument'
}
@test "sysv lessons: where a limit is in the way, 77 and its name; raised, it works" {
  local user=() lesson limit
  [ $EUID = 0 ] || user=(--user --map-root-user)
  requires 'an IPC namespace with limits of its own to set: make doctor' \
    unshare "${user[@]}" --ipc sh -c 'echo 0 >/proc/sys/kernel/msgmni'
  for lesson in types size size_fixed limits removed; do
    for limit in msgmni msgmax msgmnb; do
      [ $lesson != removed ] || [ $limit = msgmni ] || continue # sends nothing
      # shellcheck disable=SC2016 # the inner shell's
      run -0 try unshare "${user[@]}" --ipc sh -c '
        echo 0 >"/proc/sys/kernel/$1"
        "$0" 2>&1 || echo "status $?"
        echo 8192 >"/proc/sys/kernel/$1"
        exec "$0" >out' sysv_$lesson $limit
      [[ $output == "sysv_$lesson: msg"*"see sysctl "*"kernel.$limit"*'status 77' ]] ||
        fail "$lesson $limit: $output"
    done
  done
}
@test "sysv_removed: where it may not fork it says so, and leaves no queue" {
  requires 'root, to be another user' test "$(id -u)" = 0
  run -77 try setpriv --reuid=65534 --clear-groups \
    bash -c "ulimit -S -u 1; exec $(command -v sysv_removed)"
  [[ $output == 'sysv_removed: fork; see ulimit -u: '* ]]
  objects | diff .before -
}
@test "sysv lessons: a closed pipe is an error, and leaves no queue" {
  for lesson in types size size_fixed limits removed; do
    # shellcheck disable=SC2016 # the inner shell's
    run try sh -c '{ read -r _; "$0"; echo "status $?" >&2; } | true' \
      sysv_$lesson <<<go
    objects | diff .before -
  done
}
# bats test_tags=memcheck
@test "posix_priority: the highest priority comes first, and in it the oldest" {
  lesson posix_priority
  prints_only 'sent: priority 1, letter' 'sent: priority 5, alarm' \
    'sent: priority 5, fire' 'sent: priority 9, flood' \
    'received: priority 9, flood' 'received: priority 5, alarm' \
    'received: priority 5, fire' 'received: priority 1, letter'
}
# bats test_tags=memcheck
@test "posix_limits: each limit has its own error" {
  lesson posix_limits
  prints_only "mq_send, a byte too long: $EMSGSIZE" \
    'mq_send of 1 byte: done' \
    'mq_send to the full queue: Resource temporarily unavailable' \
    "mq_receive, buffer a byte short: $EMSGSIZE"
}
# bats test_tags=memcheck
@test "posix_sysctls: a queue beyond msg_max is refused, to root too" {
  lesson posix_sysctls
  prints_only "msg_max is $(</proc/sys/fs/mqueue/msg_max), .*: Invalid argument"
}
# bats test_tags=memcheck
@test "posix_poll: poll waits for a queue and a pipe, whose end is the sender's" {
  lesson posix_poll
  prints_only 'the queue: one' 'the queue: two' \
    'the pipe: POLLHUP, the sender has exited'
}
# bats test_tags=memcheck
@test "posix_notify_signal: a signal reports one message, to an empty queue" {
  lesson posix_notify_signal
  prints_only 'registered, a message: a signal' \
    'drained, a message before the next registration: no signal' \
    'registered too late, one more message: no signal' \
    'registered before it was drained, a message: a signal'
}
# bats test_tags=memcheck
@test "posix_notify_thread: a message to an empty queue starts a thread" {
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
  prints_only 'another thread has received: hello'
}
# bats test_tags=memcheck
@test "posix_job_queue: a killed worker's job is sent again, each has one result" {
  lesson posix_job_queue
  prints_only 'round 1: sent 8, workers killed 1, results 7' \
    'round 2: sent 1, workers killed 0, results 1'
}
@test "an ignored SIGCHLD, which is inherited, makes no difference to a lesson" {
  local lesson
  for lesson in posix_job_queue posix_poll sysv_removed; do
    lesson env --ignore-signal=CHLD $lesson
  done
}
@test "each lesson reports a full standard output" {
  local lesson
  for lesson in sysv_{types,size,size_fixed,limits,removed} \
    posix_{priority,limits,sysctls,poll,notify_signal,notify_thread,job_queue}; do
    full "$lesson"
  done
}

# posix_mq
@test "posix lessons: a limit of POSIX queues ends them with 77, and is named" {
  local lesson inside=(unshare --user --map-root-user --ipc)
  requires 'an IPC namespace with limits of its own to set: make doctor' \
    "${inside[@]}" sh -c 'echo 0 >/proc/sys/fs/mqueue/queues_max'
  forbidden() { # LESSON LIMIT SCRIPT
    run -77 try "${inside[@]}" bash -c "$3; exec $1"
    [[ $output == "$1: "*"$2"* ]] || fail "expected of $1: $2" "$output"
  }
  for lesson in posix_{priority,limits,sysctls,poll,notify_signal,notify_thread,job_queue}; do
    forbidden "$lesson" fs.mqueue 'echo 0 >/proc/sys/fs/mqueue/queues_max'
  done
  for lesson in posix_{priority,poll,notify_signal,job_queue}; do
    forbidden "$lesson" fs.mqueue 'echo 1 >/proc/sys/fs/mqueue/msg_max'
  done
  forbidden posix_job_queue 'ulimit -n, -q' 'ulimit -q 1000'
  forbidden posix_poll 'pipe: raise ulimit -n' 'ulimit -n 4'
  forbidden posix_notify_thread 'ulimit -n, -u' 'ulimit -n 4'
}
