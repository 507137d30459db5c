import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** From the client, or from the server. */
export type Direction = 'request' | 'reply'

/** Some bytes that arrived together. */
export interface Piece {
  readonly direction: Direction
  readonly length: number
}

/** A way to one or more servers that can break at any byte. */
export interface CuttingProxy {
  /** A port for each server. */
  readonly ports: readonly number[]
  /** What has passed so far, in the pieces in which it came. */
  readonly pieces: readonly Piece[]
  /** Calls `onCut`, and breaks the connection, once, when so many more bytes have passed in this direction. */
  cutAfter(bytes: number, direction: Direction, onCut?: () => void): void
  /** Resolves when the servers have ended what was cut: nothing that got through is under way any more. */
  settled(): Promise<void>
  close(): void
}

/** Where the connection will break. */
interface Cut {
  readonly direction: Direction
  readonly onCut: (() => void) | undefined
  left: number
}

/** A proxy in front of servers on this machine. */
export async function startCuttingProxy(targets: readonly number[]): Promise<CuttingProxy> {
  const pieces: Piece[] = []
  const sockets = new Set<Socket>()
  let ending: Promise<unknown> = Promise.resolve()
  let cut: Cut | null = null
  /** How much of this piece passes before the cut that is due in it; undefined if none is. */
  const cutIn = (data: Buffer, direction: Direction): number | undefined => {
    if (cut?.direction !== direction) return undefined
    const { left, onCut } = cut
    cut.left -= data.length
    if (left > data.length) return undefined
    cut = null
    onCut?.()
    return left
  }
  const pass = (from: Socket, to: Socket, direction: Direction): void => {
    sockets.add(from)
    from.on('data', (data: Buffer) => {
      const rest = cutIn(data, direction)
      const piece = data.subarray(0, rest)
      pieces.push({ direction, length: piece.length })
      to.write(piece)
      if (rest === undefined) return
      const server = direction === 'request' ? to : from
      ending = Promise.all([ending, server.closed || new Promise(resolve => server.on('close', resolve))])
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
    pieces,
    cutAfter(left, direction, onCut) {
      cut = { left, direction, onCut }
    },
    settled: async () => void (await ending),
    close() {
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
