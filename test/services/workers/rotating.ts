// One process of a site, in the store that the first argument describes: the visitor named by the second logs in and, when told, rotates.
import { loggedIn } from '../visitors.ts'
import { openStore } from './store-description.ts'

const [description = '', name = ''] = process.argv.slice(2)
const { store } = await openStore(JSON.parse(description))
const visitor = await loggedIn(name, store, { storeDeadline: '30s' })

process.on('message', async () => {
  await visitor.see('/rotate')
  process.send?.(visitor.cookie)
})
process.on('disconnect', () => process.exit())
process.send?.(visitor.cookie)
