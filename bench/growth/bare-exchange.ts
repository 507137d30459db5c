import type { BeforeHeaders, Exchange } from '../../src/adapters/exchange.ts'
import { inOrder } from '../../src/adapters/in-order.ts'

/** A request and its answer without a server: what a session costs by itself. */
export class BareExchange implements Exchange {
  readonly cookieHeader: string | undefined
  readonly method = 'GET'
  readonly target = '/'
  readonly secure = true
  readonly address: string | undefined = undefined
  headersSent = false
  readonly setCookies: string[] = []
  #prepare: BeforeHeaders | undefined

  constructor(cookieHeader?: string) {
    this.cookieHeader = cookieHeader
  }

  requestHeader(): undefined {
    return undefined
  }

  getHeader(): undefined {
    return undefined
  }

  setHeader(name: string, value: string): void {
    this.appendHeader(name, value)
  }

  appendHeader(name: string, value: string): void {
    if (name.toLowerCase() === 'set-cookie') this.setCookies.push(value)
  }

  beforeHeaders(run: BeforeHeaders): void {
    this.#prepare = inOrder(this.#prepare, run)
  }

  beforeEnd(): void {
    throw new Error('nothing is set after the headers here')
  }

  async finish(): Promise<void> {
    this.headersSent = true
    await this.#prepare?.(200)
  }
}
