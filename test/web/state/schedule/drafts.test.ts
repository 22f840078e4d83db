/** Whose drafts are kept, and for how long. */
import t from 'tap'
import { NO_DRAFT } from '../../../../src/web/state/schedule/draft.ts'
import { Drafts } from '../../../../src/web/state/schedule/drafts.ts'

const DRAFT = { changes: { monday: { periods: [], over: [{ time: '06:00', temperature: 20 }] } }, before: [] }
const ANNA: Parameters<Drafts['belongTo']>[0] = { name: 'anna', scopes: ['read', 'control'] }

t.test('drafts are there for the same user again, and for nobody else', async (t) => {
  const drafts = new Drafts()
  drafts.belongTo(ANNA)
  t.equal(drafts.of('A1 floor'), NO_DRAFT)
  drafts.put('A1 floor', DRAFT)
  t.equal(drafts.unsaved, true)
  drafts.belongTo(ANNA)
  t.equal(drafts.of('A1 floor'), DRAFT)
  t.equal(drafts.of('A1 air'), NO_DRAFT)
  drafts.belongTo({ ...ANNA, name: 'homeassistant:anna' })
  t.equal(drafts.of('A1 floor'), NO_DRAFT, 'another user')
  drafts.belongTo(ANNA)
  t.equal(drafts.unsaved, false, 'gone for good')
})

t.test('nothing is kept after a sign-out on purpose, and nothing is lost with nothing changed', async (t) => {
  const drafts = new Drafts()
  drafts.belongTo(ANNA)
  drafts.put('A1 floor', DRAFT)
  drafts.put('A1 floor', { changes: {}, before: [DRAFT.changes] })
  t.equal(drafts.unsaved, false, 'undone')
  drafts.put('A1 floor', DRAFT)
  drafts.forget()
  drafts.belongTo(ANNA)
  t.equal(drafts.of('A1 floor'), NO_DRAFT)
})

t.test('nothing is kept of somebody who may only look by now', async (t) => {
  const drafts = new Drafts()
  drafts.belongTo(ANNA)
  drafts.put('A1 floor', DRAFT)
  drafts.belongTo({ ...ANNA, scopes: ['read'] })
  t.equal(drafts.unsaved, false, 'it could not be saved')
  drafts.belongTo(ANNA)
  t.equal(drafts.of('A1 floor'), NO_DRAFT)
})
