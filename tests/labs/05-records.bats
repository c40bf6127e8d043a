# 05-records.bats - task records of 05-shm/lab: a ring of records of any length
load lab
load 05

# fed NAME: put reads from a pipe, so the test says what comes and when
declare -gA input
fed() {
  local both fd
  mkfifo "in.$1"
  exec {both}<>"in.$1"
  begin "$1" put /r <"in.$1"
  exec {fd}>"in.$1"
  exec {both}>&- # the program gets an end of its input only without it
  input[$1]=$fd
  rm "in.$1"
}
expect_printed() { # NAME TEXT: within the patience, it has printed this so far
  in_time "$1" has_written "$1.out" "$2" ||
    happens "it prints: $2" "it has printed: $(<"$1.out")$(said)"
}
# late COMMAND...: a call that may wake a peer returns 50 ms later, so that the
# peer is awake before the program goes on
late() {
  local calls=futex,semop,semtimedop,write,kill,tgkill
  local WITH=', which goes on a while after it has woken its peer'
  local WRAP=(strace -f -qq -o /dev/null -e "inject=$calls:delay_exit=50000")
  needs_strace
  "$@"
}
done_well() { # NAME...
  local name
  for name; do
    end "$name"
    expect_status 0
  done
}
numbers() { seq -f '%019.0f' "$@"; } # of 20 bytes each

# bats test_tags=points:1,hint:1
@test "take prints what put has read, and ends with it" {
  begin take take /r
  go put /r <<<$'one\ntwo'
  expect_status 0
  done_well take
  expect_out $'one\ntwo'
  go put /r </dev/null # the next transfer has nothing of the last one
  expect_status 0
  go take /r
  expect_status 0
  expect_out ''
}
# bats test_tags=points:2,hint:2
@test "lines of all lengths arrive byte for byte, many times around the ring" {
  awk 'BEGIN { line = sprintf("%3999s", ""); gsub(/ /, "x", line)
    for (n = 0; n < 4000; n += 19) print n % 3 ? substr(line, 1, n) : ""
    for (n = 0; n < 3000; n++) print n
    print line; printf "\t\001\376 no newline" }' >lines
  printf 'a\0b\n\0\n' | cat - lines >input
  begin take take /r
  go put /r <input
  expect_status 0
  done_well take
  expect_out_is input
}
# bats test_tags=points:1,hint:3
@test "1000 short lines fit into the memory, without a take" {
  numbers 1000 >input
  go put /r <input
  expect_status 0
  go take /r
  expect_status 0
  expect_out_is input
}
# bats test_tags=points:2,hint:3
@test "put sleeps while the memory is full" {
  seq -f '%028.0f' 3000 >input
  begin put put /r <input
  asleep_all put
  go take /r
  expect_status 0
  expect_out_is input
  done_well put
}
# bats test_tags=points:1,hint:4
@test "take sleeps while there is nothing, and prints each line at once" {
  lines_arrive plainly plainly
  lines_arrive plainly late                  # take is awake before put goes on
  lines_arrive 'delayed write,writev' plainly # put goes on before take has it
}
lines_arrive() { # HOW take runs, HOW put does
  local text='' line fd
  $1 begin take take /r
  asleep_all take
  $2 fed put
  for line in one two three; do
    echo $line >&"${input[put]}"
    text+=${text:+$'\n'}$line
    expect_printed take "$text"
  done
  printf 'part' >&"${input[put]}"
  asleep_all put
  expect_printed take "$text"
  fd=${input[put]}
  exec {fd}>&-
  done_well put take
  expect_out "$text"$'\npart'
}
# bats test_tags=points:1,hint:5
@test "a put that is killed has not ended: the next one goes on" {
  fed dead
  printf 'one\ntwo\nthr' >&"${input[dead]}"
  asleep_all dead
  killed dead
  begin take take /r
  expect_printed take $'one\ntwo'
  asleep_all take
  go put /r <<<'three'
  expect_status 0
  done_well take
  expect_out $'one\ntwo\nthree'
}
# bats test_tags=points:2,hint:5
@test "after a take that is killed, the next one goes on with whole lines" {
  local full read
  numbers 8000 >input
  mkfifo full
  exec {full}<>full
  exec {read}<full
  rm full
  begin put put /r <input
  STDOUT=/proc/self/fd/$full begin dead take /r
  asleep_all dead # nobody reads
  asleep_all put
  killed dead
  exec {full}>&-
  cat <&"$read" >first
  go take /r
  expect_status 0
  done_well put
  # One line may be lost, or be there twice, or in part
  sed -i '/^.\{19\}$/!d' first
  sort -u first main.out | comm -3 input - >wrong
  [[ $(wc -l <wrong) -le 1 && $(cat first main.out | wc -l) -le 8001 ]] &&
    sort -c main.out 2>/dev/null ||
    happens 'both together print each line, in order' \
      "$(wc -l <first) lines, then $(wc -l <main.out), missing: $(wc -l <wrong)"
}
# bats test_tags=points:2,hint:6
@test "either may be first, and be stopped at any call while it starts" {
  both_start() {
    begin_slow slow take "$object"
    begin quick put "$object" <<<$'one\ntwo'
    settles quick
    go_on slow
    done_well quick slow
    expect_out $'one\ntwo'
  }
  each_stop both_start
}
# bats test_tags=points:1,hint:7
@test "it fails if it cannot do what it should, and has no memory error" {
  printf 'zero\n%5000s\nnever put\n' '' >long
  go put /r <long
  expect_failure
  expect_err
  go put /r <<<$'one\ntwo'
  expect_status 0
  STDOUT=/dev/full go take /r
  expect_failure
  expect_err
  without_memory /r go take /r
  expect_failure
  expect_err
  in_valgrind go take /r
  expect_no_memory_error
  [[ $(<main.out) == *two && $(<main.out) != *never* ]] ||
    happens 'it prints what is left, up to: two' "it prints: $(<main.out)"
}
