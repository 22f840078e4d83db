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

Settings, their environment variables and the configuration file: config/README.md`

/** Bad usage of the command line. */
export class UsageError extends Error {}

/** Options that are no settings, with the commands that take them. */
const OPTIONS: Readonly<Record<string, readonly CommandName[]>> = {
  schema: ['config'],
  account: ['login'],
  seconds: ['discover'],
  thermostats: ['demo', 'simulate'],
  seed: ['demo', 'simulate'],
}

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

/** @throws UsageError */
export function parseArguments(argv: readonly string[]): Parsed {
  const { tokens } = parseArgs({ args: [...argv], strict: false, allowPositionals: true, tokens: true })
  const words: string[] = []
  const values = new Map<string, string>()
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    else if (token.kind === 'option') values.set(token.name, token.value ?? 'true')
  }
  const [name = 'run', ...rest] = words
  if (!isCommand(name)) throw new UsageError(`there is no command "${name}". thermo2mqtt --help lists them.`)
  if (rest.length > 0)
    throw new UsageError(`"${rest[0]}" is one word too many; values go with their option: --key=value`)
  return { command: name, ...split(name, values) }
}

function split(command: CommandName, values: ReadonlyMap<string, string>) {
  const options: Record<string, string> = {}
  const flags: Record<string, string> = {}
  for (const [name, value] of values) {
    const takers = OPTIONS[name]
    if (name === 'help' || name === 'h' || name === 'version') continue
    if (!takers) flags[name] = value
    else if (takers.includes(command)) options[name] = value
    else throw new UsageError(`--${name} is for ${takers.join(' and ')}, not for ${command}.`)
  }
  return { options, flags, help: values.has('help') || values.has('h'), version: values.has('version') }
}

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
  if (Number.isInteger(number) && number >= 1 && number <= max) return number
  throw new UsageError(`--${name} must be a whole number from 1 to ${max}, not "${text}".`)
}
