# bench.bats - the benchmark: the shape of what it prints, never how fast it is
load lib/helper

MAN='tests/bench/README.md'

setup_file() {
  [ -x "$BUILD/tests/bench/bench" ] || fail 'make check builds the benchmark first'
}
bench() {
  try "$BUILD/tests/bench/bench" "$@"
}
# figures FILE: all of it is as it should be, or what is not
figures() {
  awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; columns = NF; next }
    { sub(/"[^"]*"$/, "") }
    function get(name) { return $column[name] }
    function bad(what) { print "line " NR ": " what ": " $0; exit }
    NF != columns { bad(NF " columns, not " columns) }
    get("kind") == "environment" { next }
    get("status") == "skipped" { if (get("median") != "") bad("a figure"); next }
    get("status") != "ok" { bad("status") }
    !(get("median") > 0) { bad("not positive") }
    get("low") + 0 > get("median") + 0 || get("median") + 0 > get("high") + 0 {
      bad("not between the lowest and the highest") }
    get("kind") == "latency" && !(0 < get("p50") + 0 &&
      get("p50") + 0 <= get("p90") + 0 && get("p90") + 0 <= get("p99") + 0 &&
      get("p99") + 0 <= get("p99.9") + 0 && get("p99.9") + 0 <= get("max") + 0) {
      bad("percentiles that fall") }
    get("kind") ~ /^(latency|throughput)$/ && !(get("multiple") > 0) {
      bad("no multiple of a limit") }' "$1"
}
# all_figures: a short run with all there is, in results.csv
all_figures() {
  LIMIT=50 bench --rounds 1 --time 1 --sizes 64,65536 --peers >results.csv
}

@test "every mechanism has a row for each placement and size, with sound figures" {
  local name placement
  all_figures
  run figures results.csv
  [ -z "$output" ] || fail "$output"
  for name in pipe 'pipe 1 MiB' FIFO vmsplice+read vmsplice+splice \
    'POSIX queue' 'SysV queue' 'POSIX semaphore' 'SysV semaphore' futex eventfd \
    ring process_vm_readv 'Unix stream' 'Unix dgram' 'Unix seqpacket' TCP UDP \
    'signal handler' sigwaitinfo signalfd; do
    for placement in 'same core' 'two cores' spinning; do
      grep -q "^latency,$name,[^,]*,$placement,64," results.csv &&
        grep -q "^throughput,$name,[^,]*,$placement,64," results.csv &&
        grep -q "^throughput,$name,[^,]*,$placement,65536," results.csv ||
        fail "no row of $name, $placement"
    done
  done
  [ "$(grep -c '^latency,' results.csv)" = 63 ]
  [ "$(grep -c '^throughput,' results.csv)" = 126 ]
  "$ROOT/tests/bench/report" <results.csv >table
  for name in 'on one core, sleeping' 'How to read this' 'lmbench lat_pipe'; do
    grep -q "$name" table || fail "not in the report: $name" "$(cat table)"
  done
  run ! grep -E '\b(inf|nan)\b' table
  "$ROOT/tests/bench/report" --json <results.csv >results.json
  [ "$(perl -MJSON::PP -0777 -ne 'print scalar @{decode_json($_)->{figures}}' \
    results.json)" = "$(($(wc -l <results.csv) - 2))" ] # title, cores used
}
@test "make bench records the machine, and writes CSV and JSON where it is told to" {
  run -0 try "$ROOT/tests/bench/run" --quick --only futex --csv my.csv \
    --json my.json
  [[ $output == *'How to read this'* ]]
  run figures my.csv
  [ -z "$output" ] || fail "$output"
  for name in date cpu kernel mitigations 'clock source' compiler flags \
    'C library' commit load; do
    grep -q "^environment,$name,.*\"..*\"$" my.csv || fail "no $name"
  done
  perl -MJSON::PP -0777 -ne 'decode_json($_)->{environment}{kernel} =~ /Linux/ or
    exit 1' my.json
}
# bats test_tags=slow
@test "the machine is recorded before the run, whose load would be seen" {
  pretend 'echo "afterwards -std=c17" >out/flags'
  run -0 try env BUILD="$PWD/out" "$ROOT/tests/bench/run" --quick --only futex
  [[ $output == *'flags: before -std=c17'* ]] || fail "$output"
  pretend '# /lib/ld-musl-x86_64.so.1'
  run -0 try env BUILD="$PWD/out" "$ROOT/tests/bench/run" --quick --only futex
  [[ $output == *'C library: musl'* ]] || fail "$output"
}
# bats test_tags=slow
@test "make bench ends as bench does: with its figures, if a cell failed" {
  pretend 'sed -i "s/,ok,$/,failed,\"planted\"/" figures; status=1'
  run -1 try env BUILD="$PWD/out" "$ROOT/tests/bench/run" --quick --only futex
  [[ $output == *'failed: planted'* ]] || fail "$output"
  run -2 try "$ROOT/tests/bench/run" --only pip3
  [ "$output" = "bench: no mechanism has 'pip3' in its name" ]
  # A file that cannot be written is told before anything is measured
  pretend 'echo measured >&2'
  run -1 try env BUILD="$PWD/out" "$ROOT/tests/bench/run" --csv none/my.csv
  [[ $output == *none/my.csv* && $output != *measured* ]] || fail "$output"
  # If one is full, the table is there all the same; results.csv is no copy
  pretend :
  run -1 try env BUILD="$PWD/out" "$ROOT/tests/bench/run" --quick --only futex \
    --csv /dev/full
  [[ $output == *'No space left'* && $output == *'How to read'* ]] ||
    fail "$output"
  run -0 try env BUILD="$PWD/out" "$ROOT/tests/bench/run" --quick --only futex \
    --csv out/tests/bench/results.csv
}
pretend() { # LINE: a bench that also does this, between measuring and printing
  mkdir -p out/tests/bench
  echo 'before -std=c17' >out/flags
  cat >out/tests/bench/bench <<END
#!/bin/sh
[ "\$1" != --columns ] || exec "$BUILD/tests/bench/bench" --columns
"$BUILD/tests/bench/bench" "\$@" >figures
status=\$?
$1
cat figures
exit \$status
END
  chmod +x out/tests/bench/bench
}
@test "the plots are made, and not empty" {
  requires 'gnuplot: ./setup.sh dev' command -v gnuplot
  bench --rounds 1 --time 1 --sizes 64,4096 --only pipe >results.csv
  RESULTS=results.csv OUT=. "$ROOT/tests/bench/plot"
  for plot in latency throughput; do
    [ "$(grep -c '<title>Round trip\|Round trip of 64\|One way: ' $plot.svg)" -ge 3 ]
    [ "$(head -c 4 $plot.png | tail -c 3)" = PNG ]
    [ "$(stat -c %s $plot.png)" -gt 10000 ]
  done
}
@test "skipped cells are in the report with their reason, and in no plot" {
  run -0 --separate-stderr bench_on_one
  echo "$output" >results.csv
  run -0 "$ROOT/tests/bench/report" <results.csv
  [[ $output == *'skipped: only one processor may be used'*'futex'* ]]
  [[ $output != *'On two cores'* && $output != *'never sleeping'* ]]
  requires 'gnuplot: ./setup.sh dev' command -v gnuplot
  RESULTS=results.csv OUT=. "$ROOT/tests/bench/plot"
  [ "$(grep -c 'Round trip of 64' latency.svg)" = 1 ]
  [ "$(grep -c 'One way: ' throughput.svg)" = 1 ]
  requires 'xmllint: ./setup.sh dev' command -v xmllint
  xmllint --noout latency.svg throughput.svg
}
# by_hand LINE...: a CSV of bench with only these rows: KIND,NAME,PLACEMENT,SIZE,
# MEDIAN,LOW,HIGH,MOVED
by_hand() {
  "$BUILD/tests/bench/bench" --columns
  printf '%s\n' "$@" | awk -F, -v OFS=, '{
    unit = $1 == "throughput" ? "bytes/s" : "ns"
    percentiles = $1 == "latency" ? $5 "," $5 "," $5 "," $5 "," $5 : ",,,,"
    print $1, $2, "", $3, $4, 7, unit, $5, $6, $7, percentiles, 100, 1, 1, 1,
      100, 2, $8, "ok", "\"\"" }'
}
@test "a difference is only claimed where the ranges of the rounds part" {
  by_hand 'throughput,pipe,two cores,65536,1e9,0.9e9,1.5e9,0' \
    'throughput,pipe 1 MiB,two cores,65536,3e9,1.4e9,4e9,0' >csv
  run -0 "$ROOT/tests/bench/report" <csv
  [[ $(tr -s ' \n' ' ' <<<"$output") == *'no certain difference'* ]]
  by_hand 'throughput,pipe,two cores,65536,1e9,0.9e9,1.5e9,0' \
    'throughput,pipe 1 MiB,two cores,65536,3e9,1.6e9,4e9,0' >csv
  run -0 "$ROOT/tests/bench/report" <csv
  [[ $(tr -s ' \n' ' ' <<<"$output") == *'3.00 times as fast as one of 64 KiB'* ]]
}
@test "the reading aid says no more than its figures" {
  # The ring is ahead with 64 B and 4 KiB, and behind with 64 KiB
  by_hand 'throughput,pipe,two cores,64,1e9,1e9,1e9,0' \
    'throughput,ring,two cores,64,4e9,4e9,4e9,0' \
    'throughput,pipe,two cores,65536,9e9,9e9,9e9,0' \
    'throughput,ring,two cores,65536,5e9,5e9,5e9,0' >csv
  run -0 "$ROOT/tests/bench/report" <csv
  [[ $output != *'is ahead of'* ]] || fail "$output"
  sed 's/ring,,two cores,65536\(.*\),5e9,5e9,5e9/ring,,two cores,65536\1,99e9,99e9,99e9/' csv >ahead
  run -0 "$ROOT/tests/bench/report" <ahead
  [[ $(tr -s ' \n' ' ' <<<"$output") == *'both pipes from messages of 64 B on'* ]] ||
    fail "$output"
}
@test "two threads of one core are called so" {
  by_hand 'latency,pipe,two cores,64,200,200,200,0' >csv
  run -0 "$ROOT/tests/bench/report" <csv
  [[ $output == *'On two cores, sleeping'* ]] || fail "$output"
  bench_on_threads >csv
  run -0 "$ROOT/tests/bench/report" <csv
  [[ $output == *'On two threads of one core, sleeping'* ]] || fail "$output"
}
bench_on_threads() { # where each processor is said to be one of core 0
  # shellcheck disable=SC2016 # the inner shell's
  local inside='echo 0 >zero
    for file in /sys/devices/system/cpu/cpu*/topology/core_id; do
      mount --bind zero "$file" || exit 77
    done
    exec "$@"'
  requires 'two processors' [ "$(nproc)" -ge 2 ]
  requires 'namespaces in which files can be mounted: make doctor' \
    unshare --user --map-root-user --mount sh -c "$inside" sh true
  try unshare --user --map-root-user --mount sh -c "$inside" sh \
    "$BUILD/tests/bench/bench" --rounds 1 --time 1 --sizes 64 --only futex
}
@test "a limit that could not be measured makes no figure, and valid JSON" {
  needs_strace
  run -1 --separate-stderr try strace -f -qq -o /dev/null \
    -e inject=sched_yield:signal=KILL \
    "$BUILD/tests/bench/bench" --rounds 1 --time 1 --sizes 64 --only futex
  echo "$output" >csv
  grep -q '^limit,sched_yield.*,failed,' csv
  run ! grep -iE '[:,](inf|-?nan)' csv
  "$ROOT/tests/bench/report" --json <csv | perl -MJSON::PP -0777 -ne 'decode_json($_)'
  run -0 "$ROOT/tests/bench/report" <csv
  [[ $output == *'futex '*' - '* && $output != *[Ii]nf* ]] || fail "$output"
}
@test "if no process can be started, the cell fails, and nothing is left" {
  needs_strace
  run -1 try strace -f -qq -o /dev/null \
    -e inject=clone,clone3,fork,vfork:error=EAGAIN:when=7..8 \
    "$BUILD/tests/bench/bench" --rounds 1 --time 1 --sizes 64 --only 'SysV queue'
  [[ $output == *'bench: fork: '*'failed,"see standard error"'* ]] || fail "$output"
}
# bats test_tags=slow
@test "a run under nohup goes on when the terminal is closed" {
  start bench sh -c 'trap "" HUP; exec "$@"' sh "$BUILD/tests/bench/bench" \
    --rounds 3 --time 20 --sizes 64 --only 'SysV queue'
  await_objects
  send HUP bench
  finish bench 0
}
@test "a noisy run is called so, and a limit that was beaten is not praised" {
  by_hand 'limit,system call,,,100,100,100,0' \
    'limit,sched_yield round trip,,,100,100,110,0' \
    'latency,pipe,same core,64,200,200,200,0' >csv
  run -0 "$ROOT/tests/bench/report" <csv
  [[ $output == *'No mechanism is'* && $output != *'Something else used'* ]]
  sed 's/,100,100,110,/,100,100,190,/; s/,100,2,0,ok/,400,0.5,0,ok/' csv >noisy
  run -0 "$ROOT/tests/bench/report" <noisy
  [[ $output != *'No mechanism is'* && $output == *'Something else used'* ]]
}
@test "cores that the host moved are marked beside the figure" {
  by_hand 'throughput,pipe,two cores,64,1e9,1e9,1e9,0' \
    'throughput,pipe,two cores,4096,2e9,2e9,2e9,1' >csv
  run -0 "$ROOT/tests/bench/report" <csv
  [[ $output == *' 1.00    2.00! '*'! the host moved the cores'* ]] ||
    fail "$output"
}
@test "without figures, or without gnuplot, plot says what helps" {
  run -1 env RESULTS=none.csv "$ROOT/tests/bench/plot"
  [[ $output == *'make bench'* ]]
  echo kind >some.csv
  mkdir bin
  ln -s "$(command -v dirname)" "$(command -v bash)" bin/
  run -77 env PATH="$PWD/bin" RESULTS=some.csv bash "$ROOT/tests/bench/plot"
  [[ $output == *'./setup.sh dev'* ]]
}
@test "make bench-plot measures first, if nothing has been measured yet" {
  run -0 make -C "$ROOT" -n BUILD="$PWD/out" bench-plot
  [[ $output == *'tests/bench/run'*'tests/bench/plot'* ]] || fail "$output"
  mkdir -p out/tests/bench
  echo kind >out/tests/bench/results.csv
  run -0 make -C "$ROOT" -n BUILD="$PWD/out" bench-plot
  [[ $output != *'tests/bench/run'* && $output == *'tests/bench/plot'* ]] ||
    fail "$output"
}
@test "a wrong option ends with 2 and the usage" {
  for option in --rounds --rounds=0 --time=x --sizes=7 --sizes=2000000 --none word \
    --only=pip3; do
    run -2 bench $option
    [[ $output == *usage* || $output == *expected* ||
      $output == *"no mechanism has 'pip3' in its name"* ]] || fail "$output"
  done
  run -2 "$ROOT/tests/bench/run" --fast
  run -2 "$ROOT/tests/bench/run" --csv
}
@test "with one processor, cells of two cores are skipped, with the reason" {
  run -0 bench_on_one
  [[ $output == *'two cores,64,0,ns'*'skipped,"only one processor may be used"'* ]]
  [[ $output == *'same core,64,1,ns'* ]]
}
bench_on_one() {
  try taskset -c "$(taskset -cp $$ | grep -o '[0-9]*$')" \
    "$BUILD/tests/bench/bench" --rounds 1 --time 1 --sizes 64 --only futex
}
@test "a cell that fails is a failure, never a figure" {
  # No process may have more than 4 descriptors: there is no room for a pipe
  run try sh -c "ulimit -n 4; exec '$BUILD/tests/bench/bench' --rounds 1 \
    --time 1 --sizes 64 --only pipe"
  [[ $output == *'latency,pipe,'*'skipped,"pipe: '* ]] || fail "$output"
  # Both processes die; main makes no such call
  needs_strace
  run try strace -f -qq -o /dev/null -e inject=sched_setaffinity:signal=KILL \
    "$BUILD/tests/bench/bench" --rounds 1 --time 1 --sizes 64 --only FIFO
  [ "$status" = 1 ] || fail "$status" "$output"
  [[ $output == *'bench: FIFO, '*'failed,"'* ]] || fail "$output"
}
@test "what the machine forbids is skipped, with what forbids it" {
  run try prlimit --sigpending=1 "$BUILD/tests/bench/bench" --rounds 1 \
    --time 1 --sizes 64 --only sigwaitinfo
  [[ $status = 0 && $output == *'skipped,"sigqueue, see ulimit -i: '* ]] ||
    fail "$output"
  needs_strace
  run try strace -f -qq -o /dev/null -e inject=process_vm_readv:error=EPERM \
    "$BUILD/tests/bench/bench" --rounds 1 --time 1 --sizes 64 --only vm_readv
  [[ $status = 0 && $output == *'skipped,"process_vm_readv: '* ]] ||
    fail "$output"
}
@test "a call that Ctrl-Z and fg interrupt is repeated" {
  needs_strace
  run try strace -f -qq -o /dev/null -e inject=semop,semtimedop:error=EINTR:when=5 \
    "$BUILD/tests/bench/bench" --rounds 1 --time 1 --sizes 64 \
    --only 'SysV semaphore'
  [ "$status" = 0 ] || fail "$output"
}
@test "a core that other programs use makes a limit slow, not a failure" {
  needs_strace
  run try strace -f -qq -o /dev/null -e inject=sched_yield:delay_enter=5000 \
    "$BUILD/tests/bench/bench" --rounds 1 --time 20 --sizes 64 --only futex
  [[ $status = 0 && $output == *'sched_yield round trip,,,,1,ns,'* ]] ||
    fail "$output"
}
@test "UDP loses no datagram, however late its receiver is" {
  needs_strace
  # Before every eleventh call: half of a window has been read, or a part of it
  run try strace -f -qq -o /dev/null \
    -e inject=recvfrom:delay_enter=4000:when=12+11 \
    "$BUILD/tests/bench/bench" --rounds 1 --time 30 --sizes 4096 --only UDP
  [ "$status" = 0 ] || fail "$output"
}
@test "an interrupted run leaves nothing, and ends by the signal" {
  local signal
  for signal in INT:130 TERM:143 HUP:129; do
    start bench "$BUILD/tests/bench/bench" --time 200 --sizes 64 --only SysV
    await_objects
    send "${signal%:*}" bench
    finish bench "${signal#*:}"
  done
}
@test "make bench, interrupted, ends what it measures with, and has no figures" {
  local signal
  mkdir -p out/tests/bench
  echo 'cc -std=c17' >out/flags
  cat >out/tests/bench/bench <<END
#!/bin/sh
[ "\$1" = --columns ] || echo started >&2
exec "$BUILD/tests/bench/bench" "\$@"
END
  chmod +x out/tests/bench/bench
  for signal in INT:130 TERM:143; do
    BUILD=$PWD/out start bench "$ROOT/tests/bench/run" --only 'SysV queue'
    await bench started
    send "${signal%:*}" bench
    finish bench "${signal#*:}" 'interrupted: no figures'
    [ "$(ls out/tests/bench)" = bench ]
  done
}
await_objects() { # until it has a queue
  until grep -q '[0-9]' <(tail -n +2 /proc/sysvipc/msg); do
    [ -e "/proc/${pid[bench]}" ]
  done
}
@test "a full standard output fails the run" {
  run try sh -c "'$BUILD/tests/bench/bench' --rounds 1 --time 1 --sizes 64 \
    --only futex >/dev/full"
  [[ $status = 1 && $output == *'write standard output: No space left'* ]]
}
