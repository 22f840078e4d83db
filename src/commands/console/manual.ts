/** The commands and options of the command line: what is accepted, what help says, and what the shell completes. */

interface WordRow {
  readonly says: string
  /** What must follow the word. */
  readonly followed?: readonly string[]
}

export interface CommandRow {
  /** For the list of commands, as the end of a sentence that begins with the name. */
  readonly says: string
  /** The words that can follow. */
  readonly words?: Readonly<Record<string, WordRow>>
  /** Whether one of the words must follow. */
  readonly wordNeeded?: true
  /** Instead of words, what is typed freely: the name of each, `least` of which are needed, the last as often as one likes if `repeats`. */
  readonly free?: { readonly names: readonly string[]; readonly least: number; readonly repeats?: true }
  readonly examples?: readonly string[]
}

export interface OptionRow {
  /** What stands for the value; null for an option without one. */
  readonly value: string | null
  readonly says: string
  readonly of: readonly CommandName[]
}

/** In the order of the list. */
const ROWS = {
  run: { says: 'runs the bridge (default)', examples: ['run --mqtt.url=mqtt://broker:1883'] },
  demo: {
    says: 'runs a simulated house with its bridge, to try things out',
    examples: ['demo --thermostats=20 --seed=7'],
  },
  simulate: { says: 'runs only the simulated house, for use with another program' },
  list: {
    says: 'lists the thermostats of the running bridge',
    examples: ['list', 'list --json'],
  },
  get: {
    says: 'prints what a thermostat shows, or one value of it',
    free: { names: ['device', 'key'], least: 1 },
    examples: ['get Bathroom', 'get Bathroom current_temperature', 'get B74E2E592D42 --json'],
  },
  set: {
    says: 'sets values of a thermostat, and ends when the thermostat has confirmed them',
    free: { names: ['device', 'key=value'], least: 2, repeats: true },
    examples: ['set Bathroom target_temperature=22.5', 'set "Living room" mode=heat target_temperature=21'],
  },
  discover: { says: 'lists the devices that broadcast on this network, with their locks' },
  record: {
    says: 'asks one device for everything that can be read and writes it to a file for those who add models, without what is personal; changes nothing',
    examples: ['record --host=192.168.1.50 --file=thermostat.json'],
  },
  doctor: {
    says: 'checks configuration, broker, clouds, keys and every device, and says what to do',
    examples: ['doctor', 'doctor --write'],
  },
  health: { says: 'asks the running bridge whether it works: for the health check of a container' },
  login: { says: 'signs in to an account, asks for the second factor, and stores the keys' },
  logout: { says: "ends an account's session and keeps it signed out until login; its keys stay" },
  totp: {
    says: "manages an account's second factor (authenticator app)",
    words: {
      setup: { says: 'makes a secret for the authenticator app' },
      activate: { says: 'turns the second factor on, once its code is known' },
      verify: { says: 'gives the code that the account is waiting for' },
      deactivate: { says: 'turns the second factor off' },
    },
    wordNeeded: true,
  },
  keys: {
    says: 'lists the stored keys, moves them to another machine, and forgets them',
    words: {
      export: { says: 'writes the keys to a file, encrypted with a passphrase (short: keys --export=<path>)' },
      import: { says: 'takes the keys from such a file (short: keys --import=<path>)' },
      forget: { says: 'forgets a device with its keys', followed: ['serial'] },
    },
    examples: ['keys', 'keys export --file=keys.age', 'keys forget 404CCAAAD4E89860609800000149'],
  },
  backup: {
    says: 'writes all data of the bridge, including keys, to one encrypted file',
    examples: ['backup --file=house.age'],
  },
  restore: { says: 'restores a backup, here or on another machine', examples: ['restore --file=house.age'] },
  user: {
    says: 'manages who may sign in',
    words: {
      list: { says: 'lists the users' },
      add: { says: 'adds a user and asks for the password', followed: ['name'] },
      role: { says: 'sets what a user may do: look, control or administer', followed: ['name', 'role'] },
      password: { says: 'sets a new password', followed: ['name'] },
      remove: { says: 'removes a user', followed: ['name'] },
      'totp-off': { says: "turns a user's second factor off", followed: ['name'] },
    },
    wordNeeded: true,
    examples: ['user add olena --role=control', 'user role olena look'],
  },
  schedules: {
    says: 'writes the weekly schedules of all thermostats to one file (YAML), or writes them back',
    words: {
      export: { says: 'writes them to a file, or prints them without --file' },
      import: { says: 'writes them back to the thermostats' },
    },
    wordNeeded: true,
    examples: ['schedules export --file=schedules.yaml', 'schedules import --file=schedules.yaml --dry-run'],
  },
  config: { says: 'prints the settings in force and where each came from, secrets masked' },
  completion: {
    says: 'prints what makes the shell complete commands and options',
    words: {
      bash: { says: 'for bash: source <(thermo2mqtt completion bash)' },
      zsh: { says: 'for zsh, to be saved as _thermo2mqtt in a folder of $fpath' },
    },
    wordNeeded: true,
  },
} as const satisfies Readonly<Record<string, CommandRow>>

export type CommandName = keyof typeof ROWS

export const MANUAL: Readonly<Record<CommandName, CommandRow>> = ROWS

export const isCommand = (name: string): name is CommandName => Object.hasOwn(ROWS, name)

/** In the order of the list. */
export const COMMAND_NAMES: readonly CommandName[] = Object.keys(ROWS).filter(isCommand)

/** Options that are not settings. */
export const OPTIONS: Readonly<Record<string, OptionRow>> = {
  json: { value: null, says: 'print JSON, for programs', of: ['list', 'get', 'set'] },
  schema: { value: null, says: 'print the JSON Schema of the configuration file', of: ['config'] },
  account: { value: 'id', says: 'which account, if there are several', of: ['login', 'logout', 'totp'] },
  file: {
    value: 'path',
    says: 'the file: of keys and backups encrypted with a passphrase, of schedules and records in plain text',
    of: ['keys', 'backup', 'restore', 'schedules', 'record'],
  },
  host: { value: 'address', says: 'the IP address or host name of the device', of: ['record'] },
  'dry-run': { value: null, says: 'with import: say what would change and write nothing', of: ['schedules'] },
  write: {
    value: null,
    says: 'also try one signed command on each locked device; it writes back what is there',
    of: ['doctor'],
  },
  export: { value: 'path', says: 'short for keys export --file=<path>', of: ['keys'] },
  import: { value: 'path', says: 'short for keys import --file=<path>', of: ['keys'] },
  'passphrase-file': {
    value: 'path',
    says: 'a file with the passphrase; otherwise it is asked for',
    of: ['keys', 'backup', 'restore'],
  },
  role: { value: 'role', says: 'with add: look, control or administer (default)', of: ['user'] },
  seconds: {
    value: 'n',
    says: 'how long to listen (default 30; record: up to 60)',
    of: ['discover', 'record'],
  },
  thermostats: {
    value: 'n',
    says: 'how many, without relays (default one of each model)',
    of: ['demo', 'simulate'],
  },
  seed: { value: 'n', says: 'another house', of: ['demo', 'simulate'] },
}

/** The row of an option; undefined if none has that name. */
export const optionNamed = (name: string): OptionRow | undefined =>
  Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined

/** The options of a command, by name. */
export const optionsOf = (command: CommandName): readonly (readonly [string, OptionRow])[] =>
  Object.entries(OPTIONS).filter(([, { of }]) => of.includes(command))
