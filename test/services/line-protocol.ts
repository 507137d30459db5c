import { once } from 'node:events'
import { connect } from 'node:net'

/** Sends one line to a server that speaks in lines (Redis, Memcached), and resolves with the first piece of its answer. */
export async function ask(port: number, line: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(5000, () => socket.destroy(new Error(`no answer to ${line}`)))
  try {
    socket.write(`${line}\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    if (/^-|^ERROR/.test(answer.toString())) throw new Error(`${line}: ${answer}`)
    return answer.toString()
  } finally {
    socket.destroy()
  }
}
