import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MountedApp } from '../../src/testing/adapter-contract/app.ts'

/** A server of `node:http` on a port of its own. */
export interface Listening extends MountedApp {
  readonly port: number
  readonly server: Server
}

/** Listens with a handler of `node:http`, such as an Express app is. */
export function listen(handler: RequestListener): Promise<Listening> {
  return listenOn(createServer(handler))
}

/** Listens with a server that is there, such as a framework makes. */
export async function listenOn(server: Server): Promise<Listening> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    async close(): Promise<void> {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
