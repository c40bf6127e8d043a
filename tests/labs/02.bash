# shellcheck shell=bash
# 02.bash - what the tests of chapter 02 share, beside lab.bash

# put FIFO: standard input goes to it. Not by >FIFO: a shell's open has O_CREAT,
# which fs.protected_fifos refuses for another user's FIFO
put() {
  timeout "$PATIENCE" dd of="$1" bs=4096 conv=notrunc,nocreat status=none ||
    happens 'it reads the FIFO' "nothing reads $1$(said)"
}
# expect_fifo NAME FIFO: NAME makes the FIFO
expect_fifo() {
  in_time "$1" [ -p "$2" ] ||
    happens "it makes the FIFO $2" "there is no FIFO $2$(said)"
}
# keep_open NAME FIFO: open it to write, as soon as NAME reads it. What is
# written to descriptor $kept goes to it, until let_go
keep_open() {
  expect_fifo "$1" "$2"
  exec {kept}> >(exec dd of="$2" bs=4096 conv=notrunc,nocreat status=none)
  keeper=$!
  within_patience is_open "$2" || {
    kill "$keeper"
    happens "it opens the FIFO $2 to read" "it does not open it$(said)"
  }
}
is_open() { [[ $(readlink "/proc/$keeper/fd/1") == */"$1" ]]; }
let_go() {
  exec {kept}>&-
  wait "$keeper" 2>/dev/null || true
}
expect_gone() { # FIFO...
  local file
  for file; do
    [ ! -e "$file" ] || happens "$file is removed" "$file is left"
  done
}
# expect_written NAME TEXT: NAME writes it to its standard output, and runs on
expect_written() {
  in_time "$1" has_written "$1.out" "$2" || expect_out "$2"
}
