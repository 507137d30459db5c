export function page(visits: number, cart: readonly string[], name: string | null): string {
  const loginForm = '<form method="post" action="/login"><input name="username"> <button>Log in</button></form>'
  const logoutForm = '<form method="post" action="/logout"><button>Log out</button></form>'
  return `<!doctype html><title>Keepsake on Nitro</title>
    <h1>Hello, ${escaped(name ?? 'stranger')}</h1>
    <p>Visit ${visits}</p>
    <p>Cart: ${escaped(cart.join(', ') || 'empty')}</p>
    <form method="post" action="/cart"><input name="item"> <button>Add to cart</button></form>
    ${name ? logoutForm : loginForm}`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
