import { describe, expect, it } from 'vitest'
import { Line, type Standing } from './line.ts'

interface Person extends Standing<Person> {
  readonly name: string
}

const person = (name: string): Person => ({ name, before: null, after: null })

function namesIn(line: Line<Person>): string {
  let names = ''
  for (let one = line.first; one; one = one.after) names += one.name
  return names
}

describe('a line', () => {
  it.each([
    ['the first', 0, 'bc'],
    ['one in the middle', 1, 'ac'],
    ['the last', 2, 'ab'],
  ])('goes on when %s leaves, and who joins stands at its end', (_, leaving, rest) => {
    const line = new Line<Person>()
    const people = [...'abc'].map(person)
    for (const one of people) line.join(one)
    line.leave(people[leaving] as Person)
    expect(namesIn(line)).toBe(rest)
    line.join(person('d'))
    expect(namesIn(line)).toBe(`${rest}d`)
  })

  it('is empty when all have left, and can be joined again', () => {
    const line = new Line<Person>()
    const [one, other] = [person('a'), person('b')]
    for (const each of [one, other]) line.join(each)
    for (const each of [one, other]) line.leave(each)
    expect(line.first).toBeNull()
    line.join(one)
    expect(namesIn(line)).toBe('a')
  })

  it('does not mind who leaves twice', () => {
    const line = new Line<Person>()
    const [one, other] = [person('a'), person('b')]
    for (const each of [one, other]) line.join(each)
    line.leave(one)
    line.leave(one)
    expect(namesIn(line)).toBe('b')
  })
})
