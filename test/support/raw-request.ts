import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** The text of a request without a body, such as `requestText('GET /', 'Connection: close')`. */
export function requestText(line: string, ...headers: readonly string[]): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n')
}

/** A request over a socket of its own, which shows what has arrived at any moment. */
export class RawRequest {
  readonly #socket: Socket
  readonly #chunks: Buffer[] = []
  readonly #closed: Promise<unknown>

  constructor(port: number, text: string) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.on('data', chunk => this.#chunks.push(chunk))
    this.#closed = once(this.#socket, 'close')
    this.#socket.write(text)
  }

  /** What has arrived so far. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  /** Resolves when this has arrived; rejects if the connection closes without it. */
  async until(text: string | Buffer): Promise<void> {
    while (!this.received.includes(text)) {
      const closed = this.#closed.then(() => Promise.reject(new Error(`closed before ${text} came`)))
      await Promise.race([once(this.#socket, 'data'), closed])
    }
  }

  /** The response, when the server has closed the connection. */
  async response(): Promise<RawResponse> {
    await this.#closed
    return parseResponse(this.received)
  }

  /** Stops to take what arrives, as a slow client does. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  leave(): void {
    this.#socket.destroy()
  }

  /** Leaves as a machine does that is switched off and on again: what still comes to it is answered with a reset (RFC 9293). */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }
}

/** A response as its bytes say it. */
export interface RawResponse {
  readonly status: string
  /** The header lines, in their order. */
  readonly headers: readonly string[]
  readonly body: Buffer
  /** The lines that follow the last chunk. */
  readonly trailers: readonly string[]
}

/** The final response in what has arrived, its chunks put together; interim ones (1xx) come before it. */
function parseResponse(received: Buffer): RawResponse {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) throw new Error(`no response in ${JSON.stringify(received.toString('latin1'))}`)
  const [status = '', ...headers] = received.subarray(0, end).toString('latin1').split('\r\n')
  const rest = received.subarray(end + 4)
  if (/^HTTP\/1.1 1/.test(status)) return parseResponse(rest)
  const chunked = headers.some(header => /^transfer-encoding: chunked$/i.test(header))
  return { status, headers, ...(chunked ? withoutChunks(rest) : { body: rest, trailers: [] }) }
}

/** Throws if a chunk is cut off. */
function withoutChunks(body: Buffer): Pick<RawResponse, 'body' | 'trailers'> {
  const parts: Buffer[] = []
  let at = 0
  for (let length = -1; length !== 0; ) {
    const start = body.indexOf('\r\n', at) + 2
    length = Number.parseInt(body.subarray(at, start).toString('latin1'), 16)
    if (Number.isNaN(length) || start + length > body.length) throw new Error('the body breaks off')
    parts.push(body.subarray(start, start + length))
    at = length === 0 ? start : start + length + 2
  }
  return { body: Buffer.concat(parts), trailers: body.subarray(at).toString('latin1').split('\r\n').filter(Boolean) }
}
