# 07-signals-lessons.bats - chapter 07, the lessons
load lib/helper
load lib/lessons

MAN='signal(7)'

# bats test_tags=memcheck
@test "lost_wakeup_fixed: a signal between the test and the wait ends the wait" {
  lesson lost_wakeup_fixed
  prints_only 'before the wait SIGUSR1 is pending: yes, handled: no' \
    'the wait was ended by SIGUSR1'
  misuse lost_wakeup_fixed 1
  full lost_wakeup_fixed
}
@test "lost_wakeup_fixed, lost_wakeup: what their starter has blocked or ignored still comes" {
  set -- env --block-signal=USR1,ALRM --ignore-signal=USR1,ALRM
  lesson "$@" lost_wakeup_fixed
  prints 'the wait was ended by SIGUSR1'
  lesson "$@" lost_wakeup
  prints 'the wait was ended by the timer'
}

# bats test_tags=memcheck
@test "lost_wakeup: the same signal is handled before pause, which then hangs" {
  lesson lost_wakeup
  prints_only 'before the wait SIGUSR1 is pending: no, handled: yes' \
    'the wait was ended by the timer'
  misuse lost_wakeup 1
  full lost_wakeup
}
@test "lost_wakeup and handler differ in ten lines of code at most" {
  local code="/^#include/,\$p"
  run diff <(sed -n "$code" "$ROOT/07-signals/lessons/lost_wakeup_fixed.c") \
    <(sed -n "$code" "$ROOT/07-signals/lessons/lost_wakeup.c")
  [ "$(grep -c '^>' <<<"$output")" -le 10 ] || fail "$output"
}

# bats test_tags=memcheck
@test "merge_and_queue: of five standard signals one comes, of realtime all" {
  lesson merge_and_queue
  prints_only 'SIGUSR1: sent 5, values that came: 1' \
    'SIGRTMIN: sent 5, values that came: 1 2 3 4 5' \
    'came: 1 standard, 5 realtime'
  misuse merge_and_queue 1
  full merge_and_queue
}
@test "merge_and_queue: where no signal may queue, it says so" {
  requires 'ulimit -i' bash -c 'ulimit -i 0'
  run --separate-stderr try bash -c 'ulimit -i 0; exec merge_and_queue'
  [[ $status == 1 && $stderr == *'sigqueue'*'temporarily unavailable'* ]] ||
    fail "actual: $status $stderr"
}

# bats test_tags=memcheck
@test "eintr: a handler ends read, restarts it with SA_RESTART, but never poll" {
  lesson eintr
  prints_only 'read: -1, Interrupted system call' \
    'read, SA_RESTART: 1, success' \
    'the byte was written by handler call 3' \
    'poll, SA_RESTART: -1, Interrupted system call'
  misuse eintr 1
  full eintr
}

# bats test_tags=memcheck
@test "signalfd, self_pipe: two ways of one event loop print the same" {
  lesson signalfd
  prints_only 'signal: SIGUSR1' 'data: hello' 'signal: SIGTERM'
  first=$output
  lesson self_pipe
  [ "$output" = "$first" ] || fail "expected: $first" "actual: $output"
}
@test "signalfd, self_pipe: they refuse operands and notice a full disk" {
  misuse signalfd 1
  misuse self_pipe 1
  full signalfd
  full self_pipe
}

# bats test_tags=memcheck
@test "pidfd: it tells the end of a child, and means no other one afterwards" {
  lesson pidfd
  prints_only 'running: ended no, signal: possible' \
    'killed: ended yes, signal: possible' \
    'reaped: ended yes, signal: No such process'
  misuse pidfd 1
  full pidfd
}

# bats test_tags=memcheck
@test "child_reaper: one SIGCHLD for five children, and all are reaped" {
  lesson child_reaper
  prints_only 'ended: 5 children' 'SIGCHLD: handled 1 time' \
    'reaped: 5 children'
  misuse child_reaper 1
  full child_reaper
}
@test "child_reaper: also where its starter has blocked or ignored SIGCHLD" {
  lesson env --block-signal=CHLD --ignore-signal=CHLD child_reaper
  prints 'reaped: 5 children'
}

# bats test_tags=memcheck
@test "timer: who comes late is told how many periods have passed" {
  lesson timer
  prints_only 'timerfd: one read, ([5-9]|[0-9]{2,}) periods' \
    'timer_create: one signal, and ([4-9]|[0-9]{2,}) overruns'
  misuse timer x
  full timer
}

# bats test_tags=memcheck
@test "eventfd: a read takes the sum of what was added, or 1" {
  lesson eventfd
  prints_only 'counter: 3 writes, 1 read, sum 6' \
    'semaphore: 3 writes, 6 reads, sum 6'
  misuse eventfd x
  full eventfd
}

# bats test_tags=memcheck
@test "eventfd_permits: the third of three children waits for a third permit" {
  lesson eventfd_permits
  prints_only '2 permits: 2 of 3 children have one' 'one more permit: 3 of 3'
  misuse eventfd_permits x
  full eventfd_permits
}

# bats test_tags=memcheck
@test "job_control: Ctrl-Z and Ctrl-C reach the foreground job, and no other" {
  lesson job_control
  prints_only 'foreground: stopped by 20' 'background: no news' \
    'foreground: continued by 18' 'foreground: ended by 2' 'background: no news' \
    'background: ended by 15'
  lesson env --ignore-signal=INT,TERM,TSTP job_control # as from a script's &
  misuse job_control x
  full job_control
}
