import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * Sends one line to a server that speaks in lines (Redis, Memcached), and resolves with the first piece of its answer, or with
 * all of it up to this end.
 */
export async function ask(port: number, line: string, end = ''): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(5000, () => socket.destroy(new Error(`no answer to ${line}`)))
  try {
    socket.write(`${line}\r\n`)
    let answer = ''
    do {
      const [piece] = (await once(socket, 'data')) as [Buffer]
      answer += piece
      if (/^-|^ERROR|^BUSY/.test(answer)) throw new Error(`${line}: ${answer}`)
    } while (!answer.endsWith(end))
    return answer
  } finally {
    socket.destroy()
  }
}
