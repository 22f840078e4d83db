/** The bridge asks a feed of releases, over a real socket. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Updates } from '../../src/updates/index.ts'
import { logBook } from '../store/support.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { unusedPort } from '../support/unused-port.ts'

const HOUR = 3_600_000

const release = (version: string, rest: object = {}) =>
  JSON.stringify({ tag_name: `v${version}`, draft: false, prerelease: false, body: '', ...rest })

type Answer = (response: ServerResponse) => void

const says =
  (text: string, status = 200): Answer =>
  (response) =>
    response.writeHead(status).end(text)

/** A feed whose answer can change. */
async function startFeed(t: Test, answer: Answer) {
  const feed = { answer, requests: [] as IncomingMessage[], url: new URL('http://127.0.0.1') }
  const server = createServer((request, response) => {
    feed.requests.push(request)
    feed.answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  feed.url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/repos/t/t/releases/latest`)
  return feed
}

interface Given {
  readonly values?: Map<string, string>
  readonly clock?: FakeClock
  readonly version?: string
}

function bridge(t: Test, feed: URL, { values = new Map(), clock = new FakeClock(), version = '0.1.0' }: Given = {}) {
  const log = logBook()
  const told: unknown[] = []
  const updates = new Updates({
    feed,
    version,
    clock,
    random: () => 0.5,
    logger: log.logger,
    values: { get: (name) => values.get(name), set: (name, value) => values.set(name, value) },
    changed: () => told.push(updates.view()),
  })
  updates.start()
  t.teardown(() => updates.stop())
  /** Lets time pass, and then everything that a question leads to. */
  const pass = async (hours: number, until: () => boolean) => {
    await clock.advance(hours * HOUR)
    while (!until()) await clock.advance(0)
  }
  return { updates, values, clock, log, told, pass }
}

t.test('it asks once a day, and tells what is newer', async (t) => {
  const feed = await startFeed(t, says(release('0.2.0', { body: 'Boost is on the dashboard.' })))
  const { updates, told, log, pass, clock } = bridge(t, feed.url)
  t.equal(updates.view(), null)
  await clock.advance(HOUR / 4)
  t.equal(feed.requests.length, 0, 'not right after the start')
  await pass(1, () => told.length === 1)
  t.strictSame(updates.view(), {
    available: true,
    latest_version: '0.2.0',
    release_url: 'https://github.com/thermo2mqtt/thermo2mqtt/releases/tag/v0.2.0',
    release_summary: 'Boost is on the dashboard.',
  })
  t.same(
    log.lines.filter(({ level }) => level !== 'debug' && level !== 'trace').map(({ msg }) => msg),
    ['thermo2mqtt 0.2.0 is available: https://github.com/thermo2mqtt/thermo2mqtt/releases/tag/v0.2.0'],
  )
  await clock.advance(22 * HOUR)
  t.equal(feed.requests.length, 1)
  feed.answer = says(release('0.1.0'))
  await pass(2, () => told.length === 2)
  t.match(updates.view(), { available: false, latest_version: '0.1.0' }, 'a release that was taken back')
  t.equal(feed.requests.length, 2)
})

t.test('the question says nothing about the bridge', async (t) => {
  const feed = await startFeed(t, says(release('0.2.0')))
  const { told, pass } = bridge(t, feed.url)
  await pass(2, () => told.length === 1)
  const [{ headers, method, url } = {}] = feed.requests
  t.strictSame(
    { method, url, ...headers },
    {
      method: 'GET',
      url: '/repos/t/t/releases/latest',
      accept: 'application/json',
      'user-agent': 'thermo2mqtt',
      host: feed.url.host,
      connection: 'close',
    },
  )
})

t.test('a restart asks nobody anew, and knows what was found', async (t) => {
  const feed = await startFeed(t, says(release('0.2.0')))
  const first = bridge(t, feed.url)
  await first.pass(2, () => first.told.length === 1)
  first.updates.stop()
  const { values, clock } = first
  const second = bridge(t, feed.url, { values, clock })
  t.match(second.updates.view(), { available: true, latest_version: '0.2.0' })
  await clock.advance(20 * HOUR)
  t.equal(feed.requests.length, 1)
  second.updates.stop()
  t.match(
    bridge(t, feed.url, { values, clock, version: '0.2.0' }).updates.view(),
    { available: false },
    'after the update',
  )
})

t.test('what was kept may be nonsense, and the clock may have been wrong', async (t) => {
  const feed = await startFeed(t, says(release('0.2.0')))
  const future = JSON.stringify({ asked: Date.UTC(2099, 0), version: '"><script>', summary: '' })
  for (const kept of ['', 'null', '[]', '{"asked":"now"}', future]) {
    const { updates, told, pass } = bridge(t, feed.url, { values: new Map([['updates', kept]]) })
    t.equal(updates.view(), null, kept)
    await pass(2, () => told.length === 1)
    t.match(updates.view(), { latest_version: '0.2.0' })
    updates.stop()
  }
})

/** What is known after an answer, and what the log holds beside debugging; the next day it asks again all the same. */
async function after(t: Test, answer: Answer) {
  const feed = await startFeed(t, answer)
  const { updates, log, pass, values } = bridge(t, feed.url)
  await pass(2, () => values.has('updates'))
  const loud = log.lines.filter(({ level }) => level !== 'debug' && level !== 'trace')
  const kept = JSON.parse(values.get('updates') ?? '{}')
  feed.answer = says(release('0.3.0'))
  await pass(25, () => updates.view()?.latest_version === '0.3.0')
  return { loud, kept }
}

const USELESS: Readonly<Record<string, Answer>> = {
  'no release yet': says('{"message":"Not Found"}', 404),
  'too many questions': says('{"message":"API rate limit exceeded"}', 403),
  'another page': says('<html>Sign in to the hotel’s network</html>'),
  nothing: says(''),
  'a draft': says(release('9.0.0', { draft: true })),
  'not ready': says(release('9.0.0', { prerelease: true })),
  'not ready by its name': says(release('9.0.0-rc.1')),
  'no version': says(JSON.stringify({ tag_name: 'latest' })),
  'a number for a tag': says(JSON.stringify({ tag_name: 9 })),
  'a tag with more': says(JSON.stringify({ tag_name: 'v9.0.0"><script>alert(1)</script>' })),
  'escapes in a tag': says(JSON.stringify({ tag_name: 'v9.0.0\u001b[31m' })),
  'a list': says('[]'),
  'an answer that is too long': says(`${release('9.0.0').slice(0, -1)},"x":"${'x'.repeat(600_000)}"}`),
  'an answer that never ends': (response) => {
    const more = () => {
      if (!response.destroyed && response.write(' '.repeat(65_536))) setImmediate(more)
      else response.once('drain', more)
    }
    more()
  },
  'a broken connection': (response) => response.socket?.destroy(),
  'half an answer': (response) => {
    response.writeHead(200, { 'content-length': 5000 })
    response.write(release('9.0.0'), () => response.socket?.destroy())
  },
  'a redirect': (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
}

for (const [what, answer] of Object.entries(USELESS)) {
  t.test(`useless: ${what}`, async (t) => {
    const { loud, kept } = await after(t, answer)
    t.same(loud, [], 'quiet')
    t.match(kept, { version: null, summary: '' })
  })
}

t.test('offline it is quiet, and asks again the next day', async (t) => {
  const port = await unusedPort('127.0.0.1')
  const { updates, log, values, pass } = bridge(t, new URL(`http://127.0.0.1:${port}/`))
  for (let day = 0; day < 3; day++) {
    values.clear()
    await pass(25, () => values.has('updates'))
  }
  t.equal(updates.view(), null)
  t.same(log.problems(), [])
})

t.test('notes become one line of plain text', async (t) => {
  const body = [
    '## New\u001b[31m',
    '- **Boost** for `oz`, see [the page](https://evil.example/x) and https://evil.example/y',
    '<img src=x onerror=alert(1)> {{ states }} | a_b | Тепло 21 °C\u202e',
    'x'.repeat(5000),
  ].join('\n')
  const feed = await startFeed(t, says(release('0.2.0', { body })))
  const { updates, told, pass } = bridge(t, feed.url)
  await pass(2, () => told.length === 1)
  const summary = updates.view()?.release_summary ?? ''
  t.match(summary, /^New 31m - Boost for oz , see the page and states a b Тепло 21 °C x+…$/)
  t.equal(summary.length, 250)
})
