// Runs a program in workerd at the first request, and answers with what came of it.
import { run } from 'program'

export default {
  fetch: async (_request, { SERVICES }) => {
    try {
      return Response.json({ note: (await run(SERVICES)) ?? '' })
    } catch (error) {
      return Response.json({ error: String(error?.stack ?? error) })
    }
  },
}
