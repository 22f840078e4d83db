/** Makes the shell complete commands, words and options. The scripts are made from the same rows as the help. */
import { flagNames } from '../../config/loading/index.ts'
import type { CommandInput } from '../command.ts'
import { COMMAND_NAMES, type CommandName, MANUAL, optionsOf } from './manual.ts'

export async function completion({ words: [shell], terminal }: CommandInput): Promise<number> {
  terminal.out(shell === 'zsh' ? zshScript() : bashScript())
  return 0
}

/** Any command takes settings, but only at `run` are they what is looked for. */
const settingsOf = (command: CommandName): readonly string[] => (command === 'run' ? flagNames() : [])

/** Everything that can follow a command; an option with a value ends in `=`. */
const following = (command: CommandName): string[] => [
  ...Object.keys(MANUAL[command].words ?? {}),
  ...optionsOf(command).map(([name, { value }]) => (value === null ? `--${name}` : `--${name}=`)),
  ...settingsOf(command).map((name) => `--${name}=`),
  '--help',
]

/** After `=`, bash completes the name of a file, as it does for any command. */
function bashScript(): string {
  const cases = COMMAND_NAMES.map((name) => `    ${name}) words='${following(name).join(' ')}' ;;`)
  return `# Completion of thermo2mqtt for bash: source <(thermo2mqtt completion bash)
_thermo2mqtt() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command='' words i
  COMPREPLY=()
  [[ $cur == = || $before == = ]] && return
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      -* | =) ;;
      *) [[ \${COMP_WORDS[i-1]} == = ]] || { command=\${COMP_WORDS[i]}; break; } ;;
    esac
  done
  case $command in
    '') words='${[...COMMAND_NAMES, '--help', '--version'].join(' ')}' ;;
${cases.join('\n')}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}
complete -o default -F _thermo2mqtt thermo2mqtt`
}

function zshScript(): string {
  const commands = COMMAND_NAMES.map((name) => `    ${described(name, MANUAL[name].says)}`)
  const cases = COMMAND_NAMES.map((name) => {
    const words = Object.entries(MANUAL[name].words ?? {}).map(([word, { says }]) => choice(word, says))
    const first = words.length === 0 ? '' : ` '1:word:((${words.join(' ')}))'`
    const options = optionsOf(name).map(([option, { value, says }]) => {
      const text = quoted(says.replaceAll('[', '(').replaceAll(']', ')'))
      if (value === null) return `'--${option}[${text}]'`
      return `'--${option}=[${text}]:${value}:${value === 'path' ? '_files' : ''}'`
    })
    const settings = settingsOf(name).map((setting) => `'--${setting}=:value:'`)
    return `      ${name}) _arguments${first} ${[...options, ...settings, "'--help[explain this command]'"].join(' ')} ;;`
  })
  return `#compdef thermo2mqtt
# Completion of thermo2mqtt for zsh: save it as _thermo2mqtt in a folder of $fpath.
_thermo2mqtt() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.join('\n')}
  )
  _arguments -C '1:command:->command' '*::argument:->argument' '--help[list the commands]' '--version[print the version]'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${cases.join('\n')}
      esac
      ;;
  esac
}
_thermo2mqtt "$@"`
}

/** For zsh, in single quotes: a name and what it does, with a colon between them. */
const described = (name: string, says: string): string => `'${name}:${quoted(says.replaceAll(':', '\\:'))}'`

/** One of several between parentheses, which zsh evaluates: everything but letters and digits is escaped. */
const choice = (name: string, says: string): string =>
  quoted(`${name}\\:${says.replaceAll(':', ',').replaceAll(/[^\p{L}\p{N}]/gu, '\\$&')}`)

/** Inside of single quotes. */
const quoted = (text: string): string => text.replaceAll("'", "'\\''")
