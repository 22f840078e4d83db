/** REST: starts and stops the server. */
import { BridgeError } from '../core/errors.ts'
import { dialled } from '../core/network/addresses.ts'
import type { Access } from './auth/index.ts'
import { Ingress } from './edge/ingress.ts'
import { readTls } from './edge/tls.ts'
import type { Server } from './server.ts'
import type { Api, ApiAddress, ApiOptions } from './types.ts'

export type { Api, ApiOptions, Check } from './types.ts'

/** How long requests in progress may take once the API stops. */
const GRACE_MS = 500

/** The REST API. The web framework is not loaded before `start`, so that a bridge can be online on MQTT first. */
export function createApi(options: ApiOptions): Api {
  return new HttpApi(options)
}

class HttpApi implements Api {
  readonly #options: ApiOptions
  #server: Promise<Server> | undefined
  #access: Access | undefined

  constructor(options: ApiOptions) {
    this.#options = options
  }

  async start(): Promise<ApiAddress> {
    const { host, port } = this.#options
    this.#server ??= this.#build()
    const { app } = await this.#server
    try {
      await app.listen({ host, port })
    } catch (error) {
      this.#server = undefined
      await app.close()
      throw cannotListen(error, host, port)
    }
    const address = app.server.address()
    const taken =
      typeof address === 'object' && address ? { host: address.address, port: address.port } : { host, port }
    return { ...taken, url: urlOf(app.initialConfig.https ? 'https' : 'http', taken) }
  }

  async stop(): Promise<void> {
    const server = await this.#server
    this.#server = undefined
    if (!server) return
    const { app, streams } = server
    streams.close()
    const force = this.#options.clock.timer(GRACE_MS, () => app.server.closeAllConnections())
    await app.close()
    force.cancel()
    this.#access?.audit.flush()
  }

  async #build(): Promise<Server> {
    const [{ buildServer }, { openAccess }] = await Promise.all([import('./server.ts'), import('./auth/index.ts')])
    const { clock, logger } = this.#options
    const tls = this.#options.tls && (await readTls(this.#options.tls))
    const ingress = new Ingress(this.#options.ingress, logger)
    const throughIngress = (account: string) => ingress.roleOf(account)
    const access = await openAccess({ ...this.#options.access, throughIngress }, clock, logger)
    this.#access = access
    return await buildServer({ ...this.#options, access, tls })
  }
}

/** An address for people to open: one that listens everywhere is shown as the address of this machine. */
function urlOf(scheme: 'http' | 'https', { host, port }: { host: string; port: number }): string {
  return `${scheme}://${dialled(host)}:${port}`
}

/** Why the port can't be opened, in words, with the setting to change. */
function cannotListen(error: unknown, host: string, port: number): BridgeError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program. Set api.port (T2M_API_PORT) to a free one, or stop that program.`,
    EACCES: `Port ${port} can’t be opened by this user. Set api.port (T2M_API_PORT) to one above 1023.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Set api.host (T2M_API_HOST) to one that is, or to 0.0.0.0 for all.`,
    ENOTFOUND: `${host} is not a known name. Set api.host (T2M_API_HOST) to an address of this machine.`,
  }
  const reason = typeof code === 'string' ? reasons[code] : undefined
  return new BridgeError('INTERNAL', reason ?? `The API can't listen on ${host} port ${port} (api.host, api.port).`, {
    cause: error,
  })
}
