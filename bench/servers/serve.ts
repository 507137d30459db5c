import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceAddresses } from '../../test/services/services.ts'

/** Where a variant keeps its sessions. */
export type StoreName = 'memory' | 'redis' | 'postgres' | 'sqlite' | 'encrypted-cookie' | 'signed-cookie'

/** What a server is told when it starts. */
export interface ServerSettings {
  readonly store: StoreName
  /** The services that the variant named. */
  readonly addresses: Partial<ServiceAddresses>
  /** Its own folder, for files. */
  readonly directory: string
  /** How many bytes of JSON a session's data have. */
  readonly payloadBytes: number
}

/** What a server tells: where it listens, and what the operating system says that it used. */
export type ServerMessage = { readonly port: number } | Usage

export interface Usage {
  /** User and system time of the process with all its threads. */
  readonly cpuMicroseconds: number
  readonly rssBytes: number
}

export const settings: ServerSettings = JSON.parse(process.argv[2] ?? '{}')

/** Serves until the bench ends. */
export function serve(listener: RequestListener): void {
  const server = createServer(listener).listen(0, '127.0.0.1', () => {
    ready((server.address() as AddressInfo).port)
  })
}

/** For frameworks that listen by themselves: tells the bench that the server does. */
export function ready(port: number): void {
  const tell = (message: ServerMessage): void => void process.send?.(message)
  process.on('message', () => tell(usage()))
  process.on('disconnect', () => process.exit())
  tell({ port })
}

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  return { cpuMicroseconds: user + system, rssBytes: process.memoryUsage.rss() }
}

/** The address of a service that this server cannot do without. */
export function addressOf<Name extends keyof ServiceAddresses>(name: Name): ServiceAddresses[Name] {
  const address = settings.addresses[name]
  if (!address) throw new Error(`this server needs ${name}`)
  return address as ServiceAddresses[Name]
}
