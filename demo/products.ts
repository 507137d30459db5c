/** What the shop sells. Names are in the words of each language, prices in cents. */
export const products = [
  { id: 'notebook', price: 650 },
  { id: 'pencils', price: 320 },
  { id: 'mug', price: 1400 },
  { id: 'bag', price: 1190 },
  { id: 'candle', price: 840 },
  { id: 'cards', price: 500 },
] as const

export type ProductId = (typeof products)[number]['id']

/** How many of each. What is not in it is not wanted. */
export type Cart = Partial<Record<ProductId, number>>

const most = 99

/** The cart with some more of a product, or fewer. Another cart: the one before stays as it was. */
export function withMore(cart: Readonly<Cart>, id: ProductId, by: number): Cart {
  const quantity = Math.min((cart[id] ?? 0) + by, most)
  return quantity > 0 ? { ...cart, [id]: quantity } : without(cart, id)
}

export function without(cart: Readonly<Cart>, id: ProductId): Cart {
  const { [id]: _, ...rest } = cart
  return rest
}

export function countOf(cart: Readonly<Cart>): number {
  return Object.values(cart).reduce((sum, quantity) => sum + quantity, 0)
}

export function totalOf(cart: Readonly<Cart>): number {
  return products.reduce((sum, { id, price }) => sum + (cart[id] ?? 0) * price, 0)
}
