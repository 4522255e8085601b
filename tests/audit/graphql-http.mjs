// Asks a gateway everything that the GraphQL-over-HTTP specification says a server must and should do.
//
//   GRAPHQL_URL=http://127.0.0.1:8080/graphql GRAPHQL_TOKEN=pst_… node graphql-http.mjs
//
// Fails on every audit that is not fulfilled, "should" and "may" included.
import { auditServer } from 'graphql-http';

const url = process.env.GRAPHQL_URL;
const token = process.env.GRAPHQL_TOKEN;
if (!url || !token) {
  console.error('GRAPHQL_URL and GRAPHQL_TOKEN say whom to ask, and as whom.');
  process.exit(2);
}

const asked = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } });

const results = await auditServer({ url, fetchFn: asked });
const missed = results.filter((result) => result.status !== 'ok');
for (const { status, id, name, reason } of missed) {
  console.log(`${status} ${id} ${name}: ${reason}`);
}
console.log(`${results.length - missed.length} of ${results.length} audits passed`);
process.exitCode = results.length > 0 && missed.length === 0 ? 0 : 1;
