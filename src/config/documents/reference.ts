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

const INTRODUCTION = `Everything has a default. Without any setting the bridge looks for thermostats on the local network and shows them on an MQTT
broker of its own. A \`yes\` in the column "page" means that you can set it on the page. [example.yaml](example.yaml) is a file to start
from; with [schema.json](schema.json) an editor completes and checks it. \`thermo2mqtt config\` prints the settings in force and where each
came from, without secrets.`

const SOURCES = `## Where settings come from

Later ones win:

1. the defaults above;
2. the page (*System*, *All settings*; or REST, \`/api/v1/settings\`), for settings with a \`yes\` in the column "page". The bridge stores
   them, secrets encrypted. They are in force within seconds;
3. the configuration file, YAML or JSON: the one that \`${CONFIG_VARIABLE}\` names, else \`config/local.yaml\`, else
   \`config.yaml\` in the data folder (\`data_dir\` of the environment or the command line). The bridge reads only one;
4. environment variables. An empty one counts as not set;
5. the command line: \`--mqtt.url=mqtt://broker:1883\`, with the key of the table.

What the file, the environment or the command line sets is fixed. The page shows it with its source and can't change it. Lists
(\`cloud.accounts\`, \`devices\`) can be in the file and on the page at once; the bridge uses both. It does not take an id or serial
number on the page that the file has already. In a file, a name with nothing after it counts as not set.

If a key or a variable that begins with \`T2M_\` is unknown, or a value is not allowed, the program ends with exit code 2. One line says
which setting, where its value came from, and what is allowed. Settings of the page never end the program. If one can't be used any
more, such as an account whose id is now in the file, the bridge warns, ignores it, and keeps it. If the bridge can't start with a
change made on the page, it takes the change back, and the page says why.`

const SECRETS = `## Secrets

Settings whose meaning begins with "Secret." are masked wherever the bridge shows or logs anything. Each can come from a file
instead, as is usual with Docker and systemd: \`${fileVariable('T2M_MQTT_PASSWORD')}=/run/secrets/mqtt\`. A newline at the end of the file is
not part of the secret. Setting both the variable and its \`_FILE\` is an error.`

const DURATIONS = `## Durations

A whole number with a unit: \`500ms\`, \`15s\`, \`5m\`, \`6h\`, \`1d\`. A number alone is milliseconds.`

const ACCOUNTS = `An account gives the names and the TOTP keys of its devices. Once the bridge has them, it needs no internet. Environment variables can
give one account, whose id is the name of its provider. If the file has an account with that id, the variables replace its values;
otherwise it is one more account.

\`terneo\` and \`welrok\` are the makers' own clouds, and what most people need. The others are services that also hold keys. They are
named by how the bridge signs in: \`bearer\` gives a token for user name and password. \`omnitron\` gives a key, and asks for a code of an
authenticator if one is set up. \`txty\` (txty.dk) gives a key, and sends a code to the phone. For these, the settings under \`devices\` of
the account say where their list of devices is. Dotted paths lead through the JSON of the answer: \`data.list\` is the \`list\` in \`data\`.`

const DEVICES = `Discovery finds devices by itself. Name a device here to fix its address, to give it a name, or to give its key without an
account.`

/** One table row per setting, in columns of equal width as the project's formatter writes them. */
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
