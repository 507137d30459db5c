/**
 * What each derived key is for. HKDF takes the label, so that no two uses share a key. A label never changes: values in
 * browsers hang on it. `docs/crypto.md` lists them all; a test keeps the two equal (ASVS 11.1).
 */
export const labels = {
  keyId: 'keepsake v1 key id',
  sign: 'keepsake v1 sign',
  seal: 'keepsake v1 seal',
} as const

export type Label = (typeof labels)[keyof typeof labels]
