/** The first page: all devices of the house. */
import type { Device } from '../../api/types.ts'
import { RelayCard } from '../card/relay-card.tsx'
import { ThermostatCard } from '../card/thermostat-card.tsx'
import { FirstRunHint } from '../first-run/index.tsx'
import { usePage } from '../parts/context.ts'
import { Unconfirmed } from './unconfirmed.tsx'
import { useLines } from './use-lines.ts'

export function HousePage() {
  const { texts, house } = usePage()
  const lines = useLines()
  const devices = [...house.devices.value.values()].sort((a, b) => a.name.localeCompare(b.name))
  const isRelay = ({ model }: Device) => (house.models.value.get(model)?.kind ?? 'thermostat') !== 'thermostat'
  const relays = devices.filter(isRelay)
  const thermostats = devices.filter((device) => !isRelay(device))
  return (
    <>
      <h1>{texts.say('house.title')}</h1>
      {devices.length === 0 && <p>{texts.say(house.live.value === 'live' ? 'house.empty' : 'app.connecting')}</p>}
      {house.live.value === 'live' && <FirstRunHint />}
      {house.live.value === 'live' && <Unconfirmed />}
      {thermostats.length > 0 && (
        <section aria-label={texts.say('house.thermostats')} class="cards">
          {thermostats.map((device) => (
            <ThermostatCard key={device.serial} device={device} line={lines.get(device.serial)} />
          ))}
        </section>
      )}
      {relays.length > 0 && (
        <section aria-label={texts.say('house.relays')}>
          <h2>{texts.say('house.relays')}</h2>
          <div class="cards">
            {relays.map((device) => (
              <RelayCard key={device.serial} device={device} />
            ))}
          </div>
        </section>
      )}
    </>
  )
}
