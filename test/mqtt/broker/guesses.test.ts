/** Who guesses at the password of the embedded broker, and who speaks something else. */
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { TestClient, until } from '../support.ts'
import { connect5, dial, startBroker } from './rig.ts'

const SETTINGS = { username: 'home', password: 'a right one' }

/** CONNECT of 3.1.1 with name and password; the return code of the answer. */
async function tries(port: number, password: string, from: string): Promise<number | undefined> {
  const text = (value: string) => [0, value.length, ...Buffer.from(value)]
  const body = [...text('MQTT'), 4, 0xc2, 0, 60, ...text('x'), ...text('home'), ...text(password)]
  const socket = connectTcp({ port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => undefined)
  socket.write(Buffer.from([0x10, body.length, ...body]))
  const [answer]: Buffer[] = await once(socket, 'data')
  socket.destroy()
  return answer?.[3]
}

t.test('1543 wrong passwords from one address', async (t) => {
  const clock = new FakeClock()
  const { broker, drops, logger } = await startBroker(t, SETTINGS, {}, clock)
  const guesser = '127.0.0.66'
  for (let i = 0; i < 1543; i++) await tries(broker.port, `wrong-${i}`, guesser)
  t.equal(drops.of('wrong_password'), 10, 'so many were looked at')
  t.equal(drops.of('too_many_guesses'), 1533)
  t.equal(await tries(broker.port, SETTINGS.password, guesser), 3, 'not even the right one gets in meanwhile')
  const warnings = logger.having('guessing')
  t.match(warnings, [{ level: 'warn', fields: { address: guesser } }])
  t.equal(warnings.length, 1)
  t.notMatch(JSON.stringify(logger.lines), /wrong-/)

  const homeAssistant = await TestClient.open(broker.url, SETTINGS)
  await homeAssistant.end()

  await clock.advance(1_000)
  t.equal(await tries(broker.port, 'wrong again', guesser), 4)
  await clock.advance(1_000)
  t.equal(await tries(broker.port, SETTINGS.password, guesser), 3, 'the pause has doubled')
  await clock.advance(1_000)
  t.equal(await tries(broker.port, SETTINGS.password, guesser), 0)
  for (let i = 0; i < 9; i++) t.equal(await tries(broker.port, 'wrong', guesser), 4, 'forgotten by that')
})

t.test('what is not spoken is told with what to do, once each', async (t) => {
  const { broker, drops, logger } = await startBroker(t)
  const hello = Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0])
  const cases: readonly [bytes: Buffer, answer: number[], log: RegExp][] = [
    [hello, [], /TLS.*mqtt:\/\/.*mqtt\.url/],
    [Buffer.from('GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n'), [], /WebSocket.*mqtt:\/\/.*mqtt\.url/],
    [connect5('new', 6), [0x20, 3, 0, 0x84, 0], /set the client to MQTT 5 or 3\.1\.1/],
  ]
  for (const [bytes, answer] of [...cases, ...cases]) {
    const { socket, got } = await dial(t, broker.port)
    socket.write(bytes)
    await until('closed', () => socket.closed)
    t.same([...Buffer.concat(got)], answer)
  }
  const { refused } = broker.counts()
  t.same([refused.get('unspoken_tls'), refused.get('unspoken_http'), refused.get('unspoken_version')], [2, 2, 2])
  t.equal(drops.total, 6)
  const warnings = logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)
  t.equal(warnings.length, 3)
  for (const [index, [, , log]] of cases.entries()) t.match(warnings[index], log)
  t.equal(broker.counts().clients, 0)
})

t.test('3.1, 3.1.1 and 5 are spoken', async (t) => {
  const { broker, drops } = await startBroker(t)
  for (const options of [
    { protocolId: 'MQIsdp', protocolVersion: 3 },
    { protocolVersion: 4 },
    { protocolVersion: 5 },
  ] as const) {
    const client = await TestClient.open(broker.url, options)
    await client.subscribe('a')
    await client.publish('a', '1')
    t.equal(await client.next('a'), '1')
    await client.end()
  }
  t.equal(drops.total, 0)
})
