#!/bin/bash
# SPDX-License-Identifier: MIT
#
# two_hosts.sh - the robust TCP pair on two hosts, each a network namespace
#
# Shows:  TCP reaches another machine; loopback is each machine's own
# Build:  make 06-sockets
# Run:    ./two_hosts.sh [FILE]
# Prints: what both hosts print, and the checksum of FILE at both
# Exit:   0 carried; 1 a command failed; 2 usage; 77 this machine forbids it
# See:    network_namespaces(7), veth(4), unshare(1), ip(8);
#         ../robust/tcp_consumer.c
set -euo pipefail
export LC_ALL=C # the messages of unshare(1) are read below
here=$(cd "$(dirname "$0")/.." && pwd)
export PATH=${BUILD:-$here/../build}/06-sockets/robust:$here/robust:$PATH

forbidden() {
  echo "two_hosts.sh: $*" >&2
  exit 77
}
# remedy MESSAGE: what helps if unshare(1) failed with MESSAGE
remedy() {
  if [[ $1 == *'No space left on device'* ]]; then
    echo 'as root: echo 15000 | tee /proc/sys/user/max_*_namespaces'
  else
    echo 'needs root, no chroot, in a container --privileged'
  fi
}

# Host b: a network namespace of its own, which ends with this process. First it
# prints the path of that namespace, with the outer pid, as /proc is that of the
# outer PID namespace. Then it reads a line: the cable is plugged in
host_b() {
  local outer_pid
  read -r outer_pid _ </proc/self/stat
  echo "/proc/$outer_pid/ns/net"
  read -r
  ip link set lo up
  ip address add 192.0.2.2/24 dev end-b
  ip link set dev end-b up
  local sum
  sum=$(tcp_consumer 192.0.2.2:5000 | cksum)
  echo "$sum"
}

# Host a: already in a namespace. A veth is a cable with an end in each
host_a() {
  ip link set lo up
  ip link add name end-a type veth peer name end-b ||
    forbidden 'no veth: the kernel module veth is missing, or not allowed'
  ip address add 192.0.2.1/24 dev end-a
  ip link set dev end-a up
  coproc B { exec unshare --net bash -c "set -euo pipefail
    $(declare -f host_b); host_b" 2>&1; }
  local b go line pid=$B_PID
  # Copies: bash closes its own as soon as host b has exited
  exec {b}<&"${B[0]}" {go}>&"${B[1]}"
  read -r line <&"$b"
  ip link set dev end-b netns "$line"
  echo >&"$go"
  read -r line <&"$b"
  echo "b: $line"
  # The same port of a's own loopback: no process listens there
  ! tcp_producer 127.0.0.1:5000 <"$1" 2>&1 | sed 's/^/a: /' || return 1
  tcp_producer 192.0.2.2:5000 <"$1" 2>&1 | sed 's/^/a: /'
  sed 's/^/b: /' <&"$b"
  wait "$pid"
  echo "a: $(cksum <"$1")"
}

if [ $# -gt 1 ] || [[ ${1-} == -* ]]; then
  echo 'usage: two_hosts.sh [FILE]' >&2
  exit 2
fi
file=${1-$here/README.md}
[ -r "$file" ] || { echo "two_hosts.sh: $file: cannot be read" >&2 && exit 1; }
command -v ip >/dev/null || forbidden 'ip is missing: install iproute2'
command -v tcp_producer >/dev/null ||
  { echo 'two_hosts.sh: no tcp_producer: make 06-sockets' >&2 && exit 1; }

# Root may create namespaces. Other users are root in a user namespace. A PID
# namespace is destroyed with its first process, and that one with unshare
isolate=(unshare --net --pid --fork --kill-child)
"${isolate[@]}" ip link set lo up 2>/dev/null ||
  isolate=(unshare --user --map-root-user "${isolate[@]:1}")
said=$("${isolate[@]}" ip link set lo up 2>&1) ||
  forbidden "$said: $(remedy "$said")"

"${isolate[@]}" bash -c "set -euo pipefail
  $(declare -f forbidden host_a host_b); host_a \"\$1\"" bash "$file" &
for signal in HUP INT QUIT PIPE ALRM TERM USR1 USR2; do
  # shellcheck disable=SC2064 # with the signal and the pid as they are now
  trap "kill -KILL $!; trap - $signal; kill -$signal $$" $signal
done
wait $!
