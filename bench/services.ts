import { execFileSync } from 'node:child_process'
import { findBinary } from '../test/services/server.ts'
import { howToGet, type ServiceAddresses, type ServiceName, services } from '../test/services/services.ts'

/** The services of a bench, and how to end them. */
export interface RunningServices {
  readonly addresses: Partial<ServiceAddresses>
  stop(): Promise<void>
}

/** Starts each service once, in the way in which the tests do. */
export async function startServices(names: Iterable<ServiceName>): Promise<RunningServices> {
  const wanted = [...new Set(names)]
  const running = await Promise.all(wanted.map(name => services[name].start()))
  const addresses = Object.fromEntries(wanted.map((name, i) => [name, running[i]?.address]))
  return { addresses, stop: async () => void (await Promise.all(running.map(service => service.stop()))) }
}

/** The version of a service's program, as it tells it. */
export function versionOf(name: ServiceName): string {
  const text = execFileSync(findBinary(services[name].binary) ?? '', ['--version'], { encoding: 'utf8' })
  return /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? 'unknown'
}

/** Those that can run here. Names the others, and how to get what they need. */
export function runnable<T extends { readonly id: string; readonly services?: readonly ServiceName[] }>(
  wanted: readonly T[],
): readonly T[] {
  const missing = [...new Set(wanted.flatMap(({ services = [] }) => services))].filter(name => howToGet(name) !== null)
  const needs = ({ services = [] }: T, name: ServiceName): boolean => services.includes(name)
  for (const name of missing) {
    const skipped = wanted.filter(one => needs(one, name)).map(({ id }) => id)
    console.error(`No ${name} here, so these are left out: ${skipped.join(', ')}. To get it: ${howToGet(name)}`)
  }
  return wanted.filter(one => !missing.some(name => needs(one, name)))
}
