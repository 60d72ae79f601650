export {
  type ApiClient,
  ApiError,
  type Informer,
  isApiError,
  type ObjectRef,
  type Programmer,
  type ResourceType,
  type WatchEvent,
} from './api-client.ts'
export { type ConnectOptions, connectApi } from './connect.ts'
export { newEventName } from './event-name.ts'
export { type LogEntry, Replica } from './replica.ts'
export { resourceKey, resourcePath, resources } from './resources.ts'
export { socketAppeared } from './socket-appeared.ts'
