import { readSession } from '../sessions'
import { addToCart, countVisit, login, logout } from './actions'

/** A server component: it reads the session, and what it got has no verbs that change it. */
export default async function Page() {
  const session = await readSession()
  return (
    <>
      <h1>Hello, {session.userId ?? 'stranger'}</h1>
      <p>Visit {session.get('visits', 0)}</p>
      <form action={countVisit}>
        <button type="submit">Count this visit</button>
      </form>
      <p>Cart: {session.get('cart', []).join(', ') || 'empty'}</p>
      <form action={addToCart}>
        <input name="item" /> <button type="submit">Add to cart</button>
      </form>
      {session.userId ? (
        <form action={logout}>
          <button type="submit">Log out</button>
        </form>
      ) : (
        <form action={login}>
          <input name="username" /> <button type="submit">Log in</button>
        </form>
      )}
    </>
  )
}
