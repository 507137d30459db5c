import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** From the client, or from the server. */
export type Direction = 'request' | 'reply'

/** A way to one or more servers that can break at any byte. */
export interface CuttingProxy {
  /** A port for each server. */
  readonly ports: readonly number[]
  /** How many bytes have passed. */
  readonly passed: Record<Direction, number>
  /** Breaks the connection once, when so many more bytes have passed in this direction. */
  cutAfter(bytes: number, direction: Direction): void
  close(): void
}

/** A proxy in front of servers on this machine. */
export async function startCuttingProxy(targets: readonly number[]): Promise<CuttingProxy> {
  const passed = { request: 0, reply: 0 }
  const left = { request: Number.POSITIVE_INFINITY, reply: Number.POSITIVE_INFINITY }
  const sockets = new Set<Socket>()
  const pass = (from: Socket, to: Socket, direction: Direction): void => {
    sockets.add(from)
    from.on('data', (data: Buffer) => {
      const isCut = data.length >= left[direction]
      const piece = isCut ? data.subarray(0, left[direction]) : data
      left[direction] = isCut ? Number.POSITIVE_INFINITY : left[direction] - piece.length
      passed[direction] += piece.length
      to.write(piece)
      if (!isCut) return
      from.destroy()
      to.end()
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      sockets.delete(from)
      to.end()
    })
  }
  const servers = targets.map(target =>
    createServer(client => {
      const upstream = connect(target, '127.0.0.1')
      for (const socket of [client, upstream]) socket.setNoDelay()
      pass(client, upstream, 'request')
      pass(upstream, client, 'reply')
    }).listen(0, '127.0.0.1'),
  )
  await Promise.all(servers.map(server => once(server, 'listening')))
  return {
    ports: servers.map(server => (server.address() as AddressInfo).port),
    passed,
    cutAfter(bytes, direction) {
      left[direction] = bytes
    },
    close() {
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
