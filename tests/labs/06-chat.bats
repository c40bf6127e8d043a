# 06-chat.bats - task chat of 06-sockets/lab: each line reaches all others
load lab
load 06

serve() {
  begin server serve sock
  expect_line server ready
}
join() { # NAME...
  local name
  for name; do
    typed "$name" join sock "$name"
    expect_line "$name" joined
  done
}
leave() { # NAME...: it ends well
  local name
  for name; do
    hang_up "$name"
    end "$name"
    expect_status 0
  done
}
over() { # the server ends, and all who are left
  stop server
  rm -f sock
}
# expect_lines NAME LINE...: all that it prints, after "joined"
expect_lines() {
  ended=$1
  within_patience has_printed "$1.out" joined "${@:2}" ||
    happens "it prints: $(printf '%.60s\n' joined "${@:2}")" \
      "it has printed: $(cut -c 1-60 "$1.out")
$(has_ended_or_runs "$1")$(said)"
}
has_printed() { # FILE LINE...
  local lines
  mapfile -t lines <"$1"
  shift
  [ "${#lines[@]} ${lines[*]}" = "$# $*" ]
}
has_lines() { # NAME COUNT
  local lines
  mapfile -t lines <"$1.out"
  [ ${#lines[@]} -ge "$2" ]
}

# bats test_tags=points:1,hint:1
@test "a line reaches each other member, with the name of its sender" {
  serve
  join ann bob eve
  type ann 'hello, all'
  expect_lines bob 'ann: hello, all'
  expect_lines eve 'ann: hello, all'
  type bob hello
  expect_lines ann 'bob: hello'
  expect_lines eve 'ann: hello, all' 'bob: hello'
  leave ann
  type eve bye
  expect_lines bob 'ann: hello, all' 'eve: bye'
  leave bob eve
  over
}
# bats test_tags=points:2,hint:2
@test "each line is one message, also if it is empty, long, or one of several" {
  local long
  long=$(head -c 1000 /dev/zero | tr '\0' x)
  serve
  join ann bob
  type bob ''
  expect_lines ann 'bob: '
  halt ann
  halt bob
  type bob a "$long" '' 'c d' e
  resume bob
  asleep_all bob
  resume ann
  expect_lines ann 'bob: ' 'bob: a' "bob: $long" 'bob: ' 'bob: c d' 'bob: e'
  printf 'last line' >input
  go join sock eve <input
  expect_out joined
  expect_status 0
  expect_lines ann 'bob: ' 'bob: a' "bob: $long" 'bob: ' 'bob: c d' 'bob: e' \
    'eve: last line'
  leave bob ann
  over
}
# bats test_tags=points:1,hint:3
@test "while nobody writes, all processes sleep" {
  serve
  join ann bob
  leave bob
  type ann hello
  asleep_all server
  asleep_all ann
  leave ann
  over
}
# bats test_tags=points:1,hint:4
@test "a member that has joined gets what others write from then on" {
  serve
  join ann
  halt server
  typed bob join sock bob
  within_patience waits_or_has_joined bob
  ended=bob
  ! grep -q joined bob.out ||
    happens 'it has not joined: the server is stopped' 'it prints: joined'
  resume server
  expect_line bob joined
  type ann hello
  expect_lines bob 'ann: hello'
  leave ann bob
  over
}
waits_or_has_joined() {
  [ ! -s "$1.out" ] || return 0
  local id before
  id=$(program "$1")
  [ "$(cat "/proc/$id/comm")" = "${PROGRAM##*/}" ] || return 1
  before=$(runs "$1")
  a_moment 0.1
  [ "$before" = "$(runs "$1")" ]
}
# bats test_tags=points:1,hint:5
@test "if a member is killed, the others go on" {
  serve
  join ann bob eve tim
  halt tim
  type bob one
  expect_lines eve 'bob: one'
  killed tim # with a message that it has not read
  type bob two
  expect_lines eve 'bob: one' 'bob: two'
  # The server may learn of the message before it learns of the deaths
  halt server
  killed ann
  killed eve
  type bob three
  asleep_all bob
  resume server
  join sue
  type sue four
  expect_lines bob 'sue: four'
  type bob five
  expect_lines sue 'bob: five'
  leave bob sue
  over
}
# bats test_tags=points:2,hint:6
@test "a member that reads nothing keeps no other one waiting" {
  local filler line n i lines batch
  filler=$(head -c 950 /dev/zero | tr '\0' x)
  serve
  join ann bob slow
  halt slow
  ended=bob
  for ((n = 0; n < 320; n += 8)); do
    batch=()
    for ((i = 1; i <= 8; i++)); do batch+=("$((n + i)) $filler"); done
    type ann "${batch[@]}"
    within_patience has_lines bob $((n + 9)) ||
      happens "message $((n + 1)) and the 7 after it arrive" \
        "of these, $(($(wc -l <bob.out) - n - 1)) have arrived
the server: $(has_ended_or_runs server)"
  done
  resume slow
  within_patience has_lines slow 9 || happens 'it has the first 8 messages' \
    "it has $(($(wc -l <slow.out) - 1))"
  asleep_all slow
  type bob over
  expect_line slow 'bob: over'
  # In order, each whole
  mapfile -t lines <slow.out
  n=0
  for line in "${lines[@]:1:${#lines[@]}-2}"; do
    i=${line#ann: } i=${i%% *}
    [[ ${#line} = $((${#i} + 956)) && $i -gt $n ]] &&
      ((n >= 8 || i == n + 1)) ||
      happens "after $n, another whole message" "it prints: ${line:0:60}..."
    n=$i
  done
  leave ann bob slow
  over
}
# bats test_tags=points:2,hint:7
@test "what a member has sent arrives, though it leaves with messages unread" {
  serve
  join ann bob
  type ann hello
  expect_lines bob 'ann: hello'
  halt bob
  type ann one two three four five six seven
  asleep_all ann
  asleep_all server
  halt server
  type bob first second third
  hang_up bob
  resume bob
  within_patience waits_or_has_ended bob
  resume server
  expect_lines ann 'bob: first' 'bob: second' 'bob: third'
  end bob
  expect_status 0
  leave ann
  over
}
waits_or_has_ended() {
  is_running "$1" || return 0
  local before
  before=$(runs "$1")
  a_moment 0.1
  [ "$before" = "$(runs "$1")" ]
}
# bats test_tags=points:1,hint:8
@test "when the server has ended, members fail, though more could be typed" {
  serve
  join ann bob
  type ann hello
  expect_lines bob 'ann: hello'
  killed server
  end ann
  expect_failure
  expect_err
  end bob
  expect_failure
  expect_err
  rm -f sock
}
# bats test_tags=points:1,hint:9
@test "it fails where there is no server, two of them, or it cannot print" {
  serve
  go serve sock
  expect_failure
  expect_err
  join ann
  STDOUT=/dev/full go join sock bob
  expect_failure
  expect_err
  go join nowhere bob
  expect_failure
  expect_err
  leave ann
  over
}
# bats test_tags=points:1,hint:10
@test "it does not matter which call is late, and there is no memory error" {
  converse() {
    plainly serve
    plainly join ann
    join bob
    type bob one
    expect_lines ann 'bob: one'
    type ann two
    expect_lines bob 'ann: two'
    type bob three
    hang_up bob
    end bob
    expect_no_memory_error
    expect_status 0
    expect_lines ann 'bob: one' 'bob: three'
    leave ann
    stop server
    rm -f sock
  }
  late listen serve
  join ann
  leave ann
  over
  each_call connect,sendto,sendmsg,write,shutdown,clone,clone3 converse
  in_valgrind converse
}
