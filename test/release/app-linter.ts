/**
 * The rules of the linter that Home Assistant's app repositories use (frenck/action-addon-linter, April 2026), put in our own words.
 * What the Supervisor itself takes, test/docs/app.test.ts looks at.
 */
import { isObject } from '../../src/core/json.ts'

type Config = Readonly<Record<string, unknown>>

const isBoolean = (value: unknown) => typeof value === 'boolean'
const isText = (value: unknown) => typeof value === 'string'
const isNumber = (value: unknown) => Number.isInteger(value)
const listOf = (pattern: RegExp) => (value: unknown) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && pattern.test(item))
const oneOf =
  (...values: readonly string[]) =>
  (value: unknown) =>
    values.some((other) => other === value)

interface Rule {
  readonly is: (value: unknown) => boolean
  /** It must not be written out. */
  readonly otherwise?: unknown
}

const rows = (names: string, rule: Rule): [string, Rule][] => names.split(' ').map((name) => [name, rule])

/** Every key that there is. */
const KEYS: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...rows(
    'advanced audio auth_api auto_uart devicetree docker_api full_access gpio hassio_api homeassistant_api host_dbus host_ipc host_network host_pid host_uts ingress ingress_stream journald kernel_modules legacy realtime stdin uart udev usb video',
    { is: isBoolean, otherwise: false },
  ),
  ...rows('init panel_admin', { is: isBoolean, otherwise: true }),
  ...rows(
    'backup_pre backup_post codenotary description image ingress_entry name panel_title slug url version watchdog webui',
    { is: isText },
  ),
  ...rows('backup_exclude breaking_versions devices discovery', { is: listOf(/./) }),
  ...rows('environment options ports ports_description schema ulimits', { is: isObject }),
  ['apparmor', { is: (value) => isBoolean(value) || isText(value), otherwise: true }],
  ['arch', { is: listOf(/^(?:aarch64|amd64)$/) }],
  ['backup', { is: oneOf('hot', 'cold'), otherwise: 'hot' }],
  ['boot', { is: oneOf('auto', 'manual', 'manual_only'), otherwise: 'auto' }],
  ['hassio_role', { is: oneOf('admin', 'backup', 'default', 'homeassistant', 'manager'), otherwise: 'default' }],
  ['homeassistant', { is: isText, otherwise: false }],
  [
    'ingress_port',
    { is: (value) => isNumber(value) && Number(value) >= 0 && Number(value) <= 65_535, otherwise: 8099 },
  ],
  ['machine', { is: listOf(/^!?[a-z0-9-]+$/) }],
  ['map', { is: Array.isArray }],
  ['panel_icon', { is: isText, otherwise: 'mdi:puzzle' }],
  ['privileged', { is: listOf(/^[A-Z_]+$/) }],
  ['services', { is: listOf(/^(?:mqtt|mysql):(?:provide|want|need)$/) }],
  ['stage', { is: oneOf('deprecated', 'experimental', 'stable'), otherwise: 'stable' }],
  ['startup', { is: oneOf('application', 'initialize', 'once', 'services', 'system'), otherwise: 'application' }],
  ['timeout', { is: isNumber, otherwise: 10 }],
  ['tmpfs', { is: isBoolean, otherwise: false }],
])

const NEEDED = ['arch', 'description', 'name', 'slug', 'version']

/** What goes wrong only together, or is there no longer. */
const TOGETHER: readonly [rule: string, broken: (config: Config) => boolean][] = [
  ['ingress takes the place of webui', ({ ingress, webui }) => ingress === true && webui !== undefined],
  [
    'a random port is for the host’s network',
    ({ ingress, host_network, ingress_port }) => ingress === true && !host_network && ingress_port === 0,
  ],
  ['full_access is too much', ({ full_access }) => full_access === true],
  ['advanced hides the app', ({ advanced }) => advanced === true],
  ['auto_uart is called uart', (config) => 'auto_uart' in config],
  ['codenotary is gone', (config) => 'codenotary' in config],
  ['devices are paths alone', ({ devices }) => Array.isArray(devices) && devices.some((path) => /:/.test(path))],
  [
    'a cold backup has no commands',
    (config) => config.backup === 'cold' && ('backup_pre' in config || 'backup_post' in config),
  ],
  ['watchdog is the image’s HEALTHCHECK', (config) => 'watchdog' in config],
  [
    'config is called homeassistant_config',
    ({ map }) => Array.isArray(map) && map.some((folder) => /^config(?::r[ow])?$/.test(folder)),
  ],
]

/** What the linter would say of a `config.yaml`. */
export function lint(config: Config): string[] {
  const ofKeys = Object.entries(config).flatMap(([name, value]) => {
    const rule = KEYS.get(name)
    if (rule === undefined) return [`${name} is not known`]
    if (rule.otherwise !== undefined && rule.otherwise === value) return [`${name} is so anyway`]
    return rule.is(value) ? [] : [`${name} can't be ${JSON.stringify(value)}`]
  })
  const missing = NEEDED.filter((name) => !(name in config)).map((name) => `${name} is missing`)
  return [...ofKeys, ...missing, ...TOGETHER.filter(([, broken]) => broken(config)).map(([rule]) => rule)]
}
