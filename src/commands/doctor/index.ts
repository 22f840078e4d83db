/** `thermo2mqtt doctor`: a file for each check. */
import { Keyring } from '../../cloud/account/keyring.ts'
import { Clouds } from '../../cloud/cloud.ts'
import { fromSettings, SettingsError } from '../../config/index.ts'
import { asBridgeError } from '../../core/errors.ts'
import type { Store } from '../../store/store.ts'
import type { CommandInput } from '../command.ts'
import { configuredKeys, openTheStore, storeExists, type Tools, toolsFor, whyClosed } from '../console/tools.ts'
import { type Found, findBridge } from '../running/find.ts'
import { Memory } from '../running/memory.ts'
import { bridge } from './bridge.ts'
import type { Check, Context, Finding } from './check.ts'
import { devices, keys } from './devices.ts'
import { configuration, store } from './files.ts'
import { broker } from './mqtt.ts'
import { accounts, api, discovery } from './network.ts'

/** In this order, so that keys are fresh when the devices are asked. For another check, add a row. */
const CHECKS: readonly Check[] = [configuration, bridge, store, broker, api, discovery, accounts, keys, devices]

const SIGNS: Readonly<Record<Finding['level'], string>> = { ok: '[ok]  ', warn: '[warn]', fail: '[fail]' }

/** Checks everything that the bridge needs, and says what to do. Exit code 0 if nothing is wrong. */
export async function doctor(input: CommandInput): Promise<number> {
  const found = await load(input)
  if (!found) return 2
  const { loaded, running } = found
  const tools = toolsFor(input, loaded)
  const opened = open(tools)
  let context: Context | undefined
  try {
    context = { ...contextOf(tools, opened), running, mayWrite: input.options.write !== undefined }
    const counts = { ok: 0, warn: 0, fail: 0 }
    for (const check of CHECKS) {
      tools.terminal.out(check.name)
      for (const finding of await examine(check, context)) {
        counts[finding.level]++
        show(finding, tools)
      }
    }
    const { fail, warn } = counts
    tools.terminal.out(
      `\n${fail === 0 ? 'No problem' : `${fail} problem${fail === 1 ? '' : 's'}`} found, ${warn} warning${warn === 1 ? '' : 's'}.`,
    )
    return fail === 0 ? 0 : 1
  } finally {
    await context?.clouds.stop()
    opened.store?.close()
  }
}

/** The settings; if the bridge runs, as it sees them. */
async function load(input: CommandInput): Promise<Found | undefined> {
  try {
    return await findBridge(input, { orDemo: false })
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    input.terminal.out(`${configuration.name}\n  ${SIGNS.fail} ${error.message}`)
    input.terminal.out('\n1 problem found. Nothing else can be checked before it is solved.')
    return undefined
  }
}

interface Opened {
  readonly store: Store | undefined
  readonly storeProblem: string | undefined
}

/** A missing store is not created: it would belong to whoever runs this, who may not be the bridge's user. */
function open(tools: Tools): Opened {
  if (!storeExists(tools.settings)) return { store: undefined, storeProblem: undefined }
  try {
    return { store: openTheStore(tools), storeProblem: undefined }
  } catch (error) {
    return { store: undefined, storeProblem: whyClosed(error) }
  }
}

function contextOf(tools: Tools, opened: Opened): Omit<Context, 'running' | 'mayWrite'> {
  const { settings, clock, random, logger, secrets } = tools
  const memory = opened.store ?? new Memory(clock)
  const clouds = fromSettings(
    () =>
      new Clouds({
        accounts: settings.cloud.accounts,
        syncInterval: settings.cloud.sync_interval,
        store: memory,
        clock,
        random,
        logger,
        secrets,
      }),
  )
  const configured = configuredKeys(settings)
  const ring = new Keyring({ configured, keys: memory.keys, source: clouds, clock, logger, secrets })
  return { tools, ...opened, clouds, keys: ring, heldKeys: () => memory.keys.all(), listed: new Map() }
}

async function examine(check: Check, context: Context): Promise<readonly Finding[]> {
  try {
    return await check.run(context)
  } catch (error) {
    const { code, message } = asBridgeError(error)
    const cause = code === 'INTERNAL' && error instanceof Error ? ` (${error.message})` : ''
    return [{ level: 'fail', what: `${message}${cause}` }]
  }
}

function show({ level, what, remedy }: Finding, { terminal }: Tools): void {
  terminal.out(`  ${SIGNS[level]} ${what}`)
  if (remedy) terminal.out(`         -> ${remedy}`)
}
