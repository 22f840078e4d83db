/** What a broker says to the bridge when it is tried. */
import { useEffect, useState } from 'preact/hooks'
import type { BrokerTest } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'

export function Tested({ tested: { ok, brokers } }: { tested: BrokerTest }) {
  const { texts } = usePage()
  if (ok) return <p class="notice good">{texts.say('setup.testOk')}</p>
  return (
    <div class="notice bad">
      {brokers.map(({ url, problem, message }) => (
        <div key={url}>
          {texts.lookUp('broker', problem ?? 'other')}
          <p class="small">
            {url}: {message}
          </p>
        </div>
      ))}
    </div>
  )
}

/** Why the broker in force is not connected: it is tried with the settings in force. */
export function FailedBroker() {
  const { client } = usePage()
  const [tested, setTested] = useState<BrokerTest | null>(null)
  useEffect(() => {
    client.send<BrokerTest>('POST', '/api/v1/settings/mqtt/test', {}).then(setTested, () => undefined)
  }, [client])
  return tested && <Tested tested={tested} />
}
