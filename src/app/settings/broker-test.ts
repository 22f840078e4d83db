/** Tests a broker before it is saved in the settings. */
import type { BrokerTestBody, BrokerTestJson } from '../../api/schemas/settings.ts'
import { Refusal } from '../../config/errors.ts'
import { baseTopic, type Settings } from '../../config/index.ts'
import { SCHEMA } from '../../config/settings/index.ts'
import type { Setting } from '../../config/settings/setting.ts'
import { BridgeError } from '../../core/errors.ts'
import { brokerProblem, explain, settingToCheck } from '../../mqtt/client/failures.ts'
import { brokerTargets, type Target } from '../../mqtt/client/target.ts'
import { visitBroker } from '../../mqtt/visit.ts'

type Mqtt = Settings['mqtt']
type Tested = BrokerTestJson['brokers'][number]

/** The most brokers to try, all at the same time. */
const MOST = 4

/** @throws BridgeError `BAD_REQUEST` for values that the settings would not accept */
export async function testBroker(settings: Settings, values: BrokerTestBody): Promise<BrokerTestJson> {
  const { mqtt } = settings
  const given = (name: 'username' | 'password' | 'ca' | 'cert' | 'key', fallback: string | null): string | null => {
    const value = values[name]
    return value === undefined ? fallback : read(`mqtt.${name}`, SCHEMA.mqtt[name], value)
  }
  const url = values.url === undefined ? mqtt.url : read('mqtt.url', SCHEMA.mqtt.url, values.url)
  const same = JSON.stringify(url) === JSON.stringify(mqtt.url)
  const tried: Mqtt = {
    ...mqtt,
    url,
    username: given('username', mqtt.username),
    // Whoever enters a password knows it; the password in force is sent only to its own broker.
    password: given('password', same ? mqtt.password : null),
    ca: given('ca', mqtt.ca),
    cert: given('cert', mqtt.cert),
    key: given('key', mqtt.key),
  }
  const targets = brokerTargets({ ...tried, client_id: '' }).slice(0, MOST)
  const brokers = await Promise.all(targets.map((target) => visit(target, tried, baseTopic(settings))))
  return { ok: brokers.some(({ ok }) => ok), brokers }
}

async function visit(target: Target, mqtt: Mqtt, base: string): Promise<Tested> {
  const { connected, error, refused, echoed } = await visitBroker(target, mqtt, base)
  const { url } = target
  if (!connected) {
    return { url, ok: false, problem: brokerProblem(error), message: `${explain(error)}; ${settingToCheck(error)}` }
  }
  if (refused.length === 0 && echoed) return { url, ok: true, problem: null, message: 'connected' }
  const rights = `connected, but the broker’s access list must let the user of the bridge read and write ${base}/#`
  return { url, ok: false, problem: 'rights', message: rights }
}

/** @throws BridgeError `BAD_REQUEST`, without the value, which may contain a password */
function read<T>(key: string, row: Setting<T>, value: unknown): T {
  try {
    return row.read(value)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new BridgeError('BAD_REQUEST', `${key}: the value ${error.message}; allowed: ${row.allowed}.`, {
      details: { key },
    })
  }
}
