/** What differs from run to run and from cluster to cluster for no reason that matters. */
export interface Names {
  namespace: string
  node: string
}

const letters = '[bcdfghjklmnpqrstvwxz2456789]'

/** Text as it is compared: names, times, addresses and widths of columns made equal. */
export function normalize(text: string, { namespace, node }: Names): string {
  const rules: [RegExp, string][] = [
    [new RegExp(escaped(node), 'g'), 'NODE'],
    [new RegExp(`\\b${escaped(namespace)}\\b`, 'g'), 'NAMESPACE'],
    [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID'],
    [/\b\w+:\/\/[0-9a-f]{64}\b/g, 'CONTAINER-ID'],
    [/\b[0-9a-f]{64}\b/g, 'DIGEST'],
    [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)?/g, 'TIME'],
    [/\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, 'TIME'],
    [/\b\d{1,3}(\.\d{1,3}){3}(\/\d+)?\b/g, 'IP'],
    [/https:\/\/IP:\d+/g, 'https://IP:PORT'],
    [/^[WIE]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /gm, 'KLOG '],
    [/(resourceVersion"?: ?")\d+/g, '$1N'],
    [/(nodePort"?: |:)3[0-2]\d{3}\b/g, '$1NODEPORT'],
    [new RegExp(`-${letters}{6,10}-${letters}{5}\\b`, 'g'), '-HASH-POD'],
    [new RegExp(`-${letters}{6,10}\\b`, 'g'), '-HASH'],
    [new RegExp(`(pod-template-hash[=:] ?"?)${letters}{6,10}`, 'g'), '$1HASH'],
    [new RegExp(`(-(?:hash|access|revision)[=:-] ?"?)${letters}{5,10}`, 'g'), '$1HASH'],
    [new RegExp(`([a-z])-${letters}{5}\\b`, 'g'), '$1-RANDOM'],
    [/\b(\d+[smhd]){1,2}\b/g, 'AGE'],
    [/\^@/g, ''],
    [/ *\t */g, '  '],
    [/(\S) {2,}/g, '$1  '],
    [/-{4,}/g, '----'],
    [/ +$/gm, ''],
  ]
  return rules.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
