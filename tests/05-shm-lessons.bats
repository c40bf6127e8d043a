# 05-shm-lessons.bats - chapter 05, the lessons
load lib/helper
load lib/lessons

MAN='shm_overview(7)'

# differ BROKEN FIXED: below the opening comment, in ten lines at most
differ() {
  local folder=$ROOT/05-shm/lessons
  [ "$(diff <(sed '1,/^ \*\//d' "$folder/$1.c") \
    <(sed '1,/^ \*\//d' "$folder/$2.c") | grep -c '^[<>]')" -le 10 ]
}

# bats test_tags=memcheck
@test "mmap_private: only writes through MAP_SHARED reach the file" {
  lesson mmap_private
  prints_only 'the file holds +\.S\.{6}' 'parent, by MAP_SHARED +\.S\.{6}' \
    'parent, by MAP_PRIVATE +\.S\.{6}' 'then, by MAP_SHARED +\.Ss\.{5}' \
    'then, by MAP_PRIVATE +\.S\.{5}p'
  full mmap_private
}

# bats test_tags=memcheck
@test "mmap_anonymous: children share a MAP_SHARED counter, not a private one" {
  lesson mmap_anonymous
  prints_only '4 children added 1000 each' '.* the parent reads 4000' \
    'MAP_PRIVATE: the parent reads 0'
  full mmap_anonymous
}

# bats test_tags=memcheck
@test "sysv_lifetime: a removed segment exists until the last detach" {
  lesson sysv_lifetime
  prints_only 'removed: +nattch 2, dest' 'p detached: +nattch 1, dest' \
    'q reads: +still here' \
    'q detached: +(Invalid argument|Identifier removed)'
  full sysv_lifetime
}

# bats test_tags=memcheck
@test "memfd_sealed: write, grow and shrink fail even for the maker" {
  lesson memfd_sealed
  prints_only 'maker: +write: Operation not permitted' \
    'maker: +grow: Operation not permitted' \
    'maker: +shrink: Operation not permitted' 'reader: as agreed'
  full memfd_sealed
}
# bats test_tags=memcheck
@test "memfd_unsealed: SIGBUS kills a reader of memory that was shrunk" {
  lesson memfd_unsealed
  prints_only 'maker: +write: ok' 'maker: +grow: ok' 'maker: +shrink: ok' \
    'reader: Bus error'
  full memfd_unsealed
}
@test "memfd_sealed and memfd_unsealed differ in the seals only" {
  differ memfd_unsealed memfd_sealed
}

# bats test_tags=memcheck
@test "vm_readv: the parent copies the words of a stopped child" {
  lesson vm_readv
  prints_only "parent has: +the parent's words" "it copied: +the child's words"
  full vm_readv
}

# on_small_tmpfs COMMAND...: where /dev/shm has 64 KiB, for COMMAND alone
on_small_tmpfs() {
  local alone=(unshare -m)
  [ $EUID = 0 ] || alone+=(-r)
  # helper.bash has made it private already, as far as a chroot allows that
  [ "$ISOLATION" = none ] || alone+=(--propagation unchanged)
  alone+=(sh -c 'mount -t tmpfs -o size=64k none /dev/shm && exec "$@"' sh)
  requires 'the right to mount: make doctor' "${alone[@]}" true
  lesson "${alone[@]}" "$@"
}
# bats test_tags=memcheck
@test "posix_no_space: ftruncate succeeds where posix_fallocate fails with ENOSPC" {
  on_small_tmpfs posix_no_space /dev/shm
  prints_only 'ftruncate: +size 1048576' \
    'posix_fallocate: No space left on device' 'memset: +Bus error'
}
@test "posix_no_space: a full output and a folder with space are errors" {
  on_small_tmpfs sh -c 'posix_no_space /dev/shm >/dev/full 2>said; echo $?'
  [ "$output" = 1 ]
  grep -qx 'posix_no_space: write standard output: No space.*' said
  run --separate-stderr -1 try posix_no_space /dev/shm
  [ "$stderr" = 'posix_no_space: expected ENOSPC: is /dev/shm small?' ]
}
@test "posix_no_space: no operand, or two, is a usage error" {
  misuse posix_no_space
  misuse posix_no_space /tmp /tmp
}

# bats test_tags=memcheck
@test "double_fetch: the length changes between check and use" {
  lesson double_fetch
  prints_only 'checked: 8, at most 16' 'copied: +48' 'now: +48'
  full double_fetch
}
# bats test_tags=memcheck
@test "double_fetch_fixed: the copied length does not change after the check" {
  lesson double_fetch_fixed
  prints_only 'checked: 8, at most 16' 'copied: +8' 'now: +48'
  full double_fetch_fixed
}
@test "double_fetch and double_fetch_fixed differ in one read" {
  differ double_fetch double_fetch_fixed
}

# bats test_tags=memcheck
@test "seqlock: a stopped reader does not block the writer, and tries again" {
  lesson seqlock
  prints_only 'writer: done, while the reader is stopped' \
    'reader: a whole pair, at attempt 2'
  full seqlock
}

# bats test_tags=memcheck
@test "false_sharing: the ratio of the two layouts is printed" {
  lesson false_sharing
  prints_only \
    'in one line it takes (0\.[1-9]|[1-9][0-9]*\.[0-9]) times as long as in two'
  full false_sharing
}

# names LIMIT COMMAND...: it ends with 77, and names LIMIT
names() {
  run -77 try "${@:2}"
  [[ $output == *"see $1"* ]] || fail "expected: see $1" "actual: $output"
}
@test "a ulimit that stops a lesson is named, and the exit status is 77" {
  local lesson user=()
  for lesson in memfd_sealed memfd_unsealed mmap_private 'posix_no_space /dev/shm'; do
    names 'ulimit -f' bash -c "ulimit -Sf 0; exec $lesson"
  done
  # To root it does not apply
  [ "$(id -u)" != 0 ] || user=(setpriv --reuid 65534 --clear-groups)
  for lesson in double_fetch double_fetch_fixed false_sharing mmap_anonymous \
    mmap_private seqlock vm_readv; do
    names 'ulimit -u' "${user[@]}" bash -c "ulimit -Su 1; exec $lesson"
  done
}
@test "memfd_unsealed: a ulimit -f that forbids to grow is named, exit status 77" {
  names 'ulimit -f' bash -c 'ulimit -Sf 1; exec memfd_unsealed'
}
@test "sysv_lifetime: a sysctl that forbids the segment is named, exit status 77" {
  requires 'root and namespaces: make doctor' \
    [ "$(id -u) $ISOLATION" = '0 namespaces' ]
  local sysctl
  for sysctl in shmmni=0 shmmax=9 shmall=0; do
    requires 'a writable /proc/sys' \
      sh -c "echo ${sysctl#*=} >/proc/sys/kernel/${sysctl%=*}"
    names 'sysctl kernel.shmmni, kernel.shmmax and kernel.shmall' sysv_lifetime
    echo 4096 >/proc/sys/kernel/shmmni
    echo 4096000 >/proc/sys/kernel/shmmax
  done
}
@test "sysv_lifetime: a signal at the creation of the segment leaves no segment" {
  needs_strace
  local sig
  for sig in INT PIPE USR1; do
    run try strace -qq -o trace -e inject=shmget:signal=$sig sysv_lifetime
    [ "$status" = $((128 + $(kill -l $sig))) ]
    objects | diff .before -
  done
}
@test "lessons work when SIGCHLD is ignored by their parent" {
  local program
  for program in double_fetch double_fetch_fixed false_sharing memfd_sealed \
    memfd_unsealed mmap_anonymous mmap_private seqlock vm_readv; do
    lesson env --ignore-signal=CHLD $program
  done
  on_small_tmpfs env --ignore-signal=CHLD posix_no_space /dev/shm
}
