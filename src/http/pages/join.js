// Sends the secret that stands behind the `#` of the link, and leaves nothing of it in the address or the history.
const secret = location.hash.slice(1);
if (secret) {
  history.replaceState(null, '', location.pathname + location.search);
  document.getElementById('code').value = secret;
  document.getElementById('open').requestSubmit();
}
