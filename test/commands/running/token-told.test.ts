/** What an API token is told of files of this machine and of ports of others: nothing. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { selfSigned } from '../../support/certificate.ts'
import { bridge } from './alive.ts'

t.test('a token with all rights learns neither of files nor of ports', async (t) => {
  const folder = t.testdir()
  const { cert, key } = selfSigned()
  const files = { none: join(folder, 'none'), text: join(folder, 'text'), folder: join(folder, 'folder') }
  writeFileSync(files.text, 'root:x:0:0')
  mkdirSync(files.folder)
  for (const [name, pem] of Object.entries({ cert, key, other: selfSigned().key }))
    writeFileSync(join(folder, name), pem)
  const alive = await bridge(t)
  const made = await alive.ask('POST', '/tokens', { name: 'all', scopes: ['read', 'control', 'admin'] })
  const authorization = `Bearer ${JSON.parse(made.text).token}`
  const asToken = async (method: string, path: string, body: unknown) => {
    const headers = { authorization, 'content-type': 'application/json', connection: 'close' }
    const answer = await fetch(`${alive.url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) })
    return `${answer.status} ${await answer.text()}`
  }

  const url = 'mqtts://127.0.0.1:1'
  const pair = { 'mqtt.cert': join(folder, 'cert'), 'mqtt.key': join(folder, 'other') }
  const changes = [
    ...Object.values(files).map((file) => ({ 'mqtt.url': url, 'mqtt.ca': file })),
    { 'mqtt.url': url, ...pair },
  ]
  const told: string[] = []
  for (const change of changes) told.push(await asToken('PATCH', '/settings', change))
  t.equal(new Set(told).size, 1, 'one answer for all of them')
  t.match(told[0], /^400 .*"code":"BAD_REQUEST".*on the page/)
  const shown: string[] = []
  for (const change of changes) shown.push(await alive.refused('PATCH', '/settings', change))
  t.match(shown.join(' '), /ENOENT.*no "-----BEGIN" line.*do not fit together/, 'a person is told what is wrong')

  const { port } = alive.broker
  for (const body of [{ url: `mqtt://127.0.0.1:${port}` }, { url: 'mqtt://127.0.0.1:1' }, { url, ca: files.none }]) {
    t.match(await asToken('POST', '/settings/mqtt/test', body), /^403 .*"code":"FORBIDDEN"/)
  }
})
