/** What the compose file and the systemd unit allow their programs. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { PAGES } from './support.ts'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const read = (name: string) => readFileSync(path(name), 'utf8')

/** Whether a program is on this machine. */
const has = (program: string) => spawnSync(program, ['--help']).error === undefined

t.test('every service of the compose file is as confined as the bridge', async (t) => {
  const { services } = parse(read('docker-compose.yml'))
  t.same(Object.keys(services).sort(), ['grafana', 'mosquitto', 'prometheus', 'thermo2mqtt'])
  for (const [name, service] of Object.entries(services)) {
    const expected = { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], tmpfs: ['/tmp'] }
    t.match(service, { ...expected, mem_limit: /^\d+m$/, pids_limit: Number }, name)
    // The bridge's own image says it.
    if (name !== 'thermo2mqtt') t.match(service, { user: /^(mosquitto|65534:65534|472:0)$/ }, name)
  }
  t.match(read('Dockerfile'), /^USER node$/m)
})

t.test('no password is an argument, where everybody on the machine can read it', async (t) => {
  const files = [...PAGES, 'docker-compose.yml', 'docker/mosquitto-start.sh', 'docker/env.example']
  const more = ['docker/thermo2mqtt.service', 'docker/homeassistant/README.md', 'config/TOPICS.md', 'config/README.md']
  const argument =
    /--[\w.]*(password|secret|totp_key)=|mosquitto_passwd -b|mosquitto_(pub|sub)[^\n]* -P|-d '[^']*"password"/
  t.same(
    [...files, ...more].filter((file) => argument.test(read(file))),
    [],
  )
})

t.test('the broker of the compose file takes the password as it is', { skip: !has('mosquitto_passwd') }, async (t) => {
  const folder = t.testdir({ bin: {} })
  const script = read('docker/mosquitto-start.sh').replaceAll('/tmp/passwords', join(folder, 'passwords'))
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'bin', 'mosquitto'), '#!/bin/sh\n')
  chmodSync(join(folder, 'bin', 'mosquitto'), 0o755)
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    MQTT_USERNAME: 'home',
    MQTT_PASSWORD: 'a:b $c "d" \'e\' \\f %s',
  }
  const { status, stderr } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' })
  t.equal(status, 0, stderr)
  t.match(readFileSync(join(folder, 'passwords'), 'utf8'), /^home:\$\d\$/)
})

t.test('the systemd unit confines the bridge, and lets V8 work', async (t) => {
  const unit = read('docker/thermo2mqtt.service')
  const lines = new Set(unit.split('\n'))
  for (const line of ['SystemCallFilter=@system-service', 'SystemCallArchitectures=native', 'NoNewPrivileges=yes']) {
    t.ok(lines.has(line), line)
  }
  t.match(unit, /^MemoryMax=\d+M$/m)
  t.notMatch(unit, /^MemoryDenyWriteExecute/m)
  if (!has('systemd-analyze')) return void t.pass('left out: systemd-analyze is not installed')
  const checked = spawnSync('systemd-analyze', ['verify', '--man=no', path('docker/thermo2mqtt.service')], {
    encoding: 'utf8',
  })
  const said = checked.stderr.split('\n').filter((line) => line.includes('thermo2mqtt.service'))
  // The program is not installed on this machine.
  t.same(
    said.filter((line) => !/is not executable|not found/.test(line)),
    [],
  )
})
