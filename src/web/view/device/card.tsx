/** The frame of every card in the house: the name, which opens the device, what the card shows, and what is wrong. */
import type { ComponentChildren } from 'preact'
import type { Device } from '../../api/types.ts'
import { usePage } from '../parts/context.ts'
import { Failed, Problems } from './problems.tsx'

export function Card({ device, children }: { device: Device; children: ComponentChildren }) {
  const { texts } = usePage()
  const { serial, name, online } = device
  const title = `card-${serial}`
  return (
    <article class={`card ${online ? '' : 'offline'}`} aria-labelledby={title}>
      <h2 id={title}>
        <a href={`#/devices/${serial}`} aria-label={texts.say('card.open', { name })}>
          {name}
        </a>
      </h2>
      {children}
      <Problems device={device} />
      <Failed device={device} />
    </article>
  )
}
