/**
 * In Cloudflare's workers what one request has begun belongs to it: its timers end with it, and another request cannot wait for its
 * input and output.
 */
export const requestsShareNothing: boolean = globalThis.navigator?.userAgent === 'Cloudflare-Workers'
