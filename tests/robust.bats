# robust.bats - what holds for many robust pairs: the command line of all, and
# how those behave in which either half may come first. make check-05 runs it
# for the pairs of chapter 05 only: CHAPTER=05
load lib/helper
load lib/pairs

MAN='CONTRIBUTING.md'
KEYS=$(printf '%s\n' '' 0 -1 +1 abc 1x ' 1' 0x 0x0 0x-1 0x100000000 4294967296 \
  18446744073709551617)
PIDS=$(printf '%s\n' '' 0 -1 +1 abc 1x ' 1' ' ' 0x10 18446744073709551617)
NAMES=$(printf '%s\n' '' / name /a/b // -1 /. /..)
PATHS=$(printf '%s\n' '' -1)

# A name that no other test takes, also where there are no namespaces
sum=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${sum% *} % 0xfffff0))

# for_each COMMAND... with the pairs of standard input, a line each: PAIR and
# what the test needs. PAIR is set, and PATH finds its programs
for_each() {
  local rest tried=0
  programs=any/robust
  while read -r PAIR rest <&4; do
    local found=("$BUILD/${CHAPTER:-0}"*/robust/"${PAIR}_producer")
    [ -x "${found[0]}" ] || continue
    PATH=${found[0]%/*}:$PATH
    tried=1
    # shellcheck disable=SC2086 # several words
    "$@" $rest
  done 4<&0 </dev/null
  [ $tried = 1 ] || [ -z "${CHAPTER-}" ] || skip "not of chapter $CHAPTER"
  local chapters=("$ROOT"/0*)
  [ $tried = 1 ] || [ ${#chapters[@]} = 8 ] || skip 'their chapters are not here'
  [ $tried = 1 ] || fail 'no such pair'
}
# every_pair: all that there are, a line each
every_pair() {
  basename -as _producer.c "$ROOT"/0*/robust/*_producer.c
}
# named NUMBER: the pairs of which either half may start first, with names that
# no other test takes
named() {
  cat <<END
fifo ./pipe$1
posix_mq /test-$unique.mq$1
sysv_mq $(printf 0x71%06x $((unique + $1)))
posix_sem /test-$unique.sem$1
sysv_sem $(printf 0x73%06x $((unique + $1)))
posix_shm /test-$unique.shm$1
sysv_shm $(printf 0x6d%06x $((unique + $1)))
END
}
sockets() {
  printf '%s\n' "unix_stream ./socket$1" "unix_seqpacket ./socket$1"
}

# refuses OPERAND...: both halves: usage on standard error, 2, nothing else
refuses() {
  local half
  for half in producer consumer; do
    run --separate-stderr -2 try "${PAIR}_$half" "$@" </dev/null
    [[ $stderr == *"usage: ${PAIR}_$half"* && -z $output ]] ||
      fail "expected of ${PAIR}_$half $*: usage" "actual: $stderr $output"
  done
}

@test "each half prints its usage on standard output when asked" {
  helps() {
    local half
    for half in producer consumer; do
      run --separate-stderr -0 try "${PAIR}_$half" --help
      [[ $output == "usage: ${PAIR}_$half"* && -z $stderr ]] || fail "$output"
      ! try "${PAIR}_$half" --help >/dev/full 2>err || fail "$half >/dev/full"
    done
  }
  for_each helps < <(every_pair)
}
@test "each half refuses an unknown option, and an operand too many" {
  refuses_others() {
    refuses --no-such-option
    [ "$PAIR" = pipe ] || refuses /a:1 /b:2 # any command may read a pipe
  }
  for_each refuses_others < <(every_pair)
}
@test "each half refuses an operand that cannot be a key, a pid, a name or a path" {
  refuses_each() {
    local operand
    while IFS= read -r operand <&5; do
      refuses "$operand"
    done 5<<<"${!1}"
  }
  TCP=$(printf '%s\n' '' -1 abc localhost localhost: :1 localhost:{1x,0x10,-1} \
    localhost:{65536,18446744073709551616} ' localhost:1' 'localhost: 1' \
    'localhost:1 ' a:b:1 ::1:1 '[::1]' '[::1]1' '[::1:1' '[]:1')
  for_each refuses_each <<'END'
pipe PATHS
fifo PATHS
posix_mq NAMES
sysv_mq KEYS
posix_sem NAMES
sysv_sem KEYS
posix_shm NAMES
sysv_shm KEYS
unix_stream PATHS
unix_seqpacket PATHS
tcp TCP
signal PIDS
ns PIDS
END
  refuses_at() { refuses @; } # an abstract name without a name
  for_each refuses_at < <(sockets 1)
}
@test "a key may be decimal or hexadecimal" {
  decimal() {
    pair "$PAIR" "$1"
    producer=("${PAIR}_producer" $(($1)))
    transfer one consumer
  }
  printf x >one
  for_each decimal < <(named 1 | grep sysv)
}
@test "with standard descriptor 0, 1 or 2 closed no half starts its work" {
  # What it opens would get that number, be read as input or overwritten
  wants_descriptors() {
    local fd half
    for half in "$PAIR"_{producer,consumer}; do
      [[ $half != signal_producer && $half != ns_consumer ]] || half+=" $$"
      for fd in 0 1 2; do
        run -1 try sh -c "exec $half $fd>&-"
        [[ $fd = 2 || $output = *": standard descriptor $fd: "* ]] ||
          fail "$half $fd>&-: $output"
      done
    done
  }
  for_each wants_descriptors < <(every_pair | grep -v sysv) # which opens none
}
@test "the longest name works, and of one byte more both halves state the limit" {
  knows_limit() { # NAME PATTERN...
    local half name=$1
    shift
    printf x >one
    for half in "${name%?}" "$name"; do
      pair "$PAIR" "$half"
      transfer one consumer
    done
    for half in producer consumer; do
      run --separate-stderr -2 try "${PAIR}_$half" "${name}0" </dev/null
      [[ $stderr == "${PAIR}_$half: $*" && -z $output ]] ||
        fail "expected of ${PAIR}_$half: $*" "actual: $stderr $output"
    done
  }
  local digits path abstract
  digits=$(printf %0255d 0)
  path=$(printf './%.0s' {1..2040})$(printf %015d 0)
  abstract=@$unique-$digits # the same for all, unlike a path
  abstract=${abstract:0:107}
  for_each knows_limit <<END
fifo $digits PATH is longer than 4095, or a name in it than 255 bytes
fifo $path PATH is longer than 4095, or a name in it than 255 bytes
posix_mq /$digits NAME, after the slash, is longer than 255 bytes
posix_sem /${digits%0} /NAME is longer than 255 bytes
posix_shm /${digits%0} /NAME is longer than 255 bytes
unix_stream ${digits:0:107} PATH or @NAME is longer than 107 bytes
unix_stream $abstract PATH or @NAME is longer than 107 bytes
unix_seqpacket ${digits:0:107} PATH or @NAME is longer than 107 bytes
unix_seqpacket $abstract PATH or @NAME is longer than 107 bytes
END
}
@test "another user's object is refused, also to root" {
  requires 'root, to be another user' [ "$(id -u)" = 0 ]
  # Root sees whose it is. Without CAP_IPC_OWNER (15), as in a container, root
  # has no access to a System V object
  refuses_theirs() {
    local owner denied caps
    owner="${PAIR}_producer: $1: .*(of uid 65534|of another user).*"
    denied="${PAIR}_producer: $1: not a [a-z]+ of this user: Permission denied"
    caps=0x$(awk '/^CapEff/ { print $2 }' /proc/self/status)
    start consumer setpriv --reuid 65534 --clear-groups "${PAIR}_consumer" "$1"
    await consumer "$STARTED"
    ! ((caps >> 15 & 1)) || {
      run -1 try "${PAIR}_producer" "$1" <<<text
      [[ $output =~ ^$owner$ ]] || fail "expected: $owner" "actual: $output"
    }
    run -1 try setpriv --bounding-set=-ipc_owner "${PAIR}_producer" "$1" <<<text
    [[ $output =~ ^($owner|$denied)$ ]] || fail "expected: $owner|$denied" "actual: $output"
    end consumer TERM
  }
  for_each refuses_theirs < <(named 1 | grep -v fifo)
}
@test "a umask that removes the owner's rights does not keep the peer out" {
  meets_whatever_the_umask() { # NAME FIRST...
    local first mask with
    for mask in 0777 0400 0200; do
      # Where root has no capability, the mode counts
      with=("${no_caps[@]}" sh -c "umask $mask"' && exec "$@"' sh)
      pair "$PAIR" "$1"
      producer=("${with[@]}" "${producer[@]}")
      consumer=("${with[@]}" "${consumer[@]}")
      for first in "${@:2}"; do
        transfer input "$first"
      done
    done
  }
  echo text >input
  for_each meets_whatever_the_umask < <(sockets 1 | sed 's/$/ consumer/'
    named 1 | sed 's/$/ consumer producer/')
}
@test "a consumer that is process 1, as in a container, ends at a signal" {
  local user=()
  [ $EUID = 0 ] || user=(--user --map-current-user)
  requires 'a PID namespace: make doctor' unshare "${user[@]}" --pid --fork true
  ends_as_process_1() {
    local sig init
    for sig in TERM INT HUP; do
      start consumer unshare "${user[@]}" --pid --fork "${PAIR}_consumer" "$1" >out
      await consumer "$STARTED"
      init=$(program consumer)
      init=$(tr -d ' ' <"/proc/$init/task/$init/children")
      kill -s $sig "$init"
      finish consumer $((128 + $(kill -l $sig)))
    done
  }
  for_each ends_as_process_1 < <(named 1; sockets 1)
}
@test "two transfers at once do not mix" {
  head -c 1000000 /dev/urandom >input
  two_at_once() { # NAME NAME2
    mkdir other
    (
      cd other || exit
      pair "$PAIR" "$2"
      producer[1]=ADDRESS
      printf '\0' | cat ../input - >input
      transfer input consumer
    ) 3>&- &
    local twin=$!
    pair "$PAIR" "$1"
    producer[1]=ADDRESS
    transfer input consumer
    wait $twin
    rm -r other
  }
  for_each two_at_once < <(paste -d" " <(named 1; sockets 1) \
    <(named 2; sockets 2) | cut -d" " -f 1,2,4)
  for_each two_at_once <<<'tcp 127.0.0.1:0 127.0.0.1:0'
}
@test "after both halves were killed in mid-transfer, the next pair works" {
  both_killed() { # NAME FIRST
    local half first
    pair "$PAIR" "$1"
    for first in consumer producer; do
      [[ $first = consumer || $PAIR != unix* ]] || continue
      begin_endless $first
      # While they are stopped neither can see the other's end
      for half in consumer producer; do
        send STOP $half
      done
      send KILL consumer
      end producer KILL
      finish consumer 137
      printf next >next
      transfer next $first
    done
  }
  for_each both_killed < <(named 1; sockets 1)
}

# What follows is for the pairs that meet in memory: each half notices at once
# when the other one ends
memory() {
  named 1 | grep -E '^[a-z]+_(sem|shm)'
}
@test "semaphores, memory, queues: the user's own name is the default, as the usage says" {
  uses_default() { # NAME
    local half default=${1/$EUID/UID}
    [[ $1 != 0x* ]] || default="${1:0:4}000000 + UID"
    for half in producer consumer; do
      run -0 try "${PAIR}_$half" --help
      [[ $output == *" $default unless given." ]] || fail "$output"
    done
    pair "$PAIR"
    printf hello >input
    transfer input consumer
    grep -qxF "${PAIR}_consumer: waiting on $1" consumer.err
  }
  local user
  user=$(printf %06x "$(id -u)")
  for_each uses_default <<END
posix_mq /linux-ipc-$(id -u).mq
sysv_mq 0x71$user
posix_sem /linux-ipc-$(id -u).sem
sysv_sem 0x73$user
posix_shm /linux-ipc-$(id -u).shm
sysv_shm 0x6d$user
END
}
@test "semaphores, memory: a half waits for its peer; after SIGTERM, SIGINT or SIGHUP nothing stays" {
  ends_by_signals() {
    pair "$PAIR" "$1"
    for sig in TERM INT HUP; do
      ends_alone producer $sig
      ends_alone consumer $sig
    done
    objects | diff .before -
  }
  for_each ends_by_signals < <(memory)
}
@test "semaphores, memory: what a killed waiting half leaves is taken over" {
  recovers_each() {
    local half
    pair "$PAIR" "$1"
    for half in producer consumer; do
      recovers $half producer
      recovers $half consumer
    done
  }
  for_each recovers_each < <(memory)
}
notices_each_death() { # NAME SIGNAL
  local first
  pair "$PAIR" "$1"
  for first in consumer producer; do
    survives consumer "$2" $first 1 "${PAIR}_producer: .*consumer has exited"
    survives producer "$2" $first 1 "${PAIR}_consumer: .*producer has exited"
  done
}
@test "semaphores, memory, queues: a killed half is noticed, whichever started first" {
  for_each notices_each_death < <(named 1 | grep -v fifo | sed 's/$/ KILL/')
}
# bats test_tags=slow
@test "semaphores, memory, queues: a half ended by SIGTERM is noticed, too" {
  for_each notices_each_death < <(named 1 | grep -v fifo | sed 's/$/ TERM/')
}
@test "semaphores, memory: a consumer whose output is stuck notices a death" {
  notices_death_while_stuck() {
    pair "$PAIR" "$1"
    mkfifo stuck
    exec {hold}<>stuck
    start_consumer >stuck
    await consumer "$WAITING"
    start_producer </dev/zero
    head -c 1 <&$hold >/dev/null
    send KILL producer
    finish consumer 1 'the producer has exited'
    finish producer 137
    exec {hold}>&-
    rm stuck
  }
  for_each notices_death_while_stuck < <(memory)
}
@test "semaphores, memory: a full standard output is an error" {
  full_in_each_order() {
    pair "$PAIR" "$1"
    full_output consumer
    full_output producer
  }
  for_each full_in_each_order < <(memory)
}
@test "semaphores, memory: halves that start at once agree on which is first" {
  starts_at_once() {
    pair "$PAIR" "$1"
    for _ in {1..8}; do
      start_producer <<<text
      start_consumer >out
      finish producer 0 'sent 5 bytes in 1 message'
      finish consumer 0 'received 5 bytes in 1 message'
      [ "$(cat out)" = text ]
      # One of the two was first, never both
      [ "$(cat producer.err consumer.err | grep -c waiting)" = 1 ]
    done
  }
  for_each starts_at_once < <(memory)
}
@test "semaphores, memory: a second producer or consumer is refused" {
  refuses_a_second() {
    local half
    pair "$PAIR" "$1"
    for half in producer consumer; do
      "start_$half" </dev/null >out
      await "$half" "$WAITING"
      run -1 try "${PAIR}_$half" "$1" </dev/null
      [ "$output" = "${PAIR}_$half: $1: another $half is at work" ]
      end "$half" TERM
    done
  }
  for_each refuses_a_second < <(memory)
}
@test "semaphores, memory: each line typed is a message of its own" {
  keeps_messages_apart() {
    pair "$PAIR" "$1"
    begin_idle consumer
    printf 'another' >idle
    end_idle
    finish producer 0 'sent 14 bytes in 2 messages'
    finish consumer 0 'received 14 bytes in 2 messages'
    [ "$(cat out)" = $'a line\nanother' ]
  }
  for_each keeps_messages_apart < <(memory)
}
@test "semaphores, memory: a producer without input notices its consumer's death" {
  notices_death_while_idle() {
    local sig
    pair "$PAIR" "$1"
    for sig in KILL TERM; do
      begin_idle consumer
      send $sig consumer
      finish producer 1 "^${PAIR}_producer: $1: the consumer has exited$"
      finish consumer $((128 + $(kill -l $sig)))
      end_idle
    done
  }
  for_each notices_death_while_idle < <(memory)
}
@test "semaphores, memory: halves interrupted in mid-transfer leave nothing at all" {
  # As Ctrl-C does. The half that ends last may still report the other's end
  both_interrupted() {
    local first sig half status
    pair "$PAIR" "$1"
    for sig in TERM INT; do
      for first in consumer producer; do
        begin_endless $first
        kill -s $sig "$(program consumer)" "$(program producer)"
        for half in consumer producer; do
          status=0
          wait "${pid[$half]}" || status=$?
          [ $status = 1 ] || [ $status = $((128 + $(kill -l $sig))) ]
        done
        objects | diff .before -
      done
    done
  }
  for_each both_interrupted < <(memory)
}
@test "semaphores, memory: a half that was stopped continues the transfer" {
  survives_a_stop() { # which interrupts some system calls
    local half
    pair "$PAIR" "$1"
    begin_idle consumer
    for half in consumer producer; do
      send STOP $half
      send CONT $half
    done
    end_idle
    finish producer 0 'sent 7 bytes'
    finish consumer 0 'received 7 bytes'
    start_consumer >out
    await consumer "$WAITING"
    send STOP consumer
    send CONT consumer
    start_producer <<<text
    finish consumer
    finish producer
  }
  for_each survives_a_stop < <(memory)
}
