/**
 * Backup and restore: the only way for keys to leave the bridge, encrypted, and only for a person who enters the
 * password again.
 */
import { Readable } from 'node:stream'
import type { App } from '../../app.ts'
import { fromOf, userOf } from '../../auth/caller.ts'
import type { Access } from '../../auth/index.ts'
import { HttpError } from '../../errors.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import type { Backups } from '../../views/housekeeping.ts'

const tags = ['system']
const person = { scope: 'admin', session: true } as const
/** Each derives a key from a passphrase, which takes 128 MiB for a moment; 256 MiB for a file of the `age` tool. */
const rateLimit = { max: 10, timeWindow: 60_000 }
const FILE = 'application/octet-stream'

export async function backupRoutes(app: App, access: Access, backups: Backups, schemas: ApiSchemas): Promise<void> {
  backupRoute(app, access, backups, schemas)
  // Only these routes accept bodies that are not JSON; they are written to disk as they arrive.
  await app.register(async (files: App) => uploadRoute(files, backups, schemas))
  restoreRoute(app, access, backups, schemas)
}

function backupRoute(
  app: App,
  { signIn, users }: Access,
  backups: Backups,
  { housekeeping: schemas }: ApiSchemas,
): void {
  app.post(
    '/api/v1/backup',
    {
      schema: {
        operationId: 'makeBackup',
        summary: 'Everything that the bridge remembers, including keys and secrets, as one encrypted file',
        tags,
        body: schemas.backup,
        response: {
          200: {
            description: 'The file.',
            content: { [FILE]: { schema: { type: 'string', format: 'binary' } } },
          },
        },
      },
      config: { ...person, errors: ['BAD_REQUEST'], rateLimit },
    },
    async (request, reply) => {
      const { passphrase, password } = request.body
      await signIn.confirm(userOf(request, users).user, password, fromOf(request), 'password')
      const { name, size, content, discard } = await backups.make(passphrase)
      if (reply.raw.destroyed) {
        discard()
        throw new HttpError(400, 'The client closed the connection before the backup was complete.')
      }
      reply.raw.once('close', discard)
      reply.headers({
        'content-type': FILE,
        'content-length': String(size),
        'content-disposition': `attachment; filename="${name}"`,
      })
      // No schema describes the file, so the answer has the type of JSON.
      const file: unknown = Readable.from(content, { objectMode: false })
      return reply.send(file as never)
    },
  )
}

function uploadRoute(app: App, backups: Backups, { housekeeping: schemas }: ApiSchemas): void {
  app.addContentTypeParser(FILE, (_request, payload, done) => done(null, payload))
  app.post(
    '/api/v1/restore',
    {
      schema: {
        operationId: 'uploadBackup',
        summary: 'The first step: upload the file. Nothing changes yet; the upload is kept for 15 minutes',
        tags,
        consumes: [FILE],
        response: { 201: schemas.uploaded },
      },
      config: { ...person, errors: ['BAD_REQUEST'], rateLimit, upload: true },
    },
    async ({ body, headers }, reply) => {
      if (!(body instanceof Readable)) {
        throw new HttpError(body === undefined ? 400 : 415, `Send the file itself, as Content-Type: ${FILE}.`)
      }
      if (Number(headers['content-length'] ?? 0) > backups.largest) {
        throw new HttpError(
          413,
          `The file is too large to be a backup (${backups.largest} bytes). Nothing was changed.`,
        )
      }
      // A refused client must be able to read the reason: the rest of the body is skipped, and the connection stays
      // open.
      const content = body.iterator({ destroyOnReturn: false })
      const { id, size, created, version } = await backups.receive(content)
      return reply.code(201).send({ id, size, created, version })
    },
  )
}

function restoreRoute(
  app: App,
  { signIn, users }: Access,
  backups: Backups,
  { housekeeping: schemas }: ApiSchemas,
): void {
  app.post(
    '/api/v1/restore/:id',
    {
      schema: {
        operationId: 'restoreBackup',
        summary: 'The second step: check the whole file and replace the current data with it',
        tags,
        params: schemas.uploadParams,
        body: schemas.restore,
        response: { 200: schemas.restored },
      },
      config: { ...person, errors: ['BAD_REQUEST'], rateLimit },
    },
    async (request) => {
      const { passphrase, password } = request.body
      const { user } = userOf(request, users)
      await signIn.confirm(user, password, fromOf(request), 'password')
      const by = { who: user.name, address: request.ip }
      const { users: names, ...restored } = await backups.restore(request.params.id, passphrase, by)
      request.note = { target: restored.created }
      return { ...restored, users: [...names] }
    },
  )
}
