# calls.pm - what system calls mean to a reader of IPC code: which matter, what
# they act on, which of their arguments count, and which call ends the sleep of
# which. timeline draws it. A record of a call comes from strace -yy, with pid,
# name, args, result, begin and end. Of a new call, add a rule to @rules.
package calls;
use strict;
use warnings;
no warnings 'portable'; # addresses have 64 bits
use Exporter qw(import);
use File::Basename qw(basename);
use List::Util qw(any first min);
our @EXPORT = qw(relate interpret may_sleep may_take waker signals maps_memory);

# What the loader and the C library do for themselves
my %noise = map { $_ => 1 } qw(??? access arch_prctl brk chdir clock_gettime
  exit exit_group fallocate fstat getcwd getdents getegid geteuid getgid getpid
  getppid getrandom getsockname gettid getuid ioctl lseek lstat madvise mprotect
  mq_getsetattr munmap newfstatat prctl prlimit readlink readlinkat rseq
  sched_yield set_robust_list set_thread_area set_tid_address shmdt sigreturn
  stat statx ugetrlimit umask uname);

# The names in the C library
my %shown = qw(clone fork vfork fork execve exec mknod mkfifo mknodat mkfifo
  openat open recvfrom recv sendto send sigqueueinfo sigqueue tgsigqueueinfo
  sigqueue sigtimedwait sigwaitinfo unlinkat unlink wait waitpid);

# What can end the sleep of what. Locks, epoll and children: see waker()
my $sends = qr/^writev?$|^send|send$|snd$/;
my $receives = qr/^readv?$|^recv|receive$|rcv$/;
my @wakers = (
  [ qr/^open$/,    qr/^open$/ ], # a FIFO
  [ qr/^accept$/,  qr/^connect$/ ],
  [ qr/^connect$/, qr/^accept$/ ],
  [ qr/^semop$/,   qr/^semop$/ ],
  [ qr/^futex_(?:wait|lock)/, qr/^futex_(?!wait|lock)/ ],
  [ qr/^sig(?:wait|suspend)|^pause$|sleep$/,
    qr/kill$|^sigqueue$|^pidfd_send_signal$/ ],
  [ qr/^(?:splice|tee)$/,     qr/$sends|$receives|^(?:splice|tee)$/ ],
  [ qr/^p?poll$|$receives/,   qr/$sends|^(?:connect|splice|tee)$/ ],
  [ $sends,                   qr/$receives|^(?:splice|tee)$/ ],
  [ qr/^fcntl$|^flock$|^epoll_p?wait|^p?select|^wait/, qr/(?!)/ ]
);

# Who is who, by process id. A space is the process whose memory it shares
my (%title, %space, %parent, %born);
my (%used, %closed); # by process id: when it first used an object; its end
my %maps;  # by space: the shared mappings, the last one first
my (%pipes, %ends, %linked, %is_shown, %ids); # what names and numbers stand for

# --- Names

# Whose child a process is, and what it is called
sub relate {
  my @processes = @_; # in the order of time
  my %known = map { $_->{pid} => $_ } @processes;
  my $count = 0;
  for my $p (@processes) {
    my ($pid, $records) = @$p{qw(pid records)};
    my $exec = first { ($_->{name} // '') eq 'execve' && $_->{result} eq '0' }
      reverse @$records;
    $p->{title} = $1 =~ s/.*_(?=producer$|consumer$)//r
      if $exec && $exec->{args}[0] =~ m{([^"/]*)"$};
    $title{$pid} = $p->{title};
    $space{$pid} = $p->{is_thread} ? $space{ $parent{$pid} } : $pid;
    $records->[0]{is_first} = 1;
    for my $r (@$records) {
      $r->{space} = $space{$pid};
      my $child = $known{ $r->{result} // '' };
      next if !$child || $r->{name} !~ /^v?fork|^clone/;
      $parent{ $child->{pid} } = $pid;
      $born{ $child->{pid} } = $child->{born} = $r->{begin};
      $child->{is_thread} = "@{ $r->{args} }" =~ /CLONE_THREAD/;
      $child->{title} = $child->{is_thread} ? 'thread' : 'child ' . ++$count;
    }
  }
}

sub maps_memory { return any { @$_ } values %maps }

# A path, or a descriptor such as 3</dev/shm/mail>(deleted), by a short name
sub object {
  my ($arg) = @_;
  my ($fd, $what) = $arg =~ /^(-?\d+)<(.*)>(?:\(deleted\))?$/;
  $what //= $arg =~ /^"(.*)"$/ ? $1 : return $arg;
  return $pipes{$what} if $pipes{$what};
  return 'socket' if $what =~ /^(?:UNIX|TCP|UDP|socket)/;
  return (qw(stdin stdout stderr))[$fd] if defined $fd && $fd =~ /^[012]$/;
  return $1 if $what =~ /^anon_inode:\[?(\w+)/;
  $what = $linked{$what} // $what;
  return $what if $what =~ s{^/dev/shm/(?:sem\.)?}{/};
  return $what =~ m{^/(?:[^/]+$|dev/|proc/|sys/)} ? $what : basename($what);
}

# The address in a sockaddr, or of a socket that has no peer
sub address {
  my ($arg) = @_;
  return
      $arg =~ /(?:sun_path=|^\d+<U.*,)(@?)"(.*?)"/  ? $1 . basename($2)
    : $arg =~ /port=htons\((\d+)\).*"(.*?)"/        ? "$2 $1"
    : $arg =~ /^\d+<(?:TCP|UDP).*?:\[(.*):(\d+)\]>/ ? "$1 $2"
    :                                                 undef;
}

# What a call acts on, as keys that are equal for what is the same: the own end
# of a socket, then its peer's; or one key; or none
sub keys_of {
  my ($arg) = @_;
  return ("end $1", "end $2")
    if $arg =~ /^\d+<(?:UNIX|TCP|UDP)[^:]*:\[(.+?)->(.+?)(?:,".*)?\]>$/;
  return address($arg) // ($arg =~ /[<"]/ ? object($arg) : ());
}

# The shared mapping that an address lies in, or nothing
sub place {
  my ($space, $address) = @_;
  for (@{ $maps{$space} }) {
    my ($base, $size, $name) = @$_;
    my $offset = hex($address) - $base;
    next if $offset < 0 || $offset >= $size;
    return object(qq("$name")) . ($offset ? "+$offset" : '');
  }
  return '';
}

# Real-time signals as programs name them: SIGRTMIN of glibc is SIGRT_2
sub signals {
  my ($text) = @_;
  $text =~
    s/RT_(\d\d?)/$1 > 16 ? 'RTMAX-' . (32 - $1) : 'RTMIN+' . ($1 - 2)/ge;
  return $text =~ s/(RTM..)[-+]0\b/$1/gr;
}

# What a call sends or receives, if it is short; otherwise its length. Some
# calls are shown with all of a buffer, of which only the first part counts
sub data {
  my ($r, $buffer, $size) = @_;
  my $string = qr/"((?:[^"\\]|\\.)*)"/;
  my $is_plain = ($buffer // '') =~ /^(?:\{mtype=[^"]*)?$string/;
  my $text = $is_plain ? $1 : join '', ($buffer // '') =~ /iov_base=$string/g;
  my $is_given = $is_plain && $r->{shown} =~ /$sends|^pwrite/;
  my ($length) = ($is_given ? $size : $r->{result}) =~ /^(\d+)/ or return;
  return "$length bytes" if $length > 32;
  ($text) = $text =~ /^((?:\\[0-7]{1,3}|\\.|.){0,$length})/;
  return length $text > 12 ? "$length bytes" : qq("$text");
}

# --- Rules: how calls are shown

# The first pattern that matches a name counts. A rule gets the record and its
# arguments, and returns a list of those that matter, or nothing: then the call
# is left out. Where need be it changes the record: shown, result, and keys.
my @rules = (
  [ qr/^mq_(?:open|unlink)$/ => sub {
    my ($r, $name, $flags) = @_;
    $name =~ s{^"}{"/};
    $r->{keys} = [ object($name) ];
    $is_shown{ object($name) } = 1;
    return [ $name, $flags // () ];
  } ],
  [ qr/^mkfifo$/ => sub {
    my ($r, $path, $mode) = @_;
    $r->{shown} = 'mknod' if $mode !~ /S_IFIFO/;
    return [$path];
  } ],
  [ qr/^pipe$/ => sub {
    my ($r, $both) = @_;
    my ($pipe) = $both =~ /<(pipe:\[\d+\])>/ or return [];
    my $others = keys %pipes;
    $pipes{$pipe} //= 'pipe' . ($others ? $others + 1 : '');
    $r->{keys} = [ $pipes{$pipe} ];
    @ends{ $both =~ /(\d+<pipe:\[\d+\]>)/g } = qw(reader writer);
    return [];
  } ],
  [ qr/^(?:close|shutdown)$/ => sub {
    my ($r, $fd, @how) = @_;
    $r->{closes} = $ends{$fd} // '';
    $closed{ $r->{pid} }{"@{ $r->{keys} } $r->{closes}"} = $r->{begin};
    return if !$is_shown{ object($fd) } && $fd !~ /<(?:pipe|TCP|U|socket)/;
    return [ $fd, @how ];
  } ],
  [ qr/^p?(?:read|write)v?$|^send|^recv|^mq_(?:send|receive)$/ => sub {
    my ($r, $fd, $buffer, $size, @more) = @_;
    return if $fd =~ m{/shm/(?:sem\.\w{6}|tmp-\d+)>};
    $r->{data} = data($r, $buffer, $size);
    my $to = $r->{shown} =~ $sends && address("$buffer @more");
    $r->{keys} = [$to] if $to;
    return [$fd];
  } ],
  [ qr/^(?:msg|sem|shm)get$/ => sub {
    my ($r, $key, $size) = @_;
    my ($kind) = $r->{shown} =~ /^(...)/;
    my $what = { msg => 'queue', sem => 'set', shm => 'segment' }->{$kind};
    $ids{"$kind $r->{result}"} = [ "$what $key", $size ];
    return [ $key, $size ];
  } ],
  [ qr/^(?:msg|sem|shm)(?!_)/ => sub {
    my ($r, $id, @args) = @_;
    my ($kind, $call) = $r->{shown} =~ /^(...)(.*)/;
    my ($name, $size) = @{ $ids{"$kind $id"} // ["$kind $id"] };
    $r->{keys} = ["$kind $id"];
    if ($call eq 'at') {
      unshift @{ $maps{ $r->{space} } },
        [ hex $r->{result}, $size || 2**30, $name ];
      return [$name];
    } elsif ($call eq 'op') {
      $r->{keys} = [ map { "sem $id $_" } $args[0] =~ /sem_num=(\d+)/g ];
      $args[0] =~ s/\{sem_num=(\d+), sem_op=(-?\d+).*?\}/$1: $2/g;
    } elsif ($call ne 'ctl') {
      $r->{data} = data($r, @args);
      return [$name];
    }
    s/^IPC_64\|// for @args;
    return [ $name, @args[ 0 .. ($r->{shown} eq 'semctl') ] ];
  } ],
  [ qr/^mmap$/ => sub {
    my ($r, undef, $size, undef, $flags, $fd) = @_;
    return if $flags !~ /MAP_SHARED/;
    my $maps = $maps{ $r->{space} } //= [];
    my $others = grep { $_->[2] =~ /^memory/ } @$maps;
    my $path = $fd =~ /<(.*?)>/ ? $1 : 'memory' . ($others ? $others + 1 : '');
    unshift @$maps, [ hex $r->{result}, $size, $path ];
    return if $path =~ m{^/dev/shm/(?:sem\.|tmp-)};
    return [ qq("$path"), "$size bytes" ];
  } ],
  [ qr/^futex$/ => sub {
    my ($r, $address, $operation) = @_;
    my $place = place($r->{space}, $address);
    $r->{keys} = [ 'futex ' . ($place || "$r->{space} $address") ];
    $r->{shown} = lc $operation =~ s/_BITSET|_PRIVATE|\|.*//gr;
    return [ $place || 'futex' ];
  } ],
  [ qr/^open$/ => sub { # sem_open(3) makes a file, then links it
    my ($r, $path, $flags) = @_;
    $path = qq("$1") if $path =~ m{^"/proc/self/fd/}
      && $r->{result} =~ /^\d+<(.*?)>/;
    return if $path =~ m{^"/(?:usr|lib\w*|etc|proc|sys)/};
    $r->{keys} = [ object($path) ];
    return if $path =~ m{/shm/(?:sem\.|tmp-)}
      && "$flags $r->{result}" =~ /EXCL|ENOENT/;
    $is_shown{ object($path) } = 1 if $path !~ m{/shm/sem\.};
    return [ $path, $flags ];
  } ],
  [ qr/^link(?:at)?$/ => sub {
    my ($r, $old, $new) = @_;
    return [ $old, $new ] if $old !~ m{^"/dev/shm/(?:sem\.|tmp-)};
    $linked{ $old =~ s/"//gr } = $new =~ s/"//gr;
    $r->{shown} = 'sem_open';
    return [$new];
  } ],
  [ qr/^unlink$/ => sub {
    my ($r, $path) = @_;
    return $path =~ m{/shm/(?:sem\.\w{6}|tmp-\d+)"} ? undef : [$path];
  } ],
  [ qr/^fcntl$/ => sub {
    my ($r, $fd, $command, @value) = @_;
    return if $command !~ /SETLKW?$|PIPE_SZ|NOTIFY/;
    @value = "$1 $2" if "@value" =~ /l_type=F_(\w+).*start=(\d+)/;
    return [ $fd, $command, @value ];
  } ],
  [ qr/kill$|^sigqueue$|^pidfd_send_signal$/ => sub {
    my ($r, @args) = @_;
    shift @args if $r->{name} =~ /tg/; # the thread's id is the next one
    my ($pid) = $args[0] =~ /^(\d+)$|<pid:(\d+)>/ ? $1 // $2 : $args[0];
    $r->{keys} = [ 'signals of ' . ($space{$pid} // $pid) ];
    return [ $title{$pid} // $args[0], $args[1] ];
  } ],
  [ qr/^sig(?:wait|suspend)|^pause$|sleep$/ => sub {
    my ($r, @args) = @_;
    $r->{keys} = ["signals of $r->{space}"];
    return $r->{shown} =~ /^sig/ ? [ $args[0] ] : \@args;
  } ],
  [ qr/^sigprocmask$/ => sub {
    my ($r, @args) = @_;
    return "@args" =~ /BLOCK \[(?!RTMIN|\])/ ? [ @args[ 0, 1 ] ] : undef;
  } ],
  [ qr/^sigaction$/ => sub {
    my ($r, $signal, $action) = @_;
    return if $action !~ /handler=0x/ || $action =~ /NODEFER/;
    return $signal =~ /^SIGRTMIN\+-/ ? undef : [$signal];
  } ],
  [ qr/^wait(?:pid|id)$/ => sub {
    my ($r, $kind, @more) = @_;
    my $pid = $r->{shown} eq 'waitid' && $kind ne 'P_ALL' ? shift @more : $kind;
    my ($status) = @more;
    my ($child) = $status =~ /si_pid=(\d+)/ ? $1 : $r->{result};
    $child = $r->{outer}{$child} // $child;
    $r->{child} = $child if $status !~ /STOPPED|CONTINUED/;
    $r->{result} =
        $status =~ /(?:EXITSTATUS.*==|EXITED.*status=) ?(\d+)/ ? "exit $1"
      : $status =~ /(?:TERMSIG.*==|KILLED.*status=) ?(\w+)/    ? $1
      :                                        $title{$child} // $child;
    return [ $title{$pid} // ($pid =~ /^-1|P_ALL/ ? 'any child' : $pid) ];
  } ],
  [ qr/^(?:connect|bind|accept)$/ => sub {
    my ($r, $fd, $address) = @_;
    return [$fd] if $r->{shown} eq 'accept';
    $r->{keys} = [ address($address) // () ];
    return [ $fd, @{ $r->{keys} } ];
  } ],
  [ qr/^p?poll$/ => sub {
    my ($r, $set) = @_;
    my @fds = $set =~ /fd=(\d+<(?:->|[^<>]|<[^<>]*>)*>)/g;
    my %is_ready = map { $_ => 1 } $r->{result} =~ /fd=(\d+)/g;
    $r->{keys} = [ map { (keys_of($_))[0] } grep { $is_ready{s/<.*//r} } @fds ];
    $r->{result} =~ s/^\d+\K .*//;
    return \@fds;
  } ],
  [ qr/^fork$/ => sub {
    my ($r, @args) = @_;
    my $child = $r->{result};
    $maps{$child} //= [ @{ $maps{ $r->{space} } // [] } ];
    $used{$child}{"futex $r->{space} $1"} = $r->{begin} # its end wakes a futex
      if "@args" =~ /child_tid(?:ptr)?=(0x\w+)/;
    $r->{shown} = 'pthread_create' if "@args" =~ /CLONE_THREAD/;
    $r->{result} = $title{$child} // $child;
    return [];
  } ],
  [ qr/^exec$/ => sub {
    my ($r, $path) = @_;
    $maps{ $r->{space} } = [];
    return $r->{is_first} ? undef : [$path];
  } ]
);

# interpret RECORD: what is to be shown of a call, as text; begun: what of it is
# known while the call sleeps. No text, if the call does not matter here
sub interpret {
  my ($r) = @_;
  my $name = $r->{name} =~ s/^rt_|timed(?!wait)|_time64$//gr
    =~ s/(?<=[a-z])(?:64|[1-4])$//r;
  my @args = map { signals($_) =~ s{\|O_LARGEFILE}{}r } # of the C library
    grep { !/^AT_FDCWD/ } @{ $r->{args} };
  my $on = $args[0] // '';
  return if $noise{$name} || $on =~ m{^\d+</(?:usr|lib\w*|etc|proc|sys)/}
    || object($on) eq 'stderr';

  my $shown = $r->{shown} = $shown{$name} // $name;
  my ($own, $peer) = keys_of($on);
  my $is_to_peer = $peer && $shown =~ /$sends|^close|^shutdown/;
  $r->{keys} = [ $is_to_peer ? $peer : $own // () ];
  my $rule = first { $shown =~ $_->[0] } @rules;
  my $words = $rule ? $rule->[1]->($r, @args) : [ @args[ 0, 1 ] ];
  $used{ $r->{pid} }{$_} //= $r->{begin}
    for grep { defined } $own, $peer, @{ $r->{keys} };
  return if !$words;

  my $result = $r->{result} =~ s/^-1 (\w+).*/$1/r
    =~ s/^\? ERESTART.*/interrupted/r;
  $result = signals($1) if $result =~ /\((SIG\w+)\)/;
  $result = '' if $result =~ /^0x|^\d+<|^\?/
    || $r->{shown} =~ /get$|open$|^pipe|^exec/ && $result =~ /^\d/;
  my @words = map { object($_) } grep { defined } @$words;
  my @back = $r->{data} // ();
  push @words, splice @back if $shown =~ /$sends|^pwrite/;
  $r->{result} = $result;
  $r->{back} = "@back";
  $r->{begun} = "$r->{shown}(" . join(', ', @words) . ')';
  $r->{text} = "$r->{shown}(" . join(', ', @words, @back) . ')'
    . ($result eq '' ? '' : " = $result");
}

# --- What ended a wait, where the logs tell

sub may_sleep {
  my ($r) = @_;
  return 0 if !$r->{begun} || $r->{begun} =~ m{^\w+\(stdout|^open\((/|.*CREAT)};
  return any { $r->{shown} =~ $_->[0] } @wakers;
}

sub may_take { return $_[0]{shown} !~ $sends }

# At a time, a process had an object's end: it, or its parent before the fork
sub holds {
  my ($pid, $time, $key, $end) = @_;
  return 0 if any { ($closed{$pid}{"$key $_"} // $time) < $time } $end, '';
  return 1 if ($used{$pid}{$key} // $time) < $time;
  return $parent{$pid} && holds($parent{$pid}, $born{$pid}, $key, $end);
}

# What was received may be what was sent, or a part of it, or more
sub fits {
  my ($back, $sent) = map { /^"(.*)"$/ ? $1 : return 1 } @_;
  return $back eq $sent if $back eq '' || $sent eq '';
  return $back =~ /^\Q$sent/ || $sent =~ /^\Q$back/;
}

sub overlap {
  my ($a, $b) = @_;
  return $a->{begin} < ($b->{end} // $b->{begin})
    && $b->{begin} < ($a->{end} // $a->{begin});
}

# waker WAIT, COST, RECORD...: of these, of other processes, the call that gave
# to the same object. At an end of file, at an error and for a lock,
# the last close, unlock or exit. Nothing, if two calls may be it, or if it came
# long before: then the logs do not tell
sub waker {
  my ($wait, $cost, @others) = @_;
  my ($end, $shown, $result, $back) = @$wait{qw(end shown result back)};
  my ($slack, $took) = (100 * $cost, $end - $wait->{begin});
  my %key = map { $_ => 1, s/^sem \d+\K .*//r => 1 } @{ $wait->{keys} };
  my $is_signalled = any { /^signals/ } keys %key;
  return if $key{stdin};
  return if $result =~ /^(?:interrupted|EINTR|ETIMEDOUT|EAGAIN)/
    && !$is_signalled;

  return first { $_->{is_exit} && $_->{pid} eq $wait->{child} } @others
    if defined $wait->{child};
  my @calls = grep { $_->{shown} && $_->{result} !~ /^E/
    && $_->{begin} < $end + 3 * $cost # strace takes the two by two clocks
    && any { $key{$_} } @{ $_->{keys} } } @others;

  my ($wakers) = map { $_->[1] } first { $shown =~ $_->[0] } @wakers;
  my @found = grep { $_->{shown} =~ $wakers && fits($back, $_->{data} // '')
    && "$_->{shown} $_->{result}" ne 'futex_wake 0' } @calls;
  @found = grep { ($_->{end} // 0) > $end - $slack } @found if @found > 1;
  if ($shown =~ $sends) { # a process that waits makes no room
    return if $took < $slack && $result !~ /^E/;
    @found = grep { ($_->{end} // 9e9) - $_->{begin} < 10 * $cost } @found;
  }

  if ($shown =~ /^(?:fcntl|flock)$/ || $result =~ /^E/
    || !@found && ($shown =~ /^(?:futex|p?poll|semop)/
      || $back eq '""' && $shown =~ /^(?:read|recv)/)) {
    my ($this, $other) = qw(reader writer);
    ($this, $other) = ($other, $this) if $shown =~ $sends;
    my @ends = grep { ($_->{end} // 0) > $end - $slack
      && $_->{text} =~ /^(?:close|shutdown)|UNLCK|LOCK_UN|RMID/
      && ($_->{closes} // '') ne $this } @calls;
    my @exits = grep { my $exit = $_;
      $exit->{is_exit}
      && $exit->{begin} - ($exit->{end} ? 0 : $slack) < $end
      && ($shown =~ /^futex/ || $space{ $exit->{pid} } == $exit->{pid}
        && $exit->{pid} != $space{ $wait->{pid} }) # not its own process
      && any { holds($exit->{pid}, $end, $_, $other) } @{ $wait->{keys} }
    } @others;
    @found = sort { $b->{begin} <=> $a->{begin} } @ends, @exits;
  }
  my ($first, $second) = @found;
  return if !$first
    || $second && $second->{pid} != $first->{pid} && overlap($first, $second);
  return if ($first->{shown} // '') eq 'futex_wake'
    && $first->{woken}++ >= $first->{result};
  return $first;
}

1;
