/** Every bad file, with the one line that it gives. */
import t from 'tap'
import { type Case, checkRefusals, LOCAL, refusal } from './support.ts'

const FILE = `configuration file ${LOCAL}`

const CASES: Readonly<Record<string, Case>> = {
  'a secret and its file': [
    { env: { T2M_MQTT_PASSWORD: 'hunter2', T2M_MQTT_PASSWORD_FILE: '/run/s' } },
    'mqtt.password: given twice, from environment variables T2M_MQTT_PASSWORD and T2M_MQTT_PASSWORD_FILE; allowed: one of them',
  ],
  'no secret file': [
    { env: { T2M_MQTT_PASSWORD_FILE: '/run/s' } },
    "mqtt.password: can't be read, from secret file /run/s (T2M_MQTT_PASSWORD_FILE): there is no such file; allowed: a readable file that contains text of 1 to 1024 characters",
  ],
  'unreadable secret file': [
    { env: { T2M_CLOUD_PASSWORD_FILE: '/run/s' }, broken: { '/run/s': 'EACCES' } },
    "cloud.accounts[].password: can't be read, from secret file /run/s (T2M_CLOUD_PASSWORD_FILE): the bridge is not allowed to read it; allowed: a readable file that contains text of 1 to 1024 characters",
  ],
  'empty secret file': [
    { env: { T2M_MQTT_PASSWORD_FILE: '/run/s' }, files: { '/run/s': '\n' } },
    'mqtt.password: empty, from secret file /run/s (T2M_MQTT_PASSWORD_FILE); allowed: a file that contains text of 1 to 1024 characters',
  ],
  'a secret file that is not text': [
    { env: { T2M_MQTT_PASSWORD_FILE: '/run/s' }, files: { '/run/s': Uint8Array.of(0xff, 0xfe) } },
    'mqtt.password: the value, from secret file /run/s (T2M_MQTT_PASSWORD_FILE), is not UTF-8 text',
  ],
  'a wrong secret in a file': [
    { env: { T2M_API_ADMIN_PASSWORD_FILE: '/run/s' }, files: { '/run/s': 'hunter2' } },
    'api.admin_password: the value is shorter than 8 characters, from secret file /run/s (T2M_API_ADMIN_PASSWORD_FILE); allowed: text of 8 to 256 characters, and not a common password',
  ],
  'no configuration file of that name': [
    { env: { T2M_CONFIG: '/etc/t2m.yaml' } },
    "configuration file /etc/t2m.yaml: can't be read, from environment variable T2M_CONFIG: there is no such file; allowed: a readable YAML or JSON file",
  ],
  'unreadable configuration file': [
    { broken: { [LOCAL]: 'EACCES' } },
    `${FILE}: can't be read: the bridge is not allowed to read it; allowed: a readable YAML or JSON file`,
  ],
  'a disk that fails': [
    { broken: { [LOCAL]: 'EIO' } },
    `${FILE}: can't be read: reading failed with EIO; allowed: a readable YAML or JSON file`,
  ],
  'broken YAML': [
    { file: 'mqtt:\n  password: "hunter2" hunter3\n' },
    `${FILE}, line 2, column 23: it is not valid YAML or JSON`,
  ],
  'broken JSON': [
    { file: '{"mqtt": {"password": "hunter2"' },
    `${FILE}, line 1, column 32: the indentation is wrong or a bracket is not closed`,
  ],
  'a quote that is not closed': [
    { file: 'mqtt: {password: "hunter2}\n' },
    `${FILE}, line 2, column 1: a quote, bracket, comma or ":" is missing`,
  ],
  'tabs in YAML': [
    { file: 'mqtt:\n\tpassword: hunter2\n' },
    `${FILE}, line 2, column 1: a tab is used for indentation; use spaces`,
  ],
  'a key twice': [
    { file: 'log: {level: info}\nlog: {level: warn}\n' },
    `${FILE}, line 2, column 1: the same name appears twice in one section`,
  ],
  'an unquoted text with a colon': [
    { file: 'mqtt:\n  password: hunter2: 3\n' },
    `${FILE}, line 2, column 13: there is a second ": " in the line; put the text in quotes`,
  ],
  'an unquoted text with a tag': [
    { file: 'mqtt:\n  password: !hunter2\n' },
    `${FILE}, line 2, column 13: a text begins with !; put it in quotes`,
  ],
  'an unquoted text like an alias': [
    { file: 'mqtt:\n  password: *hunter2\n' },
    `${FILE}: an alias (*name) is unknown, or there are more than 50; put text that begins with * in quotes`,
  ],
  'aliases upon aliases': [
    { file: bomb() },
    `${FILE}: an alias (*name) is unknown, or there are more than 50; put text that begins with * in quotes`,
  ],
  'two documents': [{ file: 'log:\n---\nlog:\n' }, `${FILE}, line 2, column 1: there is a second document after ---`],
  'a name that is not text': [{ file: '? [a]\n: b\n' }, `${FILE}, line 1, column 3: a name is not text`],
  'a configuration file that is not text': [{ files: { [LOCAL]: Uint8Array.of(0x80) } }, `${FILE} is not UTF-8 text`],
  'a configuration file without end': [
    { file: `# ${'x'.repeat(1024 * 1024)}` },
    `${FILE} is larger than 1024 KiB, too large for such a file`,
  ],
}

function bomb(): string {
  const levels = ['a', 'b', 'c', 'd', 'e', 'f']
  const lines = levels.map(
    (name, i) =>
      `${name}: &${name} [${Array(9)
        .fill(i === 0 ? 'x' : `*${levels[i - 1]}`)
        .join(',')}]`,
  )
  return lines.join('\n')
}

checkRefusals(t, CASES)

t.test('a file nested without end is refused', async (t) => {
  t.match(await refusal({ file: '['.repeat(100_000) }), /^configuration file \S+, line 1, column \d+: /)
})
