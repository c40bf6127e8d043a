# 05-shm-lessons.bats - chapter 05, the lessons
load lib/helper
load lib/lessons

MAN='shm_overview(7)'

# bats test_tags=memcheck
@test "mmap_private: only what is written through MAP_SHARED is in the file" {
  lesson mmap_private
  prints_only 'the file holds +\.S\.{6}' 'parent, by MAP_SHARED +\.S\.{6}' \
    'parent, by MAP_PRIVATE +\.S\.{6}' 'then, by MAP_SHARED +\.Ss\.{5}' \
    'then, by MAP_PRIVATE +\.S\.{5}p'
}
@test "mmap_private: an operand is misuse, and a full disk an error" {
  misuse mmap_private operand
  full mmap_private
}

# bats test_tags=memcheck
@test "mmap_anonymous: all children count in one memory, and each in its own" {
  lesson mmap_anonymous 3
  prints_only '3 children added 1000 each' '.* the parent reads 3000' \
    'MAP_PRIVATE: the parent reads 0'
}
@test "mmap_anonymous: a number of children out of bounds is misuse" {
  misuse mmap_anonymous 0
  misuse mmap_anonymous 101
  misuse mmap_anonymous 3x
  full mmap_anonymous
}

# bats test_tags=memcheck
@test "sysv_lifetime: a removed segment lives until the last one detaches" {
  lesson sysv_lifetime
  prints_only 'removed +nattch 1, dest' 'after fork +nattch 2, dest' \
    'attached by id +nattch 3, dest' "child reads +parent's words" \
    "parent reads +child's words" 'the child has gone +nattch 1, dest' \
    'detached +(Invalid argument|Identifier removed)'
}
@test "sysv_lifetime: an operand is misuse, and a full disk an error" {
  misuse sysv_lifetime operand
  full sysv_lifetime
}

# bats test_tags=memcheck
@test "memfd_sealed: write, grow and shrink are refused even to the maker" {
  lesson memfd_sealed
  prints_only 'reader: sealed' 'maker: +write: Operation not permitted' \
    'maker: +grow: Operation not permitted' \
    'maker: +shrink: Operation not permitted' 'reader: reads "as agreed"' \
    'reader: ends well'
  full memfd_sealed
}
# bats test_tags=memcheck
@test "memfd_unsealed: SIGBUS ends a reader whose memory is shrunk" {
  lesson memfd_unsealed
  prints_only 'reader: not sealed' 'maker: +write: ok' 'maker: +grow: ok' \
    'maker: +shrink: ok' 'reader: Bus error'
}
@test "memfd_sealed and memfd_unsealed differ in what is sealed, else refuse" {
  local sealed
  sealed=$ROOT/05-shm/lessons/memfd_sealed.c
  [ "$(diff <(sed '1,/^ \*\//d' "$sealed") \
    <(sed '1,/^ \*\//d' "${sealed/sealed/unsealed}") | grep -c '^>')" -le 10 ]
  misuse memfd_sealed operand
  misuse memfd_unsealed operand
}

# bats test_tags=memcheck
@test "vm_readv: a child that stands still is copied from" {
  lesson vm_readv
  prints 'ptrace_scope: .*' "parent copied: the child's own words" \
    'after PR_SET_PTRACER:' 'child (copied|refused): .*'
}
@test "vm_readv: where Yama does not forbid it, a child copies from its parent" {
  lesson vm_readv
  case ${lines[0]} in
    *-|*0) prints 'child copied: .*' 'after .*' 'child copied: .*' ;;
    *1) [ $EUID = 0 ] ||
      prints 'child refused: Operation not permitted' 'after .*' \
        'child copied: .*' ;;
  esac
  misuse vm_readv operand
  full vm_readv
}

# bats test_tags=memcheck
@test "posix_no_space: ftruncate promises what posix_fallocate says is not there" {
  lesson posix_no_space
  prints_only 'ftruncate: +1048576 bytes promised' \
    'posix_fallocate: No space left on device' 'using it: +Bus error'
}
@test "posix_no_space: an operand is misuse, a full disk an error, /dev/shm there" {
  misuse posix_no_space operand
  grep ' /dev/shm ' /proc/self/mounts >mounts.before || true
  full posix_no_space
  grep ' /dev/shm ' /proc/self/mounts | diff mounts.before -
}
@test "posix_no_space: without user namespaces it ends with 77, and says why" {
  may_forbid
  # Root, also that of a user namespace, mounts without another one
  run -0 try unshare --user --map-root-user sh -c \
    'echo 0 >/proc/sys/user/max_user_namespaces && exec posix_no_space'
  forbidden posix_no_space
}

# bats test_tags=memcheck
@test "double_fetch: a length that was checked is another one when it is used" {
  lesson double_fetch
  prints_only 'checked 8, at most 16' 'copied 48, 32 too many' 'it says 48 now'
  full double_fetch
}
# bats test_tags=memcheck
@test "double_fetch_fixed: a length that was copied stays what was checked" {
  lesson double_fetch_fixed
  prints_only 'checked 8, at most 16' 'copied 8, 0 too many' 'it says 48 now'
  full double_fetch_fixed
}
@test "double_fetch and double_fetch_fixed differ in a read, and refuse alike" {
  local broken=$ROOT/05-shm/lessons/double_fetch.c
  [ "$(diff <(sed '1,/^ \*\//d' "$broken") \
    <(sed '1,/^ \*\//d' "${broken%.c}_fixed.c") | grep -c '^[<>]')" -le 10 ]
  misuse double_fetch operand
  misuse double_fetch_fixed operand
}

# bats test_tags=memcheck
@test "seqlock: no snapshot is torn, and no reader holds up the writer" {
  lesson seqlock
  prints_only 'reader 1: [1-9][0-9]* whole, [0-9]+ torn and tried again' \
    'writer: 100000 snapshots, while reader 0 stood still' \
    'reader 0: 1 whole, 1 torn and tried again'
}
@test "seqlock: refuses an operand, and a full output" {
  misuse seqlock 2
  full seqlock
}

# bats test_tags=memcheck
@test "false_sharing: both layouts count alike, and the times are told as ratio" {
  lesson false_sharing ${MEMCHECK:+1000}
  prints 'both counted to [0-9]+, twice' \
    'in one line it takes (0\.[1-9]|[1-9][0-9]*\.[0-9]) times as long as in two'
}
@test "false_sharing: where there is one processor, it says so" {
  lesson taskset -c "$(taskset -cp $$ | grep -oE '[0-9]+' | tail -n 1)" \
    false_sharing 1000
  prints 'only one processor: .*' 'both counted to 1000, twice'
  misuse false_sharing 0
  misuse false_sharing 2x
  full false_sharing 1000
}
