#!/usr/bin/perl
# PID 1 of an embedded cluster's PID namespace: prepares private mounts, starts the node agent, and reaps every
# orphan. The init process of a container becomes a child of this one when runc has gone, so its exit status is
# known here alone: it is passed to the node agent as a line `PID STATUS` on file descriptor 3.
# When the node agent ends, this process ends, and the kernel ends whatever else lives in the namespace.
#
# usage: init.pl STATE-DIRECTORY COMMAND...
use strict;
use warnings;

my ($state, @agent) = @ARGV;
prepareMounts($state);
my ($agentPid, $statuses) = startAgent(@agent);
$SIG{TERM} = $SIG{INT} = sub { kill 'TERM', $agentPid };
$SIG{PIPE} = 'IGNORE';
while (1) {
    my $pid = waitpid -1, 0;
    next if $pid < 0 && $!{EINTR};
    exit 1 if $pid < 0;
    exit($? & 127 ? 128 + ($? & 127) : $? >> 8) if $pid == $agentPid;
    syswrite $statuses, "$pid $?\n";
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

sub startAgent {
    my (@command) = @_;
    pipe my $read, my $write or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        close $write;
        require Fcntl;
        if (fileno($read) != 3) {
            open my $third, '<&=3';
            close $third if $third;
            open $third, '<&', $read or die "dup: $!\n";
            fileno($third) == 3 or die "cannot place the status pipe at file descriptor 3\n";
            $read = $third;
        }
        fcntl $read, Fcntl::F_SETFD(), 0;
        exec { $command[0] } @command or die "cannot start $command[0]: $!\n";
    }
    close $read;
    return ($pid, $write);
}
