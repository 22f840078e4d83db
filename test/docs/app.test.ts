/** The files of the app of Home Assistant: by the rules of the Supervisor (supervisor/apps/validate.py) and of its linter. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { LOCALES } from '../../src/catalog/locales/index.ts'
import { SCHEMA } from '../../src/config/settings/index.ts'
import { isObject } from '../../src/core/json.ts'
import { read, TOP } from './support.ts'

const APP = 'docker/homeassistant/app'
const yaml = (path: string): Record<string, unknown> => Object(parse(read(path)))

const config = yaml(`${APP}/config.yaml`)

t.test('the Supervisor finds one app in the repository', async (t) => {
  t.match(yaml('repository.yaml'), { name: 'thermo2mqtt', url: /^https:/ })
  const found = globSync('**/config.{yaml,yml,json}', {
    cwd: TOP,
    exclude: (path) => /node_modules|^\.|^dist/.test(path),
  })
  t.same(found, [`${APP}/config.yaml`], 'any other file of this name would be taken for an app')
  t.match(config, {
    name: String,
    slug: 'thermo2mqtt',
    version: JSON.parse(read('package.json')).version,
    description: String,
    arch: ['amd64', 'aarch64'],
    image: /^[a-z0-9.]+\/[a-z0-9-]+\/[a-z0-9-]+$/,
  })
})

t.test('it has what it needs, and no more', async (t) => {
  t.match(config, {
    host_network: true,
    services: ['mqtt:want'],
    ingress: true,
    // Else a request without a body would come as one of unknown length, which is refused for want of a type.
    ingress_stream: undefined,
    ingress_port: SCHEMA.api.port.default,
    watchdog: `http://[HOST]:[PORT:${SCHEMA.api.port.default}]/healthz`,
  })
  const rights = [
    'privileged',
    'full_access',
    'docker_api',
    'hassio_api',
    'hassio_role',
    'homeassistant_api',
    'auth_api',
  ]
  const hardware = ['devices', 'usb', 'uart', 'gpio', 'video', 'audio', 'host_pid', 'host_ipc', 'host_dbus', 'map']
  t.same(
    [...rights, ...hardware].filter((key) => key in config),
    [],
  )
})

t.test('nothing of the past is in it', async (t) => {
  const deprecated = ['webui', 'advanced', 'auto_uart', 'codenotary', 'legacy', 'build_from', 'squash']
  t.same(
    deprecated.filter((key) => key in config),
    [],
  )
})

t.test('every option has a type, a default and words in each language', async (t) => {
  const { options, schema } = config
  const names = Object.keys(Object(schema)).sort()
  t.same(Object.keys(Object(options)).sort(), names)
  const shapes = LOCALES.map((language) => {
    const { configuration } = yaml(`${APP}/translations/${language}.yaml`)
    return Object.entries(Object(configuration)).map(([name, words]) => {
      const { name: title, description } = isObject(words) ? words : {}
      return [name, typeof title, typeof description]
    })
  })
  const expected = names.map((name) => [name, 'string', 'string'])
  for (const shape of shapes) t.same(shape.sort(), expected)
})

t.test('pictures and papers', async (t) => {
  const size = (name: string) => {
    const bytes = readFileSync(join(TOP, APP, name))
    t.equal(bytes.subarray(1, 4).toString(), 'PNG', name)
    return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  }
  t.same(size('icon.png'), [128, 128])
  t.same(size('logo.png'), [250, 100])
  t.match(read(`${APP}/DOCS.md`), '## Options')
  t.equal(read(`${APP}/CHANGELOG.md`), read('CHANGELOG.md'))
})

t.test('a backup leaves out what belongs to the process, and keeps what can’t be made again', async (t) => {
  const left = config.backup_exclude
  t.ok(Array.isArray(left))
  const patterns = (Array.isArray(left) ? left : []).map(
    (glob: string) => new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*')}$`),
  )
  const isLeftOut = (name: string) => patterns.some((pattern) => pattern.test(name))
  const kept = [
    'thermo2mqtt.db',
    'thermo2mqtt.db-wal',
    'history.db',
    'history.db-wal',
    'store.key',
    'copies',
    'options.json',
  ]
  t.same(kept.filter(isLeftOut), [])
  const made = [
    'bridge.lock',
    'bridge.json',
    'bridge.json.new',
    'thermo2mqtt.db-shm',
    'thermo2mqtt.db.corrupt-2026',
    'before-restore',
  ]
  t.same(
    made.filter((name) => !isLeftOut(name)),
    [],
  )
})

t.test('the AppArmor profile is its own', async (t) => {
  const profile = read(`${APP}/apparmor.txt`)
  // As supervisor/utils/apparmor.py reads it: one, by the name of the app.
  const names = profile.split('\n').flatMap((line) => /^profile ([^ ]+).*$/.exec(line)?.[1] ?? [])
  t.same(names, [config.slug])
  t.notMatch(profile, /^\s*(capability (sys_|net_)|file,|network,|unconfined)/m)
  const parser = spawnSync('apparmor_parser', ['-Q', '-K', '-S'], {
    input: profile,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  })
  if (parser.error)
    return t.comment('the profile is not parsed: apparmor_parser is not installed (apt-get install apparmor)')
  t.equal(parser.status, 0, String(parser.stderr))
})

t.test('its image is the bridge’s, started as root to take over its folder', async (t) => {
  const stages = read('Dockerfile').split(/^FROM /m)
  const app = stages.find((stage) => stage.startsWith('bridge AS homeassistant')) ?? ''
  t.match(app, /^USER root$/m)
  t.match(app, /io\.hass\.type="app" io\.hass\.arch="aarch64\|amd64"/)
  t.match(stages.at(-1), /^bridge\n$/, 'what is built without a target is not')
})
