import { quickProbes } from './quick-probes.ts'

const annotated = String.raw`
# What programs say is sorted by its words, which are English ones.
export LC_ALL=C
has() { command -v "$1" >/dev/null 2>&1; }
agnhost=$ZTLAB_AGNHOST
[ -n "$agnhost" ] || agnhost=/agnhost
# The published one is a binary without such a prober. No process is spent on looking, nor is all of it read.
line=
if [ -x "$agnhost" ]; then { IFS= read -r -n 15 line || IFS= read -r line; } <"$agnhost" 2>/dev/null; fi
case $line in
  '#!/usr/bin/perl') exec "$agnhost" probe ;;
  '#!'*) ! "$agnhost" probe --version >/dev/null 2>&1 || exec "$agnhost" probe ;;
esac
if [ -x "$agnhost" ]; then driver=agnhost
else
  for driver in nc bash curl wget; do has $driver && break; driver=; done
  [ -n "$driver" ] || { echo "this image has neither agnhost nor nc, bash, curl or wget" >&2; exit 97; }
fi

# Of each of its processes little is needed: neither threads nor a collector of garbage.
export GOMAXPROCS=1 GOGC=off

${quickProbes}
# What many probes do at once is done without a process: into a variable, not through a pipe.
now() { IFS='. ' read -r whole part rest </proc/uptime; now=$whole$part; }

# Sorts what a program printed into $outcome. The order matters: agnhost's own word comes first, and a failed look-up
# may time out, too.
sort_error() {
  case $1 in
    UNSUPPORTED*) outcome=UNSUPPORTED ;;
    TIMEOUT*) outcome=TIMEOUT ;;
    REFUSED*) outcome=REFUSED ;;
    *'no such host'*|*'bad address'*|*NXDOMAIN*|*"can't find"*|*"can't resolve"*|*'ame or service not known'*|*'ame does not resolve'*) outcome=DNS ;;
    DNS*timeout*|*'no servers could be reached'*|*'connection timed out; '*|*'read udp'*|*'ry again'*|*'name resolution'*) outcome=DNS-TIMEOUT ;;
    DNS*) outcome=DNS ;;
    *'timed out'*|*'i/o timeout'*) outcome=TIMEOUT ;;
    *'onnection refused'*) outcome=REFUSED ;;
    *'reset by peer'*) outcome=RESET ;;
    *'rohibited'*|*'not permitted'*|*'ermission denied'*) outcome=PROHIBITED ;;
    *nreachable*|*'o route to host'*) outcome=UNREACHABLE ;;
    *) outcome=OTHER ;;
  esac
}

# within SECONDS COMMAND…: ends it after that time, with 124. The applet "timeout" would leave, for every probe, a
# process that nobody in a pod reaps; its exit codes differ, and some images have none.
within() {
  limit=$1; shift
  exec 3<&0
  "$@" <&3 & child=$!
  ( nap= called=
    trap 'called=1; [ -z "$nap" ] || kill -9 "$nap"' TERM
    sleep "$limit" & nap=$!
    [ -z "$called" ] || kill -9 "$nap"
    # Once it has decided, whoever calls it back is too late.
    wait "$nap" && trap '' TERM && kill -9 "$child" && exit 0
    wait; exit 1 ) >/dev/null 2>&1 & guard=$!
  wait "$child" 2>/dev/null; ended=$?
  kill "$guard" 2>/dev/null; wait "$guard" 2>/dev/null && return 124
  return $ended
}

is_address() { case $host in *:*) ;; *[!0-9.]*) return 1 ;; esac; }

# Tells a name that fails from a connection that fails: connecting by name says TIMEOUT of both. Libraries ask a
# server for 5 s, and again, for every domain of the search list; whoever has not answered by then does not.
resolve() {
  outcome=OK; said=
  ! is_address || return
  patience=$((seconds + 1)); if [ $patience -gt 4 ] || [ -n "$lookup" ]; then patience=4; fi
  if [ $driver = agnhost ]; then
    # It resolves first, and then has no time to send anything.
    said=$(within $patience "$agnhost" connect "$host:9" --timeout=1ns 2>&1); code=$?
    case $code/$said in 0/*|*/TIMEOUT*) outcome=OK; said=$host; return ;; esac
  elif has getent; then
    said=$(within $patience getent hosts "$host" 2>&1); code=$?
    [ $code -ne 2 ] || said="no such host $said"
    [ $code -ne 0 ] || return
  elif has nslookup; then
    # busybox leaves the search list out where the name has a dot.
    for suffix in '' $(sed -n 's/^search//p' /etc/resolv.conf); do
      [ -z "$suffix" ] || suffix=.$suffix
      said=$(within $patience nslookup "$host$suffix" 2>&1); code=$?
      case $said in *Name:*) return ;; *NXDOMAIN*|*"can't find"*) ;; *) break ;; esac
    done
  else
    outcome=UNSUPPORTED; said='this image has nothing that resolves names'; return
  fi
  [ $code -ne 124 ] || said="DNS: no answer, timeout after $patience s"
  sort_error "$said"
  [ $outcome != TIMEOUT ] || outcome=DNS-TIMEOUT
}

# Any answer of a DNS server will do.
ask_dns() {
  if ! has nslookup; then ask_raw; return; fi
  said=$(within $seconds nslookup kubernetes.default.svc.cluster.local "$host" 2>&1); code=$?
  case $said in
    *'onnection refused'*) outcome=REFUSED ;;
    *'no servers could be reached'*|*'timed out'*|*"can't connect"*|*'no response'*) outcome=TIMEOUT ;;
    *NXDOMAIN*|*"can't find"*|*Name:*|*'No answer'*) outcome=OK ;;
    *) if [ $code -eq 124 ]; then outcome=TIMEOUT; else sort_error "$said"; fi ;;
  esac
}

# A query for kubernetes.default.svc.cluster.local, as it goes over the wire.
query() {
  printf '\022\064\001\000\000\001\000\000\000\000\000\000\012kubernetes\007default\003svc\007cluster\005local\000\000\001\000\001'
}

ask_raw() {
  if said=$(query | udp); then outcome=OK; else sort_error "$said"; fi
}

# Sends its standard input and waits for any answer; prints why there was none.
udp() {
  case $driver in
    nc)
      reply=$(within $seconds nc -u -w "$seconds" "$host" "$port" 2>&1 | tr -d '\000')
      case $reply in
        *'nvalid option'*) echo 'UNSUPPORTED: the nc of this image cannot probe by udp' ;;
        nc:*) echo "$reply" ;;
        ?*) return 0 ;;
        *) echo TIMEOUT ;;
      esac ;;
    bash)
      said=$(within $((seconds + 2)) bash -c 'exec 3<>"/dev/udp/$0/$1" && cat >&3 && IFS= read -r -d "" -n 1 -t "$2" -u 3' "$host" "$port" "$seconds" 2>&1) && return 0
      [ -n "$said" ] || said=TIMEOUT
      echo "$said" ;;
    *) echo "UNSUPPORTED: $driver cannot probe by udp" ;;
  esac
  return 1
}

# curl's own clock tells whether it connected, whatever became of the connection then. It sends nothing by telnet.
tcp_curl() {
  said=$(within $((seconds + 2)) curl -sS -o /dev/null -m "$seconds" -w '%{time_connect}' "$1" </dev/null 2>&1); code=$?
  [ $code -ne 124 ] || return
  case $said in
    *'not supported'*|*disabled*) ;;
    *0[.,]000000) code=1 ;;
    *[.,][0-9][0-9][0-9][0-9][0-9][0-9]) code=0; return ;;
  esac
  case $code/$said in
    */*'imeout'*|*/*'ime-out'*|*/*'imed out'*) said=TIMEOUT ;;
    */*nreachable*|*/*'o route'*|*/*rohibited*|*/*denied*|*/*'not permitted'*|*/*'not supported'*|*/*disabled*) ;;
    */*onnect*) said=REFUSED ;;
  esac
}

# busybox' wget says the same of a connection that is never made and of a listener that says nothing. GNU's tries 20
# times, unless it is told not to; busybox' does not know how to be told.
tcp_wget() {
  case $(wget --help 2>&1) in *--tries*) once='-t 1' ;; *) once= ;; esac
  said=$(within $((seconds + 2)) wget $once -T "$seconds" -O /dev/null "http://$target/" 2>&1 </dev/null); code=$?
  case $said in
    *' connected.'*|*'returned error'*|*'error getting response'*) code=0 ;;
    *'connecting'*|*'onnecting'*'failed: Connection timed out'*) said=TIMEOUT ;;
    *'download timed out'*) said="UNSUPPORTED: the wget of this image cannot tell a connection from silence" ;;
  esac
  [ $code -ne 124 ] || { code=1; said="UNSUPPORTED: the wget of this image cannot tell a connection from silence"; }
}

connect() {
  case $driver/$kind in
    */icmp)
      said=$(within $((seconds + 1)) ping -c 1 -W "$seconds" "$host" 2>&1); code=$?
      case $said in *nreachable*|*rohibited*) ;; *'100% packet loss'*) said=TIMEOUT ;; esac ;;
    agnhost/*)
      # Where nothing is to be resolved it keeps to its own clock, by TCP and UDP.
      guard="within $((seconds + 2))"
      if is_address && [ $kind != sctp ]; then guard=; fi
      case $kind$guard$((millis % 1000)) in tcp0) quickly=quick_tcp ;; udp0) quickly=quick_udp ;; *) quickly=false ;; esac
      if ! $quickly; then
        said=$($guard "$agnhost" connect "$target" --timeout="$millis"ms --protocol="$kind" 2>&1); code=$?
      fi ;;
    nc/tcp)
      said=$(within $((seconds + 2)) nc -w "$seconds" "$host" "$port" </dev/null 2>&1 >/dev/null); code=$? ;;
    */udp) said=$(printf 'hostname\n' | udp); code=$? ;;
    bash/tcp)
      said=$(within $seconds bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>&1); code=$?
      [ $code -ne 124 ] || { code=1; said=TIMEOUT; } ;;
    curl/tcp)
      tcp_curl "telnet://$target"
      case $said in *'not supported'*|*disabled*) tcp_curl "http://$target/" ;; esac ;;
    wget/tcp) tcp_wget ;;
    *) code=1; said="UNSUPPORTED: $driver cannot probe by $kind" ;;
  esac
  # Not a timeout: it may have been connected, or never have run.
  [ $code -ne 124 ] || said="$driver did not end, connected or not"
  if [ $code -eq 0 ]; then outcome=OK; said=; else sort_error "$said"; fi
}

# On a busy machine a process may get no turn before its time is over, with the answer already there. Whoever ends late
# is asked again, when the crowd has gone.
ask_in_time() {
  for try in 1 2 3; do
    asked=$now
    $1
    now
    [ $outcome = TIMEOUT ] && [ $(((now - asked) * 10)) -gt $((seconds * 1000 + 400)) ] || return 0
  done
}

probe() {
  now; began=$now; seconds=$(((millis + 999) / 1000))
  case $host in *:*) target="[$host]:$port" ;; *) target="$host:$port" ;; esac
  resolve
  is_address || now
  case $outcome/$kind/$port in
    OK/dns/*) ;;
    OK/udp/53) ask_in_time ask_dns ;;
    OK/*) ask_in_time connect ;;
  esac
  detail=
  [ -z "$said" ] || detail=$(printf '%s' "$said" | tr '\t\r\n' '   ' | cut -c1-200)
  printf '%s\t%s\t%s\t%s\n' "$id" "$outcome" "$(((now - began) * 10))" "$detail"
}

# Only a blank IFS would fold empty fields; none of ours is empty, but for the last.
tab=$(printf '\t') return=$(printf '\r')
newline='
'
# A blank line ends it: that standard input has ended is heard later.
if has sed; then plan=$(sed '/^$/q'); else plan=$(cat); fi

# Whose answers are expected may wait for each other.
waits_for_others() { [ -n "$dialer" ] && [ $kind = udp ] && [ -z "$silent" ] && [ $port != 53 ] && is_address; }

ask_lot() { if [ -n "$lot" ]; then ask_together "$lot_host" $lot </dev/null & fi; lot=; }

run_phase() {
  lot= before=
  while IFS=$tab read -r id phase kind host port millis silent lookup; do
    [ "$phase" = "$1" ] || continue
    # Whoever is to be silent has begun, and waits for longest: a crowd that begins at once would make it late.
    if [ -z "$silent" ] && [ -n "$before" ]; then sleep 0.2 2>/dev/null; fi
    before=$silent
    if ! waits_for_others; then probe </dev/null & continue; fi
    [ "$host" = "$lot_host" ] || ask_lot
    lot_host=$host lot="$lot $id $port $millis"
  done <<PLAN
$plan
PLAN
  ask_lot
  wait
}

# The lines of a phase go out together: each would pass through five processes on its own.
for turn in 1 2 3; do
  lines=$(run_phase $turn)
  [ -z "$lines" ] || printf '%s\n' "$lines"
done
exit 0
`

/**
 * The program that a source pod runs, for any POSIX shell. It reads one probe per line, TAB-separated, to a blank one:
 * `id phase kind host port timeoutMs silent nameTimeoutMs`, of which the last two may be left out, and prints one line
 * per probe: `id OUTCOME elapsedMs detail`. The text is constant: what is probed is data on its standard input, never
 * part of the program.
 *
 * Where the image has a prober of this protocol, it takes over; else every probe is a process of its own: agnhost's
 * `connect`, or nc, bash, curl or wget, whichever the image has first. What a driver cannot tell is UNSUPPORTED, and
 * exit code 97 says that the image has none of them. Phases run one after the other; probes of a phase race. Each
 * is bounded: a name may take its timeout and a second more to resolve, or 4 s where it is foreseen to, then the
 * connection gets its timeout.
 *
 * It travels in the address of a request, of which some servers take 16 KiB: so without comments and indentation.
 */
export const probeScript = annotated.replace(/^ *(?:#.*\n|\n)?/gm, '')
