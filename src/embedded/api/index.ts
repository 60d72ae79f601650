export { servedTypes } from './kinds/index.ts'
export { type ApiServer, type ApiServerOptions, startApiServer } from './server.ts'
