#!/usr/bin/perl
# Carries standard input and output to a port of the loopback of its network namespace: 127.0.0.1 first, then ::1, as
# a kubelet forwards ports. Each side may end what it says before the other. Exit code 1, with the reason on standard
# error, where nothing answers.
#
# usage: port.pl PORT
use strict;
use warnings;
use Socket qw(AF_INET AF_INET6 SOCK_STREAM inet_pton pack_sockaddr_in pack_sockaddr_in6);

my ($port) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my $socket = connected(AF_INET, pack_sockaddr_in($port, inet_pton(AF_INET, '127.0.0.1')));
my $why = lc "$!";
$socket ||= connected(AF_INET6, pack_sockaddr_in6($port, inet_pton(AF_INET6, '::1')));
if (!$socket) {
    my $text = "IPv4: dial tcp4 127.0.0.1:$port: connect: $why IPv6 dial tcp6 [::1]:$port: connect: " . lc "$!";
    print STDERR "failed to connect to localhost:$port inside the pod, $text\n";
    exit 1;
}

# The one that listens to the pod: once the pod has said everything, all is over.
local $SIG{CHLD} = sub { exit 0 };
my $pid = fork;
defined $pid or die "fork: $!\n";
if ($pid == 0) {
    $SIG{CHLD} = 'DEFAULT';
    copy($socket, \*STDOUT);
    exit 0;
}
close STDOUT;
copy(\*STDIN, $socket);
shutdown $socket, 1;
waitpid $pid, 0;
exit 0;

sub connected {
    my ($family, $address) = @_;
    socket my $candidate, $family, SOCK_STREAM, 0 or return undef;
    return connect($candidate, $address) ? $candidate : undef;
}

sub copy {
    my ($from, $to) = @_;
    while (sysread $from, my $chunk, 65536) {
        my $written = 0;
        while ($written < length $chunk) {
            my $count = syswrite $to, $chunk, length($chunk) - $written, $written;
            return unless defined $count;
            $written += $count;
        }
    }
}
