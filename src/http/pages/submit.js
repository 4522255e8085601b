// Sends the answer on its way; without script the button does it.
document.getElementById('answer').submit();
