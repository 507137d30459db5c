/** A browser and its system in words, for a list that its owner reads. Nothing is decided by them: anybody can send anything. */
export interface Device {
  readonly browser: string
  readonly system: string
}

/** Looked for in this order: most browsers also name those that they imitate. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgi?A?(?:OS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bYaBrowser\//, 'Yandex'],
  [/\bFxiOS\/|\bFirefox\//, 'Firefox'],
  [/\bCriOS\/|\bHeadlessChrome\/|\bChrome\/|\bChromium\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
  [/\bcurl\//, 'curl'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b|\bMac OS X\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]

/** No browser sends more, and whoever does shall not make us search it. */
const longest = 512

/** @example deviceOf(request.headers['user-agent']) // { browser: 'Firefox', system: 'Linux' } */
export function deviceOf(userAgent: string | undefined): Device {
  const text = userAgent?.slice(0, longest) ?? ''
  return { browser: firstIn(browsers, text) ?? 'another browser', system: firstIn(systems, text) ?? 'another system' }
}

function firstIn(names: readonly (readonly [RegExp, string])[], text: string): string | undefined {
  return names.find(([pattern]) => pattern.test(text))?.[1]
}
