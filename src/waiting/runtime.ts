/** In Cloudflare's workers timers, input and output belong to the request that began them. */
export const requestsShareNothing: boolean = globalThis.navigator?.userAgent === 'Cloudflare-Workers'
