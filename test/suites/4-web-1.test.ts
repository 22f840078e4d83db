import { runFolder } from './folder.ts'

await runFolder('web', { part: 1, of: 4 })
