/** The bridge as an app of Home Assistant: what the Supervisor, which runs apps, says to it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SettingsError } from '../../config/errors.ts'
import type { Clock } from '../../core/clock.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { type OfferedBroker, offeredBroker } from './broker.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The network of the apps (supervisor/const.py, `DOCKER_NETWORK_MASK`): its first address is this machine. */
const NETWORK: SupervisorNetwork = { api: 'http://supervisor', machine: '172.30.32.1', supervisor: '172.30.32.2' }
/** Of the bridge's own broker: the usual 1883 has to stay free for Mosquitto, which could not start otherwise. */
const EMBEDDED_PORT = '18830'
/** How often, and after how many milliseconds, it is asked again at the start, when it is busy itself. */
const TRIES = 5
const BETWEEN_TRIES = 2_000
/** Milliseconds between two looks whether a broker was installed, or has another password. */
const LOOK_EVERY = 60_000

export interface SupervisorNetwork {
  readonly api: string
  readonly machine: string
  readonly supervisor: string
}

export interface SupervisorOptions {
  /** Of the process. */
  readonly env: Environment
  readonly clock: Clock
  /** Shows a line to whoever starts the bridge. */
  readonly warn: (line: string) => void
  /** Only tests have another one. */
  readonly network?: SupervisorNetwork
}

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #network: SupervisorNetwork
  readonly #token: string
  #broker: OfferedBroker | null = null

  /** Undefined where the process is no app. */
  static of(options: SupervisorOptions): Supervisor | undefined {
    const token = options.env.SUPERVISOR_TOKEN
    return token ? new Supervisor(options, token) : undefined
  }

  private constructor(options: SupervisorOptions, token: string) {
    this.#options = options
    this.#network = options.network ?? NETWORK
    this.#token = token
  }

  /**
   * The environment of the process with what the options of the app and the Supervisor say.
   * @param tries how often a Supervisor that is busy is asked for the broker; 0 for those who need none
   * @throws SettingsError for options that can't be read
   */
  async environment(tries = TRIES): Promise<Environment> {
    const { env, warn } = this.#options
    const { lan_access, users, role, administrators } = this.#optionsOfApp()
    const [names, administering] = [namesIn('users', users), namesIn('administrators', administrators)]
    const broker = tries === 0 || this.#hasOwnBroker() ? null : await this.#askAgain(tries)
    if (broker === undefined) {
      warn(
        'The Supervisor of Home Assistant does not say whether there is a broker. The bridge asks again in a minute.',
      )
    } else this.#broker = broker
    return {
      ...env,
      // Below this address only the machine itself and other apps find the bridge, unless the network is to.
      T2M_API_HOST: lan_access === true ? '0.0.0.0' : this.#network.machine,
      T2M_API_INGRESS_PROXY: this.#network.supervisor,
      T2M_API_INGRESS_USERS: names.join(','),
      // Another word than the three is refused as in any environment. An app set up before there were roles has none.
      ...(role === undefined ? {} : { T2M_API_INGRESS_ROLE: String(role) }),
      T2M_API_INGRESS_ADMINISTRATORS: administering.join(','),
      T2M_MQTT_EMBEDDED_PORT: env.T2M_MQTT_EMBEDDED_PORT || EMBEDDED_PORT,
      ...variablesOf(this.#broker),
    }
  }

  /**
   * Resolves with the reason when another broker is offered than before, or another password. Stops with `signal`. A broker
   * that is gone may only be starting anew: the bridge waits for it.
   */
  async brokerChange(signal: AbortSignal): Promise<string> {
    while (!signal.aborted) {
      await this.#wait(LOOK_EVERY, signal)
      if (signal.aborted || this.#hasOwnBroker()) continue
      const broker = await offeredBroker(this.#network.api, this.#token)
      if (broker && JSON.stringify(broker) !== JSON.stringify(this.#broker)) return 'Home Assistant offers a broker'
    }
    return 'nothing is waited for any more'
  }

  /** Whoever names a broker in the environment of the container wants that one. */
  #hasOwnBroker(): boolean {
    return Boolean(this.#options.env.T2M_MQTT_URL)
  }

  #optionsOfApp(): Record<string, unknown> {
    const path = join(this.#options.env.T2M_DATA_DIR || '/data', 'options.json')
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      throw new SettingsError(`The options of the app can't be read from ${path}: ${why(error)}`)
    }
    const options = parseJson(text)
    if (!isObject(options)) throw new SettingsError(`The options of the app in ${path} are no JSON object.`)
    return options
  }

  async #askAgain(tries: number): Promise<OfferedBroker | null | undefined> {
    for (let asked = 1; ; asked++) {
      const broker = await offeredBroker(this.#network.api, this.#token)
      if (broker !== undefined || asked >= tries) return broker
      await this.#wait(BETWEEN_TRIES)
    }
  }

  #wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.timer(ms, () => end())
      const end = () => {
        timer.cancel()
        signal?.removeEventListener('abort', end)
        resolve()
      }
      signal?.addEventListener('abort', end)
    })
  }
}

/** @throws SettingsError for an empty name: taken for none, it would let everybody in */
function namesIn(option: string, users: unknown): readonly string[] {
  const names: readonly unknown[] = Array.isArray(users) ? users : []
  return names.map((name) => {
    if (typeof name === 'string' && /^[^,]*[^,\s][^,]*$/.test(name)) return name
    throw new SettingsError(
      `The option "${option}" of the app has an entry that is no user name. Correct it or take it out.`,
    )
  })
}

function variablesOf(broker: OfferedBroker | null): Environment {
  if (!broker) return {}
  return { T2M_MQTT_URL: broker.url, T2M_MQTT_USERNAME: broker.username, T2M_MQTT_PASSWORD: broker.password }
}

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error))
