export interface KubeconfigOptions {
  name: string
  port: number
  /** PEM. */
  certificate: string
  token: string
}

/** A kubeconfig that carries all it needs: address, authority and token. YAML. */
export function kubeconfig({ name, port, certificate, token }: KubeconfigOptions): string {
  const cluster = `ztlab-${name}`
  return `apiVersion: v1
kind: Config
current-context: ${cluster}
clusters:
  - name: ${cluster}
    cluster:
      server: https://127.0.0.1:${port}
      certificate-authority-data: ${Buffer.from(certificate).toString('base64')}
contexts:
  - name: ${cluster}
    context:
      cluster: ${cluster}
      user: ${cluster}
users:
  - name: ${cluster}
    user:
      token: ${token}
`
}
