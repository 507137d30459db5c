import { type OutgoingHttpHeader, ServerResponse } from 'node:http'

type Arguments = readonly [status: unknown, reason?: unknown, fields?: unknown]

// Headers of which a part is ours, and goes into the next head.
const shared = /^(cache-control|set-cookie|vary)$/i

// What `writeHead` does. Of a head that is refused nothing stays behind for the next one.
export function sendHead(res: ServerResponse, args: Arguments, send: () => void): void {
  const before = res.getHeaderNames()
  try {
    applyHead(res, args)
    send()
  } catch (error) {
    const added = res.headersSent ? [] : res.getHeaderNames().filter(name => !before.includes(name))
    for (const name of added) if (!shared.test(name)) res.removeHeader(name)
    throw error
  }
}

// What `writeHead` does with its arguments but for making the head: later headers replace earlier ones, an array may repeat a
// name. What Node refuses is refused here too, at the call and in Node's own words.
function applyHead(res: ServerResponse, args: Arguments): void {
  const [status, reason, more] = args
  const message = typeof reason === 'string' ? reason : null
  const fields = (message === null ? (more ?? reason) : more) ?? {}
  const odd = Array.isArray(fields) && !Array.isArray(fields[0]) && fields.length % 2 !== 0
  if (odd || !isStatus(status) || !isPhrase(message ?? '')) refuse(res, args)
  if (Array.isArray(fields)) applyPairs(res, pairsOf(fields))
  else for (const [name, value] of Object.entries(fields)) res.setHeader(name, value)
  res.statusCode = Number(status) | 0
  if (message !== null) res.statusMessage = message
}

// Throws what Node throws for a head that cannot be sent, when a body starts it: a bad status or a bad reason phrase.
export function checkHead(res: ServerResponse): void {
  const reason = reasonOf(res)
  if (!isStatus(res.statusCode) || (reason && !isPhrase(reason))) refuse(res, [res.statusCode])
}

// The reason phrase; HTTP/2 has none, and Node warns whoever asks for it.
export function reasonOf(res: ServerResponse): string {
  return res instanceof ServerResponse ? res.statusMessage : ''
}

// Throws what Node throws for a body that is neither text nor bytes.
export function checkChunk(res: ServerResponse, chunk: unknown): void {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return
  // Over HTTP/2 any view of bytes is taken.
  if (res instanceof ServerResponse || !ArrayBuffer.isView(chunk)) {
    ServerResponse.prototype.write.call(res, chunk, 'utf8')
  }
}

// Node's own `writeHead`, for the error that it throws: it checks before it does anything.
function refuse(res: ServerResponse, args: Arguments): void {
  ServerResponse.prototype.writeHead.apply(res, args as never)
}

// Throws what Node throws for a head when one has left, on a response that looks so.
export function refuseSecondHead(res: ServerResponse, args: Arguments): ServerResponse {
  // Not what middleware put in its place, which would take this for the head that leaves.
  const { writeHead = res.writeHead } = Object.getPrototypeOf(res) as Partial<ServerResponse>
  return writeHead.apply(res, args as never)
}

function isStatus(status: unknown): boolean {
  const code = Number(status) | 0
  return code >= 100 && code <= 999
}

// A reason phrase may hold what a header value may: no control characters, nothing beyond Latin-1.
function isPhrase(message: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(message)
}

type Pair = readonly [name: string, value: OutgoingHttpHeader]

// Node takes `[name, value, name, value]`, and, when no header was set before, `[[name, value], [name, value]]`.
function pairsOf(fields: readonly unknown[]): readonly Pair[] {
  if (Array.isArray(fields[0])) return fields as Pair[]
  return Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i], fields[2 * i + 1]] as Pair)
}

function applyPairs(res: ServerResponse, pairs: readonly Pair[]): void {
  for (const [name] of pairs) res.removeHeader(name)
  for (const [name, value] of pairs) appendLines(res, name, value)
}

// Adds lines to a header. Unlike `res.appendHeader`, which pushes into the very array that the program gave: were that a
// constant of the program, one visitor's cookie would go to the next.
export function appendLines(res: ServerResponse, name: string, value: OutgoingHttpHeader): void {
  const before = res.getHeader(name)
  // Node's own check says what is wrong with a value that is missing.
  if (before === undefined || value === undefined) res.setHeader(name, value)
  else res.setHeader(name, [before, value].flat().map(String))
}
