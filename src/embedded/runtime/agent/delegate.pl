#!/usr/bin/perl
# Asks the systemd of an ordinary user for a cgroup of its own (a scope with Delegate=yes), so that limits of containers
# can be set there, and then becomes COMMAND. The scope's path below /sys/fs/cgroup is in ZTLAB_CGROUP; where there is
# none, the reason is in ZTLAB_CGROUP_REFUSAL. systemd removes the scope with all below it when its last process ends.
#
# usage: delegate.pl CLUSTER COMMAND...
use strict;
use warnings;

my ($cluster, @command) = @ARGV;
my $scope = eval { enterScope("ztlab-$cluster-$$.scope") };
if (defined $scope) { $ENV{ZTLAB_CGROUP} = $scope }
else { ($ENV{ZTLAB_CGROUP_REFUSAL}) = $@ =~ /(.*)/ }
exec { $command[0] } @command or die "cannot start $command[0]: $!\n";

sub enterScope {
    my ($unit) = @_;
    callManager(
        'StartTransientUnit', 'ssa(sv)a(sa(sv))', $unit, 'fail',
        3, 'PIDs', 'au', 1, $$, 'Delegate', 'b', 'true', 'CollectMode', 's', 'inactive-or-failed', 0,
    );
    my $path = waitUntilIn($unit);
    # A cgroup hands controllers on only while it has no processes itself (cgroups(7), "no internal processes").
    my $root = "/sys/fs/cgroup$path";
    mkdir "$root/agent" or die "$root is not ours to write: $!\n";
    writeTo("$root/agent/cgroup.procs", $$);
    open my $controllers, '<', "$root/cgroup.controllers" or die "$root/cgroup.controllers: $!\n";
    for my $name (split ' ', <$controllers> // '') {
        eval { writeTo("$root/cgroup.subtree_control", "+$name") };
    }
    return $path;
}

sub callManager {
    my @words = @_;
    my @manager = ('org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager');
    my $pid = open(my $said, '-|') // die "fork: $!\n";
    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        exec 'busctl', '--user', 'call', @manager, @words or exit 127;
    }
    my $answer = do { local $/; <$said> } // '';
    close $said or die "systemd gives this user no cgroup of its own: $answer\n";
}

# The answer comes before the job is done, and its end is a signal on the bus that busctl cannot wait for.
sub waitUntilIn {
    my ($unit) = @_;
    for (1 .. 300) {
        open my $own, '<', '/proc/self/cgroup' or die "/proc/self/cgroup: $!\n";
        my ($path) = join('', <$own>) =~ /^0::(.*\/\Q$unit\E)$/m;
        return $path if defined $path;
        select undef, undef, undef, 0.01;
    }
    die "systemd did not move this process into $unit within 3 s\n";
}

sub writeTo {
    my ($file, $text) = @_;
    open my $handle, '>', $file or die "$file: $!\n";
    syswrite $handle, $text or die "$file: $!\n";
}
