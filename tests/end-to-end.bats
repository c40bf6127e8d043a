# end-to-end.bats - the timing of whole pairs: its shape, never how fast it is
load lib/helper

MAN='tests/bench/README.md'
end_to_end=$ROOT/tests/bench/end_to_end

@test "each pair and each tool is timed, and what arrives is compared" {
  local name
  LIMIT=50 try "$end_to_end" --size 2 --rounds 1 --quick --csv >table 2>err || {
    cat err
    return 1
  }
  [ "$(head -n 1 table)" = group,name,mib,seconds,low,high,gb_per_s,times_tool,times_cat,calls_per_mib,copies,linear ]
  for name in cat pipe fifo posix_mq sysv_mq posix_sem sysv_sem posix_shm \
    sysv_shm unix_stream unix_seqpacket tcp; do
    grep -q "\"$name\"" table || fail "no $name" "$(cat table err)"
    [ $name = cat ] || grep -q "\"$name, robust\"" table || fail "no robust $name"
  done
  # The name has a comma: 13 fields, and the time is above 0
  sed 's/"[^"]*"/name/' table | awk -F, 'NR > 1 && (NF != 12 || !($4 > 0) ||
    $5 > $4 || $4 > $6) { print; bad = 1 } END { exit bad }'
}
@test "a relative BUILD is of the folder where it was given" {
  mkdir -p out
  cp -r "$BUILD/01-pipes" out/
  BUILD=out run -0 try "$end_to_end" --size 1 --rounds 1 --quick --only pipe
  [[ $output == *'pipe, robust'*'linear, the worst: '*' <= 1.1 '* ]] ||
    fail "$output"
}
@test "what a pair costs is counted: system calls, and copies" {
  needs_strace
  LIMIT=50 try "$end_to_end" --size 1 --rounds 1 --only posix_shm --csv >table
  # Both halves copy nothing but what read(2) puts into a slot
  awk -F, '/"posix_shm"/ { exit !($10 > 0 && $11 > 0.9 && $11 < 1.1) }' table ||
    fail "$(cat table)"
}
@test "a pair that fails, or loses a byte, fails the run" {
  mkdir -p out/01-pipes
  printf '#!/bin/sh\nexit 3\n' >out/01-pipes/pipe_producer
  chmod +x out/01-pipes/pipe_producer
  BUILD=$PWD/out run -1 try "$end_to_end" --size 1 --rounds 1 --only pipe
  [[ $output == *'pipe failed'* ]] || fail "$output"
  printf '#!/bin/sh\ntail -c +2\n' >out/01-pipes/pipe_producer
  BUILD=$PWD/out run -1 try "$end_to_end" --size 1 --rounds 1 --only pipe
  [[ $output == *'pipe: another copy'* ]] || fail "$output"
}
@test "an interrupted run ends what it started, and removes what it made" {
  requires 'namespaces, in which all that is interrupted ends' \
    "$ROOT/tests/tools/isolate" true
  start timing "$end_to_end" --size 64 --rounds 999 --only posix_shm
  until pgrep -f posix_shm_producer >/dev/null; do [ -e "/proc/${pid[timing]}" ]; done
  send TERM timing
  finish timing 143
}
@test "a wrong option ends with 2 and the usage" {
  for option in --size --size=1 --rounds=x --fast word; do
    run -2 "$end_to_end" $option
    [[ $output == *usage:* ]]
  done
  run -2 "$end_to_end" --size 0
}
