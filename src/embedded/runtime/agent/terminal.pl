#!/usr/bin/perl
# Takes the controlling side of a terminal from runc (a file descriptor sent over a Unix socket, runc's
# --console-socket) and carries it: standard input is typed, what the terminal says goes to standard output, and each
# line `ROWS COLUMNS` on file descriptor 3 sets its size. Ends when nobody has the other side open any more.
#
# usage: terminal.pl SOCKET
use strict;
use warnings;
use Config;
use Errno;
use Socket;

# Of Linux: TIOCSWINSZ, and recvmsg(2) on the machines that Node runs on, by the name that Perl has for them.
my $SET_SIZE = 0x5414;
my %RECEIVE = (x86_64 => 47, aarch64 => 212, riscv64 => 212, powerpc64le => 342, s390x => 372);

my ($path) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my $terminal = receiveTerminal($path);
open my $sizes, '<&=', 3 or die "file descriptor 3: $!\n";
carry($terminal, $sizes);
exit 0;

sub receiveTerminal {
    my ($path) = @_;
    socket my $listener, AF_UNIX, SOCK_STREAM, 0 or die "socket: $!\n";
    # Seen from its own folder the name is short: a socket's address holds 107 characters.
    my ($folder, $name) = $path =~ m{^(.*)/([^/]+)$} or die "not an absolute path: $path\n";
    chdir $folder or die "$folder: $!\n";
    bind $listener, pack_sockaddr_un($name) or die "$path: $!\n";
    listen $listener, 1 or die "listen: $!\n";
    syswrite STDERR, "listening\n";
    accept my $client, $listener or die "accept: $!\n";
    unlink $name;
    my $fd = receiveDescriptor($client);
    open my $terminal, '+<&=', $fd or die "terminal: $!\n";
    return $terminal;
}

# recvmsg(2) with room for one file descriptor (SCM_RIGHTS).
sub receiveDescriptor {
    my ($socket) = @_;
    my ($machine) = $Config{archname} =~ /^(\w+)/;
    my $number = $RECEIVE{$machine} or die "no recvmsg is known for $machine\n";
    my ($data, $control) = ("", "");
    # Written byte by byte, so that each has memory of its own, into which the kernel may write.
    vec($data, 4095, 8) = vec($control, 23, 8) = 0;
    my $vector = pack 'P Q', $data, length $data;
    my $message = pack 'Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $control, length $control, 0;
    syscall($number, fileno $socket, $message, 0) >= 0 or die "recvmsg: $!\n";
    my ($length, $level, $type, $fd) = unpack 'Q l l l', $control;
    die "runc sent no file descriptor\n" unless $length >= 20 && $level == SOL_SOCKET && $type == 1;
    return $fd;
}

sub carry {
    my ($terminal, $sizes) = @_;
    my ($typed, $lines) = ('', '');
    my %open = (input => \*STDIN, sizes => $sizes);
    while (1) {
        my ($read, $write) = ('', '');
        vec($read, fileno $terminal, 1) = 1;
        vec($read, fileno $_, 1) = 1 for values %open;
        # What is not taken waits here, so that the terminal's own words never do.
        vec($read, fileno STDIN, 1) = 0 if length $typed > 65536;
        vec($write, fileno $terminal, 1) = 1 if length $typed;
        next if select($read, $write, undef, undef) < 0;
        if (vec $read, fileno $terminal, 1) {
            my $got = sysread $terminal, my $said, 65536;
            return unless $got;    # EIO: the other side is closed
            syswriteAll($said) or return;
        }
        if (length $typed && vec $write, fileno $terminal, 1) {
            # Little at a time: a terminal that can take something can take this without waiting.
            my $wrote = syswrite $terminal, substr $typed, 0, 256;
            substr $typed, 0, $wrote, '' if $wrote;
        }
        if ($open{input} && vec $read, fileno STDIN, 1) {
            sysread(STDIN, $typed, 4096, length $typed) or delete $open{input};
        }
        if ($open{sizes} && vec $read, fileno $sizes, 1) {
            sysread($sizes, $lines, 256, length $lines) or delete $open{sizes};
            setSize($terminal, $1, $2) while $lines =~ s/^(\d+) (\d+)\n//;
        }
    }
}

sub setSize {
    my ($terminal, $rows, $columns) = @_;
    my $size = pack 'S4', $rows, $columns, 0, 0;
    ioctl $terminal, $SET_SIZE, $size;
}

sub syswriteAll {
    my ($text) = @_;
    while (length $text) {
        my $wrote = syswrite STDOUT, $text;
        return 0 unless defined $wrote;
        substr $text, 0, $wrote, '';
    }
    return 1;
}
