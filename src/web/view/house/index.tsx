/** The first page: all devices of the house. */

import { useLayoutEffect, useMemo } from 'preact/hooks'
import type { Device } from '../../api/types.ts'
import { byName, MANY, matching, totalOf } from '../../state/list.ts'
import { RelayCard } from '../card/relay-card.tsx'
import { ThermostatCard } from '../card/thermostat-card.tsx'
import { FirstRunHint } from '../first-run/index.tsx'
import { usePage } from '../hooks/context.ts'
import { useGradually } from '../hooks/use-gradually.ts'
import { useMade } from '../hooks/use-made.ts'
import { PageTitle } from '../parts/page-title.tsx'
import { Only } from '../parts/rights.tsx'
import { HouseMode } from './mode.tsx'
import { ByRoom, RoomHint } from './rooms.tsx'
import { ThermostatRow } from './row.tsx'
import { Several } from './several.tsx'
import { Choice, Tools } from './tools.tsx'
import { Top } from './top.tsx'
import { Unconfirmed } from './unconfirmed.tsx'
import { type HouseDay, useDay } from './use-day.ts'

/** More than fit on a screen; whoever comes back to the middle of the list finds all of it. */
const AT_ONCE = { rows: 16, cards: 8 } as const

export function HousePage() {
  const { texts, house, list } = usePage()
  const day = useDay()
  const all = house.devices.value
  const models = house.models.value
  const troubles = house.troubles.value
  const isThermostat = ({ model }: Device) => (models.get(model)?.kind ?? 'thermostat') === 'thermostat'
  const devices = useMemo(() => byName(all.values()), [all])
  const total = useMemo(() => totalOf(devices, isThermostat, troubles), [devices, models, troubles])
  const shown = matching(devices, list.chosen.value, troubles)
  const found = shown.filter(isThermostat)
  const relays = shown.filter((device) => !isThermostat(device))
  const rows = (list.form.value ?? (total.thermostats >= MANY.rows ? 'rows' : 'cards')) === 'rows'
  const thermostats = useGradually(found, list.scrolled > 0 ? found.length : rows ? AT_ONCE.rows : AT_ONCE.cards)
  useScroll(devices.length > 0)
  return (
    <>
      <PageTitle>{texts.say('house.title')}</PageTitle>
      {devices.length === 0 && <p>{texts.say(house.live.value === 'live' ? 'house.empty' : 'app.connecting')}</p>}
      <Only scope="admin">{house.live.value === 'live' && <FirstRunHint />}</Only>
      {house.live.value === 'live' && <Unconfirmed />}
      {devices.length > 0 && <Top total={total} energy={day.energy} />}
      {total.thermostats > 0 && <HouseMode />}
      <Only scope="admin">{total.thermostats > 0 && <RoomHint />}</Only>
      {devices.length >= MANY.search && <Tools devices={devices} rows={rows} />}
      <Choice devices={devices} shown={shown.length} />
      <Only scope="control">
        <Several shown={found} devices={devices.filter(isThermostat)} />
      </Only>
      {devices.length > 0 && shown.length === 0 && <p>{texts.say('list.none')}</p>}
      {thermostats.length > 0 && (
        <section aria-label={texts.say('house.thermostats')}>
          <ByRoom devices={thermostats}>{(some) => <Thermostats devices={some} day={day} rows={rows} />}</ByRoom>
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

interface ThermostatsProps {
  readonly devices: readonly Device[]
  readonly day: HouseDay
  readonly rows: boolean
}

/** As cards, or in rows; several are chosen in rows. */
function Thermostats({ devices, day: { lines }, rows }: ThermostatsProps) {
  const { list } = usePage()
  const selecting = list.selected.value !== null
  const cardOf = useMade(
    (device: Device) => <ThermostatCard key={device.serial} device={device} line={lines.get(device.serial)} />,
    [lines],
  )
  const rowOf = useMade((device: Device) => <ThermostatRow key={device.serial} device={device} />, [])
  if (!rows && !selecting) return <div class="cards">{devices.map(cardOf)}</div>
  return <ul class="device-rows">{devices.map(rowOf)}</ul>
}

/** Whoever comes back finds the page where it was left. */
function useScroll(ready: boolean): void {
  const { list } = usePage()
  useLayoutEffect(() => {
    if (ready && list.scrolled > 0) scrollTo(0, list.scrolled)
  }, [ready, list])
  useLayoutEffect(() => {
    const note = () => {
      if (location.hash.replace(/^#\/?/, '') === '') list.scrolled = scrollY
    }
    addEventListener('scroll', note, { passive: true })
    return () => removeEventListener('scroll', note)
  }, [list])
}
