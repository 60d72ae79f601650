import { isIP } from 'node:net'
import { duplicate, forbidden, invalid, notSubdomain, type Rule, required } from './rule.ts'

const portName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const portNameRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const qualifiedName = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/
const qualifiedRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const service: Rule = (spec, wrong) => {
  const { type = 'ClusterIP', ports = [], selector = {}, clusterIP, externalTrafficPolicy } = spec
  const isExternal = type === 'ExternalName'
  if (isExternal && clusterIP)
    wrong('clusterIPs', 'Forbidden: may not be set for ExternalName services', forbidden)
  if (isExternal && spec.externalName) {
    const why = notSubdomain(spec.externalName.replace(/\.$/, ''))
    if (why) wrong('externalName', why)
  }
  if (clusterIP === 'None' && (type === 'NodePort' || type === 'LoadBalancer'))
    wrong('clusterIPs[0]', invalid('None', `may not be set to 'None' for ${type} services`))
  for (const key of Object.keys(selector))
    if (!qualifiedName.test(key)) wrong('selector', invalid(key, qualifiedRule))
  const isOpen = type === 'NodePort' || type === 'LoadBalancer'
  if (externalTrafficPolicy && !isOpen)
    wrong(
      'externalTrafficPolicy',
      invalid(externalTrafficPolicy, 'may only be set for externally-accessible services'),
    )
  if (spec.healthCheckNodePort && !(type === 'LoadBalancer' && externalTrafficPolicy === 'Local'))
    wrong(
      'healthCheckNodePort',
      invalid(
        spec.healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    )
  checkPorts(ports, isOpen ? null : type, wrong)
}

// biome-ignore lint/suspicious/noExplicitAny: ports that were checked against their schema
function checkPorts(ports: any[], closedType: string | null, wrong: Parameters<Rule>[1]): void {
  const [numbers, names] = [new Set<string>(), new Set<string>()]
  for (const [
    index,
    { port, protocol = 'TCP', name, nodePort, targetPort, appProtocol },
  ] of ports.entries()) {
    const at = `ports[${index}]`
    const key = `${protocol}/${port}`
    if (numbers.has(key)) wrong(at, `Duplicate value: ${JSON.stringify({ protocol, port })}`, duplicate)
    numbers.add(key)
    if (name && names.has(name)) wrong(`${at}.name`, `Duplicate value: "${name}"`, duplicate)
    if (name) names.add(name)
    if (name && !portName.test(name)) wrong(`${at}.name`, invalid(name, portNameRule))
    if (nodePort && closedType)
      wrong(`${at}.nodePort`, `Forbidden: may not be used when \`type\` is '${closedType}'`, forbidden)
    if (typeof targetPort === 'string') checkTarget(targetPort, `${at}.targetPort`, wrong)
    if (appProtocol && !qualifiedName.test(appProtocol))
      wrong(`${at}.appProtocol`, invalid(appProtocol, qualifiedRule))
  }
}

function checkTarget(name: string, field: string, wrong: Parameters<Rule>[1]): void {
  if (name.length > 15) wrong(field, invalid(name, 'must be no more than 15 characters'))
  if (!/^[a-z0-9-]+$/i.test(name))
    wrong(field, invalid(name, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'))
}

const addressRule = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

const slice: Rule = ({ addressType, endpoints = [] }, wrong) => {
  for (const [index, { addresses = [] }] of endpoints.entries()) {
    if (!addresses.length)
      wrong(`endpoints[${index}].addresses`, 'Required value: must contain at least 1 address', required)
    for (const [at, address] of addresses.entries())
      if (addressType !== 'FQDN' && !isIP(address))
        wrong(`endpoints[${index}].addresses[${at}]`, invalid(address, addressRule))
  }
}

const endpointAddress: Rule = ({ ip }, wrong) => {
  if (ip !== undefined && !isIP(ip)) wrong('ip', invalid(ip, addressRule))
}

export const networkRules: Record<string, Rule> = {
  'core.v1.ServiceSpec': service,
  'discovery.v1.EndpointSlice': slice,
  'core.v1.EndpointAddress': endpointAddress,
}
