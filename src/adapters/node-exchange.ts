import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange } from './exchange.ts'
import { HeldResponse } from './held-response.ts'
import { inOrder } from './in-order.ts'
import { appendLines } from './write-head.ts'

/** Node's request and response as an exchange. `fail` gets the error when the session cannot be saved, and has to answer. */
export class NodeExchange implements Exchange {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #fail: (error: unknown) => void
  #held: HeldResponse | undefined
  #prepare: ((status: number) => Promise<void>) | undefined

  constructor(req: IncomingMessage, res: ServerResponse, fail: (error: unknown) => void) {
    this.#req = req
    this.#res = res
    this.#fail = fail
  }

  get cookieHeader(): string | undefined {
    return this.#req.headers.cookie
  }

  get headersSent(): boolean {
    return this.#res.headersSent
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

  beforeHeaders(run: (status: number) => Promise<void>): void {
    this.#prepare = inOrder(this.#prepare, run)
    this.#held ??= new HeldResponse(this.#res, status => this.#prepare?.(status) ?? Promise.resolve(), this.#fail)
  }

  beforeEnd(run: () => Promise<void>): void {
    this.#held?.beforeEnd(run)
  }
}
