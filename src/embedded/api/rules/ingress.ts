import { invalid, notSubdomain, type Rule, required } from './rule.ts'

const spec: Rule = ({ defaultBackend, rules, ingressClassName, tls }, wrong) => {
  if (!defaultBackend && !rules?.length)
    wrong('', invalid(null, 'either `defaultBackend` or `rules` must be specified'))
  const why = ingressClassName === undefined ? null : notSubdomain(ingressClassName)
  if (why) wrong('ingressClassName', why)
  for (const [index, { hosts = [] }] of (tls ?? []).entries())
    for (const [at, host] of hosts.entries()) {
      const name = notHost(host)
      if (name) wrong(`tls[${index}].hosts[${at}]`, name)
    }
}

const rule: Rule = ({ host }, wrong) => {
  if (!host) return
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':')
  if (isAddress) wrong('host', invalid(host, 'must be a DNS name, not an IP address'))
  else if (notHost(host)) wrong('host', notHost(host)!)
}

const paths: Rule = ({ paths: listed }, wrong) => {
  if (listed && !listed.length) wrong('paths', 'Required value', required)
}

const unsafe = ['//', '/./', '/../', '%2f', '%2F']
const unsafeEnds = ['/..', '/.']

const path: Rule = ({ path: value, pathType }, wrong) => {
  if (pathType !== 'Exact' && pathType !== 'Prefix') return
  if (!value?.startsWith('/')) wrong('path', invalid(value ?? '', 'must be an absolute path'))
  for (const part of unsafe)
    if (value?.includes(part)) wrong('path', invalid(value, `must not contain '${part}'`))
  for (const end of unsafeEnds)
    if (value?.endsWith(end)) wrong('path', invalid(value, `cannot end with '${end}'`))
}

const backend: Rule = ({ service, resource }, wrong) => {
  if (service && resource) wrong('', invalid('', 'cannot set both resource and service backends'))
  else if (resource) return
  else if (!service) wrong('', invalid('', 'resource or service backend is required'))
  else if (service.port?.name && service.port?.number)
    wrong('', invalid('', 'cannot set both port name & port number'))
  else if (!service.port?.name && !service.port?.number)
    wrong('', 'Required value: port name or number is required', required)
}

function notHost(host: string): string | null {
  return (
    notSubdomain(host.replace(/^\*\./, '')) && invalid(host, notSubdomain('_')!.replace(/^.*?: "_": /, ''))
  )
}

export const ingressRules: Record<string, Rule> = {
  'networking.v1.IngressSpec': spec,
  'networking.v1.IngressRule': rule,
  'networking.v1.HTTPIngressRuleValue': paths,
  'networking.v1.HTTPIngressPath': path,
  'networking.v1.IngressBackend': backend,
}
