import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { sessions } from './sessions.js'

/** The session of the request, as an argument of a controller's method. Nest waits for what this promises. */
export const CurrentSession = createParamDecorator((_: unknown, context: ExecutionContext) =>
  sessions.of(context.switchToHttp().getRequest()),
)

export type CurrentSession = Awaited<ReturnType<typeof sessions.of>>
