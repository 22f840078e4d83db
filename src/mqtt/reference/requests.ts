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
    text: 'Fetches the device list and keys now. Without `account`, of all accounts.',
  },
  discover: { payload: '', data: '{"devices":5}', text: 'Looks for devices and asks those that are offline.' },
  account_code: {
    payload: '{"id":"terneo","code":"123456"}',
    data: '{"account":{…}}',
    text: 'Gives the second factor that an account waits for.',
  },
  forget: {
    payload: `{"serial":"${SERIAL}"}`,
    data: `{"serial":"${SERIAL}"}`,
    text: 'Forgets a device and its keys, and clears its topics. While an account lists it, it comes back at the next sync; while it broadcasts, it is found again, without its key.',
  },
  schedules: {
    payload: `{"after":"${SERIAL}"}`,
    data: `{"version":1,"schedules":{"${SERIAL}":{"name":"Bathroom","model":"az","floor":{…}}},"next":null}`,
    text: 'The weekly schedules of a few devices, as `thermo2mqtt schedules export` writes them; for the others ask again with `next` as `after`, until that is `null`.',
  },
  set_schedule: {
    payload: `{"serial":"${SERIAL}","schedule":{"floor":{…}},"dry_run":true}`,
    data: `{"serial":"${SERIAL}","name":"Bathroom","ok":true,"written":[…],"unchanged":[…],"rounded":{},"error":null}`,
    text: 'As `<id>/schedule/set`; with `dry_run` it says what would be written, and nothing is.',
  },
  rename: {
    payload: `{"serial":"${SERIAL}","name":"Bathroom"}`,
    data: `{"serial":"${SERIAL}","name":"Bathroom"}`,
    text: 'Names a device, in Home Assistant and on the page as well; `null` gives back the name that it has by itself. A name of the settings stays.',
  },
  restart: {
    payload: '',
    data: '{}',
    text: 'Stops the bridge after the answer and starts it anew, with its settings read again, in the same process: whatever way it was started.',
  },
}
