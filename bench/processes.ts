import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { LoadOrder, LoadResult, Target } from './load.ts'
import type { ServerMessage, ServerSettings, Usage } from './servers/serve.ts'

/** On Linux with two cores or more: the server has the first one to itself, and all else has the second. */
const canPin = process.platform === 'linux' && availableParallelism() > 1

/** Keeps this process with all its threads, and what it starts from now on, off the servers' core. Tells whether that is possible. */
export function leaveServerCore(): boolean {
  if (canPin) execFileSync('taskset', ['-acp', '1', String(process.pid)])
  return canPin
}

/** A server under test. */
export interface RunningServer {
  readonly port: number
  usage(): Promise<Usage>
  stop(): Promise<unknown>
}

/** Starts a file of `servers/` on a core of its own. */
export async function startServer(
  file: string,
  settings: ServerSettings,
  nodeOptions: readonly string[] = [],
): Promise<RunningServer> {
  const child = startOn(
    '0',
    ...nodeOptions,
    join(import.meta.dirname, 'servers', `${file}.ts`),
    JSON.stringify(settings),
  )
  const first = await answerOf<ServerMessage>(child)
  if (!('port' in first)) throw new Error(`${file} did not tell its port`)
  return {
    port: first.port,
    async usage(): Promise<Usage> {
      child.send('usage')
      return answerOf<Usage>(child)
    },
    stop: () => stop(child),
  }
}

/** The process that makes the load. */
export interface LoadProcess {
  /** Makes known which cookies go by the name of these visitors. */
  introduce(visitors: string, cookies: readonly string[]): void
  /** Connects to the target, and asks for some time without counting. */
  open(target: Target, seconds: number): Promise<unknown>
  /** Asks the target that is open. */
  run(seconds: number): Promise<{ requests: number; seconds: number }>
  stop(): Promise<unknown>
}

export function startLoad(): LoadProcess {
  const child = fork(join(import.meta.dirname, 'load.ts'))
  const tell = (order: LoadOrder): void => void child.send(order)
  const answer = async (): Promise<{ requests: number; seconds: number }> => {
    const result = await answerOf<LoadResult>(child)
    if ('error' in result) throw new Error(result.error)
    return result
  }
  return {
    introduce: (visitors, cookies) => tell({ visitors, cookies }),
    open(target, seconds) {
      tell({ open: target, seconds })
      return answer()
    },
    run(seconds) {
      tell({ seconds })
      return answer()
    },
    stop: () => stop(child),
  }
}

function startOn(core: string, ...args: string[]): ChildProcess {
  const env = { ...process.env, NODE_ENV: 'production' }
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
  const command = canPin ? ['taskset', '-c', core, process.execPath] : [process.execPath]
  const [program = '', ...first] = command
  return spawn(program, [...first, ...args], { env, stdio: [...stdio] })
}

/** The child ends when nobody is there to ask it. */
async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.disconnect()
  await exited
}

/** The child's next message. Rejects if it ends instead. */
async function answerOf<Message>(child: ChildProcess): Promise<Message> {
  const done = new AbortController()
  const ended = once(child, 'exit', { signal: done.signal }).then(([code]) => {
    throw new Error(`a process of the bench ended with code ${code}`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: done.signal }), ended])
    return message as Message
  } finally {
    done.abort()
    ended.catch(() => undefined)
  }
}
