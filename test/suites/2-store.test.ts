import { runFolder } from './folder.ts'

await runFolder('store')
