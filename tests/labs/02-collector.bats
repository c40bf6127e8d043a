# 02-collector.bats - task collector of 02-fifos/lab: the lines of many senders
load lab
load 02

collector() { # NAME: it collects from box
  begin "$1" collect box
  expect_fifo "$1" box
}
expect_collected() { # NAME TEXT
  end "$1"
  expect_status 0
  expect_out "$2"
  expect_gone box
}
# Lines of 4096 bytes and of fewer
lines() { # LETTER COUNT
  awk -v letter="$1" -v count="$2" 'BEGIN {
    while (length(long) < 4096) long = long letter
    for (n = 1; n <= count; n++) {
      start = letter " " n " "
      size = n % 4 == 0 ? 4095 : n * 37 % 500 + 20
      print start substr(long, 1, size - length(start))
    }
  }'
}
sleeps_or_ends() { # NAME: a pipe of 1 MiB holds all that one sends
  asleep_all "$1" >report || [ ! -e "/proc/${pid[$1]}/exe" ] ||
    { cat report && return 1; }
}
send_file() { # NAME FILE
  begin "$1" send box <"$2"
}

# bats test_tags=points:1,hint:1
@test "it numbers lines, ends at the line end, and removes the FIFO" {
  collector box
  printf 'a\nthe end\nend of b\n\n' | put box
  expect_written box $'1: a\n2: the end\n3: end of b\n4: '
  printf 'end\nc\n' | put box
  expect_collected box $'1: a\n2: the end\n3: end of b\n4: '
}
# bats test_tags=points:1,hint:2
@test "it goes on, and sleeps, when all senders have closed the FIFO" {
  collector box
  echo a | put box
  expect_written box '1: a'
  asleep_all box
  echo b | put box
  expect_written box $'1: a\n2: b'
  echo end | put box
  expect_collected box $'1: a\n2: b'
}
# bats test_tags=points:1,hint:3
@test "it prints a line as soon as it is whole, however it arrives" {
  collector box
  keep_open box box
  printf hel >&"$kept"
  asleep_all box
  expect_written box ''
  printf 'lo\nwor' >&"$kept"
  expect_written box '1: hello'
  printf 'ld\nen' >&"$kept"
  expect_written box $'1: hello\n2: world'
  printf 'd\n' >&"$kept"
  expect_collected box $'1: hello\n2: world'
  let_go
}
# bats test_tags=points:1,hint:2
@test "no line of senders that come one after the other is lost" {
  one_after_the_other() {
    local line
    collector box
    for line in a b c end; do put box <<<"$line"; done
    expect_collected box $'1: a\n2: b\n3: c'
  }
  each_call openat,close one_after_the_other
}
# bats test_tags=points:2,hint:4
@test "lines of senders that run at once stay whole and in order" {
  local n letters=(a b c) WITH=', while collect is stopped'
  plainly collector box
  keep_open box box
  halt box # all send before it reads
  for n in "${letters[@]}"; do
    lines "$n" 300 >"$n.in"
    send_file "send.$n" "$n.in"
  done
  for n in "${letters[@]}"; do sleeps_or_ends "send.$n"; done
  resume box
  for n in "${letters[@]}"; do
    end "send.$n"
    expect_status 0
  done
  echo end >&"$kept"
  end box
  expect_status 0
  for n in "${letters[@]}"; do
    sed 's/^[0-9]*: //' box.out | grep "^$n" >"$n.got" || true
    cmp "$n.in" "$n.got" >/dev/null 2>&1 ||
      happens "the 300 lines of sender $n, in order" \
        "$(diff "$n.in" "$n.got" | cut -c 1-70 | head -n 3)"
  done
  awk '$1 != NR ":" { exit 1 }' box.out && [ "$(wc -l <box.out)" = 900 ] ||
    happens 'lines 1 to 900' "$(cut -d' ' -f1 box.out | tail -n 1)"
  let_go
}
# bats test_tags=points:1,hint:4
@test "lines stay whole when each write of the senders is delayed" {
  local n
  seq -f 'a line of sender %g' 3 >expected
  collector box
  keep_open box box
  for n in 1 2 3; do delayed write,writev begin "$n" send box \
    <<<"a line of sender $n"; done
  for n in 1 2 3; do
    end "$n"
    expect_status 0
  done
  echo end >&"$kept"
  end box
  sed 's/^[0-9]*: //' box.out | sort >got
  cmp -s expected got ||
    happens "the lines of three senders" "$(head -c 300 box.out)"
  let_go
}
# bats test_tags=points:1,hint:5
@test "a sender fails if there is no collector, or if it has been killed" {
  collector box
  keep_open box box
  mkfifo typed
  exec {keyboard}<>typed
  send_file sender typed
  echo a >&"$keyboard"
  expect_written box '1: a'
  killed box
  echo b >&"$keyboard"
  end sender
  expect_failure
  expect_err
  let_go
  go send box <<<b # the FIFO is left
  expect_failure
  expect_err
  exec {keyboard}>&-
  rm box typed
  go send box <<<b
  expect_failure
  expect_err
  expect_gone box
}
# bats test_tags=points:1,hint:6
@test "the next collector uses the FIFO of one that was killed" {
  collector first
  killed first
  collector box
  keep_open box box
  go send box < <(printf 'a\nb') # its last line has no newline
  expect_status 0
  echo end >&"$kept"
  expect_collected box $'1: a\n2: b'
  let_go
}
# bats test_tags=points:1,hint:7
@test "a signal, or a full standard output, ends it without a FIFO left" {
  local signal
  for signal in INT TERM; do
    collector "$signal"
    keep_open "$signal" box
    asleep_all "$signal"
    send "$signal" "$signal"
    end "$signal"
    expect_gone box
    let_go
  done
  STDOUT=/dev/full collector box
  put box <<<a
  end box
  expect_failure
  expect_err
  expect_gone box
}
# bats test_tags=points:1,hint:8
@test "send refuses a line that is too long" {
  collector box
  keep_open box box
  in_valgrind go send box < <(echo a && head -c 4096 /dev/zero | tr '\0' x)
  expect_no_memory_error
  expect_failure
  expect_err
  echo end >&"$kept"
  expect_collected box '1: a'
  let_go
}
# bats test_tags=points:1,hint:8
@test "a regular file is refused, and stays as it is" {
  collector box
  put box <<<end
  expect_collected box ''
  # A file that the program's user owns
  local role WRAP=(sh -c 'echo text >file; exec "$@"' sh)
  for role in collect send; do
    go "$role" file <<<a
    expect_failure
    expect_err
    [ "$(cat file 2>&1)" = text ] ||
      happens 'the regular file stays as it is' "$(cat file 2>&1)"
  done
}
