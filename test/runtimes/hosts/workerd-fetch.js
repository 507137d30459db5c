import { fetch } from 'program'

export default { fetch: request => fetch(request) }
