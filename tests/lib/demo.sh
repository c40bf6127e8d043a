# shellcheck shell=sh
# demo.sh - how a chapter's demo.sh shows commands and their output; each
# begins with `. "$(dirname "$0")/../tests/lib/demo.sh"` and then:
#
#   say TEXT      a remark
#   run CMD       print CMD, run it; the demo fails if it does
#   start CMD     the same in the background; go on when it says its first line
#   finish        wait for what start started; print what else it said
#   same PAIR     compare copy with the file; note it for demo-all, with the
#                 time from the start of the last command to the end of both
#   cannot PAIR WHY   this machine forbids it: say so with the remedy, go on
#
# In CMD, $file is the file to carry: the demo's operand, or its README.md.

set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
chapter=$(basename "$here")
case ${1:-$here/README.md} in
/*) input=${1:-$here/README.md} ;;
*) input=$PWD/$1 ;;
esac
[ $# -le 1 ] || { echo "usage: $0 [FILE]" >&2; exit 2; }
if ! [ -f "$input" ] || ! [ -r "$input" ]; then
  echo "$0: $input is not a file that can be read" >&2
  exit 2
fi
# BUILD names another folder of programs, built already
[ -n "${BUILD:-}" ] || make -s -C "$root" "$chapter" >&2 || exit 1

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$(printf '\033[1m') dim=$(printf '\033[36m') plain=$(printf '\033[0m')
fi
peer=''
bin=${BUILD:-$root/build}/$chapter
PATH=$bin:$bin/robust:$bin/lessons:$bin/tools:$PATH
tmp=$(mktemp -d) || exit 1
clean_up() {
  status=$?
  [ -z "$peer" ] || kill "$peer" 2>/dev/null
  rm -rf "$tmp"
  exit $status
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$tmp" || exit 1
file=$(printf '%s\n' "${input##*/}" | tr -c 'A-Za-z0-9._\n-' _ | sed 's/^-/_/')
ln -s "$input" "$file" || exit 1
exec 2>&1 # one stream, in the order in which things happen

say() {
  printf '%s# %s%s\n' "$dim" "$1" "$plain"
}

show() {
  printf '%s$ %s%s\n' "$bold" "$(printf %s "$1" | sed "s|\\\$file|$file|g")" \
    "$plain"
  began=$(date +%s%N)
}

failed() {
  printf '%s: FAILED: %s\n' "$chapter/demo.sh" "$1"
  exit 1
}

run() {
  show "$1"
  eval "$1" || {
    [ $? = 77 ] || failed "$1"
    printf 'Not on this machine: %s, for the reason above\n' "$1"
  }
  ended=$(date +%s%N)
}

start() {
  show "$1 &"
  rm -f said
  mkfifo said || failed mkfifo
  # Its standard error comes through a FIFO: no waiting by sleeping
  eval "exec $1" 2>said 3<&- &
  peer=$!
  exec 3<said
  IFS= read -r line <&3 && printf '%s\n' "$line"
}

finish() {
  second=$began
  show wait
  wait "$peer" || { cat <&3; failed "the command in the background"; }
  began=$second ended=$(date +%s%N)
  peer=''
  cat <&3 >last_words
  cat last_words
  exec 3<&-
}

row() {
  [ -z "${DEMO_TABLE:-}" ] || printf '%s\n' "$*" >>"$DEMO_TABLE"
}

same() {
  tenths=$(((ended - began) / 100000)) # of a millisecond
  run 'cmp $file copy && echo identical'
  counts=$(sed -n 's/.*: received \([0-9]*\) bytes* in \([0-9]*\) .*/\1 \2/p' \
    last_words)
  row "$1 identical $counts $((tenths / 10)).$((tenths % 10))"
}

cannot() {
  printf 'Not on this machine: %s\n' "$2"
  row "$1 forbidden $2"
}
