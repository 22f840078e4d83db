/** Where in the page one is, by its address. */
import t from 'tap'
import { placeIn } from '../../../src/web/state/place.ts'

t.test('any address is a place', async (t) => {
  const places = {
    '': [''],
    '#': [''],
    '#/': [''],
    '#/devices/S-1': ['devices', 'S-1'],
    '#devices/S%2F1': ['devices', 'S/1'],
    '#/%': ['%'],
    '#/devices/%E0%A4%A': ['devices', '%E0%A4%A'],
  }
  t.same(Object.fromEntries(Object.keys(places).map((hash) => [hash, placeIn(hash)])), places)
})
