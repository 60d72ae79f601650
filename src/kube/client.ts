import type { Duplex } from 'node:stream'
import type { KubernetesObject } from '../kubernetes-object.ts'

/**
 * A Kubernetes API as the harness uses it. Every method throws `LabError`: `cluster-unreachable` when the API
 * cannot be talked to, `bad-input` when it refuses an object (each problem names the object), `timeout`,
 * `interrupted` when its signal was aborted.
 */
export interface KubeClient {
  /**
   * Server-side apply (field manager `ztlab`, forced), Namespaces and what else comes first in their order. Returns
   * the objects as stored, in the order given. All refusals are collected before it throws.
   */
  apply(objects: KubernetesObject[], options?: ApplyOptions): Promise<KubernetesObject[]>
  /** Deletes in reverse order and waits until the objects are gone. What does not exist is no error. */
  delete(objects: KubernetesObject[], options?: DeleteOptions): Promise<void>
  /** Null where the object, or the kind, does not exist. */
  get(apiVersion: string, kind: string, name: string, namespace?: string): Promise<KubernetesObject | null>
  /** All objects of a kind; empty where the cluster does not serve it. */
  list(apiVersion: string, kind: string, options?: ListOptions): Promise<KubernetesObject[]>
  /**
   * Runs a command in a container. `code` is that of the command and of nothing else: a stream that breaks off, a
   * pod that is gone or a program that does not exist throw.
   */
  exec(request: ExecRequest): Promise<ExecOutcome>
  /**
   * A connection to a port of a pod, as if from inside it. Bytes are all it carries; it is destroyed with
   * `cluster-unreachable` where nobody listens there, or the way to the pod breaks.
   */
  portForward(request: PortForwardRequest): Promise<Duplex>
  /**
   * Adds an ephemeral container to a pod, whose network namespace it shares, or finds one of that name from before,
   * and waits until it runs; returns its name. It stays in the pod's spec until the pod is deleted.
   */
  addEphemeralContainer(request: EphemeralRequest): Promise<string>
  /**
   * Waits by watch until Pods are Ready (or Succeeded), Deployments and DaemonSets are rolled out, and Services lead
   * to the pods that are waited for with them. Other kinds are ready once they exist. On `timeout` each problem names an object, why it waits and its last Event.
   */
  waitReady(objects: KubernetesObject[], options?: WaitOptions): Promise<void>
  /** The body of an answer to a path such as `/internal/settled?revision=7`. */
  raw(path: string, request?: RawRequest): Promise<string>
  /** Ends idle connections; the process would otherwise wait for them. */
  close(): void
}

export interface ApplyOptions {
  /** Becomes the label `ztlab.dev/run` of every object, beside an annotation that tells the process of the run. */
  runId?: string
  signal?: AbortSignal
}

export interface DeleteOptions {
  /** Left out: as the API decides (30 s for Pods). */
  gracePeriodSeconds?: number
  /** Default 60,000. */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface ListOptions {
  namespace?: string
  /** `app=web,tier!=db`, as the API takes it. */
  labelSelector?: string
  signal?: AbortSignal
}

export interface WaitOptions {
  /** End as soon as a container fails in a way that seldom mends itself, such as an image that is not to be had. */
  failFast?: boolean
  /** Default 60,000. */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface ExecRequest {
  namespace: string
  pod: string
  container?: string
  command: string[]
  stdin?: string
  /** Default 30,000. */
  timeoutMs?: number
  signal?: AbortSignal
  /** Told of standard output as it comes; it is then no part of the outcome. */
  onStdout?: (text: string) => void
}

export interface PortForwardRequest {
  namespace: string
  pod: string
  port: number
  /** How long the way to the pod may take to open. Default 10,000. */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface EphemeralRequest {
  namespace: string
  pod: string
  /** What its name begins with. */
  name: string
  image: string
  command: string[]
  /** Default 60,000. */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface ExecOutcome {
  code: number
  stdout: string
  stderr: string
}

export interface RawRequest {
  method?: string
  body?: string
  contentType?: string
  /** Default 30,000. */
  timeoutMs?: number
  signal?: AbortSignal
}
