/** Builds the page's parts and shows them. Nothing else constructs parts. */
import { effect, signal } from '@preact/signals'
import { render } from 'preact'
import { Client } from './api/client.ts'
import type { Keep } from './api/kept.ts'
import { Live } from './api/live.ts'
import { type Channel, Tabs } from './api/tabs.ts'
import type { BridgeInfoJson, Me } from './api/types.ts'
import { isLanguage, preferred, Texts } from './i18n/index.ts'
import { House } from './state/house.ts'
import { ListState } from './state/list.ts'
import { Look, type Theme } from './state/look.ts'
import { Drafts } from './state/schedule/drafts.ts'
import './styles/base.css'
import './styles/cards.css'
import './styles/list.css'
import './styles/rooms.css'
import './styles/device.css'
import './styles/setup.css'
import './styles/history.css'
import './styles/log.css'
import { App } from './view/app.tsx'
import { type Page, PageContext } from './view/hooks/context.ts'

const timer = (ms: number, run: () => void) => {
  const id = setTimeout(run, ms)
  return () => clearTimeout(id)
}

/** A channel between the tabs with this page: other bridges can share the origin, each under its own path. */
function channel(path: string): Channel {
  const broadcast = new BroadcastChannel(`thermo2mqtt ${path}`)
  return {
    post: (message) => broadcast.postMessage(message),
    listen: (listener) => broadcast.addEventListener('message', ({ data }) => listener(data)),
  }
}

/** For this page only, as the channel. */
function keep(storage: Storage, path: string): Keep {
  const named = (key: string) => (path === '/' ? key : `${path} ${key}`)
  return {
    getItem: (key) => storage.getItem(named(key)),
    setItem: (key, value) => storage.setItem(named(key), value),
    removeItem: (key) => storage.removeItem(named(key)),
  }
}

async function build(): Promise<Page> {
  const saved = localStorage.getItem('thermo2mqtt.language')
  const texts = await Texts.in(isLanguage(saved) ? saved : preferred(navigator.languages), navigator.languages)
  const look = new Look(localStorage, document.documentElement)
  const signedIn = signal<Page['signedIn']['value']>(null)
  const me = signal<Me | null>(null)
  const info = signal<BridgeInfoJson | null>(null)
  const ended = signal<string | null>(null)
  const { pathname } = location
  const client = new Client({
    // Relative to the page, which can be under any path.
    fetch: (path, init) => fetch(`.${path}`, init),
    keeps: { tab: keep(sessionStorage, pathname), device: keep(localStorage, pathname) },
    tabs: new Tabs({ channel: channel(pathname), random: Math.random, timer }),
    now: Date.now,
    // If the bridge can't be reached just now, the sign-in page is still there.
    onJoined: () => void enter().catch(() => undefined),
    onSignedOut: (reason) => {
      live.stop()
      house.clear()
      list.clear()
      me.value = null
      info.value = null
      ended.value = reason
      signedIn.value = false
    },
  })
  const house = new House({ client, timer })
  const list = new ListState(localStorage)
  const drafts = new Drafts()
  addEventListener('beforeunload', (event) => {
    // The browser asks whether to leave.
    if (drafts.unsaved) event.preventDefault()
  })
  const live = new Live({
    open: (abort) => client.open('GET', '/api/v1/events', undefined, abort),
    onEvent: (event) => house.take(event),
    onState: (state) => {
      house.setLive(state)
      // The bridge ends the stream of a user who has got another role.
      if (state === 'live') void lookAtMe().catch(() => undefined)
    },
    timer,
  })
  const lookAtMe = async () => {
    const found = await client.get<Me>('/api/v1/me')
    drafts.belongTo(found)
    me.value = found
    return found
  }
  const enter = async () => {
    const { user } = await lookAtMe()
    if (user?.password_made) {
      signedIn.value = 'password'
      return
    }
    const [told] = await Promise.all([client.get<BridgeInfoJson>('/api/v1/info'), house.loadModels()])
    info.value = told
    texts.zone.value = told.timezone
    ended.value = null
    signedIn.value = true
    live.start()
  }
  const leave = async () => {
    await client.logout().catch(() => undefined)
    drafts.forget()
  }
  const may: Page['may'] = (scope) => me.value?.scopes.includes(scope) === true
  const place = signal('')
  return { texts, look, client, house, list, place, drafts, signedIn, info, me, may, ended, enter, leave }
}

/** The bars of the browser and of the system around the page look as the page, also where that is not as the system. */
function colourBars(theme: Theme): void {
  for (const bar of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = bar.dataset.look ?? ''
    bar.media = theme === 'auto' ? `(prefers-color-scheme: ${own})` : theme === own ? 'all' : 'not all'
  }
}

async function show(root: HTMLElement): Promise<void> {
  const page = await build()
  page.look.theme.subscribe(colourBars)
  effect(() => {
    document.documentElement.lang = page.texts.language
  })
  render(
    <PageContext.Provider value={page}>
      <App />
    </PageContext.Provider>,
    root,
  )
}

const root = document.getElementById('page')
if (root)
  show(root).catch((error: unknown) => {
    // The texts of all languages are in files of their own, and this is said when one could not be loaded.
    root.textContent = 'The page did not load completely. Please reload it.'
    throw error
  })
