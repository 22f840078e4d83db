import t from 'tap'
import { countOption, UsageError } from '../../../src/commands/command.ts'
import { parseArguments } from '../../../src/commands/console/arguments.ts'
import { COMMANDS } from '../../../src/commands/index.ts'

function refusal(...argv: string[]): string {
  try {
    parseArguments(argv)
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'taken'
}

t.test('commands, options and settings', async (t) => {
  t.match(parseArguments([]), { command: 'run', options: {}, flags: {}, help: false, version: false })
  t.match(parseArguments(['login', '--account=home', '--mqtt.url=mqtt://broker', '--data_dir=']), {
    command: 'login',
    options: { account: 'home' },
    flags: { 'mqtt.url': 'mqtt://broker', data_dir: '' },
  })
  t.match(parseArguments(['logout', '--account=home']), { command: 'logout', options: { account: 'home' } })
  t.match(parseArguments(['config', '--schema']), { command: 'config', options: { schema: '' } })
  t.equal(parseArguments(['--help']).help, true)
  t.equal(parseArguments(['demo', '-h']).help, true)
  t.equal(parseArguments(['--version']).version, true)
  t.strictSame(parseArguments(['--log.level=info', '--log.level=debug']).flags, { 'log.level': 'debug' })
})

t.test('each mistake is told in one line', async (t) => {
  t.equal(refusal('strat'), 'there is no command "strat". thermo2mqtt --help lists them.')
  t.equal(refusal('constructor'), 'there is no command "constructor". thermo2mqtt --help lists them.')
  t.equal(refusal('run', 'demo'), '"demo" is one word too many; write values with their option: --key=value')
  t.match(refusal('--mqtt.url', 'mqtt://broker'), /^--mqtt.url needs a value, as in --mqtt.url=…/)
  t.match(refusal('discover', '--seconds', '5'), /^--seconds needs a value/)
  t.equal(refusal('config', '--schema=yes'), '--schema takes no value.')
  t.equal(refusal('--help=me'), '--help takes no value.')
  t.equal(refusal('run', '--schema'), '--schema is for config, not for run.')
  t.equal(refusal('run', '--seed=2'), '--seed is for demo and simulate, not for run.')
  t.equal(refusal('-x'), 'there is no option -x. thermo2mqtt --help lists them.')
  t.equal(refusal('-v'), 'there is no option -v. thermo2mqtt --help lists them.')
  for (const bad of ['a\nb', `x${'y'.repeat(500)}`, '\u001b[31m', '\u2028']) {
    const message = refusal(bad)
    t.notMatch(message, /[\p{Cc}\p{Zl}\p{Zp}]/u)
    t.ok(message.length < 150)
  }
})

t.test('words after a command', async (t) => {
  t.same(parseArguments(['keys']).words, [])
  t.same(parseArguments(['keys', 'forget', '404CCAAAD4E8']).words, ['forget', '404CCAAAD4E8'])
  t.match(parseArguments(['keys', 'export', '--file=k', '--passphrase-file=p']), {
    words: ['export'],
    options: { file: 'k', 'passphrase-file': 'p' },
  })
  t.match(parseArguments(['totp', 'setup', '--account=home']), { words: ['setup'], options: { account: 'home' } })
  t.equal(parseArguments(['totp', '--help']).help, true)
  t.equal(refusal('totp'), 'totp needs to be told what to do: setup, activate, verify, deactivate.')
  t.equal(refusal('totp', 'remove'), 'totp does not know "remove", only setup, activate, verify, deactivate.')
  t.equal(refusal('keys', 'constructor'), 'keys does not know "constructor", only export, import, forget.')
  t.equal(refusal('keys', 'forget'), 'keys forget needs a serial: keys forget <serial>')
  t.match(refusal('keys', 'forget', 'a1', 'b2'), /^"b2" is one word too many/)
  t.match(refusal('keys', 'export', 'file'), /^"file" is one word too many/)
  t.match(refusal('schedules'), /^schedules needs to be told what to do: export, import/)
  t.match(refusal('schedules', 'import', '--dry-run=yes'), /takes no value/)
  t.equal(
    refusal('run', '--file=x'),
    '--file is for keys and backup and restore and schedules and record, not for run.',
  )
})

t.test('keys are exported and imported by an option as well', async (t) => {
  for (const word of ['export', 'import']) {
    t.strictSame(
      parseArguments(['keys', `--${word}=k`, '--passphrase-file=p']),
      parseArguments(['keys', word, '--file=k', '--passphrase-file=p']),
    )
    t.equal(refusal('login', `--${word}=k`), `--${word} is for keys, not for login.`)
    t.match(refusal('keys', `--${word}`), /needs a value/)
    t.match(refusal('keys', `--${word}=k`, '--file=l'), /be combined with a word/)
    t.match(refusal('keys', word, `--${word}=k`), /be combined with a word/)
    t.match(refusal('keys', 'forget', 'a1', `--${word}=k`), /be combined with a word/)
  }
  t.match(refusal('keys', '--export=k', '--import=k'), /be combined with a word/)
})

t.test('names that every object has are names like any other', async (t) => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const { flags } = parseArguments([`--${name}=1`])
    t.strictSame(Object.entries(flags), [[name, '1']])
  }
})

t.test('counts', async (t) => {
  t.equal(countOption({}, 'seconds', 30, 100), 30)
  t.equal(countOption({ seconds: '100' }, 'seconds', 30, 100), 100)
  for (const bad of ['0', '101', '-1', '1.5', '1e1', '', ' 1', 'ten', '0x10', 'Infinity']) {
    t.throws(() => countOption({ seconds: bad }, 'seconds', 30, 100), UsageError, bad)
  }
})

t.test('every command loads', async (t) => {
  for (const [name, load] of Object.entries(COMMANDS)) t.type(await load(), 'function', name)
})
