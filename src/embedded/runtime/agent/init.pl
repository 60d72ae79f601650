#!/usr/bin/perl
# PID 1 of an embedded cluster's PID namespace: prepares private mounts, starts the node agent, and reaps every
# orphan. The init process of a container becomes a child of this one when runc has gone, so its exit status is
# known here alone: it is passed to the node agent as a line `PID STATUS` on file descriptor 3.
# A node agent that ends is started again, as systemd starts a kubelet, once all that it had started for itself is gone;
# containers live on. Before the nodes stand for the first time (BOOTED-FILE), where standard input has ended, and on
# SIGTERM this process ends instead, and the kernel ends whatever else lives in the namespace.
#
# usage: init.pl STATE-DIRECTORY BOOTED-FILE COMMAND...
use strict;
use warnings;
use Fcntl;
use POSIX ();

# Seconds, doubling to what kubeadm gives the kubelet (RestartSec=10); from the start again after it has run a while.
my ($firstDelay, $lastDelay, $wellAfter) = (1, 10, 60);

my ($state, $bootedFile, @agent) = @ARGV;
# As a node's own programs have it, whoever starts the cluster: containers inherit it, and read what is made here.
umask 022;
my ($agentPid, $isEnding) = (0, 0);
prepareMounts($state);
pipe my $statuses, my $noteStatus or die "pipe: $!\n";
# Nobody reads while there is no agent: what does not fit then is lost, and this process goes on.
fcntl $noteStatus, F_SETFL, O_NONBLOCK;
pipe my $childEnded, my $noteChild or die "pipe: $!\n";
fcntl $noteChild, F_SETFL, O_NONBLOCK;
$SIG{TERM} = $SIG{INT} = sub { $isEnding = 1; kill 'TERM', $agentPid if $agentPid };
$SIG{CHLD} = sub { syswrite $noteChild, '.' };
$SIG{PIPE} = 'IGNORE';

my $delay = $firstDelay;
while (1) {
    my $began = time;
    $agentPid = startAgent(@agent);
    my $status = waitForAgent();
    my $code = $status & 127 ? 128 + ($status & 127) : $status >> 8;
    exit $code if $isEnding || !-e $bootedFile || inputHasEnded(0);
    endSession($agentPid);
    $delay = $firstDelay if time - $began >= $wellAfter;
    print STDERR "the node agent ended ($code), it is started again in $delay s\n";
    pause($delay);
    $delay = $delay * 2 > $lastDelay ? $lastDelay : $delay * 2;
}

# A /run of our own holds network namespace names and runc's state; a tmpfs holds all files of containers, so that
# both are gone with the mount namespace.
sub prepareMounts {
    my ($state) = @_;
    if ($state =~ m{^/run/}) {
        chdir $state or die "cannot enter $state: $!\n";
        mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run');
        makePath($state, 0700);
        # Without canonicalisation "." is still the directory below the new mount.
        mount('--no-canonicalize', '--bind', '.', $state);
        chdir '/';
    } else {
        mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run');
    }
    makePath($_, 0755) for '/run/netns', '/run/runc';
    # In a user namespace runc looks for its state below the user's runtime directory, which is in our /run too.
    my $runtimeDirectory = $ENV{XDG_RUNTIME_DIR} // '';
    if ($runtimeDirectory =~ m{^/run/}) {
        makePath($runtimeDirectory, 0755);
        symlink '/run/runc', "$runtimeDirectory/runc";
    }
    makePath("$state/containers", 0700);
    my $size = ($ENV{ZTLAB_NODE_DISK} // '') =~ /^(\d+[kmg]?)i?$/i ? ",size=$1" : '';
    mount('-t', 'tmpfs', '-o', "mode=755$size", 'tmpfs', "$state/containers");
}

sub mount {
    system('mount', @_) == 0 or die "mount @_ failed\n";
}

sub makePath {
    my ($path, $mode) = @_;
    my $made = '';
    for my $part (grep { length } split m{/}, $path) {
        $made .= "/$part";
        mkdir $made, $mode unless -d $made;
    }
}

# In a session of its own, with all that it starts for itself; runc gives every container another.
sub startAgent {
    my (@command) = @_;
    my $pid = fork // die "fork: $!\n";
    return $pid if $pid;
    $SIG{CHLD} = $SIG{PIPE} = $SIG{TERM} = $SIG{INT} = 'DEFAULT';
    POSIX::setsid();
    POSIX::dup2(fileno($statuses), 3) // die "cannot place the status pipe at file descriptor 3: $!\n";
    # Where it has that number already, nothing was copied and it is still closed on exec.
    open my $third, '<&=', 3 or die "file descriptor 3: $!\n";
    fcntl $third, F_SETFD, 0;
    exec { $command[0] } @command or die "cannot start $command[0]: $!\n";
}

# Resolves with its status as wait(2) gives it.
sub waitForAgent {
    while (1) {
        my $pid = waitpid -1, 0;
        next if $pid < 0 && $!{EINTR};
        exit 1 if $pid < 0;
        return $? if $pid == $agentPid;
        note($pid, $?);
    }
}

sub note {
    my ($pid, $status) = @_;
    syswrite $noteStatus, "$pid $status\n";
}

sub reap {
    while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) { note($pid, $?) }
}

# What a dead agent left half done must not meddle with what the next one does.
sub endSession {
    my ($session) = @_;
    $agentPid = 0;
    while (my @members = membersOf($session)) {
        kill 'KILL', @members;
        select undef, undef, undef, 0.01;
        reap();
    }
}

sub membersOf {
    my ($session) = @_;
    opendir my $processes, '/proc' or die "/proc: $!\n";
    return grep { (sessionOf($_) // -1) == $session } grep { /^\d+$/ } readdir $processes;
}

# Field 6 of /proc/PID/stat, counted from behind the name, which may hold anything; none for a process that has ended.
sub sessionOf {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/stat" or return undef;
    my ($state, $session) = (<$file> // '') =~ /.*\) (\S) \S+ \S+ (\S+)/s or return undef;
    return $state eq 'Z' ? undef : $session;
}

sub pause {
    my ($seconds) = @_;
    my $until = time + $seconds;
    while ((my $left = $until - time) > 0) {
        reap();
        exit 0 if $isEnding || inputHasEnded($left);
        sysread $childEnded, my $notes, 4096 if isReadable($childEnded);
    }
    reap();
}

# Nobody writes to it: what makes it readable is its end. Waits for that or for a child at most so long.
sub inputHasEnded {
    my ($seconds) = @_;
    my $wanted = '';
    vec($wanted, fileno($_), 1) = 1 for \*STDIN, $seconds > 0 ? $childEnded : ();
    my $count = select $wanted, undef, undef, $seconds;
    return $count > 0 && vec $wanted, fileno(STDIN), 1;
}

sub isReadable {
    my ($handle) = @_;
    my $wanted = '';
    vec($wanted, fileno($handle), 1) = 1;
    return select($wanted, undef, undef, 0) > 0;
}
