/** The schedules of all thermostats as one file, YAML or JSON, to keep, edit and bring back. */
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import { readSerial } from '../../core/serial.ts'
import { parseYaml, YamlProblem } from '../../core/yaml.ts'
import type { DeviceView } from '../ports.ts'
import { SCHEDULE_KINDS, type ScheduleWeek } from './types.ts'

/** Bytes: room for some four hundred thermostats with both schedules. */
export const LARGEST_SCHEDULE_FILE = 1024 * 1024

/** The most YAML aliases. An anchor for the weekdays of each thermostat is useful, and each repeated use counts. */
const MOST_ALIASES = 5_000
const VERSION = 1

/** What the file says about one thermostat. */
export interface FiledSchedule {
  /** For people only; the file is brought back by serial. */
  readonly name: string
  readonly model: string
  readonly floor?: ScheduleWeek
  readonly air?: ScheduleWeek
}

export interface ScheduleFile {
  readonly version: typeof VERSION
  /** By serial. */
  readonly schedules: Readonly<Record<string, FiledSchedule>>
}

/** The schedules that somebody wants for one thermostat. Only the serial has been checked. */
export interface WantedSchedule {
  readonly serial: string
  /** As `Devices.setSchedule` takes it. */
  readonly command: JsonObject
}

type Filed = Pick<DeviceView, 'serial' | 'name' | 'model' | 'schedule'>

/** Whether any schedule of the thermostat is known. */
const hasSchedule = ({ schedule }: Pick<Filed, 'schedule'>): boolean =>
  SCHEDULE_KINDS.some((kind) => schedule[kind] !== null)

/** The file of all thermostats whose schedules are known; the others are left out. */
export function scheduleFile(devices: readonly Filed[]): ScheduleFile {
  const entries = devices.filter(hasSchedule).map(({ serial, name, model, schedule: { floor, air } }) => {
    const filed: FiledSchedule = { name, model, ...(floor ? { floor } : {}), ...(air ? { air } : {}) }
    return [serial, filed] as const
  })
  return { version: VERSION, schedules: Object.fromEntries(entries) }
}

const HEAD = ` The weekly schedules of thermo2mqtt, by serial. Times are local; a period lasts until the next begins.
 Days and thermostats that are left out stay as they are. Names and models are for people.`

/** As YAML, one period per line. Texts are quoted, since older parsers take 22:00 for a number. */
export async function toYaml(file: ScheduleFile): Promise<string> {
  const { Document, visit } = await import('yaml')
  const document = new Document(file, { aliasDuplicateObjects: false })
  document.commentBefore = HEAD
  visit(document, {
    Map: (_key, node) => {
      if (node.has('time')) node.flow = true
    },
  })
  return document.toString({ defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 })
}

const bad = (message: string) => new BridgeError('BAD_REQUEST', `${message} Nothing was changed.`)

/** Reads the text of a file. @throws BridgeError `BAD_REQUEST` when it is too large, not YAML, or not a schedule file */
export async function parseScheduleFile(text: string): Promise<readonly WantedSchedule[]> {
  if (Buffer.byteLength(text) > LARGEST_SCHEDULE_FILE) {
    throw bad(`The file is too large for schedules (${LARGEST_SCHEDULE_FILE} bytes).`)
  }
  try {
    return readScheduleFile((await parseYaml(text, MOST_ALIASES)).value)
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error
    const where = error.place === null ? '' : ` in line ${error.place.line}, column ${error.place.column}`
    throw bad(`The file can't be read${where}: ${error.message}.`)
  }
}

/** The same for a parsed file. Each thermostat checks its own days. @throws BridgeError `BAD_REQUEST` */
export function readScheduleFile(value: unknown): readonly WantedSchedule[] {
  if (!isObject(value) || !isObject(value.schedules)) {
    throw bad('This is not a file of schedules: it has no "schedules" by serial, as exports do.')
  }
  if (value.version !== VERSION) {
    throw bad(`The file does not say "version: ${VERSION}", so its format is unknown.`)
  }
  const wanted = Object.entries(value.schedules).map(([key, entry]): WantedSchedule => {
    const serial = readSerial(key)
    if (serial === undefined) throw bad(`"${key.slice(0, 40)}" under "schedules" is not a serial.`)
    if (!isObject(entry))
      throw bad(`${serial} must have schedules, such as floor: {monday: [{time: …, temperature: …}]}.`)
    const { name: _name, model: _model, ...command } = entry
    return { serial, command }
  })
  if (wanted.length === 0) throw bad('The file contains no thermostat.')
  const serials = new Set(wanted.map(({ serial }) => serial))
  if (serials.size < wanted.length) throw bad('The file contains a thermostat twice.')
  return wanted
}
