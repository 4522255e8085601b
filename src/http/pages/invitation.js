// Accepts the invitation whose secret stands behind the `#` of the link. The secret is kept for this tab over a sign-in,
// and its idempotency key with it, so that pressing twice accepts once.
const element = (id) => document.getElementById(id);
const secret = location.hash.slice(1) || sessionStorage.getItem('invitation');
history.replaceState(null, '', '/invitation');

if (secret) {
  if (sessionStorage.getItem('invitation') !== secret) {
    sessionStorage.setItem('invitation', secret);
    sessionStorage.setItem('invitation-key', crypto.randomUUID());
  }
  element('accept').hidden = false;
} else {
  element('missing').hidden = false;
}

element('accept').addEventListener('click', async () => {
  element('accept').disabled = true;
  try {
    await accept();
  } catch {
    fail('暂时无法连接，请重试。 The portal cannot be reached; please try again.');
  }
  element('accept').disabled = false;
});

async function accept() {
  const input = { token: secret, idempotencyKey: sessionStorage.getItem('invitation-key') };
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-portico-csrf': '1' },
    body: JSON.stringify({
      query: 'mutation($input: MemberInvitationAcceptInput!) { memberInvitationAccept(input: $input) { errors { message } } }',
      variables: { input },
    }),
  });
  const answer = await response.json();
  if (response.status === 401) {
    location.assign(`${answer.errors[0].extensions.loginUrl}?return_to=/invitation`);
    return;
  }
  const problems = answer.errors ?? answer.data.memberInvitationAccept.errors;
  if (problems.length > 0) {
    fail(problems.map((problem) => problem.message).join(' '));
    return;
  }
  sessionStorage.clear();
  element('fault').hidden = true;
  element('accept').hidden = true;
  element('done').hidden = false;
}

function fail(message) {
  element('fault').textContent = message;
  element('fault').hidden = false;
}
