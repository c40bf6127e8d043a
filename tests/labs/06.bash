# shellcheck shell=bash
# 06.bash - what the tests of chapter 06 share: to run a server beside its
# clients, to wait for what they print, and to stop it

# late CALLS COMMAND...: each of these system calls starts half a second late
late() {
  local WRAP WITH=", where each call of $1 is delayed"
  needs_strace
  WRAP=(strace -f -qq -o /dev/null -e "inject=$1:delay_enter=500000")
  shift
  "$@"
}
is_running() { # NAME
  kill -0 "${pid[$1]}" 2>/dev/null
}
# expect_line NAME PATTERN: it prints such a line, while it runs on. $line is it
expect_line() {
  ended=$1
  within_patience has_line "$1" "$2" || line=''
  [ -n "$line" ] ||
    happens "it prints: $2" \
      "$(has_ended_or_runs "$1"), and has printed: $(tail -n 3 "$1.out")$(said)"
}
has_line() { # or has ended without it
  local has_ended=no
  is_running "$1" || has_ended=yes
  while IFS= read -r line; do
    # shellcheck disable=SC2053 # a pattern
    [[ $line != $2 ]] || return 0
  done <"$1.out"
  line=''
  [ $has_ended = yes ]
}
has_ended_or_runs() {
  if is_running "$1"; then
    echo "it runs on: $(waits "$(program "$1")")"
  else
    echo 'it has ended'
  fi
}
# stop NAME: ends a server, and what it has started, which may have been adopted
# by process 1. Of several that run side by side, each stops its own
stop() {
  killed "$1"
  [ "$COPY" = 0 ] || return 0
  stop_all
}
stop_all() {
  within_patience nothing_runs
}
nothing_runs() {
  local left id _
  left=$(processes)
  [ -n "$left" ] || return 0
  while read -r id _; do kill -KILL "$id" 2>/dev/null || true; done <<<"$left"
  return 1
}

# Programs whose standard input is typed by the test. typed NAME ARGUMENT...:
# starts it; type NAME LINE...; hang_up NAME: its input ends
typed() {
  local fd name=$1
  shift
  mkfifo ".typed.$name"
  exec {fd}<>".typed.$name"
  rm ".typed.$name"
  keyboard[$name]=$fd
  begin "$name" "$@" </dev/fd/"$fd"
}
declare -gA keyboard
type() {
  local fd=${keyboard[$1]}
  shift
  printf '%s\n' "$@" >&"$fd"
}
hang_up() {
  local fd=${keyboard[$1]}
  exec {fd}>&-
}

# Over TCP. connect: a connection to $port, as descriptor $to
connect() {
  ended=server
  { exec {to}<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null ||
    happens 'the server accepts a connection' \
      "no connection; the server: $(has_ended_or_runs server)$(said)"
}
# send_bytes FD BYTES: as printf writes them
send_bytes() {
  ended=server
  (trap '' PIPE && printf '%b' "$2" >&"$1") 2>/dev/null ||
    happens 'the server keeps the connection' \
      "it has closed it; the server: $(has_ended_or_runs server)$(said)"
}
# expect_bytes FD BYTES: the next ones that arrive, as printf writes them
expect_bytes() {
  local want got
  want=$(printf '%b' "$2" | hex)
  got=$(timeout "$PATIENCE" head -c $((${#want} / 3)) <&"$1" 3>&- | hex)
  ended=server
  [ "$got" = "$want" ] ||
    happens "these bytes arrive:$want" "these bytes arrive:${got:- none}
the server: $(has_ended_or_runs server)"
}
hex() { od -An -v -tx1 | tr -d '\n'; }
# expect_closed FD: the connection ends without a byte
expect_closed() {
  local got status=0
  ended=server
  got=$(timeout "$PATIENCE" cat <&"$1" 2>/dev/null 3>&- | hex
    exit "${PIPESTATUS[0]}") || status=$?
  [ $status != 124 ] || happens 'the server closes the connection' \
    "after $PATIENCE seconds it is open"
  [ -z "$got" ] || happens 'no answer' "these bytes arrive:$got"
}
# taken: the server has read all that was sent to $port, or does not want to
taken() {
  local i
  for ((i = 0; i < 10; i++)); do
    [ -n "$(unread)" ] || return 0
    a_moment
  done
}
# stuck: it reads no more, since it cannot send
stuck() {
  local before
  before=$(unread)
  [[ -n $before && $before != *00000000:* ]] || return 1
  a_moment 0.1
  [ "$(unread)" = "$before" ]
}
unread() { # bytes at the server's ends, as NOT-SENT:NOT-READ
  local at
  printf -v at ':%04X' "$port"
  # 01 is a connection
  grep -ohE "^ *[0-9]+: [0-9A-F]+$at [0-9A-F:]+ 01 [0-9A-F:]+" \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null | sed 's/.* //; /:00000000$/d'
}
