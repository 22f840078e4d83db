import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { streamPair } from '../../../src/mqtt/broker/stream-pair.ts'
import { BASE, makeBridge, TestClient, until } from '../support.ts'

function everything(stream: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('end', () => resolve(Buffer.concat(chunks).toString()))
    stream.once('error', reject)
  })
}

t.test('what one end writes the other reads, in order, whatever the sizes', async (t) => {
  const texts = fc.array(fc.string({ minLength: 1, maxLength: 50_000, unit: fc.constantFrom('a', 'b') }), {
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(texts, texts, async (there, back) => {
      const [one, other] = streamPair()
      const arrived = Promise.all([everything(other), everything(one)])
      for (const text of there) one.write(text)
      for (const text of back) other.write(text)
      one.end()
      other.end()
      t.same(await arrived, [there.join(''), back.join('')])
    }),
    { numRuns: 30 },
  )
})

t.test('nothing more arrives while one end reads', async (t) => {
  const [one, other] = streamPair()
  for (let index = 0; index < 200; index++) one.write(Buffer.alloc(1_000, index))
  one.end()
  let read = 0
  other.on('readable', () => {
    read += other.read()?.length ?? 0
    t.equal(other.read(), null)
  })
  await new Promise((resolve) => other.once('end', resolve))
  t.equal(read, 200_000)
})

t.test('an end that is destroyed takes the other with it', async (t) => {
  for (const index of [0, 1] as const) {
    const pair = streamPair()
    const gone = pair.map((end) => new Promise((resolve) => end.once('close', resolve)))
    pair[index].destroy()
    await Promise.all(gone)
    t.ok(pair.every(({ destroyed }) => destroyed))
    await new Promise((resolve) => pair[0].write('late', resolve))
  }
})

t.test('a burst through the embedded broker arrives once and in full', async (t) => {
  const { mqtt } = makeBridge()
  await mqtt.start()
  t.teardown(() => mqtt.stop())
  const client = await TestClient.open(`mqtt://127.0.0.1:${mqtt.brokerPort}`)
  t.teardown(() => client.end())
  await client.subscribe(`${BASE}/kept/+`)
  await client.subscribe(`${BASE}/last`)
  await until('the bridge is connected', () => mqtt.connected)
  for (let round = 0; round < 20; round++) {
    mqtt.retain(`${BASE}/kept/${round}`, 'x'.repeat(60_000))
    // Nobody listens to these, so that the broker is done with each before it has read the next.
    for (let index = 0; index < 20; index++) mqtt.publish(`${BASE}/unheard`, `${round} ${index} ${'y'.repeat(130)}`)
  }
  mqtt.retain(`${BASE}/last`, 'done')
  await client.next(`${BASE}/last`)
  await until('all of it', () => client.messages.length === 21)
  t.ok(mqtt.connected)
})
