// A person with a browser of their own: cookies, redirects and plain HTML forms, and nothing else.

import { parse, validate } from 'graphql';

/** Reads the attributes of one HTML tag. */
function attributes(tag) {
  const found = {};
  for (const [, name, , double, single] of tag.matchAll(/([\w-]+)\s*(=\s*(?:"([^"]*)"|'([^']*)'))?/g)) {
    found[name.toLowerCase()] = unescape(double ?? single ?? '');
  }
  return found;
}

function unescape(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name) => {
    if (name[0] !== '#') return named[name] ?? whole;
    return String.fromCodePoint(name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1)));
  });
}

/** Every form of a page: its action, its method and the values that it would send. */
export function forms(html) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, body]) => {
    const fields = {};
    for (const [, tag] of body.matchAll(/<(?:input|button)\b([^>]*)>/gi)) {
      const { name, value = '', type = '' } = attributes(tag);
      if (name && !['submit', 'image'].includes(type.toLowerCase())) fields[name] = value;
    }
    const { action = '', method = 'get' } = attributes(head);
    return { action, method: method.toUpperCase(), fields };
  });
}

export class Browser {
  constructor(base, schema) {
    this.base = base;
    this.schema = schema;
    this.jars = new Map();
  }

  /** Sends one request with the cookies of its host, and keeps those that come back. Follows nothing. */
  async send(url, options = {}) {
    const target = new URL(url, this.base);
    const jar = this.jars.get(target.host) ?? new Map();
    this.jars.set(target.host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie ? { cookie } : {}), ...options.headers };
    const answer = await fetch(target, { ...options, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [pair, ...rest] = line.split(';');
      const at = pair.indexOf('=');
      const gone = rest.some((part) => /^\s*max-age=0\s*$/i.test(part)) || pair.slice(at + 1) === '';
      if (gone) jar.delete(pair.slice(0, at).trim());
      else jar.set(pair.slice(0, at).trim(), pair.slice(at + 1));
    }
    return { status: answer.status, headers: answer.headers, text: await answer.text(), url: target };
  }

  /** Opens a page as a browser does: with its redirects. */
  async open(url, options = {}) {
    let page = await this.send(url, options);
    for (let hops = 0; [301, 302, 303, 307].includes(page.status); hops += 1) {
      if (hops === 10) throw new Error(`more than 10 redirects at ${page.url}`);
      page = await this.send(new URL(page.headers.get('location'), page.url));
    }
    return page;
  }

  /** Fills in a form and sends it. The page that it stands on is its origin. */
  async submit(page, form, values = {}) {
    const target = new URL(form.action || page.url, page.url);
    const body = new URLSearchParams({ ...form.fields, ...values });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: page.url.origin };
    return this.open(target, { method: 'POST', body, headers });
  }

  /**
   * Signs in at whichever identity provider `path` leads to and lands where it leads back to.
   * Answers the last page; throws when the provider does not accept the person.
   */
  async signIn({ user, password }, path = '/saml/login?return_to=/schema.graphql') {
    let page = await this.open(path);
    for (let step = 0; step < 6; step += 1) {
      const all = forms(page.text);
      const response = all.find((form) => 'SAMLResponse' in form.fields);
      if (response) {
        page = await this.submit(page, response);
        if (!forms(page.text).some((form) => 'SAMLResponse' in form.fields)) return page;
        continue;
      }
      const login = all.find((form) => 'username' in form.fields && 'password' in form.fields);
      if (!login) return page;
      if (step > 1) throw new Error(`${user} was not accepted at ${page.url}`);
      page = await this.submit(page, login, { username: user, password });
    }
    throw new Error(`the sign-in of ${user} does not end`);
  }

  /** Runs one operation, which must be valid under the published schema. */
  async graphql(query, variables = {}, headers = {}) {
    const faults = validate(this.schema, parse(query));
    if (faults.length > 0) throw new Error(`not in schema.graphql: ${faults.map((fault) => fault.message).join('; ')}`);
    const page = await this.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-portico-csrf': '1', origin: new URL(this.base).origin, ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return { status: page.status, headers: page.headers, ...JSON.parse(page.text) };
  }
}
