# shellcheck shell=bash
# 03.bash - what the tests of several tasks of 03-msgqueues/lab share

# shows NAME TEXT: it prints TEXT, while it runs on
shows() {
  in_time "$1" has_written "$1.out" "$2" || happens "it prints at once: $2" \
    "standard output: $(grep . "$1.out" || echo nothing)$(said)"
}
