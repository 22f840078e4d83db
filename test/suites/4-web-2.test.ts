import { runFolder } from './folder.ts'

await runFolder('web', { part: 2, of: 4 })
