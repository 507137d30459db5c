import { connect, type Socket } from 'node:net'
import { mostConnections } from './visitors.ts'

/** Whom the load asks, and for what. */
export interface Target {
  readonly port: number
  readonly path: string
  /** Whose cookies are sent: a name that was introduced. No two connections send the cookie of one visitor. */
  readonly visitors: string
  /** Over how many connections at the same time. The visitors of the others stay away. */
  readonly connections: number
}

/** What the load process is told to do, one thing after the other. */
export type LoadOrder =
  /** Keeps these cookies under a name. */
  | { readonly visitors: string; readonly cookies: readonly string[] }
  /** Connects, and asks for so long that what follows finds everything warm. */
  | { readonly open: Target; readonly seconds: number }
  /** Asks over the connections that are open. */
  | { readonly seconds: number }

/** What it tells after the last two: how many requests were answered with status 200, and how long that took; or what went wrong. */
export type LoadResult = { readonly requests: number; readonly seconds: number } | { readonly error: string }

const cookiesOf = new Map<string, readonly string[]>()
/** Where each connection's visitors are to go on, so that a visitor comes back to a server only after all others. */
const turnsOf = new Map<string, number[]>()
let open: Connection[] = []

/**
 * A process of its own that asks as fast as it is answered, over raw sockets, so that it costs little beside the server. It
 * gets its orders by IPC.
 */
process.on('message', (order: LoadOrder) => {
  if ('cookies' in order) return void cookiesOf.set(order.visitors, order.cookies)
  const asked = 'open' in order ? connectTo(order.open).then(() => ask(order.seconds)) : ask(order.seconds)
  asked.then(
    result => process.send?.(result satisfies LoadResult),
    (error: Error) => process.send?.({ error: error.message } satisfies LoadResult),
  )
})
process.on('disconnect', () => process.exit())

async function connectTo({ port, path, visitors, connections }: Target): Promise<void> {
  for (const connection of open) connection.close()
  const requests = (cookiesOf.get(visitors) ?? []).map(cookie => requestFor(path, cookie))
  const key = `${port} ${visitors}`
  const turns = turnsOf.get(key) ?? Array.from({ length: mostConnections }, () => 0)
  turnsOf.set(key, turns)
  const hands = turns.slice(0, connections).map((_, i) => requests.filter((_, j) => j % mostConnections === i))
  open = hands.map((hand, i) => new Connection(port, hand, turns, i))
}

async function ask(seconds: number): Promise<LoadResult> {
  const start = performance.now()
  stayAwakeUntil(start + seconds * 1000)
  const counts = await Promise.all(open.map(connection => connection.askUntil(start + seconds * 1000)))
  return { requests: counts.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - start) / 1000 }
}

/**
 * Never waits for an answer in the operating system: to wake up who sleeps is charged to the one who answers, and the more often, the
 * longer each answer took (decision 038).
 */
function stayAwakeUntil(end: number): void {
  if (performance.now() < end) setImmediate(stayAwakeUntil, end)
}

function requestFor(path: string, cookie: string): Buffer {
  const headers = ['Host: localhost', 'X-Forwarded-Proto: https', 'Connection: keep-alive', `Cookie: ${cookie}`]
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
}

class Connection {
  readonly #socket: Socket
  readonly #requests: readonly Buffer[]
  readonly #turns: number[]
  readonly #i: number
  #pending = ''
  #count = 0
  #end = 0
  #resolve: (count: number) => void = () => undefined
  #reject: (error: Error) => void = () => undefined

  constructor(port: number, requests: readonly Buffer[], turns: number[], i: number) {
    this.#requests = requests
    this.#turns = turns
    this.#i = i
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', chunk => this.#read(chunk))
    this.#socket.once('error', error => this.#reject(error))
    this.#socket.once('close', () => this.#reject(new Error(`the server hung up: ${this.#pending}`)))
  }

  /** Asks until that time, and resolves with the number of answers. */
  askUntil(end: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#count = 0
      this.#end = end
      this.#ask()
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #ask(): void {
    const turn = this.#turns[this.#i] ?? 0
    this.#turns[this.#i] = turn + 1
    this.#socket.write(this.#requests[turn % this.#requests.length] ?? '')
  }

  #read(chunk: Buffer): void {
    this.#pending += chunk.toString('latin1')
    if (!isWhole(this.#pending)) return
    if (!this.#pending.startsWith('HTTP/1.1 200')) return void this.#socket.destroy(new Error(this.#pending))
    this.#pending = ''
    this.#count++
    if (performance.now() < this.#end) this.#ask()
    else this.#resolve(this.#count)
  }
}

/** Whether the text is a whole response. Every server here sends a Content-Length or chunks. */
function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= head + 4 + Number(length)
}
