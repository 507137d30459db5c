// Runs the suites of keepsake/testing where there is no test runner.

/** Runs what `tell` describes, and throws for the first story that fails. */
export async function runSuites(tell) {
  const stories = []
  tell({ describe: (_name, body) => body(), it: (name, run) => stories.push({ name, run }) })
  const failures = []
  // A process that has nothing but deadlines to wait for would end.
  const stay = setInterval(() => undefined, 1000)
  for (const { name, run } of stories) await run().catch(error => failures.push(`${name}: ${error?.message ?? error}`))
  clearInterval(stay)
  if (failures.length > 0) throw new Error(`${failures.length} of ${stories.length} stories fail: ${failures[0]}`)
}

/** The body of a story's answer as a Response takes it. */
export function bodyOf({ body }) {
  if (typeof body === 'string') return body || null
  const parts = body[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    // Not awaited: what waits to go on ends when it does.
    cancel: () => void parts.return?.(),
  })
}
