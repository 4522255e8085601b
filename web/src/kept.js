// What GraphiQL keeps in this browser: tabs, variables, history. Variables hold customers' data, so a
// sign-out forgets all of it, and nothing is written after that: GraphiQL saves its tabs with a delay.

const SPARED = ['graphiql:theme'];

export function createStorage() {
  let open = true;
  return {
    getItem: (key) => localStorage.getItem(key),
    setItem: (key, value) => open && localStorage.setItem(key, value),
    removeItem: (key) => localStorage.removeItem(key),
    clear: forget,
    get length() {
      return keys().length;
    },
    close() {
      open = false;
      forget();
    },
  };
}

function forget() {
  for (const key of keys().filter((each) => !SPARED.includes(each))) {
    localStorage.removeItem(key);
  }
}

function keys() {
  return Object.keys(localStorage).filter((key) => key.startsWith('graphiql:'));
}
