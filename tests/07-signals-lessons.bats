# 07-signals-lessons.bats - chapter 07, the lessons
load lib/helper
load lib/lessons

MAN='signal(7)'

# names_limit PROGRAM [OPERAND...]: it ends with 77, and names a limit
names_limit() {
  run -77 try "$@"
  [[ $output == *' see ulimit -'[niu]* ]] || fail "$*: $output"
}
# no_child PROGRAM...: each names the limit of processes, which root does not have
no_child() {
  local program user=()
  chmod o+x "$BATS_RUN_TMPDIR" . || true
  [ $EUID != 0 ] || user=(setpriv --reuid 65534 --clear-groups)
  for program; do
    names_limit "${user[@]}" prlimit --nproc=0 "$(command -v "$program")"
  done
}

# bats test_tags=memcheck
@test "lost_wakeup_fixed: a signal between the test and the wait ends the wait" {
  lesson lost_wakeup_fixed
  prints_only 'before the wait SIGUSR1 is pending: yes, handled: no' \
    'the wait was ended by SIGUSR1'
  full lost_wakeup_fixed
}
@test "lost_wakeup_fixed, lost_wakeup: signals arrive even if the parent blocked or ignored them" {
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
  full lost_wakeup
}
@test "lost_wakeup and its fix differ in ten lines of code at most" {
  local code="/^#include/,\$p"
  run diff <(sed -n "$code" "$ROOT/07-signals/lessons/lost_wakeup.c") \
    <(sed -n "$code" "$ROOT/07-signals/lessons/lost_wakeup_fixed.c")
  [ "$(grep -c '^[<>]' <<<"$output")" -le 10 ] || fail "$output"
}

# bats test_tags=memcheck
@test "merge_and_queue: of five standard signals one arrives, of five realtime signals all" {
  lesson merge_and_queue
  prints_only 'SIGUSR1: sent 5, values received: 1' \
    'SIGRTMIN: sent 5, values received: 1 2 3 4 5'
  full merge_and_queue
}
# bats test_tags=memcheck
@test "eintr: a handler ends read, restarts it with SA_RESTART, but never poll" {
  lesson eintr
  prints_only 'read: -1, Interrupted system call' \
    'read, SA_RESTART: 1, success' \
    'the byte was written by handler call 3' \
    'poll, SA_RESTART: -1, Interrupted system call'
  full eintr
}

# bats test_tags=memcheck
@test "signalfd, self_pipe: two versions of one event loop print the same" {
  lesson signalfd
  prints_only 'data: hello' 'signal: SIGCHLD'
  first=$output
  lesson self_pipe
  [ "$output" = "$first" ] || fail "expected: $first" "actual: $output"
}
@test "signalfd, self_pipe: SIGCHLD arrives even if the parent blocked or ignored it" {
  for loop in signalfd self_pipe; do
    lesson env --block-signal=CHLD --ignore-signal=CHLD $loop
    prints 'signal: SIGCHLD'
  done
}
@test "signalfd, self_pipe: they notice a full disk" {
  full signalfd
  full self_pipe
}

# bats test_tags=memcheck
@test "pidfd: a pidfd reports the exit of a child, and never means another process" {
  lesson pidfd
  prints_only 'running: exited: no, signal: possible' \
    'killed: exited: yes, signal: possible' \
    'reaped: exited: yes, signal: No such process'
  full pidfd
}

# bats test_tags=memcheck
@test "child_reaper: one SIGCHLD for five children, and all are reaped" {
  lesson child_reaper
  prints_only 'children: 5, runs of the handler: 1, reaped: 5'
  full child_reaper
}
@test "child_reaper: SIGCHLD arrives even if the parent blocked or ignored it" {
  lesson env --block-signal=CHLD --ignore-signal=CHLD child_reaper
  prints 'children: .*reaped: 5'
}

# bats test_tags=memcheck
@test "timer: a late reader gets the number of periods that have passed" {
  lesson timer
  prints_only 'timerfd: reads: 1, periods: ([5-9]|[0-9]{2,})' \
    'timer_create: signals: 1, overruns: ([4-9]|[0-9]{2,})'
  full timer
}

# bats test_tags=memcheck
@test "eventfd: a read takes the sum of what was added, or 1" {
  lesson eventfd
  prints_only 'counter: added 1, 2, 3; reads: 1, sum: 6' \
    'semaphore: added 1, 2, 3; reads: 6, sum: 6'
  full eventfd
}

# bats test_tags=memcheck
@test "eventfd_permits: the third of three children waits for a third permit" {
  lesson eventfd_permits
  prints_only 'children: 3, permits: 2, waiting: 1' \
    'one more permit: no child is waiting'
  full eventfd_permits
}

# bats test_tags=memcheck
@test "job_control: Ctrl-C reaches the foreground job, and no other" {
  lesson job_control
  prints_only 'foreground job: killed by signal 2, Interrupt' \
    'background job: runs'
  lesson env --ignore-signal=INT job_control # as from a script's &
  full job_control
}

# bats test_tags=slow
@test "if a limit forbids a descriptor, a signal or a child, each lesson names the limit" {
  local program
  for program in eintr self_pipe signalfd job_control; do
    names_limit prlimit --nofile=4 $program
  done
  for program in merge_and_queue timer; do
    names_limit prlimit --sigpending=0 $program
  done
  needs_strace
  for program in eventfd eventfd_permits pidfd timer; do
    names_limit strace -qq -o trace \
      -e inject=eventfd2,pidfd_open,timerfd_create:error=EMFILE $program
  done
  no_child child_reaper eventfd_permits job_control pidfd self_pipe signalfd
}
# bats test_tags=slow
@test "a lesson works the same if it inherits signals ignored and blocked" {
  local program inherited=CHLD,INT,QUIT,ALRM,USR1,PIPE,TERM
  for program in child_reaper eintr eventfd_permits job_control lost_wakeup \
    lost_wakeup_fixed merge_and_queue pidfd self_pipe signalfd timer; do
    lesson env --ignore-signal=$inherited --block-signal=$inherited $program
  done
}
