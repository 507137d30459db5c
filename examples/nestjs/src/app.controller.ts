import { Body, Controller, Get, Post, Redirect } from '@nestjs/common'
import { CurrentSession } from './current-session.js'
import { page } from './page.js'

@Controller()
export class AppController {
  @Get()
  home(@CurrentSession() session: CurrentSession): string {
    const visits = session.update('visits', (n = 0) => n + 1)
    return page(visits, session.get('cart', []), session.userId)
  }

  @Post('cart')
  @Redirect('/', 303)
  addToCart(@CurrentSession() session: CurrentSession, @Body('item') item: unknown): void {
    session.update('cart', (cart = []) => [...cart, String(item)])
  }

  @Post('login')
  @Redirect('/', 303)
  login(@CurrentSession() session: CurrentSession, @Body('username') username: unknown): void {
    // Here a real site asks for a password: keepsake/auth does.
    session.rotate({ userId: String(username) })
  }

  @Post('logout')
  @Redirect('/', 303)
  logout(@CurrentSession() session: CurrentSession): void {
    session.destroy()
  }
}
