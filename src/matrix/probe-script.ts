/**
 * The program that a source pod runs, for any POSIX shell. It reads one probe per line, TAB-separated:
 * `id phase kind host port timeoutMs`, and prints one line per probe: `id OUTCOME elapsedMs detail`. The text is
 * constant: what is probed is data on its standard input, never part of the program.
 *
 * Where the image has a prober of this protocol, it takes over; else every probe is a process of its own, of
 * agnhost's `connect`, or of busybox' nc and nslookup. Phases run one after the other; probes of a phase race. Each
 * is bounded: a name may take its timeout and a second more to resolve, then the connection gets its timeout.
 */
export const probeScript = String.raw`
agnhost=$ZTLAB_AGNHOST
[ -n "$agnhost" ] || agnhost=/agnhost
if "$agnhost" probe --version >/dev/null 2>&1; then exec "$agnhost" probe; fi
if [ -x "$agnhost" ]; then driver=agnhost
elif command -v nc >/dev/null 2>&1; then driver=nc
elif command -v bash >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then driver=bash
else echo "this image has neither agnhost nor nc nor bash" >&2; exit 97; fi

now() { read -r up rest </proc/uptime; echo "$up" | tr -d .; }

# Sorts what a program printed into an outcome. The order matters: a failed look-up may time out, too.
sort_error() {
  case $1 in
    *'no such host'*|*'bad address'*|*NXDOMAIN*|*"can't find"*|*"can't resolve"*|*'ame or service not known'*|*'ame does not resolve'*) echo DNS ;;
    DNS*timeout*|*'no servers could be reached'*|*'connection timed out; '*|*'read udp'*|*'ry again'*|*'name resolution'*) echo DNS-TIMEOUT ;;
    DNS*) echo DNS ;;
    TIMEOUT*|*'timed out'*|*'i/o timeout'*) echo TIMEOUT ;;
    REFUSED*|*'onnection refused'*) echo REFUSED ;;
    *'reset by peer'*) echo RESET ;;
    *'rohibited'*|*'not permitted'*|*'ermission denied'*) echo PROHIBITED ;;
    *nreachable*|*'o route to host'*) echo UNREACHABLE ;;
    *) echo OTHER ;;
  esac
}

# within SECONDS COMMAND…: ends it after that time, with 124. The applet "timeout" would leave, for every probe, a
# process that nobody in a pod reaps; its exit codes differ, and some images have none.
within() {
  limit=$1; shift
  exec 3<&0
  "$@" <&3 & child=$!
  ( sleep "$limit" & trap 'kill "$!"; wait; exit 1' TERM; wait "$!" && kill -9 "$child" ) >/dev/null 2>&1 & guard=$!
  wait "$child" 2>/dev/null; ended=$?
  kill "$guard" 2>/dev/null; wait "$guard" 2>/dev/null && return 124
  return $ended
}

# Tells a name that fails from a connection that fails: connecting by name says TIMEOUT of both. Libraries ask a
# server for 5 s, and again, for every domain of the search list; whoever has not answered by then does not.
resolve() {
  outcome=OK; said=
  case $host in *:*) return ;; *[!0-9.]*) ;; *) return ;; esac
  patience=$((seconds + 1)); [ $patience -lt 5 ] || patience=4
  if [ $driver = agnhost ]; then
    # It resolves first, and then has no time to send anything.
    said=$(within $patience "$agnhost" connect "$host:9" --timeout=1ns 2>&1); code=$?
    case $code/$said in 0/*|*/TIMEOUT*) outcome=OK; said=$host; return ;; esac
  elif command -v getent >/dev/null 2>&1; then
    said=$(within $patience getent hosts "$host" 2>&1); code=$?
    [ $code -ne 2 ] || said="no such host $said"
    [ $code -ne 0 ] || return
  elif command -v nslookup >/dev/null 2>&1; then
    # busybox leaves the search list out where the name has a dot.
    for suffix in '' $(sed -n 's/^search//p' /etc/resolv.conf); do
      [ -z "$suffix" ] || suffix=.$suffix
      said=$(within $patience nslookup "$host$suffix" 2>&1); code=$?
      case $said in *Name:*) return ;; *NXDOMAIN*|*"can't find"*) ;; *) break ;; esac
    done
  else
    outcome=OTHER; said='this image has nothing that resolves names'; return
  fi
  [ $code -ne 124 ] || said="DNS: no answer, timeout after $patience s"
  outcome=$(sort_error "$said")
  [ $outcome != TIMEOUT ] || outcome=DNS-TIMEOUT
}

# Any answer of a DNS server will do.
ask_dns() {
  said=$(within $seconds nslookup kubernetes.default.svc.cluster.local "$host" 2>&1); code=$?
  case $said in
    *'onnection refused'*) outcome=REFUSED ;;
    *'no servers could be reached'*|*'timed out'*|*"can't connect"*|*'no response'*) outcome=TIMEOUT ;;
    *NXDOMAIN*|*"can't find"*|*Name:*|*'No answer'*) outcome=OK ;;
    *) [ $code -eq 124 ] && outcome=TIMEOUT || outcome=$(sort_error "$said") ;;
  esac
}

connect() {
  case $driver/$kind in
    agnhost/*)
      said=$(within $((seconds + 2)) "$agnhost" connect "$target" --timeout="$millis"ms --protocol="$kind" 2>&1); code=$? ;;
    nc/tcp)
      said=$(within $((seconds + 2)) nc -w "$seconds" "$host" "$port" </dev/null 2>&1 >/dev/null); code=$? ;;
    nc/udp)
      said=$(printf 'hostname\n' | within $seconds nc -u -w "$seconds" "$host" "$port" 2>&1); code=$?
      case $said in *'nvalid option'*) code=1; said='the nc of this image cannot probe by udp' ;; nc:*) code=1 ;; ?*) code=0 ;; *) code=1; said=TIMEOUT ;; esac ;;
    bash/tcp)
      said=$(within $seconds bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>&1); code=$?
      [ $code -ne 124 ] || { code=1; said=TIMEOUT; } ;;
    *) code=1; said="$driver cannot probe by $kind" ;;
  esac
  # Not a timeout: it may have been connected, or never have run.
  [ $code -ne 124 ] || said="$driver did not end, connected or not"
  if [ $code -eq 0 ]; then outcome=OK; said=; else outcome=$(sort_error "$said"); fi
}

probe() {
  began=$(now); seconds=$(((millis + 999) / 1000))
  case $host in *:*) target="[$host]:$port" ;; *) target="$host:$port" ;; esac
  resolve
  case $outcome/$kind/$port in
    OK/dns/*) ;;
    OK/udp/53) ask_dns ;;
    OK/*) connect ;;
  esac
  detail=$(printf '%s' "$said" | tr '\t\r\n' '   ' | cut -c1-200)
  printf '%s\t%s\t%s\t%s\n' "$id" "$outcome" "$((($(now) - began) * 10))" "$detail"
}

# Only a blank IFS would fold empty fields; none of ours is empty.
tab=$(printf '\t')
plan=$(cat)
for turn in 1 2 3; do
  while IFS=$tab read -r id phase kind host port millis; do
    [ "$phase" = "$turn" ] && probe </dev/null &
  done <<PLAN
$plan
PLAN
  wait
done
exit 0
`
