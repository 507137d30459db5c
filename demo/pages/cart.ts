import { type Request, Router } from 'express'
import { refusal } from '../guard.ts'
import { type Html, html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import { type Cart, type ProductId, products, totalOf, withMore, without } from '../products.ts'
import type { Site } from '../sessions.ts'
import { picture } from './pictures.ts'

/** The shop. Forms change the cart with `update`, so that clicks in two tabs at the same moment both count. */
export function cartPage(site: Site): Router {
  const { sessions } = site
  const page = Router()

  page.get('/cart', async (req, res) => {
    const session = await sessions.of(req)
    const view = await viewOf(site, req)
    res.send(layout(view, view.words.cart.title, main(view, session.get('cart', {}))))
  })

  page.post('/cart/add', async (req, res) => {
    const product = productOf(req)
    const session = await sessions.of(req)
    session.update('cart', (cart = {}) => withMore(cart, product, 1))
    session.flash('notices', { about: 'added', product })
    res.redirect(303, '/cart')
  })

  page.post('/cart/change', async (req, res) => {
    const product = productOf(req)
    const by = req.body?.by === '-1' ? -1 : 1
    const session = await sessions.of(req)
    session.update('cart', (cart = {}) => withMore(cart, product, by))
    session.flash('notices', { about: 'changed', product })
    res.redirect(303, '/cart#yours')
  })

  page.post('/cart/remove', async (req, res) => {
    const product = productOf(req)
    const session = await sessions.of(req)
    session.update('cart', (cart = {}) => without(cart, product))
    session.flash('notices', { about: 'removed', product })
    res.redirect(303, '/cart#yours')
  })

  page.post('/cart/empty', async (req, res) => {
    const session = await sessions.of(req)
    if (session.delete('cart')) session.flash('notices', { about: 'emptied' })
    res.redirect(303, '/cart')
  })

  return page
}

function productOf(req: Request): ProductId {
  const product = products.find(({ id }) => id === req.body?.product)
  if (!product) throw refusal(400, 'the form names no product of this shop')
  return product.id
}

function main(view: View, cart: Cart): Html {
  const { cart: words } = view.words
  return html`<h1>${words.heading}</h1>
<p class="lead">${words.intro}</p>
<div class="shop">
<section aria-labelledby="products">
<h2 id="products">${words.products}</h2>
<ul class="products">${products.map(product => offer(view, product))}</ul>
</section>
<section class="card basket" id="yours" aria-labelledby="yours-heading">
<h2 id="yours-heading">${words.yours}</h2>
${totalOf(cart) === 0 ? html`<p class="muted">${words.nothing}</p>` : basket(view, cart)}
</section>
</div>`
}

function offer({ words, format }: View, { id, price }: (typeof products)[number]): Html {
  return html`<li class="card product">
${picture(id)}
<h3>${words.products[id]}</h3>
<p class="price">${format.price(price)}</p>
<form method="post" action="/cart/add">
<input type="hidden" name="product" value="${id}">
<button aria-label="${words.cart.add}: ${words.products[id]}">${words.cart.add}</button>
</form>
</li>`
}

function basket(view: View, cart: Cart): Html {
  const { words, format } = view
  return html`<ul class="lines">${products.map(({ id, price }) => line(view, id, price, cart[id] ?? 0))}</ul>
<p class="total"><span>${words.cart.total}</span> <strong>${format.price(totalOf(cart))}</strong></p>
<form method="post" action="/cart/empty"><button class="quiet">${words.cart.empty}</button></form>`
}

function line({ words, format }: View, id: ProductId, price: number, quantity: number): Html | false {
  const name = words.products[id]
  const { less, more, remove, quantity: label, each } = words.cart
  return (
    quantity > 0 &&
    html`<li>
<p class="name">${name}<span class="muted">${format.price(price)} ${each}</span></p>
<form method="post" action="/cart/change" class="stepper" role="group" aria-label="${label}: ${name}">
<input type="hidden" name="product" value="${id}">
<button name="by" value="-1" aria-label="${less}: ${name}">−</button>
<span class="quantity">${quantity}</span>
<button name="by" value="1" aria-label="${more}: ${name}">+</button>
</form>
<form method="post" action="/cart/remove">
<input type="hidden" name="product" value="${id}">
<button class="quiet" aria-label="${remove}: ${name}">${remove}</button>
</form>
<strong class="price">${format.price(price * quantity)}</strong>
</li>`
  )
}
