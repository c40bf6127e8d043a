#!/bin/sh
# demo.sh [FILE] - run chapter 06: sockets carry FILE
# shellcheck disable=SC2016 # run and start expand $file and $!
. "$(dirname "$0")/demo_kit.sh"

say 'A Unix socket needs a listener: start the consumer first'
run './unix_stream_producer ./sock <$file || echo status $?'
start_listener './unix_stream_consumer ./sock >copy'
run 'ls -F sock'
run './unix_stream_producer ./sock <$file'
finish
same unix_stream
run 'ls sock 2>/dev/null || echo no socket left'

say 'Packets: one send is one message'
start_listener './unix_seqpacket_consumer ./sock >copy'
run './unix_seqpacket_producer ./sock <$file'
finish
same unix_seqpacket

say 'TCP: for port 0 the kernel chooses a free one'
start_listener './tcp_consumer 127.0.0.1 0 >copy'
run "./tcp_producer 127.0.0.1 ${line##* } <\$file"
finish
same tcp

say 'A consumer that is killed while it waits leaves its socket file'
start_listener './unix_stream_consumer ./sock >copy'
killed
run './unix_stream_producer ./sock <$file || echo status $?'
run 'rm sock'

say 'A lesson: two directions in one pair, and only one of them ended'
run 'lessons/unix_socketpair'

say 'A lesson: a stream keeps no boundaries, a length restores them'
run 'lessons/stream_record'
run 'lessons/stream_record_fixed'

say 'A lesson: an open file travels'
run 'lessons/unix_pass_fd'

say 'A lesson: 499 idle clients, and one that is served; then SIGTERM'
start_listener 'lessons/echo_server ./sock'
run 'lessons/echo_client 500 ./sock <$file >copy'
run 'cmp $file copy && echo identical'
run 'kill $!'
finish
