import type { KubernetesObject } from '../../../kubernetes-object.ts'
import type { ResourceType } from '../../api-client/index.ts'
import { groupVersion, type Kind, pathOf, resourceOf } from '../kind.ts'
import { type PublishedResource, publishedApi } from '../published/index.ts'
import type { Store } from '../store.ts'
import { type Behaviour, behaviours } from './behaviours.ts'
import { customKinds } from './custom-resource-definition.ts'
import { otherVersions } from './other-versions.ts'
import { policyKinds } from './policies.ts'
import { reviews } from './reviews.ts'

/** Every kind that an API server serves: the published ones, Calico's, and those of its CustomResourceDefinitions. */
export class KindCatalogue {
  private readonly byPath = new Map(builtInKinds().map((kind) => [pathOf(kind), kind]))
  private readonly listeners = new Set<(type: ResourceType) => void>()

  constructor(store: Store) {
    store.subscribe(({ resource, type, object, previous }) => {
      if (resource !== definitions) return
      for (const kind of previous ? customKinds(previous) : []) this.byPath.delete(pathOf(kind))
      if (type !== 'DELETED') for (const kind of customKinds(object)) this.add(kind)
      // After the definition itself, so that watchers hear of both in order.
      else queueMicrotask(() => emptyOf(store, object))
    })
  }

  all(): Kind[] {
    return [...this.byPath.values()]
  }

  /** The kind of a path such as `api/v1/pods`. */
  kindOf(path: string): Kind | undefined {
    return this.byPath.get(path)
  }

  /** Keys of the store; several kinds may share one. */
  resources(): string[] {
    return [...new Set(this.all().map(resourceOf))]
  }

  /** Called for each kind that is stored and comes later. */
  onAdd(listener: (type: ResourceType) => void): void {
    this.listeners.add(listener)
  }

  private add(kind: Kind): void {
    // A definition for a kind that is served anyway, such as Calico's own, changes nothing.
    if (builtInPaths().has(pathOf(kind))) return
    this.byPath.set(pathOf(kind), kind)
    if (pathOf(kind) === resourceOf(kind)) for (const listener of this.listeners) listener(typeOf(kind))
  }
}

function emptyOf(store: Store, definition: KubernetesObject): void {
  for (const kind of customKinds(definition)) {
    if (!kind.storage)
      for (const object of store.list(resourceOf(kind))) store.remove(resourceOf(kind), object)
  }
}

const definitions = 'apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Every kind that is stored from the start, as clients address it. */
export function servedTypes(): ResourceType[] {
  return builtInKinds()
    .filter((kind) => !kind.review && !kind.storage)
    .map(typeOf)
}

let builtIn: Kind[] | undefined

function builtInKinds(): Kind[] {
  builtIn ??= [...publishedApi().resources.filter(isServed).map(publishedKind), ...policyKinds]
  return builtIn
}

function builtInPaths(): Set<string> {
  return new Set(builtInKinds().map(pathOf))
}

/** Deprecated, about processes that are not here, or an action of another kind. */
const leftOut = ['api/v1/componentstatuses', 'api/v1/bindings']

function isServed({ group, version, plural }: PublishedResource): boolean {
  return !leftOut.includes(`${group ? `apis/${group}` : 'api'}/${version}/${plural}`)
}

function publishedKind(published: PublishedResource): Kind {
  const { group, version, kind, plural, singular, shortNames, categories, namespaced, definition } = published
  const path = pathOf(published)
  const behaviour: Behaviour | undefined = behaviours[path]
  return {
    group,
    version,
    kind,
    plural,
    singular,
    shortNames,
    categories,
    namespaced,
    definition,
    published,
    isInert: !behaviour,
    subresources: published.subresources.map(({ name }) => name),
    review: reviews[path],
    storage: otherVersions[path],
    ...behaviour,
  }
}

function typeOf(kind: Kind): ResourceType {
  return {
    groupVersion: `${kind.group ? 'apis' : 'api'}/${groupVersion(kind)}`,
    plural: kind.plural,
    namespaced: kind.namespaced,
  }
}
