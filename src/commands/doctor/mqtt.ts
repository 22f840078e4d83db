import { baseTopic, type Settings } from '../../config/index.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { dialled } from '../../core/network/addresses.ts'
import { bridgeId } from '../../homeassistant/document/bridge.ts'
import { discoveryTopic } from '../../homeassistant/document/index.ts'
import { explain, settingToCheck } from '../../mqtt/client/failures.ts'
import { brokerTargets, type Target } from '../../mqtt/client/target.ts'
import { LARGE, type Visit, visitBroker } from '../../mqtt/visit.ts'
import { NativeTopics } from '../../native/topics.ts'
import { answerOf } from '../running/ask.ts'
import { whyNotListen } from '../running/ports.ts'
import type { RunningBridge } from '../running/whereabouts.ts'
import { type Check, type Finding, fail, ok, warn } from './check.ts'

export const broker: Check = {
  name: 'MQTT broker',
  run: async ({ tools: { settings }, running }) => {
    if (running?.here) {
      if (running.api === null) return [warn('the bridge is starting', 'ask again in a moment.')]
      const told = await ofRunning(running, settings)
      if (told) return told
    }
    if (settings.mqtt.url.length === 0) return [await checkEmbedded(settings)]
    const options = { ...settings.mqtt, client_id: '' }
    const found: Finding[][] = []
    for (const target of brokerTargets(options)) found.push(await checkTarget(target, settings))
    // If there are several, only one has to be available.
    const reached = found.filter((findings) => findings.some(({ level }) => level === 'ok'))
    if (reached.length === 0) return found.flat()
    return found.flatMap((findings) =>
      reached.includes(findings) ? findings : findings.map((finding) => ({ ...finding, level: 'warn' as const })),
    )
  },
}

/**
 * What the running bridge says of its broker; undefined for one that it does not run itself and that can be visited with
 * these settings, which shows more.
 */
async function ofRunning({ api, broker }: RunningBridge, settings: Settings): Promise<Finding[] | undefined> {
  const { url, username, password } = settings.mqtt
  const visitable = url.length > 0 && (username === null) === (password === null)
  const said = api === null || visitable ? undefined : await brokerOf(api)
  if (!said) return undefined
  if (said.ok && broker !== null) return [ok(`embedded: the running bridge serves ${broker}`)]
  if (said.ok) return [ok(`${url.join(', ')}: the running bridge is connected to it`)]
  const at = broker === null ? url.join(', ') : `embedded: ${broker}`
  return [fail(`${at}: ${said.detail ?? 'the running bridge can’t use it'}`)]
}

/** What the bridge says of its broker at `/readyz`. */
async function brokerOf(api: string): Promise<{ ok: boolean; detail?: string } | undefined> {
  let text = ''
  try {
    text = (await answerOf(new URL('/readyz', api))).text
  } catch {
    // The check of REST reports that it does not answer.
    return undefined
  }
  const answer = parseJson(text)
  const checks = isObject(answer) && isObject(answer.checks) ? answer.checks : {}
  if (!isObject(checks.mqtt)) return undefined
  const { ok, detail } = checks.mqtt
  return { ok: ok === true, ...(typeof detail === 'string' ? { detail } : {}) }
}

async function checkTarget(target: Target, settings: Settings): Promise<Finding[]> {
  const base = baseTopic(settings)
  const native = nativeFilters(settings)
  const visit = await visitBroker(target, settings.mqtt, base, native, discoveryOf(settings))
  if (!visit.connected) return [fail(`${target.url}: ${explain(visit.error)}`, `${settingToCheck(visit.error)}.`)]
  const protocol = visit.protocol === 5 ? 'MQTT 5' : 'MQTT 3.1.1'
  const findings = [ok(`${target.url}: connected with ${protocol}; ${bridgeIs(visit.bridge)}`)]
  if (visit.bridge === 'online') findings.push(...visit.problems.map((problem) => fail(problem)))
  const refused = visit.refused.filter((filter) => !native.includes(filter))
  if (refused.length > 0) {
    findings.push(
      warn(
        `it refuses subscriptions to ${refused.join(', ')}`,
        `allow the user of the bridge ${base}/# in its access list.`,
      ),
    )
  } else if (!visit.echoed) {
    findings.push(
      warn(
        `what is published under ${base}/ does not come back`,
        `allow the user of the bridge to publish to ${base}/# in its access list.`,
      ),
    )
  } else if (visit.commanded === false) {
    findings.push(
      warn(
        `what is published on ${base}/+/set does not come back, so commands may not arrive`,
        `allow the user of the bridge to read ${base}/+/set in its access list, and to write it, which this test needs.`,
      ),
    )
  }
  if (visit.announced === false) {
    const { discovery_prefix: prefix } = settings.homeassistant
    findings.push(
      warn(
        `what is published under ${prefix}/device/ does not come back, so Home Assistant may not see the thermostats`,
        `allow the user of the bridge to write and read ${prefix}/device/# in its access list.`,
      ),
    )
  }
  return [...findings, ...sizeFindings(visit), ...nativeFindings(native, visit.refused, settings)]
}

/** The topic of the bridge's own document; undefined if there is none. */
function discoveryOf(settings: Settings): string | undefined {
  const { enabled, discovery_prefix: prefix } = settings.homeassistant
  if (!enabled) return undefined
  return discoveryTopic(prefix, settings.site, bridgeId(baseTopic(settings)))
}

function sizeFindings({ largest, hungUp }: Visit): Finding[] {
  const remedy = `let it accept packets of ${LARGE / 1024} KiB; in Mosquitto: max_packet_size.`
  const then = 'documents for Home Assistant are sent in parts, and anything larger is left out'
  if (largest !== undefined && largest < LARGE) {
    return [warn(`it accepts packets of ${largest} bytes at most: ${then}`, remedy)]
  }
  return hungUp
    ? [
        warn(
          `it closes the connection on a message of ${LARGE / 1024} KiB: once the bridge has found out, ${then}`,
          remedy,
        ),
      ]
    : []
}

/** The topics on which devices publish themselves; none if the settings switch this off. */
function nativeFilters({ native_mqtt: native, devices }: Settings): readonly string[] {
  if (!native.enabled) return []
  return new NativeTopics({ patterns: native.topics, commandPattern: native.command_topic, devices }).filters
}

function nativeFindings(filters: readonly string[], refused: readonly string[], settings: Settings): Finding[] {
  const closed = filters.filter((filter) => refused.includes(filter))
  const where = filters.filter((filter) => filter.endsWith('/get/+')).join(', ')
  if (closed.length > 0) {
    const remedy = 'allow the user of the bridge to read them in its access list, or correct native_mqtt.topics.'
    return [warn(`it refuses subscriptions to ${closed.join(', ')}, where devices publish themselves`, remedy)]
  }
  if (filters.length === 0) return []
  const write = settings.native_mqtt.commands === 'mqtt' ? '; commands use them too' : ''
  return [ok(`what devices publish themselves can be received on ${where}${write}`)]
}

const bridgeIs = (state: string | undefined): string =>
  state === undefined
    ? 'no bridge has been there yet'
    : `the bridge there is ${state === 'online' ? 'online' : 'offline'}`

async function checkEmbedded(settings: Settings): Promise<Finding> {
  const { embedded } = settings.mqtt
  const base = baseTopic(settings)
  const { host, port } = embedded
  const where = `${host}:${port}`
  const why = port === 0 ? undefined : await whyNotListen(host, port)
  if (why === undefined) return ok(`embedded: ${where} is free, so the bridge does not run now`)
  if (why !== 'EADDRINUSE')
    return fail(
      `embedded: the bridge can't listen on ${where} (${why})`,
      'correct mqtt.embedded.host or mqtt.embedded.port.',
    )
  const url = `mqtt://${dialled(host)}:${port}`
  const [target] = brokerTargets({ url: [url], client_id: '', base_topic: base, embedded })
  const visit = target && (await visitBroker(target, embedded, base))
  if (visit?.bridge === 'online') {
    return warn(
      `embedded: another bridge, with another data folder, serves ${where}`,
      'if you mean that one, name its data folder (--data_dir); otherwise give this one another mqtt.embedded.port.',
    )
  }
  return fail(
    `embedded: another program uses ${where}`,
    visit?.connected
      ? `it is a broker: use it with mqtt.url=${url}, or give the embedded broker another mqtt.embedded.port.`
      : 'give the embedded broker another mqtt.embedded.port, or stop that program.',
  )
}
