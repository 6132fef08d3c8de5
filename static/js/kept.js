// The one answer that is being given, kept in this tab until the server has acknowledged it.
// An entry is {answer, sent}; its key names the session and the position.

const PREFIX = "irtcat:";
const memory = new Map(); // where the browser refuses storage

function attempt(action, otherwise) {
  try {
    return action();
  } catch {
    return otherwise();
  }
}

const key = (session, position) => `${PREFIX}${session}:${position}`;

export function keep(session, position, entry) {
  const text = JSON.stringify(entry);
  const name = key(session, position);
  attempt(() => sessionStorage.setItem(name, text), () => memory.set(name, text));
}

export function recall(session, position) {
  const name = key(session, position);
  const text = attempt(() => sessionStorage.getItem(name), () => null) ?? memory.get(name);
  return text ? JSON.parse(text) : null;
}

export function forget(session, position) {
  const name = key(session, position);
  memory.delete(name);
  attempt(() => sessionStorage.removeItem(name), () => null);
}
