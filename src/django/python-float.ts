/**
 * A float as Python writes it: `1.0`, `1e+16`, `1.5e-05`, `-0.0`. Matches `float.__repr__`, and for `NaN` and the infinities
 * what `json.dumps` makes of them. The digits are the same in both languages, the fewest that read back; the notation is not.
 */
export function pythonFloatText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '', exponentText = ''] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 16) return `${sign}${mantissa}e${exponentWithTwoDigits(exponent)}`
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}

function exponentWithTwoDigits(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}
