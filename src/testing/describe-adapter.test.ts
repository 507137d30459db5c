import { describe, expect, it } from 'vitest'
import { bodyOf } from '../../test/support/mount-fetch.ts'
import { failuresOf, recordingRunner } from '../../test/support/recording-runner.ts'
import type { BeforeHeaders, Exchange } from '../adapters/exchange.ts'
import { inOrder } from '../adapters/in-order.ts'
import { isKeepsakeError } from '../errors.ts'
import type { AdapterApp, Answer, MountedApp } from './adapter-contract/app.ts'
import { describeAdapter } from './describe-adapter.ts'

/** A small adapter for `fetch`, each of whose duties a mutant can neglect. */
class Adapter implements Exchange {
  request = new Request('http://localhost')
  headers = new Headers()
  run: BeforeHeaders = () => undefined
  sent = false

  get headersSent(): boolean {
    return this.sent
  }

  get cookieHeader(): string | undefined {
    return this.request.headers.get('Cookie') ?? undefined
  }

  readonly address = undefined
  readonly secure = false

  get method(): string {
    return this.request.method
  }

  get target(): string {
    const { pathname, search } = new URL(this.request.url)
    return pathname + search
  }

  requestHeader(name: string): string | undefined {
    return this.request.headers.get(name) ?? undefined
  }

  getHeader(name: string): string | undefined {
    return this.headers.get(name) ?? undefined
  }

  setHeader(name: string, value: string): void {
    this.headers.set(name, value)
  }

  appendHeader(name: string, value: string): void {
    this.headers.append(name, value)
  }

  beforeHeaders(run: BeforeHeaders): void {
    this.run = inOrder(this.run, run)
  }

  beforeEnd(run: () => Promise<void>): void {
    queueMicrotask(() => void run().catch(() => undefined))
  }

  attach({ sessions }: AdapterApp): void {
    sessions.attach(this.request, this)
  }

  /** What becomes of an answer of the program. */
  async finish(answer: Answer): Promise<Response> {
    this.headers = new Headers(answer.headers.map(([name, value]) => [name, value]))
    this.sent = true
    await this.run(answer.status)
    return new Response(bodyOf(answer), { status: answer.status, headers: this.headers })
  }

  /** What becomes of an error, of the program or of `finish`. */
  async fail(error: unknown): Promise<Response> {
    const status = isKeepsakeError(error) ? error.status : 500
    return this.finish({ status, headers: [], body: 'failed' })
  }

  async answer(app: AdapterApp): Promise<Response> {
    this.attach(app)
    try {
      return await this.finish(await app.answer(this.request, new URL(this.request.url).pathname))
    } catch (error) {
      return this.fail(error)
    }
  }
}

/** Begins what is to be done, and gives it as much time as a call in this process takes. */
function neverWaiting(run: BeforeHeaders): BeforeHeaders {
  return async status => {
    run(status)?.catch(() => undefined)
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** The names of the stories that fail on an adapter. */
async function failuresOn(createAdapter: () => Adapter): Promise<string[]> {
  const runner = recordingRunner()
  const mount = (app: AdapterApp): MountedApp => ({
    fetch(path, init) {
      const adapter = createAdapter()
      adapter.request = new Request(new URL(path, 'http://localhost'), init)
      return adapter.answer(app)
    },
    close: () => undefined,
  })
  describeAdapter('it', mount, { ...runner, holdsEnd: false })
  return (await failuresOf(runner.stories)).map(title => title.replace(/, with it$/, ''))
}

describe('describeAdapter', () => {
  it('passes an adapter that does its duties', async () => {
    expect(await failuresOn(() => new Adapter())).toEqual([])
  })

  it('tells no story twice', () => {
    const runner = recordingRunner()
    describeAdapter('it', () => Promise.reject(new Error('not mounted')), runner)
    const titles = runner.stories.map(({ groups, name }) => [...groups, name].join(' > '))
    expect(new Set(titles).size).toBe(titles.length)
    expect(titles.length).toBeGreaterThan(50)
  })

  it('says how to bring a test runner where there is none', () => {
    const mount = () => Promise.reject(new Error('not mounted'))
    expect(() => describeAdapter('it', mount)).toThrow('TEST_RUNNER_MISSING')
  })
})

describe('describeAdapter fails an adapter that', () => {
  it('answers before the session is saved', async () => {
    class Mutant extends Adapter {
      override async finish(answer: Answer): Promise<Response> {
        this.run = neverWaiting(this.run)
        return super.finish(answer)
      }
    }
    const failures = await failuresOn(() => new Mutant())
    for (const form of ['for a page', 'for JSON', 'for a redirect', 'for a stream', 'for an answer to HEAD']) {
      expect(failures).toContain(form)
    }
    expect(failures).toContain('is answered with 503, and a new visitor gets no cookie')
  })

  it('answers before the session is saved where the program failed', async () => {
    class Mutant extends Adapter {
      override async finish(answer: Answer): Promise<Response> {
        const { run } = this
        if (answer.status >= 500) this.run = status => void run(status)?.catch(() => undefined)
        return super.finish(answer)
      }
    }
    const failures = await failuresOn(() => new Mutant())
    expect(failures).toContain('when a session is destroyed and the answer has status 500')
    expect(failures).toContain('when a session is destroyed and the program throws')
  })

  it('takes a failed save for a good one', async () => {
    class Mutant extends Adapter {
      override beforeHeaders(run: BeforeHeaders): void {
        this.run = status => run(status)?.catch(() => undefined)
      }
    }
    const failures = await failuresOn(() => new Mutant())
    expect(failures).toContain('is answered with 503, and a known visitor keeps the session as it was')
    expect(failures).toContain('stays gone: 409 and no cookie for the one who came too late')
    expect(failures).toContain('is given up at its deadline: 503 when the session is saved')
  })

  it('hides who the visitor is when the store is down', async () => {
    class Mutant extends Adapter {
      override async fail(error: unknown): Promise<Response> {
        return isKeepsakeError(error) ? new Response('0') : super.fail(error)
      }
    }
    expect(await failuresOn(() => new Mutant())).toContain(
      'is answered with 503, and never makes a known visitor a stranger',
    )
  })

  it('asks for the session of every request', async () => {
    class Mutant extends Adapter {
      override attach(app: AdapterApp): void {
        super.attach(app)
        app.sessions.of(this.request).catch(() => undefined)
      }
    }
    const failures = await failuresOn(() => new Mutant())
    expect(failures).toContain('costs no call of the store, and its answer gets no header')
    expect(failures).toContain('keeps the headers that the program chose')
  })

  it('loses headers of the program', async () => {
    class Mutant extends Adapter {
      override appendHeader(name: string, value: string): void {
        this.headers.set(name, value)
      }
      override getHeader(): undefined {
        return undefined
      }
    }
    const failures = await failuresOn(() => new Mutant())
    expect(failures).toContain('keeps the cookies that the program sets beside that of the session')
    expect(failures).toContain('keeps what the program put there')
    expect(failures).toContain('stays as the program chose it, if no shared cache may keep the answer')
  })

  it('finds a header only as it was spelled', async () => {
    class Mutant extends Adapter {
      override getHeader(name: string): string | undefined {
        return name === 'vary' || name === 'cache-control' ? undefined : super.getHeader(name)
      }
    }
    const failures = await failuresOn(() => new Mutant())
    expect(failures).toContain('keeps what the program put there')
    expect(failures).toContain('stays as the program chose it, if no shared cache may keep the answer')
  })

  it('does not tell the status of the answer', async () => {
    class Mutant extends Adapter {
      override beforeHeaders(run: BeforeHeaders): void {
        this.run = () => run(200)
      }
    }
    expect(await failuresOn(() => new Mutant())).toContain('saves nothing')
  })

  it('runs only the first, or only the last, of what is to be done before the headers', async () => {
    class First extends Adapter {
      #taken = false
      override beforeHeaders(run: BeforeHeaders): void {
        if (!this.#taken) this.run = run
        this.#taken = true
      }
    }
    class Last extends Adapter {
      override beforeHeaders(run: BeforeHeaders): void {
        this.run = run
      }
    }
    for (const Mutant of [First, Last]) {
      expect(await failuresOn(() => new Mutant())).toContain(
        'leave together with that of the session, which is saved before',
      )
    }
  })

  it('sends the cookies of an answer that was dropped', async () => {
    class Mutant extends Adapter {
      override async fail(error: unknown): Promise<Response> {
        const lines = this.headers.getSetCookie()
        const response = await super.fail(error)
        for (const line of lines) response.headers.append('Set-Cookie', line)
        return response
      }
    }
    expect(await failuresOn(() => new Mutant())).toContain(
      'are dropped with the answer when the session cannot be saved',
    )
  })

  it('forgets the session when the program fails', async () => {
    class Mutant extends Adapter {
      override fail = async (error: unknown): Promise<Response> =>
        new Response('failed', { status: isKeepsakeError(error) ? error.status : 500 })
    }
    expect(await failuresOn(() => new Mutant())).toContain('keeps a logout')
  })

  it('does not know when the headers have left', async () => {
    class Mutant extends Adapter {
      override get headersSent(): boolean {
        return false
      }
    }
    const failures = await failuresOn(() => new Mutant())
    expect(failures).toContain('refuses, at the call, what needs a cookie that can no longer be sent')
    expect(failures).toContain('saves what changes later in a stored session')
  })

  it('forgets what changes after the headers left', async () => {
    class Mutant extends Adapter {
      override beforeEnd(): void {}
    }
    const failures = await failuresOn(() => new Mutant())
    expect(failures).toContain('saves what changes later in a stored session')
    expect(failures).toContain('ends the session at once when the visitor is logged out in its middle')
  })

  it('leaves a rejection to nobody', async () => {
    class Mutant extends Adapter {
      override beforeEnd(run: () => Promise<void>): void {
        queueMicrotask(() => void run())
      }
    }
    // What a runner would do about it is not the point here.
    const listeners = process.rawListeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    try {
      expect(await failuresOn(() => new Mutant())).toEqual([
        'whose late change cannot be saved: that is reported, since the client was told 200',
      ])
    } finally {
      for (const listener of listeners) process.on('unhandledRejection', listener as () => void)
    }
  })

  it('mixes up visitors', async () => {
    let last: string | undefined
    class Mutant extends Adapter {
      override get cookieHeader(): string | undefined {
        last = this.request.headers.get('Cookie') ?? last
        return last
      }
    }
    const failures = await failuresOn(() => new Mutant())
    expect(failures).toContain('is never mixed up with another who takes turns on the same connection')
    expect(failures).toContain('is counted from one visit to the next')
  })

  it('keeps the answer, or what describes it, that could not be sent', async () => {
    class Mutant extends Adapter {
      #answer: Answer | undefined
      override async finish(answer: Answer): Promise<Response> {
        this.#answer ??= answer
        return super.finish({ ...this.#answer, status: answer.status })
      }
    }
    const failures = await failuresOn(() => new Mutant())
    expect(failures).toContain('drops the answer of the program, and the headers that describe it')
  })
})
