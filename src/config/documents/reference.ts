import { CONFIG_VARIABLE, fileVariable } from '../loading/environment.ts'
import { ACCOUNT, DEVICE, PROVIDERS } from '../settings/accounts.ts'
import { SCHEMA } from '../settings/index.ts'
import { leaves, type Section } from '../settings/setting.ts'
import { defaultText, exampleAccount, yamlItem } from './example.ts'

/** The reference of the settings, Markdown. */
export function reference(): string {
  return `${[
    '<!-- Generated from src/config/settings/index.ts; run "npm run generate" after changing it. -->',
    '# Settings',
    INTRODUCTION,
    table(SCHEMA),
    SOURCES,
    SECRETS,
    DURATIONS,
    '## Cloud accounts',
    ACCOUNTS,
    table(ACCOUNT, 'cloud.accounts[].', SCHEMA.cloud.accounts.page),
    '### An account of each provider',
    accounts(),
    '## Devices',
    DEVICES,
    table(DEVICE, 'devices[].', SCHEMA.devices.page),
  ].join('\n\n')}\n`
}

const INTRODUCTION = `Everything has a default: without any setting the bridge looks for thermostats on the local network and shows them on its
own MQTT broker. What people set most can be set on the page (column "page"). [example.yaml](example.yaml) is a file to start from; with [schema.json](schema.json) an editor completes
and checks it. \`thermo2mqtt config\` prints the settings in force, where each came from, and no secrets.`

const SOURCES = `## Where settings come from

Later ones win:

1. the defaults above;
2. the page (*System*, *All settings*; or REST, \`/api/v1/settings\`), for those with a \`yes\` in the column "page". They are kept
   in the store, secrets encrypted, and are in force within seconds;
3. the configuration file, YAML or JSON: the one that \`${CONFIG_VARIABLE}\` names, else \`config/local.yaml\`, else
   \`config.yaml\` in the data folder (\`data_dir\` of the environment or the command line). Only one is read;
4. environment variables. An empty one counts as not set;
5. the command line: \`--mqtt.url=mqtt://broker:1883\`, with the key of the table.

So what the file, the environment or the command line sets is fixed: the page shows it with its source and changes nothing of
it. Lists (\`cloud.accounts\`, \`devices\`) stand in the file or on the page; those of the page stand beside those of the file,
and an id or serial that the file has is not taken. In a file, a name with nothing after it counts as not set.

An unknown key, an unknown variable that begins with \`T2M_\`, or a value that is not allowed ends the program with exit
code 2 and one line that says which setting, where its value came from, and what is allowed. What was set on the page never does:
if it can't be used any more, as the file now has an account with the same id, it is left out with a warning, and kept. Settings
of the page with which the bridge can't start are taken back, and the page says why.`

const SECRETS = `## Secrets

Settings whose meaning begins with "Secret." are masked wherever the bridge shows or logs anything. Each can be given
in a file instead, as Docker and systemd do: \`${fileVariable('T2M_MQTT_PASSWORD')}=/run/secrets/mqtt\`. A newline at the end of the file is
not part of the secret. To set both the variable and its \`_FILE\` is an error.`

const DURATIONS = `## Durations

A whole number with a unit: \`500ms\`, \`15s\`, \`5m\`, \`6h\`, \`1d\`. A number alone is milliseconds.`

const ACCOUNTS = `An account gives the names and the TOTP keys of its devices; once they are cached, no internet is needed. One account can be
given by environment variables, and its id is the name of its provider: if the file has an account with that id, the
variables replace its values, else it is one more account. Dotted paths say where something is in the JSON that the server
answers: \`data.list\` is the \`list\` in \`data\`.

\`terneo\` and \`welrok\` are the makers' own clouds, and what most people need. The others are services that hold keys as well, named
by how they sign in: \`bearer\` gives a token for user name and password, \`omnitron\` a key, with a code of an authenticator where
one is set up, \`txty\` (txty.dk) a key, with a code sent to the phone. Where their list of devices is has to be said.`

const DEVICES = `Discovery finds devices by itself. Name one here to fix its address, to call it something else, or to give its key without
any cloud.`

/** A table row per setting, in columns of equal width, as the formatter of the project leaves them. */
function table(section: Section, prefix = '', paged = false): string {
  const rows = [...leaves(section)].map(({ key, row }) => [
    code(`${prefix}${key}${row.items ? '[]' : ''}`),
    row.env === undefined ? '' : code(row.env),
    row.unset === undefined && row.default !== null ? code(defaultText(row)) : defaultText(row),
    row.page || paged ? 'yes' : '',
    row.allowed,
    row.sensitive ? `Secret. ${row.doc}` : row.doc,
  ])
  const cells = [HEAD, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  const rule = widths.map((width) => '-'.repeat(width))
  return [...lines.slice(0, 1), rule, ...lines.slice(1)].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

const HEAD = ['key', 'environment', 'default', 'page', 'allowed', 'meaning']

const code = (text: string): string => `\`${text}\``

function accounts(): string {
  const items = PROVIDERS.flatMap((provider) => yamlItem(exampleAccount(provider))).map((line) => `    ${line}`)
  return ['```yaml', 'cloud:', '  accounts:', ...items, '```'].join('\n')
}
