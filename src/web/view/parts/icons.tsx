/** Small drawings that go with words; screen readers pass them over. */
const PATHS = {
  flame: 'M12 2c1 4 5 6 5 11a5 5 0 0 1-10 0c0-2 1-3 2-4 0 2 1 3 2 3 2-2 0-6 1-10z',
  snow: 'M12 3v18M4 7.5l16 9M20 7.5l-16 9M9.5 4.5 12 7l2.5-2.5M9.5 19.5 12 17l2.5 2.5',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  clock: 'M12 3a9 9 0 1 0 .01 0zM12 7.5V12l3 2',
  away: 'M4 11.5 12 4l8 7.5M6 10v10h12V10M10 20v-6h4v6',
  boost: 'M13 3 5 14h6l-1 7 8-11h-6z',
  alert: 'M12 4 2.5 20h19zM12 10v5M12 17.5v.5',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
