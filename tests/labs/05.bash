# shellcheck shell=bash
# 05.bash - what the tests of 05-shm/lab share

# each_stop COMMAND...: what if a second process comes while the first one sets
# the memory up? COMMAND is a function that starts a program by begin_slow, with
# the object $object. First it runs as it is, to see the program's system calls
# on this object. Then, for each of them, in a folder of its own, side by side:
# the program is stopped right after this call, until go_on
each_stop() {
  local object=/object step=trace=all WITH='' call nth n=0 bad=''
  needs_strace
  "$@"
  # Lines are as: 123 openat(AT_FDCWD, "/dev/shm/object", O_RDWR|O_CREAT) = 3
  awk -F '[ (]+' '$2 ~ /^[a-z]/ { print $2, ++n[$2] }' .calls |
    head -n 12 >calls
  [ -s calls ] || happens "it uses /dev/shm$object" 'no system call on it'
  while read -r call nth; do
    n=$((n + 1))
    mkdir "at.$n"
    (
      cd "at.$n" || exit
      object=/at$n
      step="inject=$call:signal=STOP:when=$nth"
      WITH=", beside one that is stopped for a while after call $nth of $call"
      "$@" >.report 2>&1
    ) &
    pid[at.$n]=$!
  done <calls
  while [ $n -gt 0 ]; do
    wait "${pid[at.$n]}" || bad=$n
    n=$((n - 1))
  done
  [ -z "$bad" ] || { cat "at.$bad/.report" && return 1; }
}
# begin_slow NAME [ARGUMENT...]: until it is stopped, or has printed, or sleeps,
# or has ended
begin_slow() {
  local WRAP=(strace -f -qq -o .calls -P "/dev/shm$object" -e "$step") i
  begin "$@"
  for ((i = 0; i < PATIENCE * 10; i++)); do
    ! grep -q 'stopped by' .calls 2>/dev/null || return 0
    [[ ! -s $1.out && -e /proc/${pid[$1]} ]] || return 0
    ! is_asleep "$1" || return 0
  done
}
# go_on NAME: if its call is late, it is stopped only now
go_on() {
  local id
  until [ ! -e "/proc/${pid[$1]}" ]; do
    if grep -q 'stopped by' .calls; then
      for id in $(family "$(program "$1")"); do kill -CONT "$id" || true; done
      break
    fi
    a_moment 0.05
  done 2>/dev/null 3>&- &
}

# without_memory OBJECT COMMAND...: the object exists, but cannot be mapped
without_memory() {
  local WITH=", where mmap of $1 fails with ENOMEM" WRAP
  needs_strace
  WRAP=(strace -f -qq -o /dev/null -P "/dev/shm$1"
    -e inject=/^mmap:error=ENOMEM)
  shift
  "$@"
}

# settles NAME: until it has ended, or sleeps, maybe in a lock of a peer that is
# stopped. A program that does neither has had its time to get in
settles() {
  local n
  for ((n = 0; n < 10; n++)); do
    [ -e "/proc/${pid[$1]}" ] || return 0
    ! is_asleep "$1" || return 0
  done
}
