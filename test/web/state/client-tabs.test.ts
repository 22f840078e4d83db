/** Several tabs of one browser, and what they keep, without a browser. */
import t from 'tap'
import { Client } from '../../../src/web/api/client.ts'
import { Tabs } from '../../../src/web/api/tabs.ts'
import { Memory, tick } from './page-rig.ts'

const KEY = 'thermo2mqtt.refresh'

/** A bridge with sessions, as strict with refresh tokens as the real one. */
function bridge() {
  let sessions = 0
  /** The refresh token in force of each session. */
  const inForce = new Map<string, string>()
  const ended = new Map<string, string>()
  const log: string[] = []
  let access = new Map<string, string>()
  const pair = (session: string) => {
    const refresh = `${session}.f.${Math.random()}`
    inForce.set(session, refresh)
    access.set(session, `a ${refresh}`)
    return Response.json({ token: { access: `a ${refresh}`, refresh } })
  }
  const refused = (reason: string) =>
    Response.json({ error: { code: 'UNAUTHORIZED', message: 'no', details: { reason } } }, { status: 401 })
  const end = (session: string, reason: string) => {
    inForce.delete(session)
    access.delete(session)
    ended.set(session, reason)
  }
  const fetch = async (path: string, init: RequestInit): Promise<Response> => {
    const bearer = new Headers(init.headers).get('authorization')
    if (path.endsWith('/login/ways')) return Response.json({ ingress: null })
    if (path.endsWith('/login')) return pair(`s${++sessions}`)
    if (path.endsWith('/token/refresh')) {
      const { refresh } = JSON.parse(String(init.body))
      const session = String(refresh).split('.')[0] ?? ''
      log.push(`refresh ${session}`)
      if (inForce.get(session) === refresh) return pair(session)
      if (inForce.has(session)) end(session, 'reused')
      return refused(ended.get(session) ?? 'unknown')
    }
    const session = [...access].find(([, token]) => bearer === `Bearer ${token}`)?.[0]
    if (session === undefined) return refused('none')
    if (path.endsWith('/logout')) end(session, 'signed_out')
    return Response.json({})
  }
  return {
    fetch,
    log,
    ended,
    end,
    expire: () => {
      access = new Map()
    },
  }
}

/** A browser: the storage of the device, and a channel between its tabs. */
function browser(server: ReturnType<typeof bridge>) {
  const device = new Memory()
  const all: ((message: unknown) => void)[] = []
  let now = 1_000
  const open = (tab = new Memory()) => {
    let own = (_message: unknown) => {}
    const said: (string | null)[] = []
    let joined = 0
    let asleep = false
    const client = new Client({
      keeps: { tab, device },
      fetch: server.fetch,
      now: () => ++now,
      onSignedOut: (reason) => said.push(reason),
      onJoined: () => joined++,
      tabs: new Tabs({
        random: Math.random,
        channel: {
          post: (message) => {
            for (const listener of all) if (listener !== own) queueMicrotask(() => listener(structuredClone(message)))
          },
          listen: (listener) => {
            own = (message) => asleep || listener(message)
            all.push(own)
          },
        },
        timer: (ms, run) => {
          const id = setTimeout(run, ms / 20)
          return () => clearTimeout(id)
        },
      }),
    })
    const close = () => all.splice(all.indexOf(own), 1)
    const sleep = (is: boolean) => {
      asleep = is
    }
    return { client, tab, said, close, sleep, joined: () => joined }
  }
  return { device, open }
}

t.test('a session is kept by the tab, and only by choice on the device', async (t) => {
  const { device, open } = browser(bridge())
  const one = open()
  await one.client.login('olga', 'x', false)
  t.ok(one.tab.items.has(KEY))
  t.equal(device.items.size, 0)
  await one.client.logout()
  t.equal(one.tab.items.size, 0)
  await one.client.login('olga', 'x', true)
  t.ok(device.items.has(KEY))
  t.equal(one.tab.items.size, 0)
  one.close()
  const later = open()
  t.ok(await later.client.resume(), 'after the browser was closed')
  await later.client.logout()
  t.equal(device.items.size, 0)
})

t.test('a tab that is opened joins the session of another, which is not on the device', async (t) => {
  const server = bridge()
  const { device, open } = browser(server)
  const one = open()
  t.notOk(await one.client.resume(), 'nobody is signed in')
  await one.client.login('olga', 'x', false)
  const two = open()
  t.ok(await two.client.resume())
  t.equal(two.joined(), 0, 'it has asked for it')
  await two.client.get('/x')
  t.equal(device.items.size, 0)
  for (let round = 0; round < 3; round++) {
    server.expire()
    await Promise.all([one.client.get('/x'), two.client.get('/x')])
  }
  t.same(server.log, ['refresh s1', 'refresh s1', 'refresh s1'], 'once each time')
  one.close()
  two.close()
  t.notOk(await open().client.resume(), 'it ends with the last tab')
})

t.test('signing out and in again is for all tabs', async (t) => {
  const { open } = browser(bridge())
  for (const stay of [false, true]) {
    const [one, two] = [open(), open()]
    await one.client.login('olga', 'x', stay)
    await tick()
    t.equal(two.joined(), 1)
    await two.client.get('/x')
    await two.client.logout()
    await tick()
    t.same([one.said, two.said], [['signed_out'], [null]])
    await two.client.login('olga', 'x', stay)
    await tick()
    t.equal(one.joined(), 1)
    await one.client.get('/x')
    await one.client.logout()
    one.close()
    two.close()
  }
})

t.test('a tab that slept through it goes on, or learns that it was signed out', async (t) => {
  const server = bridge()
  const { open } = browser(server)
  const [one, two] = [open(), open()]
  await one.client.login('olga', 'x', true)
  await tick()
  two.sleep(true)
  for (let round = 0; round < 3; round++) {
    server.expire()
    await one.client.get('/x')
  }
  server.expire()
  await two.client.get('/x')
  t.same([...server.ended], [], 'no token came twice')
  await one.client.logout()
  await t.rejects(two.client.get('/x'), { status: 401, code: 'UNAUTHORIZED' })
  t.same(two.said, ['signed_out'])
})

t.test('the reason that the bridge gives is passed on; a session of its own stays as it is', async (t) => {
  const server = bridge()
  const { open } = browser(server)
  const one = open()
  await one.client.login('olga', 'x', false)
  const two = open()
  two.sleep(true)
  await two.client.login('taras', 'x', true)
  await tick()
  await one.client.get('/x')
  t.equal(one.joined(), 0)
  server.end('s1', 'ended_by_administrator')
  await t.rejects(one.client.get('/x'), { status: 401, code: 'UNAUTHORIZED' })
  t.same(one.said, ['ended_by_administrator'])
  await two.client.get('/x')
  t.same(two.said, [])
})

t.test('signing out after the access token has run out ends the session at the bridge, too', async (t) => {
  const server = bridge()
  const { open } = browser(server)
  const one = open()
  await one.client.login('olga', 'x', false)
  server.expire()
  await one.client.logout()
  t.same([...server.ended], [['s1', 'signed_out']])
  t.equal(one.said.at(-1), null)
})
