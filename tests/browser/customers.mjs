// m07: a partner invites two customers; each reads the QR code off a picture of it, as a phone does, and comes into the
// partner's list. Exercises R-CUS-1, 2, 3, 7 and 11. Fails on any breach of the page's policy, on any console error and
// on any request to another origin.
//
//   PORTICO_URL=http://127.0.0.1:8080 PORTICO_DEMO_USERS=…/demo-users.json node customers.mjs
//
// CHROMIUM names the browser (default /usr/bin/chromium), SCREENSHOTS a folder for pictures (default: none).

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { chromium } from 'playwright-core';
import { PNG } from 'pngjs';

const { PORTICO_URL, PORTICO_DEMO_USERS, SCREENSHOTS } = process.env;
assert(PORTICO_URL && PORTICO_DEMO_USERS, 'PORTICO_URL and PORTICO_DEMO_USERS are needed');
const { origin } = new URL(PORTICO_URL);
const people = JSON.parse(readFileSync(PORTICO_DEMO_USERS));
const SENTENCE =
  'I have read and agree to the User Agreement and the Privacy Statement, and I agree that the personal account service ' +
  'releases these six attributes of my account to this portal and to the inviting partner: account name, mobile number, ' +
  'e-mail address, country or region of registration, account identifier and account status.';
const ATTRIBUTES = ['ACCOUNT_NAME', 'MOBILE', 'EMAIL', 'COUNTRY', 'ACCOUNT_ID', 'ACCOUNT_STATUS'];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const partner = await visit('admin@partner', { locale: 'en-GB' });
  await partner.page.goto(`${PORTICO_URL}/saml/login?return_to=/invitation`);
  await partner.signIn();

  let invited;
  await step('the partner gets a QR code whose picture holds the link', async () => {
    invited = await invite(partner, 'REFERRAL');
  });
  const buyer = await visit('buyer@customer', { locale: 'en-GB', viewport: { width: 390, height: 780 } });
  await step('the link shows who invites, and leaves no secret in the address', () => opensLink(buyer, invited));
  await step('R-CUS-11: both accounts of one name, the cloud account chosen, with the reason', () => choosesCloud(buyer));
  await step('R-CUS-1: one press associates it', () => associates(buyer, partner));
  await step('R-CUS-7: the used link says so, and what helps', () => linkIsUsed(invited));

  const person = await visit('person@customer', { locale: 'en-GB', viewport: { width: 390, height: 780 } });
  await step('R-CUS-2: a personal account sees the exact sentence and is refused without the tick', async () => {
    await opensLink(person, await invite(partner, 'RESALE'));
    await needsTick(person, partner);
  });
  await step('R-CUS-3: the consent is kept with versions, six attributes, time and person', () => keepsConsent(person, partner));
  for (const { faults, user } of [partner, buyer, person]) assert.deepEqual(faults, [], `faults of ${user}`);
} finally {
  await browser.close();
}

async function step(title, run) {
  await run();
  console.log(`ok - ${title}`);
}

/** Somebody with a browser of their own. */
async function visit(user, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== origin) faults.push(`another origin: ${request.url()}`);
  });
  const { password } = people.find((known) => known.user === user);
  const signIn = async () => {
    await page.waitForSelector('input[type=password]');
    await page.fill('input[name=username]', user);
    await page.fill('input[type=password]', password);
    await page.press('input[type=password]', 'Enter');
    await page.waitForURL((url) => url.origin === origin && !/^\/(dev|saml)\//.test(url.pathname));
  };
  return { user, context, page, faults, signIn };
}

/** Asks the graph as a page of our own origin does. */
async function ask({ page }, query, variables) {
  const answer = await page.evaluate(
    async ([query, variables]) => {
      const headers = { 'content-type': 'application/json', 'x-portico-csrf': '1', 'accept-language': 'en' };
      const response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
      return response.json();
    },
    [query, variables],
  );
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
}

/** The link that a camera would read off the QR code; it must be the one that the graph told. */
async function invite(partner, associationType) {
  const mutation = `mutation($input: CustomerInviteInput!) { customerInvite(input: $input) { joinUrl qrCodeSvg errors { message } } }`;
  const input = { associationType, label: 'm07', idempotencyKey: crypto.randomUUID() };
  const { customerInvite } = await ask(partner, mutation, { input });
  assert.deepEqual(customerInvite.errors, []);
  const paper = await browser.newPage({ viewport: { width: 500, height: 500 } });
  await paper.setContent(`<body style="margin:40px;background:#fff">${customerInvite.qrCodeSvg.replace(/<\?xml.*?\?>/, '')}</body>`);
  const png = await paper.screenshot();
  await paper.close();
  const { data, width, height } = PNG.sync.read(png);
  const code = jsQR(new Uint8ClampedArray(data), width, height);
  assert(code, 'the picture holds no QR code');
  assert.equal(code.data, customerInvite.joinUrl);
  return code.data;
}

async function opensLink({ page, signIn }, link) {
  await page.goto(link);
  await page.waitForSelector('h2#notice');
  assert.equal(new URL(page.url()).hash, '', 'the secret stays in the address');
  assert(!(await page.content()).includes(link.split('#')[1]), 'the secret is in the page');
  assert.match(await page.innerText('h1'), /澜岫/);
  assert.match(await page.innerText('h2#notice'), /^Customer association with a partner\s+version 1$/);
  await picture(page, 'join-signed-out');
  await page.click('text=Sign in and go on');
  await signIn();
  assert.equal(new URL(page.url()).pathname, '/join');
  await page.waitForSelector('form.join');
}

async function choosesCloud({ page }) {
  const choices = await page.$$eval('.choice', (all) =>
    all.map((one) => ({
      name: one.querySelector('strong').innerText,
      kind: one.querySelector('.kind').innerText,
      chosen: one.querySelector('input').checked,
    })),
  );
  assert.deepEqual(choices, [
    { name: 'haichuan-trade', kind: 'Cloud account', chosen: true },
    { name: 'haichuan-trade', kind: 'Personal account', chosen: false },
  ]);
  assert.match(await page.innerText('.because'), /both named “haichuan-trade”\. The cloud account is chosen, because/);
  assert(!(await page.isVisible('.consent')), 'a cloud account needs no consent');
  await picture(page, 'join-two-accounts');
  // By keyboard: the other account shows the consent, and back.
  await page.focus('input[name=account]:checked');
  await page.keyboard.press('ArrowDown');
  assert(await page.isVisible('.consent'));
  await page.keyboard.press('ArrowUp');
  assert(!(await page.isVisible('.consent')));
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, 'the page is wider than a phone');
}

async function associates({ page }, partner) {
  await Promise.all([page.waitForURL('**/join/accept**'), page.click('form.join button')]);
  assert.equal(await page.innerText('h1'), 'You are associated with the partner');
  await picture(page, 'join-done');
  const mine = await customers({ page });
  assert.equal(mine.length, 1);
  assert.match(mine[0].partner.name, /澜岫/);
  const seen = (await customers(partner)).find(({ account }) => account.accountId === 'demo-cloud-haichuan');
  assert.equal(seen.account.kind, 'CLOUD');
  assert.equal(seen.consent, null);
}

async function linkIsUsed(link) {
  const late = await visit('newcomer@iam', { locale: 'en-GB' });
  await late.page.goto(link);
  await late.page.waitForSelector('[data-reason=CUSTOMER_LINK_USED]');
  assert.match(await late.page.innerText('.fault'), /ask the partner for a new invitation/);
  await late.context.close();
}

async function needsTick({ page }, partner) {
  assert.equal(await page.locator('.choice').count(), 1);
  assert(await page.isVisible('.consent'));
  assert.equal(await page.innerText('label[for=agree]'), SENTENCE);
  assert.equal(await page.isChecked('#agree'), false, 'nobody ticks for the person');
  await picture(page, 'join-consent');
  await Promise.all([page.waitForURL('**/join/accept**'), page.click('form.join button')]);
  assert.match(await page.innerText('[data-reason=CONSENT_REQUIRED]'), /^Tick the consent/);
  await picture(page, 'join-refused');
  const seen = await customers(partner);
  assert(!seen.some(({ account }) => account.accountId === 'demo-personal-noor'), 'associated without consent');
}

async function keepsConsent({ page }, partner) {
  const before = Date.now();
  await page.check('#agree');
  await page.click('form.join button');
  await page.waitForSelector('text=You are associated with the partner');
  const seen = (await customers(partner)).find(({ account }) => account.accountId === 'demo-personal-noor');
  const { givenAt, givenBy, ...consent } = seen.consent;
  assert.deepEqual(consent, {
    userAgreementVersion: 1,
    privacyStatementVersion: 1,
    releaseVersion: 1,
    attributes: ATTRIBUTES,
    language: 'en',
  });
  assert(Math.abs(Date.parse(givenAt) - before) < 60_000, givenAt);
  assert.match(givenBy, /^fid_/);
  assert.equal(seen.account.mobile, '138****8002');
}

async function customers(viewer) {
  const query = `{ customers(first: 100) { nodes { account { accountId kind mobile } partner { name }
    consent { userAgreementVersion privacyStatementVersion releaseVersion attributes language givenAt givenBy } } } }`;
  return (await ask(viewer, query, {})).customers.nodes;
}

async function picture(page, name) {
  if (!SCREENSHOTS) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`), fullPage: true });
  }
}
