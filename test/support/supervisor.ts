/**
 * The Supervisor of Home Assistant as an app sees it, with Home Assistant in front: the API that apps ask, and the ingress,
 * which passes requests on as supervisor/api/ingress.py and homeassistant/components/hassio/ingress.py do.
 */
import { randomBytes } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Teardown } from './simulator.ts'

export interface HomeAssistantUser {
  readonly id: string
  readonly username: string | null
  readonly name: string | null
}

export interface Service {
  readonly host: string
  readonly port: number
  readonly ssl: boolean
  readonly username: string
  readonly password: string
}

/** Where the requests of the ingress come from. The real one is at 172.30.32.2. */
export const SUPERVISOR_ADDRESS = '127.0.0.12'

/** Taken out of what people send, in any spelling: the web framework knows these. */
const NOT_PASSED_AT_ALL: ReadonlySet<string> = new Set([
  'accept-encoding',
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'x-forwarded-for',
])
/** In just this spelling. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  'X-Supervisor-Token',
  'X-Hassio-Key',
  'X-Remote-User-Id',
  'X-Remote-User-Name',
  'X-Remote-User-Display-Name',
])
const NOT_ANSWERED: ReadonlySet<string> = new Set(['transfer-encoding', 'content-length', 'content-encoding'])

export class FakeSupervisor {
  /** What the app has to show; the Supervisor gives it in SUPERVISOR_TOKEN. */
  readonly token = randomBytes(20).toString('hex')
  /** What is offered as the service mqtt; null while no broker is installed. */
  mqtt: Service | null = null
  /** Answers with an error instead, as it does while the system starts. */
  ready = true
  /** Every request to the API, as method and path. */
  readonly asked: string[] = []
  /** Who is signed in at Home Assistant. */
  user: HomeAssistantUser | null = null
  #ingress = { token: '', port: 0 }
  readonly #server = http.createServer((request, response) => void this.#answer(request, response))

  static async start(t: Teardown): Promise<FakeSupervisor> {
    const supervisor = new FakeSupervisor()
    await new Promise<void>((resolve) => supervisor.#server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      supervisor.#server.closeAllConnections()
      supervisor.#server.close()
    })
    return supervisor
  }

  /** `host:port`, of the API and of Home Assistant alike. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Shows the app that listens on `port` below another path than before; resolves with that. */
  showApp(port: number): string {
    this.#ingress = { token: randomBytes(24).toString('base64url'), port }
    return `/api/hassio_ingress/${this.#ingress.token}/`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '/' } = request
    const prefix = `/api/hassio_ingress/${this.#ingress.token}`
    if (url.startsWith(`${prefix}/`)) return this.#pass(request, response, url.slice(prefix.length), prefix)
    if (url === '/app') {
      response.setHeader('content-type', 'text/html')
      response.end(`<!doctype html><title>Home Assistant</title><iframe title="app" src="${prefix}/"></iframe>`)
      return
    }
    this.#api(request, response, url)
  }

  /** As the API answers: `{"result":"ok","data":…}`, or an error with a status. */
  #api({ method, headers }: IncomingMessage, response: ServerResponse, url: string): void {
    const mine = headers.authorization === `Bearer ${this.token}`
    if (mine) this.asked.push(`${method} ${url}`)
    const [status, body] = mine ? this.#service(url) : [401, { result: 'error', message: 'Unauthorized' }]
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

  #service(url: string): readonly [status: number, body: object] {
    const error = (status: number, message: string) => [status, { result: 'error', message }] as const
    if (!this.ready) return error(400, 'System is not ready with state: setup')
    if (url !== '/services/mqtt') return error(404, 'Not found')
    if (!this.mqtt) return error(400, 'Service not enabled')
    return [200, { result: 'ok', data: { addon: 'core_mosquitto', protocol: '3.1.1', ...this.mqtt } }]
  }

  #pass(request: IncomingMessage, response: ServerResponse, path: string, prefix: string): void {
    const headers: string[] = []
    const add = (name: string, value: string | null | undefined) => {
      if (value !== null && value !== undefined) headers.push(name, Buffer.from(value).toString('latin1'))
    }
    if (this.user) {
      add('X-Remote-User-Id', this.user.id)
      add('X-Remote-User-Name', this.user.username)
      add('X-Remote-User-Display-Name', this.user.name)
    }
    for (const [index, name] of request.rawHeaders.entries()) {
      if (index % 2 === 0 && !NOT_PASSED.has(name) && !NOT_PASSED_AT_ALL.has(name.toLowerCase()))
        headers.push(name, request.rawHeaders[index + 1] ?? '')
    }
    add('X-Ingress-Path', prefix)
    add('X-Forwarded-For', `${request.headers['x-forwarded-for']}, ${request.socket.remoteAddress}`)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if (body.length > 0) add('Content-Length', String(body.length))
      const to = { host: '127.0.0.1', port: this.#ingress.port, localAddress: SUPERVISOR_ADDRESS, path, headers }
      const asked = http.request({ ...to, method: request.method, agent: false }, (answer) => {
        const passed = Object.entries(answer.headers).filter(([name]) => !NOT_ANSWERED.has(name))
        response.writeHead(answer.statusCode ?? 502, Object.fromEntries(passed))
        response.flushHeaders()
        answer.pipe(response)
      })
      asked.on('error', () => response.destroy())
      response.on('close', () => asked.destroy())
      asked.end(body)
    })
  }
}
