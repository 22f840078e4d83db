import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { EXAMPLE_SERIAL } from '../../support/fake-bridge.ts'
import { ask, running } from '../support.ts'

const STATE = `/api/v1/devices/${EXAMPLE_SERIAL}/state`

t.test('a secret that is sent where it does not belong is not repeated', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  const secret = 'AAD4EXAJX4E8A8XT'
  api.secrets.remember(secret)
  api.devices.onSet = () => {
    const details = { key: secret, totp_key: 'not remembered' }
    throw new BridgeError('UNKNOWN_KEY', `Terneo AX has no "${secret}".`, { details })
  }
  const unknown = await ask(api.port, STATE, { method: 'PATCH', body: `{"${secret}":1}` })
  t.same(unknown.json, {
    error: {
      code: 'UNKNOWN_KEY',
      message: 'Terneo AX has no "********".',
      details: { key: '********', totp_key: '********' },
    },
  })
  const nested = await ask(api.port, STATE, { method: 'PATCH', body: `{"${secret}":{}}` })
  t.match(nested, { status: 400, json: { error: { details: { key: '********' } } } })
  for (const path of [
    `/api/v1/devices/${secret}`,
    `/api/v1/${secret}`,
    `/api/v1/devices/${EXAMPLE_SERIAL}/${secret}`,
  ]) {
    t.notMatch((await ask(api.port, path)).text, secret, path)
  }
  const login = await ask(api.port, '/api/v1/login', { method: 'POST', body: `{"${secret}":1}` })
  t.equal(login.status, 400)
  t.notMatch(login.text, secret, 'not by the errors of fields either')
})
