import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { type ServiceName, services } from './services.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where test files ask for a service by its name. */
    services: string
  }
}

interface Running {
  readonly address: unknown
  stop(): Promise<void>
}

/**
 * Starts a service when the first test file asks for it, hands the same one to all others, and ends what was started. So a
 * run of one file starts only what that file needs.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = new Map<string, Promise<Running>>()
  const start = (name: string): Promise<Running> => {
    const service = running.get(name) ?? services[name as ServiceName].start()
    running.set(name, service)
    return service
  }
  const desk = createServer((request, response) => {
    start(request.url?.slice(1) ?? '').then(
      ({ address }) => response.end(JSON.stringify(address)),
      error => response.writeHead(500).end(String(error)),
    )
  }).listen(0, '127.0.0.1')
  await once(desk, 'listening')
  project.provide('services', `http://127.0.0.1:${(desk.address() as AddressInfo).port}`)
  return async () => {
    desk.close()
    for (const service of running.values()) await service.then(({ stop }) => stop()).catch(() => undefined)
  }
}
