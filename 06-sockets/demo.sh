#!/bin/sh
# demo.sh [FILE] - chapter 06 as one would type it: sockets carry FILE
# shellcheck disable=SC2016 # run and start expand $file and $port
. "$(dirname "$0")/../tests/lib/demo.sh"

say 'A Unix socket needs a listener: the consumer makes it'
run 'unix_stream_producer ./sock <$file || echo status $?'
start 'unix_stream_consumer ./sock >copy'
run 'ls -l sock | cut -c 1-10'
run 'unix_stream_producer ./sock <$file'
finish
same unix_stream
run 'ls sock 2>/dev/null || echo no socket left'

say 'Packets: one send is one message, and an empty one is the end'
start 'unix_seqpacket_consumer ./sock >copy'
run 'unix_seqpacket_producer ./sock <$file'
finish
same unix_seqpacket

say 'TCP: of port 0 the kernel makes a free one, and the consumer says which'
start 'tcp_consumer 127.0.0.1:0 >copy'
port=${line##*:}
run 'tcp_producer 127.0.0.1:$port <$file'
finish
same tcp

say 'A lesson: two directions in one pair, and only one of them ended'
run 'unix_socketpair "so it is" | grep EOF'

say 'A lesson: an open file travels, unwanted ones are closed'
run 'unix_pass_fd'
run 'unix_extra_fds'

say 'A lesson: 499 idle clients, and one that is served; then SIGTERM'
start 'echo_server ./sock'
run 'echo_client 500 ./sock <$file >copy'
run 'cmp $file copy && echo identical'
run 'kill $peer'
finish
