import { characters, mostBytes, textFault } from '../password-text.ts'
import { isCommon } from './common-passwords.ts'
import { isOwnWord } from './own-words.ts'
import { folded, type PasswordContext, type PasswordProblem } from './problem.ts'
import { similarAttribute } from './similarity.ts'

/** What a new password is checked by. */
export interface CheckRules {
  readonly minLength: number
  readonly words: readonly string[]
  readonly userAttributes: readonly string[]
  readonly breached: ((password: string) => Promise<boolean>) | undefined
}

/** Every problem of a new password; none if it is good enough. */
export async function checkPassword(
  password: string,
  context: PasswordContext,
  rules: CheckRules,
): Promise<PasswordProblem[]> {
  const fault = textFault(password)
  if (fault === 'too-long') {
    return [{ code: fault, maximumBytes: mostBytes, message: `Use at most ${mostBytes} bytes.` }]
  }
  if (fault) return [{ code: fault, message: 'This has a character that no keyboard makes.' }]
  const problems = [
    similarity(password, context, rules),
    length(password, rules),
    await commonness(password, rules),
    digits(password),
    ownWords(password, context, rules),
  ].filter(problem => problem !== null)
  // A password that is refused anyway is not shown to another service.
  if (problems.length > 0 || !(await rules.breached?.(password))) return problems
  return [{ code: 'breached', message: 'This password is in a list of leaked passwords. Choose another one.' }]
}

function similarity(password: string, { user }: PasswordContext, rules: CheckRules): PasswordProblem | null {
  const attribute = similarAttribute(password, { ...user }, rules.userAttributes)
  if (attribute === undefined) return null
  const name = attribute.replace(/_|(?=[A-Z])/g, ' ').toLowerCase()
  return { code: 'too-similar', attribute, message: `This is too similar to the ${name}.` }
}

function length(password: string, { minLength }: CheckRules): PasswordProblem | null {
  if (characters(password) >= minLength) return null
  return { code: 'too-short', minimum: minLength, message: `Use at least ${minLength} characters.` }
}

async function commonness(password: string, { minLength }: CheckRules): Promise<PasswordProblem | null> {
  const isOne = await isCommon(password, minLength)
  return isOne ? { code: 'too-common', message: 'Many people use this password. Choose another one.' } : null
}

function digits(password: string): PasswordProblem | null {
  if (!/^\p{Nd}+$/u.test(folded(password))) return null
  return { code: 'all-digits', message: 'Use more than digits.' }
}

function ownWords(password: string, { words = [] }: PasswordContext, rules: CheckRules): PasswordProblem | null {
  if (!isOwnWord(password, [...rules.words, ...words], rules.minLength)) return null
  return { code: 'own-word', message: 'This is easy to guess here. Add more words.' }
}
