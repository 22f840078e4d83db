import type { ComponentChildren } from 'preact'
import type { Device, Energy } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { recentUse, type Use } from '../../state/energy.ts'
import type { Total } from '../../state/list.ts'
import { useTrouble } from '../card/problems.tsx'
import { usePage } from '../hooks/context.ts'
import { Icon } from '../parts/icons.tsx'

/** What the house does as a whole, and what is wrong with it. */
export function Top({ total, energy }: { total: Total; energy: Energy | null }) {
  const { texts } = usePage()
  const used = energy && recentUse(energy, texts.local)
  const currency = energy?.currency ?? ''
  const { thermostats, heating, power, span } = total
  return (
    <section class="house-top" aria-label={texts.say('top.title')}>
      <dl>
        {thermostats > 0 && (
          <Fact name={texts.say('top.heating')} look={heating > 0 ? 'hot' : ''}>
            {texts.say('top.of', { n: heating, all: thermostats })}
          </Fact>
        )}
        {power !== null && <Fact name={texts.say('top.power')}>{powerText(power, texts)}</Fact>}
        {span && (
          <Fact name={texts.say(`top.${span.of}`)}>
            {span.max - span.min < 0.05
              ? texts.quantity(span.min, '°C', 1)
              : texts.say('top.span', { min: texts.number(span.min, 1), max: texts.number(span.max, 1) })}
          </Fact>
        )}
        {used && (
          <>
            <Fact name={texts.say('top.today')}>
              <UseText use={used.today} currency={currency} />
            </Fact>
            <Fact name={texts.say('top.month')}>
              <UseText use={used.month} currency={currency} />
            </Fact>
          </>
        )}
      </dl>
      <Trouble devices={total.troubled} />
    </section>
  )
}

function Fact({ name, look = '', children }: { name: string; look?: string; children: ComponentChildren }) {
  return (
    <div class={look}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function UseText({ use, currency }: { use: Use; currency: string }) {
  const { texts } = usePage()
  return (
    <>
      {texts.say('top.kwh', { n: texts.number(use.energy, 1) })}
      {use.cost !== null && <small> {texts.money(use.cost, currency)}</small>}
    </>
  )
}

const powerText = (watts: number, texts: Texts): string =>
  watts >= 1000 ? texts.quantity(watts / 1000, 'kW', 1) : texts.quantity(watts, 'W', 0)

/** What is wrong, in a sentence that leads there. */
function Trouble({ devices }: { devices: readonly Device[] }) {
  const { texts, list } = usePage()
  const [first] = devices
  return (
    <div role="status">
      {first && (
        <p class="notice warn">
          <Icon name="alert" />
          {devices.length === 1 ? (
            <OneTrouble device={first} />
          ) : (
            <button
              type="button"
              class="link"
              onClick={() => list.choose({ search: '', filter: 'problem', room: null })}
            >
              {texts.say('top.many', { names: namesOf(devices, texts) })}
            </button>
          )}
        </p>
      )}
    </div>
  )
}

function OneTrouble({ device }: { device: Device }) {
  const trouble = useTrouble(device)
  return (
    <a href={`#/devices/${device.serial}`}>
      {device.name}: {trouble}
    </a>
  )
}

const NAMED = 3

/** The first few by name. */
function namesOf(devices: readonly Device[], texts: Texts): string {
  const names = devices.map(({ name }) => name)
  const rest = names.length - NAMED
  const shown = rest > 0 ? [...names.slice(0, NAMED), texts.say('top.more', { n: rest })] : names
  return texts.names(shown)
}
