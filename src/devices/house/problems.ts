/** What is wrong with a device, for whoever looks after the house. */
import { datapointsOf, faultsOf, MODELS } from '../../catalog/index.ts'
import { isObject } from '../../core/json.ts'
import type { DeviceView } from '../ports.ts'
import { FAILURES_TO_OFFLINE, isDecided } from '../reading/poller.ts'
import type { HouseEntry } from './entry.ts'
import type { HouseProblem } from './types.ts'

/** Mistakes of whoever sent a command: they say nothing about the device. */
const MISTAKES: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'UNKNOWN_KEY',
  'READ_ONLY',
  'OUT_OF_RANGE',
  'UNKNOWN_DEVICE',
])

/** The keys of the states of all models that are faults. */
const FAULTS: ReadonlySet<string> = new Set(
  MODELS.flatMap((model) => faultsOf(datapointsOf(model)).map(([{ key }]) => key)),
)

type Told = Pick<HouseProblem, 'kind' | 'code' | 'message'>

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const REFUSALS: Readonly<Record<'LOCKED_BOTH' | 'KEY_MISSING', string>> = {
  LOCKED_BOTH: 'It is locked against all commands.',
  KEY_MISSING: 'It takes only signed commands, and there is no key for it.',
}

/**
 * The worst that is wrong with a device; null if all is well, or not known yet: that it does not answer, will refuse commands,
 * reports a fault itself, is unusual, or has not carried out a command.
 * @param entry what came of the mode of the house
 */
export function problemOf(view: DeviceView, entry: HouseEntry | undefined): HouseProblem | null {
  const told = ofDevice(view) ?? ofCommands(view, entry)
  return told && { serial: view.serial, name: view.name, ...told }
}

function ofDevice(view: DeviceView): Told | null {
  const { online, state, health } = view
  const { error, failures } = health
  if (!online) {
    if (!isDecided(view)) return null
    const { code, message } = error ?? { code: 'DEVICE_UNREACHABLE', message: 'It does not answer.' }
    return { kind: 'offline', code, message }
  }
  // A poll that is lost now and then is no trouble.
  const isLasting = failures === 0 || failures >= FAILURES_TO_OFFLINE
  if (error && isLasting) return { kind: 'error', code: error.code, message: error.message }
  const refusal =
    state.lock === 'both' ? 'LOCKED_BOTH' : state.lock === 'lan' && health.keySource === null ? 'KEY_MISSING' : null
  if (refusal) return { kind: 'refuses', code: refusal, message: REFUSALS[refusal] }
  if (state.problem === true) {
    const fault = Object.keys(state).find((key) => state[key] === true && FAULTS.has(key)) ?? 'problem'
    return { kind: 'fault', code: fault, message: `It reports: ${fault.replaceAll('_', ' ')}.` }
  }
  const findings = Array.isArray(state.findings) ? state.findings : []
  const [finding] = findings.filter(isObject)
  return finding ? { kind: 'finding', code: textOf(finding.kind), message: textOf(finding.message) } : null
}

function ofCommands({ state }: DeviceView, entry: HouseEntry | undefined): Told | null {
  if (entry?.outcome === 'failed' && entry.error) {
    return { kind: 'mode', code: entry.error.code, message: entry.error.message }
  }
  const { last_error: last } = state
  if (!isObject(last) || MISTAKES.has(last.code)) return null
  return { kind: 'command', code: textOf(last.code), message: textOf(last.message) }
}
