import type { IncomingMessage, ServerResponse } from 'node:http'
import { prepareForEarlyCalls } from './early-calls.ts'
import type { BeforeHeaders, Exchange } from './exchange.ts'
import { HeldResponse } from './held-response.ts'
import { inOrder } from './in-order.ts'
import { appendLines } from './write-head.ts'

// A request as a framework sees it that can be told to trust a proxy. Node's own has neither.
interface ProxiedRequest {
  readonly protocol?: string
  readonly ip?: string
}

// Node's request and response as an exchange. `fail` gets the error when the session cannot be saved, and has to answer.
// `view` is the framework's request, where that is not Node's own.
export class NodeExchange implements Exchange {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #fail: (error: unknown) => void
  readonly #view: ProxiedRequest
  #held: HeldResponse | undefined
  #prepare: BeforeHeaders | undefined
  #preparing = false

  constructor(req: IncomingMessage, res: ServerResponse, fail: (error: unknown) => void, view = req as ProxiedRequest) {
    this.#req = req
    this.#res = res
    this.#fail = fail
    this.#view = view
    prepareForEarlyCalls(res)
  }

  get cookieHeader(): string | undefined {
    return this.#req.headers.cookie
  }

  get method(): string {
    return this.#req.method ?? 'GET'
  }

  get target(): string {
    // Express cuts `url` where a router is mounted.
    const { url = '/', originalUrl = url } = this.#req as IncomingMessage & { originalUrl?: string }
    return originalUrl
  }

  get secure(): boolean {
    const { protocol } = this.#view
    return protocol === undefined ? 'encrypted' in this.#req.socket : protocol === 'https'
  }

  get address(): string | undefined {
    return this.#view.ip ?? this.#req.socket.remoteAddress
  }

  requestHeader(name: string): string | undefined {
    const value = this.#req.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  get headersSent(): boolean {
    // Node makes no head before its `end` runs, which waits for what is saved at the end.
    return this.#preparing || this.#res.headersSent || this.#held?.holds === false
  }

  getHeader(name: string): string | undefined {
    const value = this.#res.getHeader(name)
    return Array.isArray(value) ? value.join(', ') : value?.toString()
  }

  setHeader(name: string, value: string): void {
    this.#held?.editHeaders(res => res.setHeader(name, value))
  }

  appendHeader(name: string, value: string): void {
    this.#held?.editHeaders(res => appendLines(res, name, value))
  }

  beforeHeaders(run: BeforeHeaders): void {
    this.#prepare = inOrder(this.#prepare, run)
    this.#held ??= new HeldResponse(this.#res, status => this.#run(status), this.#fail)
  }

  #run(status: number): Promise<void> | undefined {
    // What runs after the first of them finds the headers decided, also if that waited for nothing.
    this.#preparing = true
    try {
      return this.#prepare?.(status)
    } finally {
      this.#preparing = false
    }
  }

  beforeEnd(run: () => Promise<void>): void {
    this.#held?.beforeEnd(run)
  }
}
