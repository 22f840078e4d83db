/** A real Home Assistant: started, onboarded and asked by its own API. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type JsonObject } from '../../src/core/json.ts'
import { Program, until } from './processes.ts'

export interface State {
  readonly entity_id: string
  readonly state: string
  readonly attributes: JsonObject
  readonly last_updated: string
}

export interface RegistryEntry {
  readonly entity_id: string
  readonly unique_id: string
  readonly device_id: string | null
  readonly platform: string
  readonly disabled_by: string | null
  readonly name: string | null
  readonly original_name: string | null
}

export interface DeviceEntry {
  readonly id: string
  readonly name: string
  readonly name_by_user: string | null
  readonly area_id: string | null
  readonly identifiers: readonly (readonly [string, string])[]
  readonly model: string | null
  readonly configuration_url: string | null
  readonly sw_version: string | null
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** The integrations that are there without anybody's help and ask nobody. */
const KEPT = new Set(['backup', 'sun'])

const USER = { name: 'Owner', username: 'owner', password: 'homeassistant-real', language: 'en' }

export class Home {
  readonly program: Program
  readonly config: string
  readonly url: string
  readonly #port: number
  /** From which line of the log on nothing is to be complained of. */
  quietFrom = 0
  #token = ''
  #refreshToken = ''
  #socket: WebSocket | undefined
  #id = 0
  readonly #waiting = new Map<number, Waiting>()

  /** @param files what stands in its folder besides `configuration.yaml`, by name */
  constructor(options: {
    cache: string
    config: string
    setup: string
    port: number
    files: Readonly<Record<string, string>>
  }) {
    const { cache, config, setup, port, files } = options
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
    this.config = config
    rmSync(this.config, { recursive: true, force: true })
    for (const [name, text] of Object.entries({ 'configuration.yaml': CONFIGURATION, ...files })) {
      const path = join(this.config, name)
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, text.replaceAll('$PORT', String(port)))
    }
    const args = ['--config', this.config, '--skip-pip', '--log-no-color'] as const
    this.program = new Program('Home Assistant', ['sh', setup, cache, 'hass', ...args])
  }

  async start(): Promise<void> {
    this.program.start()
    await until('Home Assistant answers', () => this.#answers(), 180)
  }

  /** Starts it anew; signed in again after that. */
  async restart(): Promise<void> {
    this.#socket?.close()
    await this.program.stop()
    await this.start()
    await this.signIn()
    await this.running()
  }

  async stop(): Promise<void> {
    this.#socket?.close()
    await this.program.stop()
  }

  async running(): Promise<void> {
    await until('Home Assistant has started', async () => (await this.ask('get_config')).state === 'RUNNING', 120)
  }

  /** Makes the owner, and goes through the rest of what is asked at a first start. */
  async onboard(): Promise<void> {
    const client_id = `${this.url}/`
    const made = await this.#post('/api/onboarding/users', { ...USER, client_id })
    await this.#takeToken({ grant_type: 'authorization_code', code: String(made.auth_code), client_id })
    await this.#post('/api/onboarding/core_config', {})
    await this.#post('/api/onboarding/analytics', {})
    await this.#post('/api/onboarding/integration', { client_id, redirect_uri: `${this.url}/?auth_callback=1` })
    await this.#connect()
    // What stands in YAML of the server is on trial until somebody says that it works.
    await this.ask('http/config/promote')
    writeFileSync(join(this.config, 'configuration.yaml'), CONFIGURATION.replace(/^http:\n( .*\n)+/m, ''))
    await this.running()
    // What the onboarding has added by itself asks services on the internet.
    for (const { domain, entry_id } of await this.list<Readonly<Record<string, string>>>('config_entries/get')) {
      if (!KEPT.has(domain ?? '')) await this.#request('DELETE', `/api/config/config_entries/entry/${entry_id}`)
    }
    this.quietFrom = this.program.lines.length
  }

  async signIn(): Promise<void> {
    await this.#takeToken({ grant_type: 'refresh_token', refresh_token: this.#refreshToken, client_id: `${this.url}/` })
    await this.#connect()
  }

  /** For a browser: what the frontend keeps of a sign-in. */
  get tokens(): JsonObject {
    return {
      hassUrl: this.url,
      clientId: `${this.url}/`,
      access_token: this.#token,
      refresh_token: this.#refreshToken,
      token_type: 'Bearer',
      expires_in: 1800,
      expires: Date.now() + 1_800_000,
    }
  }

  /** Adds the MQTT integration by its form. @param protocol as the form offers it: `5` or `3.1.1` */
  async addMqtt(port: number, protocol: string): Promise<void> {
    const flow = await this.#post('/api/config/config_entries/flow', { handler: 'mqtt', show_advanced_options: false })
    const form = {
      broker: '127.0.0.1',
      port,
      protocol,
      other_settings: { set_client_cert: false, set_ca_cert: 'off', transport: 'tcp' },
    }
    const added = await this.#post(`/api/config/config_entries/flow/${String(flow.flow_id)}`, form)
    if (added.type !== 'create_entry') throw new Error(`the MQTT form says ${JSON.stringify(added)}`)
  }

  /** A command over the WebSocket. @throws when Home Assistant refuses it */
  async ask(type: string, fields: JsonObject = {}): Promise<JsonObject> {
    const result = await this.#send(type, fields)
    return isObject(result) ? result : {}
  }

  /** The same for commands that answer with a list. */
  async list<T>(type: string, fields: JsonObject = {}): Promise<readonly T[]> {
    const result = await this.#send(type, fields)
    return Array.isArray(result) ? (result as T[]) : []
  }

  call(action: string, target: JsonObject, data: JsonObject = {}): Promise<JsonObject> {
    const [domain = '', service = ''] = action.split('.')
    return this.ask('call_service', { domain, service, target, service_data: data })
  }

  async states(): Promise<ReadonlyMap<string, State>> {
    const all = await this.list<State>('get_states')
    return new Map(all.map((state) => [state.entity_id, state]))
  }

  async state(entityId: string): Promise<State> {
    const state = (await this.states()).get(entityId)
    if (!state) throw new Error(`Home Assistant has no ${entityId}`)
    return state
  }

  entities(): Promise<readonly RegistryEntry[]> {
    return this.list<RegistryEntry>('config/entity_registry/list')
  }

  async devices(): Promise<readonly DeviceEntry[]> {
    const all = await this.list<DeviceEntry>('config/device_registry/list')
    return all.filter(({ identifiers }) => identifiers.some(([domain]) => domain === 'mqtt'))
  }

  async post(path: string, body: JsonObject): Promise<JsonObject> {
    return this.#post(path, body)
  }

  async #answers(): Promise<boolean> {
    this.program.check()
    const answer = await fetch(`${this.url}/manifest.json`).catch(() => undefined)
    return answer?.status === 200
  }

  #post(path: string, body: JsonObject): Promise<JsonObject> {
    return this.#request('POST', path, body)
  }

  async #request(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
    const headers = {
      'Content-Type': 'application/json',
      ...(this.#token === '' ? {} : { Authorization: `Bearer ${this.#token}` }),
    }
    const answer = await fetch(`${this.url}${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    const json: unknown = text === '' ? {} : JSON.parse(text)
    return isObject(json) ? json : {}
  }

  async #takeToken(form: Readonly<Record<string, string>>): Promise<void> {
    const answer = await fetch(`${this.url}/auth/token`, { method: 'POST', body: new URLSearchParams(form) })
    const json: unknown = await answer.json()
    if (!isObject(json) || typeof json.access_token !== 'string') throw new Error(`no token: ${JSON.stringify(json)}`)
    this.#token = json.access_token
    if (typeof json.refresh_token === 'string') this.#refreshToken = json.refresh_token
  }

  async #connect(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/api/websocket`)
    this.#socket = socket
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('error', () => reject(new Error('the WebSocket of Home Assistant failed')))
      socket.addEventListener('message', ({ data }) => {
        const message: unknown = JSON.parse(String(data))
        if (!isObject(message)) return
        if (message.type === 'auth_required') socket.send(JSON.stringify({ type: 'auth', access_token: this.#token }))
        else if (message.type === 'auth_ok') resolve()
        else if (message.type === 'auth_invalid') reject(new Error('Home Assistant does not take its own token'))
        else this.#answered(message)
      })
    })
  }

  #answered({ id, success, result, error }: JsonObject): void {
    const waiting = this.#waiting.get(Number(id))
    if (!waiting) return
    this.#waiting.delete(Number(id))
    if (success === true) waiting.resolve(result)
    else waiting.reject(new Error(isObject(error) ? String(error.message) : JSON.stringify(error)))
  }

  #send(type: string, fields: JsonObject): Promise<unknown> {
    const id = ++this.#id
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket?.send(JSON.stringify({ id, type, ...fields }))
    })
  }
}

/** No more than the checks need: what looks for devices on the network has no place here. */
const CONFIGURATION = `homeassistant:
  name: Checks
  country: UA
  packages: !include_dir_named packages
http:
  server_host: 127.0.0.1
  server_port: $PORT
frontend:
recorder:
  commit_interval: 1
history:
logbook:
energy:
automation: !include automations.yaml
schedule:
  cheap:
    name: cheap
    monday: [{ from: '23:00:00', to: '24:00:00' }]
lovelace:
  dashboards:
    heating-rooms:
      mode: yaml
      title: Heating
      filename: dashboard.yaml
`
