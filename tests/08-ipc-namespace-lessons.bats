# 08-ipc-namespace-lessons.bats - the lessons of chapter 08
load lib/helper
load lib/lessons

MAN='ipc_namespaces(7), namespaces(7), unshare(2), setns(2)'

# helps MESSAGE COMMAND...: COMMAND ends with 77 and with MESSAGE, which a remedy
# follows; COMMAND again, with that as $remedy, works
helps() {
  export remedy=:
  run --separate-stderr -77 try "${@:2}"
  [[ $stderr =~ ^$1(.*)$ ]] || fail "expected: $1" "actual: $stderr"
  remedy=${BASH_REMATCH[-1]}
  run --separate-stderr -0 try "${@:2}"
}

needs_namespaces() {
  requires 'user namespaces: make doctor' \
    unshare --user --map-root-user --mount --ipc --pid --fork --mount-proc true
}
# "${prepare[@]}" SETUP COMMAND...: as root of fresh namespaces; helps may put a
# remedy between the two
# shellcheck disable=SC2016 # the inner shell's
prepare=(unshare --user --map-root-user --mount --ipc --pid --fork --mount-proc
  bash -c 'eval "$0"; eval "${remedy-}" >/dev/null; exec "$@"')

# Limits and missing folders, for several lessons
@test "enter, limits, undo_at_unshare: if no second namespace is allowed, the remedy works" {
  needs_namespaces
  local lesson
  for lesson in enter limits undo_at_unshare; do
    helps "$lesson: unshare[^:]*: No space left on device: as root: " \
      "${prepare[@]}" 'echo 2 >/proc/sys/user/max_ipc_namespaces' "$lesson"
  done
}
@test "enter, limits, persist, undo_at_unshare: without /proc they print what to mount" {
  needs_namespaces
  local lesson
  for lesson in enter limits persist undo_at_unshare; do
    run -77 try "${prepare[@]}" 'mount -t tmpfs none /proc' "$lesson"
    [[ $output == *': mount -t proc proc /proc'* ]] || fail "$lesson: $output"
    run -0 try "${prepare[@]}" 'mount -t tmpfs none /proc
      mount -t proc proc /proc' "$lesson"
  done
}
@test "enter, pid_namespace, pid_namespace_fixed: if no child may be started, they name the limit" {
  local lesson
  requires 'root, to be another user' [ $EUID = 0 ]
  requires 'user namespaces for all: make doctor' \
    setpriv --reuid 65534 --clear-groups unshare --user true
  chmod o+x "$BATS_RUN_TMPDIR" . || true
  for lesson in enter pid_namespace pid_namespace_fixed; do
    lesson "$lesson"
    run -77 try setpriv --reuid 65534 --clear-groups prlimit --nproc=0 \
      "$(command -v $lesson)"
    [[ $output == *': see ulimit -u: '* ]] || fail "$output"
  done
}

@test "lessons and tools work if they inherit an ignored SIGCHLD" {
  local program
  for program in enter pid_namespace pid_namespace_fixed isolation_matrix \
    'ipc_sandbox true'; do
    # shellcheck disable=SC2086 # the words of program
    lesson env --ignore-signal=CHLD $program
  done
}

# undo_at_unshare
# bats test_tags=memcheck
@test "undo_at_unshare: a lock with SEM_UNDO is lost when its live holder leaves" {
  lesson undo_at_unshare
  prints_only 'locked: 0' 'after unshare: 1'
}
@test "undo_at_unshare: a full output is an error" {
  full undo_at_unshare
}

# persist
# bats test_tags=memcheck
@test "persist: a bind mount keeps a namespace and its objects, without a process" {
  lesson persist
  prints_only 'outside: No such file or directory' 'back in the namespace: found'
}
@test "persist: no other process sees its mounts, and none stays" {
  cp /proc/self/mountinfo before
  cp /proc/version version
  lesson persist
  diff before /proc/self/mountinfo
  diff version /proc/version
}
@test "persist: a full output is an error" {
  full persist
}

# unprivileged
# bats test_tags=memcheck
@test "unprivileged: an IPC namespace is refused without a user namespace, and made with one" {
  lesson unprivileged
  local uid=$EUID gid overflow
  gid=$(id -g)
  [ "$uid" != 0 ] || uid=1 gid=1
  overflow=$(</proc/sys/kernel/overflowuid)
  prints_only 'new IPC namespace: Operation not permitted' \
    "new user namespace: uid $overflow, gid $(</proc/sys/kernel/overflowgid)" \
    "ids mapped: uid $uid, gid $gid" 'new IPC namespace: done'
}
@test "unprivileged: unshare(1) is refused without a user namespace, and works with one" {
  lesson unprivileged
  local uid=$EUID drop=("${no_caps[@]}")
  [ "$uid" != 0 ] || uid=1 drop=(setpriv --reuid 1 --regid 1 --clear-groups)
  run ! "${drop[@]}" unshare --ipc true
  run -0 "${drop[@]}" unshare --user --map-current-user --ipc id -u
  [ "$output" = "$uid" ]
}
@test "unprivileged: a full output is an error" {
  full unprivileged
  requires 'user namespaces: make doctor' unshare --user --map-root-user true
  # As root of a namespace that has no user 1
  run --separate-stderr -77 try unshare --user --map-root-user unprivileged
  [[ $stderr == *'run it as an ordinary user'* ]]
}

# enter
# bats test_tags=memcheck
@test "enter: setns takes a file or a pidfd, until the process has exited" {
  lesson enter
  prints_only 'its file ns/ipc: entered' 'its pidfd: entered' \
    'its pidfd when it has exited: No such process'
}
@test "enter: a full output is an error" {
  full enter
}

# limits
# bats test_tags=memcheck
@test "limits: each namespace has its own, starting with the kernel's defaults" {
  lesson limits
  prints_only 'lowered in the first namespace to: 16' \
    'in a new one made from there: [0-9]+' 'lowered in the new one to: 32' \
    'in the first again: 16'
}
@test "limits: sysctl sees the same in a new namespace, and no change outside" {
  local msgmax=/proc/sys/kernel/msgmax lend=()
  cp $msgmax before
  lesson limits
  cmp before $msgmax
  unshare --ipc true 2>/dev/null || lend=(--user)
  prints "in a new one made from there: $(unshare "${lend[@]}" --ipc cat $msgmax)"
}
@test "limits: a full output is an error" {
  full limits
}
@test "limits: if /proc/sys is read-only, it prints what the container needs" {
  requires 'user namespaces: make doctor' unshare --user --map-root-user true
  # shellcheck disable=SC2016 # the inner shell's
  run --separate-stderr -77 try unshare --user --map-root-user --mount sh -c '
    mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys &&
    exec "$@"' sh limits
  [[ $stderr == *'/msgmax: needs '*', in a container --privileged: Read-only file system' ]] ||
    fail "actual: $stderr"
}

# pid_namespace, pid_namespace_fixed
# bats test_tags=memcheck
@test "pid_namespace: without a fork it ends with the first child" {
  lesson pid_namespace
  prints_only 'first child: process 1' 'second child: fork: (Cannot allocate|Out of) memory'
}
# bats test_tags=memcheck
@test "pid_namespace_fixed: process 1 stays and starts the others" {
  lesson pid_namespace_fixed
  prints_only 'first child: process 2' 'second child: process 3'
}
@test "pid_namespace: unshare(1) has the same fault without --fork" {
  lesson pid_namespace
  local lend=() commands='/bin/true; /bin/true; echo end'
  unshare --pid true 2>/dev/null || lend=(--user)
  run ! try unshare "${lend[@]}" --pid sh -c "$commands"
  [[ $output != *end ]]
  run -0 try unshare "${lend[@]}" --pid --fork sh -c "$commands"
  [ "$output" = end ]
}
@test "pid_namespace, pid_namespace_fixed: a full output is an error" {
  full pid_namespace
  full pid_namespace_fixed
}

# objects
user() { id -un 2>/dev/null || true; } # a user without a name has a number
# The lines of objects list for this user, made from ipcs
as_ipcs() {
  local me
  me=$(user)
  ipcs -q | awk -v me="$me" '$3 == me { print "queue", $1, $2, $3, $4, $5, $6 }'
  ipcs -m | awk -v me="$me" '$3 == me { $1 = "segment " $1; print }'
  ipcs -s | awk -v me="$me" '$3 == me { print "set", $1, $2, $3, $4, $5 }'
}
ours() { awk -v me="$(user)" '$4 == me { $1 = $1; print }' <<<"$output"; }

# bats test_tags=memcheck
@test "objects: both lists agree with ipcs, field by field" {
  local made=() line theirs
  for line in queue 'segment 5000' 'set 3'; do
    # shellcheck disable=SC2086 # the words of the line
    run -0 try objects make $line
    made+=("$output")
  done
  theirs=$(ipcmk -Q)
  lesson objects list
  ours >list
  lesson objects proc
  ours >proc
  as_ipcs >theirs
  diff theirs list
  diff theirs proc
  grep -q "^queue 0x[0-9a-f]* ${theirs##* } [^ ]* 644 0 0$" list
  grep -q "^queue 0x[0-9a-f]* ${made[0]#* } [^ ]* 600 0 0$" list
  grep -q "^segment 0x[0-9a-f]* ${made[1]#* } [^ ]* 600 5000 0$" list
  grep -q "^set 0x[0-9a-f]* ${made[2]#* } [^ ]* 600 3$" list
  for line in "queue ${theirs##* }" "${made[@]}"; do
    # shellcheck disable=SC2086 # the words of the line
    run -0 try objects remove $line
  done
}
@test "objects: ipcrm removes what it made by key, and the reverse" {
  local key
  key=$(printf '0x77%06x' "$BASHPID")
  run -0 try objects make set 2 "$key"
  [[ $output == 'set '+([0-9]) ]]
  run -1 try objects make set 2 "$key"
  [[ $output == 'objects: make set: File exists' ]]
  ipcrm -S "$key"
  run -0 try objects make queue "$key"
  run -0 try objects remove queue "$key"
  run -1 try objects remove queue "$key"
  [[ $output == "objects: queue $key: No such file or directory" ]]
}
@test "objects: messages and attaches are counted as ipcs counts them" {
  run -0 try objects make queue
  local id=${output#queue }
  perl -e 'msgsnd($ARGV[0], pack("l! a*", 1, "hello"), 0) or die $!' "$id"
  start producer "$BUILD/05-shm/robust/sysv_shm_producer" </dev/null
  await producer waiting
  lesson objects list
  ours >list
  as_ipcs >theirs
  lesson objects proc
  ours >proc
  grep -q "^queue 0x[0-9a-f]* $id .* 5 1$" list
  grep -q '^segment .* 700 [0-9]* 1$' list
  # A segment removed while attached has no key, but a status
  ipcrm -m "$(awk '$1 == "segment" && $NF == 1 { print $3 }' list)"
  lesson objects list
  ours >dest
  as_ipcs | diff - dest
  grep -q '^segment 0x00000000 .* 700 [0-9]* 1 dest$' dest
  send KILL producer
  finish producer 137
  ipcrm -q "$id"
  diff theirs list
  diff theirs proc
}
@test "objects: every user sees every object, whatever its mode" {
  requires 'root, to be another user' [ $EUID = 0 ]
  run -0 try objects make segment 100
  local id=${output#segment }
  run -0 setpriv --reuid 1 --clear-groups "$(command -v objects)" list
  [[ $output == *"segment 0x"*" $id "*root*' 600 '* ]]
  run -1 setpriv --reuid 1 --clear-groups "$(command -v objects)" remove segment "$id"
  [[ $output == *"remove segment $id: Operation not permitted"* ]]
  run -0 try objects remove segment "$id"
}
@test "objects: bad use and a full output are errors, and leave nothing" {
  misuse objects
  misuse objects list queue
  misuse objects make segment
  misuse objects make queue 1 2
  misuse objects remove pipe 1
  run -2 try objects remove queue 0x0
  [[ $output == *'IPC_PRIVATE is no key'* ]]
  run -2 try objects remove queue -1
  run -2 try objects make set 1k
  run -1 try objects make set 0
  full objects make queue
  full objects --help
}

@test "objects: if a limit forbids an object, the remedy works" {
  needs_namespaces
  local limits=/proc/sys/kernel
  helps 'objects: make queue: No space left on device: kernel.msgmni is 0: as root: ' \
    "${prepare[@]}" "echo 0 >$limits/msgmni" objects make queue
  helps 'objects: make segment: No space left on device: kernel.shmmni is 0: as root: ' \
    "${prepare[@]}" "echo 0 >$limits/shmmni" objects make segment 1
  helps 'objects: make segment: No space left on device: kernel.shmall is 1: as root: ' \
    "${prepare[@]}" "echo 1 >$limits/shmall" objects make segment 5000
  helps 'objects: make segment: Invalid argument: kernel.shmmax is 4096: as root: ' \
    "${prepare[@]}" "echo 4096 >$limits/shmmax" objects make segment 5000
  helps 'objects: make set: No space left on device: kernel.sem is 9 9 9 0: as root: ' \
    "${prepare[@]}" "echo 9 9 9 0 >$limits/sem" objects make set 1
  helps 'objects: make set: Invalid argument: kernel.sem is 9 9 9 9: as root: ' \
    "${prepare[@]}" "echo 9 9 9 9 >$limits/sem" objects make set 10
}
@test "objects: without /proc it prints what to mount; list does not need /proc" {
  needs_namespaces
  run -0 try "${prepare[@]}" 'mount -t tmpfs none /proc' objects list
  run -77 try "${prepare[@]}" 'mount -t tmpfs none /proc' objects proc
  [[ $output == *': as root: mount -t proc proc /proc: '* ]] || fail "$output"
}

# ipc_sandbox
# bats test_tags=memcheck
@test "ipc_sandbox: exit status, input and output are those of the command" {
  lesson ipc_sandbox true
  [ -z "$output$stderr" ]
  run -3 try ipc_sandbox sh -c 'exit 3'
  # shellcheck disable=SC2016 # the inner shell's
  run -137 try ipc_sandbox sh -c 'kill -KILL $$'
  [ "$(printf 'a\0b' | try ipc_sandbox cat | od -An -c | tr -d ' ')" = 'a\0b' ]
  run --separate-stderr -0 try ipc_sandbox -- sh -c 'echo out; echo err >&2'
  [ "$output" = out ] && [ "$stderr" = err ]
}
@test "ipc_sandbox: each leftover is named, with the command that removes it" {
  lesson ipc_sandbox sh -c 'ipcmk -Q; ipcmk -M 1024; ipcmk -S 10
    : >/dev/shm/memory; : >/dev/shm/sem.one; tail -f /dev/null >&2 &'
  local kind
  [ "$(grep -c '^ipc_sandbox: left: ' <<<"$stderr")" = 6 ] || fail "$stderr"
  for kind in 'message queue 0, key 0x[0-9a-f]{8}, 0 bytes: ipcrm -q 0' \
    'segment 0, key 0x[0-9a-f]{8}, 1024 bytes: ipcrm -m 0' \
    'semaphore set 0, key 0x[0-9a-f]{8}, 10 semaphores: ipcrm -s 0' \
    "POSIX shared memory '/memory': rm '/dev/shm/memory'" \
    "POSIX semaphore '/one': rm '/dev/shm/sem.one'" \
    'process [0-9]+, (sh|tail): kill [0-9]+'; do
    grep -qxE "ipc_sandbox: left: $kind" <<<"$stderr" ||
      fail "expected: $kind" "actual: $stderr"
  done
}
@test "ipc_sandbox: the commands that it prints remove the leftovers" {
  local make='ipcmk -Q; ipcmk -M 9; ipcmk -S 9; : >/dev/shm/x; : >/dev/shm/sem.y
    tail -f /dev/null >&2 &'
  lesson ipc_sandbox sh -c "$make"
  local remove
  remove=$(sed -n 's/^ipc_sandbox: left: .*: \(ipcrm\|rm\) /\1 /p' <<<"$stderr")
  [ "$(wc -l <<<"$remove")" = 5 ]
  # shellcheck disable=SC2016 # the inner shell's
  lesson ipc_sandbox --strict sh -c "$make"'
    '"$remove"'
    kill $!
    wait'
  [ -z "$stderr" ]
}
@test "ipc_sandbox: POSIX queues are found even if no mqueue file system is mounted" {
  lesson ipc_sandbox "$BUILD/03-msgqueues/lessons/posix_priority"
  [ -z "$stderr" ]
  lesson ipc_sandbox "$BUILD/03-msgqueues/robust/posix_mq_producer" /left </dev/null
  [[ $stderr == *"left: POSIX queue '/left': rm '/dev/mqueue/left'"* ]]
}
@test "ipc_sandbox: with --strict a leftover is a failure, unless the command failed" {
  lesson ipc_sandbox --strict true
  run -1 try ipc_sandbox --strict ipcmk -Q
  [[ $output == *'left: message queue'* ]]
  run -4 try ipc_sandbox --strict sh -c 'ipcmk -Q; exit 4'
}
@test "ipc_sandbox: a command that unmounts /proc or /dev/shm hides nothing" {
  requires 'root, to unmount' [ "$(id -u)" = 0 ]
  lesson ipc_sandbox true
  run -1 try ipc_sandbox --strict sh -c 'umount /proc; ipcmk -S 3 >id'
  [[ $output == 'ipc_sandbox: left: semaphore set '* && ${#lines[@]} = 1 ]] ||
    fail "$output"
  run -1 try ipc_sandbox --strict sh -c ': >/dev/shm/x; umount /dev/shm'
  [ "$output" = "ipc_sandbox: left: POSIX shared memory '/x': rm '/dev/shm/x'" ]
}
@test "ipc_sandbox: a process that forks and exits in a loop is found" {
  needs_strace
  lesson ipc_sandbox true
  # Between the list of pids and a look at each the process gets another pid
  run -1 try strace -f -qq -o trace -e inject=getdents64:delay_exit=200000 \
    ipc_sandbox --strict sh -c 'hop() { hop & exit; }; hop'
  [[ $output == 'ipc_sandbox: left: process '*', sh: kill '* ]] || fail "$output"
}
# left_with COMMAND...: with --strict its process is reported, and is a failure
left_with() {
  # shellcheck disable=SC2016 # the inner shell's
  run -1 try ipc_sandbox --strict sh -c \
    'mkfifo up; "$@" >up & read -r _ <up; rm up' sh "$@"
  [[ $output == *'left: process '* ]] || fail "$*: $output"
}
@test "ipc_sandbox: no name hides a leftover process" {
  lesson ipc_sandbox true
  local name
  for name in 'a)b' '' ') Z 1' $'two\nlines'; do
    left_with perl -e 'open(my $comm, ">", "/proc/self/comm") or die;
      syswrite($comm, "$ARGV[0]\0"); $| = 1; print "renamed\n";
      select(undef, undef, undef, undef)' "$name"
  done
}
@test "ipc_sandbox: a process whose first thread has ended is no zombie" {
  lesson ipc_sandbox true
  cat >leaderless.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static pthread_t first;
static void *other(void *unused)
{
	pthread_join(first, NULL);
	puts("ended");
	fflush(stdout);
	for (;;)
		pause();
	return unused;
}
int main(void)
{
	pthread_t thread;
	first = pthread_self();
	pthread_create(&thread, NULL, other, NULL);
	pthread_exit(NULL);
}
END
  cc -pthread leaderless.c -o leaderless
  left_with ./leaderless
}
@test "ipc_sandbox: inside and outside do not see each other" {
  lesson ipc_sandbox true
  local queue
  queue=$(ipcmk -Q)
  echo 1 >"/dev/shm/outside.$BASHPID"
  find /dev/shm >before
  lesson ipc_sandbox sh -c "ipcs | grep -c '^0x'; ls /dev/shm | wc -l
    set -- /proc/[0-9]*; echo \$#; grep -c : /proc/net/dev; echo >/dev/shm/inside"
  find /dev/shm | diff before -
  rm "/dev/shm/outside.$BASHPID"
  ipcrm -q "${queue##* }"
  [ "$(paste -sd' ' <<<"$output")" = '0 0 2 1' ] # 1 and sh; lo
}
@test "ipc_sandbox: loopback is up" {
  lesson ipc_sandbox true
  # 77, the exit status if loopback is down, would be a skip
  run --separate-stderr -0 try ipc_sandbox "$BUILD/06-sockets/lessons/udp"
  [ -z "$stderr" ]
}
@test "ipc_sandbox: a signal is passed on to the command, and the report is printed" {
  lesson ipc_sandbox true
  local sig signals='HUP INT QUIT ALRM TERM USR1 USR2'
  for sig in $signals; do
    start box ipc_sandbox bash -c "trap 'echo told >&2; exit 5' $signals"'
      ipcmk -Q; tail -f /dev/null & echo ready >&2; wait'
    await box ready
    send "$sig" box
    finish box 5 'told.*left: message queue 0'
  done
}
@test "ipc_sandbox: when it is killed, all processes inside end" {
  lesson ipc_sandbox true
  mkfifo alive
  exec {both}<>alive
  exec {end}<alive
  start box ipc_sandbox sh -c 'tail -f /dev/null & echo ready >&2; wait' >alive
  exec {both}>&-
  await box ready
  send KILL box
  finish box 137
  [ "$(timeout "$LIMIT" cat <&$end | wc -c)" = 0 ] # until all have closed it
  exec {end}<&-
  rm alive
}
@test "ipc_sandbox: one sandbox runs in another" {
  lesson ipc_sandbox "$(command -v ipc_sandbox)" ipcmk -Q
  [[ $stderr == *'left: message queue 0,'* && $stderr != *left*left* ]]
}
@test "ipc_sandbox: bad use and a missing command are errors" {
  misuse ipc_sandbox
  misuse ipc_sandbox --strict
  misuse ipc_sandbox --loose true
  lesson ipc_sandbox true
  run -127 try ipc_sandbox ./nothing
  [[ $output == *'./nothing: No such file or directory' ]]
  : >file
  run -126 try ipc_sandbox ./file
  [[ $output == *'./file: Permission denied' ]]
  run ! try sh -c 'ipc_sandbox --help >/dev/full'
}
@test "ipc_sandbox: it names what a container lacks: a whole /proc, NET_ADMIN" {
  lesson ipc_sandbox true
  requires 'user namespaces: make doctor' unshare --user --map-root-user true
  # shellcheck disable=SC2016 # the inner shell's
  local mask='mount --bind /dev/null /proc/uptime && exec "$@"'
  run --separate-stderr -77 try unshare --user --map-root-user --mount \
    sh -c "$mask" sh setpriv --bounding-set=-sys_admin ipc_sandbox true
  [[ $stderr == 'ipc_sandbox: mount /proc: Operation not permitted: '*--privileged ]] ||
    fail "actual: $stderr"
  run --separate-stderr -77 try unshare --user --map-root-user \
    setpriv --bounding-set=-net_admin ipc_sandbox true
  [[ $stderr == *'lo up: Operation not permitted: '*'--cap-add NET_ADMIN' ]] ||
    fail "actual: $stderr"
}
@test "ipc_sandbox: if a limit or a missing folder forbids it, the remedy works" {
  lesson ipc_sandbox true
  # shellcheck disable=SC2016 # the inner shell's
  helps "ipc_sandbox: pipe2: $EMFILE: " \
    bash -c 'ulimit -S -n 4; eval "$remedy"; exec ipc_sandbox true'
  requires 'user namespaces: make doctor' unshare --user --map-root-user true
  # shellcheck disable=SC2016
  helps 'ipc_sandbox: mount /proc, /dev/shm: No such file or directory: as root: ' \
    unshare --user --map-root-user --mount sh -c \
    'mount -t tmpfs dev /dev; eval "$remedy"; exec ipc_sandbox true'
}

# isolation_matrix
# The user column: a chroot, for instance, allows no user namespace
in_user() { unshare --user true 2>/dev/null && echo yes || echo -; }
# A container's root may not start loopback
with_loopback() {
  lesson isolation_matrix
  requires 'loopback in a network namespace: a container needs --cap-add NET_ADMIN' \
    sh -c '! grep -q "^- .*, net: Operation not permitted"' <<<"$output"
}

# bats test_tags=memcheck
@test "isolation_matrix: each kind of namespace hides what the table claims" {
  with_loopback
  local by user pid
  user=$(in_user)
  pid="no +$user"
  # valgrind has no pidfd: the row shows that
  [ -z "${MEMCHECK-}" ] || pid='-'
  prints 'reached from a fresh +none +IPC +mount +\+shm +net +PID +user' \
    "pipe, inherited( +yes){6} +$user" \
    "FIFO, by path( +yes){3} +no( +yes){2} +$user" \
    "FIFO, opened before( +yes){6} +$user"
  for by in 'SysV queue, by key' 'SysV queue, by id' 'SysV set, by key' \
    'SysV set, by id' 'SysV segment, by key' 'SysV segment, by id' \
    'POSIX queue, by name'; do
    prints "$by +yes +no( +yes){4} +$user"
  done
  for by in 'POSIX semaphore, by name' 'POSIX memory, by name' \
    'Unix socket, by path'; do
    prints "$by( +yes){3} +no( +yes){2} +$user"
  done
  prints "SysV segment, attached before( +yes){6} +$user" \
    "POSIX queue, opened before( +yes){6} +$user" \
    "POSIX semaphore, opened before( +yes){6} +$user" \
    "POSIX memory, mapped before( +yes){6} +$user" "memfd, inherited( +yes){6} +$user" \
    "Unix socket, abstract( +yes){4} +no +yes +$user" \
    "TCP on loopback, by port( +yes){4} +no +yes +$user" \
    "TCP, connected before( +yes){6} +$user" "signal, by pid( +yes){5} +no +$user" \
    "signal, by a pidfd from before.* +$pid"
}
@test "isolation_matrix: the table is the one that the README shows" {
  with_loopback
  requires "a machine that measures every cell: $(grep -m 1 '^- ' <<<"$output")" \
    test "$(grep -c '^- ' <<<"$output")" = 0
  sed -n '/^reached from a fresh/,/^```/p' "$ROOT/$chapter/README.md" |
    grep -v '^```' >shown
  [ -s shown ]
  diff shown - <<<"$output"
}
@test "isolation_matrix: --csv has a line for each cell, with the reason for no" {
  with_loopback
  local table
  table=$(grep -v '^- ' <<<"$output")
  lesson isolation_matrix --csv
  local kinds=(none IPC mount +shm net PID user)
  [ "$(wc -l <<<"$output")" = $((7 * ($(wc -l <<<"$table") - 1) + 1)) ]
  prints 'mechanism,namespace,reached,reason' \
    '"SysV queue, by key",IPC,no,No such file or directory' \
    '"SysV queue, by id",IPC,no,Invalid argument' \
    '"TCP on loopback, by port",net,no,Connection refused' \
    '"signal, by pid",PID,no,No such process'
  # The table again, from the lines
  awk -F'",?|,' -v kinds="${kinds[*]}" 'NR > 1 {
      split($0, part, "\""); split(part[3], cell, ",")
      if (!(part[2] in row)) { order[++n] = part[2] }
      row[part[2]] = row[part[2]] sprintf(" %6s", cell[3]) }
    END { for (i = 1; i <= n; i++) printf "%-30s%s\n", order[i], row[order[i]] }' \
    <<<"$output" >rows
  sed 1d <<<"$table" | diff - rows
}
@test "isolation_matrix: a cell that cannot be measured has the reason" {
  with_loopback
  # No POSIX queue may be made; no network namespace
  lesson prlimit --msgqueue=0 isolation_matrix
  prints 'SysV set, by id +yes +no( +yes){4} .*' 'POSIX queue, by name( +-){7}' \
    "- POSIX queue, by name, none: $EMFILE"
  may_forbid
  # shellcheck disable=SC2016 # the inner shell's
  lesson unshare --user --map-root-user sh -c \
    'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"' _ isolation_matrix
  prints 'pipe, inherited( +yes){4} +-( +yes){2}' \
    '- pipe, inherited, net: No space left on device'
}
# bats test_tags=slow
@test "isolation_matrix: a small limit is named in a cell, or with exit status 77" {
  lesson isolation_matrix
  local limit
  for limit in nofile={4..9} fsize=0 sigpending=0 msgqueue=0; do
    run try prlimit "--$limit" isolation_matrix
    # The cause itself: the row before has left no object that could be one
    [[ $status = 0 && ! $output =~ File\ exists|Bad\ file ||
      $status = 77 && $output == *': ulimit -'[a-z]' '* ]] ||
      fail "$limit: $status" "$output"
  done
  requires 'root, to be another user' [ $EUID = 0 ]
  chmod o+x "$BATS_RUN_TMPDIR" . || true
  run -77 try setpriv --reuid 65534 --clear-groups prlimit --nproc=0 \
    "$(command -v isolation_matrix)"
  [[ $output == *': ulimit -u 4096' ]]
}
# bats test_tags=slow
@test "isolation_matrix: without /dev/shm the remedy works" {
  needs_namespaces
  lesson isolation_matrix
  # shellcheck disable=SC2016 # the inner shell's
  run --separate-stderr -77 try "${prepare[@]}" 'mount -t tmpfs none /dev' isolation_matrix
  [[ $stderr =~ ': as root: '(mkdir [^:]*): ]] || fail "$stderr"
  run -0 try "${prepare[@]}" "mount -t tmpfs none /dev; ${BASH_REMATCH[1]}" isolation_matrix
}
@test "isolation_matrix: its objects are not seen outside, and none stays" {
  cp /proc/self/mountinfo before
  lesson isolation_matrix
  diff before /proc/self/mountinfo
  [ ! -e /dev/shm/fifo ] && [ ! -e /dev/shm/socket ]
}
@test "isolation_matrix: bad use and a full output are errors" {
  misuse isolation_matrix --tsv
  misuse isolation_matrix --csv 1
  full isolation_matrix
}

# container_modes.sh
modes=$ROOT/08-ipc-namespace/lessons/container_modes.sh
@test "container_modes.sh: unshare and nsenter rebuild the four modes" {
  lesson "$modes" unshare
  prints_only 'unshare and nsenter:' \
    " +host +the host's segments 1001 files of-host" \
    ' +private +its own segments files' \
    " +shareable a +a's segments 2002 files of-a" \
    " +container:a +a's segments 2002 files of-a" \
    " +a, ipc only +a's segments 2002 files of-host" \
    ' +container:b +refused: not shareable' \
    " +host again +the host's segments 1001 files of-host"
  [ ! -e /dev/shm/of-host ] && [ ! -e /dev/shm/of-a ]
}
@test "container_modes.sh: in a chroot the modes are the same" {
  requires 'a user namespace, to mount and chroot in' \
    unshare --map-root-user --mount true
  mkdir root
  # shellcheck disable=SC2016 # the inner shell's
  run -0 try unshare --map-root-user --mount sh -c \
    'mount --rbind / root && exec chroot root "$0" unshare' "$modes"
  prints "  shareable a +a's segments 2002 files of-a"
}
@test "container_modes.sh: a real engine shows the same" {
  local engine
  lesson "$modes"
  for engine in podman bubblewrap; do
    grep -qE "^$engine [0-9.]+:|^(podman|bwrap): skipped: .*(install|run it|runs nothing)" \
      <<<"$output" || fail "expected: $engine, or why not" "actual: $output"
  done
  run --separate-stderr try "$modes" bwrap
  [ "$status" != 77 ] || requires "${output//$'\n'/ }${stderr//$'\n'/ }" false
  prints_only 'bubblewrap [0-9.]+:' \
    " +host +the host's segments 1001 files of-host" \
    ' +private +its own segments files' \
    ' +ipc only +its own segments files of-host'
}
@test "container_modes.sh: podman has the four modes" {
  run --separate-stderr try "$modes" podman
  [ "$status" != 77 ] || requires "${output//$'\n'/ }${stderr//$'\n'/ }" false
  [ "$status" = 0 ]
  prints_only 'podman [0-9.]+:' \
    " +host +the host's segments 1001 files of-host" \
    ' +private +its own segments files' \
    " +shareable a +a's segments 2002 files of-a" \
    " +container:a +a's segments 2002 files of-a" \
    ' +container:b +refused: .*shareable.*'
}
# bats test_tags=slow
@test "container_modes.sh: if a limit allows too few namespaces, the remedy works" {
  needs_namespaces
  local n
  for n in 2 3; do # of the host, of the first container
    helps 'container_modes.sh: unshare: .*: No space left on device: as root: ' \
      "${prepare[@]}" "echo $n >/proc/sys/user/max_ipc_namespaces" "$modes" unshare
  done
}
# bats test_tags=slow
@test "container_modes.sh: each signal ends it and all that it has started" {
  lesson "$modes" unshare
  local signal
  for signal in HUP INT QUIT ALRM TERM USR1 USR2; do
    mkfifo shown
    # shellcheck disable=SC2016 # the inner shell's
    start modes sh -c 'exec "$0" unshare >shown' "$modes"
    exec {lines}<shown
    read -r _ <&$lines
    send $signal modes
    finish modes $((128 + $(kill -l $signal)))
    cat <&$lines >/dev/null # until all that could write to it have ended
    exec {lines}<&-
    rm shown
  done
}
@test "container_modes.sh: bad use prints the usage" {
  local operands
  for operands in docker 'unshare podman' --no-such-option; do
    # shellcheck disable=SC2086 # the words
    run --separate-stderr -2 try "$modes" $operands
    [[ $stderr == 'usage: container_modes.sh'* && -z $output ]]
  done
  lesson "$modes" unshare
}
