/** A real nginx before the bridge: below a path, with TLS, as people run it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import type { Teardown } from './simulator.ts'
import { unusedPort } from './unused-port.ts'

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
const missing = ['nginx', 'openssl'].find((program) => spawnSync(program, ['version'], { env }).error !== undefined)

/** For `skip` of a test: says what is left out and why, or false. */
export const withoutNginx = (): string | false =>
  missing !== undefined &&
  `nothing is tried behind nginx: ${missing} is not installed (apt-get install nginx-light openssl)`

/** Starts it on a free port with these locations, as `nginx.conf` has them; resolves with its address. Gone when the test ends. */
export async function startNginx(t: Teardown, locations: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'thermo2mqtt-nginx-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem']
  const cert = ['-x509', '-subj', '/CN=localhost', '-days', '2', '-out', 'cert.pem']
  execFileSync('openssl', ['req', ...key, ...cert], { cwd: folder, stdio: 'ignore' })
  const port = await unusedPort()
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, locations))
  const child = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  await eventually('nginx takes connections', async () => {
    if (child.exitCode !== null) throw new Error(`nginx does not start: ${complaints}`)
    return accepts(port)
  })
  return `https://127.0.0.1:${port}`
}

function configuration(folder: string, port: number, locations: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${folder}/${name};`)
    .join('\n')
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
${temporary}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate cert.pem;
    ssl_certificate_key key.pem;
${locations}
  }
}
`
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
