import { parseArgs } from 'node:util'
import { COMMANDS, type CommandName } from './index.ts'

export const USAGE = `Usage: thermo2mqtt [command] [options]

Commands
  run        the bridge (default)
  demo       a simulated house with a bridge for it, to look at and play with
  simulate   only the simulated house, to point another program at
  discover   lists the devices that broadcast on this network, with their locks
  doctor     checks configuration, broker, clouds, keys and every device, and says what to do
  login      signs an account in, asks for the second factor, and stores the keys
  config     prints the settings in force, secrets masked

Options
  --<setting>=<value>  any setting by its name, such as --mqtt.url=mqtt://broker:1883
  --schema             config: print the JSON Schema of the configuration file
  --account=<id>       login: which account, when there are several
  --seconds=<n>        discover: how long to listen (default 30)
  --thermostats=<n>    demo, simulate: how many (default 5)
  --seed=<n>           demo, simulate: another house
  --help, --version

Exit codes: 0 ok, 1 failed, 2 wrong usage or configuration.
Settings, their environment variables and the configuration file: config/README.md`

/** Bad usage of the command line: exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    // What was typed can hold anything; the error stays one line.
    super(message.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '))
    this.name = 'UsageError'
  }
}

/** Options that are no settings, with the commands that take them. */
const OPTIONS: ReadonlyMap<string, readonly CommandName[]> = new Map([
  ['schema', ['config']],
  ['account', ['login']],
  ['seconds', ['discover']],
  ['thermostats', ['demo', 'simulate']],
  ['seed', ['demo', 'simulate']],
])

/** Options that stand for themselves; every other one has a value. */
const SWITCHES: ReadonlySet<string> = new Set(['help', 'h', 'version', 'schema'])

export interface Parsed {
  readonly command: CommandName
  readonly help: boolean
  readonly version: boolean
  /** Values of `--<option>` that are not settings. */
  readonly options: Readonly<Record<string, string>>
  /** Values of settings, by dotted key. */
  readonly flags: Readonly<Record<string, string>>
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

/** Whether a flag is a setting at all is for the command to find out, when it loads them. @throws UsageError */
export function parseArguments(argv: readonly string[]): Parsed {
  const { tokens } = parseArgs({ args: [...argv], strict: false, allowPositionals: true, tokens: true })
  const words: string[] = []
  const values = new Map<string, string>()
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    else if (token.kind === 'option') values.set(token.name, readValue(token))
  }
  const [name = 'run', ...rest] = words
  if (!isCommand(name)) throw new UsageError(`there is no command "${short(name)}". thermo2mqtt --help lists them.`)
  if (rest[0] !== undefined) {
    throw new UsageError(`"${short(rest[0])}" is one word too many; values go with their option: --key=value`)
  }
  return { command: name, ...split(name, values) }
}

function readValue(token: { name: string; rawName: string; value?: string | undefined }): string {
  const { name, rawName, value } = token
  const known = SWITCHES.has(name)
  if (!rawName.startsWith('--') && name !== 'h') {
    throw new UsageError(`there is no option ${short(rawName)}. thermo2mqtt --help lists them.`)
  }
  if (known && value !== undefined) throw new UsageError(`${rawName} takes no value.`)
  if (!known && value === undefined) {
    throw new UsageError(
      `${short(rawName)} needs a value, as in ${short(rawName)}=…; thermo2mqtt --help lists the options.`,
    )
  }
  return value ?? ''
}

function split(command: CommandName, values: ReadonlyMap<string, string>) {
  const options: [string, string][] = []
  const flags: [string, string][] = []
  for (const [name, value] of values) {
    const takers = OPTIONS.get(name)
    if (takers && !takers.includes(command)) {
      throw new UsageError(`--${name} is for ${takers.join(' and ')}, not for ${command}.`)
    }
    if (takers) options.push([name, value])
    else if (!SWITCHES.has(name)) flags.push([name, value])
  }
  return {
    // By way of entries, a flag named __proto__ is a name like any other.
    options: Object.fromEntries(options),
    flags: Object.fromEntries(flags),
    help: values.has('help') || values.has('h'),
    version: values.has('version'),
  }
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** A whole number from 1 to `max` out of an option. @throws UsageError */
export function countOption(
  options: Readonly<Record<string, string>>,
  name: string,
  fallback: number,
  max: number,
): number {
  const text = options[name]
  if (text === undefined) return fallback
  const number = Number(text)
  if (/^\d{1,10}$/.test(text) && number >= 1 && number <= max) return number
  throw new UsageError(`--${name} must be a whole number from 1 to ${max}, not "${short(text)}".`)
}
