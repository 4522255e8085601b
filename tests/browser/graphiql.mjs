// GraphiQL as a person meets it: sign-in, the prepared query over four domains, both themes, sign-out,
// and the way back when a session is over. Fails on any breach of the page's policy, on any console error
// and on any request to another origin.
//
//   PORTICO_URL=http://127.0.0.1:8080 PORTICO_USER=… PORTICO_PASSWORD=… npm test
//
// CHROMIUM names the browser (default /usr/bin/chromium), SCREENSHOTS a folder for pictures (default: none).

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const { PORTICO_URL, PORTICO_USER, PORTICO_PASSWORD, SCREENSHOTS } = process.env;
assert(PORTICO_URL && PORTICO_USER && PORTICO_PASSWORD, 'PORTICO_URL, PORTICO_USER and PORTICO_PASSWORD are needed');
const { origin } = new URL(PORTICO_URL);
const DOMAINS = ['viewer', 'opportunities', 'resellers', 'incentives'];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
try {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, colorScheme: 'light' });
  const page = await context.newPage();
  await page.addInitScript(editorAccess);
  const faults = watch(page);

  await step('a visitor is sent to sign in and comes back', () => signIn(page));
  await step('the prepared query fits the schema', () => preparedQueryFits(page));
  await step('the prepared query answers for every domain', () => runQuery(page));
  await step('it can be read in light and in dark', () => picture(page));
  await step('the query can be formatted', () => format(page));
  assert.deepEqual(faults, [], 'faults while signed in');

  await step('an ended session leads back to sign-in', () => sessionEnds(page, context));
  await step('signing out stays signed out', () => signOut(page));
  // Chromium reports the 401 of the ended session as a console error; that one is meant.
  assert.deepEqual(faults.filter((fault) => !fault.includes('status of 401')), [], 'faults at the end');
} finally {
  await browser.close();
}

async function step(title, run) {
  await run();
  console.log(`ok - ${title}`);
}

/** What the steps ask of the editor, as functions of the page (its policy allows no text as a program). */
function editorAccess() {
  globalThis.welcomeModel = () => globalThis.__MONACO?.editor.getModels().find((model) => model.getValue().includes('query Welcome'));
  globalThis.markedErrors = () =>
    globalThis.__MONACO.editor
      .getModelMarkers({})
      .filter((marker) => marker.severity === globalThis.__MONACO.MarkerSeverity.Error)
      .map((marker) => marker.message);
}

/** Collects what must not happen on any page of the visit. */
function watch(page) {
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== origin) faults.push(`another origin: ${request.url()}`);
  });
  return faults;
}

async function signIn(page) {
  await page.goto(`${PORTICO_URL}/graphiql`);
  await submitSignIn(page);
  await page.waitForSelector('.graphiql-execute-button');
}

async function submitSignIn(page) {
  await page.waitForSelector('input[type=password]');
  await page.fill('input[name=username]', PORTICO_USER);
  await page.fill('input[type=password]', PORTICO_PASSWORD);
  await Promise.all([
    page.waitForURL((url) => url.pathname === '/graphiql'),
    page.press('input[type=password]', 'Enter'),
  ]);
}

/**
 * The editor marks what the schema does not have. That is a worker's doing, some time after the schema has come:
 * a wrong field, put in and taken out again, shows that it was done.
 */
async function preparedQueryFits(page) {
  await page.waitForFunction(() => globalThis.welcomeModel());
  const prepared = await page.evaluate(() => welcomeModel().getValue());
  await page.evaluate((text) => welcomeModel().setValue(text), prepared.replace('viewer {', 'viewer { nosuchfield'));
  await page.waitForFunction(() => markedErrors().some((message) => message.includes('nosuchfield')));
  await page.evaluate((text) => welcomeModel().setValue(text), prepared);
  await page.waitForFunction(() => !markedErrors().some((message) => message.includes('nosuchfield')));
  assert.deepEqual(await page.evaluate(() => markedErrors()), []);
}

async function runQuery(page) {
  const [response] = await Promise.all([
    page.waitForResponse((each) => each.url() === `${origin}/graphql`),
    page.click('.graphiql-execute-button'),
  ]);
  const answer = await response.json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  for (const domain of DOMAINS) {
    assert(answer.data[domain], `${domain} is missing`);
    assert(domain === 'viewer' || answer.data[domain].nodes.length > 0, `${domain} is empty`);
  }
  await page.waitForSelector('.result-window .view-line:has-text("viewer")');
}

async function picture(page) {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    if (SCREENSHOTS) {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `graphiql-${colorScheme}.png`) });
    }
  }
}

/** Formatting loads its code on demand. */
async function format(page) {
  await page.evaluate(() => welcomeModel().setValue('query Welcome{viewer{__typename}}'));
  await page.click('[aria-label^="Prettify"]');
  await page.waitForFunction(() => welcomeModel().getValue().includes('{\n  viewer'));
}

async function sessionEnds(page, context) {
  await context.clearCookies();
  await page.click('.graphiql-execute-button');
  await submitSignIn(page);
  await page.waitForSelector('.graphiql-execute-button');
}

async function signOut(page) {
  await page.click('text=Sign out');
  await page.waitForSelector('text=You are signed out');
  const kept = await page.evaluate(() => Object.keys(localStorage).filter((key) => /^graphiql:(tab|quer|variab)/.test(key)));
  assert.deepEqual(kept, [], 'queries kept after sign-out');
  await page.click('text=Sign in again');
  await page.waitForSelector('input[type=password]');
}
