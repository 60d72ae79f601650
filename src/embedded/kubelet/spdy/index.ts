export { SpdyConnection, type SpdyStream } from './connection.ts'
export { acceptHandshake, handshakeProblem } from './handshake.ts'
