#!/usr/bin/perl
# Prints what rules with `log group` tell of packets in this network namespace, one line each:
#   GROUP HOOK SOURCE DESTINATION PROTOCOL SOURCE-PORT DESTINATION-PORT PREFIX
# with numbers for the protocol and 0 for ports that there are none of. `listening` comes first, `lost` where the kernel
# had more to tell than was read, and an empty line now and then: whoever no longer listens ends this.
#
# usage: flows.pl SECONDS GROUP...
use strict;
use warnings;
use Socket qw(SOCK_RAW SOL_SOCKET SO_RCVBUF AF_INET AF_INET6 inet_ntop);
use Errno qw(EPERM ENOBUFS EINTR);

# linux/netlink.h, linux/netfilter/nfnetlink.h, linux/netfilter/nfnetlink_log.h
use constant {
    AF_NETLINK => 16, NETLINK_NETFILTER => 12, SO_RCVBUFFORCE => 33,
    CONFIG => (4 << 8) | 1, PACKET => (4 << 8) | 0, REQUEST_ACK => 0x5,
    CFG_CMD => 1, CFG_MODE => 2, CFG_TIMEOUT => 4, BIND => 1, COPY_PACKET => 2,
    HEADER => 1, PAYLOAD => 9, PREFIX => 10,
};

my ($seconds, @groups) = @ARGV;
my $until = time + $seconds;
socket(my $log, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) or die "netlink: $!\n";
bind($log, pack('S S L L', AF_NETLINK, 0, 0, 0)) or die "netlink: $!\n";
setsockopt($log, SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20) or setsockopt($log, SOL_SOCKET, SO_RCVBUF, 1 << 20);
listenTo($_) for @groups;
say("listening\n");
while (time <= $until) {
    my $ready = '';
    vec($ready, fileno $log, 1) = 1;
    if (select($ready, undef, undef, 0.25) <= 0) { say("\n"); next }
    if (defined recv($log, my $bytes, 1 << 17, 0)) { say(lines($bytes)) }
    elsif ($!{ENOBUFS}) { say("lost\n") }
    elsif (!$!{EINTR}) { die "netlink: $!\n" }
}

# A reader that was cut a moment ago still has the group; to others the kernel says EPERM.
sub listenTo {
    my ($group) = @_;
    my $error;
    for (1 .. 30) {
        $error = configure($group, CFG_CMD, pack('C', BIND));
        last if $error != EPERM;
        select undef, undef, undef, 0.1;
    }
    $! = $error;
    die "group $group of the kernel's packet log belongs to another reader: $!\n" if $error == EPERM;
    # The headers of IP and of ports; told of after 100 ms at the latest.
    $error ||= configure($group, CFG_MODE, pack('N C C', 128, COPY_PACKET, 0));
    $error ||= configure($group, CFG_TIMEOUT, pack('N', 10));
    $! = $error;
    die "group $group of the kernel's packet log: $!\n" if $error;
}

sub configure {
    my ($group, $type, $value) = @_;
    my $length = 4 + length $value;
    my $body = pack('C C n', 0, 0, $group) . pack('S S', $length, $type) . $value . "\0" x (-$length & 3);
    send($log, pack('L S S L L', 16 + length $body, CONFIG, REQUEST_ACK, 1, 0) . $body, 0) or return $! + 0;
    # Packets of a group that is bound already may come before the answer.
    for (;;) {
        recv($log, my $answer, 1 << 17, 0) // return $! + 0;
        my ($kind) = unpack 'x4 S', $answer;
        return -unpack('x16 l', $answer) if $kind == 2;
        say(lines($answer));
    }
}

sub lines {
    my ($bytes) = @_;
    my $text = '';
    while (length $bytes >= 20) {
        my ($length, $type) = unpack 'L S', $bytes;
        last if $length < 16;
        $text .= line(substr $bytes, 16, $length - 16) if $type == PACKET;
        $bytes = substr $bytes, min(($length + 3) & ~3, length $bytes);
    }
    return $text;
}

sub line {
    my ($message) = @_;
    my $group = unpack 'x2 n', $message;
    my %values = attributes(substr $message, 4);
    my $hook = unpack 'x2 C', $values{ +HEADER } // return '';
    my @packet = packet($values{ +PAYLOAD } // '') or return '';
    return join(' ', $group, $hook, @packet, unpack('Z*', $values{ +PREFIX } // '')) . "\n";
}

sub attributes {
    my ($bytes) = @_;
    my %values;
    for (my $at = 0; $at + 4 <= length $bytes;) {
        my ($length, $type) = unpack 'S S', substr $bytes, $at, 4;
        last if $length < 4;
        $values{ $type & 0x3fff } = substr $bytes, $at + 4, $length - 4;
        $at += ($length + 3) & ~3;
    }
    return %values;
}

sub packet {
    my ($bytes) = @_;
    my ($version, $protocol, $ports, @addresses) = (length $bytes ? ord($bytes) >> 4 : 0);
    if ($version == 4 && length $bytes >= 20) {
        $protocol = ord substr $bytes, 9, 1;
        @addresses = map { inet_ntop(AF_INET, substr $bytes, $_, 4) } 12, 16;
        $ports = (ord($bytes) & 15) * 4;
    } elsif ($version == 6 && length $bytes >= 40) {
        ($protocol, $ports) = (ord(substr $bytes, 6, 1), 40);
        @addresses = map { inet_ntop(AF_INET6, substr $bytes, $_, 16) } 8, 24;
        # Extension headers: hop-by-hop, routing, destination options.
        while (($protocol == 0 || $protocol == 43 || $protocol == 60) && length $bytes >= $ports + 8) {
            ($protocol, my $length) = unpack 'C C', substr $bytes, $ports, 2;
            $ports += ($length + 1) * 8;
        }
    } else { return }
    my $hasPorts = ($protocol == 6 || $protocol == 17 || $protocol == 132) && length $bytes >= $ports + 4;
    return (@addresses, $protocol, $hasPorts ? unpack('n n', substr $bytes, $ports, 4) : (0, 0));
}

sub min { $_[0] < $_[1] ? $_[0] : $_[1] }

sub say {
    my ($text) = @_;
    for (my $at = 0; $at < length $text;) {
        $at += syswrite(STDOUT, $text, length($text) - $at, $at) // exit 0;
    }
}
