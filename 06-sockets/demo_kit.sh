# shellcheck shell=sh disable=SC2016
# demo_kit.sh - how demo.sh shows commands and their output. The same file is in
# every chapter, so that a chapter can be copied alone. demo.sh loads it by
# `. "$(dirname "$0")/demo_kit.sh"`, and then calls:
#
# say TEXT             a remark
# run CMD              print CMD and run it; if it fails, the demo does
# start CMD            the same in the background, until finish or killed
# start_listener CMD   start, and wait for the line that says it is ready
# finish, killed       wait for the command of start; killed kills it first
# same PAIR            compare copy with $file, and note it for `make demo`
# cannot PAIR WHY      note that this machine forbids it, and go on
#
# In CMD, $file is the file to carry: the demo's operand, or the README.md.
set -u
here=$(cd "$(dirname "$0")" && pwd)
chapter=${here##*/}
input=${1:-$here/README.md}
case $input in /*) ;; *) input=$PWD/$input ;; esac
if [ $# -gt 1 ] || ! [ -f "$input" ] || ! [ -r "$input" ]; then
  echo "$0: usage: demo.sh [FILE]: $input is not a file that can be read" >&2
  exit 2
fi
# BUILD names a folder of programs that are built already
if [ -n "${BUILD:-}" ]; then
  bin=$(cd "$BUILD/$chapter" && pwd) || exit 1
else
  make -s -C "$here" >&2 || exit 1
  bin=$here
fi
peer='' began=0 ended=0 tmp=$(mktemp -d) || exit 1
clean_up() {
  [ -z "$peer" ] || kill "$peer" 2>/dev/null
  rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# The commands find here what they would find in the chapter's folder
cd "$tmp" || exit 1
for name in "$bin"/*; do
  [ ! -x "$name" ] || ln -s "$name" . || exit 1
done
file=$(printf '%s\n' "${input##*/}" | tr -c 'A-Za-z0-9._\n-' _ | sed 's/^-/_/')
while [ -e "$file" ]; do file=_$file; done
ln -s "$input" "$file" || exit 1
exec 2>&1 # one stream, in the order of events

say() { printf '# %s\n' "$1"; }
show() {
  printf '$ %s\n' "$(printf %s "$1" | sed "s|\\\$file|$file|g")"
  began=$(date +%s%N)
}
failed() {
  printf '%s: FAILED: %s\n' "$chapter/demo.sh" "$1"
  exit 1
}
run() {
  show "$1"
  eval "$1" >shown 2>&1 || {
    status=$?
    cat shown
    [ $status = 77 ] || failed "$1"
    : >shown
    printf 'Not on this machine: %s, for the reason above\n' "$1"
  }
  ended=$(date +%s%N)
  tee -a log <shown
}
start() {
  show "$1 &"
  rm -f said
  mkfifo said || failed mkfifo
  eval "exec $1" 2>said 3<&- &
  peer=$!
  exec 3<said
}
start_listener() {
  start "$1"
  IFS= read -r line <&3 && printf '%s\n' "$line"
}
finish() {
  second=$began
  show wait
  wait "$peer" || failed 'the command in the background'
  began=$second ended=$(date +%s%N) peer=''
  tee -a log <&3
  exec 3<&-
}
killed() {
  show 'kill -KILL $!'
  kill -KILL "$peer"
  wait "$peer" 2>/dev/null
  peer=''
  exec 3<&-
}
row() { [ -z "${DEMO_TABLE:-}" ] || printf '%s\n' "$*" >>"$DEMO_TABLE"; }
same() {
  tenths=$(((ended - began) / 100000)) # of a millisecond
  run 'cmp $file copy && echo identical'
  # The last line such as "fifo_consumer: bytes received: 12", as "12 bytes"
  moved=$(sed -n 's/^[a-z_]*: \([a-z]*\) [a-z]*: \([0-9]*\)$/\2 \1/p' log |
    tail -n 1)
  row "$1 identical $moved $((tenths / 10)).$((tenths % 10))"
}
cannot() {
  printf 'Not on this machine: %s\n' "$2"
  row "$1 forbidden $2"
}
