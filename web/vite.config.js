// Builds the GraphiQL page that the gateway embeds (src/http/graphiql.rs) and serves under /graphiql.
// Vite stays at 6 and graphql at 16: the next majors ask for a newer Node.js than Debian 12 and Ubuntu 24.04 have.
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';
import { thirdPartyNotices } from './notices.js';

const BASE = '/graphiql/';

/** Adds the licences of the bundle's parts as a file, and names it in the page. */
const notices = {
  name: 'notices',
  buildStart() {
    this.emitFile({ type: 'asset', name: 'third-party-notices.txt', source: thirdPartyNotices(import.meta.dirname) });
  },
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle }) {
      const file = Object.keys(bundle).find((fileName) => fileName.includes('third-party-notices'));
      return [{ tag: 'link', attrs: { rel: 'license', href: BASE + file }, injectTo: 'head' }];
    },
  },
};

/**
 * Keeps what is worth compressing as `.gz` only: the bundle is part of the gateway's binary, and the gateway
 * compresses nothing at run time.
 */
const compressed = {
  name: 'compressed',
  enforce: 'post',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        const source = file.code ?? file.source;
        if (source.length > 1400 && !fileName.endsWith('.html')) {
          this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(source, { level: 9 }) });
          delete bundle[fileName];
        }
      }
    },
  },
};

export default defineConfig({
  base: BASE,
  plugins: [notices, compressed],
  build: {
    target: 'es2022',
    // The polyfill serves browsers that es2022 leaves out anyway.
    modulePreload: { polyfill: false },
    // Monaco is one large piece by nature, loaded after the page has drawn itself.
    chunkSizeWarningLimit: 4000,
    reportCompressedSize: false,
    rollupOptions: {
      onwarn(warning, warn) {
        // Libraries mark modules for server components, which nothing here has.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  // The GraphQL worker loads its formatter on demand, which only a module worker can.
  worker: { format: 'es' },
  esbuild: { jsx: 'automatic' },
});
