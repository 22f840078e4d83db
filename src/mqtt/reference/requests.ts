/** What the bridge as a whole can be asked, for the reference of the topics. */

const SERIAL = '404CCAAAD4E8A89860609800000149'

interface Request {
  readonly payload: string
  readonly data: string
  readonly text: string
}

/** What `bridge/request/<action>` can ask for, by action. */
export const REQUESTS: Readonly<Record<string, Request>> = {
  sync: {
    payload: '{"account":"terneo"}',
    data: '{"accounts":[…]}',
    text: 'Fetches the devices and keys of an account now; without `account`, those of all.',
  },
  discover: { payload: '', data: '{"devices":5}', text: 'Searches for devices, and asks those that are offline.' },
  account_code: {
    payload: '{"id":"terneo","code":"123456"}',
    data: '{"account":{…}}',
    text: 'Gives an account the code that it waits for.',
  },
  forget: {
    payload: `{"serial":"${SERIAL}"}`,
    data: `{"serial":"${SERIAL}"}`,
    text: 'Forgets a device and its keys, and clears its topics. If an account lists the device, it comes back at the next sync. If it broadcasts, the bridge finds it again, without its key.',
  },
  schedules: {
    payload: `{"after":"${SERIAL}"}`,
    data: `{"version":1,"schedules":{"${SERIAL}":{"name":"Bathroom","model":"az","floor":{…}}},"next":null}`,
    text: 'Gives the weekly schedules of a few devices, as `thermo2mqtt schedules export` writes them. For the others, ask again with `next` as `after`, until `next` is `null`.',
  },
  set_schedule: {
    payload: `{"serial":"${SERIAL}","schedule":{"floor":{…}},"dry_run":true}`,
    data: `{"serial":"${SERIAL}","name":"Bathroom","ok":true,"written":[…],"unchanged":[…],"rounded":{},"error":null}`,
    text: 'Writes a schedule, like `<id>/schedule/set`. With `dry_run` it only says what it would write.',
  },
  rename: {
    payload: `{"serial":"${SERIAL}","name":"Bathroom"}`,
    data: `{"serial":"${SERIAL}","name":"Bathroom"}`,
    text: 'Gives a device a name, in Home Assistant and on the page too. `null` removes the name. A name in the settings takes precedence.',
  },
  house: {
    payload: '{"mode":"away","until":"2026-12-20T18:00+02:00"}',
    data: `{"mode":"away","until":"2026-12-20T16:00:00.000Z","room":null,"devices":[{"serial":"${SERIAL}","name":"Bathroom","mode":"away","until":…,"outcome":"done","error":null}]}`,
    text: 'Gives [the house](#the-house) a mode: `normal`, `away`, `frost_protection` or `off`. `room` names one room, or `devices` some serials.',
  },
  room: {
    payload: `{"serial":"${SERIAL}","room":"Bathroom"}`,
    data: `{"serial":"${SERIAL}","room":"Bathroom"}`,
    text: 'Puts a device into a room; `null` takes it out. `{"room":"Bathroom","name":"Bath"}` renames a room, and `null` as the name removes it. The answer to that has all rooms.',
  },
  restart: {
    payload: '',
    data: '{}',
    text: 'Restarts the bridge after the answer, in the same process, and reads its settings again.',
  },
}
