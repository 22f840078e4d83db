/** What is said of the commands, and what the shell completes, are made from the rows by which they are accepted. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { completion } from '../../../src/commands/console/completion.ts'
import { usage, usageOf } from '../../../src/commands/console/help.ts'
import { COMMAND_NAMES, MANUAL, OPTIONS, optionsOf } from '../../../src/commands/console/manual.ts'
import { COMMANDS } from '../../../src/commands/index.ts'
import { PATIENCE } from '../../support/eventually.ts'
import { call, run } from '../support.ts'

t.test('every command has help of its own', async (t) => {
  t.strictSame(Object.keys(MANUAL).sort(), Object.keys(COMMANDS).sort())
  const wrong = COMMAND_NAMES.flatMap((name) => {
    const text = usageOf(name)
    const wanted = [...Object.keys(MANUAL[name].words ?? {}), ...optionsOf(name).map(([option]) => `--${option}`)]
    const missing = wanted.filter((word) => !text.includes(word))
    const long = text.split('\n').filter((line) => line.length > 110)
    return [...missing, ...long].map((what) => `${name}: ${what}`)
  })
  t.strictSame(wrong, [])
  t.match(usageOf('keys'), /^Usage: thermo2mqtt keys \[export\|import\|forget\] \[options\]\n\nLists the stored keys/)
  t.match(usageOf('get'), /^Usage: thermo2mqtt get <device> \[<key>\] \[options\]/)
  t.match(usageOf('set'), /^Usage: thermo2mqtt set <device> <key=value> … \[options\]/)
  const all = usage()
  t.strictSame(
    [...COMMAND_NAMES, ...Object.keys(OPTIONS).map((name) => `--${name}`)].filter((name) => !all.includes(name)),
    [],
  )
})

t.test('the program prints it', async (t) => {
  const [one, all] = await Promise.all([run(t, ['schedules', '--help']), run(t, ['--help'])])
  t.same([one.code, all.code], [0, 0])
  t.equal(one.stdout, `${usageOf('schedules')}\n`)
  t.equal(all.stdout, `${usage()}\n`)
})

async function scriptFor(shell: string): Promise<string> {
  const input = call({ words: [shell] })
  await completion(input)
  return input.terminal.text
}

t.test('bash completes', { skip: spawnSync('bash', ['--version']).status !== 0 && 'no bash' }, async (t) => {
  const script = await scriptFor('bash')
  /** What bash offers for the last of these words, split as bash splits a line. */
  const offered = (...words: string[]) => {
    const set = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _thermo2mqtt; printf '%s\\n' "\${COMPREPLY[@]}"`
    // Outside of a completion there are no options to set.
    const { stdout, stderr } = spawnSync('bash', ['-c', `${script}\ncompopt() { :; }\n${set}`, 'bash', ...words], {
      encoding: 'utf8',
    })
    t.equal(stderr, '')
    return stdout.trim().split('\n')
  }
  t.strictSame(offered('thermo2mqtt', 'do'), ['doctor'])
  t.strictSame(offered('thermo2mqtt', 'keys', ''), [
    ...['export', 'import', 'forget', '--file=', '--export=', '--import=', '--passphrase-file=', '--help'],
  ])
  t.strictSame(offered('thermo2mqtt', 'schedules', 'import', '--d'), ['--dry-run'])
  t.strictSame(offered('thermo2mqtt', 'run', '--mqtt.embedded.p'), [
    '--mqtt.embedded.port=',
    '--mqtt.embedded.password=',
  ])
  t.strictSame(offered('thermo2mqtt', 'backup', '--file', '=', 'x'), [''], 'left to the completion of files')
  t.strictSame(offered('thermo2mqtt', '--data_dir', '=', 'list', 'get', '--j'), ['--json'], 'a value is no command')
  t.strictSame(offered('thermo2mqtt', 'nonsense', ''), [''])
  const { stdout } = spawnSync('bash', ['-c', `${script}\ncomplete -p thermo2mqtt`], { encoding: 'utf8' })
  t.equal(stdout, 'complete -o default -F _thermo2mqtt thermo2mqtt\n')
})

t.test('zsh evaluates nothing of what is said of a word', async (t) => {
  const evaluated = [...(await scriptFor('zsh')).matchAll(/\(\((.*?)\)\)'/g)].map(([, text = '']) => text)
  t.equal(evaluated.length, Object.values(MANUAL).filter(({ words }) => words).length)
  t.strictSame(
    evaluated.filter((text) => /[^\w\s-]/.test(text.replaceAll("'\\''", "'").replaceAll(/\\./g, ''))),
    [],
    'everything special is escaped',
  )
})

/** A zsh at a terminal of its own: it presses the tab key after a line, and prints what is offered then. */
const AT_TERMINAL = `
  zmodload zsh/zpty && zpty terminal zsh -f -i || exit 2
  zpty -w terminal "folder=$1; source $1/inside || exit"
  while zpty -r terminal said; do [[ $said == *it-is-ready* ]] && break; done
  zpty -w -n terminal "$2"$'\t'
  while zpty -r terminal said; do print -rn -- "$said"; done`

/** As its user would set it up, but each match is printed, and that is the end. */
const INSIDE = `
  PROMPT=
  fpath=($folder $fpath)
  autoload -Uz compinit && compinit -D -u
  bindkey '^I' complete-word
  compadd() {
    if (( \${@[(I)-(O|A|D)]} )); then builtin compadd "$@"; return; fi
    local -a hits
    builtin compadd -A hits "$@"
    print -rl -- '' offer:$^hits
  }
  over() { exit }
  comppostfuncs=(over)
  print it-is-"ready"`

t.test('zsh completes', { skip: spawnSync('zsh', ['--version']).status !== 0 && 'no zsh' }, async (t) => {
  const folder = t.testdir({ _thermo2mqtt: await scriptFor('zsh'), inside: INSIDE, zsh: AT_TERMINAL })
  const offered = (line: string) => {
    const { stdout, status } = spawnSync('zsh', ['-f', `${folder}/zsh`, folder, line], {
      encoding: 'utf8',
      timeout: PATIENCE,
    })
    t.equal(status, 0)
    return [...stdout.matchAll(/^offer:(.+?)\r?$/gm)].map(([, offer]) => offer)
  }
  t.strictSame(offered('thermo2mqtt '), COMMAND_NAMES)
  t.strictSame(offered('thermo2mqtt keys '), ['export', 'import', 'forget'])
  t.strictSame(offered('thermo2mqtt schedules import --d'), ['--dry-run'])
  t.strictSame(offered('thermo2mqtt run --mqtt.embedded.p').sort(), [
    '--mqtt.embedded.password',
    '--mqtt.embedded.port',
  ])
  t.strictSame(offered(`thermo2mqtt backup --file=${folder}/ins`), ['inside'], 'the names of files')
})
