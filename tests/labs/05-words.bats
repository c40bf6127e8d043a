# 05-words.bats - task words of 05-shm/lab: a hash table that processes share
load lab
load 05

counts() { # /NAME FILE
  go count "$1" <"$2"
  expect_status 0
}
shows() { # /NAME: it shows what the file expected has, in any order
  local wrong
  go show "$1"
  expect_status 0
  sort main.out >shown
  sort expected >sorted
  wrong=$(diff sorted shown | sed -n 's/^</missing:/p' | head -n 2
    diff sorted shown | sed -n 's/^>/and instead:/p' | head -n 2)
  [ -z "$wrong" ] || happens "$(wc -l <expected) words, each with its number" \
    "$(wc -l <shown) words$(said)"$'\n'"$wrong"
}
tidy() {
  go remove "$1"
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "it counts words over several runs, each name for itself" {
  printf 'to\nbe\nor\nnot\n\nto\nbe' >input
  counts /w input
  printf '%s\n' '2 to' '2 be' '1 or' '1 not' >expected
  shows /w
  echo be >input
  counts /w input
  counts /other input
  printf '%s\n' '2 to' '3 be' '1 or' '1 not' >expected
  shows /w
  tidy /w
  echo '1 be' >expected
  shows /other
  tidy /other
}
# bats test_tags=points:2,hint:2
@test "8192 words of up to 31 bytes fit, and none is taken for another" {
  seq 4096 >input
  seq -f '%031.0f' 4090 >>input
  printf '%s\n' a aa aaa b ab ba >>input
  counts /w input
  counts /w input
  sed 's/^/2 /' input >expected
  shows /w
  tidy /w
}
# bats test_tags=points:1,hint:2
@test "a word that does not fit is refused, and the others go on" {
  seq 8192 >input
  counts /w input
  go count /w <<<'one more'
  expect_failure
  expect_err
  printf '5\n%040d\n' 0 >input
  go count /w <input
  expect_failure
  expect_err
  seq 8192 | sed 's/^/1 /; s/^1 5$/2 5/' >expected
  shows /w
  tidy /w
}
# bats test_tags=points:1,hint:3
@test "a word that is forgotten hides no other, and starts again" {
  seq 8000 >input
  counts /w input
  local word
  for word in 7 70 700 7000; do
    go forget /w $word
    expect_status 0
  done
  grep -vxE '70*' input | sed 's/^/1 /' >expected
  shows /w
  { grep -vxE '70*' input && echo 70; } >again
  counts /w again
  sed 's/^/2 /; s/^2 70$/1 70/' again >expected
  shows /w
  tidy /w
}
# bats test_tags=points:1,hint:4
@test "no count is lost between two instructions of another process" {
  needs_strace
  local PATIENCE=15 # each step is two switches
  local quick slow last WRAP=() WITH=''
  ${CC:-cc} "$ROOT/tests/labs/05-step.c" -o step
  mkfifo in.slow
  mkfifo -m 666 in.quick
  exec {quick}<>in.quick
  begin quick count /w <in.quick
  echo the >&"$quick"
  asleep_all quick
  WRAP=(./step "$(program quick)" in.quick the 1500 sent)
  WITH=', while another one counts the same word between its instructions'
  exec {slow}<>in.slow
  begin slow count /w <in.slow
  WRAP=() WITH=''
  echo the >&"$slow"
  asleep_all slow
  exec {last}>in.slow
  exec {slow}>&-
  echo the >&"$last"
  exec {last}>&-
  end slow
  expect_status 0
  exec {quick}>&-
  rm in.slow in.quick
  end quick
  expect_status 0
  ended=slow
  echo "$((3 + $(<sent))) the" >expected
  shows /w
  tidy /w
}
# bats test_tags=points:1,hint:4
@test "several processes count at the same time, and nothing is lost" {
  local names=(a b c d) name both fd fds=()
  awk 'BEGIN { for (n = 1; n <= 6000; n++) { print n
    for (i = 0; i < 15; i++) print "the" } }' >input
  for name in "${names[@]}"; do
    mkfifo "in.$name"
    exec {both}<>"in.$name"
    begin "$name" count /w <"in.$name"
    exec {fd}>"in.$name"
    exec {both}>&-
    rm "in.$name"
    fds+=("$fd")
  done
  # All at the same pace
  tee "${fds[@]/#//dev/fd/}" <input >/dev/null 3>&- &
  for fd in "${fds[@]}"; do exec {fd}>&-; done
  for name in "${names[@]}"; do
    end "$name"
    expect_status 0
  done
  { echo '360000 the' && seq 6000 | sed 's/^/4 /'; } >expected
  shows /w
  tidy /w
}
# bats test_tags=points:2,hint:5
@test "a word counts at once, and no process is in the way of another" {
  local input full
  mkfifo in out
  exec {input}<>in {full}<>out
  begin reader count /w <in
  rm in
  printf '%s\n' one two two >&"$input"
  asleep_all reader
  printf '%s\n' '1 one' '2 two' >expected
  shows /w
  seq -f '%020.0f' 4000 >input
  counts /w input
  STDOUT=/proc/self/fd/$full begin printer show /w
  rm out
  asleep_all printer # nobody reads
  echo two >&"$input"
  asleep_all reader
  { printf '%s\n' '1 one' '3 two' && sed 's/^/1 /' input; } >expected
  shows /w
  killed reader
  killed printer
  counts /w <(echo one)
  sed -i 's/1 one/2 one/' expected
  shows /w
  tidy /w
}
# bats test_tags=points:2,hint:6
@test "two that start at once both count, whichever makes the memory" {
  both_start() {
    echo one >input
    begin_slow slow count "$object" <input
    begin quick count "$object" <input
    settles quick
    go_on slow
    end quick
    expect_status 0
    end slow
    expect_status 0
    go show "$object"
    expect_out '2 one'
    go remove "$object"
    expect_status 0
  }
  each_stop both_start
}
# bats test_tags=points:1,hint:7
@test "without the object show, forget and remove fail, and make nothing" {
  counts /w <(echo one)
  tidy /w
  local command
  for command in show remove 'forget one'; do
    # shellcheck disable=SC2086 # one word or two
    set -- $command
    go "$1" /w "${@:2}"
    expect_failure
    expect_err
  done
  counts /w <(echo one)
  echo '1 one' >expected
  shows /w
  tidy /w
}
# bats test_tags=points:1,hint:7
@test "it fails if it cannot do what it should, and has no memory error" {
  in_valgrind go count /w <<<$'one\ntwo'
  expect_no_memory_error
  printf '1 %s\n' one two >expected
  shows /w
  STDOUT=/dev/full go show /w
  expect_failure
  expect_err
  without_memory /w go count /w <<<three
  expect_failure
  expect_err
  shows /w
  tidy /w
}
