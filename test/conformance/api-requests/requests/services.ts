import { core, get, labels, mergePatch, patch, post, type Request, service, table } from './request.ts'

export const services: Request[] = [
  post(
    'headless',
    `${core}/services`,
    service('headless', {
      clusterIP: 'None',
      selector: labels,
      ports: [{ port: 80, name: 'http', targetPort: 'http' }],
    }),
  ),
  post(
    'at an address',
    `${core}/services`,
    service('fixed', { clusterIP: '10.96.0.77', ports: [{ port: 80 }] }),
  ),
  post(
    'at an address that is taken',
    `${core}/services`,
    service('taken', { clusterIP: '10.96.0.77', ports: [{ port: 80 }] }),
  ),
  post(
    'of two protocols',
    `${core}/services`,
    service('dns', {
      ports: [
        { name: 'udp', port: 53, protocol: 'UDP' },
        { name: 'tcp', port: 53 },
      ],
    }),
  ),
  patch('to another address', `${core}/services/fixed`, { spec: { clusterIP: '10.96.0.78' } }, mergePatch),
  get('as a table', `${core}/services/dns`, table),
]
