import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useMemo, useState } from 'react';
import iconUrl from './icon.svg';
import { createStorage } from './kept.js';
import { createFetcher, loginUrl, signOut } from './session.js';
import welcome from './welcome.graphql?raw';

/** GraphiQL below a bar with what belongs to the gateway and not to GraphiQL. */
export function Page({ paths }) {
  const fetcher = useMemo(() => createFetcher(paths), [paths]);
  const storage = useMemo(createStorage, []);
  const [signedOut, setSignedOut] = useState(false);

  const onSignedOut = () => {
    storage.close();
    setSignedOut(true);
  };

  if (signedOut) {
    return <SignedOut paths={paths} />;
  }
  return (
    <>
      <Header paths={paths} onSignedOut={onSignedOut} />
      <main>
        <GraphiQL fetcher={fetcher} storage={storage} defaultQuery={welcome} inputValueDeprecation schemaDescription>
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
          <SystemTheme />
        </GraphiQL>
      </main>
    </>
  );
}

function Header({ paths, onSignedOut }) {
  const [failure, setFailure] = useState(null);
  // A button and not a form: the page's policy lets no form be sent.
  const onSignOut = () =>
    signOut(paths).then(onSignedOut, (error) => setFailure(`Not signed out: ${error.message}.`));

  return (
    <header className="bar">
      <img src={iconUrl} alt="" width="24" height="24" />
      <strong>Portico</strong>
      <span className="bar-subject">partner graph</span>
      {failure && <span className="bar-failure" role="alert">{failure}</span>}
      <nav aria-label="Gateway">
        <a href={paths.schema} target="_blank" rel="noreferrer">Schema (SDL)</a>
        <button type="button" onClick={onSignOut} title="Ends the session and forgets the queries kept in this browser">
          Sign out
        </button>
      </nav>
    </header>
  );
}

/** Without a theme of its own GraphiQL asks the system once; at nightfall its text would stay dark on dark. */
function SystemTheme() {
  const chosen = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();

  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(chosen);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, [chosen, setTheme]);
  return null;
}

function SignedOut({ paths }) {
  return (
    <main className="notice">
      <img src={iconUrl} alt="" width="48" height="48" />
      <h1>You are signed out</h1>
      <p><a href={loginUrl(paths.login)}>Sign in again</a></p>
    </main>
  );
}
