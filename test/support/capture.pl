# Prints every TCP SYN (without ACK) that passes an interface in either direction, as "SYN source port
# destination port", until standard input ends. AF_PACKET sees incoming packets before and outgoing ones after
# netfilter, and shares no code with what is tested.
use strict;
use warnings;
use Socket;

my $name = shift;
my ($AF_PACKET, $ETH_P_ALL, $SIOCGIFINDEX, $MSG_DONTWAIT) = (17, 3, 0x8933, 0x40);
$| = 1;
socket(my $packets, $AF_PACKET, SOCK_DGRAM, unpack('S', pack('n', $ETH_P_ALL))) or die "socket: $!\n";
my $request = pack('a16 x24', $name);
ioctl($packets, $SIOCGIFINDEX, $request) or die "no interface $name: $!\n";
my $index = unpack('x16 i', $request);
bind($packets, pack('S n i x12', $AF_PACKET, $ETH_P_ALL, $index)) or die "bind: $!\n";
print "ready\n";

my ($socket_bit, $input_bit) = ('', '');
vec($socket_bit, fileno($packets), 1) = 1;
vec($input_bit, fileno(STDIN), 1) = 1;
while (1) {
    my $readable = $socket_bit | $input_bit;
    select($readable, undef, undef, undef);
    while (defined recv($packets, my $packet, 65536, $MSG_DONTWAIT)) { show($packet) }
    last if vec($readable, fileno(STDIN), 1);
}

sub show {
    my ($packet) = @_;
    return if length $packet < 40 or vec($packet, 0, 8) >> 4 != 4 or vec($packet, 9, 8) != 6;
    my ($source, $destination) = map { inet_ntoa(substr $packet, $_, 4) } 12, 16;
    my $tcp = substr $packet, (vec($packet, 0, 8) & 15) * 4;
    my ($from, $to, $flags) = unpack 'n n x9 C', $tcp;
    print "SYN $source $from $destination $to\n" if ($flags & 0x12) == 0x02;
}
