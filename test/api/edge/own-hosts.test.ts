/** By which names the bridge is asked: a page of another name must not reach it through a visitor's browser. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { isOwnHost } from '../../../src/api/edge/own-hosts.ts'
import { selfSigned } from '../../support/certificate.ts'
import { ask, BASIC, codeOf, running } from '../support.ts'

const under = (host: string, more: Record<string, string> = {}) => ({ headers: { host, ...more } })

t.test('names that are the bridge’s, and names that are not', async (t) => {
  const options = { hosts: ['heat.example', '*.home.example'], machine: 'Bridge.office.example' }
  const own = ['127.0.0.1', '192.168.1.5:8580', '[::1]:8580', '[fe80::1]', 'localhost', 'LOCALHOST:8580', 'localhost.']
  const names = ['thermo2mqtt:8580', 'local_bridge', 'nas.local', 'nas.lan', 'nas.home.arpa', 'x.svc.cluster.local']
  const set = ['heat.example', 'Heat.Example:443', 'a.home.example', 'a.b.home.example', 'bridge.office.example']
  t.same(
    [...own, ...names, ...set].filter((host) => !isOwnHost(host, options)),
    [],
  )
  const foreign = ['evil.example', 'evil.example:8580', 'localhost.evil.example', 'heat.example.evil.example']
  const alike = [
    'xheat.example',
    'home.example',
    '127.0.0.1.evil.example',
    'local.evil',
    '',
    ':80',
    '[::1',
    'a b.c',
    'evil.example/',
  ]
  t.same(
    [...foreign, ...alike].filter((host) => isOwnHost(host, options)),
    [],
  )
  t.ok(isOwnHost('evil.example', { hosts: ['*'] }), 'where something before the bridge sees to it')
})

t.test('the names of its certificate are its own', async (t) => {
  const { cert } = selfSigned('heat.example')
  t.ok(isOwnHost('heat.example:8580', { hosts: [], cert }))
  t.notOk(isOwnHost('evil.example', { hosts: [], cert }))
})

t.test('a foreign name is refused, whatever it asks for, and told what to set', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  for (const path of ['/', '/readyz', '/metrics', '/docs', '/api/v1/devices', '/nothing']) {
    const answer = await ask(api.port, path, under('evil.example:8580'))
    t.match([answer.status, codeOf(answer)], [421, 'BAD_REQUEST'], path)
    t.match(answer.text, /not known as evil\.example.*api\.hosts \(T2M_API_HOSTS=evil\.example\)/)
  }
  const body = '{"username":"admin","password":"guess"}'
  const login = await ask(api.port, '/api/v1/login', { method: 'POST', body, ...under('evil.example') })
  t.equal(login.status, 421, 'nor can it guess')
  t.equal((await ask(api.port, '/healthz', under('bridge.example'))).status, 200, 'who watches it may call it anything')
  t.equal((await ask(api.port, '/metrics', { ...under('thermo2mqtt:8580'), authorization: BASIC })).status, 200)
  t.equal(api.lines.filter(({ host }) => host === 'evil.example').length, 1, 'said once')
  const old = connect(api.port, '127.0.0.1')
  old.write('GET /readyz HTTP/1.0\r\n\r\n')
  t.match(String((await once(old, 'data'))[0]), /^HTTP\/1\.[01] 200/, 'a program that names none is no browser')
  old.destroy()
  const odd = await ask(api.port, '/', under('<b>.example'))
  t.match([odd.status, odd.text], [421, /not known as that name/])
  const hardened = { 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }
  t.match(odd.headers, { ...hardened, 'content-security-policy': /default-src 'none'/ }, 'hardened like any answer')
})

t.test('what a believed proxy was asked for counts as well', async (t) => {
  const api = await running({ trustProxy: ['127.0.0.1'], hosts: ['heat.example'] })
  t.teardown(() => api.close())
  const status = async (host: string, forwarded?: string) =>
    (await ask(api.port, '/api/v1/devices', under(host, forwarded ? { 'x-forwarded-host': forwarded } : {}))).status
  t.equal(await status('127.0.0.1:8580', 'heat.example'), 200)
  t.equal(await status('heat.example'), 200)
  t.equal(await status('127.0.0.1:8580', 'evil.example'), 421)
  t.equal(await status('evil.example', 'heat.example'), 421, 'a page can write this header, not the other one')
})
