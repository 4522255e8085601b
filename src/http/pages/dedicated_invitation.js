// Accepts the invitation behind the `#` of the link: the secret that an administrator sent, or the record that a letter
// names. It is kept for this tab over a sign-in, and its idempotency key with it, so that pressing twice accepts once.
// Nobody accepts before the text that is agreed to stands on the page.
const element = (id) => document.getElementById(id);
const found = location.hash.slice(1) || sessionStorage.getItem('dedicated-invitation');
let version = 0;
history.replaceState(null, '', '/dedicated-invitation');

if (found) {
  if (sessionStorage.getItem('dedicated-invitation') !== found) {
    sessionStorage.setItem('dedicated-invitation', found);
    sessionStorage.setItem('dedicated-invitation-key', crypto.randomUUID());
  }
  attempt(show);
} else {
  element('missing').hidden = false;
}

element('accept').addEventListener('click', async () => {
  element('accept').disabled = true;
  await attempt(accept);
  element('accept').disabled = false;
});

async function attempt(step) {
  try {
    await step();
  } catch {
    fail('暂时无法连接，请重试。 The portal cannot be reached; please try again.');
  }
}

async function ask(query, variables) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-portico-csrf': '1' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  if (response.status === 401) {
    location.assign(`${answer.errors[0].extensions.loginUrl}?return_to=/dedicated-invitation`);
    return null;
  }
  return answer;
}

async function show() {
  const answer = await ask('{ dedicatedPersonConsent { version sentence } }', {});
  if (!answer) return;
  if (answer.errors) {
    fail(answer.errors.map((problem) => problem.message).join(' '));
    return;
  }
  version = answer.data.dedicatedPersonConsent.version;
  element('consent').textContent = answer.data.dedicatedPersonConsent.sentence;
  element('consent').hidden = false;
  element('accept').hidden = false;
}

async function accept() {
  const invitation = found.startsWith('ded_') ? { dedicatedPersonId: found } : { token: found };
  const idempotencyKey = sessionStorage.getItem('dedicated-invitation-key');
  const answer = await ask(
    'mutation($input: DedicatedPersonInvitationAcceptInput!) { dedicatedPersonInvitationAccept(input: $input) { errors { message } } }',
    { input: { invitation, consentVersion: version, idempotencyKey } },
  );
  if (!answer) return;
  const problems = answer.errors ?? answer.data.dedicatedPersonInvitationAccept.errors;
  if (problems.length > 0) {
    fail(problems.map((problem) => problem.message).join(' '));
    return;
  }
  sessionStorage.removeItem('dedicated-invitation');
  sessionStorage.removeItem('dedicated-invitation-key');
  for (const id of ['fault', 'consent', 'accept']) {
    element(id).hidden = true;
  }
  element('done').hidden = false;
}

function fail(message) {
  element('fault').textContent = message;
  element('fault').hidden = false;
}
