import { isIP } from 'node:net'
import { portProblems } from './containers.ts'
import { keyProblem, labelProblem } from './names.ts'
import { checkLabels } from './placement.ts'
import { duplicate, forbidden, invalid, notSubdomain, type Rule, required } from './rule.ts'

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
  checkLabels(selector, 'selector', wrong)
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
    const ofName = name ? labelProblem(name) : null
    if (ofName) wrong(`${at}.name`, invalid(name, ofName))
    if (nodePort && closedType)
      wrong(`${at}.nodePort`, `Forbidden: may not be used when \`type\` is '${closedType}'`, forbidden)
    for (const problem of targetPort === undefined ? [] : portProblems(targetPort))
      wrong(`${at}.targetPort`, invalid(targetPort, problem))
    const ofProtocol = appProtocol ? keyProblem(appProtocol) : null
    if (ofProtocol) wrong(`${at}.appProtocol`, invalid(appProtocol, ofProtocol))
  }
}

const addressRule = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

const loopbackRule = 'may not be in the loopback range (127.0.0.0/8, ::1/128)'

const slice: Rule = ({ addressType, endpoints = [] }, wrong) => {
  for (const [index, { addresses = [] }] of endpoints.entries()) {
    if (!addresses.length)
      wrong(`endpoints[${index}].addresses`, 'Required value: must contain at least 1 address', required)
    for (const [at, address] of addresses.entries())
      if (addressType !== 'FQDN' && !isIP(address))
        wrong(`endpoints[${index}].addresses[${at}]`, invalid(address, addressRule))
      else if (/^127\.|^::1$/.test(address))
        wrong(`endpoints[${index}].addresses[${at}]`, invalid(address, loopbackRule))
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
