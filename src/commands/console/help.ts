/** What `--help` prints, of the program and of each command. */
import { type CommandName, type CommandRow, MANUAL, OPTIONS, type OptionRow, optionsOf } from './manual.ts'

/** Characters of a line. */
const WIDTH = 110

const SETTING = ['--<setting>=<value>', 'any setting by name, such as --mqtt.url=mqtt://broker:1883'] as const

/** What the program can do. */
export function usage(): string {
  const options = Object.entries(OPTIONS).map(
    ([name, row]): Pair => [optionName(name, row), `${row.of.join(', ')}: ${row.says}`],
  )
  return [
    'Usage: thermo2mqtt [command] [options]',
    '',
    'Commands',
    ...columns(Object.entries(MANUAL).map(([name, { says }]) => [name, says])),
    '',
    'Options',
    ...columns([SETTING, ...options, ['--help, --version', 'with a command, --help explains that command']]),
    '',
    'Exit codes: 0 ok, 1 failed, 2 wrong usage or configuration.',
    'Settings, their environment variables and the configuration file: config/README.md',
  ].join('\n')
}

/** What one command does, and what it takes. */
export function usageOf(command: CommandName): string {
  const row = MANUAL[command]
  const { says, words = {}, examples = [] } = row
  const list = Object.entries(words).map(
    ([word, { says, followed = [] }]): Pair => [[word, ...followed.map((name) => `<${name}>`)].join(' '), says],
  )
  const options = optionsOf(command).map(([name, option]): Pair => [optionName(name, option), option.says])
  return [
    `Usage: thermo2mqtt ${[command, ...typed(row), '[options]'].join(' ')}`,
    '',
    ...wrap(`${says.slice(0, 1).toUpperCase()}${says.slice(1)}.`, WIDTH),
    ...section('Words', list),
    ...section('Options', [...options, SETTING]),
    ...(examples.length === 0 ? [] : ['', 'Examples', ...examples.map((line) => `  thermo2mqtt ${line}`)]),
  ].join('\n')
}

type Pair = readonly [string, string]

/** What follows the command, as in a line of usage. */
function typed({ words, wordNeeded, free }: CommandRow): string[] {
  if (words) {
    const choice = Object.keys(words).join('|')
    return [wordNeeded ? choice : `[${choice}]`]
  }
  if (!free) return []
  const { names, least, repeats } = free
  return names.map((name, place) => {
    const last = place === names.length - 1
    const text = `<${name}>${last && repeats ? ' …' : ''}`
    return place < least ? text : `[${text}]`
  })
}

const optionName = (name: string, { value }: OptionRow): string =>
  value === null ? `--${name}` : `--${name}=<${value}>`

function section(title: string, rows: readonly Pair[]): string[] {
  return rows.length === 0 ? [] : ['', title, ...columns(rows)]
}

/** Names to the left, what is said of them to the right. */
function columns(rows: readonly Pair[]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length))
  return rows.flatMap(([name, says]) =>
    wrap(says, WIDTH - left - 4).map((line, n) => `  ${(n === 0 ? name : '').padEnd(left)}  ${line}`),
  )
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
