/** The frame of every card in the house: the name, which opens the device, what the card shows, and what is wrong. */
import type { ComponentChildren } from 'preact'
import type { Device } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { Findings } from './findings.tsx'
import { Failed, LastFailed, Problems, Waits } from './problems.tsx'

interface CardProps {
  readonly device: Device
  /** A class for what is to be seen from afar. */
  readonly look?: string
  /** What stands beside the name. */
  readonly corner?: ComponentChildren
  readonly children: ComponentChildren
}

export function Card({ device, look = '', corner, children }: CardProps) {
  const { texts } = usePage()
  const { serial, name, online } = device
  const title = `card-${serial}`
  return (
    <article class={`card ${look} ${online ? '' : 'offline'}`} aria-labelledby={title}>
      <div class="top">
        <h2 id={title}>
          <a href={`#/devices/${serial}`} aria-label={texts.say('card.open', { name })}>
            {name}
          </a>
        </h2>
        {corner}
      </div>
      {children}
      <Problems device={device} />
      <Findings device={device} />
      <Waits device={device} />
      <LastFailed device={device} />
      <Failed device={device} />
    </article>
  )
}
