import type { TestRunner } from '../../src/testing/runner.ts'

/** A story that was told to a recording runner, with the groups that it stands in. */
export interface RecordedStory {
  readonly groups: readonly string[]
  readonly name: string
  readonly run: () => Promise<void>
}

/** A runner that only takes down what it is given, so that a test can look at a suite, and run it on what must fail it. */
export function recordingRunner(): TestRunner & { readonly stories: readonly RecordedStory[] } {
  const stories: RecordedStory[] = []
  let groups: readonly string[] = []
  return {
    stories,
    describe(name, body): void {
      const outer = groups
      groups = [...outer, name]
      body()
      groups = outer
    },
    it(name, run): void {
      stories.push({ groups, name, run })
    },
  }
}

/** The names of the stories that fail. */
export async function failuresOf(stories: readonly RecordedStory[]): Promise<string[]> {
  const failures: string[] = []
  for (const { name, run } of stories) await run().catch(() => failures.push(name))
  return failures
}
