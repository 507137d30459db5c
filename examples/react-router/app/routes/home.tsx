import { Form } from 'react-router'
import { sessions } from '../sessions.server'
import type { Route } from './+types/home'

export async function loader({ request }: Route.LoaderArgs) {
  const session = await sessions.of(request)
  const visits = session.update('visits', (n = 0) => n + 1)
  return { visits, cart: session.get('cart', []), name: session.userId }
}

export default function Home({ loaderData: { visits, cart, name } }: Route.ComponentProps) {
  return (
    <>
      <h1>Hello, {name ?? 'stranger'}</h1>
      <p>Visit {visits}</p>
      <p>Cart: {cart.join(', ') || 'empty'}</p>
      <Form method="post" action="/cart">
        <input name="item" /> <button type="submit">Add to cart</button>
      </Form>
      {name ? (
        <Form method="post" action="/logout">
          <button type="submit">Log out</button>
        </Form>
      ) : (
        <Form method="post" action="/login">
          <input name="username" /> <button type="submit">Log in</button>
        </Form>
      )}
    </>
  )
}
