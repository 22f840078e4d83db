/** The app of Home Assistant, by the rules of its linter. */
import t from 'tap'
import { parse } from 'yaml'
import { read } from '../docs/support.ts'
import { lint } from './app-linter.ts'

const GOOD = { name: 'a', version: '1', slug: 'a', description: 'a', arch: ['amd64'] }

t.test('each rule catches what it is for', async (t) => {
  t.same(lint(GOOD), [])
  const bad: readonly Record<string, unknown>[] = [
    { colour: 'red' },
    { init: true },
    { boot: 'auto' },
    { backup: 'hot' },
    { ingress_port: 8099 },
    { ingress_port: 70_000 },
    { arch: ['armv7'] },
    { services: ['mqtt:have'] },
    { tmpfs: 'size=1m' },
    { ingress: 'yes' },
    { ingress: true, webui: 'http://[HOST]:[PORT:1]' },
    { ingress: true, ingress_port: 0 },
    { full_access: true },
    { devices: ['/dev/a:/dev/a:rwm'] },
    { backup: 'cold', backup_pre: 'true' },
    { map: ['config:rw'] },
    { watchdog: 'http://[HOST]:[PORT:1]/' },
    { codenotary: 'a@b.example' },
  ]
  const passed = bad.filter((more) => lint({ ...GOOD, ...more }).length === 0)
  t.same(passed, [])
  t.same(lint({ name: 'a' }).length, 4)
})

t.test('our app breaks one, on purpose', async (t) => {
  // The Supervisor takes both, and only a watchdog by its address is asked for /healthz, whatever else the image does.
  t.same(lint(parse(read('docker/homeassistant/app/config.yaml'))), ['watchdog is the image’s HEALTHCHECK'])
  t.match(read('Dockerfile'), /HEALTHCHECK .*\["thermo2mqtt", "health"\]/)
})
