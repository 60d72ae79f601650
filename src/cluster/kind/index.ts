export { kindBackend } from './backend.ts'
