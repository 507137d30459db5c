import { randomInt } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** Characters of Django's alphabet from the system's random source, each equally likely. */
export const randomText = (length: number): string => Array.from({ length }, () => alphabet[randomInt(62)]).join('')

/** Django's salt: 22 letters and digits, 131 bits. It is used as text. */
export const djangoSalt = (): Buffer => Buffer.from(randomText(22))

/** Whether a salt has the 128 bits that Django asks for: it too reckons 5.95 bits for each character. */
export const isDjangoSalt = ({ length }: Buffer): boolean => length * Math.log2(62) >= 128
