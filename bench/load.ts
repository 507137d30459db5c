import { connect } from 'node:net'

/** What the load process is told to do. */
export interface Load {
  readonly port: number
  readonly path: string
  readonly connections: number
  /** The visitors', dealt out to the connections: no two ask for one session at the same time. Each asks in its turn. */
  readonly cookies: readonly string[]
  readonly seconds: number
}

/** What it tells: how many requests were answered with status 200, and how long that took; or what went wrong. */
export type LoadResult = { readonly requests: number; readonly seconds: number } | { readonly error: string }

/**
 * A process of its own that asks as fast as it is answered, over raw sockets, so that it costs little beside the server. It
 * gets a load to run by IPC, one at a time.
 */
process.on('message', (load: Load) => {
  run(load).then(
    result => process.send?.(result satisfies LoadResult),
    (error: Error) => process.send?.({ error: `${load.path}: ${error.message}` } satisfies LoadResult),
  )
})
process.on('disconnect', () => process.exit())

async function run({ port, path, connections, cookies, seconds }: Load): Promise<LoadResult> {
  const requests = cookies.map(cookie => requestFor(path, cookie))
  const hands = Array.from({ length: connections }, (_, i) => requests.filter((_, j) => j % connections === i))
  const start = performance.now()
  const end = start + seconds * 1000
  const counts = await Promise.all(hands.map(hand => visit(port, hand, end)))
  return { requests: counts.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - start) / 1000 }
}

function requestFor(path: string, cookie: string): Buffer {
  const headers = ['Host: localhost', 'X-Forwarded-Proto: https', 'Connection: keep-alive', `Cookie: ${cookie}`]
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
}

/** Asks over one connection until the time is over, and resolves with the number of answers. */
function visit(port: number, requests: readonly Buffer[], end: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let count = 0
    let pending = ''
    const askNext = (): void => void socket.write(requests[count % requests.length] ?? '')
    socket.once('connect', askNext)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`the server hung up: ${pending}`)))
    socket.on('data', (chunk: Buffer): void => {
      pending += chunk.toString('latin1')
      if (!isWhole(pending)) return
      if (!pending.startsWith('HTTP/1.1 200')) return void socket.destroy(new Error(pending))
      pending = ''
      count++
      if (performance.now() < end) return void askNext()
      resolve(count)
      socket.destroy()
    })
  })
}

/** Whether the text is a whole response. Every server here sends a Content-Length or chunks. */
function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= head + 4 + Number(length)
}
