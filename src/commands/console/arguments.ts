import { parseArgs } from 'node:util'
import { short, UsageError } from '../command.ts'
import { type CommandName, isCommand, MANUAL, optionNamed } from './manual.ts'

/** Options without a value; every other option has one. */
const isSwitch = (name: string): boolean => ['help', 'h', 'version'].includes(name) || optionNamed(name)?.value === null

export interface Parsed {
  readonly command: CommandName
  /** Whether the command was typed; without one it is `run`. */
  readonly named: boolean
  readonly help: boolean
  readonly version: boolean
  /** What follows the command: `export`, or `forget` and a serial. */
  readonly words: readonly string[]
  /** Values of `--<option>` that are not settings. */
  readonly options: Readonly<Record<string, string>>
  /** Values of settings, by dotted key. */
  readonly flags: Readonly<Record<string, string>>
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
  const parsed = inWords({ command: name, named: words.length > 0, words: rest, ...split(name, values) })
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
function checkWords(command: CommandName, typed: readonly string[]): void {
  const { words: known = {}, wordNeeded, free } = MANUAL[command]
  if (free) {
    checkFree(command, typed)
    return
  }
  const [word, ...rest] = typed
  const list = Object.keys(known).join(', ')
  if (word === undefined) {
    if (wordNeeded) throw new UsageError(`${command} needs to be told what to do: ${list}.`)
    return
  }
  const wanted = Object.hasOwn(known, word) ? (known[word]?.followed ?? []) : undefined
  if (!wanted && list !== '') throw new UsageError(`${command} does not know "${short(word)}", only ${list}.`)
  const missing = wanted?.[rest.length]
  if (missing !== undefined)
    throw new UsageError(`${command} ${word} needs a ${missing}: ${command} ${word} <${missing}>`)
  const extra = wanted ? rest[wanted.length] : word
  if (extra !== undefined) throw tooMany(extra)
}

/** @throws UsageError */
function checkFree(command: CommandName, typed: readonly string[]): void {
  const { names = [], least = 0, repeats = false } = MANUAL[command].free ?? {}
  const missing = typed.length < least ? names[typed.length] : undefined
  if (missing !== undefined)
    throw new UsageError(`${command} needs a ${missing}. thermo2mqtt ${command} --help shows it.`)
  const extra = repeats ? undefined : typed[names.length]
  if (extra !== undefined) throw tooMany(extra)
}

const tooMany = (word: string): UsageError =>
  new UsageError(`"${short(word)}" is one word too many; write values with their option: --key=value`)

function readValue(token: { name: string; rawName: string; value?: string | undefined }): string {
  const { name, rawName, value } = token
  const known = isSwitch(name)
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
    const takers = optionNamed(name)?.of
    if (takers && !takers.includes(command)) {
      throw new UsageError(`--${name} is for ${takers.join(' and ')}, not for ${command}.`)
    }
    if (takers) options.push([name, value])
    else if (!isSwitch(name)) flags.push([name, value])
  }
  return {
    // With entries, a flag named __proto__ is a name like any other.
    options: Object.fromEntries(options),
    flags: Object.fromEntries(flags),
    help: values.has('help') || values.has('h'),
    version: values.has('version'),
  }
}
