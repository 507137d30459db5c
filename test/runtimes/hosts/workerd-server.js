import { httpServerHandler } from 'cloudflare:node'
import { server } from 'program'

const { fetch: handle } = httpServerHandler({ port: 8080 })
let listening

// At the first request: outside of requests, workerd runs nothing that waits.
const listen = async () => (await server()).listen(8080)

export default {
  async fetch(...args) {
    listening ??= listen()
    await listening
    return handle(...args)
  },
}
