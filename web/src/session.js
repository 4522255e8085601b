// How the page talks to the gateway: with the session cookie, the header that proves it is not another
// site's form, and a way back to sign-in when the session is over.

const SAME_SITE = { 'x-portico-csrf': '1' };

const SIGNING_IN = 'portico:signing-in';
/** A second 401 within this time means that signing in did not help: sending the browser there again would loop. */
const LOOP_WINDOW_MS = 10_000;

/** The fetcher GraphiQL runs operations with. */
export function createFetcher(paths) {
  return async (operation, { headers } = {}) => {
    const response = await fetch(paths.graphql, {
      method: 'POST',
      credentials: 'same-origin',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...SAME_SITE,
        ...headers,
      },
      body: JSON.stringify(operation),
    });
    const result = await readJson(response);
    if (response.status !== 401) {
      sessionStorage.removeItem(SIGNING_IN);
    } else if (signIn(result, paths.login)) {
      // The browser is leaving; an answer would only flash by.
      return new Promise(() => {});
    }
    return result;
  };
}

/** Ends the session. */
export async function signOut(paths) {
  const response = await fetch(paths.logout, {
    method: 'POST',
    credentials: 'same-origin',
    headers: SAME_SITE,
    // Followed, the redirect would lead to sign-in and might open the next session at once.
    redirect: 'manual',
  });
  if (!response.ok && response.type !== 'opaqueredirect') {
    throw new Error(`the gateway answered ${response.status}`);
  }
}

export function loginUrl(login) {
  const url = new URL(login, location.origin);
  url.searchParams.set('return_to', location.pathname);
  return url;
}

async function readJson(response) {
  if (!/[/+]json\b/.test(response.headers.get('content-type') ?? '')) {
    throw new Error(`The gateway answered ${response.status} ${response.statusText} without JSON.`);
  }
  return response.json();
}

function signIn(result, login) {
  const offered = result.errors?.find((error) => error.extensions?.loginUrl)?.extensions.loginUrl;
  const url = loginUrl(offered ?? login);
  const lastTry = Number(sessionStorage.getItem(SIGNING_IN));
  if (url.origin !== location.origin || Date.now() - lastTry < LOOP_WINDOW_MS) {
    return false;
  }
  sessionStorage.setItem(SIGNING_IN, String(Date.now()));
  location.assign(url);
  return true;
}
