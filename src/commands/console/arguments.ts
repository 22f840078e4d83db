import { parseArgs } from 'node:util'
import { short, UsageError } from '../command.ts'
import { COMMANDS, type CommandName } from '../index.ts'

export const USAGE = `Usage: thermo2mqtt [command] [options]

Commands
  run        the bridge (default)
  demo       a simulated house with its bridge, to try things out
  simulate   only the simulated house, for use with another program
  discover   lists the devices that broadcast on this network, with their locks
  record     asks one device for everything that can be read and writes it to a file for those who add
             models, without what is personal; changes nothing: record --host=<address> --file=<path>
  doctor     checks configuration, broker, clouds, keys and every device, and says what to do
  health     asks the running bridge whether it works: for the health check of a container
  login      signs in to an account, asks for the second factor, and stores the keys
  logout     ends an account's session and keeps it signed out until login; its keys stay
  totp       manages an account's second factor (authenticator app): totp setup, then activate; totp deactivate
  keys       lists the stored keys; keys export and keys import move them to another machine
             (short: keys --export=<path> and keys --import=<path>); keys forget <serial> forgets
             a device with its keys
  backup     writes all data of the bridge, including keys, to one encrypted file: backup --file=<path>
  restore    restores a backup, here or on another machine: restore --file=<path>
  user       manages who may sign in: user list; user add, password, remove, totp-off <name>
  schedules  schedules export writes the weekly schedules of all thermostats to one file (YAML), schedules import
             writes them back: --file=<path>; --dry-run only says what would change
  config     prints the settings in force, secrets masked

Options
  --<setting>=<value>  any setting by name, such as --mqtt.url=mqtt://broker:1883
  --schema             config: print the JSON Schema of the configuration file
  --account=<id>       login, logout, totp: which account, if there are several
  --file=<path>        keys export, keys import, backup, restore: the file, encrypted with a passphrase;
                       schedules, record: the file, in plain text
  --host=<address>     record: the IP address or host name of the device
  --write              doctor: also try one signed command on each locked device; it writes back what is there
  --dry-run            schedules import: say what would change and write nothing
  --passphrase-file=<path>  the same: a file with the passphrase; otherwise it is asked for
  --seconds=<n>        discover, record: how long to listen (default 30; record: up to 60)
  --thermostats=<n>    demo, simulate: how many, without relays (default one of each model)
  --seed=<n>           demo, simulate: another house
  --help, --version

Exit codes: 0 ok, 1 failed, 2 wrong usage or configuration.
Settings, their environment variables and the configuration file: config/README.md`

/** Options that are not settings, with the commands that accept them. */
const OPTIONS: ReadonlyMap<string, readonly CommandName[]> = new Map([
  ['schema', ['config']],
  ['account', ['login', 'logout', 'totp']],
  ['file', ['keys', 'backup', 'restore', 'schedules', 'record']],
  ['host', ['record']],
  ['dry-run', ['schedules']],
  ['write', ['doctor']],
  ['export', ['keys']],
  ['import', ['keys']],
  ['passphrase-file', ['keys', 'backup', 'restore']],
  ['seconds', ['discover', 'record']],
  ['thermostats', ['demo', 'simulate']],
  ['seed', ['demo', 'simulate']],
])

/** The words that can follow a command, and what must follow each. */
const WORDS: ReadonlyMap<CommandName, Readonly<Record<string, readonly string[]>>> = new Map([
  ['totp', { setup: [], activate: [], verify: [], deactivate: [] }],
  ['keys', { export: [], import: [], forget: ['serial'] }],
  ['schedules', { export: [], import: [] }],
  ['user', { list: [], add: ['name'], password: ['name'], remove: ['name'], 'totp-off': ['name'] }],
])

/** Commands that require a word. */
const WORDY: ReadonlySet<CommandName> = new Set(['totp', 'user', 'schedules'])

/** Options without a value; every other option has one. */
const SWITCHES: ReadonlySet<string> = new Set(['help', 'h', 'version', 'schema', 'dry-run', 'write'])

export interface Parsed {
  readonly command: CommandName
  readonly help: boolean
  readonly version: boolean
  /** What follows the command: `export`, or `forget` and a serial. */
  readonly words: readonly string[]
  /** Values of `--<option>` that are not settings. */
  readonly options: Readonly<Record<string, string>>
  /** Values of settings, by dotted key. */
  readonly flags: Readonly<Record<string, string>>
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

/** Whether a flag is a setting is checked by the command when it loads the settings. @throws UsageError */
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
  const parsed = inWords({ command: name, words: rest, ...split(name, values) })
  if (!parsed.help && !parsed.version) checkWords(name, parsed.words)
  return parsed
}

/** `keys --export=<path>` and `keys --import=<path>` as `keys export --file=<path>` and so on. @throws UsageError */
function inWords(parsed: Parsed): Parsed {
  const { export: exported, import: imported, ...options } = parsed.options
  const file = exported ?? imported
  if (file === undefined) return parsed
  if ((exported !== undefined && imported !== undefined) || parsed.words.length > 0 || options.file !== undefined) {
    throw new UsageError('--export=<path> and --import=<path> can’t be combined with a word: keys --export=<path>')
  }
  return { ...parsed, words: [exported === undefined ? 'import' : 'export'], options: { ...options, file } }
}

/** @throws UsageError */
function checkWords(command: CommandName, [word, ...rest]: readonly string[]): void {
  const known = WORDS.get(command) ?? {}
  const list = Object.keys(known).join(', ')
  if (word === undefined) {
    if (WORDY.has(command)) throw new UsageError(`${command} needs to be told what to do: ${list}.`)
    return
  }
  const wanted = Object.hasOwn(known, word) ? known[word] : undefined
  if (!wanted && list !== '') throw new UsageError(`${command} does not know "${short(word)}", only ${list}.`)
  const missing = wanted?.[rest.length]
  if (missing !== undefined)
    throw new UsageError(`${command} ${word} needs a ${missing}: ${command} ${word} <${missing}>`)
  const extra = wanted ? rest[wanted.length] : word
  if (extra === undefined) return
  throw new UsageError(`"${short(extra)}" is one word too many; write values with their option: --key=value`)
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
    // With entries, a flag named __proto__ is a name like any other.
    options: Object.fromEntries(options),
    flags: Object.fromEntries(flags),
    help: values.has('help') || values.has('h'),
    version: values.has('version'),
  }
}
