# shellcheck shell=sh
# demo.sh - how a chapter's demo.sh shows commands and their output; each
# begins with `. "$(dirname "$0")/../tests/demo.sh"` and then:
#
#   say TEXT      a remark
#   run CMD       print CMD, run it; the demo fails if it does
#   start CMD     the same in the background; go on when it says its first line
#   finish        wait for what start started; print what else it said
#   same PAIR     compare copy with the file; a row of the table for PAIR
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
[ -r "$input" ] || { echo "$0: cannot read $input" >&2; exit 1; }
[ $# -le 1 ] || { echo "usage: $0 [FILE]" >&2; exit 2; }
# BUILD names another folder of programs, built already
[ -n "${BUILD:-}" ] || make -s -C "$root" "$chapter" >&2 || exit 1

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$(printf '\033[1m') dim=$(printf '\033[36m') plain=$(printf '\033[0m')
fi
peer=''
PATH=${BUILD:-$root/build}/$chapter:$PATH
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
file=$(basename "$input" | tr -c 'A-Za-z0-9._\n-' _)
ln -s "$input" "$file" || exit 1
exec 2>&1 # one stream, in the order in which things happen

say() {
  printf '%s# %s%s\n' "$dim" "$1" "$plain"
}

show() {
  printf '%s$ %s%s\n' "$bold" "$(printf %s "$1" | sed "s|\\\$file|$file|g")" \
    "$plain"
}

failed() {
  printf '%s: FAILED: %s\n' "$chapter/demo.sh" "$1"
  exit 1
}

run() {
  show "$1"
  eval "$1" || failed "$1"
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
  show wait
  wait "$peer" || { cat <&3; failed "the command in the background"; }
  peer=''
  cat <&3 >last_words
  cat last_words
  exec 3<&-
}

row() {
  [ -z "${DEMO_TABLE:-}" ] || printf '%s\n' "$*" >>"$DEMO_TABLE"
}

same() {
  run 'cmp $file copy && echo identical'
  counts=$(sed -n 's/.*: received \([0-9]*\) bytes* in \([0-9]*\) .*/\1 \2/p' \
    last_words)
  row "$chapter $1 $counts identical"
}

cannot() {
  printf 'Not on this machine: %s\n' "$2"
  row "$chapter $1 - - forbidden: $2"
}
