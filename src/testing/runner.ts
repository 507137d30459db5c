import { KeepsakeError } from '../errors.ts'

/** What a suite needs of a test runner; that of Vitest, Jest, Mocha, `node:test`, Bun and Deno's `@std/testing/bdd` fits. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, test: () => Promise<void>) => unknown
}

/** The given runner, or the global one. Throws `TEST_RUNNER_MISSING` if there is neither. */
export function runnerOf(given: Partial<TestRunner>): TestRunner {
  const globals = globalThis as object as Partial<TestRunner>
  const { describe = globals.describe, it = globals.it } = given
  if (!describe || !it) throw new KeepsakeError('TEST_RUNNER_MISSING')
  return { describe, it }
}
