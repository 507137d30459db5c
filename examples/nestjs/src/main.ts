import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { expressSessions } from 'keepsake/express'
import { AppModule } from './app.module.js'
import { sessions } from './sessions.js'

const app = await NestFactory.create(AppModule)
app.use(expressSessions(sessions))
await app.listen(process.env.PORT ?? 3000)
console.log(await app.getUrl())
