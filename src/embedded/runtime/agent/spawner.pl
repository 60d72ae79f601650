#!/usr/bin/perl
# Starts programs for the node agent. A fork of this small process takes a fraction of a fork of Node, and the agent's
# one thread does not stand still until the new program runs.
#
# Standard input has requests, standard output what came of them; both in frames: 4 bytes of length, big-endian, then
# fields that end with NUL.
#   request:  ID NETNS CWD STDIO ARGC ARG... and the rest is standard input
#             STDIO is `capture`, or three file descriptors of the agent with commas, an empty one for /dev/null; one
#             of output with a `+` is opened for reading, too
#   answers:  started ID PID      once the program runs in place of the fork
#             failed ID WHY       it could not be started
#             ended ID STATUS LENGTH and as many bytes of standard output, then standard error; STATUS as wait(2) says
# It ends when its standard input does.
use strict;
use warnings;
use Fcntl;
use POSIX ();

my $agent = getppid;
my $newNetwork = 0x40000000;
my %setnsNumbers = (x86_64 => 308, aarch64 => 268);
my $setns = $setnsNumbers{(POSIX::uname())[4]};
my $pipeCapacity = 65536;

my (%jobs, %byPid, %streams);
my $pending = '';
pipe my $childEnded, my $noteChild or die "pipe: $!\n";
fcntl $noteChild, F_SETFL, O_NONBLOCK;
$SIG{CHLD} = sub { syswrite $noteChild, '.' };
$SIG{PIPE} = 'IGNORE';
binmode $_ for *STDIN, *STDOUT;

while (1) {
    my $wanted = '';
    vec($wanted, fileno($_), 1) = 1 for \*STDIN, $childEnded, map { $_->{handle} } values %streams;
    my $count = select $wanted, undef, undef, undef;
    next if $count < 0;
    if (vec $wanted, fileno(STDIN), 1) { takeRequests() }
    if (vec $wanted, fileno($childEnded), 1) { sysread $childEnded, my $notes, 4096 }
    reap();
    for my $number (keys %streams) {
        readStream($number) if vec $wanted, $number, 1;
    }
}

sub takeRequests {
    my $read = sysread STDIN, $pending, 1 << 20, length $pending;
    exit 0 if !$read && !$!{EINTR};
    while (length $pending >= 4) {
        my $length = unpack 'N', $pending;
        last if length $pending < 4 + $length;
        my $request = substr $pending, 4, $length;
        substr $pending, 0, 4 + $length, '';
        start($request);
    }
}

sub start {
    my ($id, $netns, $cwd, $stdio, $argc, $rest) = split /\0/, $_[0], 6;
    my @words = split /\0/, $rest, $argc + 1;
    my $input = pop @words;
    my $job = {id => $id, out => '', err => '', open => 0};
    my ($stdin, @outputs);
    if ($stdio eq 'capture') {
        $stdin = inputFrom($input);
        for my $name ('out', 'err') {
            pipe my $read, my $write or return answer('failed', $id, "pipe: $!");
            watch($job, $name, $read);
            push @outputs, $write;
        }
    }
    pipe my $executed, my $failure or return answer('failed', $id, "pipe: $!");
    my $pid = fork;
    return answer('failed', $id, "fork: $!") unless defined $pid;
    if ($pid == 0) {
        $SIG{CHLD} = $SIG{PIPE} = 'DEFAULT';
        eval {
            ($stdin, @outputs) = agentFiles($stdio) if $stdio ne 'capture';
            POSIX::dup2(fileno($stdin), 0);
            POSIX::dup2(fileno($outputs[$_]), $_ + 1) for 0, 1;
            enterNetwork($netns, \@words) if length $netns;
            if (length $cwd) { chdir $cwd or die "cannot enter $cwd: $!\n" }
            no warnings 'exec';
            exec { $words[0] } @words;
            die "cannot start $words[0]: $!\n";
        };
        syswrite $failure, $@;
        POSIX::_exit(127);
    }
    $job->{pid} = $pid;
    $jobs{$id} = $byPid{$pid} = $job;
    close $failure;
    watch($job, 'why', $executed);
}

# What fits into a pipe is written before anybody reads it; more goes through a file that has no name.
sub inputFrom {
    my ($text) = @_;
    if ($text eq '') {
        open my $none, '<', '/dev/null' or die "/dev/null: $!\n";
        return $none;
    }
    if (length $text <= $pipeCapacity) {
        pipe my $read, my $write or die "pipe: $!\n";
        syswrite $write, $text;
        return $read;
    }
    open my $file, '+>', undef or die "temporary file: $!\n";
    syswrite $file, $text;
    sysseek $file, 0, 0;
    return $file;
}

sub agentFiles {
    my @numbers = split /,/, $_[0], 3;
    return map {
        my ($number, $both) = $numbers[$_] =~ /^(\d*)(\+?)$/;
        my $path = length $number ? "/proc/$agent/fd/$number" : '/dev/null';
        open my $file, ($_ == 0 ? '<' : $both ? '+<' : '>'), $path or die "$path: $!\n";
        $file;
    } 0 .. 2;
}

sub enterNetwork {
    my ($path, $words) = @_;
    if (!defined $setns) {
        unshift @$words, 'nsenter', "--net=$path", '--';
        return;
    }
    open my $file, '<', $path or die "$path: $!\n";
    syscall($setns, fileno($file), $newNetwork) == 0 or die "cannot enter $path: $!\n";
}

sub watch {
    my ($job, $name, $handle) = @_;
    $job->{open} += 1;
    $streams{fileno $handle} = {job => $job, name => $name, handle => $handle};
}

sub readStream {
    my ($number) = @_;
    my $stream = $streams{$number} or return;
    my ($job, $name) = @$stream{'job', 'name'};
    my $read = sysread $stream->{handle}, my $text, 1 << 16;
    return if !defined $read && $!{EINTR};
    if ($read) {
        $job->{$name} .= $text;
        return;
    }
    delete $streams{$number};
    close $stream->{handle};
    $job->{open} -= 1;
    if ($name eq 'why') {
        if (defined $job->{why}) { answer('failed', $job->{id}, $job->{why}) }
        else { answer('started', $job->{id}, $job->{pid}) }
    }
    conclude($job);
}

sub reap {
    while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        my $job = delete $byPid{$pid} or next;
        $job->{status} = $?;
        conclude($job);
    }
}

sub conclude {
    my ($job) = @_;
    return if $job->{open} > 0 || !defined $job->{status} || !delete $jobs{$job->{id}};
    return if defined $job->{why};
    answer('ended', $job->{id}, $job->{status}, length $job->{out}, $job->{out} . $job->{err});
}

sub answer {
    my $payload = join "\0", @_;
    my $frame = pack('N', length $payload) . $payload;
    while (length $frame) {
        my $written = syswrite STDOUT, $frame;
        next if !defined $written && $!{EINTR};
        exit 1 unless $written;
        substr $frame, 0, $written, '';
    }
}
