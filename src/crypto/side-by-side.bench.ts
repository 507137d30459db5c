// For the other benches: not one itself.

const rounds = 15

/**
 * Prints what each contender costs, as CPU time of the whole process (threads and garbage collection too), in turns so
 * that a busy machine is busy for all. The median of the rounds; the ratio is to the first contender.
 */
export async function sideBySide(title: string, contenders: Record<string, () => unknown>): Promise<void> {
  const times: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const micros = await cpuMicros(run)
      // The first two rounds warm up.
      if (round > 1) times[name] = [...(times[name] ?? []), micros]
    }
  }
  const medians = Object.entries(times).map(
    ([name, list]) => [name, list.sort((a, b) => a - b)[list.length >> 1] ?? 0] as const,
  )
  const base = medians[0]?.[1] ?? 1
  console.log(`\n${title}`)
  for (const [name, micros] of medians) {
    console.log(`  ${name.padEnd(52)}${micros.toFixed(2).padStart(8)} µs${(micros / base).toFixed(2).padStart(9)}`)
  }
}

/** CPU time of one run in µs, over some 20 ms of runs. A promise is waited for; other results cost no turn of the loop. */
async function cpuMicros(run: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  const end = performance.now() + 20
  let runs = 0
  do {
    for (let i = 0; i < 50; i++) {
      const result = run()
      if (result instanceof Promise) await result
    }
    runs += 50
  } while (performance.now() < end)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / runs
}
