/** What the page keeps of its session. The cookie, its other half, is out of its reach. */
const keyName = "auditql-session-key";

export function sessionKey(): string | null {
  return localStorage.getItem(keyName);
}

export function keepSessionKey(key: string): void {
  localStorage.setItem(keyName, key);
}

export function forgetSessionKey(): void {
  localStorage.removeItem(keyName);
}

/** Code of a sign-in link in the address, taken out of it and of the history. */
export function takeSignInCode(): string | null {
  const match = /^#sign-in=([\w-]{20,100})$/.exec(location.hash);
  if (match?.[1] === undefined) return null;
  history.replaceState(null, "", "/#/overview");
  return match[1];
}
