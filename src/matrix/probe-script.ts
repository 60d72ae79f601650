/**
 * The program that a source pod runs, for any POSIX shell. It reads one probe per line, TAB-separated:
 * `id phase kind host port timeoutMs`, and prints one line per probe: `id OUTCOME elapsedMs detail`. The text is
 * constant: what is probed is data on its standard input, never part of the program.
 *
 * Where the image has a prober of this protocol, it takes over; else every probe is a process of its own, of
 * agnhost's `connect`, or of busybox' nc and nslookup. Phases run one after the other; probes of a phase race.
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

# ask_dns SERVER: any answer will do.
ask_dns() {
  said=$(timeout "$seconds" nslookup kubernetes.default.svc.cluster.local "$1" 2>&1); code=$?
  case $said in
    *'onnection refused'*) outcome=REFUSED ;;
    *'no servers could be reached'*|*'timed out'*|*"can't connect"*|*'no response'*) outcome=TIMEOUT ;;
    *NXDOMAIN*|*"can't find"*|*Name:*|*'No answer'*) outcome=OK ;;
    *) [ $code -ge 124 ] && outcome=TIMEOUT || outcome=$(sort_error "$said") ;;
  esac
}

resolve() {
  if [ $driver = agnhost ]; then
    said=$("$agnhost" connect "$host:9" --timeout=1ms --protocol=tcp 2>&1)
    case $said in DNS*) outcome=$(sort_error "$said") ;; *) outcome=OK; said=$host ;; esac
  else
    said=$(timeout "$seconds" nslookup "$host" 2>&1); code=$?
    if [ $code -eq 0 ]; then outcome=OK; elif [ $code -ge 124 ]; then outcome=DNS-TIMEOUT; else outcome=$(sort_error "$said"); fi
    [ $outcome != TIMEOUT ] || outcome=DNS-TIMEOUT
    [ $outcome != OTHER ] || outcome=DNS
  fi
}

connect() {
  case $driver/$kind in
    agnhost/*)
      said=$("$agnhost" connect "$target" --timeout="$millis"ms --protocol="$kind" 2>&1); code=$? ;;
    nc/tcp)
      said=$(timeout "$((seconds + 1))" nc -w "$seconds" "$host" "$port" </dev/null 2>&1 >/dev/null); code=$?
      # Connected, and the listener keeps the connection: the clock ended it.
      [ $code -lt 124 ] || [ -n "$said" ] || code=0 ;;
    nc/udp)
      said=$(printf 'hostname\n' | timeout "$((seconds + 1))" nc -u -w "$seconds" "$host" "$port" 2>&1); code=$?
      case $said in *'nvalid option'*) code=1; said='the nc of this image cannot probe by udp' ;; nc:*) code=1 ;; ?*) code=0 ;; *) code=1; said=TIMEOUT ;; esac ;;
    bash/tcp)
      said=$(timeout "$seconds" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>&1); code=$?
      [ $code -ne 124 ] || said=TIMEOUT ;;
    *) code=1; said="$driver cannot probe by $kind" ;;
  esac
  if [ $code -eq 0 ]; then outcome=OK; said=; else outcome=$(sort_error "$said"); fi
}

probe() {
  began=$(now); seconds=$(((millis + 999) / 1000))
  case $host in *:*) target="[$host]:$port" ;; *) target="$host:$port" ;; esac
  case $kind/$port in
    dns/*) resolve ;;
    udp/53) ask_dns "$host" ;;
    *) connect ;;
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
