import { cpus, loadavg, platform, totalmem } from 'node:os'

/** What ran on the machine while it was measured, the bench with it: it keeps some 1.5 cores busy by itself. */
export function loadAverage(): string {
  return `load average ${loadavg()
    .map(load => load.toFixed(1))
    .join(', ')}`
}

/** What the numbers were measured on. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown'
  return `Machine: ${model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()}, ${loadAverage()} at the end.`
}
