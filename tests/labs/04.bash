# shellcheck shell=bash
# 04.bash - what the tests of chapter 04 share: to hold a command that runs when
# the semaphores allow it, and to stop a program at one of its calls
load inside
declare -gA gate

# hold NAME ARGUMENT...: begins the program with these arguments and a command,
# which is inside until let_go NAME
hold() {
  local fd name=$1
  shift
  mkfifo -m 666 "gate.$name"
  exec {fd}<>"gate.$name"
  gate[$name]=$fd
  begin "$name" "$@" sh -c \
    "echo $name >>log; read -r line <gate.$name; echo bye >>log"
}
let_go() { # NAME
  echo >&"${gate[$1]}"
  end "$1"
  expect_status 0
  is_inside "$1" || happens 'its command runs' 'its command did not run'
  rm "gate.$1"
}
has_ended() { # NAME; the shell may have seen its end already
  [ ! -e "/proc/${pid[$1]}" ] || grep -qs '^State:.Z' "/proc/${pid[$1]}/status"
}

# settles NAME: the program itself sleeps, or its command runs
settles() {
  local i id child comm in is='' last
  for ((i = 0; i < PATIENCE * 50; i++)); do
    last=$is is='' id='' child='' comm='' in=''
    read -r id _ <"/proc/${pid[$1]}/task/${pid[$1]}/children" || true
    read -r comm <"/proc/$id/comm" || true
    if [ "$comm" = strace ]; then
      read -r child _ <"/proc/$id/task/$id/children" || true
      id=$child
      read -r comm <"/proc/$id/comm" || true
    fi
    read -r in <"/proc/$id/wchan" || true
    # Its command has still to start, or it is at a call that strace looks at
    case $in in 0 | do_wait* | *ptrace*) in='' ;; esac
    [ "$comm" != "${PROGRAM##*/}" ] || is=$in
    # Twice in a row: not one of the short stops
    [ -z "$is" ] || [ "$is" != "$last" ] || return 0
    if is_inside "$1" || has_ended "$1"; then return 0; fi
    a_moment
  done 2>/dev/null
}
# stop_one CALLS:N ARGUMENT...: two begin with the same arguments, and nobody is
# inside. The first one is stopped after this call, until the other one sleeps
# or is inside. Both must not be. Not for calls that wait: semop would fail
stop_one() {
  local WRAP i id WITH=", stopped after call ${1#*:} of ${1%:*}, beside another"
  # Without -f: the command is not stopped
  WRAP=(strace -qq -o trace -e "trace=${1%:*}"
    -e "inject=${1%:*}:signal=SIGSTOP:when=${1#*:}")
  shift
  hold slow "$@"
  WRAP=() WITH=''
  for ((i = 0; i < PATIENCE * 50; i++)); do
    ! grep -qs 'stopped by SIGSTOP' trace || break
    if is_inside slow || has_ended slow; then break; fi
    a_moment
  done
  # Otherwise it does not make this call
  if ! is_inside slow && ! has_ended slow; then
    hold quick "$@"
    settles quick
    id=$(program slow)
    id=$(<"/proc/$id/task/$id/children")
    kill -CONT "${id% }"
    settles slow
    ended=slow
    ! is_inside quick || ! is_inside slow ||
      happens 'one command runs at a time' 'both commands run'
    echo >&"${gate[slow]}" # whichever is inside
    let_go quick
  fi
  let_go slow
}
# each_of COMMAND CALLS:N...: the command with each of these arguments, side by
# side, each in a folder of its own, with its number in $COPY
each_of() {
  local command=$1 calls COPY=0 pids=() i
  needs_strace
  shift
  for calls; do
    mkdir "at.$((++COPY))"
    (
      cd "at.$COPY" || exit
      "$command" "$calls"
    ) >"at.$COPY/.report" 2>&1 &
    pids+=($!)
  done
  for i in "${!pids[@]}"; do
    wait "${pids[i]}" || { cat "at.$((i + 1))/.report" && return 1; }
  done
}
# delay CALLS:N[+CALLS:N] COMMAND: with the Nth of each of these calls delayed
# in each process; after a +, for longer. strace counts each system call for
# itself. each_call would try more, but a semaphore makes few calls
delay() {
  local part=${1//:[0-9]/} ms=200 WRAP
  local WITH=", where call N of these in each process is delayed: $1"
  WRAP=(strace -f --seccomp-bpf -qq -o /dev/null -e "trace=${part//+/,}")
  for part in ${1//+/ }; do
    WRAP+=(-e "inject=${part%:*}:delay_enter=${ms}000:when=${part#*:}")
    ms=400
  done
  shift
  "$@"
}
