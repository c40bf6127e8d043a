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
@test "mmap_private: only what is written through MAP_SHARED is in the file" {
  lesson mmap_private
  prints_only 'the file holds +\.S\.{6}' 'parent, by MAP_SHARED +\.S\.{6}' \
    'parent, by MAP_PRIVATE +\.S\.{6}' 'then, by MAP_SHARED +\.Ss\.{5}' \
    'then, by MAP_PRIVATE +\.S\.{5}p'
  full mmap_private
}

# bats test_tags=memcheck
@test "mmap_anonymous: all children count in one memory, and each in its own" {
  lesson mmap_anonymous
  prints_only '4 children added 1000 each' '.* the parent reads 4000' \
    'MAP_PRIVATE: the parent reads 0'
  full mmap_anonymous
}

# bats test_tags=memcheck
@test "sysv_lifetime: a removed segment lives until the last one detaches" {
  lesson sysv_lifetime
  prints_only 'removed +nattch 1, dest' 'child attached +nattch 3, dest' \
    "parent reads +the child's words" 'child exited +nattch 1, dest' \
    'detached +(Invalid argument|Identifier removed)'
  full sysv_lifetime
}

# bats test_tags=memcheck
@test "memfd_sealed: write, grow and shrink are refused even to the maker" {
  lesson memfd_sealed
  prints_only 'reader: sealed' 'maker: +write: Operation not permitted' \
    'maker: +grow: Operation not permitted' \
    'maker: +shrink: Operation not permitted' 'reader: reads "as agreed"' \
    'reader: exits'
  full memfd_sealed
}
# bats test_tags=memcheck
@test "memfd_unsealed: SIGBUS ends a reader whose memory is shrunk" {
  lesson memfd_unsealed
  prints_only 'reader: not sealed' 'maker: +write: ok' 'maker: +grow: ok' \
    'maker: +shrink: ok' 'reader: Bus error'
  full memfd_unsealed
}
@test "memfd_sealed and memfd_unsealed differ in what is sealed" {
  differ memfd_unsealed memfd_sealed
}

# bats test_tags=memcheck
@test "vm_readv: a stopped child is copied from" {
  lesson vm_readv
  prints "parent: +the child's words" 'child, at first: .*' \
    'child, once named: .*'
  full vm_readv
}
@test "vm_readv: where Yama does not forbid it, a child copies from its parent" {
  local scope=0 yama=/proc/sys/kernel/yama/ptrace_scope
  [ ! -e $yama ] || read -r scope <$yama
  lesson vm_readv
  if [ "$scope" = 0 ] || [ "$scope$EUID" = 10 ]; then
    prints "child, at first: +the parent's words"
  elif [ "$scope" = 1 ]; then
    prints 'child, at first: +Operation not permitted' \
      "child, once named: +the parent's words"
  fi
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
@test "posix_no_space: ftruncate promises what posix_fallocate says is not there" {
  on_small_tmpfs posix_no_space /dev/shm
  prints_only 'ftruncate: +size 1048576' \
    'posix_fallocate: No space left on device' 'memset: +Bus error'
}
@test "posix_no_space: a full output is an error, so is a folder with space" {
  on_small_tmpfs sh -c 'posix_no_space /dev/shm >/dev/full 2>said; echo $?'
  [ "$output" = 1 ]
  grep -qx 'posix_no_space: write standard output: No space.*' said
  run --separate-stderr -1 try posix_no_space /dev/shm
  [ "$stderr" = 'posix_no_space: expected ENOSPC: is /dev/shm small?' ]
}
@test "posix_no_space: no operand, or two, is misuse" {
  misuse posix_no_space
  misuse posix_no_space /tmp /tmp
}

# bats test_tags=memcheck
@test "double_fetch: a length that was checked is another one when it is used" {
  lesson double_fetch
  prints_only 'checked: 8, at most 16' 'copied: +48' 'now: +48'
  full double_fetch
}
# bats test_tags=memcheck
@test "double_fetch_fixed: a length that was copied stays what was checked" {
  lesson double_fetch_fixed
  prints_only 'checked: 8, at most 16' 'copied: +8' 'now: +48'
  full double_fetch_fixed
}
@test "double_fetch and double_fetch_fixed differ in a read" {
  differ double_fetch double_fetch_fixed
}

# bats test_tags=memcheck
@test "seqlock: no snapshot is torn, and no reader blocks the writer" {
  lesson seqlock
  prints_only 'reader 1: [1-9][0-9]* whole, [0-9]+ torn' \
    'writer: +100000 snapshots, while reader 0 was stopped' \
    'reader 0: 1 whole, 1 torn'
  full seqlock
}

# bats test_tags=memcheck
@test "false_sharing: both layouts count alike, and the ratio is printed" {
  lesson false_sharing
  prints 'both counted to 2000000, twice' \
    'in one line it takes (0\.[1-9]|[1-9][0-9]*\.[0-9]) times as long as in two'
  full false_sharing
}
@test "false_sharing: where there is one processor, it says so" {
  lesson taskset -c "$(taskset -cp $$ | grep -oE '[0-9]+' | tail -n 1)" \
    false_sharing
  prints 'only one processor: .*' 'both counted to 2000000, twice'
}
