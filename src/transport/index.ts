export { type BearerOptions, bearer, header } from './header-transport.ts'
export type { Carriage, Transport } from './transport.ts'
export type { SessionTransport } from './transports.ts'
