/** One finding of the guardian, everywhere where people look: REST, MQTT, Home Assistant, events, and a message. */
import t from 'tap'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { service } from '../../messages/rig.ts'
import { accountsOf, devicesOf, eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'

const EVIDENCE = 'Does not warm: the load has been on for 60 min, but the temperature fell by 1.2 °C.'
const FINDING = {
  kind: 'not_warming',
  ...{ since: '2026-01-15T12:00:00.000Z', message: EVIDENCE },
  evidence: { minutes: 60, drop: 1.2 },
} as const

t.test('what the guardian finds is told with its evidence, and that it is over', async (t) => {
  const hook = await service(t, { status: 200 })
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const bridge = await startBridge(t, {
    settings: {
      ...{ cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
      // What it finds is given here, and nothing else is.
      guardian: { enabled: false },
      messages: { about: ['not_warming'], webhook: { hook_url: `${hook.url}/hook` } },
    },
  })
  const { serial } = unit(house)
  await bridge.online(serial)
  const { name } = await bridge.device(serial)
  const heard = (what: string, end: string, fits: (json: Record<string, unknown>) => boolean) =>
    eventually(what, () =>
      bridge.mqtt.messages.some(({ topic, text }) => {
        const json = topic.endsWith(end) ? parseJson(text) : undefined
        return isObject(json) && fits({ ...json })
      }),
    )
  bridge.app.registry.watched(serial, [FINDING])
  t.match((await bridge.device(serial)).state, { unusual: true, findings: [FINDING], problem: false })
  await heard('the state has it', `/${serial}/state`, ({ unusual, findings }) => {
    return unusual === true && JSON.stringify(findings) === JSON.stringify([FINDING])
  })
  const began = ({ type, message }: Record<string, unknown>) =>
    type === 'finding_began' && message === `${name}: ${EVIDENCE}`
  await heard('it is an event', 'bridge/event', began)
  await heard('of the device too', `${serial}/event`, began)
  await heard('Home Assistant has an entity for it', '/config', (json) =>
    JSON.stringify(json).includes(`${serial}_unusual`),
  )
  const [message] = await eventually('somebody is told', () => hook.received.length === 1 && hook.received)
  t.match(parseJson(message?.body ?? ''), {
    ...{ event: 'finding_began', device: serial, text: `${name}: ${EVIDENCE}`, resolved: false },
  })

  bridge.app.registry.watched(serial, [])
  t.match((await bridge.device(serial)).state, { unusual: false, findings: [] })
  await heard('that it is over is an event', 'bridge/event', ({ type }) => type === 'finding_ended')
  const over = await eventually('somebody is told that too', () => hook.received[1])
  t.match(parseJson(over.body), { event: 'finding_ended', text: `${name}: “does not warm” is over.`, resolved: true })
})
