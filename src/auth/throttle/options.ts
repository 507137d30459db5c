import { checkFunctions, invalidOption, refuseUnknown } from '../../values/check-options.ts'
import { type Duration, durationMs } from '../../values/duration.ts'
import type { LimiterOptions, ThrottleLimiter } from './limiter.ts'
import { memoryLimiter } from './memory-limiter.ts'

/** Options of `createThrottle`. Every one has a safe default. */
export interface ThrottleOptions {
  /**
   * Makes the counters that all processes share: a limiter of the package `rate-limiter-flexible`, with these options and your
   * client. @default counters in this process
   */
  readonly limiter?: (options: LimiterOptions) => ThrottleLimiter
  /** How many attempts on one account pass without delay. @default 5 */
  readonly accountAttempts?: number
  /** The delay after these. Each later one is twice as long. @default '1s' */
  readonly firstDelay?: Duration
  /** Where the delays stop growing. @default '15m' */
  readonly longestDelay?: Duration
  /** How long after the first failed attempt an account is without any again. @default '1d' */
  readonly forgetAfter?: Duration
  /** How many attempts of one network pass within the time `networkWindow`. Those that succeed do not count. @default 100 */
  readonly networkAttempts?: number
  /** @default '10m' */
  readonly networkWindow?: Duration
  /** How long one call of the counters may take before the attempt fails with 503. @default '2s' */
  readonly storeDeadline?: Duration
  /** The time in ms since 1970, for counters in this process. @default Date.now */
  readonly now?: () => number
}

/** The options with every default in place and every check passed. */
export interface ThrottleSettings {
  readonly limiter: ThrottleLimiter
  readonly freeAttempts: number
  readonly firstSeconds: number
  readonly longestSeconds: number
  readonly memorySeconds: number
  readonly networkAttempts: number
  readonly networkSeconds: number
  readonly deadlineMs: number
}

const known: readonly (keyof ThrottleOptions)[] = [
  ...(['limiter', 'accountAttempts', 'firstDelay', 'longestDelay', 'forgetAfter'] as const),
  ...(['networkAttempts', 'networkWindow', 'storeDeadline', 'now'] as const),
]

/** Throws at construction, so that bad configuration does not start. */
export function resolveThrottleOptions(options: ThrottleOptions): ThrottleSettings {
  refuseUnknown(options, known, 'throttle.')
  const { now = Date.now, limiter: makeLimiter = () => memoryLimiter(now) } = options
  checkFunctions('the options', { now, limiter: makeLimiter }, ['now', 'limiter'])
  const freeAttempts = atLeastOne('accountAttempts', options.accountAttempts ?? 5)
  const networkAttempts = atLeastOne('networkAttempts', options.networkAttempts ?? 100)
  const networkSeconds = seconds('networkWindow', options.networkWindow ?? '10m')
  const limiterOptions = { keyPrefix: tableName, tableName, points: networkAttempts, duration: networkSeconds }
  const limiter = makeLimiter(limiterOptions)
  checkFunctions('what the option limiter made', limiter, ['penalty', 'reward', 'get', 'delete'])
  return {
    ...{ limiter, freeAttempts, networkAttempts, networkSeconds },
    ...delays(options),
    deadlineMs: durationMs(options.storeDeadline ?? '2s', 'throttle.storeDeadline'),
    memorySeconds: seconds('forgetAfter', options.forgetAfter ?? '1d'),
  }
}

function delays({ firstDelay = '1s', longestDelay = '15m' }: ThrottleOptions): {
  firstSeconds: number
  longestSeconds: number
} {
  const [firstSeconds, longestSeconds] = [seconds('firstDelay', firstDelay), seconds('longestDelay', longestDelay)]
  if (firstSeconds <= longestSeconds) return { firstSeconds, longestSeconds }
  throw invalidOption('throttle.firstDelay', `(${firstDelay}) is longer than longestDelay (${longestDelay})`)
}

const tableName = 'keepsake_throttle'

/** The counters know whole seconds. */
function seconds(option: string, duration: Duration): number {
  const ms = durationMs(duration, `throttle.${option}`)
  if (ms % 1000 === 0) return ms / 1000
  throw invalidOption(`throttle.${option}`, `(${duration}) is not a whole number of seconds`)
}

function atLeastOne(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw invalidOption(`throttle.${option}`, `is ${JSON.stringify(value)}, not a whole number from 1`)
}
