import { fetch } from 'program'

export default { fetch }
