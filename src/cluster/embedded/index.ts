export { embeddedBackend } from './backend.ts'
