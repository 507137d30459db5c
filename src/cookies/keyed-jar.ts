import type { KeyRing } from '../crypto/key-ring.ts'
import { sealer } from '../crypto/seal.ts'
import { signer } from '../crypto/sign.ts'
import { KeepsakeError } from '../errors.ts'
import { checkedOptions, Jar, type JarState } from './jar.ts'
import type { SetCookieOptions } from './set-cookie.ts'
import { readStamped, stamped } from './stamp.ts'

/** How a signed or sealed cookie is set. */
export interface SetKeyedCookieOptions extends SetCookieOptions {
  /** What the value is for: under another purpose it reads as absent. @default 'cookie' */
  readonly purpose?: string
}

/** How a signed or sealed cookie is read. */
export interface GetKeyedCookieOptions {
  /** The purpose that it was set for. @default 'cookie' */
  readonly purpose?: string
  /** In seconds: a value that was set longer ago reads as absent, whatever the browser kept. @default any age */
  readonly maxAge?: number
}

/** More values under one name than overlapping paths explain; each would cost a check. */
const mostValues = 8

/**
 * The same jar, with cookies that nobody but the server can make. A signed one can be read by whoever has it; a sealed one
 * cannot. Both are bound to their name and purpose, and carry the moment at which they were set, and their end if they
 * have one. A value that was changed, cut, swapped, outdated, or made with keys that are not in the ring reads as absent.
 *
 * Nothing of it is a session: a copy of the value stays good until its end, whatever you delete.
 */
export class KeyedJar extends Jar {
  readonly #keys: KeyRing
  readonly #clock: () => number

  constructor(state: JarState, keys: KeyRing, clock: () => number) {
    super(state)
    this.#keys = keys
    this.#clock = clock
  }

  /** The text of a signed cookie; undefined if it is absent, not ours, or too old. */
  getSigned(name: string, options: GetKeyedCookieOptions = {}): string | undefined {
    const { purpose = 'cookie', maxAge } = checkedOptions(name, options)
    const signed = signer(this.#keys, purpose, name)
    return this.#read(name, value => signed.verify(value), maxAge)
  }

  /** Sets a cookie whose text the browser can read and cannot change. Options, defaults and errors are those of `set`. */
  setSigned(name: string, text: string, options: SetKeyedCookieOptions = {}): void {
    const { purpose = 'cookie', ...attributes } = checkedOptions(name, options)
    this.set(name, signer(this.#keys, purpose, name).sign(this.#stamped(name, text, attributes)), attributes)
  }

  /** The text of a sealed cookie; undefined if it is absent, not ours, or too old. */
  getSealed(name: string, options: GetKeyedCookieOptions = {}): string | undefined {
    const { purpose = 'cookie', maxAge } = checkedOptions(name, options)
    const sealed = sealer(this.#keys, purpose, name)
    return this.#read(name, value => sealed.open(value), maxAge)
  }

  /** Sets a cookie whose text the browser can neither read nor change. Options, defaults and errors are those of `set`. */
  setSealed(name: string, text: string, options: SetKeyedCookieOptions = {}): void {
    const { purpose = 'cookie', ...attributes } = checkedOptions(name, options)
    this.set(name, sealer(this.#keys, purpose, name).seal(this.#stamped(name, text, attributes)), attributes)
  }

  #stamped(name: string, text: string, options: SetCookieOptions): string {
    if (typeof text !== 'string') {
      throw new KeepsakeError('COOKIE_INVALID', `what ${name} is to hold is of type ${typeof text}, not a text`)
    }
    return stamped(text, this.#clock(), options)
  }

  /** Of several values, the one that is ours; if two are, one was planted, and which cannot be told. */
  #read(name: string, open: (value: string) => { text: string } | null, maxAge?: number): string | undefined {
    if (maxAge !== undefined && !(maxAge >= 0)) {
      throw new KeepsakeError('OPTION_INVALID', `maxAge of ${name} is ${maxAge}, not a number of seconds`)
    }
    const values = new Set(this.getAll(name))
    // No browser sends two cookies of such a name.
    if (values.size > (name.toLowerCase().startsWith('__host-') ? 1 : mostValues)) return undefined
    const opened = Array.from(values, open).filter(found => found !== null)
    return opened.length === 1 && opened[0] ? readStamped(opened[0].text, this.#clock(), maxAge) : undefined
  }
}
