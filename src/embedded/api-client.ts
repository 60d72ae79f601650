export * from './api-client/index.ts'
