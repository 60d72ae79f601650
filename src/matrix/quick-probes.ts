/**
 * Parts of the probe script for images with agnhost: it is large, and starting it takes ten times as long as connecting
 * by an nc, which can say no more than whether it did. What these cannot tell is for agnhost.
 */
export const quickProbes = String.raw`
quick=
if [ $driver = agnhost ] && has nc; then
  case $(nc -h 2>&1) in *BusyBox*'-e PROG'*) quick=busybox ;; *OpenBSD*) quick=openbsd ;; esac
fi

# That nc does not know UDP. Where the container itself is agnhost's netexec, that sends for whoever asks it.
dialer= init=$ZTLAB_INIT
[ -n "$init" ] || init=/proc/1/cmdline
if [ "$quick" = busybox ]; then
  # The zeros between its words are not read.
  IFS= read -r line 2>/dev/null <"$init"
  case $line in
    *--tls-cert-file*|*--http-override*) ;;
    *agnhostnetexec*--http-port*) dialer=$(echo "$line" | sed 's/.*--http-port=*\([0-9]*\).*/\1/') ;;
    *agnhostnetexec*) dialer=8080 ;;
  esac
fi

# By TCP to an address, in whole seconds: it connected, was refused or timed out. What else it says is for agnhost.
quick_tcp() {
  case $quick in
    # What it is to become once it is connected cannot be run, which costs less than a program that can.
    busybox)
      said=$(nc -w "$seconds" "$host" "$port" -e / 2>&1 </dev/null); code=$?
      case $said in *"can't execute"*) code=0 ;; esac ;;
    openbsd) said=$(nc -z -v -w "$seconds" "$host" "$port" 2>&1 </dev/null); code=$? ;;
    *) return 1 ;;
  esac
  case $code/$said in 0/*) said= ;; */*'timed out'*) said=TIMEOUT ;; */*'onnection refused'*) said=REFUSED ;; *) return 1 ;; esac
}

# The server waits for 5 s; the shell that nc becomes does not.
dial='printf "GET /dial?protocol=udp&request=hostname&host=%s&port=%s HTTP/1.0\r\n\r\n" "$0" "$1"
while IFS= read -r -t "$2" line; do :; done; printf %s "$line" >&3'
# Where the server itself is silent, it has perhaps not even sent. On a busy machine it may take a while to get a turn.
hello='printf "GET /hostname HTTP/1.0\r\n\r\n"; IFS= read -r -t 3 line && printf %s "$line" >&3'
dialer_lives() { [ -n "$(nc -w 3 127.0.0.1 "$dialer" -e sh -c "$hello" 3>&1 2>/dev/null)" ]; }

# By UDP: any answer, or none for all of that time. OpenBSD's ends with the first (-W 1), and at once where it is
# refused, of which it says nothing.
quick_udp() {
  if [ -n "$dialer" ]; then
    said=$(nc -w "$seconds" 127.0.0.1 "$dialer" -e sh -c "$dial" "$host" "$port" "$seconds" 3>&1 2>/dev/null)
  elif [ "$quick" = openbsd ]; then
    said=$(printf 'hostname\n' | nc -u -W 1 -w "$seconds" "$host" "$port" 2>&1)
  else
    return 1
  fi
  code=0
  case $said in
    '{"errors":'*'onnection refused'*) said=REFUSED; code=1; return ;;
    nc:*|usage:*|'{"errors":'*) return 1 ;;
    ?*) said=; return ;;
  esac
  now; [ $(((now - asked) * 10)) -ge $((seconds * 1000)) ] || return 1
  [ -z "$dialer" ] || dialer_lives || return 1
  said=TIMEOUT; code=1
}

# Several ports of a host over one connection to the server, which takes them one after the other: so as long as each
# is answered at once. Prints the lines of those that were.
several='clock() { IFS=". " read -r whole part rest </proc/uptime; time=$whole$part; }
blank=": $1" host=$2; shift 2; all=$*; clock
while [ $# -gt 0 ]; do
  printf "GET /dial?protocol=udp&request=hostname&host=%s&port=%s HTTP/1.1\r\nHost: dial\r\n\r\n" "$host" "$2"; shift 3
done
set -- $all
while [ $# -gt 0 ]; do
  began=$time; size=
  while IFS=$blank read -r -t "$0" name value; do
    case $name in Content-Length) size=$value ;; "") break ;; esac
  done
  [ -n "$size" ] && IFS= read -r -t "$0" -n "$size" body || exit
  clock
  case $body in *\"responses\"*) printf "%s\tOK\t%s\t\n" "$1" $(((time - began) * 10)) >&3 ;; esac
  shift 3
done'

# HOST, and for each probe ID PORT TIMEOUT-MS: by UDP, together as far as they are answered, the others on their own.
ask_together() {
  host=$1; kind=udp; shift
  answered=$(nc -w 1 127.0.0.1 "$dialer" -e sh -c "$several" 0.25 "$return" "$host" "$@" 3>&1 2>/dev/null)
  [ -z "$answered" ] || printf '%s\n' "$answered"
  while [ $# -gt 0 ]; do
    id=$1 port=$2 millis=$3; shift 3
    case "$newline$answered" in *"$newline$id$tab"*) ;; *) probe & ;; esac
  done
  wait
}
`
