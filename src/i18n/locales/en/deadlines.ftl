# Refusals about deadlines. A sentence says what to do.
deadline-passed = The time for this ended with { $lastDay }, and what happens by itself has happened. Read the object again; if you still need it, ask the other side to start it anew.
