import { loadEffective } from '../../app/settings/kept.ts'
import { readFromDisk, whyUnreadable } from '../../config/loading/files.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import { LARGEST_SCHEDULE_FILE, parseScheduleFile, toYaml, type WantedSchedule } from '../../devices/schedule/file.ts'
import type { CommandInput } from '../command.ts'
import { UsageError } from '../command.ts'
import { type Ask, withBridge } from '../console/ask-bridge.ts'
import { writeNew } from '../console/new-file.ts'
import { type Tools, toolsFor } from '../console/tools.ts'

/** Milliseconds for one slow thermostat: fourteen days, each written and read back. */
const ONE_DEVICE = 5 * 60_000

/** Asks the running bridge to export or import the weekly schedules of all thermostats. */
export async function schedules(input: CommandInput): Promise<number> {
  const { flags, env, options, words } = input
  const tools = toolsFor(input, await loadEffective(input.clock, { flags, env }))
  const dryRun = options['dry-run'] !== undefined
  if (words[0] === 'import') return await bringIn(tools, options.file, dryRun)
  if (dryRun) throw new UsageError('--dry-run is for schedules import; an export changes nothing.')
  return await giveOut(tools, options.file)
}

async function giveOut(tools: Tools, path: string | undefined): Promise<number> {
  const all = await withBridge(tools, ['schedules'], allSchedules)
  const count = Object.keys(all).length
  const text = await toYaml({ version: 1, schedules: all })
  if (path === undefined) {
    tools.terminal.out(text.trimEnd())
    return 0
  }
  await writeNew(path, [Buffer.from(text)])
  tools.terminal.out(
    `The schedules of ${count} thermostats are in ${path}. Those that were not read yet are not in it.`,
  )
  return 0
}

type Filed = Parameters<typeof toYaml>[0]['schedules']

async function allSchedules(ask: Ask): Promise<Filed> {
  const all: JsonObject[] = []
  let after: JsonObject = {}
  for (;;) {
    const { schedules: some, next } = await ask('schedules', after)
    if (isObject(some)) all.push(some)
    if (typeof next !== 'string') break
    after = { after: next }
  }
  // The bridge has checked its answer; it is only saved here.
  return Object.assign({}, ...all) as Filed
}

async function bringIn(tools: Tools, path: string | undefined, dryRun: boolean): Promise<number> {
  const wanted = await parseScheduleFile(read(path))
  const outcomes = await withBridge(tools, ['set_schedule'], async (ask) => {
    const told: Told[] = []
    for (const one of wanted) {
      const outcome = await outcomeOf(ask, one, dryRun)
      // One after another, with a line for each when it is done: a house takes a while.
      for (const line of linesOf(outcome, dryRun)) tools.terminal.out(line)
      told.push(outcome)
    }
    return told
  })
  const failed = outcomes.filter(({ ok }) => !ok)
  if (outcomes.every(({ code }) => code === 'UNKNOWN_DEVICE')) {
    tools.terminal.err('None of the thermostats in the file is known here: the file is from another house.')
  } else if (failed.length > 0) {
    tools.terminal.err(`${failed.length} of ${outcomes.length} thermostats are not as the file has them.`)
  }
  if (dryRun) tools.terminal.out('Nothing was written: this was a dry run.')
  return failed.length > 0 ? 1 : 0
}

function read(path: string | undefined): string {
  if (path === undefined) throw new UsageError('schedules import needs a file: schedules import --file=<path>')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFromDisk(path, LARGEST_SCHEDULE_FILE))
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--file: ${path} is not UTF-8 text.`)
    throw new UsageError(`--file: ${path}: ${whyUnreadable(error)}.`)
  }
}

interface Told {
  readonly name: string
  readonly ok: boolean
  readonly code: string | null
  readonly message: string | null
  readonly written: readonly unknown[]
  readonly rounded: JsonObject
}

async function outcomeOf(ask: Ask, { serial, command }: WantedSchedule, dryRun: boolean): Promise<Told> {
  try {
    const answer = await ask('set_schedule', { serial, schedule: command, dry_run: dryRun }, ONE_DEVICE)
    const { name, ok, error, written, rounded } = answer
    const { code = null, message = null } = isObject(error) ? error : {}
    return {
      name: typeof name === 'string' && name !== serial ? `${name} (${serial})` : serial,
      ok: ok === true,
      code: code === null ? null : String(code),
      message: message === null ? null : String(message),
      written: Array.isArray(written) ? written : [],
      rounded: isObject(rounded) ? rounded : {},
    }
  } catch (thrown) {
    const { code, message } = asBridgeError(thrown)
    if (!(thrown instanceof BridgeError) || code === 'INTERNAL') throw thrown
    return { name: serial, ok: false, code, message, written: [], rounded: {} }
  }
}

function linesOf({ name, ok, code, message, written, rounded }: Told, dryRun: boolean): string[] {
  const days = written.map((day) => (isObject(day) ? `${day.day} by ${day.kind}` : '')).join(', ')
  const did = dryRun ? 'would be written' : 'written and read back'
  const what = days === '' ? (ok ? 'has it already' : 'nothing was written') : `${did}: ${days}`
  const off = Object.entries(rounded).map(([place, value]) =>
    isObject(value) ? `  ${place}: ${value.asked} °C is ${value.set} °C there` : '',
  )
  return [`${name}: ${what}`, ...off, ...(message === null ? [] : [`  ${code}: ${message}`])]
}
