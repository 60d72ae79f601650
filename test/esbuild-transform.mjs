// Jest transformer: TypeScript to ES modules by esbuild, types stripped and not checked (`npm run types` checks them).
import { createHash } from 'node:crypto'
import { transformSync, version } from 'esbuild'

export default {
  process(source, path) {
    return transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcefile: path,
      sourcemap: 'inline',
    })
  },
  getCacheKey: (source) => createHash('sha256').update(version).update(source).digest('hex'),
}
