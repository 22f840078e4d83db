import { createServer, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { unusedPort } from '../../support/unused-port.ts'
import { call } from '../support.ts'
import { diagnose, quiet } from './rig.ts'

function listen(t: Test, server: Server): Promise<string> {
  t.teardown(() => server.close())
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(String(typeof address === 'object' ? address?.port : 0))
    }),
  )
}

t.test('ports that others have', async (t) => {
  const { env } = await quiet(t)
  const port = await listen(
    t,
    createServer((socket) => void socket.end('who?\r\n')),
  )
  const { code, text } = await diagnose(call({ env: { ...env, T2M_API_PORT: port, T2M_MQTT_EMBEDDED_PORT: port } }))
  t.equal(code, 1)
  t.match(text, /\[fail\] embedded: another program uses 127\.0\.0\.1:\d+\n {9}-> give the embedded broker another/)
  t.match(text, /\[fail\] another program uses 127\.0\.0\.1:\d+\n {9}-> give the bridge another api\.port/)
  const elsewhere = { T2M_API_HOST: '192.0.2.1', T2M_MQTT_EMBEDDED_HOST: '192.0.2.1', T2M_DISCOVERY_HOST: '192.0.2.1' }
  const secure = { T2M_MQTT_EMBEDDED_USERNAME: 'me', T2M_MQTT_EMBEDDED_PASSWORD: 'hunter2-pw' }
  const wrong = await diagnose(call({ env: { ...env, ...elsewhere, ...secure } }))
  t.equal(wrong.code, 1)
  t.match(
    wrong.text,
    /the bridge can't listen on 192\.0\.2\.1:\d+ \(EADDRNOTAVAIL\)\n {9}-> correct mqtt\.embedded\.host/,
  )
  t.match(wrong.text, /the bridge can't listen on 192\.0\.2\.1:\d+ \(EADDRNOTAVAIL\)\n {9}-> correct api\.host/)
  t.match(wrong.text, /\[fail\] Can't listen for beacons on UDP 192\.0\.2\.1/)
})

t.test('brokers', async (t) => {
  const { Aedes } = await import('aedes')
  const broker = new Aedes({
    authenticate: (_client, name, password, done) => done(null, name === 'me' && String(password) === 'hunter2-pw'),
    authorizeSubscribe: (client, subscription, done) =>
      done(
        null,
        client?.id.startsWith('thermo2mqtt-visit') && subscription.topic.startsWith('secret/') ? null : subscription,
      ),
  })
  await broker.listen()
  const published: string[] = []
  broker.on('publish', ({ topic, retain }, client) => {
    if (client) published.push(`${topic} ${retain}`)
  })
  t.teardown(() => new Promise<void>((resolve) => broker.close(() => resolve())))
  const port = await listen(
    t,
    createServer((socket) => void broker.handle(socket)),
  )
  const { env } = await quiet(t)
  const url = `mqtt://127.0.0.1:${port}`
  const visit = async (more: Readonly<Record<string, string>>) => {
    const login = { T2M_MQTT_USERNAME: 'me', T2M_MQTT_PASSWORD: 'hunter2-pw' }
    const { code, text } = await diagnose(call({ env: { ...env, ...login, T2M_MQTT_URL: url, ...more } }))
    t.notMatch(text, /hunter2/)
    return { code, text: /MQTT broker\n(.*)REST and page/s.exec(text)?.[1] ?? '' }
  }
  t.match(await visit({}), {
    code: 0,
    text: /^ {2}\[ok\] {3}mqtt:\/\/127\.0\.0\.1:\d+: connected with MQTT (5|3\.1\.1); no bridge has been there yet\n$/,
  })
  t.strictSame(
    published.map((line) => line.replace(/[0-9a-f]{8}/, '<random>')),
    [
      'thermo2mqtt/bridge/check/<random> false',
      'thermo2mqtt/check/set false',
      'homeassistant/device/thermo2mqtt_bridge_check_<random>/config false',
      'thermo2mqtt/bridge/check/size false',
    ],
    'nothing retained',
  )
  const retain = (topic: string, text: string) =>
    new Promise<void>((resolve) => {
      const packet = { cmd: 'publish', topic, payload: Buffer.from(text), qos: 0, dup: false, retain: true } as const
      broker.publish(packet, () => resolve())
    })
  await retain('two/bridge/state', 'online')
  await retain(
    'two/bridge/info',
    '{"problems":[{"code":"another_bridge","message":"Another bridge runs. Stop one."},7]}',
  )
  t.match(await visit({ T2M_MQTT_BASE_TOPIC: 'two' }), {
    code: 1,
    text: /^ {2}\[ok\].*the bridge there is online\n {2}\[fail\] Another bridge runs\. Stop one\.\n$/,
  })
  await retain('two/bridge/state', 'offline')
  t.match(await visit({ T2M_MQTT_BASE_TOPIC: 'two' }), { code: 0 }, 'what it said is over')
  t.match(await visit({ T2M_MQTT_PASSWORD: 'hunter2-no' }), {
    code: 1,
    text: /\[fail\].*\n {9}-> it rejects the user name or password; check mqtt\.username/,
  })
  t.match(await visit({ T2M_MQTT_BASE_TOPIC: 'secret' }), {
    code: 0,
    text: /\[warn\] it refuses subscriptions to secret\/bridge\/state.*\n.*access list/,
  })
  const native = { T2M_NATIVE_MQTT_ENABLED: 'true', T2M_NATIVE_MQTT_COMMANDS: 'mqtt' }
  t.match(await visit({ ...native, T2M_NATIVE_MQTT_TOPICS: 'home/{serial}' }), {
    code: 0,
    text: /\[ok\].*\n {2}\[ok\] {3}what devices publish themselves can be received on home\/\+\/get\/\+; commands use them too\n$/,
  })
  t.match(await visit({ ...native, T2M_NATIVE_MQTT_TOPICS: 'secret/{serial}' }), {
    code: 0,
    text: /\[ok\].*\n {2}\[warn\] it refuses subscriptions to secret\/\+\/get\/\+, secret\/\+\/\+, where devices.*\n.*native_mqtt\.topics/,
  })
  const gone = `mqtt://127.0.0.1:${await unusedPort()}`
  t.match(await visit({ T2M_MQTT_URL: gone }), { code: 1, text: /\[fail\].*ECONNREFUSED.*\n {9}-> check mqtt\.url/ })
  t.match(
    await visit({ T2M_MQTT_URL: `${gone},${url}` }),
    { code: 0, text: /\[warn\].*ECONNREFUSED.*\n.*\n {2}\[ok\]/ },
    'one of several is enough',
  )
  t.match(await visit({ T2M_MQTT_CA: '/dev/zero', T2M_MQTT_URL: 'mqtts://127.0.0.1' }), {
    code: 1,
    text: /\[fail\] mqtt\.ca: \/dev\/zero is not a PEM file/,
  })
  const embedded = {
    T2M_MQTT_URL: '',
    T2M_MQTT_EMBEDDED_PORT: port,
    T2M_MQTT_EMBEDDED_USERNAME: 'me',
    T2M_MQTT_EMBEDDED_PASSWORD: 'hunter2-pw',
  }
  t.match(await visit(embedded), { code: 1, text: /it is a broker: use it with mqtt\.url=mqtt:\/\/127/ })
})
