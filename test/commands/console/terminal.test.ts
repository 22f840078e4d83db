import { PassThrough } from 'node:stream'
import t from 'tap'
import { ProcessTerminal } from '../../../src/commands/console/terminal.ts'

function open(isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY })
  const output = new PassThrough()
  const errors = new PassThrough()
  const read = (stream: PassThrough) => String(stream.read() ?? '')
  return {
    input,
    terminal: new ProcessTerminal({ input, output, errors }),
    out: () => read(output),
    err: () => read(errors),
  }
}

t.test('results and remarks go their own ways', async (t) => {
  const { terminal, out, err } = open(false)
  terminal.out('a result')
  terminal.err('a remark')
  t.equal(out(), 'a result\n')
  t.equal(err(), 'a remark\n')
})

t.test('lines of a pipe are answers, also when they come early', async (t) => {
  const { input, terminal, out, err } = open(false)
  input.write('first\nsecond\n')
  t.equal(await terminal.ask('One? '), 'first')
  t.equal(await terminal.ask('Two? ', true), 'second')
  const third = terminal.ask('Three? ')
  input.end('third')
  t.equal(await third, 'third')
  t.equal(await terminal.ask('Four? '), undefined)
  t.equal(out(), '')
  t.equal(err(), 'One? \nTwo? \nThree? \nFour? \n')
})

t.test('the end of a pipe answers who waits', async (t) => {
  const { input, terminal } = open(false)
  const answer = terminal.ask('Anybody? ')
  input.end()
  t.equal(await answer, undefined)
})

t.test('at a terminal', async (t) => {
  const { input, terminal, err } = open(true)
  const name = terminal.ask('Name? ')
  await new Promise(setImmediate)
  input.write('me\r')
  t.equal(await name, 'me')
  t.match(err(), /^Name\? .*me/s)

  const password = terminal.ask('Password? ', true)
  await new Promise(setImmediate)
  input.write('hunter2\r')
  t.equal(await password, 'hunter2')
  const shown = err()
  t.match(shown, /Password\? /)
  t.notMatch(shown, /hunter2|h/)

  const interrupted = terminal.ask('Code? ', true)
  await new Promise(setImmediate)
  input.write('12\u0003')
  t.equal(await interrupted, undefined)
})
