import type { Target } from './load.ts'
import type { LoadProcess, RunningServer } from './processes.ts'

/** What a server used in some time, in microseconds of CPU, and what it did in it. */
export interface Slice {
  readonly cpu: number
  readonly requests: number
  readonly seconds: number
}

/** For how many seconds a server is asked before anything counts. It stood still while others of its group were asked: its connections are made in this, and its memory comes to hand. */
const settling = 0.03

/** Asks a server for some time, with the cookies of these visitors. */
export async function slice(
  { port, usage }: RunningServer,
  request: Omit<Target, 'port'>,
  seconds: number,
  load: LoadProcess,
): Promise<Slice> {
  await load.open({ port, ...request }, settling)
  const before = await usage()
  const done = await load.run(seconds)
  const after = await usage()
  return { cpu: after.cpuMicroseconds - before.cpuMicroseconds, ...done }
}
