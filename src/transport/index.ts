export { type BearerOptions, bearer, header } from './header-transport.ts'
export type { Transport } from './transport.ts'
export type { SessionTransport } from './transports.ts'
