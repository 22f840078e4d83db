import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { placeIn } from '../state/place.ts'
import { DevicePage } from './device/index.tsx'
import { FirstRun } from './first-run/index.tsx'
import { usePage } from './hooks/context.ts'
import { HousePage } from './house/index.tsx'
import { LogPage } from './log/index.tsx'
import { HealthNotice } from './parts/health-notice.tsx'
import { PageTitle, WindowTitle } from './parts/page-title.tsx'
import { Sure } from './parts/sure.tsx'
import { Accounts } from './settings/accounts.tsx'
import { SettingsPage } from './settings/settings.tsx'
import { System } from './system/index.tsx'
import { FirstPassword } from './users/first-password.tsx'
import { SignIn } from './users/sign-in.tsx'

/** The place within the page, after the `#` of the address, so that the server need not know it. */
function useRoute(): readonly string[] {
  const read = () => placeIn(location.hash)
  const [route, setRoute] = useState(read)
  // An effect after drawing would miss who is quicker than a slow phone draws.
  useLayoutEffect(() => {
    const changed = () => {
      setRoute(read())
      scrollTo(0, 0)
      document.getElementById('content')?.focus({ preventScroll: true })
    }
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return route
}

export function App() {
  const { client, signedIn, enter, texts } = usePage()
  useEffect(() => {
    client
      .resume()
      .then((resumed) => (resumed ? enter() : undefined))
      .catch(() => undefined)
      .finally(() => {
        signedIn.value ??= false
      })
  }, [client, enter, signedIn])
  if (signedIn.value === null) return <p class="center">{texts.say('common.loading')}</p>
  return (
    <>
      <WindowTitle />
      <HealthNotice />
      {signedIn.value === 'password' ? <FirstPassword /> : signedIn.value ? <Inside /> : <SignIn />}
    </>
  )
}

function Inside() {
  const { texts, house } = usePage()
  const [part = '', id = '', ...steps] = useRoute()
  // The element that had it is gone with the sign-in.
  useEffect(() => document.getElementById('content')?.focus({ preventScroll: true }), [])
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('content')?.focus()}>
        {texts.say('app.skip')}
      </button>
      <Header part={part} />
      <div role="status">{house.live.value === 'lost' && <p class="notice warn wide">{texts.say('app.lost')}</p>}</div>
      <main id="content" tabIndex={-1}>
        <Part part={part} id={id} steps={steps} />
      </main>
      {texts.elsewhere && (
        <footer class="small wide">{texts.say('app.clock', { zone: texts.zone.value ?? '' })}</footer>
      )}
    </>
  )
}

const FOR_ADMINISTRATORS: readonly string[] = ['accounts', 'settings', 'setup', 'log']

function Part({ part, id, steps }: { part: string; id: string; steps: readonly string[] }) {
  const { texts, may } = usePage()
  if (FOR_ADMINISTRATORS.includes(part) && !may('admin')) return <PageTitle>{texts.say('refused.part')}</PageTitle>
  if (part === 'devices') return <DevicePage key={id} serial={id} steps={steps} />
  if (part === 'accounts') return <Accounts />
  if (part === 'system') return <System />
  if (part === 'settings') return <SettingsPage />
  if (part === 'log') return <LogPage />
  if (part === 'setup') return <FirstRun step={id} />
  return <HousePage />
}

const PARTS = [
  ['', 'app.house'],
  ['accounts', 'app.accounts'],
  ['system', 'app.system'],
] as const

function Header({ part }: { part: string }) {
  const { texts, drafts, may, leave } = usePage()
  const [asking, setAsking] = useState(false)
  const signOut = () => void leave()
  const current = part === 'devices' ? '' : part === 'settings' || part === 'log' ? 'system' : part
  return (
    <header>
      <strong class="brand">thermo2mqtt</strong>
      <nav aria-label={texts.say('app.navigation')}>
        {PARTS.filter(([name]) => may('admin') || !FOR_ADMINISTRATORS.includes(name)).map(([name, text]) => (
          <a key={name} href={`#/${name}`} aria-current={name === current ? 'page' : undefined}>
            {texts.say(text)}
          </a>
        ))}
      </nav>
      <Who />
      <button type="button" class="quiet" onClick={() => (drafts.unsaved ? setAsking(true) : signOut())}>
        {texts.say('app.signOut')}
      </button>
      {asking && (
        <Sure
          label={texts.say('app.signOut')}
          yes={texts.say('app.signOut')}
          act={signOut}
          cancel={() => setAsking(false)}
        >
          {texts.say('app.signOutSure')}
        </Sure>
      )}
    </header>
  )
}

/** Who is signed in, and as what. */
function Who() {
  const { texts, me } = usePage()
  if (!me.value) return null
  const { name, role } = me.value
  return (
    <span class="who small">
      <b>{name.replace(/^homeassistant:/, '')}</b>
      {role && <span>{texts.say(`role.${role}`)}</span>}
    </span>
  )
}
