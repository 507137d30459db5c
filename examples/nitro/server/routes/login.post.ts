import { defineHandler, redirect } from 'nitro/h3'
import { sessions } from '../sessions'

export default defineHandler(async event => {
  const session = await sessions.of(event.req)
  // Here a real site asks for a password: keepsake/auth does.
  session.rotate({ userId: String((await event.req.formData()).get('username')) })
  return redirect('/', 303)
})
