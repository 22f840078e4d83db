import { kindOf, type Model, modelOf, unlockBoth, unlockLan } from '../../catalog/index.ts'
import { asBridgeError } from '../../core/errors.ts'
import { firmwareBySilence } from '../../devices/facts/firmware.ts'
import { settled } from '../../lan/clearance.ts'
import { LanDevice } from '../../lan/lan-device.ts'
import type { LanDeviceOptions } from '../../lan/options.ts'
import type { Address, Change, CounterBase, Lock } from '../../lan/types.ts'
import type { ParameterList } from '../../protocol/replies.ts'
import { counted } from '../command.ts'
import { configuredKeys } from '../console/tools.ts'
import { type Check, type Context, type Finding, fail, ok, warn } from './check.ts'
import { clockFinding } from './clock.ts'
import { relayFindings } from './disputed.ts'
import { readParameters } from './half-devices.ts'

/** How many devices are asked at the same time. */
const AT_ONCE = 16

/** Display brightness of thermostats and MS, and of D2W: writing its present value back is not noticeable. */
const BRIGHTNESS = [23, 73] as const

interface Known {
  readonly serial: string
  readonly name: string
  /** Its model in beacons; null if none was heard. */
  readonly hw: string | null
  readonly address: Address | undefined
  /** The settings name the address, or it accepted a signed command before. */
  readonly trusted: boolean
  readonly counterBase: CounterBase | null
  readonly firmware: string | null
  readonly learned: Readonly<Record<string, number>>
}

const UNKNOWN: Omit<Known, 'serial' | 'name'> = {
  hw: null,
  address: undefined,
  trusted: false,
  counterBase: null,
  firmware: null,
  learned: {},
}

export const keys: Check = {
  name: 'Keys',
  run: async (context) => {
    const counts = new Map<string, number>()
    const count = (source: string) => counts.set(source, (counts.get(source) ?? 0) + 1)
    for (const _ of configuredKeys(context.tools.settings)) count('the configuration (overrides what accounts say)')
    for (const { source } of context.heldKeys()) count(`account ${source}`)
    if (counts.size === 0)
      return [
        warn(
          'none is stored: only devices without a LAN lock can be controlled',
          'configure the account that owns the devices and run "thermo2mqtt login".',
        ),
      ]
    return [...counts].map(([source, number]) => ok(`${counted(number, 'key')} from ${source}`))
  },
}

export const devices: Check = {
  name: 'Devices',
  run: async (context) => {
    const all = knownDevices(context)
    if (all.length === 0)
      return [
        warn('none is known yet', 'thermo2mqtt discover lists those on this network; the bridge finds them by itself.'),
      ]
    const findings: Finding[] = []
    for (let first = 0; first < all.length; first += AT_ONCE) {
      const some = all.slice(first, first + AT_ONCE)
      findings.push(...(await Promise.all(some.map((known) => checkDevice(known, context)))).flat())
    }
    return findings
  },
}

/** Devices from the configuration, devices that the bridge has met, and devices that the accounts list. */
function knownDevices({ tools: { settings }, store, listed }: Context): Known[] {
  const known = new Map<string, Known>()
  const put = (serial: string, more: Partial<Known>) =>
    known.set(serial, { ...(known.get(serial) ?? { serial, name: serial, ...UNKNOWN }), ...more })
  for (const { serial, name, hw, host, port, proven, counterBase, firmware, learned } of store?.devices.load() ?? []) {
    const trusted = proven?.host === host && proven?.port === port
    put(serial, {
      ...(name ? { name } : {}),
      hw,
      ...(host && port ? { address: { host, port }, trusted } : {}),
      counterBase,
      learned,
      firmware: firmware ?? firmwareBySilence(learned),
    })
  }
  for (const { serial, name, version } of listed.values()) {
    put(serial, { ...(name ? { name } : {}), ...(version ? { firmware: version } : {}) })
  }
  for (const { serial, name, host, port } of settings.devices) {
    put(serial, { ...(name ? { name } : {}), ...(host ? { address: { host, port }, trusted: true } : {}) })
  }
  return [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function checkDevice(known: Known, context: Context): Promise<Finding[]> {
  const { serial, address } = known
  const { store } = context
  const name = known.name === serial ? serial : `${known.name} (${serial})`
  const named = (finding: Finding): Finding => ({ ...finding, what: `${name}: ${finding.what}` })
  const told = toldOf(serial, store).map(named)
  if (!address) {
    return [
      ...told,
      named(
        warn(
          'its address is not known',
          '"thermo2mqtt discover" shows whether it can be heard; otherwise set its host in the configuration (devices).',
        ),
      ),
    ]
  }
  let accepted = false
  let model: Model | null = null
  const device = connect(known, address, context, {
    model: () => model,
    onKeyAccepted: () => {
      accepted = true
    },
  })
  try {
    const { parameters, lacking } = await readParameters(device)
    model = modelOf(known.hw, new Map([...parameters].map(([id, { type }]) => [id, type])))
    const telemetry = await device.readTelemetry()
    const configured = context.tools.settings.devices.find((one) => one.serial === serial)
    const where = `${address.host}${address.port === 80 ? '' : `:${address.port}`}`
    const firmware = known.firmware === null ? '' : `, firmware ${known.firmware}`
    const findings = [
      ok(`answers at ${where}${underItsSerial(parameters)}${firmware}`),
      ...lacking,
      ...relayFindings(parameters, telemetry, known.learned, configured),
      await clockFinding({ device, known, model }, context),
      await lockFinding({ device, known, parameters, model, accepted: () => accepted }, context),
    ].map(named)
    return [...told, ...findings]
  } catch (error) {
    return [...told, named(fail(asBridgeError(error).message))]
  } finally {
    await device.stop()
  }
}

/** Lasting problems that the bridge has found. */
function toldOf(serial: string, store: Context['store']): Finding[] {
  const told = store?.events.faultsTold(serial)
  return [
    ...(told?.get('address_conflict')
      ? [
          warn(
            'something else on the network answers with its serial number; the log of the device says where',
            'find out what it is. If the bridge has chosen the wrong one, set the right host in the settings (devices).',
          ),
        ]
      : []),
    ...(told?.get('lock_alarm')
      ? [
          fail(
            'its lock has changed, and the bridge did not change it',
            'if you changed it at the device itself, accept it (action accept_lock). Otherwise somebody on the network changed it: set it again at the device.',
          ),
        ]
      : []),
  ]
}

/** D2W answers without one. */
const underItsSerial = (parameters: ParameterList): string =>
  kindOf(parameters) === 'voltage_relay' ? ' without its serial, as a D2W does' : ' with its serial'

type Told = Required<Pick<LanDeviceOptions, 'model' | 'onKeyAccepted'>>

function connect(known: Known, address: Address, context: Context, told: Told): LanDevice {
  const { clock, random, logger, settings } = context.tools
  const { timeout, min_spacing: minSpacing, keep_alive: keepAlive } = settings.device
  return new LanDevice({
    serial: known.serial,
    address,
    clock,
    random,
    logger,
    keys: context.keys,
    timeout,
    // It is not known yet how slow it is.
    patience: 2 * timeout,
    minSpacing,
    keepAlive,
    counterBase: known.counterBase,
    clearance: settled(known.trusted),
    // The bridge learns by itself; what is found here is only shown.
    onCounterBase: () => undefined,
    ...told,
  })
}

interface Answering {
  readonly device: LanDevice
  readonly known: Known
  readonly parameters: ParameterList
  readonly model: Model
  /** Whether it accepted a signed command. */
  readonly accepted: () => boolean
}

async function lockFinding(
  { device, known, parameters, model, accepted }: Answering,
  { keys, mayWrite }: Context,
): Promise<Finding> {
  const lock: Lock | null = device.lock
  if (lock === null) return warn('does not report its lock')
  if (lock === 'none' || lock === 'cloud') return ok(`lock ${lock}: commands need no signature`)
  if (lock === 'both')
    return fail('lock both: no command from any network is accepted', `unlock it ${unlockBoth(model)}.`)
  const key = keys.get(known.serial)
  if (!key) {
    return fail(
      'lock lan, and no key is stored: it can be read but not controlled',
      `configure the account that owns it and run "thermo2mqtt login", or set its totp_key in the configuration. Or unlock it ${unlockLan(model)}.`,
    )
  }
  if (!known.trusted) {
    return warn(
      'lock lan, and a key is stored; its address is not proven yet, so nothing was signed for it',
      'send it any command: the bridge signs it once nobody else has claimed to be the device for a minute. Or set its host in the settings (devices).',
    )
  }
  const source = key.source === 'config' ? 'the configuration' : `account ${key.source}`
  if (!mayWrite) return ok(`lock lan, key from ${source}; thermo2mqtt doctor --write tries a signed command`)
  return signingFinding(device, parameters, source, accepted)
}

/** Writes its present brightness back to it, signed. */
async function signingFinding(
  device: LanDevice,
  parameters: ParameterList,
  source: string,
  accepted: () => boolean,
): Promise<Finding> {
  const id = BRIGHTNESS.find((candidate) => parameters.has(candidate))
  const brightness = id === undefined ? undefined : parameters.get(id)
  if (id === undefined || !brightness)
    return warn(`lock lan, key from ${source}; it has no brightness, so signing can't be tested`)
  const change: Change = { id, type: brightness.type, raws: [brightness.value] }
  try {
    await device.write(() => [change])
  } catch (error) {
    return fail(
      `lock lan, key from ${source}, but a signed write is refused: ${asBridgeError(error).message}`,
      'if the bridge sent it a command within the last half minute, try again: some devices accept a code only once.',
    )
  }
  const base = device.counterBase ? `, counter base ${device.counterBase}` : ''
  const proof = accepted() ? 'accepts signed commands' : 'acknowledges signed commands without showing their effect'
  return ok(`lock lan, key from ${source}: ${proof}${base} (its brightness ${brightness.value} was written back to it)`)
}
